//! Where a group is to go on reading: from what people say to one offset for each partition.

use std::collections::BTreeMap;

use broker_client::{
    Client, ClientError,
    admin::{group_offsets::CommittedOffset, offsets::OffsetSpec},
};
use broker_types::{Offset, Timestamp, TopicPartition};

use super::partitions::{self, PartitionError};

/// Where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ResetTo {
    /// To what is kept first.
    Earliest,
    /// To the end.
    Latest,
    /// To what is committed; to the end where nothing is.
    Current,
    /// To an offset, or the nearest that the log has.
    Offset(i64),
    /// So many records on, or back.
    ShiftBy(i64),
    /// To the first record at or after a time; to the end where there is none.
    Time(Timestamp),
    /// To an offset for each partition, or the nearest that its log has.
    Each(BTreeMap<TopicPartition, i64>),
}

/// Why offsets cannot be reset.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResetError {
    /// Shifted from nowhere.
    #[error("Cannot shift offset for partition {0} since there is no current committed offset")]
    NothingCommitted(TopicPartition),
    /// The partitions are not as they are named.
    #[error(transparent)]
    Partition(#[from] PartitionError),
    /// The cluster's own words.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// What is to be committed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) offsets: BTreeMap<TopicPartition, Offset>,
    /// Partitions without a record at or after the time.
    pub(crate) without_time: Vec<TopicPartition>,
    /// What was asked for of partitions whose log does not reach there.
    pub(crate) out_of_log: Vec<(TopicPartition, i64)>,
}

impl Plan {
    /// As it is committed.
    pub(crate) fn committed(&self) -> BTreeMap<TopicPartition, CommittedOffset> {
        let one = |(at, offset): (&TopicPartition, &Offset)| (at.clone(), CommittedOffset::at(*offset));
        self.offsets.iter().map(one).collect()
    }
}

/// Looks up where `partitions` of `group` go; for [`ResetTo::Each`] its own partitions.
pub(crate) async fn plan(
    client: &mut Client,
    group: &str,
    wanted: &[TopicPartition],
    to: &ResetTo,
) -> Result<Plan, ResetError> {
    partitions::check(client, wanted).await?;
    match to {
        ResetTo::Earliest => Ok(whole(ask(client, wanted, OffsetSpec::Earliest).await?)),
        ResetTo::Latest => Ok(whole(ask(client, wanted, OffsetSpec::Latest).await?)),
        ResetTo::Current => {
            let committed = client.list_group_offsets(group).await?;
            let (with, without): (Vec<_>, Vec<_>) =
                wanted.iter().cloned().partition(|at| committed.contains_key(at));
            let mut plan = whole(ask(client, &without, OffsetSpec::Latest).await?);
            plan.offsets.extend(with.into_iter().map(|at| {
                let offset = committed[&at].offset;
                (at, offset)
            }));
            Ok(plan)
        }
        ResetTo::Offset(offset) => {
            let asked = wanted.iter().map(|at| (at.clone(), *offset)).collect();
            within_logs(client, asked).await
        }
        ResetTo::ShiftBy(records) => {
            let committed = client.list_group_offsets(group).await?;
            let mut asked = BTreeMap::new();
            for at in wanted {
                let from = committed.get(at).ok_or_else(|| ResetError::NothingCommitted(at.clone()))?;
                asked.insert(at.clone(), from.offset.get().saturating_add(*records));
            }
            within_logs(client, asked).await
        }
        ResetTo::Time(time) => {
            let found = ask(client, wanted, OffsetSpec::At(*time)).await?;
            let without: Vec<_> =
                found.iter().filter(|(_, offset)| offset.is_none()).map(|(at, _)| at.clone()).collect();
            let mut plan = whole(found);
            plan.offsets.extend(whole(ask(client, &without, OffsetSpec::Latest).await?).offsets);
            plan.without_time = without;
            Ok(plan)
        }
        ResetTo::Each(asked) => {
            partitions::check(client, &asked.keys().cloned().collect::<Vec<_>>()).await?;
            within_logs(client, asked.clone()).await
        }
    }
}

type Found = BTreeMap<TopicPartition, Option<Offset>>;

async fn ask(client: &mut Client, at: &[TopicPartition], spec: OffsetSpec) -> Result<Found, ClientError> {
    client.offsets(at, spec).await?.into_iter().map(|(at, offset)| Ok((at, offset?))).collect()
}

fn whole(found: Found) -> Plan {
    let offsets = found.into_iter().filter_map(|(at, offset)| Some((at, offset?))).collect();
    Plan { offsets, ..Plan::default() }
}

/// Takes what lies outside of a log to its nearer end.
async fn within_logs(client: &mut Client, asked: BTreeMap<TopicPartition, i64>) -> Result<Plan, ResetError> {
    let all: Vec<_> = asked.keys().cloned().collect();
    let starts = ask(client, &all, OffsetSpec::Earliest).await?;
    let ends = ask(client, &all, OffsetSpec::Latest).await?;
    let mut plan = Plan::default();
    for (at, offset) in asked {
        let limit = |found: &Found| found.get(&at).copied().flatten();
        let taken = nearest(offset, limit(&starts), limit(&ends));
        if taken.get() != offset {
            plan.out_of_log.push((at.clone(), offset));
        }
        plan.offsets.insert(at, taken);
    }
    Ok(plan)
}

fn nearest(offset: i64, start: Option<Offset>, end: Option<Offset>) -> Offset {
    let start = start.unwrap_or(Offset::ZERO);
    let asked = Offset::from_wire(offset).unwrap_or(start).max(start);
    end.map_or(asked, |end| asked.min(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_out_of_the_log_is_taken_to_its_nearer_end() {
        let (start, end) = (Some(Offset::new(3)), Some(Offset::new(9)));
        let taken = [-7, 2, 3, 5, 9, 10].map(|offset| nearest(offset, start, end).get());
        assert_eq!(taken, [3, 3, 3, 5, 9, 9]);
        assert_eq!(nearest(-1, None, None), Offset::ZERO);
    }
}
