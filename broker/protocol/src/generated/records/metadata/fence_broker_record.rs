// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `FenceBrokerRecord`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage};

/// `FenceBrokerRecord`, key 7, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FenceBrokerRecord {
    /// `Id`: versions 0+, brokerId.
    pub id: i32,
    /// `Epoch`: versions 0+.
    pub epoch: i64,
}

impl Message for FenceBrokerRecord {
    const NAME: &'static str = "FenceBrokerRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let id = r.i32("Id")?;
        let epoch = r.i64("Epoch")?;
        r.no_tags()?;
        Ok(Self { id, epoch })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<12>().with(self.id).with(self.epoch);
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for FenceBrokerRecord {
    const TYPE: i16 = 7;
}
