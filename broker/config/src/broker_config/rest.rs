//! Replication, groups, transactions and quotas.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use crate::Values;

/// Who chooses the replica that a consumer reads from (KIP-392).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplicaSelector {
    /// Everybody reads from the leader.
    Leader,
    /// Kafka's `RackAwareReplicaSelector`: from an in-sync replica in the consumer's own rack, where there is one.
    RackAware,
}

impl ReplicaSelector {
    /// By the name of Kafka's class; `None` for another one.
    pub(super) fn of_class(class: &str) -> Option<Self> {
        match class {
            "" | "org.apache.kafka.common.replica.LeaderSelector" => Some(Self::Leader),
            "org.apache.kafka.common.replica.RackAwareReplicaSelector" => Some(Self::RackAware),
            _ => None,
        }
    }
}

/// Replicas and leadership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replication {
    /// Time without having caught up after which a replica leaves the in-sync set.
    pub lag_time_max: Duration,
    /// Bytes that a leader gathers for a follower.
    pub fetch_bytes_min: usize,
    /// Longest wait of a follower's fetch.
    pub fetch_wait_max: Duration,
    /// Bytes that a follower asks for each partition.
    pub fetch_partition_bytes_max: usize,
    /// Bytes that a follower asks for in one fetch.
    pub fetch_response_bytes_max: usize,
    /// Pause after an error of a partition.
    pub fetch_backoff: Duration,
    /// When a fetcher's request counts as failed.
    pub socket_timeout: Duration,
    /// Receive buffer of a fetcher's socket; `None`: the system's.
    pub receive_buffer_bytes: Option<u64>,
    /// Who chooses the replica that a consumer reads from.
    pub selector: ReplicaSelector,
    /// Replicas that are moved between log directories at once; `None`: as many as there are directories.
    pub alter_log_dirs_threads: Option<usize>,
    /// Fetchers for each broker.
    pub fetchers: usize,
    /// Time between two writes of high watermarks.
    pub high_watermark_interval: Duration,
    /// Whether leadership goes back to preferred replicas by itself.
    pub auto_rebalance: bool,
    /// Time between two looks for that.
    pub imbalance_check_interval: Duration,
    /// Time between two looks for partitions that need an unclean election.
    pub unclean_election_interval: Duration,
    /// Whether a stopping broker hands its leaderships over.
    pub controlled_shutdown: bool,
    /// Requests after which waiting fetches are swept.
    pub fetch_purge_interval: usize,
    /// Requests after which waiting produce requests are swept.
    pub produce_purge_interval: usize,
    /// Requests after which waiting DeleteRecords requests are swept.
    pub delete_records_purge_interval: usize,
}

/// A topic that the brokers keep for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InternalTopic {
    /// How many partitions it is created with.
    pub partitions: i32,
    /// How many replicas it is created with.
    pub replication_factor: i16,
    /// Segment size.
    pub segment_bytes: u32,
    /// Bytes read at once when it is loaded.
    pub load_buffer_bytes: usize,
}

/// Groups and offsets. Further keys are in [`Values`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups {
    /// `__consumer_offsets`.
    pub offsets_topic: InternalTopic,
    /// Smallest session timeout of a classic group.
    pub session_timeout_min: Duration,
    /// Largest session timeout of a classic group.
    pub session_timeout_max: Duration,
    /// How long a new classic group waits for members.
    pub initial_rebalance_delay: Duration,
    /// Most members of a classic group.
    pub size_max: usize,
    /// Largest note committed with an offset.
    pub offset_metadata_bytes_max: usize,
    /// How long a commit waits for its replicas.
    pub commit_timeout: Duration,
    /// How long offsets outlive their use.
    pub offsets_retention: Duration,
    /// Time between two looks for expired offsets.
    pub offsets_retention_check_interval: Duration,
    /// The number of the codec in which the coordinator writes.
    pub offsets_codec: u8,
    /// Group protocols that are on.
    pub protocols: Vec<String>,
    /// KIP-848 groups.
    pub consumer: ConsumerGroups,
}

/// KIP-848 groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerGroups {
    /// Time without a heartbeat after which a member is removed.
    pub session_timeout: Duration,
    /// How often members come.
    pub heartbeat_interval: Duration,
    /// Most members.
    pub size_max: usize,
    /// Names of assignors, the default first.
    pub assignors: Vec<String>,
    /// Which way groups may change their type while they have members.
    pub migration_policy: String,
    /// How often patterns are matched anew.
    pub regex_refresh_interval: Duration,
    /// How much time lies between two assignments of a group at least.
    pub assignment_interval: Duration,
}

/// Transactions and producers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transactions {
    /// `__transaction_state`.
    pub state_topic: InternalTopic,
    /// In-sync replicas that the state topic needs.
    pub state_min_insync_replicas: u32,
    /// Largest timeout of a transaction.
    pub timeout_max: Duration,
    /// Idle time after which a transactional id is forgotten.
    pub transactional_id_expiration: Duration,
    /// Idle time after which a partition forgets a producer.
    pub producer_id_expiration: Duration,
    /// Time between two looks for expired producers.
    pub producer_id_expiration_check_interval: Duration,
    /// Time between two looks for transactions that timed out.
    pub abort_check_interval: Duration,
    /// Time between two looks for expired transactional ids.
    pub remove_check_interval: Duration,
    /// Whether leaders ask the coordinator before they append.
    pub verifies_partitions: bool,
    /// How long a leader tries to take a partition into a transaction whose predecessor is being ended.
    pub add_retry_max: Duration,
    /// The pause between two tries.
    pub add_retry_pause: Duration,
}

/// The windows in which one kind of rate is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaWindows {
    /// How many are kept.
    pub count: usize,
    /// How long each is.
    pub length: Duration,
}

/// Quotas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Of clients.
    pub clients: QuotaWindows,
    /// Of replication.
    pub replication: QuotaWindows,
    /// Of moves between log directories.
    pub log_dirs: QuotaWindows,
    /// Of changes of topics.
    pub controller: QuotaWindows,
}

/// Names the class that chooses the replica that a consumer reads from.
pub(super) const SELECTOR: &str = "replica.selector.class";

pub(super) fn replication(values: &Values) -> Replication {
    Replication {
        lag_time_max: values.duration("replica.lag.time.max.ms"),
        fetch_bytes_min: values.count("replica.fetch.min.bytes"),
        fetch_wait_max: values.duration("replica.fetch.wait.max.ms"),
        fetch_partition_bytes_max: values.count("replica.fetch.max.bytes"),
        fetch_response_bytes_max: values.count("replica.fetch.response.max.bytes"),
        fetch_backoff: values.duration("replica.fetch.backoff.ms"),
        socket_timeout: values.duration("replica.socket.timeout.ms"),
        receive_buffer_bytes: values.size("replica.socket.receive.buffer.bytes"),
        alter_log_dirs_threads: values
            .size("num.replica.alter.log.dirs.threads")
            .and_then(|count| usize::try_from(count).ok()),
        selector: ReplicaSelector::of_class(values.text(SELECTOR).unwrap_or_default())
            .unwrap_or(ReplicaSelector::Leader),
        fetchers: values.count("num.replica.fetchers"),
        high_watermark_interval: values.duration("replica.high.watermark.checkpoint.interval.ms"),
        auto_rebalance: values.is_on("auto.leader.rebalance.enable"),
        imbalance_check_interval: seconds(values, "leader.imbalance.check.interval.seconds"),
        unclean_election_interval: values.duration("unclean.leader.election.interval.ms"),
        controlled_shutdown: values.is_on("controlled.shutdown.enable"),
        fetch_purge_interval: values.count("fetch.purgatory.purge.interval.requests"),
        produce_purge_interval: values.count("producer.purgatory.purge.interval.requests"),
        delete_records_purge_interval: values.count("delete.records.purgatory.purge.interval.requests"),
    }
}

pub(super) fn groups(values: &Values) -> Groups {
    let minutes = values.size("offsets.retention.minutes").unwrap_or(0);
    Groups {
        offsets_topic: InternalTopic {
            partitions: partitions(values, "offsets.topic.num.partitions"),
            replication_factor: factor(values, "offsets.topic.replication.factor"),
            segment_bytes: values.count_u32("offsets.topic.segment.bytes"),
            load_buffer_bytes: values.count("offsets.load.buffer.size"),
        },
        session_timeout_min: values.duration("group.min.session.timeout.ms"),
        session_timeout_max: values.duration("group.max.session.timeout.ms"),
        initial_rebalance_delay: values.duration("group.initial.rebalance.delay.ms"),
        size_max: values.count("group.max.size"),
        offset_metadata_bytes_max: values.count("offset.metadata.max.bytes"),
        commit_timeout: values.duration("offsets.commit.timeout.ms"),
        offsets_retention: Duration::from_secs(minutes.saturating_mul(60)),
        offsets_retention_check_interval: values.duration("offsets.retention.check.interval.ms"),
        offsets_codec: u8::try_from(values.number("offsets.topic.compression.codec")).unwrap_or(0),
        protocols: values.list("group.coordinator.rebalance.protocols").to_vec(),
        consumer: ConsumerGroups {
            session_timeout: values.duration("group.consumer.session.timeout.ms"),
            heartbeat_interval: values.duration("group.consumer.heartbeat.interval.ms"),
            size_max: values.count("group.consumer.max.size"),
            assignors: values.list("group.consumer.assignors").to_vec(),
            migration_policy: String::from(
                values.text("group.consumer.migration.policy").unwrap_or_default(),
            ),
            regex_refresh_interval: values.duration("group.consumer.regex.refresh.interval.ms"),
            assignment_interval: values.duration("group.consumer.assignment.interval.ms"),
        },
    }
}

pub(super) fn transactions(values: &Values) -> Transactions {
    Transactions {
        state_topic: InternalTopic {
            partitions: partitions(values, "transaction.state.log.num.partitions"),
            replication_factor: factor(values, "transaction.state.log.replication.factor"),
            segment_bytes: values.count_u32("transaction.state.log.segment.bytes"),
            load_buffer_bytes: values.count("transaction.state.log.load.buffer.size"),
        },
        state_min_insync_replicas: values.count_u32("transaction.state.log.min.isr"),
        timeout_max: values.duration("transaction.max.timeout.ms"),
        transactional_id_expiration: values.duration("transactional.id.expiration.ms"),
        producer_id_expiration: values.duration("producer.id.expiration.ms"),
        producer_id_expiration_check_interval: values.duration("producer.id.expiration.check.interval.ms"),
        abort_check_interval: values.duration("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
        remove_check_interval: values.duration("transaction.remove.expired.transaction.cleanup.interval.ms"),
        add_retry_max: values.duration("add.partitions.to.txn.retry.backoff.max.ms"),
        add_retry_pause: values.duration("add.partitions.to.txn.retry.backoff.ms"),
        verifies_partitions: values.is_on("transaction.partition.verification.enable"),
    }
}

pub(super) fn quotas(values: &Values) -> Quotas {
    let windows =
        |count, length| QuotaWindows { count: values.count(count), length: seconds(values, length) };
    Quotas {
        clients: windows("quota.window.num", "quota.window.size.seconds"),
        replication: windows("replication.quota.window.num", "replication.quota.window.size.seconds"),
        log_dirs: windows(
            "alter.log.dirs.replication.quota.window.num",
            "alter.log.dirs.replication.quota.window.size.seconds",
        ),
        controller: windows("controller.quota.window.num", "controller.quota.window.size.seconds"),
    }
}

fn seconds(values: &Values, name: &str) -> Duration {
    Duration::from_secs(values.size(name).unwrap_or(0))
}

fn partitions(values: &Values, name: &str) -> i32 {
    i32::try_from(values.number(name)).unwrap_or(i32::MAX)
}

fn factor(values: &Values, name: &str) -> i16 {
    i16::try_from(values.number(name)).unwrap_or(i16::MAX)
}
