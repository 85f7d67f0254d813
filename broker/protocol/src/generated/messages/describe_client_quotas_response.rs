// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DescribeClientQuotasResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `DescribeClientQuotasResponse`, key 48, versions 0-1, flexible 1+.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClientQuotasResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 0+, null 0+.
    pub error_message: Option<Str>,
    /// `Entries`: versions 0+, null 0+.
    pub entries: Option<Vec<EntryData>>,
}

impl Default for DescribeClientQuotasResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: Some(Str::EMPTY),
            entries: Some(Vec::new()),
        }
    }
}

impl Message for DescribeClientQuotasResponse {
    const NAME: &'static str = "DescribeClientQuotasResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let error_code = r.i16("ErrorCode")?;
        let error_message = r.nullable_str(flexible, "ErrorMessage")?;
        let entries = r.nullable_array(flexible, 2, "Entries", |r| EntryData::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, error_code, error_message, entries })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        w.run::<6>().with(self.throttle_time_ms).with(self.error_code);
        w.nullable_str(flexible, self.error_message.as_ref(), "ErrorMessage")?;
        w.nullable_array(flexible, self.entries.as_deref(), "Entries", |w, it| it.encode(w, v))?;
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

/// Part of [`DescribeClientQuotasResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntryData {
    /// `Entity`: versions 0+.
    pub entity: Vec<EntityData>,
    /// `Values`: versions 0+.
    pub values: Vec<ValueData>,
}

impl EntryData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 1;
        let entity = r.array(flexible, 2, "Entity", |r| EntityData::decode(r, v))?;
        let values = r.array(flexible, 9, "Values", |r| ValueData::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { entity, values })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 1;
        w.array(flexible, &self.entity, "Entity", |w, it| it.encode(w, v))?;
        w.array(flexible, &self.values, "Values", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`DescribeClientQuotasResponse`].
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

/// Part of [`DescribeClientQuotasResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValueData {
    /// `Key`: versions 0+.
    pub key: Str,
    /// `Value`: versions 0+.
    pub value: f64,
}

impl ValueData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 1;
        let key = r.str(flexible, "Key")?;
        let value = r.f64("Value")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { key, value })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 1;
        w.str(flexible, &self.key, "Key")?;
        w.f64(self.value);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
