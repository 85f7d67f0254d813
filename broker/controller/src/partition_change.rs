//! How one partition changes: replicas, ISR, eligible leaders, leader (KIP-455, KIP-631, KIP-966).
//!
//! The steps of a change, in this order: a reassignment completes when its new replicas are in sync; replicas that
//! leave an ISR below its minimum become eligible; a leader is chosen; what differs becomes the record.
//!
//! The leader stays while it may. Otherwise the first replica in the order of assignment leads that is alive and in
//! sync, or eligible when none is in sync; otherwise the last known leader, when nobody is eligible; otherwise, where
//! that is allowed, the first that is alive. Without eligible leaders an ISR never becomes empty: its last member is who
//! may lead without loss.

use alloc::{collections::BTreeSet, vec::Vec};

use broker_metadata::{Broker, Image, LeaderRecovery, MetadataVersion, Partition};
use broker_protocol::records::metadata::PartitionChangeRecord;
use broker_types::{BrokerId, DirectoryId, PartitionId, TopicId};

/// What happens to a broker while leaders are chosen, before its own record is replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// It leaves the in-sync replicas and leads nothing more.
    Leaves(BrokerId),
    /// It ended without a clean stop and may have lost what it had: it leaves the eligible leaders as well (KIP-966).
    Crashed(BrokerId),
    /// It may lead again.
    Returns(BrokerId),
}

impl Move {
    fn gone(self) -> Option<BrokerId> {
        match self {
            Self::Leaves(broker) | Self::Crashed(broker) => Some(broker),
            Self::Returns(_) => None,
        }
    }
}

/// How leaders of a partition are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    /// A replica that may lack records may lead when no other can.
    pub(crate) unclean: bool,
    /// Replicas that leave an ISR below its minimum stay eligible.
    pub(crate) keeps_elr: bool,
    /// The smallest ISR that takes writes with acks=all.
    pub(crate) min_isr: usize,
}

const NO_LEADER: i32 = -1;
const UNCHANGED: i32 = -2;

/// A change record that changes nothing yet.
pub(crate) fn unchanged(topic: TopicId, partition: PartitionId) -> PartitionChangeRecord {
    PartitionChangeRecord {
        partition_id: partition.get(),
        topic_id: topic.uuid(),
        leader: UNCHANGED,
        leader_recovery_state: -1,
        ..PartitionChangeRecord::default()
    }
}

/// One partition and what it is to become. Fields start at what the partition has; callers set those that they mean.
#[derive(Debug)]
pub(crate) struct PartitionChange<'a> {
    image: &'a Image,
    topic: TopicId,
    index: PartitionId,
    partition: &'a Partition,
    policy: Policy,
    /// What happens to a broker meanwhile.
    step: Option<Move>,
    /// The first replica leads when it can, even if the present leader may stay.
    pub(crate) preferred: bool,
    pub(crate) isr: Vec<BrokerId>,
    elr: Vec<BrokerId>,
    pub(crate) replicas: Vec<BrokerId>,
    pub(crate) adding: Vec<BrokerId>,
    pub(crate) removing: Vec<BrokerId>,
    pub(crate) recovery: LeaderRecovery,
}

/// Who leads after the change.
struct Elected {
    leader: Option<BrokerId>,
    /// It may lack records: the ISR is it alone, and it recovers.
    unclean: bool,
}

impl<'a> PartitionChange<'a> {
    pub(crate) fn new(
        image: &'a Image,
        topic: TopicId,
        index: PartitionId,
        partition: &'a Partition,
        policy: Policy,
    ) -> Self {
        Self {
            image,
            topic,
            index,
            partition,
            policy,
            step: None,
            preferred: false,
            isr: partition.isr.to_vec(),
            elr: partition.elr.to_vec(),
            replicas: partition.replicas.to_vec(),
            adding: partition.adding.to_vec(),
            removing: partition.removing.to_vec(),
            recovery: partition.recovery,
        }
    }

    /// With a broker that comes or goes; one that goes is in sync no more.
    pub(crate) fn with(mut self, step: Move) -> Self {
        self.isr.retain(|id| step.gone() != Some(*id));
        self.step = Some(step);
        self
    }

    /// The record of what changes, if anything does.
    pub(crate) fn record(mut self) -> Option<PartitionChangeRecord> {
        self.complete_reassignment();
        self.settle_eligible();
        let elected = self.elect();
        let was = self.partition;
        let mut record = unchanged(self.topic, self.index);
        if elected.leader != was.leader {
            record.leader = elected.leader.map_or(NO_LEADER, BrokerId::get);
            self.lead(&elected);
        }
        self.note_replicas(&mut record);
        if *self.elr != *was.elr {
            record.eligible_leader_replicas = Some(raw(&self.elr));
        }
        if *self.isr != *was.isr && (self.policy.keeps_elr || !self.isr.is_empty()) {
            record.isr = Some(raw(&self.isr));
        }
        if record.leader == UNCHANGED && self.needs_new_epoch(&record) {
            record.leader = was.leader.map_or(NO_LEADER, BrokerId::get);
        }
        if self.policy.keeps_elr {
            note_last_leader(&mut record, was, elected.leader);
        }
        if self.recovery != was.recovery {
            record.leader_recovery_state = self.recovery.code();
        }
        (record != unchanged(self.topic, self.index)).then_some(record)
    }

    /// A reassignment is over once every replica that stays is in sync.
    fn complete_reassignment(&mut self) {
        if self.adding.is_empty() && self.removing.is_empty() {
            return;
        }
        let stays = |id: &&BrokerId| !self.removing.contains(id);
        let isr: Vec<_> = self.isr.iter().filter(stays).copied().collect();
        let replicas: Vec<_> = self.replicas.iter().filter(stays).copied().collect();
        if isr.is_empty() || replicas.is_empty() || !replicas.iter().all(|id| isr.contains(id)) {
            return;
        }
        (self.isr, self.replicas) = (isr, replicas);
        self.adding.clear();
        self.removing.clear();
    }

    fn settle_eligible(&mut self) {
        if !self.policy.keeps_elr || self.isr.len() >= self.policy.min_isr {
            self.elr.clear();
            return;
        }
        let were: BTreeSet<BrokerId> = self.elr.iter().chain(&*self.partition.isr).copied().collect();
        let crashed = |id| self.step == Some(Move::Crashed(id));
        // One that is a replica no more could never lead.
        let eligible = |id: &BrokerId| !self.isr.contains(id) && !crashed(*id) && self.replicas.contains(id);
        self.elr = were.into_iter().filter(eligible).collect();
    }

    fn elect(&self) -> Elected {
        let complete = |id: &BrokerId| {
            let has_all = self.isr.contains(id) || (self.isr.is_empty() && self.elr.contains(id));
            has_all && self.may_lead(*id)
        };
        let replicas = || self.replicas.iter().copied();
        let first = replicas().next().filter(|_| self.preferred);
        if let Some(leader) = first.into_iter().chain(self.partition.leader).chain(replicas()).find(complete)
        {
            return Elected { leader: Some(leader), unclean: false };
        }
        let last = match &*self.partition.last_known_elr {
            [last] if self.policy.keeps_elr && self.isr.is_empty() && self.elr.is_empty() => Some(*last),
            _ => None,
        };
        let last = last.filter(|id| self.may_lead(*id));
        let any = || replicas().find(|id| self.policy.unclean && self.may_lead(*id));
        let leader = last.or_else(any);
        Elected { leader, unclean: leader.is_some() }
    }

    /// An eligible leader that is elected is the ISR from then on, and so is one that may lack records.
    fn lead(&mut self, elected: &Elected) {
        let Some(leader) = elected.leader else { return };
        if elected.unclean {
            self.isr = alloc::vec![leader];
            self.elr.clear();
            self.recovery = LeaderRecovery::Recovering;
        } else if self.elr.contains(&leader) {
            self.elr.retain(|id| *id != leader);
            self.isr = alloc::vec![leader];
        }
    }

    fn note_replicas(&self, record: &mut PartitionChangeRecord) {
        let was = self.partition;
        if *self.replicas != *was.replicas {
            record.replicas = Some(raw(&self.replicas));
            if self.image.metadata_version() >= MetadataVersion::DIRECTORIES {
                let directory = |id: &BrokerId| {
                    let fresh = || self.image.cluster().broker(*id).map(|broker| broker.default_directory());
                    was.directory(*id).or_else(fresh).unwrap_or(DirectoryId::UNASSIGNED)
                };
                let directories: Vec<_> = self.replicas.iter().map(directory).collect();
                if *directories != *was.directories {
                    record.directories = Some(directories.iter().map(|dir| dir.uuid()).collect());
                }
            }
        }
        if *self.removing != *was.removing {
            record.removing_replicas = Some(raw(&self.removing));
        }
        if *self.adding != *was.adding {
            record.adding_replicas = Some(raw(&self.adding));
        }
    }

    /// Replicas that are dropped must be fenced off by the epoch; before 3.6 brokers relied on it when the ISR shrinks
    /// as well.
    fn needs_new_epoch(&self, record: &PartitionChangeRecord) -> bool {
        let drops = |old: &[BrokerId], new: &[i32]| !old.iter().all(|id| new.contains(&id.get()));
        let replicas = record.replicas.as_deref();
        let isr = record.isr.as_deref();
        let shrink_counts = self.image.metadata_version() < MetadataVersion::EPOCH_OUTLIVES_SHRINK;
        replicas.is_some_and(|new| drops(&self.partition.replicas, new))
            || (shrink_counts && isr.is_some_and(|new| drops(&self.partition.isr, new)))
    }

    /// Whether a replica is alive, or is about to be, and its directory with it.
    fn may_lead(&self, id: BrokerId) -> bool {
        let broker = self.image.cluster().broker(id);
        let alive = match self.step {
            Some(Move::Leaves(gone) | Move::Crashed(gone)) if gone == id => false,
            // Its fence falls with this change; a stop that it has asked for stands.
            Some(Move::Returns(back)) if back == id => broker.is_some_and(|it| !it.in_controlled_shutdown),
            _ => broker.is_some_and(Broker::is_active),
        };
        let directory = self.partition.directory(id).zip(broker);
        alive && directory.is_some_and(|(directory, broker)| broker.has_online_dir(directory))
    }
}

/// Remembers who led when a partition loses its last in-sync replica, and forgets it once it is led again.
fn note_last_leader(record: &mut PartitionChangeRecord, partition: &Partition, leader: Option<BrokerId>) {
    let becomes_empty = record.isr.as_ref().is_some_and(Vec::is_empty);
    if becomes_empty
        && let Some(last) = partition.leader
        && *partition.last_known_elr != [last]
    {
        record.last_known_elr = Some(alloc::vec![last.get()]);
    } else if leader.is_some() && !partition.last_known_elr.is_empty() {
        record.last_known_elr = Some(Vec::new());
    }
}

fn raw(ids: &[BrokerId]) -> Vec<i32> {
    ids.iter().map(|id| id.get()).collect()
}
