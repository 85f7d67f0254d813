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

mod faults;
mod node;

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

#[derive(Debug)]
enum DiskWork {
    State(QuorumState),
    Opening(LeaderEpoch),
    Voters,
    Flush(Offset),
    Append(Vec<Record>),
    Truncate(Offset),
    Chunk(Vec<Record>),
    Install(SnapshotId),
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

    fn disk(&mut self, node: usize, work: DiskWork) {
        let life = self.nodes[node].life;
        self.schedule(4, Item::Done { node, life, work });
        // The worst moment for a crash is while the disk works.
        if self.has_faults && self.random.below(200) == 0 {
            self.schedule(4, Item::Crash { node, life });
            self.schedule(3_000, Item::Start { node, life });
        }
    }

    fn copies(&mut self, from: usize, to: usize) -> u32 {
        let is_cut = self.cut.is_some_and(|cut| (cut == from) != (cut == to));
        if is_cut || self.random.below(1000) < self.loss {
            0
        } else if self.random.below(1000) < self.loss / 4 {
            2
        } else {
            1
        }
    }

    fn respond(&mut self, node: usize, reply: ReplyId, answer: Answer) {
        let one = &mut self.nodes[node];
        let to = one.replies.remove(&reply).expect("answered once");
        if to.0 == NODES {
            return;
        }
        let (mut records, mut size) = (vec![], 0);
        match &answer.outcome {
            Outcome::Records { from, upto, .. } => records = one.read(*from, *upto),
            Outcome::SnapshotChunk { id, position } => {
                let (have, content) = one.snapshot.as_ref().expect("a snapshot");
                assert_eq!(have, id);
                size = content.len() as u64;
                let position = usize::try_from(*position).unwrap();
                records = content.iter().skip(position).take(9).copied().collect();
            }
            _ => {}
        }
        for _ in 0..self.copies(node, to.0) {
            let (answer, records) = (answer.clone(), records.clone());
            self.schedule(30, Item::Answer { to, from: node, answer, records, size });
        }
    }

    /// A leader has everything that is committed.
    fn has_all(&self, node: usize) {
        let one = &self.nodes[node];
        let start = index(one.log_start).min(self.committed.len());
        let known = &self.committed[start..];
        assert!(one.log.starts_with(known), "node {node} leads without what is committed");
    }

    /// What a leader calls committed is durable on a majority of its voters.
    fn is_durable(&self, node: usize, upto: Offset) {
        let Some(raft) = &self.nodes[node].raft else { return };
        if raft.role() != Role::Leader {
            return;
        }
        let have =
            |voter: &&Voter| self.nodes.iter().any(|node| node.me.key == voter.key && node.flushed >= upto);
        let count = raft.voters().iter().filter(have).count();
        assert!(count > raft.voters().len() / 2, "node {node} commits {upto:?} with {count}");
    }

    fn commit(&mut self, node: usize, upto: Offset) {
        self.is_durable(node, upto);
        let one = &mut self.nodes[node];
        assert!(upto <= one.end() && upto > one.committed);
        one.committed = upto;
        let start = index(one.log_start);
        for place in start..index(upto) {
            let record = one.log[place - start];
            match self.committed.get(place) {
                Some(known) => assert_eq!(*known, record, "node {node} at {place}"),
                None => {
                    assert_eq!(self.committed.len(), place);
                    self.committed.push(record);
                }
            }
        }
        self.covered.committed = self.committed.len();
    }

    fn done(&mut self, node: usize, work: DiskWork) {
        let one = &mut self.nodes[node];
        let event = match work {
            DiskWork::State(state) => {
                one.state = state;
                Event::StateWritten
            }
            DiskWork::Opening(epoch) => {
                let set = one.raft.as_ref().and_then(|raft| raft.voters_to_log.as_ref());
                one.log.push((epoch, set.map_or(0, set_value)));
                Event::Appended { end: one.end() }
            }
            DiskWork::Voters => {
                let asked =
                    one.raft.as_ref().and_then(|raft| raft.voters_appending.as_ref()).expect("asked for");
                one.log.push((asked.epoch, set_value(&asked.voters)));
                self.covered.voter_changes += 1;
                Event::VotersAppended { end: one.end() }
            }
            DiskWork::Flush(upto) => {
                one.flushed = one.flushed.max(upto.min(one.end()));
                Event::Flushed { upto }
            }
            DiskWork::Append(records) => {
                one.log.extend(records);
                Event::Appended { end: one.end() }
            }
            DiskWork::Truncate(to) => {
                one.log.truncate(index(to) - index(one.log_start));
                one.flushed = one.flushed.min(to);
                self.covered.truncations += 1;
                Event::Truncated
            }
            DiskWork::Chunk(records) => {
                one.partial.extend(records);
                Event::SnapshotChunkWritten
            }
            DiskWork::Install(id) => {
                let content = core::mem::take(&mut one.partial);
                let voters = last_set(&content);
                assert_eq!(content[..], self.committed[..index(id.end)], "a snapshot is what is committed");
                one.snapshot = Some((id, content));
                one.log.clear();
                one.log_start = id.end;
                one.flushed = id.end;
                one.committed = one.committed.max(id.end);
                self.covered.installs += 1;
                Event::SnapshotInstalled { voters }
            }
        };
        self.step(node, event);
    }

    fn answer(
        &mut self,
        node: usize,
        correlation: Correlation,
        from: usize,
        answer: Answer,
        records: Vec<Record>,
        size: u64,
    ) {
        let held = HeldBytes(self.seq);
        self.seq += 1;
        let length = records.len() as u64;
        let event = match answer.outcome {
            Outcome::Records { from: first, high_watermark, .. } => {
                let mut epochs = EpochHistory::default();
                let mut starts = vec![];
                for (place, (epoch, _)) in records.iter().enumerate() {
                    if place == 0 || epochs.last() != *epoch {
                        epochs.assign(*epoch, at(index(first) + place));
                        starts.push((*epoch, at(index(first) + place)));
                    }
                }
                let sets = records.iter().enumerate().filter_map(|(place, (_, value))| {
                    value_set(*value).map(|set| (at(index(first) + place + 1), set))
                });
                let voters = sets.collect();
                let end = at(index(first) + records.len());
                let fetched = Fetched { bytes: held, end, epochs: starts, voters, high_watermark };
                let leader = answer.leader.expect("a leader answers");
                Event::Fetched { correlation, epoch: answer.epoch, leader, records: fetched }
            }
            Outcome::SnapshotChunk { .. } => Event::SnapshotChunk { correlation, bytes: held, length, size },
            _ => {
                let from = BrokerId::new(i32::try_from(from).unwrap());
                self.step(node, Event::Answered { correlation, from, answer });
                return;
            }
        };
        self.nodes[node].held.insert(held.0, records);
        self.step(node, event);
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
