// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `TransactionLogValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `TransactionLogValue`, key 0, versions 0-1, flexible 1+.
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionLogValue {
    /// `ProducerId`: versions 0+.
    pub producer_id: i64,
    /// `PreviousProducerId`: versions 1+, tag 0, default -1.
    pub previous_producer_id: i64,
    /// `NextProducerId`: versions 1+, tag 1, default -1.
    pub next_producer_id: i64,
    /// `ProducerEpoch`: versions 0+.
    pub producer_epoch: i16,
    /// `NextProducerEpoch`: versions 1+, tag 3, default -1.
    pub next_producer_epoch: i16,
    /// `TransactionTimeoutMs`: versions 0+.
    pub transaction_timeout_ms: i32,
    /// `TransactionStatus`: versions 0+.
    pub transaction_status: i8,
    /// `TransactionPartitions`: versions 0+, null 0+.
    pub transaction_partitions: Option<Vec<PartitionsSchema>>,
    /// `TransactionLastUpdateTimestampMs`: versions 0+.
    pub transaction_last_update_timestamp_ms: i64,
    /// `TransactionStartTimestampMs`: versions 0+.
    pub transaction_start_timestamp_ms: i64,
    /// `ClientTransactionVersion`: versions 1+, tag 2.
    pub client_transaction_version: i16,
}

impl Default for TransactionLogValue {
    fn default() -> Self {
        Self {
            producer_id: 0,
            previous_producer_id: -1,
            next_producer_id: -1,
            producer_epoch: 0,
            next_producer_epoch: -1,
            transaction_timeout_ms: 0,
            transaction_status: 0,
            transaction_partitions: Some(Vec::new()),
            transaction_last_update_timestamp_ms: 0,
            transaction_start_timestamp_ms: 0,
            client_transaction_version: 0,
        }
    }
}

impl Message for TransactionLogValue {
    const NAME: &'static str = "TransactionLogValue";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        let producer_id = r.i64("ProducerId")?;
        let mut previous_producer_id = -1;
        let mut next_producer_id = -1;
        let producer_epoch = r.i16("ProducerEpoch")?;
        let mut next_producer_epoch = -1;
        let transaction_timeout_ms = r.i32("TransactionTimeoutMs")?;
        let transaction_status = r.i8("TransactionStatus")?;
        let transaction_partitions =
            r.nullable_array(flexible, 2, "TransactionPartitions", |r| PartitionsSchema::decode(r, v))?;
        let transaction_last_update_timestamp_ms = r.i64("TransactionLastUpdateTimestampMs")?;
        let transaction_start_timestamp_ms = r.i64("TransactionStartTimestampMs")?;
        let mut client_transaction_version = 0;
        if flexible {
            r.tags(|r, tag| {
                match tag {
                    0 => previous_producer_id = r.i64("PreviousProducerId")?,
                    1 => next_producer_id = r.i64("NextProducerId")?,
                    2 => client_transaction_version = r.i16("ClientTransactionVersion")?,
                    3 => next_producer_epoch = r.i16("NextProducerEpoch")?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(Self {
            producer_id,
            previous_producer_id,
            next_producer_id,
            producer_epoch,
            next_producer_epoch,
            transaction_timeout_ms,
            transaction_status,
            transaction_partitions,
            transaction_last_update_timestamp_ms,
            transaction_start_timestamp_ms,
            client_transaction_version,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        w.i64(self.producer_id);
        if v < 1 && (self.previous_producer_id != -1) {
            return Err(EncodeError::not_in_version("PreviousProducerId", v));
        }
        if v < 1 && (self.next_producer_id != -1) {
            return Err(EncodeError::not_in_version("NextProducerId", v));
        }
        w.i16(self.producer_epoch);
        if v < 1 && (self.next_producer_epoch != -1) {
            return Err(EncodeError::not_in_version("NextProducerEpoch", v));
        }
        w.run::<5>().with(self.transaction_timeout_ms).with(self.transaction_status);
        w.nullable_array(
            flexible,
            self.transaction_partitions.as_deref(),
            "TransactionPartitions",
            |w, it| it.encode(w, v),
        )?;
        w.run::<16>()
            .with(self.transaction_last_update_timestamp_ms)
            .with(self.transaction_start_timestamp_ms);
        if v < 1 && (self.client_transaction_version != 0) {
            return Err(EncodeError::not_in_version("ClientTransactionVersion", v));
        }
        if flexible {
            let has_previous_producer_id = self.previous_producer_id != -1;
            let has_next_producer_id = self.next_producer_id != -1;
            let has_client_transaction_version = self.client_transaction_version != 0;
            let has_next_producer_epoch = self.next_producer_epoch != -1;
            w.uvarint(
                u32::from(has_previous_producer_id)
                    + u32::from(has_next_producer_id)
                    + u32::from(has_client_transaction_version)
                    + u32::from(has_next_producer_epoch),
            );
            if has_previous_producer_id {
                w.tag(0, "PreviousProducerId", |w| {
                    w.i64(self.previous_producer_id);
                    Ok(())
                })?;
            }
            if has_next_producer_id {
                w.tag(1, "NextProducerId", |w| {
                    w.i64(self.next_producer_id);
                    Ok(())
                })?;
            }
            if has_client_transaction_version {
                w.tag(2, "ClientTransactionVersion", |w| {
                    w.i16(self.client_transaction_version);
                    Ok(())
                })?;
            }
            if has_next_producer_epoch {
                w.tag(3, "NextProducerEpoch", |w| {
                    w.i16(self.next_producer_epoch);
                    Ok(())
                })?;
            }
        }
        Ok(())
    }
}

impl RecordMessage for TransactionLogValue {
    const TYPE: i16 = 0;
}

/// Part of [`TransactionLogValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionsSchema {
    /// `Topic`: versions 0+.
    pub topic: Str,
    /// `PartitionIds`: versions 0+.
    pub partition_ids: Vec<i32>,
}

impl PartitionsSchema {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 1;
        let topic = r.str(flexible, "Topic")?;
        let partition_ids = r.fixed_array(flexible, "PartitionIds")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { topic, partition_ids })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 1;
        w.str(flexible, &self.topic, "Topic")?;
        w.fixed_array(flexible, &self.partition_ids, "PartitionIds")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
