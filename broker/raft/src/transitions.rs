//! From one role to another.
//!
//! Invariant: whatever a role leaves behind is ended: requests are not waited for, fetches are answered, a leadership
//! that others were told of is resigned.

use alloc::collections::BTreeSet;
use core::time::Duration;

use broker_types::{BrokerId, LeaderEpoch, Mono};

use crate::{
    event::{Action, Ballots, QuorumState},
    leader::Leadership,
    message::{Outcome, Refusal},
    raft::Raft,
    role::{Election, Following, Resignation, State},
};

impl Raft {
    /// A random time between the election timeout and twice as long: voters seldom ask at once.
    pub(crate) fn election_until(&mut self, now: Mono) -> Mono {
        let timeout = self.timing.election_timeout;
        now.plus(timeout).plus(self.up_to(timeout))
    }

    pub(crate) fn up_to(&mut self, most: Duration) -> Duration {
        let micros = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.random.below(micros.saturating_add(1)))
    }

    pub(crate) fn pick(&mut self, count: usize) -> usize {
        self.random.index(count)
    }

    pub(crate) fn start(&mut self, now: Mono) {
        if self.has_started {
            return;
        }
        self.has_started = true;
        let is_sole = self.is_voter() && self.voters().len() == 1;
        match self.quorum.leader {
            Some(leader) if leader != self.me.key.id && !is_sole => self.follow(now, leader),
            // Nobody else could be waited for.
            _ if is_sole => self.state = State::Unattached { election_at: now },
            _ => self.unattach(now),
        }
    }

    /// Takes a newer epoch, or the leader of the present one.
    pub(crate) fn adopt(&mut self, now: Mono, epoch: LeaderEpoch, leader: Option<BrokerId>) {
        let leader = leader.filter(|leader| *leader != self.me.key.id);
        let voted = if epoch == self.quorum.epoch { self.quorum.voted } else { None };
        self.leave();
        let quorum = QuorumState { leader, epoch, voted };
        if quorum != self.quorum {
            self.quorum = quorum;
            self.push(Action::WriteState(quorum));
        }
        match leader {
            Some(leader) => self.follow(now, leader),
            None => self.unattach(now),
        }
    }

    pub(crate) fn follow(&mut self, now: Mono, leader: BrokerId) {
        self.leave();
        self.state = State::Follower(Following::new(leader, now.plus(self.timing.fetch_timeout)));
    }

    pub(crate) fn unattach(&mut self, now: Mono) {
        self.leave();
        self.state = State::Unattached { election_at: self.election_until(now) };
    }

    pub(crate) fn become_prospective(&mut self, now: Mono) {
        self.leave();
        self.state = State::Prospective(self.election(now));
    }

    pub(crate) fn become_candidate(&mut self, now: Mono) {
        self.leave();
        let epoch = self.quorum.epoch.next();
        self.quorum = QuorumState { leader: None, epoch, voted: Some(self.me.key) };
        self.push(Action::WriteState(self.quorum));
        self.state = State::Candidate(self.election(now));
    }

    fn election(&mut self, now: Mono) -> Election {
        let granted = BTreeSet::from([self.me.key.id]);
        let ballots = Ballots { granted, rejected: BTreeSet::new() };
        Election { ballots, until: self.election_until(now), is_lost: false }
    }

    pub(crate) fn become_leader(&mut self, now: Mono, granting: BTreeSet<BrokerId>) {
        self.leave();
        self.quorum = QuorumState { leader: Some(self.me.key.id), voted: None, ..self.quorum };
        self.push(Action::WriteState(self.quorum));
        let unlogged = (!self.voters.is_logged()).then(|| self.voters().clone());
        self.voters_to_log = self.voters().updated(&self.me).or(unlogged);
        // One that is not in the set itself needs others even when there is only one of them.
        let check_at = (!self.others().is_empty()).then(|| now.plus(self.check_every()));
        self.state = State::Leader(Leadership::new(granting, check_at));
        self.push(Action::AppendLeaderChange { epoch: self.quorum.epoch });
    }

    /// A leader that a majority did not fetch from for so long has lost it.
    pub(crate) fn check_every(&self) -> Duration {
        self.timing.fetch_timeout * 3 / 2
    }

    pub(crate) fn resign(&mut self, now: Mono) {
        let State::Leader(leadership) = &self.state else { return };
        let successors = leadership.successors(self.voters(), self.me.key);
        let untold = successors.iter().map(|key| key.id).collect();
        self.leave();
        let until = self.election_until(now);
        self.state = State::Resigned(Resignation { until, successors, untold });
    }

    /// Ends what the present role has under way.
    fn leave(&mut self) {
        self.requests.forget();
        self.work.abandon();
        let ended = core::mem::replace(&mut self.state, State::Unattached { election_at: Mono::ZERO });
        if let State::Leader(leadership) = ended {
            if self.opening.is_none() {
                self.voters_to_log = None;
            }
            for fetch in leadership.fetches {
                self.respond(fetch.reply, Outcome::Refused(Refusal::NotLeader));
            }
            if let Some(change) = leadership.change {
                self.respond(change.reply(), Outcome::Refused(Refusal::NotLeader));
            }
            if leadership.is_elected {
                self.push(Action::Resigned { epoch: self.quorum.epoch });
            }
        }
    }
}
