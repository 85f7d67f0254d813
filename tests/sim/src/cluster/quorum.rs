//! The quorum's member on a node: what the machine wants goes to the metadata log's disk and to other members.
//!
//! Writing is done at once, as into a page cache; syncing takes time, and one sync ends after the other.

use std::{collections::VecDeque, sync::Arc};

use broker_coordinator as coordinator;
use broker_raft::{
    self as raft, Answer, Correlation, Destination, Fetched, HeldBytes, Outcome, PeerAction, QuorumState,
    Request, Role,
};
use broker_types::{Offset, ReplyId};

use super::{
    defect::Defect,
    message::{Body, Caller, Payload},
    metadata_log::Batch,
    node::{Call, broker, index},
    world::{Done, Item, World},
};

/// Batches in one answer.
const BATCHES_MAX: usize = 6;
/// Records in one part of a snapshot.
const CHUNK: u64 = 7;
/// The machine gives up sooner.
const PATIENCE: u64 = 3_000_000;

impl World {
    /// Steps the machine and does what it wants, until it wants nothing more.
    pub(super) fn raft_step(&mut self, node: usize, event: raft::Event) {
        let mut events = VecDeque::from([event]);
        let mut actions = Vec::new();
        while let Some(event) = events.pop_front() {
            let now = self.now_of(node);
            let Some(live) = self.live(node) else { return };
            live.raft.step(now, event, &mut actions);
            let (role, epoch) = (live.raft.role(), live.raft.state().epoch);
            self.coverage.role(role);
            if role == Role::Leader {
                let checked = self.truth.quorum_leads(node, epoch);
                self.hold(checked);
            }
            for action in actions.drain(..) {
                self.perform(node, action, &mut events);
            }
        }
    }

    fn perform(&mut self, node: usize, action: raft::Action, events: &mut VecDeque<raft::Event>) {
        match action {
            raft::Action::WriteState(state) => {
                if self.is_broken(Defect::StateNotWritten) {
                    events.push_back(raft::Event::StateWritten);
                } else {
                    self.write(node, Done::State(state));
                }
            }
            raft::Action::AppendLeaderChange { .. } => {
                if let Some(end) = self.append_control(node, true) {
                    events.push_back(raft::Event::Appended { end });
                }
            }
            raft::Action::Elected { epoch, next } => {
                self.coverage.elections += 1;
                let checked = self.truth.leads_with_all(node, &self.nodes[node].disk.metadata);
                self.hold(checked);
                self.driver_step(node, coordinator::Event::Elected { epoch, next });
            }
            raft::Action::Resigned { .. } => {
                self.coverage.resignations += 1;
                self.driver_step(node, coordinator::Event::Resigned);
            }
            raft::Action::Flush { upto } => {
                if self.is_broken(Defect::FlushSkipped) {
                    events.push_back(raft::Event::Flushed { upto });
                } else {
                    self.write(node, Done::Flushed(upto));
                }
            }
            raft::Action::Committed { upto } => self.committed(node, upto),
            raft::Action::Peer(action) => self.perform_for_peer(node, action, events),
        }
    }

    /// Makes something durable; a disk that fails ends the node.
    fn write(&mut self, node: usize, done: Done) {
        let life = self.nodes[node].life;
        if self.nodes[node].disk.fails && self.fall(node) {
            return;
        }
        let due = self.sync_ends(node);
        self.at(due, Item::Done { node, life, done });
    }

    /// A control batch of the machine's own: the opening of its leadership, or a set of voters.
    fn append_control(&mut self, node: usize, is_opening: bool) -> Option<Offset> {
        let now = self.now_of(node).wall;
        let unique = self.unique();
        let end = Offset::new(self.nodes[node].disk.metadata.end());
        let raft = &self.live(node)?.raft;
        let made =
            if is_opening { raft.opening_batch(end, now).map(Some) } else { raft.voters_batch(end, now) };
        let batch = made.ok()??;
        let batch = Batch::control(&batch, unique)?;
        let end = Offset::new(batch.end);
        self.append_batch(node, Arc::new(batch));
        Some(end)
    }

    pub(super) fn append_batch(&mut self, node: usize, batch: Arc<Batch>) {
        let checked = self.truth.metadata_written(node, &batch);
        self.hold(checked);
        self.nodes[node].disk.metadata.append(batch);
    }

    fn perform_for_peer(&mut self, node: usize, action: PeerAction, events: &mut VecDeque<raft::Event>) {
        match action {
            PeerAction::Send { correlation, to, request } => self.raft_ask(node, correlation, to, request),
            PeerAction::Respond { reply, answer } => self.raft_respond(node, reply, answer),
            PeerAction::AppendFetched { bytes } => {
                if let Payload::Batches(batches) = self.release(node, bytes) {
                    batches.into_iter().for_each(|batch| self.append_batch(node, batch));
                }
                let end = Offset::new(self.nodes[node].disk.metadata.end());
                events.push_back(raft::Event::Appended { end });
            }
            PeerAction::AppendVoters { .. } => {
                if let Some(end) = self.append_control(node, false) {
                    self.coverage.voter_changes += 1;
                    self.driver_step(node, coordinator::Event::Skipped { next: end });
                    events.push_front(raft::Event::VotersAppended { end });
                }
            }
            PeerAction::Truncate { to } => {
                self.coverage.quorum_truncations += 1;
                self.nodes[node].disk.metadata.truncate(to.get());
                events.push_back(raft::Event::Truncated);
            }
            PeerAction::WriteSnapshotChunk { id, position, bytes } => {
                let payload = self.release(node, bytes);
                let Some(live) = self.live(node) else { return };
                if let Payload::Chunk { length, .. } = payload {
                    let before = live.partial.as_ref().filter(|(known, _, _)| *known == id && position > 0);
                    let have = before.map_or(0, |(_, have, _)| *have);
                    live.partial = Some((id, have.max(position) + length, payload));
                }
                events.push_back(raft::Event::SnapshotChunkWritten);
            }
            PeerAction::InstallSnapshot { id } => self.install(node, id, events),
            PeerAction::Drop { bytes } => drop(self.release(node, bytes)),
        }
    }

    fn install(&mut self, node: usize, id: raft::SnapshotId, events: &mut VecDeque<raft::Event>) {
        let partial = self.live(node).and_then(|live| live.partial.take());
        let Some((found, have, Payload::Chunk { file, .. })) = partial else {
            return self.fail(|| format!("node {node} installs a snapshot that it does not have"));
        };
        if found != id || have < file.size() {
            return self.fail(|| format!("node {node} installs {id}, and has {have} of {found}"));
        }
        self.coverage.snapshots_installed += 1;
        let (voters, image) = (file.voters.clone(), file.image());
        let checked = self.truth.committed_hash(node, id.end.get(), Some(file.hash));
        self.hold(checked);
        self.nodes[node].disk.metadata.install(file);
        if let Some(live) = self.live(node) {
            live.last_change = Some(id.end);
            live.committed = id.end.get();
        }
        self.driver_step(node, coordinator::Event::Loaded { state: image, next: id.end });
        events.push_back(raft::Event::SnapshotInstalled { voters });
    }

    fn release(&mut self, node: usize, held: HeldBytes) -> Payload {
        self.live(node).and_then(|live| live.held.remove(&held.0)).unwrap_or(Payload::None)
    }

    fn raft_ask(&mut self, node: usize, correlation: Correlation, to: Destination, request: Request) {
        let target = match to {
            Destination::Node(id) => index(id),
            Destination::Bootstrap => self.random.below(self.setup.voters as u64) as usize,
        };
        self.call(node, target, Call::Raft(correlation), Body::Raft(request), PATIENCE);
    }

    pub(super) fn raft_asked(&mut self, node: usize, caller: Caller, request: Request) {
        let Some(live) = self.live(node) else { return };
        let reply = ReplyId::new(live.next());
        live.asking.insert(reply, caller);
        if let Request::Vote(vote) = &request
            && !vote.is_pre_vote
        {
            let (epoch, candidate) = (vote.epoch, vote.candidate);
            self.truth.vote_asked(caller, epoch, candidate);
        }
        self.raft_step(node, raft::Event::Received { reply, request });
    }

    fn raft_respond(&mut self, node: usize, reply: ReplyId, answer: Answer) {
        let Some(caller) = self.live(node).and_then(|live| live.asking.remove(&reply)) else { return };
        let metadata = &self.nodes[node].disk.metadata;
        let payload = match &answer.outcome {
            Outcome::Records { from, upto, .. } => {
                Payload::Batches(metadata.read(from.get(), upto.get(), BATCHES_MAX))
            }
            Outcome::SnapshotChunk { id, position } => match &metadata.snapshot {
                Some(file) if file.id == *id => {
                    let length = file.size().saturating_sub(*position).min(CHUNK);
                    Payload::Chunk { file: Arc::clone(file), length }
                }
                _ => Payload::None,
            },
            Outcome::Vote { is_granted: true } => {
                let key = self.nodes[node].key();
                let checked = self.truth.vote_given(key, caller);
                self.hold(checked);
                Payload::None
            }
            _ => Payload::None,
        };
        self.answer(node, caller, Body::RaftAnswer(answer, payload));
    }

    pub(super) fn raft_answered(
        &mut self,
        node: usize,
        from: usize,
        correlation: Correlation,
        answer: Answer,
        payload: Payload,
    ) {
        let Some(live) = self.live(node) else { return };
        let id = live.next();
        let bytes = HeldBytes(id);
        let event = match (&answer.outcome, &payload) {
            (Outcome::Records { high_watermark, .. }, Payload::Batches(batches)) => {
                // What was asked for and what came may begin before the log's end: a snapshot came between.
                let end = live.raft.end();
                if batches.first().is_some_and(|first| first.first != end.get()) {
                    return self.raft_step(node, raft::Event::Failed { correlation });
                }
                let Some(leader) = answer.leader else { return };
                let records = fetched(batches, end, bytes, *high_watermark);
                raft::Event::Fetched { correlation, epoch: answer.epoch, leader, records }
            }
            (Outcome::SnapshotChunk { .. }, Payload::Chunk { file, length }) => {
                raft::Event::SnapshotChunk { correlation, bytes, length: *length, size: file.size() }
            }
            (Outcome::SnapshotChunk { .. }, _) => raft::Event::Failed { correlation },
            _ => raft::Event::Answered { correlation, from: broker(from), answer },
        };
        live.held.insert(id, payload);
        self.raft_step(node, event);
    }

    pub(super) fn raft_unanswered(&mut self, node: usize, correlation: Correlation) {
        self.raft_step(node, raft::Event::Failed { correlation });
    }

    pub(super) fn state_written(&mut self, node: usize, state: QuorumState) {
        self.nodes[node].disk.metadata.state = state;
        self.raft_step(node, raft::Event::StateWritten);
    }

    pub(super) fn flushed(&mut self, node: usize, upto: Offset) {
        let log = &mut self.nodes[node].disk.metadata;
        log.flushed = log.flushed.max(upto.get().min(log.end()));
        self.raft_step(node, raft::Event::Flushed { upto });
    }

    /// More is committed, as this node knows.
    fn committed(&mut self, node: usize, upto: Offset) {
        let is_leader = self.live(node).is_some_and(|live| live.raft.role() == Role::Leader);
        if is_leader {
            let checked = self.is_on_a_majority(node, upto);
            self.hold(checked);
        }
        let log = &self.nodes[node].disk.metadata;
        let checked = self.truth.committed(self.now, node, log, upto.get());
        self.hold(checked);
        self.note(upto.get() as u64);
        let Some(live) = self.live(node) else { return };
        live.committed = live.committed.max(upto.get());
        if live.driver.leads().is_some() {
            self.driver_step(node, coordinator::Event::Committed { upto });
        } else {
            self.replay(node, upto);
        }
    }

    /// What a leader calls committed is durable on a majority of its voters.
    fn is_on_a_majority(&self, node: usize, upto: Offset) -> Result<(), String> {
        let Some(live) = &self.nodes[node].live else { return Ok(()) };
        let has = |key| {
            let is_it = |other: &&super::node::Node| other.key() == key;
            self.nodes.iter().find(is_it).is_some_and(|other| other.disk.metadata.flushed >= upto.get())
        };
        let voters = live.raft.voters();
        let count = voters.iter().filter(|voter| has(voter.key)).count();
        if count > voters.len() / 2 {
            return Ok(());
        }
        Err(format!("node {node} calls {upto} committed, durable on {count} of {} voters", voters.len()))
    }

    /// Takes what is committed into the image, as one that follows.
    fn replay(&mut self, node: usize, upto: Offset) {
        let Some(next) = self.live(node).map(|live| live.driver.committed_upto()) else { return };
        for batch in self.nodes[node].disk.metadata.read(next.get(), upto.get(), usize::MAX) {
            self.count_changes(node, batch.first, &batch.records);
            if !batch.records.is_empty() {
                let (first, records) = (Offset::new(batch.first), batch.records.clone());
                self.driver_step(node, coordinator::Event::Replayed { first, records });
            }
        }
    }
}

fn fetched(
    batches: &[Arc<Batch>],
    from: Offset,
    bytes: HeldBytes,
    high_watermark: Option<Offset>,
) -> Fetched {
    let mut epochs: Vec<_> = Vec::new();
    for batch in batches {
        if epochs.last().is_none_or(|(last, _)| *last < batch.epoch) {
            epochs.push((batch.epoch, Offset::new(batch.first)));
        }
    }
    let end = batches.last().map_or(from, |batch| Offset::new(batch.end));
    let voters = batches.iter().filter_map(|batch| batch.voters.clone()).collect();
    Fetched { bytes, end, epochs, voters, high_watermark }
}
