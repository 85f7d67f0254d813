// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AbortTransactionRecord`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `AbortTransactionRecord`, key 25, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AbortTransactionRecord {
    /// `Reason`: versions 0+, tag 0, null 0+, default null.
    pub reason: Option<Str>,
}

impl Message for AbortTransactionRecord {
    const NAME: &'static str = "AbortTransactionRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let mut reason = None;
        r.tags(|r, tag| {
            match tag {
                0 => reason = r.nullable_str(true, "Reason")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { reason })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let has_reason = self.reason.is_some();
        w.uvarint(u32::from(has_reason));
        if has_reason {
            w.tag(0, "Reason", |w| {
                w.nullable_str(true, self.reason.as_ref(), "Reason")?;
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl RecordMessage for AbortTransactionRecord {
    const TYPE: i16 = 25;
}
