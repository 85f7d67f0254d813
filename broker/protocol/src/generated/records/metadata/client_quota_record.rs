// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ClientQuotaRecord`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `ClientQuotaRecord`, key 14, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientQuotaRecord {
    /// `Entity`: versions 0+.
    pub entity: Vec<EntityData>,
    /// `Key`: versions 0+.
    pub key: Str,
    /// `Value`: versions 0+.
    pub value: f64,
    /// `Remove`: versions 0+.
    pub remove: bool,
}

impl Message for ClientQuotaRecord {
    const NAME: &'static str = "ClientQuotaRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let entity = r.array(true, 3, "Entity", |r| EntityData::decode(r, v))?;
        let key = r.str(true, "Key")?;
        let value = r.f64("Value")?;
        let remove = r.bool("Remove")?;
        r.no_tags()?;
        Ok(Self { entity, key, value, remove })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.array(true, &self.entity, "Entity", |w, it| it.encode(w, v))?;
        w.str(true, &self.key, "Key")?;
        w.run::<9>().with(self.value).with(self.remove);
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for ClientQuotaRecord {
    const TYPE: i16 = 14;
}

/// Part of [`ClientQuotaRecord`].
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
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let entity_type = r.str(true, "EntityType")?;
        let entity_name = r.nullable_str(true, "EntityName")?;
        r.no_tags()?;
        Ok(Self { entity_type, entity_name })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.entity_type, "EntityType")?;
        w.nullable_str(true, self.entity_name.as_ref(), "EntityName")?;
        w.uvarint(0);
        Ok(())
    }
}
