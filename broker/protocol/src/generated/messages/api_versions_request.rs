// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ApiVersionsRequest`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `ApiVersionsRequest`, key 18, versions 0-4, flexible 3+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApiVersionsRequest {
    /// `ClientSoftwareName`: versions 3+, ignorable.
    pub client_software_name: Str,
    /// `ClientSoftwareVersion`: versions 3+, ignorable.
    pub client_software_version: Str,
}

impl Message for ApiVersionsRequest {
    const NAME: &'static str = "ApiVersionsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        let client_software_name = if v >= 3 { r.str(true, "ClientSoftwareName")? } else { Str::EMPTY };
        let client_software_version = if v >= 3 { r.str(true, "ClientSoftwareVersion")? } else { Str::EMPTY };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { client_software_name, client_software_version })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        if v >= 3 {
            w.str(true, &self.client_software_name, "ClientSoftwareName")?;
        }
        if v >= 3 {
            w.str(true, &self.client_software_version, "ClientSoftwareVersion")?;
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for ApiVersionsRequest {
    const KEY: ApiKey = ApiKey::ApiVersions;
    type Response = super::ApiVersionsResponse;
}
