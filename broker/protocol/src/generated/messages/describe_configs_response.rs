// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DescribeConfigsResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `DescribeConfigsResponse`, key 32, versions 1-4, flexible 4+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeConfigsResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `Results`: versions 0+.
    pub results: Vec<DescribeConfigsResult>,
}

impl Message for DescribeConfigsResponse {
    const NAME: &'static str = "DescribeConfigsResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let results = r.array(flexible, 6, "Results", |r| DescribeConfigsResult::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, results })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        w.i32(self.throttle_time_ms);
        w.array(flexible, &self.results, "Results", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn throttle_time_ms(&self) -> Option<i32> {
        Some(self.throttle_time_ms)
    }

    fn set_throttle_time_ms(&mut self, millis: i32) {
        self.throttle_time_ms = millis;
    }
}

/// Part of [`DescribeConfigsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsResult {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 0+, null 0+.
    pub error_message: Option<Str>,
    /// `ResourceType`: versions 0+.
    pub resource_type: i8,
    /// `ResourceName`: versions 0+.
    pub resource_name: Str,
    /// `Configs`: versions 0+.
    pub configs: Vec<DescribeConfigsResourceResult>,
}

impl Default for DescribeConfigsResult {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: Some(Str::EMPTY),
            resource_type: 0,
            resource_name: Str::EMPTY,
            configs: Vec::new(),
        }
    }
}

impl DescribeConfigsResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 4;
        let error_code = r.i16("ErrorCode")?;
        let error_message = r.nullable_str(flexible, "ErrorMessage")?;
        let resource_type = r.i8("ResourceType")?;
        let resource_name = r.str(flexible, "ResourceName")?;
        let configs = r.array(flexible, 6, "Configs", |r| DescribeConfigsResourceResult::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { error_code, error_message, resource_type, resource_name, configs })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 4;
        w.i16(self.error_code);
        w.nullable_str(flexible, self.error_message.as_ref(), "ErrorMessage")?;
        w.i8(self.resource_type);
        w.str(flexible, &self.resource_name, "ResourceName")?;
        w.array(flexible, &self.configs, "Configs", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`DescribeConfigsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsResourceResult {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Value`: versions 0+, null 0+.
    pub value: Option<Str>,
    /// `ReadOnly`: versions 0+.
    pub read_only: bool,
    /// `ConfigSource`: versions 1+, default -1, ignorable.
    pub config_source: i8,
    /// `IsSensitive`: versions 0+.
    pub is_sensitive: bool,
    /// `Synonyms`: versions 1+, ignorable.
    pub synonyms: Vec<DescribeConfigsSynonym>,
    /// `ConfigType`: versions 3+, ignorable.
    pub config_type: i8,
    /// `Documentation`: versions 3+, null 0+, ignorable.
    pub documentation: Option<Str>,
}

impl Default for DescribeConfigsResourceResult {
    fn default() -> Self {
        Self {
            name: Str::EMPTY,
            value: Some(Str::EMPTY),
            read_only: false,
            config_source: -1,
            is_sensitive: false,
            synonyms: Vec::new(),
            config_type: 0,
            documentation: Some(Str::EMPTY),
        }
    }
}

impl DescribeConfigsResourceResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 4;
        let name = r.str(flexible, "Name")?;
        let value = r.nullable_str(flexible, "Value")?;
        let read_only = r.bool("ReadOnly")?;
        let config_source = r.i8("ConfigSource")?;
        let is_sensitive = r.bool("IsSensitive")?;
        let synonyms = r.array(flexible, 3, "Synonyms", |r| DescribeConfigsSynonym::decode(r, v))?;
        let config_type = if v >= 3 { r.i8("ConfigType")? } else { 0 };
        let documentation =
            if v >= 3 { r.nullable_str(flexible, "Documentation")? } else { Some(Str::EMPTY) };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, value, read_only, config_source, is_sensitive, synonyms, config_type, documentation })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 4;
        w.str(flexible, &self.name, "Name")?;
        w.nullable_str(flexible, self.value.as_ref(), "Value")?;
        w.run::<3>().with(self.read_only).with(self.config_source).with(self.is_sensitive);
        w.array(flexible, &self.synonyms, "Synonyms", |w, it| it.encode(w, v))?;
        if v >= 3 {
            w.i8(self.config_type);
        }
        if v >= 3 {
            w.nullable_str(flexible, self.documentation.as_ref(), "Documentation")?;
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`DescribeConfigsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsSynonym {
    /// `Name`: versions 1+.
    pub name: Str,
    /// `Value`: versions 1+, null 0+.
    pub value: Option<Str>,
    /// `Source`: versions 1+.
    pub source: i8,
}

impl Default for DescribeConfigsSynonym {
    fn default() -> Self {
        Self { name: Str::EMPTY, value: Some(Str::EMPTY), source: 0 }
    }
}

impl DescribeConfigsSynonym {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 4;
        let name = r.str(flexible, "Name")?;
        let value = r.nullable_str(flexible, "Value")?;
        let source = r.i8("Source")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, value, source })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 4;
        w.str(flexible, &self.name, "Name")?;
        w.nullable_str(flexible, self.value.as_ref(), "Value")?;
        w.i8(self.source);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
