// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `InitProducerIdRequest`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `InitProducerIdRequest`, key 22, versions 0-6, flexible 2+.
#[derive(Clone, Debug, PartialEq)]
pub struct InitProducerIdRequest {
    /// `TransactionalId`: versions 0+, transactionalId, null 0+.
    pub transactional_id: Option<Str>,
    /// `TransactionTimeoutMs`: versions 0+.
    pub transaction_timeout_ms: i32,
    /// `ProducerId`: versions 3+, producerId, default -1.
    pub producer_id: i64,
    /// `ProducerEpoch`: versions 3+, default -1.
    pub producer_epoch: i16,
    /// `Enable2Pc`: versions 6+.
    pub enable2_pc: bool,
    /// `KeepPreparedTxn`: versions 6+.
    pub keep_prepared_txn: bool,
}

impl Default for InitProducerIdRequest {
    fn default() -> Self {
        Self {
            transactional_id: Some(Str::EMPTY),
            transaction_timeout_ms: 0,
            producer_id: -1,
            producer_epoch: -1,
            enable2_pc: false,
            keep_prepared_txn: false,
        }
    }
}

impl Message for InitProducerIdRequest {
    const NAME: &'static str = "InitProducerIdRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let transactional_id = r.nullable_str(flexible, "TransactionalId")?;
        let transaction_timeout_ms = r.i32("TransactionTimeoutMs")?;
        let producer_id = if v >= 3 { r.i64("ProducerId")? } else { -1 };
        let producer_epoch = if v >= 3 { r.i16("ProducerEpoch")? } else { -1 };
        let enable2_pc = if v >= 6 { r.bool("Enable2Pc")? } else { false };
        let keep_prepared_txn = if v >= 6 { r.bool("KeepPreparedTxn")? } else { false };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            transactional_id,
            transaction_timeout_ms,
            producer_id,
            producer_epoch,
            enable2_pc,
            keep_prepared_txn,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.nullable_str(flexible, self.transactional_id.as_ref(), "TransactionalId")?;
        w.i32(self.transaction_timeout_ms);
        if v >= 3 {
            w.i64(self.producer_id);
        } else if self.producer_id != -1 {
            return Err(EncodeError::not_in_version("ProducerId", v));
        }
        if v >= 3 {
            w.i16(self.producer_epoch);
        } else if self.producer_epoch != -1 {
            return Err(EncodeError::not_in_version("ProducerEpoch", v));
        }
        if v >= 6 {
            w.bool(self.enable2_pc);
        } else if self.enable2_pc {
            return Err(EncodeError::not_in_version("Enable2Pc", v));
        }
        if v >= 6 {
            w.bool(self.keep_prepared_txn);
        } else if self.keep_prepared_txn {
            return Err(EncodeError::not_in_version("KeepPreparedTxn", v));
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for InitProducerIdRequest {
    const KEY: ApiKey = ApiKey::InitProducerId;
    type Response = super::InitProducerIdResponse;
}
