//! What the brokers say of the cluster, as far as decisions rest on it.

mod quorum;

use std::collections::{BTreeMap, BTreeSet};

pub use quorum::{QuorumState, Replica};

/// What a decision needs to know of Kafka. Each asks for what those before it ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ask {
    /// Nothing.
    #[default]
    Nothing,
    /// The settings that hold for all brokers.
    Settings,
    /// The quorum of controllers too.
    Quorum,
    /// Brokers and every partition too.
    Partitions,
}

/// What was asked, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Kafka {
    /// What was asked.
    pub asked: Ask,
    /// The answer, or why there is none.
    pub told: Result<KafkaState, String>,
}

impl Default for Kafka {
    fn default() -> Self {
        Self { asked: Ask::Nothing, told: Err("it was not asked".to_owned()) }
    }
}

/// What the brokers answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KafkaState {
    /// The settings of all brokers that hold without a restart (dynamic cluster-wide defaults).
    pub settings: BTreeMap<String, String>,
    /// What brokers tell clients of where they are reached (`advertised.listeners`), by themselves; of those that answer,
    /// where that is looked at.
    pub advertised: BTreeMap<i32, String>,
    /// The brokers that are alive, and their racks.
    pub brokers: BTreeMap<i32, Option<String>>,
    /// All brokers that the cluster knows, those that are not alive among them.
    pub registered: BTreeSet<i32>,
    /// All partitions.
    pub partitions: Vec<PartitionState>,
    /// The quorum of controllers.
    pub quorum: QuorumState,
}

/// A partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionState {
    /// Its topic.
    pub topic: String,
    /// Its number.
    pub index: i32,
    /// Who leads it.
    pub leader: Option<i32>,
    /// Who has a copy, preferred leader first; also those that come and go.
    pub replicas: Vec<i32>,
    /// Whose copy is in sync.
    pub isr: Vec<i32>,
    /// Who is given a copy.
    pub adding: Vec<i32>,
    /// Whose copy is taken.
    pub removing: Vec<i32>,
    /// How many copies must be in sync for a write with acks=all.
    pub min_isr: usize,
}

impl PartitionState {
    /// Who has a copy when a reassignment that goes on is done.
    #[must_use]
    pub fn target(&self) -> Vec<i32> {
        self.replicas.iter().copied().filter(|id| !self.removing.contains(id)).collect()
    }

    /// Whether copies are on the move.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        !self.adding.is_empty() || !self.removing.is_empty()
    }

    fn name(&self) -> String {
        format!("{}-{}", self.topic, self.index)
    }
}

impl KafkaState {
    /// Whether broker `id` can be stopped without a write or a read that fails: every partition of it keeps enough
    /// copies in sync. Copies that are on their way in or out count for nothing.
    ///
    /// # Errors
    /// Why not, for people.
    pub fn can_stop_broker(&self, id: i32) -> Result<(), String> {
        if let Some(offline) = self.partitions.iter().find(|partition| partition.leader.is_none()) {
            return Err(format!("partition {} has no leader", offline.name()));
        }
        for partition in self.partitions.iter().filter(|partition| partition.replicas.contains(&id)) {
            let stays: BTreeSet<i32> = partition.target().into_iter().collect();
            if stays.len() <= partition.min_isr && !partition.is_moving() {
                // Nothing could ever protect it: who asked for so few copies bears the pause.
                continue;
            }
            let left =
                partition.isr.iter().filter(|in_sync| **in_sync != id && stays.contains(*in_sync)).count();
            if left < partition.min_isr {
                return Err(format!(
                    "partition {} would have {left} copies in sync and needs {}",
                    partition.name(),
                    partition.min_isr
                ));
            }
        }
        Ok(())
    }

    /// How many copies broker `id` has or is given.
    #[must_use]
    pub fn copies(&self, id: i32) -> usize {
        self.partitions.iter().filter(|partition| partition.replicas.contains(&id)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(replicas: &[i32], isr: &[i32], min_isr: usize) -> PartitionState {
        PartitionState {
            topic: "t".to_owned(),
            leader: isr.first().copied(),
            replicas: replicas.to_vec(),
            isr: isr.to_vec(),
            min_isr,
            ..PartitionState::default()
        }
    }

    fn with(partition: PartitionState) -> KafkaState {
        KafkaState { partitions: vec![partition], ..KafkaState::default() }
    }

    #[test]
    fn a_broker_stops_only_when_enough_copies_stay_in_sync() {
        let cases = [
            ("all in sync", partition(&[0, 1, 2], &[0, 1, 2], 2), true),
            ("another is behind", partition(&[0, 1, 2], &[0, 1], 2), false),
            ("it is behind itself", partition(&[0, 1, 2], &[1, 2], 2), true),
            ("too few already", partition(&[0, 1, 2], &[1], 2), false),
            ("not its partition", partition(&[1, 2, 3], &[1, 2], 2), true),
            ("cannot be protected", partition(&[0, 1], &[0, 1], 2), true),
            ("one copy", partition(&[0], &[0], 1), true),
            ("nobody leads", partition(&[1, 2, 3], &[], 2), false),
        ];
        for (case, partition, expected) in cases {
            assert_eq!(with(partition).can_stop_broker(0).is_ok(), expected, "{case}");
        }
        let mut moving = partition(&[0, 1, 2, 3], &[0, 1, 2], 2);
        moving.adding = vec![3];
        moving.removing = vec![1];
        assert_eq!(
            with(moving).can_stop_broker(0),
            Err("partition t-0 would have 1 copies in sync and needs 2".to_owned())
        );
    }
}
