// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `EnvelopeRequest`.

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request};

/// `EnvelopeRequest`, key 58, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvelopeRequest {
    /// `RequestData`: versions 0+.
    pub request_data: Bytes,
    /// `RequestPrincipal`: versions 0+, null 0+.
    pub request_principal: Option<Bytes>,
    /// `ClientHostAddress`: versions 0+.
    pub client_host_address: Bytes,
}

impl Default for EnvelopeRequest {
    fn default() -> Self {
        Self {
            request_data: Bytes::new(),
            request_principal: Some(Bytes::new()),
            client_host_address: Bytes::new(),
        }
    }
}

impl Message for EnvelopeRequest {
    const NAME: &'static str = "EnvelopeRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let request_data = r.bytes(true, "RequestData")?;
        let request_principal = r.nullable_bytes(true, "RequestPrincipal")?;
        let client_host_address = r.bytes(true, "ClientHostAddress")?;
        r.no_tags()?;
        Ok(Self { request_data, request_principal, client_host_address })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.bytes(true, &self.request_data, "RequestData")?;
        w.nullable_bytes(true, self.request_principal.as_ref(), "RequestPrincipal")?;
        w.bytes(true, &self.client_host_address, "ClientHostAddress")?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for EnvelopeRequest {
    const KEY: ApiKey = ApiKey::Envelope;
    type Response = super::EnvelopeResponse;
}
