//! The topics that brokers keep for themselves: how they are made when somebody first needs one.

use broker_config::InternalTopic;
use broker_protocol::Str;

use crate::{auto_create::Wanted, broker::Broker, groups::OFFSETS_TOPIC, transactions::TRANSACTION_TOPIC};

/// The topic of groups and offsets, as Kafka makes it: the newest value of each key is kept, batches stay as the
/// coordinator compresses them, and segments are small enough to be read soon.
pub(crate) fn offsets_topic(broker: &Broker) -> Wanted {
    let topic = broker.settings().config.groups.offsets_topic;
    compacted(OFFSETS_TOPIC, "producer", &topic)
}

/// The topic of transactional ids, as Kafka makes it: nothing that was decided may be lost, so it wants replicas in sync
/// and no other leaders, whatever the cluster's defaults are.
pub(crate) fn transaction_topic(broker: &Broker) -> Wanted {
    let transactions = &broker.settings().config.transactions;
    let mut wanted = compacted(TRANSACTION_TOPIC, "uncompressed", &transactions.state_topic);
    wanted.configs.extend([
        config("min.insync.replicas", &transactions.state_min_insync_replicas.to_string()),
        config("unclean.leader.election.enable", "false"),
    ]);
    wanted
}

/// An internal topic by its name; `None`: it is not one that is made.
pub(crate) fn named(broker: &Broker, name: &str) -> Option<Wanted> {
    match name {
        OFFSETS_TOPIC => Some(offsets_topic(broker)),
        TRANSACTION_TOPIC => Some(transaction_topic(broker)),
        _ => None,
    }
}

fn compacted(name: &'static str, compression: &str, topic: &InternalTopic) -> Wanted {
    Wanted {
        name: Str::from_static(name),
        partitions: Some(topic.partitions),
        replication_factor: Some(topic.replication_factor),
        configs: vec![
            config("cleanup.policy", "compact"),
            config("compression.type", compression),
            config("segment.bytes", &topic.segment_bytes.to_string()),
        ],
    }
}

fn config(key: &'static str, value: &str) -> (Str, Str) {
    (Str::from_static(key), Str::from(value))
}
