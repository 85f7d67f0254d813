//! Why a produced batch is refused, and what Kafka answers then.

use alloc::vec::Vec;
use core::fmt;

use crate::{BatchError, CompressError, DecompressError, RecordError};

/// The most records that a refusal names one by one; all are counted.
pub const RECORD_ISSUES_MAX: usize = 1_000;

/// Kafka's error codes that a refused batch can be answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectedCode {
    /// CORRUPT_MESSAGE (2); clients send again.
    CorruptMessage,
    /// MESSAGE_TOO_LARGE (10); clients split the batch.
    MessageTooLarge,
    /// INVALID_TIMESTAMP (32).
    InvalidTimestamp,
    /// UNSUPPORTED_COMPRESSION_TYPE (76).
    UnsupportedCompressionType,
    /// INVALID_RECORD (87).
    InvalidRecord,
}

/// What is wrong with one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordIssue {
    /// Which record of the batch, from 0.
    pub batch_index: i32,
    /// What is wrong with it.
    pub kind: RecordIssueKind,
}

/// What can be wrong with one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordIssueKind {
    /// No key in a compacted topic.
    NoKey,
    /// The timestamp is out of bounds; all in milliseconds.
    TimestampRange {
        /// The record's.
        timestamp: i64,
        /// The earliest allowed.
        earliest: i64,
        /// The latest allowed.
        latest: i64,
    },
    /// The producer marked the batch as stamped by the leader.
    TimestampType,
}

impl fmt::Display for RecordIssue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            RecordIssueKind::NoKey => f.write_str("a compacted topic takes no record without a key"),
            RecordIssueKind::TimestampRange { timestamp, earliest, latest } => write!(
                f,
                "timestamp {timestamp} of the record with offset {} is out of range: it should be within \
                 [{earliest}, {latest}]",
                self.batch_index
            ),
            RecordIssueKind::TimestampType => {
                f.write_str("a producer should not set the timestamp type to LogAppendTime")
            }
        }
    }
}

/// Why a produced batch is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// No whole batch.
    #[error("the request must hold at least one record batch for the partition")]
    NoBatch,
    /// A batch of a format before v2.
    #[error("only record batches of magic 2 can be produced, this one has magic {0}")]
    OldFormat(i8),
    /// A second batch follows.
    #[error("the request must hold only one record batch for the partition")]
    MoreThanOneBatch,
    /// Not a batch.
    #[error("{0}")]
    Batch(#[from] BatchError),
    /// The base offset is the leader's to set.
    #[error("the base offset of a produced batch should be 0, but it is {0}")]
    BaseOffset(i64),
    /// Larger than the topic takes.
    #[error("the record batch is {size_bytes} bytes, which exceeds the maximum of {max_bytes}")]
    TooLarge {
        /// The batch's size.
        size_bytes: usize,
        /// `max.message.bytes`.
        max_bytes: usize,
    },
    /// The bytes are not those that the producer sent.
    #[error("the record batch is corrupt (stored crc = {stored}, computed crc = {computed})")]
    Crc {
        /// What the header says.
        stored: u32,
        /// What the bytes say.
        computed: u32,
    },
    /// A codec that the format does not know.
    #[error("the compression type {0} is unknown")]
    UnknownCodec(u8),
    /// Zstandard in a request version before it.
    #[error("Zstandard needs Produce version 7 or later")]
    ZstdNotAllowed,
    /// The last offset lies before the first.
    #[error("the batch has an invalid offset range: [0, {last_offset_delta}]")]
    OffsetRange {
        /// The header's.
        last_offset_delta: i32,
    },
    /// A batch without records.
    #[error("the batch reports an invalid record count: {record_count}")]
    Count {
        /// The header's.
        record_count: i32,
    },
    /// Count and offsets disagree.
    #[error(
        "the batch's offset range [0, {last_offset_delta}] does not agree with its {record_count} records"
    )]
    CountMismatch {
        /// The header's.
        last_offset_delta: i32,
        /// The header's.
        record_count: i32,
    },
    /// Control records are the broker's to write.
    #[error("clients are not allowed to write control records")]
    Control,
    /// A producer without a sequence.
    #[error("invalid sequence number {base_sequence} in a batch of producer {producer_id}")]
    Sequence {
        /// The header's.
        producer_id: i64,
        /// The header's.
        base_sequence: i32,
    },
    /// The payload cannot be decompressed.
    #[error("{0}")]
    Decompress(#[from] DecompressError),
    /// The payload could not be compressed by the topic's codec.
    #[error("{0}")]
    Compress(#[from] CompressError),
    /// The payload is not the records that the header promises.
    #[error("{0}")]
    Structure(#[from] RecordError),
    /// Some records break the topic's rules.
    #[error("{}", records_text(*.code, *.total))]
    Records {
        /// INVALID_TIMESTAMP when a timestamp is among the reasons, else INVALID_RECORD.
        code: RejectedCode,
        /// How many records break a rule.
        total: usize,
        /// The first of them, at most [`RECORD_ISSUES_MAX`].
        issues: Vec<RecordIssue>,
    },
}

fn records_text(code: RejectedCode, total: usize) -> alloc::string::String {
    match code {
        RejectedCode::InvalidTimestamp => {
            "one or more records have been rejected due to invalid timestamp".into()
        }
        _ => alloc::format!("one or more records have been rejected due to {total} record errors in total"),
    }
}

impl Rejected {
    /// What Kafka answers.
    #[must_use]
    pub const fn code(&self) -> RejectedCode {
        match self {
            Self::Batch(_) | Self::Crc { .. } => RejectedCode::CorruptMessage,
            Self::TooLarge { .. } => RejectedCode::MessageTooLarge,
            Self::UnknownCodec(_)
            | Self::ZstdNotAllowed
            | Self::Compress(_)
            | Self::Decompress(DecompressError::Unsupported(_)) => RejectedCode::UnsupportedCompressionType,
            Self::Decompress(DecompressError::TooLarge { .. }) => RejectedCode::MessageTooLarge,
            Self::NoBatch
            | Self::OldFormat(_)
            | Self::MoreThanOneBatch
            | Self::BaseOffset(_)
            | Self::OffsetRange { .. }
            | Self::Count { .. }
            | Self::CountMismatch { .. }
            | Self::Control
            | Self::Sequence { .. }
            | Self::Decompress(DecompressError::Corrupt { .. })
            | Self::Structure(_) => RejectedCode::InvalidRecord,
            Self::Records { code, .. } => *code,
        }
    }

    /// The records that a response of Produce v8 and later names (KIP-467); empty when the batch as a whole is
    /// at fault.
    #[must_use]
    pub fn issues(&self) -> &[RecordIssue] {
        match self {
            Self::Records { issues, .. } => issues,
            _ => &[],
        }
    }
}
