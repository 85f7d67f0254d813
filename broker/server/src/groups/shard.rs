//! A shard of groups in a partition of `__consumer_offsets`.

use std::sync::Arc;

use broker_group::{
    Encoded, EndTransaction, GroupCoordinator, GroupRecord, MigrationPolicy, Producer, Settings,
    TransactionResult,
};
use broker_protocol::Str;
use broker_records::Codec;
use broker_types::PartitionId;

use super::{Lookup, OFFSETS_TOPIC};
use crate::{
    broker::Broker,
    coordinators::{Entry, Hosted, Keeping, Marker, Unencodable, Unreadable},
};

impl Hosted for GroupCoordinator {
    const TOPIC: &'static str = OFFSETS_TOPIC;

    fn make(broker: &Broker, partition: PartitionId) -> Self {
        Self::new(settings(broker), Arc::new(Lookup::new(broker)), seed(broker, partition))
    }

    fn keeping(broker: &Broker) -> Keeping {
        let groups = &broker.settings().config.groups;
        Keeping {
            codec: Codec::from_id(groups.offsets_codec).unwrap_or_default(),
            commit_timeout: groups.commit_timeout,
            load_bytes: u32::try_from(groups.offsets_topic.load_buffer_bytes).unwrap_or(u32::MAX),
        }
    }

    fn encode(record: &GroupRecord) -> Result<Entry, Unencodable> {
        match record.encode().map_err(|error| Unencodable(error.to_string()))? {
            Encoded::Entry { key, value, producer } => {
                let producer = producer.map(|producer| (producer.id, producer.epoch));
                Ok(Entry::Data { producer, key: Some(key), value })
            }
            Encoded::Marker(end) => Ok(Entry::Marker(Marker {
                producer: (end.producer.id, end.producer.epoch),
                is_commit: end.result == TransactionResult::Commit,
                coordinator_epoch: end.coordinator_epoch,
            })),
        }
    }

    fn decode(entry: Entry) -> Result<Option<GroupRecord>, Unreadable> {
        match entry {
            Entry::Data { producer, key, value } => {
                let producer = producer.map(|(id, epoch)| Producer { id, epoch });
                GroupRecord::decode(key, value, producer).map_err(|error| Unreadable(error.to_string()))
            }
            Entry::Marker(Marker { producer: (id, epoch), is_commit, coordinator_epoch }) => {
                let result = if is_commit { TransactionResult::Commit } else { TransactionResult::Abort };
                let producer = Producer { id, epoch };
                Ok(Some(GroupRecord::End(EndTransaction { producer, coordinator_epoch, result })))
            }
        }
    }
}

/// What the broker's configuration says of groups.
fn settings(broker: &Broker) -> Settings {
    let groups = &broker.settings().config.groups;
    Settings {
        session_timeout_min: groups.session_timeout_min,
        session_timeout_max: groups.session_timeout_max,
        initial_rebalance_delay: groups.initial_rebalance_delay,
        group_size_max: groups.size_max,
        offset_metadata_bytes_max: groups.offset_metadata_bytes_max,
        offsets_retention: groups.offsets_retention,
        offsets_retention_check_interval: groups.offsets_retention_check_interval,
        consumer_session_timeout: groups.consumer.session_timeout,
        consumer_heartbeat_interval: groups.consumer.heartbeat_interval,
        consumer_group_size_max: groups.consumer.size_max,
        consumer_assignors: groups.consumer.assignors.iter().map(|name| Str::from(name.as_str())).collect(),
        migration: migration(&groups.consumer.migration_policy),
        regex_refresh_interval: groups.consumer.regex_refresh_interval,
        consumer_assignment_interval: groups.consumer.assignment_interval,
        ..Settings::default()
    }
}

fn migration(policy: &str) -> MigrationPolicy {
    match policy.to_ascii_lowercase().as_str() {
        "disabled" => MigrationPolicy::Disabled,
        "upgrade" => MigrationPolicy::Upgrade,
        "downgrade" => MigrationPolicy::Downgrade,
        _ => MigrationPolicy::Bidirectional,
    }
}

/// Member ids must differ between lives and between shards; they are no secret.
fn seed(broker: &Broker, partition: PartitionId) -> [u64; 4] {
    let now = broker.clock().now();
    let node = u64::from(broker.id().get().unsigned_abs());
    let partition = u64::from(partition.get().unsigned_abs());
    let life = broker.broker_epoch().map_or(0, |epoch| epoch.get().unsigned_abs());
    [now.wall.as_millis().unsigned_abs(), now.mono.as_micros(), life, node << 32 | partition]
}
