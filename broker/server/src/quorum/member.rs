//! The thread's loop: takes commands and time, steps the machines, does what they want, publishes, replies.

mod own_controller;
mod own_node;
mod own_quorum;
mod own_suspects;
mod raft_side;
mod writing;

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, mpsc},
    time::Duration,
};

use broker_controller::{Controller, RegisterController, Response, SuspectEvent, Suspects};
use broker_coordinator::{self as coordinator, Driver, Refused};
use broker_log::{Log, LogDirectory};
use broker_metadata::{Delta, Endpoint, FeatureRange, Image, MetadataVersion};
use broker_node::{self as node, Failure, Node, Standing};
use broker_protocol::Str;
use broker_raft::{self as raft, Raft, SnapshotPolicy, VoterKey};
use broker_types::{BrokerId, ClusterId, Mono, Offset, ReplyId};
use bytes::Bytes;
use tokio::sync::oneshot;

use super::{
    AskError, Command, ControllerLink, LoadedQuorum, MetadataDisk, NodeNews, Peers, QuorumDiskError, wire,
};
use crate::{clock::Clock, forward::ActiveController, listener::ListenerName};
use own_node::{NODE_HEARTBEAT, NODE_REGISTRATION};
pub(crate) use own_suspects::Prober;

/// How many commands are taken before one sync makes them all durable.
const COMMANDS_PER_SYNC: usize = 256;
/// The longest wait without a look at the clock.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// What the rest of the broker is told.
pub(crate) trait Events: Send {
    /// A new image is committed. Returns when local partitions follow it.
    fn published(&mut self, image: Arc<Image>, delta: &Delta);
    /// The published image has all that was committed when this node first heard how much that is.
    fn caught_up(&mut self);
    /// The quorum has another leader, or none, or its address is known now.
    fn lead_moved(&mut self, active: Option<ActiveController>);
    /// The node's machine decided something.
    fn node(&mut self, news: NodeNews);
    /// The metadata log failed: the node must stop.
    fn failed(&mut self, error: &QuorumDiskError);
}

/// What the member is told when it is made.
#[derive(Debug)]
pub(crate) struct MemberSettings {
    pub(crate) me: VoterKey,
    pub(crate) cluster: ClusterId,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) features: Vec<FeatureRange>,
    pub(crate) rack: Option<Str>,
    /// What this node registers as a controller, if it is one.
    pub(crate) as_controller: Option<RegisterController>,
    pub(crate) snapshots: SnapshotPolicy,
}

/// The machines beside that of the quorum, and their ways to other nodes.
pub(crate) struct Machines {
    pub(crate) controller: Controller,
    pub(crate) node: Node,
    pub(crate) peers: Peers,
    pub(crate) link: ControllerLink,
    pub(crate) prober: Prober,
}

/// The thread's state.
pub(crate) struct Member<E: Events> {
    settings: MemberSettings,
    clock: Clock,
    events: E,
    commands: mpsc::Receiver<Command>,
    disk: MetadataDisk,
    raft: Raft,
    driver: Driver<Controller>,
    node: Node,
    peers: Peers,
    controller: ControllerLink,
    suspects: Suspects,
    prober: Prober,
    /// Before that the own controller does not register again.
    register_after: Mono,
    watch: own_quorum::Watch,
    /// Who leads, as the rest of the broker was told.
    told: Option<ActiveController>,
    /// Other members that wait for an answer, and how many bytes they want.
    asking: HashMap<ReplyId, (oneshot::Sender<wire::Reply>, u32, Arc<ListenerName>)>,
    /// What came from other members until the machine says what to do with it.
    held: HashMap<u64, Bytes>,
    next_held: u64,
    replies: HashMap<ReplyId, oneshot::Sender<Result<Response, AskError>>>,
    /// Replies that may leave once the present image is published.
    ready: Vec<(ReplyId, Result<Response, Refused>)>,
    next_reply: u64,
    published: Image,
    /// Whether the rest of the broker was told that the image has caught up.
    has_caught_up: bool,
    /// Where the last record lies that is more than a no-op, committed or not.
    last_change: Option<Offset>,
    flush_to: Option<Offset>,
    /// The version that records are written in: also of one that is decided and not committed yet.
    version: MetadataVersion,
}

enum Flow {
    Continue,
    Stop,
}

impl<E: Events> Member<E> {
    pub(crate) fn new(
        settings: MemberSettings,
        clock: Clock,
        loaded: LoadedQuorum,
        Machines { controller, node, mut peers, link, prober }: Machines,
        commands: mpsc::Receiver<Command>,
        events: E,
    ) -> Self {
        peers.learn_voters(loaded.raft.voters(), None);
        Self {
            settings,
            clock,
            events,
            commands,
            disk: loaded.disk,
            raft: loaded.raft,
            version: loaded.image.metadata_version(),
            published: loaded.image.clone(),
            has_caught_up: false,
            suspects: Suspects::new(controller.settings().session_timeout),
            driver: Driver::new(controller, loaded.image, loaded.next),
            node,
            peers,
            controller: link,
            prober,
            register_after: Mono::ZERO,
            watch: own_quorum::Watch::default(),
            told: None,
            asking: HashMap::new(),
            held: HashMap::new(),
            next_held: 0,
            replies: HashMap::new(),
            ready: Vec::new(),
            next_reply: 0,
            last_change: None,
            flush_to: None,
        }
    }

    /// Runs until it is told to stop, or the metadata log fails. Gives back the log to be closed.
    pub(crate) fn run(mut self) -> (Log, Arc<LogDirectory>) {
        if let Err(error) = self.run_until_stopped() {
            tracing::error!(%error, "the metadata log failed");
            self.events.failed(&error);
        }
        self.disk.into_log()
    }

    fn run_until_stopped(&mut self) -> Result<(), QuorumDiskError> {
        self.raft_step(raft::Event::Start)?;
        self.sync()?;
        loop {
            let flow = self.take_commands()?;
            self.tick()?;
            self.sync()?;
            if matches!(flow, Flow::Stop) {
                return Ok(());
            }
        }
    }

    /// Waits for one command or the next deadline, then takes what else is queued.
    fn take_commands(&mut self) -> Result<Flow, QuorumDiskError> {
        let first = match self.commands.recv_timeout(self.patience()) {
            Ok(command) => Some(command),
            Err(mpsc::RecvTimeoutError::Timeout) => None,
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(Flow::Stop),
        };
        let mut next = first;
        for _ in 0..COMMANDS_PER_SYNC {
            let Some(command) = next else { break };
            if matches!(self.take(command)?, Flow::Stop) {
                return Ok(Flow::Stop);
            }
            next = self.commands.try_recv().ok();
        }
        Ok(Flow::Continue)
    }

    fn patience(&self) -> Duration {
        let deadlines = [
            self.driver.next_deadline(),
            self.node.next_deadline(),
            self.raft.next_deadline(),
            self.registration_due(),
            self.suspects.next_deadline(),
        ];
        let now = self.clock.mono();
        let until = deadlines.into_iter().flatten().min().map_or(WAIT_MAX, |deadline| deadline.since(now));
        until.min(WAIT_MAX)
    }

    fn take(&mut self, command: Command) -> Result<Flow, QuorumDiskError> {
        match command {
            Command::Ask { request, reply } => {
                self.clear_suspects(&request)?;
                let id = self.next_reply();
                self.replies.insert(id, reply);
                self.driver_step(coordinator::Event::Request { reply: id, request: *request })?;
            }
            Command::Node(event) => self.node_step(event)?,
            Command::Received(received) => self.received(received)?,
            Command::Peer { event, leader } => self.heard(event, leader.as_ref())?,
            Command::BrokerLost(broker) => self.broker_lost(broker)?,
            Command::Probed(one, found) => self.suspects_step(SuspectEvent::Probed(one, found))?,
            // Alone, nobody could take over.
            Command::Resign if self.raft.voters().len() > 1 => self.raft_step(raft::Event::Resign)?,
            Command::Resign => {}
            Command::Describe(reply) => {
                // Whoever asked may have gone.
                let _gone = reply.send(self.raft.status(self.clock.now()));
            }
            Command::Voters(reply) => {
                let _gone = reply.send(self.raft.voters().clone());
            }
            Command::Stop => return Ok(Flow::Stop),
        }
        Ok(Flow::Continue)
    }

    fn tick(&mut self) -> Result<(), QuorumDiskError> {
        let now = self.clock.mono();
        if self.driver.next_deadline().is_some_and(|deadline| deadline <= now) {
            self.driver_step(coordinator::Event::Tick)?;
        }
        if self.node.next_deadline().is_some_and(|deadline| deadline <= now) {
            self.node_step(node::Event::Tick)?;
        }
        if self.raft.next_deadline().is_some_and(|deadline| deadline <= now) {
            self.raft_step(raft::Event::Tick)?;
        }
        if self.suspects.next_deadline().is_some_and(|deadline| deadline <= now) {
            self.suspects_step(SuspectEvent::Tick)?;
        }
        self.watch_quorum();
        self.register_controller()
    }

    /// One sync for everything that was appended; then commits, publishes, replies. What replies set off (the
    /// node's next request) may append again, so this goes round until nothing is left to sync.
    fn sync(&mut self) -> Result<(), QuorumDiskError> {
        loop {
            if let Some(upto) = self.flush_to.take() {
                self.disk.flush(self.clock.wall())?;
                self.raft_step(raft::Event::Flushed { upto })?;
            }
            self.publish()?;
            self.tell_of_catching_up();
            self.tell_who_leads();
            for (reply, response) in mem::take(&mut self.ready) {
                self.reply(reply, response)?;
            }
            if self.flush_to.is_none() && self.ready.is_empty() {
                break;
            }
        }
        self.snapshot_if_due()
    }

    fn driver_step(&mut self, event: coordinator::Event<Controller>) -> Result<(), QuorumDiskError> {
        let mut actions = Vec::new();
        self.driver.step(self.clock.now(), event, &mut actions);
        for action in actions {
            match action {
                coordinator::Action::Append { epoch, records, .. } => self.append(epoch, &records)?,
                coordinator::Action::Reply { reply, response } => self.ready.push((reply, response)),
            }
        }
        Ok(())
    }

    /// Publishes the committed image when it says something new.
    fn publish(&mut self) -> Result<(), QuorumDiskError> {
        let image = self.driver.committed().settled();
        if image.last_offset() == self.published.last_offset() {
            return Ok(());
        }
        if let Some(fault) = image.fault() {
            tracing::error!(%fault, "a metadata record does not fit; the image stays as it is");
            return Ok(());
        }
        let delta = if self.last_change > self.published.last_offset() {
            Delta::between(&self.published, image)
        } else {
            Delta::default()
        };
        self.published = image.clone();
        self.events.published(Arc::new(image.clone()), &delta);
        match self.published.last_offset() {
            Some(offset) => self.node_step(node::Event::MetadataAt(offset)),
            None => Ok(()),
        }
    }

    /// How much there is only a leader knows; what this node has replayed by itself may be old.
    fn tell_of_catching_up(&mut self) {
        let known = self.raft.high_watermark();
        if !self.has_caught_up && known.is_some_and(|upto| self.driver.committed_upto() >= upto) {
            self.has_caught_up = true;
            self.events.caught_up();
        }
    }

    fn reply(&mut self, reply: ReplyId, response: Result<Response, Refused>) -> Result<(), QuorumDiskError> {
        match reply {
            NODE_REGISTRATION => {
                let answer = match response {
                    Ok(Response::RegisterBroker(Ok(epoch))) => Ok(epoch),
                    other => {
                        tracing::warn!(answer = ?other, "this broker was not registered");
                        Err(Failure::Retry)
                    }
                };
                self.node_step(node::Event::RegistrationAnswered(answer))
            }
            NODE_HEARTBEAT => {
                let answer = match response {
                    Ok(Response::Heartbeat(Ok(standing))) => Ok(Standing {
                        caught_up: standing.caught_up,
                        fenced: standing.fenced,
                        shut_down: standing.shut_down,
                    }),
                    Ok(Response::Heartbeat(Err(_))) => Err(Failure::StaleEpoch),
                    _ => Err(Failure::Retry),
                };
                self.node_step(node::Event::HeartbeatAnswered(answer))
            }
            other => {
                if let Some(waiting) = self.replies.remove(&other) {
                    let active = self.raft.state().leader;
                    // Whoever asked may have given up.
                    let _gone = waiting.send(response.map_err(|refused| AskError::of(refused, active)));
                }
                Ok(())
            }
        }
    }

    /// The active controller is who leads; this node only once it may decide.
    fn tell_who_leads(&mut self) {
        let leader =
            self.raft.state().leader.filter(|leader| *leader != self.id() || self.driver.leads().is_some());
        let active = leader
            .map(|node| ActiveController { node, address: self.peers.address(node).map(str::to_owned) });
        if active != self.told {
            if let Some(active) = &active {
                self.controller.lead_moved(active.node);
            }
            self.told.clone_from(&active);
            self.events.lead_moved(active);
        }
    }

    fn next_reply(&mut self) -> ReplyId {
        self.next_reply += 1;
        ReplyId::new(self.next_reply)
    }

    fn id(&self) -> BrokerId {
        self.settings.me.id
    }
}
