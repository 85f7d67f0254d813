//! Elections that somebody asks for, or that time asks for: of preferred leaders, and of leaders that may lack records
//! (KIP-460).

use alloc::vec::Vec;
use core::time::Duration;

use broker_metadata::{Image, Partition, Topic};
use broker_protocol::{Str, records::metadata::MetadataRecord};
use broker_types::{Mono, PartitionId};

use crate::{
    MAX_RECORDS, Settings,
    leadership::policy,
    partition_change::{PartitionChange, Policy},
    staged::Staged,
};

/// How many elections one pass of a timer makes at most; when there may be more, the next pass follows at once.
const MAX_ELECTIONS: usize = 1_000;

/// Who is to lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElectionType {
    /// The first replica, when it is in sync.
    Preferred,
    /// Where nobody leads, a replica that may lack records when no other can.
    Unclean,
}

/// Elect leaders.
#[derive(Clone, Debug, PartialEq)]
pub struct ElectLeaders {
    /// Who is to lead.
    pub kind: ElectionType,
    /// The partitions by topic; `None` for all that need it.
    pub topics: Option<Vec<(Str, Vec<PartitionId>)>>,
}

/// Why a leader was not elected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ElectionError {
    /// The topic does not exist.
    #[error("No such topic as {0}")]
    UnknownTopic(Str),
    /// The topic has no such partition.
    #[error("No such partition as {0}-{1}")]
    UnknownPartition(Str, PartitionId),
    /// Who is to lead does, or for an unclean election: somebody leads.
    #[error("Leader election not needed for topic partition.")]
    NotNeeded,
    /// The preferred leader is not in sync or not alive.
    #[error("The preferred leader was not available.")]
    PreferredNotAvailable,
    /// No replica is alive.
    #[error("Eligible topic partition leaders are not available.")]
    NoneEligible,
    /// More records than one request may write: nothing was elected.
    #[error("Unable to perform excessively large batch operation.")]
    TooManyRecords,
}

/// One result per partition, by topic. When all partitions were asked for, those that need no election are left out, and
/// every topic is there.
pub type Elections = Vec<(Str, Vec<(PartitionId, Result<(), ElectionError>)>)>;

/// Elects leaders as asked.
///
/// # Errors
/// [`ElectionError::TooManyRecords`] for the request as a whole.
pub(crate) fn elect(
    image: &Image,
    settings: &Settings,
    request: &ElectLeaders,
) -> Result<(Vec<MetadataRecord>, Elections), ElectionError> {
    let mut staged = Staged::new(image);
    let elections = match &request.topics {
        Some(topics) => {
            let of_topic = |(name, partitions): &(Str, Vec<PartitionId>)| {
                let topic =
                    image.topics().find(name).ok_or_else(|| ElectionError::UnknownTopic(name.clone()));
                let one = |index: &PartitionId| {
                    let elected = topic.clone().and_then(|topic| {
                        elect_one(image, settings, &mut staged, topic, *index, request.kind)
                    });
                    (*index, elected)
                };
                (name.clone(), partitions.iter().map(one).collect())
            };
            topics.iter().map(of_topic).collect()
        }
        None => elect_everywhere(image, settings, &mut staged, request.kind),
    };
    if staged.records.len() > MAX_RECORDS {
        return Err(ElectionError::TooManyRecords);
    }
    Ok((staged.records, elections))
}

fn elect_everywhere(
    image: &Image,
    settings: &Settings,
    staged: &mut Staged<'_>,
    kind: ElectionType,
) -> Elections {
    let topics = image.topics().by_name().values().filter_map(|id| image.topics().get(*id));
    let of_topic = |topic: &Topic| {
        let one = |index: &PartitionId| {
            let elected = elect_one(image, settings, staged, topic, *index, kind);
            (elected != Err(ElectionError::NotNeeded)).then_some((*index, elected))
        };
        (Str::from(topic.name().as_str()), topic.partitions().keys().filter_map(one).collect())
    };
    topics.map(of_topic).collect()
}

fn elect_one(
    image: &Image,
    settings: &Settings,
    staged: &mut Staged<'_>,
    topic: &Topic,
    index: PartitionId,
    kind: ElectionType,
) -> Result<(), ElectionError> {
    let unknown = || ElectionError::UnknownPartition(Str::from(topic.name().as_str()), index);
    let partition = staged.partition(topic.id(), index).ok_or_else(unknown)?;
    let needed = match kind {
        ElectionType::Preferred => imbalanced(partition),
        ElectionType::Unclean => partition.leader.is_none(),
    };
    if !needed {
        return Err(ElectionError::NotNeeded);
    }
    let unclean = kind == ElectionType::Unclean;
    let policy = Policy { unclean, ..policy(image, settings, topic) };
    let mut change = PartitionChange::new(image, topic.id(), index, partition, policy);
    change.preferred = !unclean;
    let record = change.record().ok_or(match kind {
        ElectionType::Preferred => ElectionError::PreferredNotAvailable,
        ElectionType::Unclean => ElectionError::NoneEligible,
    })?;
    staged.push(topic.id(), index, record);
    Ok(())
}

/// Whether another than the preferred replica leads, or none.
fn imbalanced(partition: &Partition) -> bool {
    partition.leader != partition.preferred()
}

/// When the timers make their next pass.
#[derive(Debug)]
pub(crate) struct ElectionTimers {
    rebalance_at: Option<Mono>,
    unclean_at: Option<Mono>,
}

impl ElectionTimers {
    pub(crate) fn new(settings: &Settings, now: Mono) -> Self {
        let at = |interval: Option<Duration>| interval.map(|interval| now.plus(interval));
        Self {
            rebalance_at: at(settings.leader_rebalance_interval),
            unclean_at: at(settings.unclean_election_interval),
        }
    }

    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        [self.rebalance_at, self.unclean_at].into_iter().flatten().min()
    }

    /// The elections that are due; one kind at a time, so that the other sees what this one changed.
    pub(crate) fn due(&mut self, settings: &Settings, now: Mono, image: &Image) -> Vec<MetadataRecord> {
        if self.rebalance_at.is_some_and(|at| now >= at) {
            let records = pass(image, settings, ElectionType::Preferred, imbalanced);
            self.rebalance_at = next_pass(settings.leader_rebalance_interval, now, &records);
            return records;
        }
        if self.unclean_at.is_some_and(|at| now >= at) {
            let records =
                pass(image, settings, ElectionType::Unclean, |partition| partition.leader.is_none());
            self.unclean_at = next_pass(settings.unclean_election_interval, now, &records);
            return records;
        }
        Vec::new()
    }
}

fn next_pass(interval: Option<Duration>, now: Mono, records: &[MetadataRecord]) -> Option<Mono> {
    let wait = |interval| if records.len() >= MAX_ELECTIONS { Duration::ZERO } else { interval };
    interval.map(|interval| now.plus(wait(interval)))
}

/// One pass over the partitions that need an election of this kind. Unclean ones only where the topic allows them.
fn pass(
    image: &Image,
    settings: &Settings,
    kind: ElectionType,
    needs: fn(&Partition) -> bool,
) -> Vec<MetadataRecord> {
    let mut staged = Staged::new(image);
    for (topic, index, _) in image.topics().partitions().filter(|(_, _, partition)| needs(partition)) {
        if staged.records.len() >= MAX_ELECTIONS {
            break;
        }
        if kind == ElectionType::Preferred || policy(image, settings, topic).unclean {
            // One that is not possible now is tried again at the next pass.
            let _ = elect_one(image, settings, &mut staged, topic, index, kind);
        }
    }
    staged.records
}

#[cfg(test)]
mod tests;
