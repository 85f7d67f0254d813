//! Several brokers on loopback, each a controller as well, Klamm's or Apache's.

use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::broker::Broker;
use crate::clock::Deadline;
use crate::klamm_binary;
use crate::membership::{Founding, Membership};
use crate::ports::Ports;
use crate::program::Program;
use crate::spec::{Kind, Spec};
use crate::tool::Tool;

/// How long a cluster may take until somebody leads it.
const LEAD_LIMIT: Duration = Duration::from_secs(120);
/// How long a tool may take to tell who does.
const ASK_LIMIT: Duration = Duration::from_secs(15);

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
        let ports: Vec<Ports> = kinds.iter().map(|_| Ports::free()).collect::<Result<_>>()?;
        let mut initial = Vec::new();
        for (index, ports) in ports.iter().enumerate() {
            let directory = Program::new(klamm_binary()?).args(["storage", "random-uuid"]).stdout()?;
            initial.push(format!("{}@127.0.0.1:{}:{}", index + 1, ports.controller, directory.trim()));
        }
        let mut nodes = Vec::new();
        for (index, (kind, own)) in kinds.iter().zip(&ports).enumerate() {
            let membership = Membership {
                node: i32::try_from(index)? + 1,
                controllers: ports.iter().map(|ports| ports.controller).collect(),
                founding: Founding::Initial(initial.join(",")),
            };
            let node = Broker::prepare(settings(Spec::new(*kind)), *own, membership)?;
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
        let controllers = self.nodes.iter().map(|node| node.controller_address().port());
        let membership = Membership {
            node: i32::try_from(id)?,
            controllers: controllers.chain([ports.controller]).collect(),
            founding: Founding::Joins,
        };
        let mut node = Broker::prepare(spec, ports, membership)?;
        node.write_properties()?;
        node.format()?;
        node.launch()?;
        self.nodes.push(node);
        Ok(id)
    }

    /// Who votes in the quorum, by id; waits until these do, and nobody else.
    ///
    /// # Errors
    /// When others do at the end of the time.
    pub fn wait_for_voters(&self, ids: &[usize]) -> Result<()> {
        let deadline = Deadline::after(LEAD_LIMIT);
        let mut last = String::new();
        while deadline.left().is_some() {
            let Ok(told) = self.tool(Tool::MetadataQuorum, &["describe", "--replication"]) else { continue };
            let votes = |line: &&str| line.contains("Leader") || line.contains("Follower");
            let id = |line: &str| line.split_whitespace().next()?.parse::<usize>().ok();
            let mut voters: Vec<_> = told.lines().skip(1).filter(votes).filter_map(id).collect();
            voters.sort_unstable();
            if voters == ids {
                return Ok(());
            }
            last = told;
        }
        bail!("not {ids:?} vote after {LEAD_LIMIT:?} but\n{last}")
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

    /// Every node's address for clients.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        let all: Vec<_> = self.nodes.iter().map(Broker::bootstrap).collect();
        all.join(",")
    }

    /// Who leads the metadata quorum, as those that run say; waits until somebody does.
    ///
    /// # Errors
    /// When nobody does in time.
    pub fn leader(&self) -> Result<usize> {
        let deadline = Deadline::after(LEAD_LIMIT);
        let running: Vec<_> = self.nodes.iter().filter(|node| node.pid().is_some()).collect();
        let servers: Vec<_> = running.iter().map(|node| node.controller_address().to_string()).collect();
        while deadline.left().is_some() {
            // A tool that was told of a leader that is gone waits for it; another one asks anew.
            let told = Tool::MetadataQuorum
                .program(&["--bootstrap-controller", &servers.join(",")])?
                .args(["describe", "--status"])
                .limit(ASK_LIMIT)
                .run();
            let Ok(told) = told else { continue };
            let leader = told.stdout.lines().find_map(|line| line.strip_prefix("LeaderId:"));
            let leader = leader.and_then(|id| id.trim().parse::<usize>().ok());
            if let Some(leader) =
                leader.filter(|id| self.nodes.get(id - 1).is_some_and(|node| node.pid().is_some()))
            {
                return Ok(leader);
            }
        }
        bail!("nobody leads the quorum after {LEAD_LIMIT:?}")
    }

    /// Runs one of Kafka's tools against every node's address and gives its standard output.
    ///
    /// # Errors
    /// When the tool cannot run, or ends with an exit code other than 0.
    pub fn tool(&self, tool: Tool, arguments: &[&str]) -> Result<String> {
        let running: Vec<_> =
            self.nodes.iter().filter(|node| node.pid().is_some()).map(Broker::bootstrap).collect();
        tool.program(&["--bootstrap-server", &running.join(",")])?
            .args(arguments)
            .stdout()
            .with_context(|| format!("{tool:?} {arguments:?}"))
    }
}
