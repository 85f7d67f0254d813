//! A KIP-848 group as it is written.

use alloc::sync::Arc;

use broker_protocol::{
    Str,
    records::group::{
        ConsumerGroupCurrentMemberAssignmentValue, ConsumerGroupMemberMetadataValue,
        ConsumerGroupRegularExpressionValue, ConsumerGroupTargetAssignmentMemberValue,
    },
};
use broker_types::GroupId;

use super::{Group, State};
use crate::{ConsumerRecord, Map, MemberId};

/// A KIP-848 group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerGroup {
    /// Counts the changes of what its members want, and of the topics that they want.
    pub epoch: i32,
    /// Sums up the topics that they want.
    pub metadata_hash: i64,
    /// The epoch that the target assignment is of.
    pub target_epoch: i32,
    /// When the target assignment was made, in milliseconds since 1970.
    pub target_timestamp: i64,
    /// Who is in it.
    pub members: Map<MemberId, ConsumerMember>,
    /// What each member is to own.
    pub targets: Map<MemberId, Arc<ConsumerGroupTargetAssignmentMemberValue>>,
    /// What patterns matched last.
    pub regexes: Map<Str, Arc<ConsumerGroupRegularExpressionValue>>,
}

/// A member of a KIP-848 group.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerMember {
    /// Who it is and what it wants.
    pub metadata: Arc<ConsumerGroupMemberMetadataValue>,
    /// What it owns; `None` before its first assignment is written.
    pub current: Option<Arc<ConsumerGroupCurrentMemberAssignmentValue>>,
}

impl State {
    pub(super) fn replay_consumer(&mut self, record: &ConsumerRecord) {
        match record {
            ConsumerRecord::Group(key, None) => {
                if let Some(Group::Consumer(_)) = self.groups.get(&*key.group_id) {
                    self.remove_group(&key.group_id);
                }
            }
            ConsumerRecord::Group(key, Some(value)) => {
                let group = self.consumer_or_new(&key.group_id);
                group.epoch = value.epoch;
                group.metadata_hash = value.metadata_hash;
            }
            ConsumerRecord::PartitionMetadata(_) => {}
            ConsumerRecord::Member(key, None) => {
                if let Some(group) = self.consumer_mut(&key.group_id) {
                    group.members.remove_mut(&*key.member_id);
                }
            }
            ConsumerRecord::Member(key, Some(value)) => {
                let group = self.consumer_or_new(&key.group_id);
                let current = group.members.get(&*key.member_id).and_then(|member| member.current.clone());
                let member = ConsumerMember { metadata: Arc::clone(value), current };
                group.members.insert_mut(MemberId::new(key.member_id.detached()), member);
            }
            ConsumerRecord::TargetEpoch(key, value) => {
                if let Some(group) = self.consumer_mut(&key.group_id) {
                    group.target_epoch = value.as_ref().map_or(-1, |value| value.assignment_epoch);
                    group.target_timestamp = value.as_ref().map_or(0, |value| value.assignment_timestamp);
                }
            }
            ConsumerRecord::Target(key, value) => {
                if let Some(group) = self.consumer_mut(&key.group_id) {
                    put(&mut group.targets, &key.member_id, value.as_ref(), MemberId::new);
                }
            }
            ConsumerRecord::Current(key, value) => {
                let member =
                    self.consumer_mut(&key.group_id).and_then(|group| group.members.get_mut(&*key.member_id));
                if let Some(member) = member {
                    member.current = value.clone();
                }
            }
            ConsumerRecord::Regex(key, value) => {
                if let Some(group) = self.consumer_mut(&key.group_id) {
                    put(&mut group.regexes, &key.regular_expression, value.as_ref(), core::convert::identity);
                }
            }
        }
    }

    fn consumer_mut(&mut self, id: &str) -> Option<&mut ConsumerGroup> {
        match self.groups.get_mut(id) {
            Some(Group::Consumer(group)) => Some(Arc::make_mut(group)),
            _ => None,
        }
    }

    /// A group of offsets only gives way, as in Kafka: its offsets stay.
    fn consumer_or_new(&mut self, id: &str) -> &mut ConsumerGroup {
        if !matches!(self.groups.get(id), Some(Group::Consumer(_))) {
            self.groups.insert_mut(GroupId::new(id), Group::Consumer(Arc::default()));
        }
        match self.groups.get_mut(id) {
            Some(Group::Consumer(group)) => Arc::make_mut(group),
            _ => unreachable!("it was put there"),
        }
    }
}

/// Puts a value under a key of the record's own, or takes it away.
fn put<K, V>(map: &mut Map<K, Arc<V>>, key: &Str, value: Option<&Arc<V>>, own: fn(Str) -> K)
where
    K: Ord + Clone + core::borrow::Borrow<str>,
{
    match value {
        Some(value) => map.insert_mut(own(key.detached()), Arc::clone(value)),
        None => {
            map.remove_mut(&**key);
        }
    }
}
