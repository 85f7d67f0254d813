//! A member as it is reconciled.

use alloc::{collections::BTreeMap, vec::Vec};

use broker_protocol::records::group::{
    ConsumerGroupCurrentMemberAssignmentValue,
    consumer_group_current_member_assignment_value::TopicPartitions,
};
use broker_types::{PartitionId, TopicId};

use crate::{ConsumerMember, OwnedPartitions};

/// Partitions by topic, each with the epoch in which it was assigned to the member.
pub(crate) type Assigned = BTreeMap<TopicId, BTreeMap<PartitionId, i32>>;

/// The epochs by which a member says what it does, and by which it is known to have left for a while.
pub(crate) const JOINS: i32 = 0;
pub(crate) const LEAVES: i32 = -1;
pub(crate) const LEAVES_FOR_A_WHILE: i32 = -2;

/// How far a member is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemberState {
    /// It has its target, as far as its epoch's goes.
    Stable,
    /// It must give up partitions first.
    Unrevoked,
    /// It waits for partitions that others have.
    Unreleased,
    /// A newer program wrote it.
    Unknown,
}

impl MemberState {
    const fn from_wire(raw: i8) -> Self {
        match raw {
            0 => Self::Stable,
            1 => Self::Unrevoked,
            2 => Self::Unreleased,
            _ => Self::Unknown,
        }
    }

    const fn to_wire(self) -> i8 {
        match self {
            Self::Stable => 0,
            Self::Unrevoked => 1,
            Self::Unreleased => 2,
            Self::Unknown => 127,
        }
    }
}

/// What a member owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Current {
    pub(crate) epoch: i32,
    pub(crate) previous_epoch: i32,
    pub(crate) state: MemberState,
    pub(crate) assigned: Assigned,
    /// What it must give up, and may own still.
    pub(crate) revoking: Assigned,
}

impl Default for Current {
    fn default() -> Self {
        Self {
            epoch: JOINS,
            previous_epoch: -1,
            state: MemberState::Stable,
            assigned: Assigned::new(),
            revoking: Assigned::new(),
        }
    }
}

impl Current {
    pub(crate) fn of(member: &ConsumerMember) -> Self {
        let Some(value) = &member.current else { return Self::default() };
        Self {
            epoch: value.member_epoch,
            previous_epoch: value.previous_member_epoch,
            state: MemberState::from_wire(value.state),
            assigned: read(&value.assigned_partitions, value.member_epoch),
            revoking: read(&value.partitions_pending_revocation, value.member_epoch),
        }
    }

    pub(crate) fn to_value(&self) -> ConsumerGroupCurrentMemberAssignmentValue {
        ConsumerGroupCurrentMemberAssignmentValue {
            member_epoch: self.epoch,
            previous_member_epoch: self.previous_epoch,
            state: self.state.to_wire(),
            assigned_partitions: written(&self.assigned),
            partitions_pending_revocation: written(&self.revoking),
        }
    }

    /// Whether nothing is left to do on the way to a target.
    pub(crate) fn is_reconciled_to(&self, target_epoch: i32) -> bool {
        self.state == MemberState::Stable && self.epoch == target_epoch
    }

    /// The same in another epoch.
    pub(crate) fn in_epoch(mut self, epoch: i32) -> Self {
        self.previous_epoch = self.epoch;
        self.epoch = epoch;
        self
    }

    /// What the member is told that it may own.
    pub(crate) fn told(&self) -> Vec<OwnedPartitions> {
        let told = self.assigned.iter().map(|(topic, partitions)| OwnedPartitions {
            topic: *topic,
            partitions: partitions.keys().copied().collect(),
        });
        told.collect()
    }
}

/// A record of before Kafka 4.3 does not say in which epoch a partition was assigned: the member's stands for it.
fn read(topics: &[TopicPartitions], epoch: i32) -> Assigned {
    let topics = topics.iter().map(|topic| {
        let epochs =
            topic.assignment_epochs.as_deref().filter(|epochs| epochs.len() == topic.partitions.len());
        let epochs = epochs.unwrap_or_default();
        let partitions = topic.partitions.iter().enumerate().map(|(index, partition)| {
            (PartitionId::new(*partition), epochs.get(index).copied().unwrap_or(epoch.max(0)))
        });
        (TopicId::new(topic.topic_id), partitions.collect())
    });
    topics.collect()
}

fn written(assigned: &Assigned) -> Vec<TopicPartitions> {
    let topics = assigned.iter().map(|(topic, partitions)| TopicPartitions {
        topic_id: topic.uuid(),
        partitions: partitions.keys().map(|partition| partition.get()).collect(),
        assignment_epochs: Some(partitions.values().copied().collect()),
    });
    topics.collect()
}
