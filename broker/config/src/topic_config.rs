//! What holds for one topic.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use core::time::Duration;

use crate::layers::Texts;
use crate::topic::Unit;
use crate::{ConfigDef, InvalidValue, Layers, Source, Support, Value, topic};

/// What happens to old segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CleanupPolicy {
    /// Old segments are deleted by age and size.
    pub deletes: bool,
    /// Records are kept by their keys' last value.
    pub compacts: bool,
}

/// Whose time records carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimestampType {
    /// The producer's.
    Create,
    /// The leader's at append.
    LogAppend,
}

/// How the log is compressed; levels are Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// As producers sent it.
    Producer,
    /// Not at all.
    Uncompressed,
    /// By gzip at a level.
    Gzip(i32),
    /// By snappy.
    Snappy,
    /// By lz4 at a level.
    Lz4(i32),
    /// By zstd at a level.
    Zstd(i32),
}

/// The configuration of one topic at one moment. `None` means without limit, unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicConfig {
    /// Size at which a segment is rolled.
    pub segment_bytes: u32,
    /// Age at which a segment is rolled.
    pub segment_age: Duration,
    /// By how much that age varies.
    pub segment_jitter: Duration,
    /// Bytes of records between two index entries.
    pub index_interval_bytes: u32,
    /// Size of the offset index.
    pub index_bytes_max: u32,
    /// Size of a partition above which segments are deleted.
    pub retention_bytes: Option<u64>,
    /// Age above which segments are deleted.
    pub retention_age: Option<Duration>,
    /// What happens to old segments.
    pub cleanup: CleanupPolicy,
    /// The largest batch.
    pub message_bytes_max: u32,
    /// Whose time records carry.
    pub timestamp_type: TimestampType,
    /// How far before the broker's clock a timestamp may lie.
    pub timestamp_before_max: Option<Duration>,
    /// How far after the broker's clock a timestamp may lie.
    pub timestamp_after_max: Option<Duration>,
    /// Replicas that acks=all needs.
    pub min_insync_replicas: NonZeroU32,
    /// Records after which the log is flushed; `None`: never by their number.
    pub flush_messages: Option<u64>,
    /// Time after which the log is flushed; `None`: never by time.
    pub flush_age: Option<Duration>,
    /// How the log is compressed.
    pub compression: Compression,
    /// Time between a segment's removal and that of its files.
    pub file_delete_delay: Duration,
    /// Whether a segment's space is taken at once.
    pub preallocate: bool,
    /// Whether a replica out of sync may lead.
    pub unclean_leader_election: bool,
    /// Time that tombstones stay.
    pub delete_retention: Duration,
    /// Time that a record stays uncompacted at least.
    pub compaction_lag_min: Duration,
    /// Time after which a record is compacted at the latest.
    pub compaction_lag_max: Option<Duration>,
    /// Part of the log that must be uncompacted before it is compacted.
    pub dirty_ratio_min: f64,
    /// Throttled replicas, leader's side: `*` or `partition:broker`.
    pub leader_throttled_replicas: Vec<String>,
    /// Throttled replicas, follower's side: `*` or `partition:broker`.
    pub follower_throttled_replicas: Vec<String>,
}

/// A topic's configuration that is not accepted; INVALID_CONFIG.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTopicConfig {
    /// No such key.
    #[error("Unknown topic config name: {0}")]
    Unknown(String),
    /// A value is wrong.
    #[error("{0}")]
    Value(#[from] InvalidValue),
    /// The smallest compaction lag is larger than the largest.
    #[error("conflict topic config setting min.compaction.lag.ms ({min}) > max.compaction.lag.ms ({max})")]
    CompactionLags {
        /// Milliseconds.
        min: i64,
        /// Milliseconds.
        max: i64,
    },
    /// The value means something that is not built.
    #[error("Invalid value {value} for configuration {name}: {reason}")]
    NotBuilt {
        /// The key.
        name: &'static str,
        /// What it was given.
        value: String,
        /// Why it is refused.
        reason: &'static str,
    },
}

/// The value of a topic's key and where it comes from; `None`: null. A value that cannot be read (set by an
/// earlier version, perhaps) counts as not set.
pub(crate) fn effective(
    def: &'static ConfigDef,
    layers: &Layers<'_>,
    overrides: &Texts,
) -> (Source, Option<Value>) {
    if let Some(Ok(value)) = overrides.get(def.name).map(|text| def.parse(text)) {
        return (Source::DynamicTopic, Some(value));
    }
    for (source, texts) in layers.by_strength() {
        for (name, unit) in topic::broker_names(def.name) {
            if let Some(value) = texts.get(*name).and_then(|text| converted(def, text, *unit)) {
                return (source, Some(value));
            }
        }
    }
    (Source::Default, def.default_value())
}

fn converted(def: &ConfigDef, text: &str, unit: Unit) -> Option<Value> {
    let factor = match unit {
        Unit::Same => return def.parse(text).ok(),
        Unit::Minutes => 60_000,
        Unit::Hours => 3_600_000,
    };
    let number: i64 = crate::value::trim(text).parse().ok()?;
    Some(Value::Long(if number < 0 { -1 } else { number.saturating_mul(factor) }))
}

/// Checks one value of a topic.
///
/// # Errors
/// When there is no such key, or it does not take the value.
pub fn validate_topic(name: &str, value: &str) -> Result<(), InvalidTopicConfig> {
    let def = topic::find(name).ok_or_else(|| InvalidTopicConfig::Unknown(name.to_owned()))?;
    let parsed = def.parse(value)?;
    match def.support {
        Support::OnlyDefault(reason) if Some(&parsed) != def.default_value().as_ref() => {
            Err(InvalidTopicConfig::NotBuilt { name: def.name, value: parsed.text(), reason })
        }
        _ => Ok(()),
    }
}

impl TopicConfig {
    /// What holds for a topic with these overrides on a broker with these layers.
    #[must_use]
    pub fn resolve(layers: &Layers<'_>, overrides: &Texts) -> Self {
        let resolver = Resolver { layers, overrides };
        let items = resolver.list("cleanup.policy");
        let level = |name| i32::try_from(resolver.number(name)).unwrap_or(0);
        let compression = match resolver.text("compression.type").as_str() {
            "uncompressed" => Compression::Uncompressed,
            "gzip" => Compression::Gzip(level("compression.gzip.level")),
            "snappy" => Compression::Snappy,
            "lz4" => Compression::Lz4(level("compression.lz4.level")),
            "zstd" => Compression::Zstd(level("compression.zstd.level")),
            _ => Compression::Producer,
        };
        let is_append = resolver.text("message.timestamp.type") == "LogAppendTime";
        // For tests: a size below the limit.
        let segment_bytes = match resolver.size("internal.segment.bytes") {
            Some(bytes) => u32::try_from(bytes).unwrap_or(u32::MAX),
            None => resolver.count("segment.bytes"),
        };
        Self {
            segment_bytes,
            segment_age: resolver.duration("segment.ms"),
            segment_jitter: resolver.duration("segment.jitter.ms"),
            index_interval_bytes: resolver.count("index.interval.bytes"),
            index_bytes_max: resolver.count("segment.index.bytes"),
            retention_bytes: resolver.size("retention.bytes"),
            retention_age: resolver.size("retention.ms").map(Duration::from_millis),
            cleanup: CleanupPolicy {
                deletes: items.iter().any(|item| item == "delete"),
                compacts: items.iter().any(|item| item == "compact"),
            },
            message_bytes_max: resolver.count("max.message.bytes"),
            timestamp_type: if is_append { TimestampType::LogAppend } else { TimestampType::Create },
            timestamp_before_max: resolver
                .limit("message.timestamp.before.max.ms")
                .map(Duration::from_millis),
            timestamp_after_max: resolver.limit("message.timestamp.after.max.ms").map(Duration::from_millis),
            min_insync_replicas: NonZeroU32::new(resolver.count("min.insync.replicas"))
                .unwrap_or(NonZeroU32::MIN),
            flush_messages: resolver.limit("flush.messages"),
            flush_age: resolver.limit("flush.ms").map(Duration::from_millis),
            compression,
            file_delete_delay: resolver.duration("file.delete.delay.ms"),
            preallocate: resolver.is_on("preallocate"),
            unclean_leader_election: resolver.is_on("unclean.leader.election.enable"),
            delete_retention: resolver.duration("delete.retention.ms"),
            compaction_lag_min: resolver.duration("min.compaction.lag.ms"),
            compaction_lag_max: resolver.limit("max.compaction.lag.ms").map(Duration::from_millis),
            dirty_ratio_min: resolver.double("min.cleanable.dirty.ratio"),
            leader_throttled_replicas: resolver.list("leader.replication.throttled.replicas"),
            follower_throttled_replicas: resolver.list("follower.replication.throttled.replicas"),
        }
    }

    /// Checks a topic's overrides as a whole, against what holds for the rest.
    ///
    /// # Errors
    /// The first that Kafka would name: an unknown key, then a wrong value, then values that contradict each other.
    pub fn validate(layers: &Layers<'_>, overrides: &Texts) -> Result<(), InvalidTopicConfig> {
        if let Some(name) = overrides.keys().find(|name| topic::find(name).is_none()) {
            return Err(InvalidTopicConfig::Unknown(name.clone()));
        }
        for (name, value) in overrides {
            validate_topic(name, value)?;
        }
        let resolver = Resolver { layers, overrides };
        let (min, max) = (resolver.number("min.compaction.lag.ms"), resolver.number("max.compaction.lag.ms"));
        if min > max { Err(InvalidTopicConfig::CompactionLags { min, max }) } else { Ok(()) }
    }
}

struct Resolver<'a> {
    layers: &'a Layers<'a>,
    overrides: &'a Texts,
}

impl Resolver<'_> {
    fn get(&self, name: &str) -> Option<Value> {
        let def = topic::find(name)?;
        effective(def, self.layers, self.overrides).1
    }

    fn number(&self, name: &str) -> i64 {
        self.get(name).and_then(|value| value.as_i64()).unwrap_or(0)
    }

    /// `None` for negative numbers.
    fn size(&self, name: &str) -> Option<u64> {
        self.get(name).and_then(|value| value.as_i64()).and_then(|number| u64::try_from(number).ok())
    }

    /// `None` for the largest number, by which Kafka says "without limit".
    fn limit(&self, name: &str) -> Option<u64> {
        self.size(name).filter(|size| *size != i64::MAX.unsigned_abs())
    }

    fn count(&self, name: &str) -> u32 {
        self.size(name).map_or(0, |size| u32::try_from(size).unwrap_or(u32::MAX))
    }

    fn duration(&self, name: &str) -> Duration {
        self.size(name).map(Duration::from_millis).unwrap_or_default()
    }

    fn double(&self, name: &str) -> f64 {
        match self.get(name) {
            Some(Value::Double(number)) => number,
            _ => 0.0,
        }
    }

    fn is_on(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Boolean(true)))
    }

    fn text(&self, name: &str) -> String {
        self.get(name).map(|value| value.text()).unwrap_or_default()
    }

    fn list(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(Value::List(items)) => items,
            _ => Vec::new(),
        }
    }
}
