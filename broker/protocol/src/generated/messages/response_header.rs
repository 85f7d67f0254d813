// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ResponseHeader`.

use core::ops::RangeInclusive;

use crate::Message;
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};

/// `ResponseHeader`, versions 0-1, flexible 1+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResponseHeader {
    /// `CorrelationId`: versions 0+.
    pub correlation_id: i32,
}

impl Message for ResponseHeader {
    const NAME: &'static str = "ResponseHeader";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        let correlation_id = r.i32("CorrelationId")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { correlation_id })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        w.i32(self.correlation_id);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
