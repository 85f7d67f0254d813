// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DescribeTransactionsResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `DescribeTransactionsResponse`, key 65, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeTransactionsResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `TransactionStates`: versions 0+.
    pub transaction_states: Vec<TransactionState>,
}

impl Message for DescribeTransactionsResponse {
    const NAME: &'static str = "DescribeTransactionsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let transaction_states =
            r.array(true, 28, "TransactionStates", |r| TransactionState::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { throttle_time_ms, transaction_states })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i32(self.throttle_time_ms);
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

/// Part of [`DescribeTransactionsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransactionState {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `TransactionalId`: versions 0+, transactionalId.
    pub transactional_id: Str,
    /// `TransactionState`: versions 0+.
    pub transaction_state: Str,
    /// `TransactionTimeoutMs`: versions 0+.
    pub transaction_timeout_ms: i32,
    /// `TransactionStartTimeMs`: versions 0+.
    pub transaction_start_time_ms: i64,
    /// `ProducerId`: versions 0+, producerId.
    pub producer_id: i64,
    /// `ProducerEpoch`: versions 0+.
    pub producer_epoch: i16,
    /// `Topics`: versions 0+.
    pub topics: Vec<TopicData>,
}

impl TransactionState {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let error_code = r.i16("ErrorCode")?;
        let transactional_id = r.str(true, "TransactionalId")?;
        let transaction_state = r.str(true, "TransactionState")?;
        let transaction_timeout_ms = r.i32("TransactionTimeoutMs")?;
        let transaction_start_time_ms = r.i64("TransactionStartTimeMs")?;
        let producer_id = r.i64("ProducerId")?;
        let producer_epoch = r.i16("ProducerEpoch")?;
        let topics = r.array(true, 3, "Topics", |r| TopicData::decode(r, v))?;
        r.no_tags()?;
        Ok(Self {
            error_code,
            transactional_id,
            transaction_state,
            transaction_timeout_ms,
            transaction_start_time_ms,
            producer_id,
            producer_epoch,
            topics,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.i16(self.error_code);
        w.str(true, &self.transactional_id, "TransactionalId")?;
        w.str(true, &self.transaction_state, "TransactionState")?;
        w.run::<22>()
            .with(self.transaction_timeout_ms)
            .with(self.transaction_start_time_ms)
            .with(self.producer_id)
            .with(self.producer_epoch);
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`DescribeTransactionsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicData {
    /// `Topic`: versions 0+, topicName.
    pub topic: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<i32>,
}

impl TopicData {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let topic = r.str(true, "Topic")?;
        let partitions = r.fixed_array(true, "Partitions")?;
        r.no_tags()?;
        Ok(Self { topic, partitions })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.topic, "Topic")?;
        w.fixed_array(true, &self.partitions, "Partitions")?;
        w.uvarint(0);
        Ok(())
    }
}
