// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DescribeConfigsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `DescribeConfigsRequest`, key 32, versions 1-4, flexible 4+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeConfigsRequest {
    /// `Resources`: versions 0+.
    pub resources: Vec<DescribeConfigsResource>,
    /// `IncludeSynonyms`: versions 1+.
    pub include_synonyms: bool,
    /// `IncludeDocumentation`: versions 3+.
    pub include_documentation: bool,
}

impl Message for DescribeConfigsRequest {
    const NAME: &'static str = "DescribeConfigsRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        let resources = r.array(flexible, 3, "Resources", |r| DescribeConfigsResource::decode(r, v))?;
        let include_synonyms = r.bool("IncludeSynonyms")?;
        let include_documentation = if v >= 3 { r.bool("IncludeDocumentation")? } else { false };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { resources, include_synonyms, include_documentation })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        w.array(flexible, &self.resources, "Resources", |w, it| it.encode(w, v))?;
        w.bool(self.include_synonyms);
        if v >= 3 {
            w.bool(self.include_documentation);
        } else if self.include_documentation {
            return Err(EncodeError::not_in_version("IncludeDocumentation", v));
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for DescribeConfigsRequest {
    const KEY: ApiKey = ApiKey::DescribeConfigs;
    type Response = super::DescribeConfigsResponse;
}

/// Part of [`DescribeConfigsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsResource {
    /// `ResourceType`: versions 0+.
    pub resource_type: i8,
    /// `ResourceName`: versions 0+.
    pub resource_name: Str,
    /// `ConfigurationKeys`: versions 0+, null 0+.
    pub configuration_keys: Option<Vec<Str>>,
}

impl Default for DescribeConfigsResource {
    fn default() -> Self {
        Self { resource_type: 0, resource_name: Str::EMPTY, configuration_keys: Some(Vec::new()) }
    }
}

impl DescribeConfigsResource {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 4;
        let resource_type = r.i8("ResourceType")?;
        let resource_name = r.str(flexible, "ResourceName")?;
        let configuration_keys =
            r.nullable_array(flexible, 1, "ConfigurationKeys", |r| r.str(flexible, "ConfigurationKeys"))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { resource_type, resource_name, configuration_keys })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 4;
        w.i8(self.resource_type);
        w.str(flexible, &self.resource_name, "ResourceName")?;
        w.nullable_array(flexible, self.configuration_keys.as_deref(), "ConfigurationKeys", |w, it| {
            w.str(flexible, it, "ConfigurationKeys")
        })?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
