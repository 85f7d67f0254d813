//! How far a group is: for each partition that it has or committed, what it committed and where the log ends.

use std::collections::{BTreeMap, BTreeSet};

use broker_client::{
    Client, ClientError,
    admin::{
        group_offsets::CommittedOffset,
        groups::{Group, GroupMember},
        offsets::OffsetSpec,
    },
};
use broker_types::{Offset, TopicPartition};

use super::partitions;

/// A partition of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) at: TopicPartition,
    pub(crate) committed: Option<CommittedOffset>,
    /// Where the log ends; `None` when nobody leads the partition, or it is gone.
    pub(crate) end: Option<Offset>,
    /// Where it begins; known only after [`add_starts`].
    pub(crate) start: Option<Offset>,
    /// Who has it.
    pub(crate) member: Option<GroupMember>,
}

impl Progress {
    /// How many records are left to read. Below zero when the log was cut behind what was committed.
    pub(crate) fn lag(&self) -> Option<i64> {
        let committed = self.committed.as_ref()?;
        Some(self.end?.get() - committed.offset.get())
    }

    /// How many records lie before it: so many may be deleted before it misses any.
    pub(crate) fn lead(&self) -> Option<i64> {
        let committed = self.committed.as_ref()?;
        Some(committed.offset.since(self.start?))
    }
}

/// The partitions of a group: those of the member that has most first, those that nobody has last.
pub(crate) async fn progress(client: &mut Client, group: &Group) -> Result<Vec<Progress>, ClientError> {
    let committed = client.list_group_offsets(&group.id).await?;
    let assigned = group.members.iter().flat_map(|member| &member.assignment);
    let all: BTreeSet<_> = committed.keys().chain(assigned).cloned().collect();
    let ends = ends(client, &all).await?;
    Ok(placed(group, &committed, &ends))
}

fn placed(
    group: &Group,
    committed: &BTreeMap<TopicPartition, CommittedOffset>,
    ends: &BTreeMap<TopicPartition, Offset>,
) -> Vec<Progress> {
    let row = |at: &TopicPartition, member: Option<&GroupMember>| Progress {
        at: at.clone(),
        committed: committed.get(at).cloned(),
        end: ends.get(at).copied(),
        start: None,
        member: member.cloned(),
    };
    let mut members: Vec<_> = group.members.iter().collect();
    members.sort_by_key(|member| std::cmp::Reverse(member.assignment.len()));
    let mut rows = Vec::new();
    for member in &members {
        rows.extend(member.assignment.iter().map(|at| row(at, Some(member))));
    }
    let is_free = |at: &&TopicPartition| members.iter().all(|member| !member.assignment.contains(at));
    rows.extend(committed.keys().filter(is_free).map(|at| row(at, None)));
    rows
}

/// Adds where the logs begin whose ends are known.
pub(crate) async fn add_starts(client: &mut Client, rows: &mut [Progress]) -> Result<(), ClientError> {
    let led: Vec<_> = rows.iter().filter(|row| row.end.is_some()).map(|row| row.at.clone()).collect();
    let starts = offsets(client, &led, OffsetSpec::Earliest).await?;
    rows.iter_mut().for_each(|row| row.start = starts.get(&row.at).copied());
    Ok(())
}

/// Where the logs of those partitions end that are led.
async fn ends(
    client: &mut Client,
    wanted: &BTreeSet<TopicPartition>,
) -> Result<BTreeMap<TopicPartition, Offset>, ClientError> {
    let led: Vec<_> = partitions::led(client, wanted).await?.into_iter().collect();
    offsets(client, &led, OffsetSpec::Latest).await
}

async fn offsets(
    client: &mut Client,
    partitions: &[TopicPartition],
    spec: OffsetSpec,
) -> Result<BTreeMap<TopicPartition, Offset>, ClientError> {
    let mut found = BTreeMap::new();
    for (at, offset) in client.offsets(partitions, spec).await? {
        if let Some(offset) = offset? {
            found.insert(at, offset);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use broker_client::admin::groups::{GroupState, GroupType};
    use broker_types::{BrokerId, PartitionId, TopicName};

    use super::*;

    fn at(partition: i32) -> TopicPartition {
        TopicPartition::new(TopicName::new("t"), PartitionId::new(partition))
    }

    fn member(id: &str, partitions: &[i32]) -> GroupMember {
        GroupMember {
            id: id.to_owned(),
            instance_id: None,
            client_id: "c".to_owned(),
            host: "/127.0.0.1".to_owned(),
            assignment: partitions.iter().map(|id| at(*id)).collect(),
            target: None,
            epoch: None,
            is_upgraded: None,
        }
    }

    #[test]
    fn a_lead_is_never_below_zero() {
        let row = |offset, start: Option<i64>| Progress {
            at: at(0),
            committed: Some(CommittedOffset::at(Offset::new(offset))),
            end: None,
            start: start.map(Offset::new),
            member: None,
        };
        assert_eq!(row(7, Some(3)).lead(), Some(4));
        assert_eq!(row(2, Some(3)).lead(), Some(0));
        assert_eq!(row(2, None).lead(), None);
    }

    #[test]
    fn who_has_most_is_told_first_and_what_nobody_has_last() {
        let group = Group {
            id: "g".to_owned(),
            group_type: GroupType::Classic,
            state: GroupState::Stable,
            coordinator: (BrokerId::new(1), String::new()),
            assignor: "range".to_owned(),
            epochs: None,
            members: vec![member("a", &[1]), member("b", &[0, 2]), member("idle", &[])],
        };
        let committed: BTreeMap<_, _> =
            [(1, 5), (3, 7)].map(|(id, offset)| (at(id), CommittedOffset::at(Offset::new(offset)))).into();
        let ends = [(0, 4), (1, 9), (3, 6)].map(|(id, end)| (at(id), Offset::new(end))).into();
        let told = placed(&group, &committed, &ends).into_iter().map(|row| {
            let lag = row.lag();
            (row.at.partition.get(), row.member.map(|member| member.id), lag)
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                (0, Some("b".to_owned()), None),
                (2, Some("b".to_owned()), None),
                (1, Some("a".to_owned()), Some(4)),
                (3, None, Some(-1)),
            ]
        );
    }
}
