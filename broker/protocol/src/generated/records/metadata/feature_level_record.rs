// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `FeatureLevelRecord`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `FeatureLevelRecord`, key 12, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureLevelRecord {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `FeatureLevel`: versions 0+.
    pub feature_level: i16,
}

impl Message for FeatureLevelRecord {
    const NAME: &'static str = "FeatureLevelRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let name = r.str(true, "Name")?;
        let feature_level = r.i16("FeatureLevel")?;
        r.no_tags()?;
        Ok(Self { name, feature_level })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(true, &self.name, "Name")?;
        w.i16(self.feature_level);
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for FeatureLevelRecord {
    const TYPE: i16 = 12;
}
