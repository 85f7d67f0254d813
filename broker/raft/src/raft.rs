//! The machine: its state, and the way through a step.

use alloc::{
    collections::{BTreeSet, VecDeque},
    vec::Vec,
};

use broker_types::{BrokerId, LeaderEpoch, Mono, Now, Offset, Random, ReplyId};

use crate::{
    epochs::EpochHistory,
    event::{Action, Event, PeerAction, QuorumState},
    message::{Answer, Correlation, Destination, Outcome, Refusal, Request},
    requests::Requests,
    role::{Role, State, Work},
    snapshot::SnapshotId,
    timing::Timing,
    voter_change::Appending,
    voter_history::VoterHistory,
    voters::{Voter, VoterKey, Voters},
};

/// What a member's files tell when it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durable {
    /// `quorum-state`; the default when there is none.
    pub state: QuorumState,
    /// The voter sets of snapshot and log.
    pub voters: VoterHistory,
    /// Where each epoch begins in the log, and behind which snapshot the log begins.
    pub epochs: EpochHistory,
    /// The newest snapshot.
    pub snapshot: Option<SnapshotId>,
    /// Where the log starts.
    pub log_start: Offset,
    /// Where the log ends; not before the snapshot does.
    pub end: Offset,
}

/// One member of the quorum.
#[derive(Clone, Debug)]
pub struct Raft {
    pub(crate) me: Voter,
    pub(crate) timing: Timing,
    pub(crate) random: Random,
    pub(crate) voters: VoterHistory,
    /// The set that the opening batch of this leadership must carry.
    pub(crate) voters_to_log: Option<Voters>,
    pub(crate) epochs: EpochHistory,
    pub(crate) snapshot: Option<SnapshotId>,
    pub(crate) log_start: Offset,
    pub(crate) quorum: QuorumState,
    pub(crate) state: State,
    pub(crate) work: Work,
    pub(crate) requests: Requests,
    pub(crate) appended: Offset,
    pub(crate) flushed: Offset,
    pub(crate) committed: Offset,
    /// Up to where the log was asked to be made durable.
    pub(crate) flush_asked: Offset,
    /// The batch that opens this epoch is being appended; it will be even if the leadership ends before.
    pub(crate) opening: Option<LeaderEpoch>,
    pub(crate) voters_appending: Option<Appending>,
    /// Whether an observer asks for a vote by itself.
    pub(crate) joins: bool,
    pub(crate) has_started: bool,
    /// Decided, in order. What stands behind a state that is not durable yet waits for it.
    out: VecDeque<Action>,
    is_writing: bool,
}

impl Raft {
    /// A member as its files tell it. `me` is this node as it can be reached now; while it leads, the voter set in
    /// the log is made to say the same. Timing and seed matter only among several voters.
    #[must_use]
    pub fn new(me: Voter, durable: Durable, timing: Timing, seed: u64) -> Self {
        let Durable { state: mut quorum, voters, epochs, snapshot, log_start, end } = durable;
        if epochs.last() > quorum.epoch {
            // The state file is older than the log, or lost: nobody can be named, but the epoch is over.
            quorum = QuorumState { epoch: epochs.last(), ..QuorumState::default() };
        }
        // What is in a snapshot is committed, and durable.
        let known = snapshot.map_or(Offset::ZERO, |id| id.end);
        Self {
            me,
            timing,
            random: Random::new(seed),
            voters,
            voters_to_log: None,
            epochs,
            snapshot,
            log_start,
            quorum,
            state: State::Unattached { election_at: Mono::ZERO },
            work: Work::None,
            requests: Requests::default(),
            appended: end.max(known),
            // What a process that was killed had written behind it may be in no disk's memory yet.
            flushed: known,
            committed: known,
            flush_asked: known,
            opening: None,
            voters_appending: None,
            joins: false,
            has_started: false,
            out: VecDeque::new(),
            is_writing: false,
        }
    }

    /// What it is at the moment.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.state.role()
    }

    /// Whether it leads, or follows a leader that answers. A follower whose leader is gone asks for votes, and when nobody
    /// gives one it follows again: the role alone does not tell.
    #[must_use]
    pub const fn hears_leader(&self) -> bool {
        match &self.state {
            State::Leader(_) => true,
            State::Follower(following) => following.was_answered,
            _ => false,
        }
    }

    /// The present epoch and who leads it.
    #[must_use]
    pub const fn state(&self) -> QuorumState {
        self.quorum
    }

    /// The voters.
    #[must_use]
    pub fn voters(&self) -> &Voters {
        self.voters.latest()
    }

    /// The voters before `end`, for a snapshot that ends there.
    #[must_use]
    pub fn voters_before(&self, end: Offset) -> &Voters {
        self.voters.before(end)
    }

    /// The epoch of the last record before `end`, for a snapshot that ends there.
    #[must_use]
    pub fn epoch_before(&self, end: Offset) -> LeaderEpoch {
        let mut epochs = self.epochs.clone();
        epochs.truncate(end);
        epochs.last()
    }

    /// Where the log ends.
    #[must_use]
    pub const fn end(&self) -> Offset {
        self.appended
    }

    /// Everything before it is committed.
    #[must_use]
    pub const fn committed(&self) -> Offset {
        self.committed
    }

    /// When [`Event::Tick`] is due; `None` while there is nothing to wait for.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        if !self.has_started {
            return None;
        }
        let role = match &self.state {
            State::Leader(leadership) => {
                let fetches = leadership.fetches.iter().map(|fetch| fetch.until);
                let change = leadership.change.as_ref().map(|change| change.until);
                fetches.chain(leadership.check_at).chain(change).min()
            }
            State::Prospective(election) | State::Candidate(election) => Some(election.until),
            // Whatever is due then waits for the disk.
            State::Unattached { .. } | State::Follower(_) if self.is_busy() => None,
            State::Unattached { election_at } => self.may_stand().then_some(*election_at),
            State::Follower(following) => Some(following.gone_at),
            State::Resigned(resignation) => Some(resignation.until),
        };
        role.into_iter().chain(self.requests.next_deadline()).min()
    }

    /// Takes one event. Total: an event that does not fit the role changes nothing.
    pub fn step(&mut self, now: Now, event: Event, actions: &mut Vec<Action>) {
        let committed = self.committed;
        self.requests.expire(now.mono);
        self.take(now, event);
        self.poll(now);
        self.release(actions);
        assert!(
            self.committed <= self.flushed && self.flushed <= self.appended,
            "committed, flushed, appended"
        );
        assert!(committed <= self.committed, "what is committed stays so");
    }

    fn take(&mut self, now: Now, event: Event) {
        match event {
            Event::Start => self.start(now.mono),
            Event::Tick => {}
            Event::Resign => self.resign(now.mono),
            Event::StateWritten => self.is_writing = false,
            Event::Appended { end } => self.log_appended(end),
            Event::VotersAppended { end } => self.voters_appended(now.mono, end),
            Event::Flushed { upto } => self.log_flushed(upto),
            Event::Truncated => self.log_truncated(),
            Event::SnapshotTaken { id, log_start } => {
                self.snapshot = Some(id);
                self.log_start = log_start;
            }
            Event::Received { reply, request } => self.received(now, reply, request),
            Event::Answered { correlation, from, answer } => self.answered(now, correlation, from, answer),
            Event::Fetched { correlation, epoch, leader, records } => {
                self.fetched(now.mono, correlation, (epoch, leader), records);
            }
            Event::SnapshotChunk { correlation, bytes, length, size } => {
                self.snapshot_chunk(now.mono, correlation, bytes, (length, size));
            }
            Event::SnapshotChunkWritten => self.snapshot_chunk_written(),
            Event::SnapshotInstalled { voters } => self.snapshot_installed(voters),
            Event::Refused { correlation } => self.refused(now.mono, correlation),
            Event::Failed { correlation } => {
                if let Some(to) = self.requests.answered(correlation) {
                    self.requests.pause(to, now.mono, self.timing.retry_backoff);
                }
            }
        }
    }

    /// Whether it helps to hear who leads the present epoch.
    pub(crate) fn is_news(&self, leader: BrokerId) -> bool {
        let follows_nobody = matches!(self.state, State::Unattached { .. });
        leader != self.me.key.id && (self.quorum.leader.is_none() || follows_nobody)
    }

    fn received(&mut self, now: Now, reply: ReplyId, request: Request) {
        let outcome = match request {
            Request::Voters(request) => match self.voters_requested(now.mono, reply, request) {
                Some(outcome) => outcome,
                None => return,
            },
            Request::Vote(vote) => self.vote_requested(now.mono, &vote),
            Request::BeginQuorumEpoch { epoch, leader, voter } => {
                self.begin_requested(now.mono, epoch, leader, voter)
            }
            Request::EndQuorumEpoch { epoch, leader, successors } => {
                self.end_requested(now.mono, epoch, leader, &successors)
            }
            Request::Fetch(fetch) => match self.fetch_requested(now, reply, &fetch) {
                Some(outcome) => outcome,
                None => return,
            },
            Request::FetchSnapshot { epoch, replica, id, position } => {
                self.snapshot_requested(now.mono, epoch, replica, id, position)
            }
        };
        self.respond(reply, outcome);
    }

    pub(crate) fn respond(&mut self, reply: ReplyId, outcome: Outcome) {
        let answer = Answer { epoch: self.quorum.epoch, leader: self.quorum.leader, outcome };
        self.out.push_back(Action::Peer(PeerAction::Respond { reply, answer }));
    }

    fn answered(&mut self, now: Now, correlation: Correlation, from: BrokerId, answer: Answer) {
        let Some(to) = self.requests.answered(correlation) else { return };
        if answer.epoch > self.quorum.epoch {
            self.adopt(now.mono, answer.epoch, answer.leader);
            return;
        }
        if answer.epoch < self.quorum.epoch {
            self.requests.pause(to, now.mono, self.timing.retry_backoff);
            return;
        }
        if let Some(leader) = answer.leader.filter(|leader| self.is_news(*leader)) {
            self.adopt(now.mono, answer.epoch, Some(leader));
            return;
        }
        match answer.outcome {
            Outcome::Vote { is_granted } => self.vote_answered(from, is_granted),
            Outcome::BeginQuorumEpoch => self.begin_answered(from),
            Outcome::EndQuorumEpoch => self.end_answered(from),
            Outcome::VotersChanged => {}
            Outcome::Diverging { epoch, end } => self.diverged(now.mono, epoch, end),
            Outcome::Snapshot(id) => self.snapshot_offered(now.mono, id),
            Outcome::Records { .. } | Outcome::SnapshotChunk { .. } | Outcome::Refused(_) => {
                self.requests.pause(to, now.mono, self.timing.retry_backoff);
                if let Outcome::Refused(Refusal::SnapshotNotFound) = answer.outcome {
                    self.snapshot_refused();
                }
            }
        }
    }

    /// What time and the role ask for, until nothing more changes.
    fn poll(&mut self, now: Now) {
        if !self.has_started {
            return;
        }
        loop {
            let before = (self.quorum, self.role());
            match &self.state {
                State::Unattached { election_at } => {
                    if self.is_busy() {
                        return;
                    }
                    if self.may_stand() && *election_at <= now.mono {
                        self.become_prospective(now.mono);
                    } else {
                        self.look_for_leader(now.mono);
                    }
                }
                State::Prospective(_) | State::Candidate(_) => self.poll_election(now.mono),
                State::Follower(_) => self.poll_follower(now.mono),
                State::Leader(_) => self.poll_leader(now),
                State::Resigned(_) => self.poll_resigned(now.mono),
            }
            if before == (self.quorum, self.role()) {
                return;
            }
        }
    }

    /// Lets go of what was decided, up to a state that is not durable yet.
    fn release(&mut self, actions: &mut Vec<Action>) {
        while !self.is_writing {
            let Some(action) = self.out.pop_front() else { return };
            match action {
                Action::WriteState(_) => self.is_writing = true,
                // The leadership may have been lost while its state was written.
                Action::AppendLeaderChange { epoch } if !self.leads(epoch) => continue,
                Action::Peer(PeerAction::AppendVoters { epoch }) if !self.leads(epoch) => {
                    self.voters_appending = None;
                    continue;
                }
                Action::AppendLeaderChange { epoch } => self.opening = Some(epoch),
                _ => {}
            }
            actions.push(action);
        }
    }

    pub(crate) fn push(&mut self, action: Action) {
        self.out.push_back(action);
    }

    pub(crate) fn send(&mut self, now: Mono, to: Destination, request: Request) {
        if self.requests.may_send(to, now) {
            let correlation = self.requests.sent(to, now, self.timing.request_timeout);
            self.push(Action::Peer(PeerAction::Send { correlation, to, request }));
        }
    }

    fn leads(&self, epoch: LeaderEpoch) -> bool {
        self.quorum.epoch == epoch && matches!(self.state, State::Leader(_))
    }

    pub(crate) fn is_voter(&self) -> bool {
        self.voters().contains(self.me.key)
    }

    /// Whether the log is in the disk's hands.
    pub(crate) const fn is_busy(&self) -> bool {
        self.work.is_busy() || self.opening.is_some() || self.voters_appending.is_some()
    }

    pub(crate) fn is_majority(&self, ids: &BTreeSet<BrokerId>) -> bool {
        let counted = self.voters().iter().filter(|voter| ids.contains(&voter.key.id)).count();
        counted > self.voters().len() / 2
    }

    /// The keys of the other voters.
    pub(crate) fn others(&self) -> Vec<VoterKey> {
        self.voters().iter().map(|voter| voter.key).filter(|key| *key != self.me.key).collect()
    }
}

#[cfg(test)]
mod tests;
