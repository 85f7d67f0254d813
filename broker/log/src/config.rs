//! What a partition's log is told by its topic's configuration.

use std::time::Duration;

pub use broker_records::TimestampType;

/// The settings of one log. Defaults are Kafka's.
#[derive(Clone, Debug, PartialEq)]
pub struct LogConfig {
    /// `segment.bytes`: a segment never grows beyond it.
    pub segment_bytes: u32,
    /// `segment.ms`: a segment with records is rolled at this age.
    pub segment_age: Duration,
    /// `segment.jitter.ms`: up to this much is taken off `segment_age`, so that logs do not roll together.
    pub segment_jitter: Duration,
    /// `index.interval.bytes`: one index entry for about so many bytes.
    pub index_interval_bytes: u32,
    /// `segment.index.bytes`: a segment is rolled when an index would grow beyond it.
    pub index_bytes_max: u32,
    /// `retention.bytes`; `None` keeps any size.
    pub retention_bytes: Option<u64>,
    /// `retention.ms`; `None` keeps for ever.
    pub retention_age: Option<Duration>,
    /// `cleanup.policy` contains `delete`: retention by age and size applies.
    pub delete_policy: bool,
    /// `cleanup.policy` contains `compact`.
    pub compact_policy: bool,
    /// `min.cleanable.dirty.ratio`: which part of the log must be dirty before it is compacted.
    pub dirty_ratio_min: f64,
    /// `min.compaction.lag.ms`: a record stays uncompacted for so long at least.
    pub compaction_lag_min: Duration,
    /// `max.compaction.lag.ms`: a record is compacted after so long; `None`: when the ratio says so.
    pub compaction_lag_max: Option<Duration>,
    /// `delete.retention.ms`: how long tombstones and transaction markers stay after they were compacted first.
    pub delete_retention: Duration,
    /// `message.timestamp.type`.
    pub timestamp_type: TimestampType,
    /// `flush.messages`; `None` leaves flushing to rolls, replication and the operating system.
    pub flush_messages: Option<u64>,
    /// `flush.ms`; `None` as above.
    pub flush_age: Option<Duration>,
    /// `file.delete.delay.ms`: how long removed files keep their bytes for readers that still hold a plan.
    pub file_delete_delay: Duration,
    /// `preallocate`: reserve a segment's room when it is created. The file's size stays exact.
    pub preallocate: bool,
    /// `max.message.bytes`: the largest batch; checked by whoever validates, kept here for reading it back.
    pub max_message_bytes: u32,
    /// `producer.id.expiration.ms`: a producer that was silent so long is forgotten.
    pub producer_id_expiry: Duration,
    /// `transaction.partition.verification.enable`: a transaction begins here only after its coordinator was asked.
    pub verifies_transactions: bool,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            segment_bytes: 1 << 30,
            segment_age: DAY * 7,
            segment_jitter: Duration::ZERO,
            index_interval_bytes: 4096,
            index_bytes_max: 10 << 20,
            retention_bytes: None,
            retention_age: Some(DAY * 7),
            delete_policy: true,
            compact_policy: false,
            dirty_ratio_min: 0.5,
            compaction_lag_min: Duration::ZERO,
            compaction_lag_max: None,
            delete_retention: DAY,
            timestamp_type: TimestampType::Create,
            flush_messages: None,
            flush_age: None,
            file_delete_delay: Duration::from_secs(60),
            preallocate: false,
            max_message_bytes: 1_048_588,
            producer_id_expiry: DAY,
            verifies_transactions: true,
        }
    }
}
