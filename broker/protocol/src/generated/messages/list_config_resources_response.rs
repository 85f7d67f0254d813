// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ListConfigResourcesResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `ListConfigResourcesResponse`, key 74, versions 0-1, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListConfigResourcesResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ConfigResources`: versions 0+.
    pub config_resources: Vec<ConfigResource>,
}

impl Message for ListConfigResourcesResponse {
    const NAME: &'static str = "ListConfigResourcesResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let error_code = r.i16("ErrorCode")?;
        let config_resources = r.array(true, 2, "ConfigResources", |r| ConfigResource::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { throttle_time_ms, error_code, config_resources })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<6>().with(self.throttle_time_ms).with(self.error_code);
        w.array(true, &self.config_resources, "ConfigResources", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }

    fn throttle_time_ms(&self) -> Option<i32> {
        Some(self.throttle_time_ms)
    }

    fn set_throttle_time_ms(&mut self, millis: i32) {
        self.throttle_time_ms = millis;
    }
}

/// Part of [`ListConfigResourcesResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigResource {
    /// `ResourceName`: versions 0+.
    pub resource_name: Str,
    /// `ResourceType`: versions 1+, default 16, ignorable.
    pub resource_type: i8,
}

impl Default for ConfigResource {
    fn default() -> Self {
        Self { resource_name: Str::EMPTY, resource_type: 16 }
    }
}

impl ConfigResource {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let resource_name = r.str(true, "ResourceName")?;
        let resource_type = if v >= 1 { r.i8("ResourceType")? } else { 16 };
        r.no_tags()?;
        Ok(Self { resource_name, resource_type })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.resource_name, "ResourceName")?;
        if v >= 1 {
            w.i8(self.resource_type);
        }
        w.uvarint(0);
        Ok(())
    }
}
