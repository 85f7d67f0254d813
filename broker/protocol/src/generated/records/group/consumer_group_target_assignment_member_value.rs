// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ConsumerGroupTargetAssignmentMemberValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage};

/// `ConsumerGroupTargetAssignmentMemberValue`, key 7, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerGroupTargetAssignmentMemberValue {
    /// `TopicPartitions`: versions 0+.
    pub topic_partitions: Vec<TopicPartition>,
}

impl Message for ConsumerGroupTargetAssignmentMemberValue {
    const NAME: &'static str = "ConsumerGroupTargetAssignmentMemberValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let topic_partitions = r.array(true, 18, "TopicPartitions", |r| TopicPartition::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { topic_partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.array(true, &self.topic_partitions, "TopicPartitions", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for ConsumerGroupTargetAssignmentMemberValue {
    const TYPE: i16 = 7;
}

/// Part of [`ConsumerGroupTargetAssignmentMemberValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartition {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<i32>,
}

impl TopicPartition {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let partitions = r.fixed_array(true, "Partitions")?;
        r.no_tags()?;
        Ok(Self { topic_id, partitions })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.uuid(self.topic_id);
        w.fixed_array(true, &self.partitions, "Partitions")?;
        w.uvarint(0);
        Ok(())
    }
}
