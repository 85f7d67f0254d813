// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `EndTransactionRecord`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage};

/// `EndTransactionRecord`, key 24, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndTransactionRecord;

impl Message for EndTransactionRecord {
    const NAME: &'static str = "EndTransactionRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        r.no_tags()?;
        Ok(Self)
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for EndTransactionRecord {
    const TYPE: i16 = 24;
}
