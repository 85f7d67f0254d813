// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AddOffsetsToTxnRequest`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `AddOffsetsToTxnRequest`, key 25, versions 0-4, flexible 3+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddOffsetsToTxnRequest {
    /// `TransactionalId`: versions 0+, transactionalId.
    pub transactional_id: Str,
    /// `ProducerId`: versions 0+, producerId.
    pub producer_id: i64,
    /// `ProducerEpoch`: versions 0+.
    pub producer_epoch: i16,
    /// `GroupId`: versions 0+, groupId.
    pub group_id: Str,
}

impl Message for AddOffsetsToTxnRequest {
    const NAME: &'static str = "AddOffsetsToTxnRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        let transactional_id = r.str(flexible, "TransactionalId")?;
        let producer_id = r.i64("ProducerId")?;
        let producer_epoch = r.i16("ProducerEpoch")?;
        let group_id = r.str(flexible, "GroupId")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { transactional_id, producer_id, producer_epoch, group_id })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        w.str(flexible, &self.transactional_id, "TransactionalId")?;
        w.run::<10>().with(self.producer_id).with(self.producer_epoch);
        w.str(flexible, &self.group_id, "GroupId")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for AddOffsetsToTxnRequest {
    const KEY: ApiKey = ApiKey::AddOffsetsToTxn;
    type Response = super::AddOffsetsToTxnResponse;
}
