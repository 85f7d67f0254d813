// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AlterClientQuotasRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `AlterClientQuotasRequest`, key 49, versions 0-1, flexible 1+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterClientQuotasRequest {
    /// `Entries`: versions 0+.
    pub entries: Vec<EntryData>,
    /// `ValidateOnly`: versions 0+.
    pub validate_only: bool,
}

impl Message for AlterClientQuotasRequest {
    const NAME: &'static str = "AlterClientQuotasRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        let entries = r.array(flexible, 2, "Entries", |r| EntryData::decode(r, v))?;
        let validate_only = r.bool("ValidateOnly")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { entries, validate_only })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        w.array(flexible, &self.entries, "Entries", |w, it| it.encode(w, v))?;
        w.bool(self.validate_only);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for AlterClientQuotasRequest {
    const KEY: ApiKey = ApiKey::AlterClientQuotas;
    type Response = super::AlterClientQuotasResponse;
}

/// Part of [`AlterClientQuotasRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntryData {
    /// `Entity`: versions 0+.
    pub entity: Vec<EntityData>,
    /// `Ops`: versions 0+.
    pub ops: Vec<OpData>,
}

impl EntryData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 1;
        let entity = r.array(flexible, 2, "Entity", |r| EntityData::decode(r, v))?;
        let ops = r.array(flexible, 10, "Ops", |r| OpData::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { entity, ops })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 1;
        w.array(flexible, &self.entity, "Entity", |w, it| it.encode(w, v))?;
        w.array(flexible, &self.ops, "Ops", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`AlterClientQuotasRequest`].
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

/// Part of [`AlterClientQuotasRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpData {
    /// `Key`: versions 0+.
    pub key: Str,
    /// `Value`: versions 0+.
    pub value: f64,
    /// `Remove`: versions 0+.
    pub remove: bool,
}

impl OpData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 1;
        let key = r.str(flexible, "Key")?;
        let value = r.f64("Value")?;
        let remove = r.bool("Remove")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { key, value, remove })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 1;
        w.str(flexible, &self.key, "Key")?;
        w.run::<9>().with(self.value).with(self.remove);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
