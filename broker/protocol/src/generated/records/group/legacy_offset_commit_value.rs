// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `LegacyOffsetCommitValue`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `LegacyOffsetCommitValue`, key 0, versions 0, flexible none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LegacyOffsetCommitValue {
    /// `offset`: versions 0.
    pub offset: i64,
    /// `metadata`: versions 0.
    pub metadata: Str,
    /// `commitTimestamp`: versions 0.
    pub commit_timestamp: i64,
}

impl Message for LegacyOffsetCommitValue {
    const NAME: &'static str = "LegacyOffsetCommitValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let offset = r.i64("offset")?;
        let metadata = r.str(false, "metadata")?;
        let commit_timestamp = r.i64("commitTimestamp")?;
        Ok(Self { offset, metadata, commit_timestamp })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i64(self.offset);
        w.str(false, &self.metadata, "metadata")?;
        w.i64(self.commit_timestamp);
        Ok(())
    }
}

impl RecordMessage for LegacyOffsetCommitValue {
    const TYPE: i16 = 0;
}
