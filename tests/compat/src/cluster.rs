//! Several nodes on this machine, Klamm's or Apache's: each broker and controller at once, or one of both.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::broker::Broker;
use crate::clock::{Deadline, pause};
use crate::klamm_binary;
use crate::membership::{Founding, Membership};
use crate::ports::Ports;
use crate::program::Program;
use crate::spec::{Kind, Spec};
use crate::tool::Tool;
use crate::view::{PartitionView, partitions};

/// How long a cluster may take until somebody leads it.
const LEAD_LIMIT: Duration = Duration::from_secs(120);
/// How often a cluster is asked again for what is not so yet.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// The brokers, by node id from 1 on.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Broker>,
}

impl Cluster {
    /// Starts a node of each kind and waits until all serve.
    ///
    /// # Errors
    /// When one does not come up.
    pub fn start(kinds: &[Kind]) -> Result<Self> {
        Self::start_with(kinds, |spec| spec)
    }

    /// As [`Cluster::start`], with settings of one's own.
    ///
    /// # Errors
    /// When one does not come up.
    pub fn start_with(kinds: &[Kind], settings: impl Fn(Spec) -> Spec) -> Result<Self> {
        Self::start_specs(kinds.iter().map(|kind| settings(Spec::new(*kind))).collect())
    }

    /// Three nodes of the kind under test that outlive the loss of any one, their coordinators too, and notice it soon.
    ///
    /// # Errors
    /// When one does not come up.
    pub fn resilient() -> Result<Self> {
        Self::start_with(&[Kind::under_test()?; 3], Spec::resilient)
    }

    /// Starts a node for each spec, numbered from 1 on, and waits until all serve.
    ///
    /// # Errors
    /// When one does not come up.
    pub fn start_specs(specs: Vec<Spec>) -> Result<Self> {
        let mut placed = Vec::new();
        let (mut initial, mut controllers) = (Vec::new(), Vec::new());
        for (number, spec) in (1..).zip(specs) {
            let ports = Ports::free()?;
            if spec.roles.is_controller() {
                let address = SocketAddr::from((spec.host, ports.controller));
                initial.push(initial_voter(number, address)?);
                controllers.push(address);
            }
            placed.push((number, spec, ports));
        }
        let mut nodes = Vec::new();
        for (number, spec, ports) in placed {
            let membership = Membership {
                node: number,
                controllers: controllers.clone(),
                founding: Founding::Initial(initial.join(",")),
            };
            let node = Broker::prepare(spec, ports, membership)?;
            node.write_properties()?;
            node.format()?;
            nodes.push(node);
        }
        let mut cluster = Self { nodes };
        cluster.launch()?;
        Ok(cluster)
    }

    /// Starts all that do not run, and waits until they serve.
    ///
    /// # Errors
    /// When one does not.
    pub fn launch(&mut self) -> Result<()> {
        for node in self.nodes.iter_mut().filter(|node| node.pid().is_none()) {
            node.spawn()?;
        }
        self.nodes.iter_mut().try_for_each(Broker::wait_until_ready)
    }

    /// Starts one node more, which knows where the controllers are and votes with nobody yet; gives its id.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn join(&mut self, spec: Spec) -> Result<usize> {
        let ports = Ports::free()?;
        let id = self.nodes.len() + 1;
        let controllers = self.nodes.iter().map(Broker::controller_address);
        let membership = Membership {
            node: i32::try_from(id)?,
            controllers: controllers.chain([(spec.host, ports.controller).into()]).collect(),
            founding: Founding::Joins,
        };
        let mut node = Broker::prepare(spec, ports, membership)?;
        node.write_properties()?;
        node.format()?;
        node.launch()?;
        self.nodes.push(node);
        Ok(id)
    }

    /// Waits until these nodes vote in the quorum, and nobody else.
    ///
    /// # Errors
    /// When others do at the end of the time.
    pub fn wait_for_voters(&self, ids: &[usize]) -> Result<()> {
        let id = |line: &str| line.split_whitespace().next()?.parse::<usize>().ok();
        self.wait_for_replication(&format!("{ids:?} vote"), |voters| {
            let mut voters: Vec<_> = voters.iter().filter_map(|line| id(line)).collect();
            voters.sort_unstable();
            voters == ids
        })
    }

    /// Waits until whoever has its metadata in this directory votes in the quorum.
    ///
    /// # Errors
    /// When it does not at the end of the time.
    pub fn wait_for_voting_directory(&self, directory: &str) -> Result<()> {
        let wanted = format!("directory {directory} votes");
        self.wait_for_replication(&wanted, |voters| voters.iter().any(|line| line.contains(directory)))
    }

    fn wait_for_replication(&self, wanted: &str, is_so: impl Fn(&[&str]) -> bool) -> Result<()> {
        let deadline = Deadline::after(LEAD_LIMIT);
        let mut last = String::new();
        while deadline.left().is_some() {
            let Ok(told) = self.tool(Tool::MetadataQuorum, &["describe", "--replication"]) else { continue };
            let votes = |line: &&str| line.contains("Leader") || line.contains("Follower");
            let voters: Vec<_> = told.lines().skip(1).filter(votes).collect();
            if is_so(&voters) {
                return Ok(());
            }
            last = told;
        }
        bail!("not so after {LEAD_LIMIT:?}: {wanted}\n{last}")
    }

    /// Waits until the voter set says that a node's controller is at this port.
    ///
    /// # Errors
    /// When it does not in time.
    pub fn wait_for_endpoint(&self, id: usize, port: u16) -> Result<()> {
        let deadline = Deadline::after(LEAD_LIMIT);
        let mut last = String::new();
        while deadline.left().is_some() {
            let Ok(told) = self.tool(Tool::MetadataQuorum, &["describe", "--status"]) else { continue };
            let voters =
                told.lines().find_map(|line| line.strip_prefix("CurrentVoters:")).unwrap_or_default();
            let voter = voters.split("{\"id\": ").find(|one| one.starts_with(&format!("{id},")));
            if voter.is_some_and(|voter| voter.contains(&format!(":{port}\""))) {
                return Ok(());
            }
            last = told;
        }
        bail!("voter {id} is not at port {port} after {LEAD_LIMIT:?} but\n{last}")
    }

    /// A node, by its id.
    ///
    /// # Panics
    /// When there is none of that id.
    pub fn node(&mut self, id: usize) -> &mut Broker {
        &mut self.nodes[id - 1]
    }

    /// All nodes.
    #[must_use]
    pub fn nodes(&self) -> &[Broker] {
        &self.nodes
    }

    /// The nodes apart, by ascending id, for whoever looks after them from here on.
    #[must_use]
    pub fn into_nodes(self) -> Vec<Broker> {
        self.nodes
    }

    /// Those that serve clients, running or not.
    pub fn brokers(&self) -> impl Iterator<Item = &Broker> {
        self.nodes.iter().filter(|node| node.roles().is_broker())
    }

    /// Those that vote, running or not.
    pub fn controllers(&self) -> impl Iterator<Item = &Broker> {
        self.nodes.iter().filter(|node| node.roles().is_controller())
    }

    /// Every broker's address for clients.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        let all: Vec<_> = self.brokers().map(Broker::bootstrap).collect();
        all.join(",")
    }

    /// Who leads the metadata quorum, as it says itself; waits until somebody does.
    ///
    /// # Errors
    /// When nobody does in time.
    pub fn leader(&self) -> Result<usize> {
        let deadline = Deadline::after(LEAD_LIMIT);
        while deadline.left().is_some() {
            let mut running = self.controllers().filter(|node| node.pid().is_some());
            if let Some(leader) = running.find(|node| node.leads_quorum().unwrap_or(false)) {
                return Ok(usize::try_from(leader.id())?);
            }
            pause(TRY_EVERY);
        }
        bail!("nobody leads the quorum after {LEAD_LIMIT:?}")
    }

    /// The partitions of a topic, as the first running broker sees them that answers.
    ///
    /// # Errors
    /// When none answers.
    pub fn partitions(&self, topic: &str) -> Result<Vec<PartitionView>> {
        let topics = [topic.to_owned()];
        let running = self.brokers().filter(|node| node.pid().is_some());
        let mut answers = running.map(|node| partitions(node.address(), &topics));
        answers.find(Result::is_ok).context("no broker answers")?
    }

    /// Waits until every partition of some topics is led and has all its replicas in sync, as every broker sees it.
    ///
    /// # Errors
    /// When that takes longer than `limit`.
    pub fn wait_until_in_sync(&self, topics: &[String], limit: Duration) -> Result<()> {
        let deadline = Deadline::after(limit);
        let is_whole =
            |view: &PartitionView| view.leader.is_some() && view.in_sync.len() == view.replicas.len();
        loop {
            let views: Vec<_> = self
                .brokers()
                .map(|node| partitions(node.address(), topics))
                .filter_map(Result::ok)
                .collect();
            let is_full = |all: &Vec<PartitionView>| {
                all.iter().all(is_whole)
                    && topics.iter().all(|topic| all.iter().any(|view| view.topic == *topic))
            };
            if views.len() == self.brokers().count() && views.iter().all(is_full) {
                return Ok(());
            }
            if deadline.left().is_none() {
                let lacking = views.into_iter().flatten().filter(|view| !is_whole(view)).take(5);
                bail!("not in sync after {limit:?}: {:?}", lacking.collect::<Vec<_>>());
            }
            pause(TRY_EVERY);
        }
    }

    /// Runs one of Kafka's tools against every node's address and gives its standard output.
    ///
    /// # Errors
    /// When the tool cannot run, or ends with an exit code other than 0.
    pub fn tool(&self, tool: Tool, arguments: &[&str]) -> Result<String> {
        let running: Vec<_> =
            self.brokers().filter(|node| node.pid().is_some()).map(Broker::bootstrap).collect();
        tool.program(&["--bootstrap-server", &running.join(",")])?
            .args(arguments)
            .stdout()
            .with_context(|| format!("{tool:?} {arguments:?}"))
    }
}

/// A voter of a quorum that is founded, in a directory of its own: one of those that `--initial-controllers` names.
pub(crate) fn initial_voter(node: i32, address: SocketAddr) -> Result<String> {
    let directory = Program::new(klamm_binary()?).args(["storage", "random-uuid"]).stdout()?;
    Ok(format!("{node}@{address}:{}", directory.trim()))
}
