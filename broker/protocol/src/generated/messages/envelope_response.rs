// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `EnvelopeResponse`.

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::Message;
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};

/// `EnvelopeResponse`, key 58, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnvelopeResponse {
    /// `ResponseData`: versions 0+, null 0+, default null.
    pub response_data: Option<Bytes>,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
}

impl Message for EnvelopeResponse {
    const NAME: &'static str = "EnvelopeResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let response_data = r.nullable_bytes(true, "ResponseData")?;
        let error_code = r.i16("ErrorCode")?;
        r.no_tags()?;
        Ok(Self { response_data, error_code })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.nullable_bytes(true, self.response_data.as_ref(), "ResponseData")?;
        w.i16(self.error_code);
        w.uvarint(0);
        Ok(())
    }
}
