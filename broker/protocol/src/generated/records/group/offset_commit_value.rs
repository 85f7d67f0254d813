// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `OffsetCommitValue`.

use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `OffsetCommitValue`, key 1, versions 0-4, flexible 4+.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitValue {
    /// `offset`: versions 0+.
    pub offset: i64,
    /// `leaderEpoch`: versions 3+, default -1, ignorable.
    pub leader_epoch: i32,
    /// `metadata`: versions 0+.
    pub metadata: Str,
    /// `commitTimestamp`: versions 0+.
    pub commit_timestamp: i64,
    /// `expireTimestamp`: versions 1, default -1, ignorable.
    pub expire_timestamp: i64,
    /// `topicId`: versions 4+, tag 0, ignorable.
    pub topic_id: Uuid,
}

impl Default for OffsetCommitValue {
    fn default() -> Self {
        Self {
            offset: 0,
            leader_epoch: -1,
            metadata: Str::EMPTY,
            commit_timestamp: 0,
            expire_timestamp: -1,
            topic_id: Uuid::ZERO,
        }
    }
}

impl Message for OffsetCommitValue {
    const NAME: &'static str = "OffsetCommitValue";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        let offset = r.i64("offset")?;
        let leader_epoch = if v >= 3 { r.i32("leaderEpoch")? } else { -1 };
        let metadata = r.str(flexible, "metadata")?;
        let commit_timestamp = r.i64("commitTimestamp")?;
        let expire_timestamp = if v == 1 { r.i64("expireTimestamp")? } else { -1 };
        let mut topic_id = Uuid::ZERO;
        if flexible {
            r.tags(|r, tag| {
                match tag {
                    0 => topic_id = r.uuid("topicId")?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(Self { offset, leader_epoch, metadata, commit_timestamp, expire_timestamp, topic_id })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        w.i64(self.offset);
        if v >= 3 {
            w.i32(self.leader_epoch);
        }
        w.str(flexible, &self.metadata, "metadata")?;
        w.i64(self.commit_timestamp);
        if v == 1 {
            w.i64(self.expire_timestamp);
        }
        if flexible {
            let has_topic_id = self.topic_id != Uuid::ZERO;
            w.uvarint(u32::from(has_topic_id));
            if has_topic_id {
                w.tag(0, "topicId", |w| {
                    w.uuid(self.topic_id);
                    Ok(())
                })?;
            }
        }
        Ok(())
    }
}

impl RecordMessage for OffsetCommitValue {
    const TYPE: i16 = 1;
}
