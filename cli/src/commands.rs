//! The subcommands, one file each.

mod acl;
pub(crate) mod broker;
mod consume;
mod convert;
mod crds;
mod group;
mod operator;
mod produce;
mod quota;
mod size;
pub(crate) mod storage;
mod topic;
mod txn;
mod up;
mod user;
mod verify;

use std::{
    future::Future,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result};
use broker_client::Security;
use clap::{Args, CommandFactory as _, Subcommand};

/// What the binary does.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run a broker from Kafka's own server.properties
    Broker(broker::Broker),
    /// Run the Kubernetes operator
    Operator(operator::Operator),
    /// Run the cluster and the topics of a manifest on this machine, without Kubernetes
    Up(up::Up),
    /// Prepare and inspect data directories
    #[command(subcommand)]
    Storage(storage::Storage),
    /// Print the CustomResourceDefinitions
    Crds,
    /// List, describe, create, alter and delete topics
    #[command(subcommand)]
    Topic(topic::Topic),
    /// List, describe, reset and delete groups of consumers
    #[command(subcommand)]
    Group(group::Group),
    /// List and describe transactions, and end those that hang
    #[command(subcommand)]
    Txn(txn::Txn),
    /// List, create, change and delete users that log in by SCRAM
    #[command(subcommand)]
    User(user::User),
    /// List, add and remove access control entries
    #[command(subcommand)]
    Acl(acl::Acl),
    /// List, set and delete quotas of users, clients and addresses
    #[command(subcommand)]
    Quota(quota::Quota),
    /// Write records, as NDJSON from standard input or generated
    Produce(produce::Produce),
    /// Read records, as NDJSON to standard output
    Consume(consume::Consume),
    /// Compare the replicas of partitions with each other, record batch by record batch
    Verify(verify::Verify),
    /// Turn Strimzi's manifests into Klamm's, with a report of what has no counterpart
    Convert(convert::Convert),
    /// Size a cluster for its load, step by step
    Size(size::Size),
    /// Print the completion script of a shell
    Completion {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// Runs to its end.
    pub(crate) fn run(self) -> Result<()> {
        match self {
            Self::Broker(command) => command.run(),
            Self::Operator(command) => command.run(),
            Self::Up(command) => command.run(),
            Self::Storage(command) => command.run(),
            Self::Crds => crds::run(),
            Self::Topic(command) => command.run(),
            Self::Group(command) => command.run(),
            Self::Txn(command) => command.run(),
            Self::User(command) => command.run(),
            Self::Acl(command) => command.run(),
            Self::Quota(command) => command.run(),
            Self::Produce(command) => command.run(),
            Self::Consume(command) => command.run(),
            Self::Verify(command) => command.run(),
            Self::Convert(command) => command.run(),
            Self::Size(command) => command.run(),
            Self::Completion { shell } => {
                clap_complete::generate(shell, &mut crate::Klamm::command(), "klamm", &mut std::io::stdout());
                Ok(())
            }
        }
    }
}

/// How long tools try the addresses that they are given, as Kafka's do: a cluster that was just started, or whose service
/// was just made, is there in a moment.
pub(crate) const FIRST_CONTACT: Duration = Duration::from_secs(10);

/// Where a cluster is that nobody names.
const LOCAL: &str = "127.0.0.1:9092";

/// Which cluster a client command speaks to.
#[derive(Args, Clone)]
pub(crate) struct Bootstrap {
    /// Addresses to start from, comma-separated; without them bootstrap.servers of the command config, or 127.0.0.1:9092
    #[arg(
        long = "bootstrap",
        visible_alias = "bootstrap-server",
        value_name = "HOST:PORT",
        env = "KLAMM_BOOTSTRAP_SERVERS"
    )]
    servers: Option<String>,
    /// Properties of the client, as Kafka's tools take them: security.protocol, ssl.*, sasl.*
    #[arg(long, value_name = "FILE", env = "KLAMM_COMMAND_CONFIG")]
    pub(crate) command_config: Option<PathBuf>,
}

impl Bootstrap {
    /// Connects.
    pub(crate) async fn client(&self) -> Result<broker_client::Client> {
        let (stated, security) = match &self.command_config {
            Some(path) => read(path)?,
            None => (None, Security::plaintext()),
        };
        let servers = self.servers.clone().or(stated).unwrap_or_else(|| LOCAL.to_owned());
        let options = broker_client::Options { first_contact: FIRST_CONTACT, security, ..Default::default() };
        Ok(broker_client::Client::connect(&servers, options).await?)
    }
}

/// The addresses that a file of a client's properties names, and how it connects.
fn read(path: &Path) -> Result<(Option<String>, Security)> {
    let named = || path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(named)?;
    let properties = broker_config::properties::parse(&text).with_context(named)?;
    let security = Security::from_properties(&properties).with_context(named)?;
    Ok((properties.get("bootstrap.servers").cloned(), security))
}

/// Runs a client command on a runtime of one thread.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime did not start")?;
    runtime.block_on(future)
}
