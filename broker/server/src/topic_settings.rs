//! A topic's effective configuration in the forms that validation and the log want.

use std::{collections::BTreeMap, time::Duration};

use broker_log::LogConfig;
use broker_metadata::{ConfigResource, Image};
use broker_records::{
    Codec, TimestampType,
    validate::{TargetCompression, ValidationRules},
};
use broker_types::BrokerId;

/// What one topic's partitions are told.
#[derive(Clone, Debug, Default)]
pub(crate) struct TopicSettings {
    pub(crate) log: LogConfig,
    pub(crate) rules: ValidationRules,
}

/// Topic keys and the broker keys that give their defaults, strongest first.
const SYNONYMS: &[(&str, &[&str])] = &[
    ("cleanup.policy", &["log.cleanup.policy"]),
    ("compression.type", &["compression.type"]),
    ("file.delete.delay.ms", &["log.segment.delete.delay.ms"]),
    ("flush.messages", &["log.flush.interval.messages"]),
    ("flush.ms", &["log.flush.interval.ms", "log.flush.scheduler.interval.ms"]),
    ("index.interval.bytes", &["log.index.interval.bytes"]),
    ("max.message.bytes", &["message.max.bytes"]),
    ("message.timestamp.type", &["log.message.timestamp.type"]),
    ("message.timestamp.before.max.ms", &["log.message.timestamp.before.max.ms"]),
    ("message.timestamp.after.max.ms", &["log.message.timestamp.after.max.ms"]),
    ("preallocate", &["log.preallocate"]),
    ("retention.bytes", &["log.retention.bytes"]),
    ("retention.ms", &["log.retention.ms"]),
    ("segment.bytes", &["log.segment.bytes"]),
    ("segment.index.bytes", &["log.index.size.max.bytes"]),
    ("segment.jitter.ms", &["log.roll.jitter.ms"]),
    ("segment.ms", &["log.roll.ms"]),
];

/// The broker's own defaults of topics, from its properties.
#[derive(Clone, Debug)]
pub(crate) struct TopicDefaults {
    broker: BrokerId,
    properties: BTreeMap<String, String>,
}

impl TopicDefaults {
    pub(crate) fn new(broker: BrokerId, properties: BTreeMap<String, String>) -> Self {
        Self { broker, properties }
    }

    /// The settings of a topic as an image has them.
    pub(crate) fn of_topic(&self, image: &Image, topic: &str) -> TopicSettings {
        let configs = image.configs();
        let topic = ConfigResource::topic(topic);
        let (own, cluster) = (ConfigResource::broker(self.broker), ConfigResource::cluster());
        self.resolve(|key, synonyms| {
            let dynamic = |resource: &ConfigResource| {
                synonyms.iter().find_map(|synonym| configs.get(resource, synonym)).map(ToString::to_string)
            };
            configs
                .get(&topic, key)
                .map(ToString::to_string)
                .or_else(|| dynamic(&own))
                .or_else(|| dynamic(&cluster))
        })
    }

    fn resolve(&self, dynamic: impl Fn(&str, &[&str]) -> Option<String>) -> TopicSettings {
        let text = |key: &str| {
            let synonyms =
                SYNONYMS.iter().find(|(topic_key, _)| *topic_key == key).map_or(&[][..], |(_, all)| all);
            dynamic(key, synonyms)
                .or_else(|| synonyms.iter().find_map(|synonym| self.properties.get(*synonym).cloned()))
        };
        let number = |key: &str| text(key).and_then(|text| text.trim().parse::<i64>().ok());
        let millis = |key: &str, default: i64| number(key).unwrap_or(default);
        let bounded = |value: i64| u64::try_from(value).ok().filter(|value| *value < i64::MAX as u64);
        let defaults = LogConfig::default();
        let policy = text("cleanup.policy").unwrap_or_else(|| "delete".to_owned());
        let has_policy = |wanted: &str| policy.split(',').any(|one| one.trim() == wanted);
        let timestamp_type = match text("message.timestamp.type").as_deref() {
            Some("LogAppendTime") => TimestampType::LogAppend,
            _ => TimestampType::Create,
        };
        let u32_of =
            |key: &str, default: u32| number(key).and_then(|n| u32::try_from(n).ok()).unwrap_or(default);
        let log = LogConfig {
            segment_bytes: u32_of("segment.bytes", defaults.segment_bytes),
            segment_age: duration(millis("segment.ms", self.age("log.roll.hours", 168))),
            segment_jitter: duration(millis("segment.jitter.ms", self.age("log.roll.jitter.hours", 0))),
            index_interval_bytes: u32_of("index.interval.bytes", defaults.index_interval_bytes),
            index_bytes_max: u32_of("segment.index.bytes", defaults.index_bytes_max),
            retention_bytes: number("retention.bytes").and_then(|bytes| u64::try_from(bytes).ok()),
            retention_age: u64::try_from(millis("retention.ms", self.retention()))
                .ok()
                .map(Duration::from_millis),
            delete_policy: has_policy("delete"),
            compact_policy: has_policy("compact"),
            timestamp_type,
            flush_messages: number("flush.messages").and_then(bounded),
            flush_age: number("flush.ms").and_then(bounded).map(Duration::from_millis),
            file_delete_delay: duration(millis("file.delete.delay.ms", 60_000)),
            preallocate: text("preallocate").as_deref() == Some("true"),
            max_message_bytes: u32_of("max.message.bytes", defaults.max_message_bytes),
            ..defaults
        };
        let compression = match text("compression.type").as_deref() {
            None | Some("producer") => TargetCompression::Producer,
            Some("uncompressed") => TargetCompression::Codec(Codec::None, None),
            Some(name) => Codec::from_name(name)
                .map_or(TargetCompression::Producer, |codec| TargetCompression::Codec(codec, None)),
        };
        let limit =
            |key: &str, default: Option<u64>| number(key).map_or(default, bounded).map(Duration::from_millis);
        let rules = ValidationRules {
            timestamp_type,
            before_max: limit("message.timestamp.before.max.ms", None),
            after_max: limit("message.timestamp.after.max.ms", Some(3_600_000)),
            requires_keys: log.compact_policy,
            batch_bytes_max: log.max_message_bytes as usize,
            compression,
            ..ValidationRules::default()
        };
        TopicSettings { log, rules }
    }

    /// `log.retention.ms` is looked up already; then minutes, then hours.
    fn retention(&self) -> i64 {
        let number = |key: &str| self.properties.get(key).and_then(|text| text.trim().parse::<i64>().ok());
        match (number("log.retention.minutes"), number("log.retention.hours")) {
            (Some(minutes), _) => minutes.saturating_mul(60_000),
            (None, hours) => hours.unwrap_or(168).saturating_mul(3_600_000),
        }
    }

    fn age(&self, hours_key: &str, default: i64) -> i64 {
        let hours = self.properties.get(hours_key).and_then(|text| text.trim().parse::<i64>().ok());
        hours.unwrap_or(default).saturating_mul(3_600_000)
    }
}

fn duration(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}
