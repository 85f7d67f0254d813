// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `RequestHeader`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `RequestHeader`, versions 1-2, flexible 2+.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestHeader {
    /// `RequestApiKey`: versions 0+.
    pub request_api_key: i16,
    /// `RequestApiVersion`: versions 0+.
    pub request_api_version: i16,
    /// `CorrelationId`: versions 0+.
    pub correlation_id: i32,
    /// `ClientId`: versions 1+, null 1+.
    pub client_id: Option<Str>,
}

impl Default for RequestHeader {
    fn default() -> Self {
        Self { request_api_key: 0, request_api_version: 0, correlation_id: 0, client_id: Some(Str::EMPTY) }
    }
}

impl Message for RequestHeader {
    const NAME: &'static str = "RequestHeader";
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let request_api_key = r.i16("RequestApiKey")?;
        let request_api_version = r.i16("RequestApiVersion")?;
        let correlation_id = r.i32("CorrelationId")?;
        let client_id = r.nullable_str(false, "ClientId")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { request_api_key, request_api_version, correlation_id, client_id })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.run::<8>().with(self.request_api_key).with(self.request_api_version).with(self.correlation_id);
        w.nullable_str(false, self.client_id.as_ref(), "ClientId")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
