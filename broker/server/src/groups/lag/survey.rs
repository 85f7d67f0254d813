//! What the groups of all shards have committed.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use broker_group::{Request, Survey, SurveyPlace, SurveyedGroup};
use tokio::{task::JoinSet, time::timeout};

use crate::{
    broker::Broker,
    coordinators::{CoordinatorError, Place},
    groups::{Failure, Groups, answer},
};

/// How many groups and offsets a shard gives at a time: so much work that whoever asks it besides hardly waits.
const PART_ENTRIES: usize = 2_000;
/// How many groups and offsets are read in a round: some tens of megabytes.
const ENTRIES_MAX: usize = 2_000_000;
/// How long a shard may take over a part: its answer waits for the commit of what was decided before.
const PATIENCE: Duration = Duration::from_secs(2);

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Surveyed {
    /// The shards that are led here; `None` for one that did not answer.
    pub(super) shards: BTreeMap<Place, Option<Vec<SurveyedGroup>>>,
    /// How many shards have groups or offsets that were not read, for there are too many.
    pub(super) left_out: usize,
}

/// Reads all shards at the same time, part by part.
pub(super) async fn all(broker: &Arc<Broker>) -> Surveyed {
    let room = Arc::new(AtomicUsize::new(ENTRIES_MAX));
    let mut reading = JoinSet::new();
    for place in broker.groups.places() {
        let (broker, room) = (Arc::clone(broker), Arc::clone(&room));
        reading.spawn(async move { (place, shard(&broker.groups, place, &room).await) });
    }
    let mut surveyed = Surveyed::default();
    while let Some(read) = reading.join_next().await {
        match read {
            Ok((place, Ok(Read { groups, is_whole }))) => {
                surveyed.left_out += usize::from(!is_whole);
                surveyed.shards.insert(place, Some(groups));
            }
            // It reads its log, or is gone already.
            Ok((_, Err(CoordinatorError::Loading | CoordinatorError::NotHere))) => {}
            Ok((place, Err(error))) => {
                tracing::debug!(partition = %place.partition, %error, "a coordinator told nothing of its groups");
                surveyed.shards.insert(place, None);
            }
            Err(error) => tracing::error!(%error, "a coordinator's groups were not read"),
        }
    }
    surveyed
}

struct Read {
    groups: Vec<SurveyedGroup>,
    is_whole: bool,
}

async fn shard(groups: &Groups, place: Place, room: &AtomicUsize) -> Result<Read, CoordinatorError> {
    let mut read = Vec::new();
    let mut from = None;
    loop {
        let part = timeout(PATIENCE, part(groups, place, from)).await;
        let (part, next) = part.map_err(|_| CoordinatorError::Unavailable)??;
        let offsets = part.iter().flat_map(|group| &group.offsets).map(|topic| topic.partitions.len());
        let entries = part.len() + offsets.sum::<usize>();
        part.into_iter().for_each(|group| add(&mut read, group));
        let is_used_up =
            room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(entries));
        if next.is_none() || is_used_up.is_err() {
            return Ok(Read { groups: read, is_whole: next.is_none() });
        }
        from = next;
    }
}

async fn part(
    groups: &Groups,
    place: Place,
    from: Option<SurveyPlace>,
) -> Result<(Vec<SurveyedGroup>, Option<SurveyPlace>), CoordinatorError> {
    let survey = Request::Survey(Survey { from, entries_max: PART_ENTRIES });
    let answered = groups.ask_if_loaded(place, survey).await?;
    let surveyed: Result<_, Failure> = answer!(Ok::<_, CoordinatorError>(answered), Survey);
    // An answer of another kind is a bug of the shard.
    surveyed.map(|part| (part.groups, part.next)).map_err(|_| CoordinatorError::Unavailable)
}

/// The rest of a group that one part did not hold is in the next one.
fn add(read: &mut Vec<SurveyedGroup>, group: SurveyedGroup) {
    match read.last_mut().filter(|last| last.group == group.group) {
        None => read.push(group),
        Some(begun) => {
            for mut topic in group.offsets {
                match begun.offsets.last_mut().filter(|last| last.topic == topic.topic) {
                    Some(last) => last.partitions.append(&mut topic.partitions),
                    None => begun.offsets.push(topic),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use broker_group::{ByTopic, GroupState, GroupType};
    use broker_types::{GroupId, PartitionId, TopicName};

    use super::*;

    fn part_of(group: &str, topic: &str, partitions: &[i32]) -> SurveyedGroup {
        let partitions = partitions.iter().map(|id| (PartitionId::new(*id), 7)).collect();
        SurveyedGroup {
            group: GroupId::new(group),
            kind: GroupType::Classic,
            state: GroupState::Empty,
            members: 0,
            offsets: vec![ByTopic { topic: TopicName::new(topic), id: None, partitions }],
        }
    }

    #[test]
    fn the_parts_of_a_group_are_put_together() {
        let mut read = Vec::new();
        for part in [
            part_of("a", "t", &[0, 1]),
            part_of("a", "t", &[2]),
            part_of("a", "u", &[0]),
            part_of("b", "u", &[1]),
        ] {
            add(&mut read, part);
        }
        let mut whole = part_of("a", "t", &[0, 1, 2]);
        whole.offsets.extend(part_of("a", "u", &[0]).offsets);
        assert_eq!(read, [whole, part_of("b", "u", &[1])]);
    }
}
