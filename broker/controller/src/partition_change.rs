//! How one partition changes when replicas come and go: ISR, eligible leaders, leader (KIP-631, KIP-966).

use alloc::{collections::BTreeSet, vec::Vec};

use broker_metadata::{Image, LeaderRecovery, Partition};
use broker_protocol::records::metadata::PartitionChangeRecord;
use broker_types::{BrokerId, PartitionId, TopicId};

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

/// What changes in one partition, if anything.
///
/// The leader stays while it may. Otherwise the first replica in the order of assignment leads that is alive and in
/// sync, or eligible when none is in sync; otherwise the last known leader, when nobody is eligible; otherwise, where
/// that is allowed, the first that is alive. Without eligible leaders an ISR never becomes empty: its last member is who
/// may lead without loss.
pub(crate) fn change(
    image: &Image,
    topic: TopicId,
    index: PartitionId,
    partition: &Partition,
    policy: Policy,
    step: Move,
) -> Option<PartitionChangeRecord> {
    let mut target = Target::new(partition, policy, step);
    let elected = target.elect(partition, policy, |id| may_lead(image, partition, step, id));
    let mut record = unchanged(topic, index);
    if elected.leader != partition.leader {
        record.leader = elected.leader.map_or(NO_LEADER, BrokerId::get);
        target.lead(elected.leader);
    }
    if elected.unclean {
        target = Target { isr: elected.leader.into_iter().collect(), elr: Vec::new() };
        if partition.recovery == LeaderRecovery::Recovered {
            record.leader_recovery_state = LeaderRecovery::Recovering.code();
        }
    }
    if *target.elr != *partition.elr {
        record.eligible_leader_replicas = Some(raw(&target.elr));
    }
    if *target.isr != *partition.isr && (policy.keeps_elr || !target.isr.is_empty()) {
        record.isr = Some(raw(&target.isr));
    }
    if policy.keeps_elr {
        note_last_leader(&mut record, partition, elected.leader);
    }
    (record != unchanged(topic, index)).then_some(record)
}

/// In-sync and eligible replicas after the change.
struct Target {
    isr: Vec<BrokerId>,
    elr: Vec<BrokerId>,
}

/// Who leads after the change.
struct Elected {
    leader: Option<BrokerId>,
    /// It may lack records: the ISR is it alone, and it recovers.
    unclean: bool,
}

impl Target {
    fn new(partition: &Partition, policy: Policy, step: Move) -> Self {
        let gone = match step {
            Move::Leaves(broker) | Move::Crashed(broker) => Some(broker),
            Move::Returns(_) => None,
        };
        let isr: Vec<_> = partition.isr.iter().copied().filter(|id| Some(*id) != gone).collect();
        if !policy.keeps_elr || isr.len() >= policy.min_isr {
            return Self { isr, elr: Vec::new() };
        }
        let were: BTreeSet<BrokerId> = partition.elr.iter().chain(&*partition.isr).copied().collect();
        let eligible = |id: &BrokerId| !isr.contains(id) && step != Move::Crashed(*id);
        let elr = were.into_iter().filter(eligible).collect();
        Self { isr, elr }
    }

    fn elect(&self, partition: &Partition, policy: Policy, may_lead: impl Fn(BrokerId) -> bool) -> Elected {
        let complete = |id: &BrokerId| {
            let has_all = self.isr.contains(id) || (self.isr.is_empty() && self.elr.contains(id));
            has_all && may_lead(*id)
        };
        let replicas = || partition.replicas.iter().copied();
        if let Some(leader) = partition.leader.filter(complete).or_else(|| replicas().find(complete)) {
            return Elected { leader: Some(leader), unclean: false };
        }
        let last = match &*partition.last_known_elr {
            [last] if policy.keeps_elr && self.isr.is_empty() && self.elr.is_empty() => Some(*last),
            _ => None,
        };
        let last = last.filter(|id| may_lead(*id));
        let any = || replicas().find(|id| policy.unclean && may_lead(*id));
        let leader = last.or_else(any);
        Elected { leader, unclean: leader.is_some() }
    }

    /// An eligible leader that is elected is the ISR from then on.
    fn lead(&mut self, leader: Option<BrokerId>) {
        if let Some(leader) = leader.filter(|leader| self.elr.contains(leader)) {
            self.elr.retain(|id| *id != leader);
            self.isr = alloc::vec![leader];
        }
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

/// Whether a replica is alive, or is about to be, and its directory with it.
fn may_lead(image: &Image, partition: &Partition, step: Move, id: BrokerId) -> bool {
    let alive = match step {
        Move::Leaves(broker) | Move::Crashed(broker) if broker == id => false,
        Move::Returns(broker) if broker == id => true,
        _ => image.cluster().is_active(id),
    };
    let directory = partition.directory(id).zip(image.cluster().broker(id));
    alive && directory.is_some_and(|(directory, broker)| broker.has_online_dir(directory))
}

fn raw(ids: &[BrokerId]) -> Vec<i32> {
    ids.iter().map(|id| id.get()).collect()
}
