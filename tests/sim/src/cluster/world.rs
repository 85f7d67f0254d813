//! The world: its clock, what is due when, and the way of every event.

use std::collections::BTreeMap;

use broker_node::fetcher::{Event as FetcherEvent, Key};
use broker_raft::{QuorumState, Voters};
use broker_types::{Now, Offset};

use super::{
    clients::Clients,
    clock::SkewedClock,
    coverage::Coverage,
    defect::Defect,
    invariants::Truth,
    log::mix,
    message::{Body, Caller, Message},
    net::Net,
    node::{Call, Live, Node, voter},
    processes::Notice,
    setup::{Durability, Setup},
};
use crate::Random;

/// A disk's work that is done.
#[derive(Debug)]
pub(super) enum Done {
    State(QuorumState),
    Flushed(Offset),
    /// What a fetcher wrote is durable.
    Followed {
        leader: usize,
        synced: Vec<(Key, i64)>,
        events: Vec<FetcherEvent>,
    },
    /// What a replica has of its own when it begins to follow is durable.
    MayFollow {
        leader: usize,
        key: Key,
        upto: i64,
    },
    /// What a leader has of its own is durable.
    Synced {
        key: Key,
        upto: i64,
    },
}

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Killed,
    PowerLost,
}

/// Something that is due.
#[derive(Debug)]
pub(super) enum Item {
    Deliver(Box<Message>),
    /// Nobody waits any longer for an answer.
    GiveUp {
        endpoint: usize,
        life: u32,
        call: u64,
    },
    Wake {
        node: usize,
        life: u32,
        due: u64,
    },
    Done {
        node: usize,
        life: u32,
        done: Done,
    },
    Crash {
        node: usize,
        life: u32,
        end: End,
    },
    Start {
        node: usize,
    },
    Client {
        client: usize,
    },
    Fault,
    Notice(Notice),
    Restore(super::faults::Restore),
}

/// The world.
pub(super) struct World {
    pub(super) now: u64,
    sequence: u64,
    queue: BTreeMap<(u64, u64), Item>,
    pub(super) random: Random,
    pub(super) setup: Setup,
    pub(super) net: Net,
    pub(super) nodes: Vec<Node>,
    pub(super) clients: Clients,
    pub(super) truth: Truth,
    pub(super) coverage: Coverage,
    pub(super) defect: Option<Defect>,
    pub(super) has_faults: bool,
    pub(super) trace: u64,
    pub(super) events: u64,
    pub(super) failure: Option<String>,
    unique: u64,
}

impl World {
    pub(super) fn new(seed: u64, defect: Option<Defect>) -> Self {
        let mut random = Random::new(seed);
        let setup = Setup::new(&mut random);
        let voters: Voters = (0..setup.voters).map(|id| voter(id, super::node::directory(id, 1))).collect();
        let mut node = |id| {
            let bootstrap = (id < setup.voters).then(|| voters.clone());
            let keeps_elr = setup.durability == Durability::Eligible;
            Node::new(id, SkewedClock::new(&mut random), bootstrap, keeps_elr)
        };
        let nodes = (0..setup.nodes).map(&mut node).collect();
        let clients = Clients::new(setup.nodes);
        let mut world = Self {
            now: 1_000_000,
            sequence: 0,
            queue: BTreeMap::new(),
            random,
            setup,
            net: Net::new(),
            nodes,
            clients,
            truth: Truth::default(),
            coverage: Coverage::default(),
            defect,
            has_faults: true,
            trace: seed,
            events: 0,
            failure: None,
            unique: 0,
        };
        world.coverage.setup(setup);
        for node in 0..setup.nodes {
            world.after(1 + node as u64, Item::Start { node });
        }
        for client in 0..world.clients.len() {
            world.after(500_000 + client as u64 * 1_000, Item::Client { client });
        }
        world
    }

    /// The first thing that is wrong ends the run.
    pub(super) fn fail(&mut self, why: impl FnOnce() -> String) {
        if self.failure.is_none() {
            self.failure = Some(why());
        }
    }

    /// Checks that this holds.
    pub(super) fn hold(&mut self, checked: Result<(), String>) {
        if let Err(why) = checked {
            self.fail(|| why);
        }
    }

    /// A number that nothing else has.
    pub(super) const fn unique(&mut self) -> u64 {
        self.unique += 1;
        self.unique
    }

    pub(super) fn is_broken(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }

    pub(super) fn note(&mut self, value: u64) {
        self.trace = mix(self.trace, value);
    }

    pub(super) fn after(&mut self, micros: u64, item: Item) {
        self.at(self.now + micros.max(1), item);
    }

    pub(super) fn at(&mut self, due: u64, item: Item) {
        self.sequence += 1;
        self.queue.insert((due.max(self.now + 1), self.sequence), item);
    }

    pub(super) fn now_of(&self, node: usize) -> Now {
        self.nodes[node].clock.at(self.now)
    }

    pub(super) fn live(&mut self, node: usize) -> Option<&mut Live> {
        self.nodes.get_mut(node)?.live.as_mut()
    }

    /// Runs on to this time, or to the first failure.
    pub(super) fn run_until(&mut self, end: u64) {
        while self.failure.is_none()
            && let Some(entry) = self.queue.first_entry().filter(|entry| entry.key().0 <= end)
        {
            let ((due, _), item) = entry.remove_entry();
            self.now = due;
            self.run(item);
        }
        if self.failure.is_none() {
            self.now = end;
        }
    }

    fn run(&mut self, item: Item) {
        let (node, kind) = match &item {
            Item::Deliver(message) => (Some(message.to), 1),
            Item::GiveUp { endpoint, .. } => (Some(*endpoint), 2),
            Item::Wake { node, .. } => (Some(*node), 3),
            Item::Done { node, .. } => (Some(*node), 4),
            Item::Crash { .. } => (None, 5),
            Item::Start { .. } => (None, 6),
            Item::Client { .. } => (None, 7),
            Item::Fault => (None, 8),
            Item::Restore(_) => (None, 9),
            Item::Notice(_) => (None, 10),
        };
        let node = node.filter(|node| *node < self.nodes.len());
        if let Some(until) = node.map(|node| self.nodes[node].paused_until).filter(|until| *until > self.now)
        {
            // What is sent to a stopped process waits in its sockets.
            self.at(until, item);
            return;
        }
        self.events += 1;
        self.note(self.now ^ (kind << 56) ^ (node.unwrap_or(99) as u64) << 48);
        match item {
            Item::Deliver(message) => self.deliver(*message),
            Item::GiveUp { endpoint, life, call } => self.give_up(endpoint, life, call),
            Item::Wake { node, life, due } => self.wake(node, life, due),
            Item::Done { node, life, done } if self.lives(node, life) => self.done(node, done),
            Item::Crash { node, life, end } if self.lives(node, life) => self.crash(node, end),
            Item::Start { node } => self.start(node),
            Item::Client { client } => self.client_turn(client),
            Item::Fault => self.fault(),
            Item::Restore(restore) => self.restore(restore),
            Item::Notice(notice) => self.notice(notice),
            Item::Done { .. } | Item::Crash { .. } => {}
        }
        if let Some(node) = node {
            self.settle(node);
            self.check(node);
        }
    }

    fn lives(&self, node: usize, life: u32) -> bool {
        self.nodes[node].life == life && self.nodes[node].live.is_some()
    }

    /// Only the last time that was asked for counts.
    fn wake(&mut self, node: usize, life: u32, due: u64) {
        if !self.lives(node, life) {
            return;
        }
        let Some(live) = self.live(node).filter(|live| live.wakes_at == due) else { return };
        live.wakes_at = u64::MAX;
        self.tick(node);
    }

    /// Does what follows from what just happened on a node, then sees when it must be woken.
    pub(super) fn settle(&mut self, node: usize) {
        self.finish_metadata(node);
        self.look_at_parked(node);
        let clock = self.nodes[node].clock;
        let now = self.now;
        let Some(live) = self.live(node) else { return };
        let Some(deadline) = live.next_deadline() else { return };
        let due = clock.when(deadline).max(now + 1_000);
        if due < live.wakes_at {
            live.wakes_at = due;
            let life = self.nodes[node].life;
            self.at(due, Item::Wake { node, life, due });
        }
    }

    /// Sends a request; the answer, or the end of patience, names the call.
    pub(super) fn call(&mut self, node: usize, to: usize, call: Call, body: Body, patience: u64) -> u64 {
        let life = self.nodes[node].life;
        let Some(live) = self.live(node) else { return 0 };
        let id = live.next();
        live.calls.insert(id, call);
        let caller = Caller { from: node, life, call: id };
        self.send(Message { to, sender: node, caller, is_answer: false, body });
        self.after(patience, Item::GiveUp { endpoint: node, life, call: id });
        id
    }

    pub(super) fn answer(&mut self, node: usize, caller: Caller, body: Body) {
        self.send(Message { to: caller.from, sender: node, caller, is_answer: true, body });
    }

    pub(super) fn send(&mut self, message: Message) {
        for time in self.net.deliveries(message.sender, message.to, &mut self.random) {
            self.after(time, Item::Deliver(Box::new(message.clone())));
        }
    }

    fn deliver(&mut self, message: Message) {
        if message.to < self.nodes.len() && self.nodes[message.to].live.is_none() {
            return self.refuse(&message);
        }
        let Message { to, sender, caller, is_answer, body } = message;
        if to >= self.nodes.len() {
            return self.client_hears(to, caller, sender, body);
        }
        if !is_answer {
            if matches!(body, Body::Ask(_)) && !self.is_awaited(caller) {
                // A connection that was given up is closed, and what came over it late is not read.
                return;
            }
            return self.asked(to, sender, caller, body);
        }
        if caller.life != self.nodes[to].life {
            return;
        }
        let Some(call) = self.live(to).and_then(|live| live.calls.remove(&caller.call)) else { return };
        self.answered(to, sender, caller.call, call, Some(body));
    }

    fn give_up(&mut self, endpoint: usize, life: u32, call: u64) {
        if endpoint >= self.nodes.len() {
            return self.client_gives_up(endpoint, call);
        }
        if !self.lives(endpoint, life) {
            return;
        }
        let Some(given_up) = self.live(endpoint).and_then(|live| live.calls.remove(&call)) else { return };
        self.coverage.timeouts += 1;
        self.answered(endpoint, endpoint, call, given_up, None);
    }

    /// Another node or a client asks.
    fn asked(&mut self, node: usize, sender: usize, caller: Caller, body: Body) {
        match body {
            Body::Raft(request) => self.raft_asked(node, caller, request),
            Body::Ask(request) => self.controller_asked(node, caller, *request),
            Body::Fetch { replica, epoch, request } => {
                self.fetch_asked(node, caller, replica, epoch, &request)
            }
            Body::Bounds { key, epoch } => self.bounds_asked(node, caller, key, epoch),
            Body::Produce { key, producer, sequence, value } => {
                self.produce_asked(node, caller, key, (producer, sequence, value));
            }
            Body::Read { key, from } => self.read_asked(node, caller, key, from),
            Body::WhoLeads => self.leaders_asked(node, caller),
            _ => self.fail(|| format!("node {sender} asks node {node} with an answer")),
        }
    }

    /// An answer, or none.
    pub(super) fn answered(&mut self, node: usize, sender: usize, id: u64, call: Call, body: Option<Body>) {
        match (call, body) {
            (Call::Raft(correlation), Some(Body::RaftAnswer(answer, payload))) => {
                self.raft_answered(node, sender, correlation, answer, payload);
            }
            (Call::Raft(correlation), _) => self.raft_unanswered(node, correlation),
            (Call::Fetch { leader }, body) => self.fetch_answered(node, leader, id, body),
            (Call::Bounds { leader, key, epoch }, body) => {
                let bounds = match body {
                    Some(Body::BoundsAre(bounds)) => bounds,
                    _ => None,
                };
                self.drive(node, leader, vec![FetcherEvent::Bounds { partition: key, epoch, bounds }]);
            }
            (call, Some(Body::Told(response))) => {
                self.controller_answered(node, &call, response.map(|response| *response));
            }
            (call, _) => self.controller_answered(node, &call, None),
        }
    }

    fn done(&mut self, node: usize, done: Done) {
        match done {
            Done::State(state) => self.state_written(node, state),
            Done::Flushed(upto) => self.flushed(node, upto),
            Done::Followed { leader, synced, events } => {
                for (key, upto) in synced {
                    self.synced(node, key, upto);
                }
                self.drive(node, leader, events);
            }
            Done::MayFollow { leader, key, upto } => {
                self.synced(node, key, upto);
                self.fetch_from(node, key, leader);
            }
            Done::Synced { key, upto } => self.leader_synced(node, key, upto),
        }
    }

    /// When a sync of this node's disk ends that begins now.
    pub(super) fn sync_ends(&mut self, node: usize) -> u64 {
        let time = 100 + self.random.below(self.nodes[node].disk.sync_time);
        let disk = &mut self.nodes[node].disk;
        disk.busy_until = disk.busy_until.max(self.now) + time;
        disk.busy_until
    }
}
