//! The controller in brief: elects from the ISR, and accepts one from the leader that knows the present registration.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use broker_replication::IsrAnswer;
use broker_types::{BrokerEpoch, BrokerId, LeaderEpoch, PartitionEpoch};

/// What it says of the partition.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    pub(super) leader: Option<BrokerId>,
    pub(super) epoch: LeaderEpoch,
    pub(super) partition_epoch: PartitionEpoch,
    pub(super) isr: BTreeSet<BrokerId>,
    /// Who is alive, in which life.
    pub(super) alive: BTreeMap<BrokerId, BrokerEpoch>,
}

impl Metadata {
    pub(super) fn new(brokers: &[BrokerId]) -> Self {
        Self {
            leader: brokers.first().copied(),
            epoch: LeaderEpoch::new(1),
            partition_epoch: PartitionEpoch::new(1),
            isr: brokers.iter().copied().collect(),
            alive: brokers.iter().map(|id| (*id, BrokerEpoch::new(1))).collect(),
        }
    }

    /// The next live member of the ISR after the present leader.
    pub(super) fn elect(&mut self) {
        let candidates: Vec<_> = self.isr.iter().filter(|id| self.alive.contains_key(id)).copied().collect();
        let next = candidates.iter().find(|id| Some(**id) > self.leader).or(candidates.first());
        self.leader = next.copied();
        self.epoch = self.epoch.next();
        self.partition_epoch = self.partition_epoch.next();
    }

    /// Out of the ISR, unless it is the last: what only it has is not given up.
    pub(super) fn died(&mut self, broker: BrokerId) {
        self.alive.remove(&broker);
        if self.isr.len() > 1 {
            self.isr.remove(&broker);
        }
        self.partition_epoch = self.partition_epoch.next();
        if self.leader == Some(broker) {
            self.elect();
        }
    }

    pub(super) fn born(&mut self, broker: BrokerId, life: BrokerEpoch) {
        self.alive.insert(broker, life);
        self.partition_epoch = self.partition_epoch.next();
        if self.leader.is_none() {
            self.elect();
        }
    }

    pub(super) fn proposed(
        &mut self,
        epoch: LeaderEpoch,
        partition_epoch: PartitionEpoch,
        isr: &[(BrokerId, Option<BrokerEpoch>)],
        by: BrokerId,
    ) -> IsrAnswer {
        if (epoch, partition_epoch) != (self.epoch, self.partition_epoch) || self.leader != Some(by) {
            return IsrAnswer::Overtaken;
        }
        let is_fit = |(id, life): &(BrokerId, Option<BrokerEpoch>)| {
            *id == by || self.alive.get(id).is_some_and(|known| Some(*known) == *life)
        };
        if !isr.iter().all(is_fit) {
            return IsrAnswer::Refused;
        }
        self.isr = isr.iter().map(|(id, _)| *id).collect();
        self.partition_epoch = self.partition_epoch.next();
        IsrAnswer::Accepted { isr: self.isr.clone(), partition_epoch: self.partition_epoch }
    }
}
