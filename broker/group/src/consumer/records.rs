//! Records of a KIP-848 group, made and written.

use alloc::{sync::Arc, vec::Vec};

use broker_protocol::{
    Str,
    records::group::{
        ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupMemberMetadataKey,
        ConsumerGroupMemberMetadataValue, ConsumerGroupMetadataKey, ConsumerGroupMetadataValue,
        ConsumerGroupPartitionMetadataKey, ConsumerGroupRegularExpressionKey,
        ConsumerGroupRegularExpressionValue, ConsumerGroupTargetAssignmentMemberKey,
        ConsumerGroupTargetAssignmentMemberValue, ConsumerGroupTargetAssignmentMetadataKey,
        ConsumerGroupTargetAssignmentMetadataValue,
        consumer_group_target_assignment_member_value::TopicPartition,
    },
};
use broker_types::{GroupId, PartitionId, TopicId};

use super::{assignor::Assignment, member::Current};
use crate::{ConsumerRecord, GroupRecord, MemberId, work::Work};

/// Writes the records of one group.
pub(super) struct Writer<'w, 'a> {
    work: &'w mut Work<'a>,
    group_id: Str,
}

impl<'w, 'a> Writer<'w, 'a> {
    pub(super) fn new(work: &'w mut Work<'a>, group: &GroupId) -> Self {
        Self { work, group_id: Str::from(group.as_str()) }
    }

    fn put(&mut self, record: ConsumerRecord) {
        self.work.records.push(GroupRecord::Consumer(record));
    }

    /// The group's epoch, and the sum of the topics that it wants.
    pub(super) fn epoch(&mut self, value: Option<(i32, i64)>) {
        let key = ConsumerGroupMetadataKey { group_id: self.group_id.clone() };
        let value = value.map(|(epoch, metadata_hash)| ConsumerGroupMetadataValue { epoch, metadata_hash });
        self.put(ConsumerRecord::Group(key, value));
    }

    /// The tombstone of what Kafka 4.0 wrote about topics.
    pub(super) fn no_partition_metadata(&mut self) {
        let key = ConsumerGroupPartitionMetadataKey { group_id: self.group_id.clone() };
        self.put(ConsumerRecord::PartitionMetadata(key));
    }

    pub(super) fn member(&mut self, id: &MemberId, value: Option<ConsumerGroupMemberMetadataValue>) {
        let (group_id, member_id) = (self.group_id.clone(), id.to_str());
        let key = ConsumerGroupMemberMetadataKey { group_id, member_id };
        self.put(ConsumerRecord::Member(key, value.map(Arc::new)));
    }

    /// The target's epoch and when it was made.
    pub(super) fn target_epoch(&mut self, value: Option<(i32, i64)>) {
        let key = ConsumerGroupTargetAssignmentMetadataKey { group_id: self.group_id.clone() };
        let value = value.map(|(assignment_epoch, assignment_timestamp)| {
            ConsumerGroupTargetAssignmentMetadataValue { assignment_epoch, assignment_timestamp }
        });
        self.put(ConsumerRecord::TargetEpoch(key, value));
    }

    pub(super) fn target(&mut self, id: &MemberId, value: Option<&Assignment>) {
        let (group_id, member_id) = (self.group_id.clone(), id.to_str());
        let key = ConsumerGroupTargetAssignmentMemberKey { group_id, member_id };
        self.put(ConsumerRecord::Target(key, value.map(|target| Arc::new(written(target)))));
    }

    pub(super) fn current(&mut self, id: &MemberId, value: Option<&Current>) {
        let (group_id, member_id) = (self.group_id.clone(), id.to_str());
        let key = ConsumerGroupCurrentMemberAssignmentKey { group_id, member_id };
        self.put(ConsumerRecord::Current(key, value.map(|current| Arc::new(current.to_value()))));
    }

    pub(super) fn regex(&mut self, pattern: &Str, value: Option<ConsumerGroupRegularExpressionValue>) {
        let (group_id, regular_expression) = (self.group_id.clone(), pattern.detached());
        let key = ConsumerGroupRegularExpressionKey { group_id, regular_expression };
        self.put(ConsumerRecord::Regex(key, value.map(Arc::new)));
    }

    /// The tombstones of everything that is a member's, in Kafka's order.
    pub(super) fn remove_member(&mut self, id: &MemberId) {
        self.current(id, None);
        self.target(id, None);
        self.member(id, None);
    }
}

pub(super) fn written(target: &Assignment) -> ConsumerGroupTargetAssignmentMemberValue {
    let topics = target.iter().map(|(topic, partitions)| TopicPartition {
        topic_id: topic.uuid(),
        partitions: partitions.iter().map(|partition| partition.get()).collect(),
    });
    ConsumerGroupTargetAssignmentMemberValue { topic_partitions: topics.collect::<Vec<_>>() }
}

pub(super) fn read(value: &ConsumerGroupTargetAssignmentMemberValue) -> Assignment {
    let topics = value.topic_partitions.iter().map(|topic| {
        let partitions = topic.partitions.iter().copied().map(PartitionId::new).collect();
        (TopicId::new(topic.topic_id), partitions)
    });
    topics.collect()
}
