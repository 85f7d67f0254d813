// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `FindCoordinatorRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `FindCoordinatorRequest`, key 10, versions 0-6, flexible 3+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FindCoordinatorRequest {
    /// `Key`: versions 0-3.
    pub key: Str,
    /// `KeyType`: versions 1+.
    pub key_type: i8,
    /// `CoordinatorKeys`: versions 4+.
    pub coordinator_keys: Vec<Str>,
}

impl Message for FindCoordinatorRequest {
    const NAME: &'static str = "FindCoordinatorRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        let key = if v <= 3 { r.str(flexible, "Key")? } else { Str::EMPTY };
        let key_type = if v >= 1 { r.i8("KeyType")? } else { 0 };
        let coordinator_keys = if v >= 4 {
            r.array(true, 1, "CoordinatorKeys", |r| r.str(true, "CoordinatorKeys"))?
        } else {
            Vec::new()
        };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { key, key_type, coordinator_keys })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        if v <= 3 {
            w.str(flexible, &self.key, "Key")?;
        } else if !self.key.is_empty() {
            return Err(EncodeError::not_in_version("Key", v));
        }
        if v >= 1 {
            w.i8(self.key_type);
        } else if self.key_type != 0 {
            return Err(EncodeError::not_in_version("KeyType", v));
        }
        if v >= 4 {
            w.array(true, &self.coordinator_keys, "CoordinatorKeys", |w, it| {
                w.str(true, it, "CoordinatorKeys")
            })?;
        } else if !self.coordinator_keys.is_empty() {
            return Err(EncodeError::not_in_version("CoordinatorKeys", v));
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for FindCoordinatorRequest {
    const KEY: ApiKey = ApiKey::FindCoordinator;
    type Response = super::FindCoordinatorResponse;
}
