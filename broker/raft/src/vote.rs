//! Elections: who asks for votes, who gives one (KIP-595), and who would (pre-vote, KIP-996).
//!
//! Invariant: in one epoch a voter gives its vote to one candidate at most, to none once it knows the leader, and
//! only to one whose log is not behind its own; the vote is durable before it is told.

use broker_types::{BrokerId, LeaderEpoch, Mono, Offset};

use crate::{
    event::{Action, QuorumState},
    message::{Destination, Outcome, Refusal, Request, VoteRequest},
    raft::Raft,
    role::State,
};

impl Raft {
    pub(crate) fn vote_requested(&mut self, now: Mono, vote: &VoteRequest) -> Outcome {
        if vote.epoch < self.quorum.epoch {
            return Outcome::Refused(Refusal::FencedEpoch);
        }
        // Who is meant must be this very directory: an emptied volume votes for nobody.
        let is_meant = vote.voter.map_or_else(|| self.is_voter(), |voter| voter == self.me.key);
        if !is_meant {
            return Outcome::Refused(Refusal::InvalidVoterKey);
        }
        if vote.candidate.id == self.me.key.id {
            return Outcome::Refused(Refusal::InvalidRequest);
        }
        if vote.epoch > self.quorum.epoch {
            self.adopt(now, vote.epoch, None);
        }
        let is_up_to_date = (vote.last_epoch, vote.end) >= self.log_position();
        let is_granted = if vote.is_pre_vote {
            is_up_to_date && self.would_welcome_an_election()
        } else {
            self.give_vote(now, vote, is_up_to_date)
        };
        Outcome::Vote { is_granted }
    }

    /// A leader, and who hears from one, wants no election.
    const fn would_welcome_an_election(&self) -> bool {
        match &self.state {
            State::Leader(_) => false,
            State::Follower(following) => !following.was_answered,
            State::Unattached { .. } | State::Prospective(_) | State::Candidate(_) | State::Resigned(_) => {
                true
            }
        }
    }

    fn give_vote(&mut self, now: Mono, vote: &VoteRequest, is_up_to_date: bool) -> bool {
        if let Some(voted) = self.quorum.voted {
            return voted == vote.candidate;
        }
        let is_free = matches!(self.state, State::Unattached { .. } | State::Prospective(_));
        if !is_free || self.quorum.leader.is_some() || !is_up_to_date {
            return false;
        }
        self.quorum = QuorumState { voted: Some(vote.candidate), ..self.quorum };
        self.push(Action::WriteState(self.quorum));
        self.unattach(now);
        true
    }

    fn log_position(&self) -> (LeaderEpoch, Offset) {
        (self.epochs.last(), self.appended)
    }

    pub(crate) fn vote_answered(&mut self, from: BrokerId, is_granted: bool) {
        if let State::Prospective(election) | State::Candidate(election) = &mut self.state {
            let ballots = &mut election.ballots;
            if is_granted {
                ballots.granted.insert(from)
            } else {
                ballots.rejected.insert(from)
            };
        }
    }

    pub(crate) fn poll_election(&mut self, now: Mono) {
        let (State::Prospective(election) | State::Candidate(election)) = &self.state else { return };
        let is_pre_vote = matches!(self.state, State::Prospective(_));
        if self.is_majority(&election.ballots.granted) {
            let granted = election.ballots.granted.clone();
            if is_pre_vote {
                self.become_candidate(now)
            } else {
                self.become_leader(now, granted)
            }
            return;
        }
        if election.until <= now {
            match self.quorum.leader.filter(|leader| *leader != self.me.key.id) {
                // The election that nobody wanted did not end the leadership.
                Some(leader) => self.follow(now, leader),
                None => {
                    // The role stays the same, so nothing else would ask before this one is over too.
                    self.become_prospective(now);
                    self.ask_for_votes(now, true);
                }
            }
            return;
        }
        if !election.is_lost && self.is_majority(&election.ballots.rejected) {
            let until = now.plus(self.up_to(self.timing.backoff_max));
            if let State::Prospective(election) | State::Candidate(election) = &mut self.state {
                election.is_lost = true;
                election.until = until;
            }
            return;
        }
        if !election.is_lost {
            self.ask_for_votes(now, is_pre_vote);
        }
    }

    fn ask_for_votes(&mut self, now: Mono, is_pre_vote: bool) {
        let (last_epoch, end) = self.log_position();
        for voter in self.others() {
            let (State::Prospective(election) | State::Candidate(election)) = &self.state else { return };
            let ballots = &election.ballots;
            if ballots.granted.contains(&voter.id) || ballots.rejected.contains(&voter.id) {
                continue;
            }
            let request = VoteRequest {
                epoch: self.quorum.epoch,
                candidate: self.me.key,
                voter: Some(voter),
                last_epoch,
                end,
                is_pre_vote,
            };
            self.send(now, Destination::Node(voter.id), Request::Vote(request));
        }
    }
}
