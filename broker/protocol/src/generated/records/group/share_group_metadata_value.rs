// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ShareGroupMetadataValue`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage};

/// `ShareGroupMetadataValue`, key 11, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShareGroupMetadataValue {
    /// `Epoch`: versions 0+.
    pub epoch: i32,
    /// `MetadataHash`: versions 0+.
    pub metadata_hash: i64,
}

impl Message for ShareGroupMetadataValue {
    const NAME: &'static str = "ShareGroupMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let epoch = r.i32("Epoch")?;
        let metadata_hash = r.i64("MetadataHash")?;
        r.no_tags()?;
        Ok(Self { epoch, metadata_hash })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<12>().with(self.epoch).with(self.metadata_hash);
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for ShareGroupMetadataValue {
    const TYPE: i16 = 11;
}
