//! A topic's effective configuration in the forms that validation and the log want.
//!
//! The strongest layer wins: the topic's own values, this broker's dynamic ones, the cluster's, the file, Kafka's
//! default.

#[cfg(test)]
mod tests;

use std::{num::NonZeroU32, time::Duration};

use broker_config::{Compression, Layers, Texts, TopicConfig, Value};
use broker_log::LogConfig;
use broker_metadata::{ConfigResource, Image};
use broker_records::{
    Codec, TimestampType,
    validate::{TargetCompression, ValidationRules},
};
use broker_types::BrokerId;

use crate::throttles::ThrottledPartitions;

/// What one topic's partitions are told.
#[derive(Clone, Debug)]
pub(crate) struct TopicSettings {
    pub(crate) log: LogConfig,
    pub(crate) rules: ValidationRules,
    pub(crate) min_isr: NonZeroU32,
    /// Where this broker throttles what other replicas fetch from it.
    pub(crate) throttled_as_leader: ThrottledPartitions,
    /// Where it throttles what it fetches.
    pub(crate) throttled_as_follower: ThrottledPartitions,
}

/// The broker's own defaults of topics, from its properties.
#[derive(Clone, Debug)]
pub(crate) struct TopicDefaults {
    broker: BrokerId,
    file: Texts,
}

/// The dynamic values of brokers that hold for this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DynamicTexts {
    pub(crate) cluster: Texts,
    pub(crate) broker: Texts,
}

impl TopicDefaults {
    pub(crate) fn new(broker: BrokerId, file: Texts) -> Self {
        Self { broker, file }
    }

    /// The settings of a topic as an image has them.
    pub(crate) fn of_topic(&self, image: &Image, topic: &str) -> TopicSettings {
        let dynamic = self.dynamic(image);
        resolve(self.broker, &self.layers(&dynamic), &texts(image, &ConfigResource::topic(topic)))
    }

    /// The dynamic values of brokers in an image.
    pub(crate) fn dynamic(&self, image: &Image) -> DynamicTexts {
        DynamicTexts {
            cluster: texts(image, &ConfigResource::cluster()),
            broker: texts(image, &ConfigResource::broker(self.broker)),
        }
    }

    /// Every value that holds for this broker: the file's, with the dynamic ones of the cluster and its own over it.
    pub(crate) fn merged(&self, image: &Image) -> Texts {
        let DynamicTexts { cluster, broker } = self.dynamic(image);
        self.file.clone().into_iter().chain(cluster).chain(broker).collect()
    }

    /// Everything below a topic's own values.
    pub(crate) fn layers<'a>(&'a self, dynamic: &'a DynamicTexts) -> Layers<'a> {
        Layers { file: &self.file, cluster: &dynamic.cluster, broker: &dynamic.broker }
    }
}

/// The dynamic values of one resource.
pub(crate) fn texts(image: &Image, resource: &ConfigResource) -> Texts {
    let values = image.configs().of(resource).into_iter().flat_map(|values| values.iter());
    values.map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn resolve(broker: BrokerId, layers: &Layers<'_>, overrides: &Texts) -> TopicSettings {
    let config = TopicConfig::resolve(layers, overrides);
    let timestamp_type = match config.timestamp_type {
        broker_config::TimestampType::Create => TimestampType::Create,
        broker_config::TimestampType::LogAppend => TimestampType::LogAppend,
    };
    let defaults = LogConfig::default();
    let log = LogConfig {
        segment_bytes: config.segment_bytes,
        segment_age: config.segment_age,
        segment_jitter: config.segment_jitter,
        index_interval_bytes: config.index_interval_bytes,
        index_bytes_max: config.index_bytes_max,
        retention_bytes: config.retention_bytes,
        retention_age: config.retention_age,
        delete_policy: config.cleanup.deletes,
        compact_policy: config.cleanup.compacts,
        dirty_ratio_min: config.dirty_ratio_min,
        compaction_lag_min: config.compaction_lag_min,
        compaction_lag_max: config.compaction_lag_max,
        delete_retention: config.delete_retention,
        timestamp_type,
        flush_messages: config.flush_messages,
        flush_age: config.flush_age,
        file_delete_delay: config.file_delete_delay,
        preallocate: config.preallocate,
        max_message_bytes: config.message_bytes_max,
        producer_id_expiry: producer_id_expiry(layers).unwrap_or(defaults.producer_id_expiry),
        verifies_transactions: verifies_transactions(layers).unwrap_or(defaults.verifies_transactions),
    };
    let rules = ValidationRules {
        timestamp_type,
        before_max: config.timestamp_before_max,
        after_max: config.timestamp_after_max,
        requires_keys: log.compact_policy,
        batch_bytes_max: usize::try_from(log.max_message_bytes).unwrap_or(usize::MAX),
        compression: target(config.compression),
        ..ValidationRules::default()
    };
    TopicSettings {
        log,
        rules,
        min_isr: config.min_insync_replicas,
        throttled_as_leader: ThrottledPartitions::of(&config.leader_throttled_replicas, broker),
        throttled_as_follower: ThrottledPartitions::of(&config.follower_throttled_replicas, broker),
    }
}

fn target(compression: Compression) -> TargetCompression {
    match compression {
        Compression::Producer => TargetCompression::Producer,
        Compression::Uncompressed => TargetCompression::Codec(Codec::None, None),
        Compression::Gzip(level) => TargetCompression::Codec(Codec::Gzip, Some(level)),
        Compression::Snappy => TargetCompression::Codec(Codec::Snappy, None),
        Compression::Lz4(level) => TargetCompression::Codec(Codec::Lz4, Some(level)),
        Compression::Zstd(level) => TargetCompression::Codec(Codec::Zstd, Some(level)),
    }
}

/// A broker's key that has no counterpart at topics, but holds for each partition's log.
fn broker_value(layers: &Layers<'_>, key: &str) -> Option<Value> {
    let def = broker_config::broker::find(key)?;
    let set = layers.by_strength().into_iter().find_map(|(_, texts)| def.parse(texts.get(key)?).ok());
    set.or_else(|| def.default_value())
}

fn producer_id_expiry(layers: &Layers<'_>) -> Option<Duration> {
    let millis = broker_value(layers, "producer.id.expiration.ms")?.as_i64()?;
    u64::try_from(millis).ok().map(Duration::from_millis)
}

fn verifies_transactions(layers: &Layers<'_>) -> Option<bool> {
    match broker_value(layers, "transaction.partition.verification.enable")? {
        Value::Boolean(verifies) => Some(verifies),
        _ => None,
    }
}
