//! What a topic asks of its batches.

use core::time::Duration;

use broker_types::Timestamp;

use crate::{Codec, TimestampType};

/// How batches are to be compressed in the log (`compression.type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TargetCompression {
    /// As the producer sent them.
    #[default]
    Producer,
    /// By this codec at this level (`None`: the codec's default). A batch that is already of the codec stays as
    /// it is, whatever its level.
    Codec(Codec, Option<i32>),
}

/// What one append is checked against: the topic's configuration at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidationRules {
    /// The leader's wall clock.
    pub now: Timestamp,
    /// Whose clock the topic's timestamps are (`message.timestamp.type`).
    pub timestamp_type: TimestampType,
    /// How far before now a producer's timestamp may lie; `None`: any.
    pub before_max: Option<Duration>,
    /// How far after now a producer's timestamp may lie; `None`: any.
    pub after_max: Option<Duration>,
    /// Whether every record needs a key: a compacted topic.
    pub requires_keys: bool,
    /// The largest batch, as it is appended (`max.message.bytes`).
    pub batch_bytes_max: usize,
    /// How batches are to be compressed.
    pub compression: TargetCompression,
    /// The most that a compressed batch may expand to: bounds memory, has no counterpart in Kafka.
    pub decompressed_bytes_max: usize,
    /// Whether the request's version may carry Zstandard (Produce v7, KIP-110).
    pub zstd_allowed: bool,
}

impl Default for ValidationRules {
    /// Kafka's defaults of a topic, at the epoch's start.
    fn default() -> Self {
        Self {
            now: Timestamp::from_millis(0),
            timestamp_type: TimestampType::Create,
            before_max: None,
            after_max: Some(Duration::from_secs(3600)),
            requires_keys: false,
            batch_bytes_max: 1_048_588,
            compression: TargetCompression::Producer,
            decompressed_bytes_max: 256 << 20,
            zstd_allowed: true,
        }
    }
}

impl ValidationRules {
    /// The earliest timestamp that a record may have, milliseconds.
    pub(super) fn earliest_ms(&self) -> i64 {
        self.before_max.map_or(i64::MIN, |before| self.now.minus(before).as_millis())
    }

    /// The latest timestamp that a record may have, milliseconds.
    pub(super) fn latest_ms(&self) -> i64 {
        self.after_max.map_or(i64::MAX, |after| self.now.plus(after).as_millis())
    }
}
