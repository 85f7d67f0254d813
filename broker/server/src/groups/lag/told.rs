//! What a round found: a line for each group, and what the metrics tell beyond it.

use std::{collections::BTreeMap, mem};

use broker_group::{GroupLag, GroupState, GroupType, PartitionLag, SurveyedGroup, Watched};
use broker_types::{GroupId, Now, PartitionId, TopicName};

use crate::{broker::Broker, coordinators::Place};

/// After so many offsets others may run.
const TURN_OFFSETS: usize = 10_000;

/// What a round found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// When it ended; `None` before the first one.
    pub(crate) at: Option<Now>,
    /// The groups of each shard, by id.
    pub(crate) shards: BTreeMap<Place, Vec<GroupTold>>,
    pub(crate) left_out: LeftOut,
}

/// How much has no series, or was not looked at, for there is too much of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeftOut {
    pub(crate) topics: usize,
    pub(crate) partitions: usize,
    /// Shards that were not read to their end.
    pub(crate) shards: usize,
}

/// A group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GroupTold {
    pub(crate) group: GroupId,
    pub(crate) kind: GroupType,
    pub(crate) state: GroupState,
    pub(crate) members: usize,
    pub(crate) lag: GroupLag,
    /// Those that have series.
    pub(crate) topics: Vec<(TopicName, GroupLag)>,
    /// Those that have series.
    pub(crate) partitions: Vec<(TopicName, PartitionId, PartitionLag)>,
}

impl Told {
    /// All groups.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &GroupTold> {
        self.shards.values().flatten()
    }
}

/// Puts together what was read. A shard that did not answer is told as it was.
pub(super) async fn tell(
    broker: &Broker,
    watched: &Watched,
    shards: &BTreeMap<Place, Option<Vec<SurveyedGroup>>>,
    shards_left_out: usize,
    before: &Told,
) -> Told {
    let now = broker.clock().now();
    let limits = &broker.settings().lag;
    let mut teller = Teller {
        watched,
        now,
        topics_left: limits.topics_max as usize,
        partitions_left: limits.partitions_max as usize,
        left_out: LeftOut { shards: shards_left_out, ..LeftOut::default() },
    };
    let mut told = BTreeMap::new();
    let mut turn = 0;
    for (place, groups) in shards {
        let mut own = Vec::new();
        for group in groups.iter().flatten() {
            own.push(teller.tell(group));
            turn += 1 + own.last().map_or(0, |told| told.lag.partitions);
            if turn >= TURN_OFFSETS {
                turn = 0;
                tokio::task::yield_now().await;
            }
        }
        if groups.is_none() {
            own = before.shards.get(place).cloned().unwrap_or_default();
        }
        told.insert(*place, own);
    }
    Told { at: Some(now), shards: told, left_out: teller.left_out }
}

struct Teller<'a> {
    watched: &'a Watched,
    now: Now,
    topics_left: usize,
    partitions_left: usize,
    left_out: LeftOut,
}

impl Teller<'_> {
    fn tell(&mut self, group: &SurveyedGroup) -> GroupTold {
        let mut told = GroupTold {
            group: group.group.clone(),
            kind: group.kind,
            state: group.state,
            members: group.members,
            lag: GroupLag::default(),
            topics: Vec::new(),
            partitions: Vec::new(),
        };
        for topic in &group.offsets {
            let mut of_topic = GroupLag::default();
            for (partition, lag) in self.watched.lags(&topic.topic, &topic.partitions, self.now.mono) {
                told.lag.add(lag.as_ref());
                of_topic.add(lag.as_ref());
                if let Some(lag) = lag
                    && take(&mut self.partitions_left, &mut self.left_out.partitions)
                {
                    told.partitions.push((topic.topic.clone(), partition, lag));
                }
            }
            if take(&mut self.topics_left, &mut self.left_out.topics) {
                told.topics.push((topic.topic.clone(), of_topic));
            }
        }
        told
    }
}

/// Takes one of what is left, or counts one that is left out.
fn take(left: &mut usize, left_out: &mut usize) -> bool {
    match left.checked_sub(1) {
        Some(less) => mem::replace(left, less) > 0,
        None => {
            *left_out += 1;
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use broker_group::{ByTopic, LogBounds, Measured};
    use broker_types::{Mono, Offset, Timestamp, TopicId, Uuid};

    use super::*;

    #[test]
    fn what_is_beyond_the_limits_is_counted() {
        let mut watched = Watched::new(10, Duration::from_secs(1));
        let topic = TopicName::new("t");
        for partition in (0..3).map(PartitionId::new) {
            watched.want(&topic, partition);
            let bounds = LogBounds { start: Offset::new(2), end: Offset::new(10) };
            let found = Measured { topic: topic.clone(), id: TopicId::new(Uuid::ZERO), partition, bounds };
            watched.measured(Mono::ZERO, &found);
        }
        let offsets = |topic: &str| ByTopic {
            topic: TopicName::new(topic),
            id: None,
            partitions: (0..3).map(|id| (PartitionId::new(id), 4 + i64::from(id))).collect(),
        };
        let group = SurveyedGroup {
            group: GroupId::new("g"),
            kind: GroupType::Consumer,
            state: GroupState::Stable,
            members: 2,
            offsets: vec![offsets("t"), offsets("gone")],
        };
        let now = Now { mono: Mono::from_micros(9_000_000), wall: Timestamp::from_millis(1) };
        let left_out = LeftOut::default();
        let mut teller = Teller { watched: &watched, now, topics_left: 1, partitions_left: 2, left_out };
        let told = teller.tell(&group);
        assert_eq!(
            (told.lag.partitions, told.lag.unknown, told.lag.records, told.lag.records_max),
            (6, 3, 6 + 5 + 4, 6)
        );
        assert_eq!((told.lag.lead_min, told.lag.time_max.least), (Some(2), Duration::from_secs(9)));
        assert_eq!(told.topics.iter().map(|(topic, _)| topic.as_str()).collect::<Vec<_>>(), ["t"]);
        assert_eq!(told.partitions.len(), 2);
        assert_eq!(teller.left_out, LeftOut { topics: 1, partitions: 1, shards: 0 });
    }
}
