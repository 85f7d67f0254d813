//! The topics that brokers keep for themselves: how they are made when somebody first needs one.

use broker_config::InternalTopic;
use broker_protocol::Str;

use crate::{auto_create::Wanted, broker::Broker, groups::OFFSETS_TOPIC};

/// The topic of groups and offsets, as Kafka makes it: the newest value of each key is kept, batches stay as the
/// coordinator compresses them, and segments are small enough to be read soon.
pub(crate) fn offsets_topic(broker: &Broker) -> Wanted {
    let topic = broker.settings().config.groups.offsets_topic;
    compacted(OFFSETS_TOPIC, &topic)
}

/// An internal topic by its name; `None`: it is not one that is made.
pub(crate) fn named(broker: &Broker, name: &str) -> Option<Wanted> {
    (name == OFFSETS_TOPIC).then(|| offsets_topic(broker))
}

fn compacted(name: &'static str, topic: &InternalTopic) -> Wanted {
    let config = |key: &'static str, value: &str| (Str::from_static(key), Str::from(value));
    Wanted {
        name: Str::from_static(name),
        partitions: Some(topic.partitions),
        replication_factor: Some(topic.replication_factor),
        configs: vec![
            config("cleanup.policy", "compact"),
            config("compression.type", "producer"),
            config("segment.bytes", &topic.segment_bytes.to_string()),
        ],
    }
}
