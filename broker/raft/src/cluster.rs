//! Clusters of members on one seeded clock: a lossy network, disks that forget what was not flushed, crashes, emptied
//! volumes, snapshots, voters that come and go; then everything heals and must work.
//!
//! Invariants after every step: one leader in an epoch; what any member says is committed is the same everywhere and
//! stays, and is durable on a majority of the voters when its leader says so; a leader has all of it.

use alloc::{collections::BTreeMap, vec, vec::Vec};
use core::time::Duration;

use broker_types::{BrokerId, DirectoryId, LeaderEpoch, Mono, Now, Offset, Random, ReplyId, Timestamp, Uuid};

use crate::{
    Action, Answer, Correlation, Destination, Durable, EpochHistory, Event, Fetched, HeldBytes, Outcome,
    PeerAction, QuorumState, Raft, Request, Role, Snapshot, SnapshotId, Timing, Voter, VoterHistory,
    VoterKey, VoterRequest, Voters,
};

mod disk;
mod faults;
mod judge;
mod network;
mod node;

use disk::DiskWork;
use node::{Node, at, index, key, last_set, set_value, value_set, voter};

/// A record: the epoch it was appended in, and a number that tells it from others.
type Record = (LeaderEpoch, u64);

const VOTERS: usize = 3;
const NODES: usize = 4;
/// Thousands were run once; these few keep watch.
const SEEDS: u64 = 25;

#[derive(Debug)]
enum Item {
    Step {
        node: usize,
        life: u32,
        event: Event,
    },
    /// A disk's work is done.
    Done {
        node: usize,
        life: u32,
        work: DiskWork,
    },
    Deliver {
        node: usize,
        request: Request,
        from: (usize, u32, Correlation),
    },
    Answer {
        to: (usize, u32, Correlation),
        from: usize,
        answer: Answer,
        records: Vec<Record>,
        size: u64,
    },
    Wake {
        node: usize,
        life: u32,
    },
    Crash {
        node: usize,
        life: u32,
    },
    Start {
        node: usize,
        life: u32,
    },
}

#[derive(Default, Debug)]
struct Covered {
    elections: u32,
    resignations: u32,
    truncations: u32,
    installs: u32,
    crashes: u32,
    committed: usize,
    voter_changes: u32,
}

struct Cluster {
    random: Random,
    now: u64,
    seq: u64,
    queue: BTreeMap<(u64, u64), Item>,
    nodes: Vec<Node>,
    leaders: BTreeMap<LeaderEpoch, usize>,
    committed: Vec<Record>,
    /// In a thousand.
    loss: u64,
    cut: Option<usize>,
    has_faults: bool,
    next_value: u64,
    covered: Covered,
}

impl Cluster {
    fn new(seed: u64) -> Self {
        let mut cluster = Self {
            random: Random::new(seed),
            now: 0,
            seq: 0,
            queue: BTreeMap::new(),
            nodes: (0..NODES).map(Node::new).collect(),
            leaders: BTreeMap::new(),
            committed: vec![],
            loss: 0,
            cut: None,
            has_faults: true,
            next_value: 1,
            covered: Covered::default(),
        };
        (0..NODES).for_each(|node| cluster.start(node));
        cluster
    }

    fn schedule(&mut self, within_ms: u64, item: Item) {
        let delay = 1 + self.random.below(within_ms * 1000);
        self.seq += 1;
        self.queue.insert((self.now + delay, self.seq), item);
    }

    fn start(&mut self, node: usize) {
        let seed = self.random.next_u64();
        let one = &mut self.nodes[node];
        one.life += 1;
        one.wakes_at = u64::MAX;
        one.committed = one.snapshot.as_ref().map_or(Offset::ZERO, |(id, _)| id.end);
        one.raft = Some(Raft::new(one.me.clone(), one.durable(), Timing::default(), seed));
        self.step(node, Event::Start);
    }

    /// What was not flushed may be lost, all of it or the end of it.
    fn crash(&mut self, node: usize) {
        let one = &mut self.nodes[node];
        if one.raft.take().is_none() {
            return;
        }
        let unflushed = index(one.end()) - index(one.flushed).max(index(one.log_start)).min(index(one.end()));
        let lost = usize::try_from(self.random.below(unflushed as u64 + 1)).unwrap();
        one.log.truncate(one.log.len() - lost);
        one.elected = None;
        one.partial.clear();
        one.held.clear();
        one.replies.clear();
        one.committed = Offset::ZERO;
        self.covered.crashes += 1;
    }

    /// The volume is empty, and its directory another one.
    fn wipe(&mut self, node: usize) {
        self.crash(node);
        let life = self.nodes[node].life;
        let fresh = Node::new(node);
        self.nodes[node] = Node { me: voter(key(node, 9)), life, is_formatted: false, ..fresh };
    }

    fn step(&mut self, node: usize, event: Event) {
        let now = Now {
            mono: Mono::from_micros(self.now),
            wall: Timestamp::from_millis(i64::try_from(self.now / 1000).unwrap()),
        };
        let mut actions = Vec::new();
        let Some(raft) = &mut self.nodes[node].raft else { return };
        raft.step(now, event, &mut actions);
        if raft.role() == Role::Leader {
            let other = *self.leaders.entry(raft.state().epoch).or_insert(node);
            assert_eq!(other, node, "two leaders in {:?}", raft.state());
        }
        if let Some(deadline) = raft.next_deadline() {
            let one = &mut self.nodes[node];
            let due = deadline.as_micros().max(self.now + 1);
            if due < one.wakes_at {
                one.wakes_at = due;
                self.seq += 1;
                self.queue.insert((due, self.seq), Item::Wake { node, life: one.life });
            }
        }
        actions.into_iter().for_each(|action| self.act(node, action));
    }

    fn act(&mut self, node: usize, action: Action) {
        match action {
            Action::WriteState(state) => self.disk(node, DiskWork::State(state)),
            Action::AppendLeaderChange { epoch } => self.disk(node, DiskWork::Opening(epoch)),
            Action::Flush { upto } => self.disk(node, DiskWork::Flush(upto)),
            Action::Elected { epoch, next } => {
                assert_eq!(next, self.nodes[node].end());
                self.has_all(node);
                self.nodes[node].elected = Some(epoch);
                self.covered.elections += 1;
            }
            Action::Resigned { epoch } => {
                assert_eq!(self.nodes[node].elected.take(), Some(epoch));
                self.covered.resignations += 1;
            }
            Action::Committed { upto } => self.commit(node, upto),
            Action::Peer(PeerAction::Send { correlation, to, request }) => {
                let target = match to {
                    Destination::Node(id) => usize::try_from(id.get()).unwrap(),
                    Destination::Bootstrap => self.random.index(VOTERS),
                };
                let from = (node, self.nodes[node].life, correlation);
                for _ in 0..self.copies(node, target) {
                    self.schedule(30, Item::Deliver { node: target, request: request.clone(), from });
                }
            }
            Action::Peer(PeerAction::Respond { reply, answer }) => self.respond(node, reply, answer),
            Action::Peer(PeerAction::AppendFetched { bytes }) => {
                let records = self.nodes[node].held.remove(&bytes.0).expect("held");
                self.disk(node, DiskWork::Append(records));
            }
            Action::Peer(PeerAction::AppendVoters { .. }) => self.disk(node, DiskWork::Voters),
            Action::Peer(PeerAction::Truncate { to }) => self.disk(node, DiskWork::Truncate(to)),
            Action::Peer(PeerAction::WriteSnapshotChunk { position, bytes, .. }) => {
                if position == 0 {
                    self.nodes[node].partial.clear();
                }
                let records = self.nodes[node].held.remove(&bytes.0).expect("held");
                self.disk(node, DiskWork::Chunk(records));
            }
            Action::Peer(PeerAction::InstallSnapshot { id }) => self.disk(node, DiskWork::Install(id)),
            Action::Peer(PeerAction::Drop { bytes }) => {
                self.nodes[node].held.remove(&bytes.0);
            }
        }
    }

    fn run(&mut self, item: Item) {
        match item {
            Item::Step { node, life, event } if self.nodes[node].life == life => self.step(node, event),
            Item::Wake { node, life } if self.nodes[node].life == life => {
                self.nodes[node].wakes_at = u64::MAX;
                self.step(node, Event::Tick);
            }
            Item::Done { node, life, work }
                if self.nodes[node].life == life && self.nodes[node].raft.is_some() =>
            {
                self.done(node, work);
            }
            Item::Deliver { node, request, from } if self.nodes[node].raft.is_some() => {
                self.seq += 1;
                let reply = ReplyId::new(self.seq);
                self.nodes[node].replies.insert(reply, from);
                self.step(node, Event::Received { reply, request });
            }
            Item::Answer { to: (node, life, correlation), from, answer, records, size }
                if self.nodes[node].life == life && self.nodes[node].raft.is_some() =>
            {
                self.answer(node, correlation, from, answer, records, size);
            }
            Item::Crash { node, life } if self.nodes[node].life == life => self.crash(node),
            Item::Start { node, life }
                if self.nodes[node].life == life && self.nodes[node].raft.is_none() =>
            {
                self.start(node);
            }
            _ => {}
        }
    }

    fn run_for(&mut self, time: Duration) {
        let end = self.now + u64::try_from(time.as_micros()).unwrap();
        while let Some(entry) = self.queue.first_entry().filter(|entry| entry.key().0 <= end) {
            let ((due, _), item) = entry.remove_entry();
            self.now = due;
            self.run(item);
        }
        self.now = end;
    }

    /// Whoever may, appends.
    fn propose(&mut self) {
        for node in 0..NODES {
            let value = self.next_value;
            let one = &mut self.nodes[node];
            if let Some(epoch) = one.elected {
                self.next_value += 1;
                one.log.push((epoch, value));
                let end = one.end();
                self.step(node, Event::Appended { end });
            }
        }
    }

    /// Everything works again: there is one leader, and all have what it appends.
    fn heal_and_check(&mut self) {
        self.cut = None;
        self.loss = 0;
        self.has_faults = false;
        for node in 0..NODES {
            if self.nodes[node].raft.is_none() {
                self.start(node);
            }
        }
        self.run_for(Duration::from_secs(20));
        let before = self.committed.len();
        self.propose();
        self.run_for(Duration::from_secs(5));
        let elected = self.nodes.iter().filter(|node| node.elected.is_some()).count();
        assert_eq!(elected, 1, "one leads");
        assert!(self.committed.len() > before, "what it appends is committed");
        for (place, node) in self.nodes.iter().enumerate() {
            assert_eq!(index(node.committed), self.committed.len(), "node {place} has it: {:?}", node.raft);
        }
    }
}

/// One minute of faults, then health.
fn run(seed: u64) -> Covered {
    let mut cluster = Cluster::new(seed);
    // A volume is emptied only where the voters stay: of fewer than three none can be spared.
    let changes_voters = seed % 2 == 1;
    let wipes_at = cluster.random.below(400);
    for round in 0..240 {
        cluster.run_for(Duration::from_millis(250));
        cluster.propose();
        if changes_voters && cluster.random.below(4) == 0 {
            cluster.change_voters();
        }
        if cluster.random.below(4) == 0 {
            cluster.fault();
        }
        if round == wipes_at && !changes_voters {
            // The one that cannot be spared is not taken away: two of three voters stay.
            cluster.wipe(VOTERS - 1);
        }
    }
    cluster.heal_and_check();
    cluster.covered
}

#[test]
fn whatever_fails_nothing_committed_is_lost_and_health_returns() {
    let mut all = Covered::default();
    for seed in 0..SEEDS {
        let covered = run(seed);
        all.elections += covered.elections;
        all.resignations += covered.resignations;
        all.truncations += covered.truncations;
        all.installs += covered.installs;
        all.crashes += covered.crashes;
        all.committed += covered.committed;
        all.voter_changes += covered.voter_changes;
    }
    assert!(all.elections > 60 && all.resignations > 15, "{all:?}");
    assert!(all.voter_changes > 20, "{all:?}");
    assert!(all.truncations > 5 && all.installs > 5, "{all:?}");
    assert!(all.crashes > 200 && all.committed > 1_000, "{all:?}");
}

#[test]
fn the_same_seed_goes_the_same_way() {
    let trace = |seed| {
        let covered = run(seed);
        alloc::format!("{covered:?}")
    };
    assert_eq!(trace(7), trace(7));
}
