// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ConsumerGroupCurrentMemberAssignmentValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage};

/// `ConsumerGroupCurrentMemberAssignmentValue`, key 8, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerGroupCurrentMemberAssignmentValue {
    /// `MemberEpoch`: versions 0+.
    pub member_epoch: i32,
    /// `PreviousMemberEpoch`: versions 0+.
    pub previous_member_epoch: i32,
    /// `State`: versions 0+.
    pub state: i8,
    /// `AssignedPartitions`: versions 0+.
    pub assigned_partitions: Vec<TopicPartitions>,
    /// `PartitionsPendingRevocation`: versions 0+.
    pub partitions_pending_revocation: Vec<TopicPartitions>,
}

impl Message for ConsumerGroupCurrentMemberAssignmentValue {
    const NAME: &'static str = "ConsumerGroupCurrentMemberAssignmentValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let member_epoch = r.i32("MemberEpoch")?;
        let previous_member_epoch = r.i32("PreviousMemberEpoch")?;
        let state = r.i8("State")?;
        let assigned_partitions =
            r.array(true, 18, "AssignedPartitions", |r| TopicPartitions::decode(r, v))?;
        let partitions_pending_revocation =
            r.array(true, 18, "PartitionsPendingRevocation", |r| TopicPartitions::decode(r, v))?;
        r.no_tags()?;
        Ok(Self {
            member_epoch,
            previous_member_epoch,
            state,
            assigned_partitions,
            partitions_pending_revocation,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<9>().with(self.member_epoch).with(self.previous_member_epoch).with(self.state);
        w.array(true, &self.assigned_partitions, "AssignedPartitions", |w, it| it.encode(w, v))?;
        w.array(true, &self.partitions_pending_revocation, "PartitionsPendingRevocation", |w, it| {
            it.encode(w, v)
        })?;
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for ConsumerGroupCurrentMemberAssignmentValue {
    const TYPE: i16 = 8;
}

/// Part of [`ConsumerGroupCurrentMemberAssignmentValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicPartitions {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<i32>,
    /// `AssignmentEpochs`: versions 0+, tag 0, null 0+.
    pub assignment_epochs: Option<Vec<i32>>,
}

impl Default for TopicPartitions {
    fn default() -> Self {
        Self { topic_id: Uuid::ZERO, partitions: Vec::new(), assignment_epochs: Some(Vec::new()) }
    }
}

impl TopicPartitions {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let partitions = r.fixed_array(true, "Partitions")?;
        let mut assignment_epochs = Some(Vec::new());
        r.tags(|r, tag| {
            match tag {
                0 => assignment_epochs = r.nullable_fixed_array(true, "AssignmentEpochs")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { topic_id, partitions, assignment_epochs })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.uuid(self.topic_id);
        w.fixed_array(true, &self.partitions, "Partitions")?;
        let has_assignment_epochs = self.assignment_epochs.as_ref().is_none_or(|it| !it.is_empty());
        w.uvarint(u32::from(has_assignment_epochs));
        if has_assignment_epochs {
            w.tag(0, "AssignmentEpochs", |w| {
                w.nullable_fixed_array(true, self.assignment_epochs.as_deref(), "AssignmentEpochs")?;
                Ok(())
            })?;
        }
        Ok(())
    }
}
