// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ProducerIdsRecord`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage};

/// `ProducerIdsRecord`, key 15, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerIdsRecord {
    /// `BrokerId`: versions 0+, brokerId.
    pub broker_id: i32,
    /// `BrokerEpoch`: versions 0+, default -1.
    pub broker_epoch: i64,
    /// `NextProducerId`: versions 0+.
    pub next_producer_id: i64,
}

impl Default for ProducerIdsRecord {
    fn default() -> Self {
        Self { broker_id: 0, broker_epoch: -1, next_producer_id: 0 }
    }
}

impl Message for ProducerIdsRecord {
    const NAME: &'static str = "ProducerIdsRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let broker_id = r.i32("BrokerId")?;
        let broker_epoch = r.i64("BrokerEpoch")?;
        let next_producer_id = r.i64("NextProducerId")?;
        r.no_tags()?;
        Ok(Self { broker_id, broker_epoch, next_producer_id })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<20>().with(self.broker_id).with(self.broker_epoch).with(self.next_producer_id);
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for ProducerIdsRecord {
    const TYPE: i16 = 15;
}
