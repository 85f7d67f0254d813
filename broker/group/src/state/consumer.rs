//! A KIP-848 group as it is written.

use alloc::sync::Arc;

use broker_protocol::{
    Str,
    records::group::{
        ConsumerGroupCurrentMemberAssignmentValue, ConsumerGroupMemberMetadataValue,
        ConsumerGroupRegularExpressionValue, ConsumerGroupTargetAssignmentMemberValue,
        consumer_group_current_member_assignment_value::TopicPartitions,
    },
};
use broker_types::{GroupId, PartitionId, TopicId};

use super::{Group, State};
use crate::{ConsumerRecord, InstanceId, Map, MemberId};

/// A KIP-848 group.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroup {
    /// Counts the changes of what its members want, and of the topics that they want.
    pub epoch: i32,
    /// Sums up the topics that they want.
    pub metadata_hash: i64,
    /// The epoch that the target assignment is of.
    pub target_epoch: i32,
    /// When the target assignment was made, in milliseconds since 1970; 0 when it never was.
    pub target_timestamp: i64,
    /// Who is in it.
    pub members: Map<MemberId, ConsumerMember>,
    /// What each member is to own.
    pub targets: Map<MemberId, Arc<ConsumerGroupTargetAssignmentMemberValue>>,
    /// What patterns matched last.
    pub regexes: Map<Str, Arc<ConsumerGroupRegularExpressionValue>>,
    /// Follows from the members: who has each name.
    pub(crate) statics: Map<InstanceId, MemberId>,
    /// Follows from the members: the epoch of whoever owns a partition, or must still give it up.
    pub(crate) owners: Map<(TopicId, PartitionId), i32>,
}

impl Default for ConsumerGroup {
    fn default() -> Self {
        Self {
            epoch: 1,
            metadata_hash: 0,
            target_epoch: 1,
            target_timestamp: 0,
            members: Map::default(),
            targets: Map::default(),
            regexes: Map::default(),
            statics: Map::default(),
            owners: Map::default(),
        }
    }
}

/// A member of a KIP-848 group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerMember {
    /// Who it is and what it wants.
    pub metadata: Arc<ConsumerGroupMemberMetadataValue>,
    /// What it owns; `None` before its first assignment is written.
    pub current: Option<Arc<ConsumerGroupCurrentMemberAssignmentValue>>,
}

impl State {
    /// Compaction leaves the last record of every key where it was: a part may come before the group and the member
    /// that it belongs to.
    pub(super) fn replay_consumer(&mut self, record: &ConsumerRecord) {
        let is_tombstone = record.is_tombstone();
        if let (true, ConsumerRecord::Group(key, _)) = (is_tombstone, record) {
            if let Some(Group::Consumer(_)) = self.groups.get(&*key.group_id) {
                self.remove_group(&key.group_id);
            }
            return;
        }
        if is_tombstone && !matches!(self.groups.get(&**record.group()), Some(Group::Consumer(_))) {
            return;
        }
        self.consumer_or_new(record.group()).replay(record);
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

impl ConsumerGroup {
    fn replay(&mut self, record: &ConsumerRecord) {
        match record {
            ConsumerRecord::Group(_, value) => {
                if let Some(value) = value {
                    (self.epoch, self.metadata_hash) = (value.epoch, value.metadata_hash);
                }
            }
            ConsumerRecord::PartitionMetadata(_) => {}
            ConsumerRecord::Member(key, None) => self.remove_member(&key.member_id),
            ConsumerRecord::Member(key, Some(value)) => self.put_member(&key.member_id, value),
            ConsumerRecord::TargetEpoch(_, value) => {
                self.target_epoch = value.as_ref().map_or(-1, |value| value.assignment_epoch);
                self.target_timestamp = value.as_ref().map_or(0, |value| value.assignment_timestamp);
            }
            ConsumerRecord::Target(key, value) => {
                put(&mut self.targets, &key.member_id, value.as_ref(), MemberId::new);
            }
            ConsumerRecord::Current(key, value) => self.put_current(&key.member_id, value.as_ref()),
            ConsumerRecord::Regex(key, value) => {
                put(&mut self.regexes, &key.regular_expression, value.as_ref(), core::convert::identity);
            }
        }
    }

    fn put_member(&mut self, id: &Str, value: &Arc<ConsumerGroupMemberMetadataValue>) {
        let id = MemberId::new(id.detached());
        let current = self.members.get(&id).and_then(|member| member.current.clone());
        if let Some(instance) = &value.instance_id {
            self.statics.insert_mut(InstanceId::new(instance.detached()), id.clone());
        }
        self.members.insert_mut(id, ConsumerMember { metadata: Arc::clone(value), current });
    }

    fn remove_member(&mut self, id: &str) {
        self.put_current(id, None);
        let Some(member) = self.members.get(id) else { return };
        if let Some(instance) = &member.metadata.instance_id
            && self.statics.get(&**instance).is_some_and(|holder| holder.as_str() == id)
        {
            let instance = instance.clone();
            self.statics.remove_mut(&*instance);
        }
        self.members.remove_mut(id);
    }

    fn put_current(&mut self, id: &str, value: Option<&Arc<ConsumerGroupCurrentMemberAssignmentValue>>) {
        let before = self.members.get(id).and_then(|member| member.current.clone());
        if let Some(before) = before {
            for partition in partitions(&before) {
                if self.owners.get(&partition) == Some(&before.member_epoch) {
                    self.owners.remove_mut(&partition);
                }
            }
        }
        let Some(value) = value else {
            if let Some(member) = self.members.get_mut(id) {
                member.current = None;
            }
            return;
        };
        for partition in partitions(value) {
            self.owners.insert_mut(partition, value.member_epoch);
        }
        if !self.members.contains_key(id) {
            self.members.insert_mut(MemberId::new(Str::from(id)), ConsumerMember::default());
        }
        if let Some(member) = self.members.get_mut(id) {
            member.current = Some(Arc::clone(value));
        }
    }
}

/// What a member owns or must still give up.
fn partitions(
    value: &ConsumerGroupCurrentMemberAssignmentValue,
) -> impl Iterator<Item = (TopicId, PartitionId)> {
    let all = value.assigned_partitions.iter().chain(&value.partitions_pending_revocation);
    all.flat_map(|TopicPartitions { topic_id, partitions, .. }| {
        partitions.iter().map(|partition| (TopicId::new(*topic_id), PartitionId::new(*partition)))
    })
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
