//! What the operator is started with.

use std::{net::SocketAddr, time::Duration};

use operator_plan::observed::Settings;

/// What the operator is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The image that brokers of this release run, with its tag.
    pub image: String,
    /// This release, as `KafkaCluster.spec.version` says it.
    pub version: String,
    /// Namespaces whose resources are looked after; none for all of them.
    pub watch_namespaces: Vec<String>,
    /// Where the operator itself runs: its Lease is there, and brokers let it in from there.
    pub namespace: String,
    /// Who this replica is, such as its pod's name.
    pub identity: String,
    /// Whether replicas agree by a Lease on who works; off only for one that runs alone.
    pub leader_election: bool,
    /// The DNS domain of the Kubernetes cluster.
    pub cluster_domain: String,
    /// Where metrics and health are served.
    pub listen: SocketAddr,
    /// Clusters and topics that are worked on at a time, each.
    pub concurrency: u16,
    /// How often everything is looked at although nothing was heard.
    pub resync: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            image: "klamm:dev".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            watch_namespaces: Vec::new(),
            namespace: "default".to_owned(),
            identity: "klamm-operator".to_owned(),
            leader_election: true,
            cluster_domain: "cluster.local".to_owned(),
            listen: SocketAddr::from(([0, 0, 0, 0], 9644)),
            concurrency: 4,
            resync: Duration::from_secs(120),
        }
    }
}

impl Options {
    /// What decisions depend on.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            image: self.image.clone(),
            version: self.version.clone(),
            cluster_domain: self.cluster_domain.clone(),
            operator_namespace: self.namespace.clone(),
        }
    }
}
