// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `EndTxnRequest`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `EndTxnRequest`, key 26, versions 0-5, flexible 3+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndTxnRequest {
    /// `TransactionalId`: versions 0+, transactionalId.
    pub transactional_id: Str,
    /// `ProducerId`: versions 0+, producerId.
    pub producer_id: i64,
    /// `ProducerEpoch`: versions 0+.
    pub producer_epoch: i16,
    /// `Committed`: versions 0+.
    pub committed: bool,
}

impl Message for EndTxnRequest {
    const NAME: &'static str = "EndTxnRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        let transactional_id = r.str(flexible, "TransactionalId")?;
        let producer_id = r.i64("ProducerId")?;
        let producer_epoch = r.i16("ProducerEpoch")?;
        let committed = r.bool("Committed")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { transactional_id, producer_id, producer_epoch, committed })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        w.str(flexible, &self.transactional_id, "TransactionalId")?;
        w.run::<11>().with(self.producer_id).with(self.producer_epoch).with(self.committed);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for EndTxnRequest {
    const KEY: ApiKey = ApiKey::EndTxn;
    type Response = super::EndTxnResponse;
}
