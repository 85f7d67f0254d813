// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AlterConfigsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `AlterConfigsRequest`, key 33, versions 0-2, flexible 2+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterConfigsRequest {
    /// `Resources`: versions 0+.
    pub resources: Vec<AlterConfigsResource>,
    /// `ValidateOnly`: versions 0+.
    pub validate_only: bool,
}

impl Message for AlterConfigsRequest {
    const NAME: &'static str = "AlterConfigsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let resources = r.array(flexible, 3, "Resources", |r| AlterConfigsResource::decode(r, v))?;
        let validate_only = r.bool("ValidateOnly")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { resources, validate_only })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.array(flexible, &self.resources, "Resources", |w, it| it.encode(w, v))?;
        w.bool(self.validate_only);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for AlterConfigsRequest {
    const KEY: ApiKey = ApiKey::AlterConfigs;
    type Response = super::AlterConfigsResponse;
}

/// Part of [`AlterConfigsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterConfigsResource {
    /// `ResourceType`: versions 0+.
    pub resource_type: i8,
    /// `ResourceName`: versions 0+.
    pub resource_name: Str,
    /// `Configs`: versions 0+.
    pub configs: Vec<AlterableConfig>,
}

impl AlterConfigsResource {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let resource_type = r.i8("ResourceType")?;
        let resource_name = r.str(flexible, "ResourceName")?;
        let configs = r.array(flexible, 2, "Configs", |r| AlterableConfig::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { resource_type, resource_name, configs })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.i8(self.resource_type);
        w.str(flexible, &self.resource_name, "ResourceName")?;
        w.array(flexible, &self.configs, "Configs", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`AlterConfigsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct AlterableConfig {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Value`: versions 0+, null 0+.
    pub value: Option<Str>,
}

impl Default for AlterableConfig {
    fn default() -> Self {
        Self { name: Str::EMPTY, value: Some(Str::EMPTY) }
    }
}

impl AlterableConfig {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let name = r.str(flexible, "Name")?;
        let value = r.nullable_str(flexible, "Value")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, value })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.str(flexible, &self.name, "Name")?;
        w.nullable_str(flexible, self.value.as_ref(), "Value")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
