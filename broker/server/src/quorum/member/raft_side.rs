//! The machine of the quorum on this member: its events come from the log's disk and from other members, its actions
//! go there.
//!
//! Invariant: an answer leaves after everything that the machine decided before it was done, which is in the order of
//! its actions.

use std::collections::VecDeque;

use broker_controller::SuspectEvent;
use broker_coordinator as coordinator;
use broker_raft::{self as raft, Answer, HeldBytes, Outcome, PeerAction, Request, Role};
use broker_records::batches;
use broker_types::{Offset, ReplyId};
use bytes::Bytes;

use super::{Events, Member, writing};
use crate::quorum::{
    PeerEvent, QuorumDiskError, Received,
    contents::{self, Contents},
    peers::endpoint_of,
    wire::{NodeAddress, Reply},
};

/// How much of the log is read at a time to replay it.
const REPLAY_BYTES: u32 = 8 * 1024 * 1024;
/// The most that goes into one answer, whatever was asked for.
const ANSWER_BYTES_MAX: u32 = 8 * 1024 * 1024;

impl<E: Events> Member<E> {
    /// Another member asks.
    pub(super) fn received(&mut self, received: Received) -> Result<(), QuorumDiskError> {
        if let Some(at) = &received.leader {
            self.peers.learn(at);
        }
        let reply = self.next_reply();
        self.asking.insert(reply, (received.reply, received.max_bytes, received.listener));
        self.raft_step(raft::Event::Received { reply, request: received.request })
    }

    /// Another member answered, or did not.
    pub(super) fn heard(
        &mut self,
        event: PeerEvent,
        leader: Option<&NodeAddress>,
    ) -> Result<(), QuorumDiskError> {
        if let Some(at) = leader {
            self.peers.learn(at);
        }
        let event = match event {
            PeerEvent::Answered { correlation, from, answer } => {
                raft::Event::Answered { correlation, from, answer }
            }
            PeerEvent::Chunk { correlation, bytes, size } => {
                let length = bytes.len() as u64;
                raft::Event::SnapshotChunk { correlation, bytes: self.hold(bytes), length, size }
            }
            PeerEvent::Fetched { correlation, epoch, leader, bytes, high_watermark } => {
                match Contents::of(&bytes, self.raft.end()) {
                    Ok(contents) => {
                        let records = raft::Fetched {
                            bytes: self.hold(contents.bytes),
                            end: contents.end,
                            epochs: contents.epochs,
                            voters: contents.voters,
                            high_watermark,
                        };
                        raft::Event::Fetched { correlation, epoch, leader, records }
                    }
                    Err(error) => {
                        tracing::warn!(%leader, %error, "what the leader of the quorum sent is not used");
                        raft::Event::Failed { correlation }
                    }
                }
            }
            PeerEvent::Refused { correlation } => raft::Event::Refused { correlation },
            PeerEvent::Failed { correlation } => raft::Event::Failed { correlation },
        };
        self.raft_step(event)
    }

    fn hold(&mut self, bytes: Bytes) -> HeldBytes {
        self.next_held += 1;
        self.held.insert(self.next_held, bytes);
        HeldBytes(self.next_held)
    }

    fn release(&mut self, held: HeldBytes) -> Bytes {
        self.held.remove(&held.0).unwrap_or_default()
    }

    /// Steps the machine and does what it wants, until it wants nothing more.
    pub(super) fn raft_step(&mut self, event: raft::Event) -> Result<(), QuorumDiskError> {
        let mut events = VecDeque::from([event]);
        let mut actions = Vec::new();
        while let Some(event) = events.pop_front() {
            self.raft.step(self.clock.now(), event, &mut actions);
            for action in actions.drain(..) {
                self.perform(action, &mut events)?;
            }
        }
        Ok(())
    }

    fn perform(
        &mut self,
        action: raft::Action,
        events: &mut VecDeque<raft::Event>,
    ) -> Result<(), QuorumDiskError> {
        match action {
            raft::Action::WriteState(state) => {
                self.disk.write_state(&state)?;
                tracing::info!(epoch = %state.epoch, leader = ?state.leader, voted = ?state.voted, "quorum");
                events.push_back(raft::Event::StateWritten);
            }
            raft::Action::AppendLeaderChange { .. } => {
                let now = self.clock.wall();
                let batch = self.raft.opening_batch(self.disk.end(), now)?;
                self.disk.append(&batch, now)?;
                events.push_back(raft::Event::Appended { end: self.disk.end() });
            }
            raft::Action::Elected { epoch, next } => {
                tracing::info!(%epoch, "this node leads the metadata quorum");
                self.version = self.driver.committed().metadata_version();
                self.driver_step(coordinator::Event::Elected { epoch, next })?;
                self.suspect_all()?;
            }
            raft::Action::Resigned { epoch } => {
                tracing::warn!(%epoch, "this node leads the metadata quorum no longer");
                self.suspects_step(SuspectEvent::Resigned)?;
                self.driver_step(coordinator::Event::Resigned)?;
            }
            raft::Action::Flush { upto } => self.flush_to = Some(upto),
            raft::Action::Committed { upto } => {
                self.disk.committed(upto);
                if self.driver.leads().is_some() {
                    self.driver_step(coordinator::Event::Committed { upto })?;
                } else {
                    self.replay(upto)?;
                }
            }
            raft::Action::Peer(action) => self.perform_for_peer(action, events)?,
        }
        Ok(())
    }

    fn perform_for_peer(
        &mut self,
        action: PeerAction,
        events: &mut VecDeque<raft::Event>,
    ) -> Result<(), QuorumDiskError> {
        match action {
            PeerAction::Send { correlation, to, request } => {
                // Whoever looks for a leader, and what goes to voters in any case, goes where the log says that they are. A
                // leader that is followed told where it is itself, and may have moved since.
                let is_fetch = matches!(request, Request::Fetch(_) | Request::FetchSnapshot { .. });
                if !is_fetch || self.raft.role() == Role::Unattached {
                    self.peers.learn_voters(self.raft.voters(), self.raft.state().leader);
                }
                if !self.peers.send(correlation, to, request) {
                    events.push_back(raft::Event::Failed { correlation });
                }
            }
            PeerAction::Respond { reply, answer } => self.respond(reply, answer)?,
            PeerAction::AppendFetched { bytes } => {
                let bytes = self.release(bytes);
                self.disk.append(&bytes, self.clock.wall())?;
                events.push_back(raft::Event::Appended { end: self.disk.end() });
            }
            PeerAction::AppendVoters { .. } => {
                let now = self.clock.wall();
                if let Some(batch) = self.raft.voters_batch(self.disk.end(), now)? {
                    self.disk.append(&batch, now)?;
                    let end = self.disk.end();
                    self.driver_step(coordinator::Event::Skipped { next: end })?;
                    // The machine must know of it before anything that lies behind it.
                    events.push_front(raft::Event::VotersAppended { end });
                }
            }
            PeerAction::Truncate { to } => {
                tracing::info!(offset = %to, "the metadata log is cut to where its leader's goes on");
                self.disk.truncate(to, self.clock.wall())?;
                events.push_back(raft::Event::Truncated);
            }
            PeerAction::WriteSnapshotChunk { id, position, bytes } => {
                let bytes = self.release(bytes);
                self.disk.write_snapshot_part(id, position, &bytes)?;
                events.push_back(raft::Event::SnapshotChunkWritten);
            }
            PeerAction::InstallSnapshot { id } => {
                let (image, voters) = self.disk.install_snapshot(id, self.clock.wall())?;
                tracing::info!(%id, "metadata snapshot taken from the leader");
                self.last_change = Some(id.end);
                self.driver_step(coordinator::Event::Loaded { state: image, next: id.end })?;
                self.peers.learn_voters(&voters, self.raft.state().leader);
                events.push_back(raft::Event::SnapshotInstalled { voters });
            }
            PeerAction::Drop { bytes } => drop(self.release(bytes)),
        }
        Ok(())
    }

    fn respond(&mut self, reply: ReplyId, answer: Answer) -> Result<(), QuorumDiskError> {
        let Some((asking, max_bytes, listener)) = self.asking.remove(&reply) else { return Ok(()) };
        let max_bytes = max_bytes.min(ANSWER_BYTES_MAX);
        let (mut bytes, mut snapshot_bytes) = (Bytes::new(), 0);
        match &answer.outcome {
            Outcome::Records { from, upto, .. } if from < upto => {
                bytes = self.disk.read(*from, *upto, max_bytes)?;
            }
            Outcome::SnapshotChunk { id, position } => {
                (bytes, snapshot_bytes) = self.disk.read_snapshot_part(*id, *position, max_bytes)?;
            }
            _ => {}
        }
        let leader = answer.leader.and_then(|leader| self.address_of(leader, listener.as_str()));
        let log_start = self.disk.start();
        // Whoever asked may have gone.
        let _gone = asking.send(Reply { answer, leader, bytes, snapshot_bytes, log_start });
        Ok(())
    }

    /// Where a member is, for one that came by this listener.
    fn address_of(&self, node: broker_types::BrokerId, listener: &str) -> Option<NodeAddress> {
        let voter = self.raft.voters().get(node)?;
        let at = endpoint_of(&voter.endpoints, listener)?;
        Some(NodeAddress { node, host: at.host.clone(), port: at.port })
    }

    /// Takes what is committed into the image, as one that follows.
    fn replay(&mut self, upto: Offset) -> Result<(), QuorumDiskError> {
        let mut next = self.driver.committed_upto();
        while next < upto {
            let bytes = self.disk.read(next, upto, REPLAY_BYTES)?;
            let before = next;
            for batch in batches(&bytes).map_while(Result::ok) {
                let records = contents::metadata(&bytes, &batch)?;
                if let Some((first, _)) = records.first().filter(|(first, _)| *first < upto) {
                    let first = *first;
                    let changes = records.iter().rev().find(|(_, record)| writing::is_change(record));
                    self.last_change = self.last_change.max(changes.map(|(offset, _)| *offset));
                    let records = records.into_iter().map(|(_, record)| record).collect();
                    self.driver_step(coordinator::Event::Replayed { first, records })?;
                }
                next = batch.header.next_offset();
            }
            self.settings.snapshots.committed(bytes.len() as u64);
            if next == before {
                return Err(QuorumDiskError::Unreadable(contents::Unreadable {
                    offset: before,
                    reason: "no whole batch is there".to_owned(),
                }));
            }
        }
        Ok(())
    }
}
