//! Records of `__transaction_state`, and how they are bytes there.

use alloc::{sync::Arc, vec::Vec};
use core::time::Duration;

use broker_protocol::{
    RecordError, Str, decode_prefixed, encode_prefixed,
    records::transaction::{
        TransactionKey, TransactionLogKey, TransactionLogValue, transaction_log_value::PartitionsSchema,
    },
    wire::{DecodeError, EncodeError},
};
use broker_types::{
    PartitionId, Producer, ProducerEpoch, ProducerId, Timestamp, TopicName, TransactionVersion,
    TransactionalId,
};
use bytes::Bytes;

use crate::{Partitions, Transaction, TransactionState};

/// What the log says for "no producer id" and "no time".
const NONE: i64 = -1;

/// One record: all that is known of a transactional id, or its tombstone.
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionRecord {
    /// The transactional id.
    pub id: TransactionalId,
    /// What is known of it; `None` is a tombstone.
    pub value: Option<Arc<Transaction>>,
    /// The level of `transaction.version` that says in which format it is written.
    pub version: TransactionVersion,
}

/// A record as the log has it: in a batch that is neither compressed nor transactional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// Type and key.
    pub key: Bytes,
    /// Version and value; `None` is a tombstone.
    pub value: Option<Bytes>,
}

/// A record that cannot be replayed. The shell reports and skips it: one of a newer program, or garbage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableRecord {
    /// The record has no key.
    #[error("a record of a transaction has no key")]
    NoKey,
    /// The key is of no known type, or broken.
    #[error("a record's key is unreadable: {0}")]
    Key(RecordError),
    /// The value is of no known version, or broken.
    #[error("the value of a transaction's record is unreadable: {0}")]
    Value(DecodeError),
    /// The value has a state that is never written.
    #[error("a transaction's record has the state {0}")]
    State(i8),
    /// The value was written for a newer client.
    #[error("a transaction's record has the client version {0}")]
    ClientVersion(i16),
}

impl TransactionRecord {
    /// A record of this value as `version` can hold it: what the log loses, the one who wrote it must not have either.
    #[must_use]
    pub fn new(id: TransactionalId, value: Transaction, version: TransactionVersion) -> Self {
        let value = match version {
            TransactionVersion::V0 => Transaction {
                previous_producer_id: None,
                next_producer_id: None,
                client_version: TransactionVersion::V0,
                ..value
            },
            TransactionVersion::V1 | TransactionVersion::V2 => value,
        };
        Self { id, value: Some(Arc::new(value)), version }
    }

    /// The tombstone of a transactional id.
    #[must_use]
    pub const fn tombstone(id: TransactionalId, version: TransactionVersion) -> Self {
        Self { id, value: None, version }
    }

    /// Reads a record of a data batch of the log.
    ///
    /// # Errors
    /// It is of a newer program, or broken.
    pub fn decode(key: Option<Bytes>, value: Option<Bytes>) -> Result<Self, UnreadableRecord> {
        let key =
            TransactionKey::decode(key.ok_or(UnreadableRecord::NoKey)?).map_err(UnreadableRecord::Key)?;
        let TransactionKey::TransactionLog(TransactionLogKey { transactional_id }) = key;
        let id = TransactionalId::new(&transactional_id);
        let Some(value) = value else { return Ok(Self::tombstone(id, TransactionVersion::V0)) };
        let (value, version) =
            decode_prefixed::<TransactionLogValue>(value).map_err(UnreadableRecord::Value)?;
        let version = TransactionVersion::from_level(version).unwrap_or_default();
        Ok(Self { id, value: Some(Arc::new(read(&value)?)), version })
    }

    /// Writes the record as Kafka 4.3 does.
    ///
    /// # Errors
    /// A string of it is too long for the format: more than 32,767 bytes.
    pub fn encode(&self) -> Result<Encoded, EncodeError> {
        let transactional_id = Str::from(self.id.as_str());
        let key = TransactionKey::TransactionLog(TransactionLogKey { transactional_id }).encode()?;
        let format = i16::from(self.version >= TransactionVersion::V1);
        let value = self.value.as_ref().map(|value| encode_prefixed(&write(value), format)).transpose()?;
        Ok(Encoded { key, value })
    }
}

fn read(value: &TransactionLogValue) -> Result<Transaction, UnreadableRecord> {
    let number = value.transaction_status;
    let state = TransactionState::from_number(number).ok_or(UnreadableRecord::State(number))?;
    let level = value.client_transaction_version;
    let client_version =
        TransactionVersion::from_level(level).ok_or(UnreadableRecord::ClientVersion(level))?;
    let mut partitions = Partitions::default();
    for topic in value.transaction_partitions.iter().flatten().filter(|_| state != TransactionState::Empty) {
        let name = TopicName::new(&topic.topic);
        for &partition in &topic.partition_ids {
            partitions.insert(&name, PartitionId::new(partition));
        }
    }
    Ok(Transaction {
        producer: Producer {
            id: ProducerId::new(value.producer_id),
            epoch: ProducerEpoch::new(value.producer_epoch),
        },
        previous_producer_id: ProducerId::from_wire(value.previous_producer_id),
        next_producer_id: ProducerId::from_wire(value.next_producer_id),
        timeout: Duration::from_millis(u64::try_from(value.transaction_timeout_ms).unwrap_or(0)),
        state,
        partitions,
        started_at: Timestamp::from_wire(value.transaction_start_timestamp_ms),
        updated_at: Timestamp::from_millis(value.transaction_last_update_timestamp_ms),
        client_version,
    })
}

fn write(value: &Transaction) -> TransactionLogValue {
    let topic = |(topic, partitions): (&TopicName, &alloc::collections::BTreeSet<PartitionId>)| {
        let partition_ids = partitions.iter().map(|partition| partition.get()).collect();
        PartitionsSchema { topic: Str::from(topic.as_str()), partition_ids }
    };
    let partitions = || value.partitions.by_topic().map(topic).collect::<Vec<_>>();
    TransactionLogValue {
        producer_id: value.producer.id.get(),
        previous_producer_id: value.previous_producer_id.map_or(NONE, ProducerId::get),
        next_producer_id: value.next_producer_id.map_or(NONE, ProducerId::get),
        producer_epoch: value.producer.epoch.get(),
        transaction_timeout_ms: i32::try_from(value.timeout.as_millis()).unwrap_or(i32::MAX),
        transaction_status: value.state.number(),
        transaction_partitions: (value.state != TransactionState::Empty).then(partitions),
        transaction_last_update_timestamp_ms: value.updated_at.as_millis(),
        transaction_start_timestamp_ms: value.started_at.map_or(NONE, Timestamp::as_millis),
        client_transaction_version: value.client_version.level(),
        ..TransactionLogValue::default()
    }
}

#[cfg(test)]
mod tests;
