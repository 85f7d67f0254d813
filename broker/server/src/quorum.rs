//! The metadata quorum's member on this node: a thread that owns the raft machine, the controller, the node's own
//! life, and the log that they write.
//!
//! Invariants: only this thread writes `__cluster_metadata-0`; everything that waits in its queue is written
//! before one sync makes all of it durable; an image is published, and partitions follow it, before the replies that
//! rest on it leave.

mod contents;
mod controller_link;
mod disk;
mod load;
mod member;
mod peers;
mod snapshots;
mod state_file;
pub(crate) mod wire;

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use broker_controller::{Probe, Request, Response, Suspect};
use broker_coordinator::Refused;
use broker_node as node;
use broker_protocol::ErrorCode;
use broker_raft::{self as raft, QuorumStatus, Voters};
use broker_types::{BrokerEpoch, BrokerId};
use tokio::sync::oneshot;

use self::wire::{NodeAddress, Reply};
use crate::listener::ListenerName;
pub(crate) use controller_link::{ControllerLink, NodeRequest};
pub(crate) use disk::{METADATA_PARTITION, MetadataDisk, QuorumDiskError};
pub(crate) use load::{LoadError, LoadedQuorum, load};
pub(crate) use member::{Events, Machines, Member, MemberSettings, Prober};
pub(crate) use peers::{Identity, PeerEvent, Peers};

/// How many commands wait at most; beyond, callers are told to come back.
const COMMANDS_MAX: usize = 1024;

/// What the quorum's thread is asked.
#[derive(Debug)]
pub(crate) enum Command {
    /// A request to the controller.
    Ask { request: Box<Request>, reply: oneshot::Sender<Result<Response, AskError>> },
    /// Something happened to the node.
    Node(node::Event),
    /// Another member asks. Who says that it leads says where it is.
    Received(Received),
    /// Another member answered, and perhaps told where the leader is.
    Peer { event: PeerEvent, leader: Option<NodeAddress> },
    /// The last connection over which a broker sent heartbeats to this controller has ended.
    BrokerLost(BrokerId),
    /// A broker's listener was tried.
    Probed(Suspect, Probe),
    /// This node wants to lead the quorum no longer.
    Resign,
    /// How the quorum stands; `None` unless this node leads it.
    Describe(oneshot::Sender<Option<QuorumStatus>>),
    /// Who votes, as far as this node knows.
    Voters(oneshot::Sender<Voters>),
    /// The broker is done with everything else; end after what is queued.
    Stop,
}

/// A request of another member.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) request: raft::Request,
    /// How many bytes of records it wants at most.
    pub(crate) max_bytes: u32,
    /// Where the leader is that asks.
    pub(crate) leader: Option<NodeAddress>,
    /// By which listener it came: the one by which it can reach others.
    pub(crate) listener: Arc<ListenerName>,
    pub(crate) reply: oneshot::Sender<Reply>,
}

/// Why the controller did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AskError {
    /// Another node decides, if one does.
    #[error("{}", not_active(*.active))]
    NotController { active: Option<BrokerId> },
    #[error("The request timed out.")]
    TimedOut,
    #[error("The controller is overloaded.")]
    Busy,
}

/// Who decides, as Kafka's controllers say it.
fn not_active(active: Option<BrokerId>) -> String {
    match active {
        Some(active) => format!("The active controller appears to be node {active}."),
        None => "No controller appears to be active.".to_owned(),
    }
}

impl AskError {
    /// What the controller refused, while `active` leads the quorum.
    fn of(refused: Refused, active: Option<BrokerId>) -> Self {
        match refused {
            Refused::NotLeader => Self::NotController { active },
            Refused::Busy => Self::Busy,
            Refused::NotWritten(_) | Refused::TimedOut => Self::TimedOut,
        }
    }

    pub(crate) fn code(self) -> ErrorCode {
        match self {
            Self::NotController { .. } => ErrorCode::NotController,
            Self::TimedOut | Self::Busy => ErrorCode::RequestTimedOut,
        }
    }
}

/// Speaks to the quorum's thread. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct QuorumHandle {
    commands: mpsc::SyncSender<Command>,
}

impl QuorumHandle {
    /// A handle and the queue that it fills.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Command>) {
        let (commands, queue) = mpsc::sync_channel(COMMANDS_MAX);
        (Self { commands }, queue)
    }

    /// Asks the controller and waits until the answer is committed and published, at most `timeout_ms`.
    pub(crate) async fn ask(&self, request: Request, timeout_ms: i32) -> Result<Response, AskError> {
        let (reply, answer) = oneshot::channel();
        self.commands
            .try_send(Command::Ask { request: Box::new(request), reply })
            .map_err(|_| AskError::Busy)?;
        let patience = Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0));
        match tokio::time::timeout(patience, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(AskError::NotController { active: None }),
            Err(_) => Err(AskError::TimedOut),
        }
    }

    /// How the quorum stands; `None` unless this node leads it, and while it stops.
    pub(crate) async fn describe(&self) -> Option<QuorumStatus> {
        let (reply, answer) = oneshot::channel();
        self.commands.try_send(Command::Describe(reply)).ok()?;
        answer.await.ok()?
    }

    /// Who votes, as far as this node knows; `None` while the quorum stops.
    pub(crate) async fn voters(&self) -> Option<Voters> {
        let (reply, answer) = oneshot::channel();
        self.commands.try_send(Command::Voters(reply)).ok()?;
        answer.await.ok()
    }

    /// Passes on what another member asks, and waits for the answer; `None` when the quorum has no room or stops.
    pub(crate) async fn receive(
        &self,
        request: raft::Request,
        max_bytes: u32,
        leader: Option<NodeAddress>,
        listener: &Arc<ListenerName>,
    ) -> Option<Reply> {
        let (reply, answer) = oneshot::channel();
        let received = Received { request, max_bytes, leader, listener: Arc::clone(listener), reply };
        self.commands.try_send(Command::Received(received)).ok()?;
        answer.await.ok()
    }

    /// Tells the quorum what came back; without room for it, its own timeout has to do.
    fn tell(&self, command: Command) {
        if self.commands.try_send(command).is_err() {
            tracing::debug!("the quorum has no room for an answer");
        }
    }

    /// Gives up the lead of the quorum, as before a stop.
    pub(crate) fn resign(&self) {
        self.tell(Command::Resign);
    }

    /// Tells the node's machine what happened. Waits for room in the queue: these events must not be lost.
    pub(crate) fn tell_node(&self, event: node::Event) {
        if self.commands.send(Command::Node(event)).is_err() {
            tracing::debug!("the quorum's thread has ended");
        }
    }

    /// Ends the thread after what is queued.
    pub(crate) fn stop(&self) {
        if self.commands.send(Command::Stop).is_err() {
            tracing::debug!("the quorum's thread has ended");
        }
    }
}

/// What the node's machine decided, for the rest of the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeNews {
    /// It has seen its own registration.
    CaughtUp(BrokerEpoch),
    /// It is unfenced.
    Ready,
    /// It may stop.
    MayStop,
    /// It cannot go on.
    GaveUp,
}
