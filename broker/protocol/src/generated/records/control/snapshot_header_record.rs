// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `SnapshotHeaderRecord`.

use core::ops::RangeInclusive;

use crate::Message;
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};

/// `SnapshotHeaderRecord`, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SnapshotHeaderRecord {
    /// `Version`: versions 0+.
    pub version: i16,
    /// `LastContainedLogTimestamp`: versions 0+.
    pub last_contained_log_timestamp: i64,
}

impl Message for SnapshotHeaderRecord {
    const NAME: &'static str = "SnapshotHeaderRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let version = r.i16("Version")?;
        let last_contained_log_timestamp = r.i64("LastContainedLogTimestamp")?;
        r.no_tags()?;
        Ok(Self { version, last_contained_log_timestamp })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<10>().with(self.version).with(self.last_contained_log_timestamp);
        w.uvarint(0);
        Ok(())
    }
}
