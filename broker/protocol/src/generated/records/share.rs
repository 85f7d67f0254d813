// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! Records of the share coordinator (`__share_group_state`).

pub mod share_snapshot_key;
pub mod share_snapshot_value;
pub mod share_update_key;
pub mod share_update_value;

pub use share_snapshot_key::ShareSnapshotKey;
pub use share_snapshot_value::ShareSnapshotValue;
pub use share_update_key::ShareUpdateKey;
pub use share_update_value::ShareUpdateValue;

use bytes::Bytes;

use crate::record_framing::{RecordError, decode_prefixed, encode_key, encode_prefixed};
use crate::wire::{EncodeError, Reader};
use crate::{Message as _, RecordMessage as _};

/// The key of any record.
#[derive(Clone, Debug, PartialEq)]
pub enum ShareKey {
    /// Type 0.
    ShareSnapshot(ShareSnapshotKey),
    /// Type 1.
    ShareUpdate(ShareUpdateKey),
}

impl From<ShareSnapshotKey> for ShareKey {
    fn from(record: ShareSnapshotKey) -> Self {
        Self::ShareSnapshot(record)
    }
}

impl From<ShareUpdateKey> for ShareKey {
    fn from(record: ShareUpdateKey) -> Self {
        Self::ShareUpdate(record)
    }
}

impl ShareKey {
    /// The number that stands for it in the log.
    #[must_use]
    pub const fn record_type(&self) -> i16 {
        match self {
            Self::ShareSnapshot(_) => ShareSnapshotKey::TYPE,
            Self::ShareUpdate(_) => ShareUpdateKey::TYPE,
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
            ShareSnapshotKey::TYPE => Self::ShareSnapshot(ShareSnapshotKey::decode(&mut r, 0)?),
            ShareUpdateKey::TYPE => Self::ShareUpdate(ShareUpdateKey::decode(&mut r, 0)?),
            _ => return Err(RecordError::UnknownType(record_type)),
        })
    }

    /// Writes a record's key.
    ///
    /// # Errors
    /// A string is too long.
    pub fn encode(&self) -> Result<Bytes, EncodeError> {
        match self {
            Self::ShareSnapshot(it) => encode_key(it),
            Self::ShareUpdate(it) => encode_key(it),
        }
    }
}

/// The value of any record.
#[derive(Clone, Debug, PartialEq)]
pub enum ShareValue {
    /// Type 0.
    ShareSnapshot(ShareSnapshotValue),
    /// Type 1.
    ShareUpdate(ShareUpdateValue),
}

impl From<ShareSnapshotValue> for ShareValue {
    fn from(record: ShareSnapshotValue) -> Self {
        Self::ShareSnapshot(record)
    }
}

impl From<ShareUpdateValue> for ShareValue {
    fn from(record: ShareUpdateValue) -> Self {
        Self::ShareUpdate(record)
    }
}

impl ShareValue {
    /// The number that stands for it in the log.
    #[must_use]
    pub const fn record_type(&self) -> i16 {
        match self {
            Self::ShareSnapshot(_) => ShareSnapshotValue::TYPE,
            Self::ShareUpdate(_) => ShareUpdateValue::TYPE,
        }
    }

    /// Reads the value of a record whose key is of `record_type`: its version in two bytes, then the value.
    ///
    /// # Errors
    /// The type is unknown, or the value is malformed.
    pub fn decode(record_type: i16, value: Bytes) -> Result<Self, RecordError> {
        Ok(match record_type {
            ShareSnapshotValue::TYPE => Self::ShareSnapshot(decode_prefixed(value)?.0),
            ShareUpdateValue::TYPE => Self::ShareUpdate(decode_prefixed(value)?.0),
            _ => return Err(RecordError::UnknownType(record_type)),
        })
    }

    /// Writes a record's value.
    ///
    /// # Errors
    /// The version does not exist or cannot carry what is set.
    pub fn encode(&self, version: i16) -> Result<Bytes, EncodeError> {
        match self {
            Self::ShareSnapshot(it) => encode_prefixed(it, version),
            Self::ShareUpdate(it) => encode_prefixed(it, version),
        }
    }
}
