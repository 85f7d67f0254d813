// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `GroupMetadataKey`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `GroupMetadataKey`, key 2, versions 0, flexible none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupMetadataKey {
    /// `group`: versions 0.
    pub group: Str,
}

impl Message for GroupMetadataKey {
    const NAME: &'static str = "GroupMetadataKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let group = r.str(false, "group")?;
        Ok(Self { group })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(false, &self.group, "group")?;
        Ok(())
    }
}

impl RecordMessage for GroupMetadataKey {
    const TYPE: i16 = 2;
}
