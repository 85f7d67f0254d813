// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ListTransactionsResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `ListTransactionsResponse`, key 66, versions 0-2, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListTransactionsResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `UnknownStateFilters`: versions 0+.
    pub unknown_state_filters: Vec<Str>,
    /// `TransactionStates`: versions 0+.
    pub transaction_states: Vec<TransactionState>,
}

impl Message for ListTransactionsResponse {
    const NAME: &'static str = "ListTransactionsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let error_code = r.i16("ErrorCode")?;
        let unknown_state_filters =
            r.array(true, 1, "UnknownStateFilters", |r| r.str(true, "UnknownStateFilters"))?;
        let transaction_states =
            r.array(true, 11, "TransactionStates", |r| TransactionState::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { throttle_time_ms, error_code, unknown_state_filters, transaction_states })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<6>().with(self.throttle_time_ms).with(self.error_code);
        w.array(true, &self.unknown_state_filters, "UnknownStateFilters", |w, it| {
            w.str(true, it, "UnknownStateFilters")
        })?;
        w.array(true, &self.transaction_states, "TransactionStates", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }

    fn throttle_time_ms(&self) -> Option<i32> {
        Some(self.throttle_time_ms)
    }

    fn set_throttle_time_ms(&mut self, millis: i32) {
        self.throttle_time_ms = millis;
    }
}

/// Part of [`ListTransactionsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransactionState {
    /// `TransactionalId`: versions 0+, transactionalId.
    pub transactional_id: Str,
    /// `ProducerId`: versions 0+, producerId.
    pub producer_id: i64,
    /// `TransactionState`: versions 0+.
    pub transaction_state: Str,
}

impl TransactionState {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let transactional_id = r.str(true, "TransactionalId")?;
        let producer_id = r.i64("ProducerId")?;
        let transaction_state = r.str(true, "TransactionState")?;
        r.no_tags()?;
        Ok(Self { transactional_id, producer_id, transaction_state })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.transactional_id, "TransactionalId")?;
        w.i64(self.producer_id);
        w.str(true, &self.transaction_state, "TransactionState")?;
        w.uvarint(0);
        Ok(())
    }
}
