//! The way to the other members of the quorum: one link per address, with one connection that is opened when it is
//! needed and closed when it fails.
//!
//! Invariant: every request that was taken is answered by one [`PeerEvent`], unless the quorum's queue is full: then the
//! machine's own timeout stands for it.

mod exchange;

use std::{collections::HashMap, time::Duration};

use broker_client::Security;
use broker_raft::{Answer, Correlation, Destination, Request, VoterEndpoint, VoterKey, Voters};
use broker_types::{BrokerId, ClusterId, LeaderEpoch, Offset};
use bytes::Bytes;
use tokio::{runtime::Handle, sync::mpsc};

use super::{QuorumHandle, wire::NodeAddress};
use crate::tasks::{TaskKind, Tasks};

/// Requests that wait for one link. The machine has one under way to each destination.
const LINK_QUEUE: usize = 4;
/// Addresses and links at most; requests to others are not sent beyond.
const LINKS_MAX: usize = 64;

/// Who asks, and how.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) cluster: ClusterId,
    pub(crate) me: VoterKey,
    /// The name of the listener by which this node reaches controllers.
    pub(crate) listener: String,
    /// How connections to controllers are protected.
    pub(crate) security: Security,
    /// Where this node's own controller listener is.
    pub(crate) endpoints: Vec<VoterEndpoint>,
    /// How long an answer may take.
    pub(crate) patience: Duration,
    /// How long a leader may keep a fetch.
    pub(crate) fetch_wait: Duration,
    pub(crate) fetch_bytes_max: u32,
    pub(crate) snapshot_bytes_max: u32,
}

/// Where a member is by the listener of this name; by its first where it has none of it, as one may from before names were
/// told.
pub(crate) fn endpoint_of<'a>(endpoints: &'a [VoterEndpoint], listener: &str) -> Option<&'a VoterEndpoint> {
    endpoints.iter().find(|at| at.name.as_str() == listener).or(endpoints.first())
}

/// What became of a request to another member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PeerEvent {
    /// An answer without bytes.
    Answered { correlation: Correlation, from: BrokerId, answer: Answer },
    /// Records, or none.
    Fetched {
        correlation: Correlation,
        epoch: LeaderEpoch,
        leader: BrokerId,
        bytes: Bytes,
        high_watermark: Option<Offset>,
    },
    /// A part of a snapshot.
    Chunk { correlation: Correlation, bytes: Bytes, size: u64 },
    /// Nothing that can be used.
    Failed { correlation: Correlation },
    /// Nobody listens there.
    Refused { correlation: Correlation },
}

/// A request on its way.
#[derive(Debug)]
struct Outgoing {
    correlation: Correlation,
    to: Destination,
    request: Request,
}

/// The links. Lives on the quorum's thread.
#[derive(Debug)]
pub(crate) struct Peers {
    identity: Identity,
    runtime: Handle,
    tasks: Tasks,
    quorum: QuorumHandle,
    bootstrap: Vec<String>,
    next_bootstrap: usize,
    addresses: HashMap<BrokerId, String>,
    links: HashMap<String, mpsc::Sender<Outgoing>>,
}

impl Peers {
    /// No links yet. `bootstrap` are the addresses of `controller.quorum.bootstrap.servers`.
    pub(crate) fn new(
        identity: Identity,
        bootstrap: Vec<String>,
        quorum: QuorumHandle,
        runtime: Handle,
    ) -> Self {
        Self {
            identity,
            runtime,
            tasks: Tasks::default(),
            quorum,
            bootstrap,
            next_bootstrap: 0,
            addresses: HashMap::new(),
            links: HashMap::new(),
        }
    }

    /// Takes the addresses of the voters. Of several listeners the one that this node reaches others by. The leader of the present epoch
    /// told where it is itself, perhaps before the log could say so: that stays.
    pub(crate) fn learn_voters(&mut self, voters: &Voters, leader: Option<BrokerId>) {
        let is_told = |id: BrokerId| leader == Some(id);
        for voter in voters.iter() {
            let id = voter.key.id;
            if let Some(at) = endpoint_of(&voter.endpoints, &self.identity.listener)
                && !(is_told(id) && self.addresses.contains_key(&id))
            {
                self.addresses.insert(id, format!("{}:{}", at.host, at.port));
            }
        }
    }

    /// Takes the address of a leader that another member told.
    pub(crate) fn learn(&mut self, at: &NodeAddress) {
        if self.addresses.len() < LINKS_MAX || self.addresses.contains_key(&at.node) {
            self.addresses.insert(at.node, format!("{}:{}", at.host, at.port));
        }
    }

    /// Where a node's controller listener is, as far as it is known.
    pub(crate) fn address(&self, node: BrokerId) -> Option<&str> {
        self.addresses.get(&node).map(String::as_str)
    }

    /// Sends a request; whether it is on its way.
    pub(crate) fn send(&mut self, correlation: Correlation, to: Destination, request: Request) -> bool {
        let address = match to {
            Destination::Node(node) => self.addresses.get(&node).cloned(),
            Destination::Bootstrap => self.next_bootstrap(),
        };
        let Some(address) = address else { return false };
        self.link(address).is_some_and(|link| link.try_send(Outgoing { correlation, to, request }).is_ok())
    }

    fn next_bootstrap(&mut self) -> Option<String> {
        let index = self.next_bootstrap.checked_rem(self.bootstrap.len())?;
        self.next_bootstrap = index + 1;
        self.bootstrap.get(index).cloned()
    }

    fn link(&mut self, address: String) -> Option<&mpsc::Sender<Outgoing>> {
        self.links.retain(|_, link| !link.is_closed());
        if !self.links.contains_key(&address) {
            if self.links.len() >= LINKS_MAX {
                return None;
            }
            let (link, requests) = mpsc::channel(LINK_QUEUE);
            let task = exchange::serve(address.clone(), self.identity.clone(), requests, self.quorum.clone());
            let _in_runtime = self.runtime.enter();
            self.tasks.spawn(TaskKind::Connection, task);
            self.links.insert(address.clone(), link);
        }
        self.links.get(&address)
    }
}

#[cfg(test)]
mod tests {
    use broker_client::Security;
    use broker_raft::Voter;
    use broker_types::{DirectoryId, Uuid};

    use super::*;

    fn voters(port: u16) -> Voters {
        let voter = |id: i32| Voter {
            key: VoterKey {
                id: BrokerId::new(id),
                directory: DirectoryId::new(Uuid::from_bytes([u8::try_from(id).unwrap(); 16])),
            },
            endpoints: vec![VoterEndpoint { name: "C".into(), host: "h".into(), port }],
            kraft_versions: (0, 1),
        };
        Voters::default().with(voter(1)).with(voter(2))
    }

    #[tokio::test]
    async fn the_log_says_where_voters_are_but_not_of_a_leader_that_told_it_itself() {
        let me = voters(1).iter().next().unwrap().key;
        let identity = Identity {
            cluster: ClusterId::new("c"),
            me,
            listener: "C".to_owned(),
            security: Security::plaintext(),
            endpoints: Vec::new(),
            patience: Duration::ZERO,
            fetch_wait: Duration::ZERO,
            fetch_bytes_max: 1,
            snapshot_bytes_max: 1,
        };
        let mut peers = Peers::new(identity, Vec::new(), QuorumHandle::new().0, Handle::current());
        let (one, two) = (BrokerId::new(1), BrokerId::new(2));
        peers.learn_voters(&voters(1), Some(two));
        assert_eq!((peers.address(one), peers.address(two)), (Some("h:1"), Some("h:1")));
        peers.learn(&NodeAddress { node: two, host: "h".into(), port: 2 });
        peers.learn_voters(&voters(3), Some(two));
        assert_eq!((peers.address(one), peers.address(two)), (Some("h:3"), Some("h:2")));
        peers.learn_voters(&voters(3), Some(one));
        assert_eq!(peers.address(two), Some("h:3"));
        let first = VoterEndpoint { name: "D".into(), host: "h".into(), port: 4 };
        let own = VoterEndpoint { name: "C".into(), host: "h".into(), port: 5 };
        assert_eq!(endpoint_of(&[first.clone(), own.clone()], "C"), Some(&own));
        assert_eq!(endpoint_of(std::slice::from_ref(&first), "C"), Some(&first));
    }
}
