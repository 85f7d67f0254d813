// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `EndTxnMarker`.

use core::ops::RangeInclusive;

use crate::Message;
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};

/// `EndTxnMarker`, versions 0, flexible none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndTxnMarker {
    /// `CoordinatorEpoch`: versions 0+.
    pub coordinator_epoch: i32,
}

impl Message for EndTxnMarker {
    const NAME: &'static str = "EndTxnMarker";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let coordinator_epoch = r.i32("CoordinatorEpoch")?;
        Ok(Self { coordinator_epoch })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i32(self.coordinator_epoch);
        Ok(())
    }
}
