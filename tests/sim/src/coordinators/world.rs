//! The world: its clock, what is due when, and the way of every event.

use std::collections::BTreeMap;

use broker_types::{LeaderEpoch, Mono, Now, Offset, ProducerId, Timestamp};

use super::{
    clients::{self, Client},
    coverage::Coverage,
    defect::Defect,
    faults::Restore,
    hosted::{Hosts, Place},
    invariants::Truth,
    message::{Answer, Ask, Caller},
    net::{Endpoint, Net},
    partition::Partition,
    setup::{MILLI, NODES, OFFSETS, PARTITIONS, Setup, TXN},
    shards::{Groups, Transactions},
    shell::{Job, Then},
};
use crate::Random;

/// A year in which the wall clocks begin.
const EPOCH_MILLIS: i64 = 1_767_225_600_000;

/// A broker's process.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) is_up: bool,
    pub(super) life: u32,
    /// When this life began.
    pub(super) started: u64,
    /// What its wall clock is off by, in milliseconds.
    pub(super) wall_offset: i64,
    pub(super) calls: BTreeMap<u64, Then>,
}

/// A request on its way.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) to: usize,
    pub(super) caller: Caller,
    /// The client's connection.
    pub(super) connection: u64,
    /// Whether it counts no more once the client has opened another.
    pub(super) is_strict: bool,
    pub(super) ask: Ask,
}

/// Something that is due.
#[derive(Debug)]
pub(super) enum Item {
    Deliver(Box<Request>),
    Answered {
        caller: Caller,
        answer: Box<Answer>,
    },
    /// Nobody waits any longer.
    GiveUp {
        caller: Caller,
    },
    Turn {
        client: usize,
        life: u32,
    },
    StartClient {
        client: usize,
    },
    StartNode {
        node: usize,
    },
    Wake {
        at: Place,
        epoch: LeaderEpoch,
    },
    Append {
        at: Place,
        epoch: LeaderEpoch,
    },
    Replicated {
        part: usize,
        epoch: i32,
        upto: Offset,
    },
    Elect {
        part: usize,
        epoch: i32,
    },
    Load {
        part: usize,
        epoch: i32,
    },
    /// A deposed leader hears of it.
    Learn {
        at: Place,
        epoch: LeaderEpoch,
    },
    Await {
        at: Place,
        epoch: LeaderEpoch,
    },
    Marker(Box<Job>),
    Fault,
    Restore(Restore),
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
    pub(super) partitions: Vec<Partition>,
    pub(super) groups: Hosts<Groups>,
    pub(super) transactions: Hosts<Transactions>,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) clients: Vec<Option<Client>>,
    pub(super) truth: Truth,
    pub(super) coverage: Coverage,
    pub(super) defect: Option<Defect>,
    pub(super) has_faults: bool,
    /// Nothing new is begun.
    pub(super) is_ending: bool,
    pub(super) trace: u64,
    pub(super) events: u64,
    pub(super) failure: Option<String>,
    pub(super) listener: Option<fn(&str)>,
    unique: u64,
}

impl World {
    pub(super) fn new(seed: u64, defect: Option<Defect>) -> Self {
        let mut random = Random::new(seed ^ 0xc00d);
        let setup = Setup::new(&mut random);
        let start = Timestamp::from_millis(EPOCH_MILLIS);
        let partitions =
            (0..PARTITIONS).filter_map(|part| Partition::new(part, random.draw(), start, defect)).collect();
        let node = |random: &mut Random| Node {
            is_up: true,
            life: 0,
            started: 0,
            wall_offset: random.below(1_000) as i64 - 500,
            calls: BTreeMap::new(),
        };
        let nodes = (0..NODES).map(|_| node(&mut random)).collect();
        let mut world = Self {
            now: 1_000,
            sequence: 0,
            queue: BTreeMap::new(),
            random,
            setup,
            net: Net::default(),
            nodes,
            partitions,
            groups: Hosts::new(),
            transactions: Hosts::new(),
            endpoints: (0..clients::COUNT).map(|_| Endpoint::default()).collect(),
            clients: (0..clients::COUNT).map(|_| None).collect(),
            truth: Truth::default(),
            coverage: Coverage::default(),
            defect,
            has_faults: true,
            is_ending: false,
            trace: seed,
            events: 0,
            failure: None,
            listener: None,
            unique: 0,
        };
        for part in 0..PARTITIONS {
            world.after(1 + part as u64, Item::Elect { part, epoch: 0 });
        }
        for client in (0..clients::COUNT).filter(|client| !clients::is_twin(*client)) {
            world.after(500 * MILLI + client as u64 * MILLI, Item::StartClient { client });
        }
        world
    }

    /// The first thing that is wrong ends the run.
    pub(super) fn fail(&mut self, why: impl FnOnce() -> String) {
        if self.failure.is_none() {
            self.failure = Some(why());
        }
    }

    /// Tells whoever looks for a bug what happens.
    pub(super) fn tell(&self, what: impl FnOnce() -> String) {
        if let Some(tell) = self.listener {
            tell(&format!("{:>9} {}", self.now / MILLI, what()));
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

    /// A producer id that nobody has.
    pub(super) const fn fresh_id(&mut self) -> ProducerId {
        ProducerId::new(1_000 + self.unique() as i64)
    }

    pub(super) fn is_broken(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }

    pub(super) const fn note(&mut self, value: u64) {
        let mixed = (self.trace ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.trace = mixed ^ (mixed >> 29);
    }

    pub(super) fn after(&mut self, micros: u64, item: Item) {
        self.at(self.now + micros.max(1), item);
    }

    pub(super) fn at(&mut self, due: u64, item: Item) {
        self.sequence += 1;
        self.queue.insert((due.max(self.now + 1), self.sequence), item);
    }

    pub(super) fn now_of(&self, node: usize) -> Now {
        let Node { started, wall_offset, .. } = self.nodes[node];
        let wall = EPOCH_MILLIS + (self.now / 1_000) as i64 + wall_offset;
        Now { mono: Mono::from_micros(self.now - started), wall: Timestamp::from_millis(wall) }
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
        if let Some(until) = self.sleeps_until(&item) {
            // What is sent to a stopped process waits in its sockets.
            return self.at(until, item);
        }
        self.events += 1;
        let drawn = self.random.clone().draw();
        self.note(self.now ^ drawn);
        match item {
            Item::Deliver(request) => self.deliver(*request),
            Item::Answered { caller, answer } => self.hear(caller, Some(*answer)),
            Item::GiveUp { caller } => self.hear(caller, None),
            Item::Turn { client, life } => self.turn(client, life),
            Item::StartClient { client } => self.start_client(client),
            Item::StartNode { node } => self.start_node(node),
            Item::Wake { at, epoch } if OFFSETS.contains(&at.part) => self.wake::<Groups>(at, epoch),
            Item::Wake { at, epoch } => self.wake::<Transactions>(at, epoch),
            Item::Append { at, epoch } if OFFSETS.contains(&at.part) => self.write::<Groups>(at, epoch),
            Item::Append { at, epoch } => self.write::<Transactions>(at, epoch),
            Item::Replicated { part, epoch, upto } => self.replicated(part, epoch, upto),
            Item::Elect { part, epoch } => self.elect(part, epoch),
            Item::Load { part, epoch } => self.load(part, epoch),
            Item::Learn { at, epoch } => self.learn(at, epoch),
            Item::Await { at, epoch } => self.await_again(at, epoch),
            Item::Marker(job) => self.send_marker(*job),
            Item::Fault => self.fault(),
            Item::Restore(restore) => self.restore(restore),
        }
    }

    /// Until when the client stands still that this concerns.
    fn sleeps_until(&self, item: &Item) -> Option<u64> {
        let client = match item {
            Item::Turn { client, .. } => *client,
            Item::Answered { caller: Caller::Client { client, .. }, .. }
            | Item::GiveUp { caller: Caller::Client { client, .. } } => *client,
            _ => return None,
        };
        Some(self.endpoints[client].paused_until).filter(|until| *until > self.now)
    }

    fn deliver(&mut self, request: Request) {
        let Request { to, caller, connection, is_strict, ask } = request;
        if !self.nodes[to].is_up {
            return;
        }
        if let Caller::Client { client, lane, .. } = caller
            && self.endpoints[client].lanes[lane].connection(to) != connection
        {
            if is_strict {
                return;
            }
            self.coverage.late_requests += 1;
        }
        if let Caller::Node { node, life, call } = caller
            && is_strict
            && (self.nodes[node].life != life || !self.nodes[node].calls.contains_key(&call))
        {
            return;
        }
        if !matches!(ask, Ask::Fetch { .. }) {
            self.tell(|| format!("{caller:?} asks {to}: {ask:?}"));
        }
        self.serve(to, caller, ask);
    }

    /// An answer, or the end of patience.
    fn hear(&mut self, caller: Caller, answer: Option<Answer>) {
        match caller {
            Caller::Client { client, life, lane, call } => {
                if self.endpoints[client].hears(life, lane, call, answer.as_ref()) {
                    if !matches!(answer, Some(Answer::Fetched(_))) {
                        self.tell(|| format!("{caller:?} hears {answer:?}"));
                    }
                    self.coverage.timeouts += u64::from(answer.is_none());
                    self.with_client(client, |client, world| client.heard(world, lane, answer));
                }
            }
            Caller::Node { node, life, call } => {
                if self.nodes[node].life == life
                    && let Some(then) = self.nodes[node].calls.remove(&call)
                {
                    self.node_hears(node, then, answer);
                }
            }
            Caller::Shell | Caller::Nobody => {}
        }
    }

    fn turn(&mut self, client: usize, life: u32) {
        if !self.endpoints[client].is_up || self.endpoints[client].life != life {
            return;
        }
        self.with_client(client, Client::turn);
        let wait = 20 * MILLI + self.random.below(30 * MILLI);
        self.after(wait, Item::Turn { client, life });
    }

    pub(super) fn with_client(&mut self, client: usize, act: impl FnOnce(&mut Client, &mut Self)) {
        if let Some(mut taken) = self.clients[client].take() {
            act(&mut taken, self);
            // It may have ended itself.
            if self.endpoints[client].is_up {
                self.clients[client] = Some(taken);
            }
        }
    }

    fn await_again(&mut self, at: Place, epoch: LeaderEpoch) {
        if self.transactions.get(&(at.node, at.part)).is_some_and(|host| host.epoch == epoch) {
            self.await_markers(at);
        }
    }

    fn learn(&mut self, at: Place, epoch: LeaderEpoch) {
        if TXN.contains(&at.part) {
            if self.transactions.get(&(at.node, at.part)).is_some_and(|host| host.epoch == epoch) {
                self.resign::<Transactions>(at);
            }
        } else if self.groups.get(&(at.node, at.part)).is_some_and(|host| host.epoch == epoch) {
            self.resign::<Groups>(at);
        }
    }
}
