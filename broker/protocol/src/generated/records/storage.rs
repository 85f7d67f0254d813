// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! Producer snapshots and the remote log's metadata records.

pub mod producer_snapshot;
pub mod remote_log_segment_metadata_record;
pub mod remote_log_segment_metadata_snapshot_record;
pub mod remote_log_segment_metadata_update_record;
pub mod remote_partition_delete_metadata_record;

pub use producer_snapshot::ProducerSnapshot;
pub use remote_log_segment_metadata_record::RemoteLogSegmentMetadataRecord;
pub use remote_log_segment_metadata_snapshot_record::RemoteLogSegmentMetadataSnapshotRecord;
pub use remote_log_segment_metadata_update_record::RemoteLogSegmentMetadataUpdateRecord;
pub use remote_partition_delete_metadata_record::RemotePartitionDeleteMetadataRecord;

use bytes::Bytes;

use crate::record_framing::{RecordError, decode_frame, encode_framed};
use crate::wire::{EncodeError, Reader, Segments};
use crate::{Message as _, RecordMessage as _};

/// Any record of the metadata log.
#[derive(Clone, Debug, PartialEq)]
pub enum MetadataRecord {
    /// Type 0.
    RemoteLogSegmentMetadata(RemoteLogSegmentMetadataRecord),
    /// Type 1.
    RemoteLogSegmentMetadataUpdate(RemoteLogSegmentMetadataUpdateRecord),
    /// Type 2.
    RemotePartitionDeleteMetadata(RemotePartitionDeleteMetadataRecord),
    /// Type 3.
    RemoteLogSegmentMetadataSnapshot(RemoteLogSegmentMetadataSnapshotRecord),
}

impl From<RemoteLogSegmentMetadataRecord> for MetadataRecord {
    fn from(record: RemoteLogSegmentMetadataRecord) -> Self {
        Self::RemoteLogSegmentMetadata(record)
    }
}

impl From<RemoteLogSegmentMetadataUpdateRecord> for MetadataRecord {
    fn from(record: RemoteLogSegmentMetadataUpdateRecord) -> Self {
        Self::RemoteLogSegmentMetadataUpdate(record)
    }
}

impl From<RemotePartitionDeleteMetadataRecord> for MetadataRecord {
    fn from(record: RemotePartitionDeleteMetadataRecord) -> Self {
        Self::RemotePartitionDeleteMetadata(record)
    }
}

impl From<RemoteLogSegmentMetadataSnapshotRecord> for MetadataRecord {
    fn from(record: RemoteLogSegmentMetadataSnapshotRecord) -> Self {
        Self::RemoteLogSegmentMetadataSnapshot(record)
    }
}

impl MetadataRecord {
    /// The number that stands for it in the log.
    #[must_use]
    pub const fn record_type(&self) -> i16 {
        match self {
            Self::RemoteLogSegmentMetadata(_) => RemoteLogSegmentMetadataRecord::TYPE,
            Self::RemoteLogSegmentMetadataUpdate(_) => RemoteLogSegmentMetadataUpdateRecord::TYPE,
            Self::RemotePartitionDeleteMetadata(_) => RemotePartitionDeleteMetadataRecord::TYPE,
            Self::RemoteLogSegmentMetadataSnapshot(_) => RemoteLogSegmentMetadataSnapshotRecord::TYPE,
        }
    }

    /// The highest version of its type.
    #[must_use]
    pub fn highest_version(&self) -> i16 {
        match self {
            Self::RemoteLogSegmentMetadata(_) => *RemoteLogSegmentMetadataRecord::VERSIONS.end(),
            Self::RemoteLogSegmentMetadataUpdate(_) => *RemoteLogSegmentMetadataUpdateRecord::VERSIONS.end(),
            Self::RemotePartitionDeleteMetadata(_) => *RemotePartitionDeleteMetadataRecord::VERSIONS.end(),
            Self::RemoteLogSegmentMetadataSnapshot(_) => {
                *RemoteLogSegmentMetadataSnapshotRecord::VERSIONS.end()
            }
        }
    }

    /// Reads a record's value: frame version, type, version, body.
    ///
    /// # Errors
    /// The frame or type is unknown, or the body is malformed.
    pub fn decode(value: Bytes) -> Result<Self, RecordError> {
        let mut r = Reader::new(value);
        let (record_type, version) = decode_frame(&mut r)?;
        Ok(match record_type {
            RemoteLogSegmentMetadataRecord::TYPE => {
                Self::RemoteLogSegmentMetadata(RemoteLogSegmentMetadataRecord::decode(&mut r, version)?)
            }
            RemoteLogSegmentMetadataUpdateRecord::TYPE => Self::RemoteLogSegmentMetadataUpdate(
                RemoteLogSegmentMetadataUpdateRecord::decode(&mut r, version)?,
            ),
            RemotePartitionDeleteMetadataRecord::TYPE => Self::RemotePartitionDeleteMetadata(
                RemotePartitionDeleteMetadataRecord::decode(&mut r, version)?,
            ),
            RemoteLogSegmentMetadataSnapshotRecord::TYPE => Self::RemoteLogSegmentMetadataSnapshot(
                RemoteLogSegmentMetadataSnapshotRecord::decode(&mut r, version)?,
            ),
            _ => return Err(RecordError::UnknownType(record_type)),
        })
    }

    /// Writes a record's value with the body in `version`, which the metadata version decides.
    ///
    /// # Errors
    /// The version does not exist or cannot carry what is set.
    pub fn encode(&self, version: i16) -> Result<Segments, EncodeError> {
        match self {
            Self::RemoteLogSegmentMetadata(it) => encode_framed(it, version),
            Self::RemoteLogSegmentMetadataUpdate(it) => encode_framed(it, version),
            Self::RemotePartitionDeleteMetadata(it) => encode_framed(it, version),
            Self::RemoteLogSegmentMetadataSnapshot(it) => encode_framed(it, version),
        }
    }
}
