// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AlterClientQuotasResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `AlterClientQuotasResponse`, key 49, versions 0-1, flexible 1+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterClientQuotasResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `Entries`: versions 0+.
    pub entries: Vec<EntryData>,
}

impl Message for AlterClientQuotasResponse {
    const NAME: &'static str = "AlterClientQuotasResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let entries = r.array(flexible, 4, "Entries", |r| EntryData::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, entries })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        w.i32(self.throttle_time_ms);
        w.array(flexible, &self.entries, "Entries", |w, it| it.encode(w, v))?;
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

/// Part of [`AlterClientQuotasResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct EntryData {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 0+, null 0+.
    pub error_message: Option<Str>,
    /// `Entity`: versions 0+.
    pub entity: Vec<EntityData>,
}

impl Default for EntryData {
    fn default() -> Self {
        Self { error_code: 0, error_message: Some(Str::EMPTY), entity: Vec::new() }
    }
}

impl EntryData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 1;
        let error_code = r.i16("ErrorCode")?;
        let error_message = r.nullable_str(flexible, "ErrorMessage")?;
        let entity = r.array(flexible, 2, "Entity", |r| EntityData::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { error_code, error_message, entity })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 1;
        w.i16(self.error_code);
        w.nullable_str(flexible, self.error_message.as_ref(), "ErrorMessage")?;
        w.array(flexible, &self.entity, "Entity", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`AlterClientQuotasResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct EntityData {
    /// `EntityType`: versions 0+.
    pub entity_type: Str,
    /// `EntityName`: versions 0+, null 0+.
    pub entity_name: Option<Str>,
}

impl Default for EntityData {
    fn default() -> Self {
        Self { entity_type: Str::EMPTY, entity_name: Some(Str::EMPTY) }
    }
}

impl EntityData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 1;
        let entity_type = r.str(flexible, "EntityType")?;
        let entity_name = r.nullable_str(flexible, "EntityName")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { entity_type, entity_name })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 1;
        w.str(flexible, &self.entity_type, "EntityType")?;
        w.nullable_str(flexible, self.entity_name.as_ref(), "EntityName")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
