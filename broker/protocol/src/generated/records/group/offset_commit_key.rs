// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `OffsetCommitKey`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `OffsetCommitKey`, key 1, versions 0, flexible none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetCommitKey {
    /// `group`: versions 0.
    pub group: Str,
    /// `topic`: versions 0.
    pub topic: Str,
    /// `partition`: versions 0.
    pub partition: i32,
}

impl Message for OffsetCommitKey {
    const NAME: &'static str = "OffsetCommitKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let group = r.str(false, "group")?;
        let topic = r.str(false, "topic")?;
        let partition = r.i32("partition")?;
        Ok(Self { group, topic, partition })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(false, &self.group, "group")?;
        w.str(false, &self.topic, "topic")?;
        w.i32(self.partition);
        Ok(())
    }
}

impl RecordMessage for OffsetCommitKey {
    const TYPE: i16 = 1;
}
