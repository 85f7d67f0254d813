// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DescribeClientQuotasRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `DescribeClientQuotasRequest`, key 48, versions 0-1, flexible 1+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeClientQuotasRequest {
    /// `Components`: versions 0+.
    pub components: Vec<ComponentData>,
    /// `Strict`: versions 0+.
    pub strict: bool,
}

impl Message for DescribeClientQuotasRequest {
    const NAME: &'static str = "DescribeClientQuotasRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        let components = r.array(flexible, 3, "Components", |r| ComponentData::decode(r, v))?;
        let strict = r.bool("Strict")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { components, strict })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        w.array(flexible, &self.components, "Components", |w, it| it.encode(w, v))?;
        w.bool(self.strict);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for DescribeClientQuotasRequest {
    const KEY: ApiKey = ApiKey::DescribeClientQuotas;
    type Response = super::DescribeClientQuotasResponse;
}

/// Part of [`DescribeClientQuotasRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct ComponentData {
    /// `EntityType`: versions 0+.
    pub entity_type: Str,
    /// `MatchType`: versions 0+.
    pub match_type: i8,
    /// `Match`: versions 0+, null 0+.
    pub r#match: Option<Str>,
}

impl Default for ComponentData {
    fn default() -> Self {
        Self { entity_type: Str::EMPTY, match_type: 0, r#match: Some(Str::EMPTY) }
    }
}

impl ComponentData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 1;
        let entity_type = r.str(flexible, "EntityType")?;
        let match_type = r.i8("MatchType")?;
        let r#match = r.nullable_str(flexible, "Match")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { entity_type, match_type, r#match })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 1;
        w.str(flexible, &self.entity_type, "EntityType")?;
        w.i8(self.match_type);
        w.nullable_str(flexible, self.r#match.as_ref(), "Match")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
