//! What the controller is told when it is made.

use alloc::vec::Vec;
use core::time::Duration;

use broker_metadata::{FeatureRange, MetadataVersion};
use broker_protocol::{Str, records::metadata::MetadataRecord};
use broker_sasl::TokenKey;
use broker_types::{BrokerId, ClusterId, IncarnationId};

use crate::{
    bootstrap::{FirstFeatures, GROUP_VERSION, TRANSACTION_FEATURE, TRANSACTION_LEVEL},
    leadership::ELR_FEATURE,
};

/// Settings of a controller, from its node's static configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The node that it runs on.
    pub node: BrokerId,
    /// The life of its process, which its broker registers: only that proves that the node's former life is over. `None`
    /// takes every registration of the node for its own.
    pub incarnation: Option<IncarnationId>,
    /// The cluster.
    pub cluster: ClusterId,
    /// Partitions of a topic that asks for none (`num.partitions`).
    pub partitions: i32,
    /// Replicas of a partition that asks for none (`default.replication.factor`).
    pub replication_factor: i16,
    /// Whether topics may be deleted (`delete.topic.enable`).
    pub delete_topics: bool,
    /// The static `unclean.leader.election.enable`, below cluster and topic configs.
    pub unclean_leader_election: bool,
    /// How often leadership goes back to preferred replicas (`leader.imbalance.check.interval.seconds`); `None` for never
    /// (`auto.leader.rebalance.enable=false`).
    pub leader_rebalance_interval: Option<Duration>,
    /// How often partitions without a leader get one that may lack records, where their topic allows it
    /// (`unclean.leader.election.interval.ms`); `None` for never.
    pub unclean_election_interval: Option<Duration>,
    /// The static `min.insync.replicas`, below cluster and topic configs.
    pub min_insync_replicas: usize,
    /// A broker that is silent for so long is fenced (`broker.session.timeout.ms`).
    pub session_timeout: Duration,
    /// How long the log may be idle before a no-op record shows that the controller lives
    /// (`metadata.max.idle.interval.ms`); `None` for never.
    pub idle_interval: Option<Duration>,
    /// How delegation tokens are made; `None`: there are none.
    pub tokens: Option<TokenSettings>,
    /// The levels that this node can live with, `metadata.version` included: what its broker registers, so that it can
    /// take over a cluster that has them.
    pub features: Vec<FeatureRange>,
    /// The levels that may be finalized here: those that are built.
    pub offered_features: Vec<FeatureRange>,
    /// The records of a cluster that starts afresh here: its features above all.
    pub first_records: Vec<MetadataRecord>,
}

/// How delegation tokens are made (KIP-48).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSettings {
    /// What makes their passwords (`delegation.token.secret.key`).
    pub key: TokenKey,
    /// The longest life (`delegation.token.max.lifetime.ms`).
    pub lifetime_max: Duration,
    /// The time after which they must be renewed (`delegation.token.expiry.time.ms`).
    pub renewal: Duration,
    /// How often those that ended are removed (`delegation.token.expiry.check.interval.ms`).
    pub check_interval: Duration,
}

impl Settings {
    /// Kafka's defaults for a cluster on one node.
    #[must_use]
    pub fn new(node: BrokerId, cluster: ClusterId) -> Self {
        Self {
            node,
            incarnation: None,
            cluster,
            partitions: 1,
            replication_factor: 1,
            delete_topics: true,
            unclean_leader_election: false,
            leader_rebalance_interval: Some(Duration::from_secs(300)),
            unclean_election_interval: Some(Duration::from_secs(300)),
            min_insync_replicas: 1,
            session_timeout: Duration::from_secs(9),
            idle_interval: Some(Duration::from_millis(500)),
            tokens: None,
            features: [
                (MetadataVersion::FEATURE, MetadataVersion::MINIMUM.level(), MetadataVersion::LATEST.level()),
                ("kraft.version", 0, 1),
                ("eligible.leader.replicas.version", 0, 1),
                ("group.version", 0, 1),
                ("share.version", 0, 1),
                ("streams.version", 0, 1),
                (TRANSACTION_FEATURE, 0, TRANSACTION_LEVEL),
            ]
            .map(range)
            .to_vec(),
            offered_features: [
                (MetadataVersion::FEATURE, MetadataVersion::MINIMUM.level(), MetadataVersion::LATEST.level()),
                (ELR_FEATURE, 0, 1),
                (GROUP_VERSION, 0, 1),
                ("kraft.version", 0, 1),
                (TRANSACTION_FEATURE, 0, TRANSACTION_LEVEL),
            ]
            .map(range)
            .to_vec(),
            first_records: FirstFeatures::usual(MetadataVersion::LATEST).records(),
        }
    }
}

fn range((name, min, max): (&'static str, i16, i16)) -> FeatureRange {
    FeatureRange { name: Str::from_static(name), min, max }
}
