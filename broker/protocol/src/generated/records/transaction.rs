// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! Records of the transaction coordinator (`__transaction_state`).

pub mod transaction_log_key;
pub mod transaction_log_value;

pub use transaction_log_key::TransactionLogKey;
pub use transaction_log_value::TransactionLogValue;

use bytes::Bytes;

use crate::record_framing::{RecordError, decode_prefixed, encode_key, encode_prefixed};
use crate::wire::{EncodeError, Reader};
use crate::{Message as _, RecordMessage as _};

/// The key of any record.
#[derive(Clone, Debug, PartialEq)]
pub enum TransactionKey {
    /// Type 0.
    TransactionLog(TransactionLogKey),
}

impl From<TransactionLogKey> for TransactionKey {
    fn from(record: TransactionLogKey) -> Self {
        Self::TransactionLog(record)
    }
}

impl TransactionKey {
    /// The number that stands for it in the log.
    #[must_use]
    pub const fn record_type(&self) -> i16 {
        match self {
            Self::TransactionLog(_) => TransactionLogKey::TYPE,
        }
    }

    /// Reads a record's key: its type in two bytes, then the key.
    ///
    /// # Errors
    /// The type is unknown, or the key is malformed.
    pub fn decode(key: Bytes) -> Result<Self, RecordError> {
        let mut r = Reader::new(key);
        let record_type = r.i16("record type")?;
        Ok(match record_type {
            TransactionLogKey::TYPE => Self::TransactionLog(TransactionLogKey::decode(&mut r, 0)?),
            _ => return Err(RecordError::UnknownType(record_type)),
        })
    }

    /// Writes a record's key.
    ///
    /// # Errors
    /// A string is too long.
    pub fn encode(&self) -> Result<Bytes, EncodeError> {
        match self {
            Self::TransactionLog(it) => encode_key(it),
        }
    }
}

/// The value of any record.
#[derive(Clone, Debug, PartialEq)]
pub enum TransactionValue {
    /// Type 0.
    TransactionLog(TransactionLogValue),
}

impl From<TransactionLogValue> for TransactionValue {
    fn from(record: TransactionLogValue) -> Self {
        Self::TransactionLog(record)
    }
}

impl TransactionValue {
    /// The number that stands for it in the log.
    #[must_use]
    pub const fn record_type(&self) -> i16 {
        match self {
            Self::TransactionLog(_) => TransactionLogValue::TYPE,
        }
    }

    /// Reads the value of a record whose key is of `record_type`: its version in two bytes, then the value.
    ///
    /// # Errors
    /// The type is unknown, or the value is malformed.
    pub fn decode(record_type: i16, value: Bytes) -> Result<Self, RecordError> {
        Ok(match record_type {
            TransactionLogValue::TYPE => Self::TransactionLog(decode_prefixed(value)?.0),
            _ => return Err(RecordError::UnknownType(record_type)),
        })
    }

    /// Writes a record's value.
    ///
    /// # Errors
    /// The version does not exist or cannot carry what is set.
    pub fn encode(&self, version: i16) -> Result<Bytes, EncodeError> {
        match self {
            Self::TransactionLog(it) => encode_prefixed(it, version),
        }
    }
}
