//! `klamm operator`: looks after KafkaCluster and KafkaTopic resources of a Kubernetes.

use std::{net::SocketAddr, time::Duration};

use anyhow::Result;
use clap::Args;
use operator_controller::Options;

/// Runs until SIGTERM or SIGINT. Finds Kubernetes as kubectl does, or as a pod does.
#[derive(Args)]
pub(crate) struct Operator {
    /// The image that brokers of this release run, with its tag
    #[arg(long, env = "KLAMM_IMAGE", default_value = "klamm:dev")]
    image: String,
    /// Only look after this namespace; can be given several times, all namespaces when not given
    #[arg(long = "watch-namespace", value_name = "NAMESPACE")]
    watch_namespaces: Vec<String>,
    /// Where the operator itself runs
    #[arg(long, env = "POD_NAMESPACE", default_value = "default")]
    namespace: String,
    /// Who this replica is; replicas must differ
    #[arg(long, env = "POD_NAME", default_value = "klamm-operator")]
    identity: String,
    /// Work without a Lease; only for an operator that runs alone
    #[arg(long)]
    no_leader_election: bool,
    /// The DNS domain of the Kubernetes cluster
    #[arg(long, default_value = "cluster.local")]
    cluster_domain: String,
    /// Where metrics and health are served
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:9644")]
    listen: SocketAddr,
    /// Clusters and topics that are worked on at a time, each
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    concurrency: u16,
    /// How often everything is looked at although nothing was heard
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..))]
    resync_seconds: u64,
}

impl Operator {
    pub(crate) fn run(self) -> Result<()> {
        let _loggers = crate::logging::start();
        let options = self.options();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(operator_controller::run(options))
    }

    fn options(self) -> Options {
        Options {
            image: self.image,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            watch_namespaces: self.watch_namespaces,
            namespace: self.namespace,
            identity: self.identity,
            leader_election: !self.no_leader_election,
            cluster_domain: self.cluster_domain,
            listen: self.listen,
            concurrency: self.concurrency,
            resync: Duration::from_secs(self.resync_seconds),
        }
    }
}
