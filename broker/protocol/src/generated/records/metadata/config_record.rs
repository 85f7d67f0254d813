// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ConfigRecord`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `ConfigRecord`, key 4, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigRecord {
    /// `ResourceType`: versions 0+.
    pub resource_type: i8,
    /// `ResourceName`: versions 0+.
    pub resource_name: Str,
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Value`: versions 0+, null 0+.
    pub value: Option<Str>,
}

impl Default for ConfigRecord {
    fn default() -> Self {
        Self { resource_type: 0, resource_name: Str::EMPTY, name: Str::EMPTY, value: Some(Str::EMPTY) }
    }
}

impl Message for ConfigRecord {
    const NAME: &'static str = "ConfigRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let resource_type = r.i8("ResourceType")?;
        let resource_name = r.str(true, "ResourceName")?;
        let name = r.str(true, "Name")?;
        let value = r.nullable_str(true, "Value")?;
        r.no_tags()?;
        Ok(Self { resource_type, resource_name, name, value })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i8(self.resource_type);
        w.str(true, &self.resource_name, "ResourceName")?;
        w.str(true, &self.name, "Name")?;
        w.nullable_str(true, self.value.as_ref(), "Value")?;
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for ConfigRecord {
    const TYPE: i16 = 4;
}
