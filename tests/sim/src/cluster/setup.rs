//! What kind of cluster a seed gives.

use std::time::Duration;

use broker_controller::{ConfigRules, FirstFeatures, Settings};
use broker_metadata::{ConfigResourceType, MetadataVersion};
use broker_node::{self as node, fetcher};
use broker_raft::Timing;
use broker_types::{BrokerId, ClusterId};

use crate::Random;

/// What data logs and losses of power have to do with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// Topics are synced before anything is told (`flush.messages=1`): power may fail everywhere at once.
    Synced,
    /// Nothing is synced, eligible leader replicas are kept (KIP-966): one node after the other may lose power.
    Eligible,
    /// Nothing is synced: processes end, the machines under them do not.
    Processes,
}

/// A cluster.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setup {
    pub(super) nodes: usize,
    pub(super) voters: usize,
    pub(super) durability: Durability,
    pub(super) changes_voters: bool,
}

impl Setup {
    pub(super) const fn new(random: &mut Random) -> Self {
        let nodes = 3 + random.below(5) as usize;
        let voters = if nodes >= 5 && random.one_in(3) { 5 } else { 3 };
        let durability = match random.below(3) {
            0 => Durability::Synced,
            1 => Durability::Eligible,
            _ => Durability::Processes,
        };
        Self { nodes, voters, durability, changes_voters: nodes > voters && random.one_in(2) }
    }
}

/// What the operator renders: a node that died is known to be dead soon.
pub(super) const SESSION: Duration = Duration::from_secs(3);
/// A replica that lags for longer leaves the ISR.
pub(super) const LAG_MAX: Duration = Duration::from_secs(3);
pub(super) const ELR: &str = "eligible.leader.replicas.version";

pub(super) fn cluster() -> ClusterId {
    ClusterId::new("simulated")
}

pub(super) const fn raft() -> Timing {
    Timing {
        election_timeout: Duration::from_millis(500),
        fetch_timeout: Duration::from_secs(1),
        backoff_max: Duration::from_millis(500),
        request_timeout: Duration::from_secs(1),
        retry_backoff: Duration::from_millis(20),
        fetch_wait_max: Duration::from_millis(300),
    }
}

pub(super) fn controller(node: usize, keeps_elr: bool) -> Settings {
    let mut settings = Settings::new(BrokerId::new(node as i32), cluster());
    settings.session_timeout = SESSION;
    settings.min_insync_replicas = 2;
    settings.replication_factor = 3;
    settings.leader_rebalance_interval = Some(Duration::from_secs(10));
    if !keeps_elr {
        let mut features = FirstFeatures::usual(MetadataVersion::LATEST);
        features.levels.remove("eligible.leader.replicas.version");
        settings.first_records = features.records();
    }
    settings
}

pub(super) fn node() -> node::Settings {
    node::Settings {
        heartbeat_interval: Duration::from_millis(500),
        session_timeout: SESSION,
        // A whole run may be without a controller.
        registration_timeout: Duration::from_secs(600),
        shutdown_timeout: Duration::from_secs(10),
        ..node::Settings::default()
    }
}

pub(super) const fn fetcher() -> fetcher::Settings {
    fetcher::Settings {
        partition_bytes_max: 1024 * 1024,
        response_bytes_max: 10 * 1024 * 1024,
        bytes_min: 1,
        wait_max: Duration::from_millis(500),
        backoff: Duration::from_secs(1),
    }
}

/// Whatever is a number is valid.
#[derive(Debug)]
pub(super) struct Rules;

impl ConfigRules for Rules {
    fn validate_topic(&self, _: &str, value: &str) -> Result<(), String> {
        value.parse::<u64>().map(drop).map_err(|error| error.to_string())
    }

    fn validate_broker(&self, _: Option<i32>, _: &str, value: &str) -> Result<(), String> {
        value.parse::<u64>().map(drop).map_err(|error| error.to_string())
    }

    fn is_list(&self, _: ConfigResourceType, _: &str) -> bool {
        false
    }

    fn default_value(&self, _: ConfigResourceType, _: &str) -> Option<String> {
        None
    }
}
