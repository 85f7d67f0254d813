//! The follower's side of Fetch: it asks for what comes after its durable log, cuts what the leader does not have, and
//! looks for a leader when it knows none.
//!
//! Invariant: what is committed is never cut.

use alloc::vec::Vec;

use broker_types::{BrokerId, LeaderEpoch, Mono, Offset};

use crate::{
    event::{Action, Fetched, PeerAction},
    message::{Correlation, Destination, FetchRequest, HeldBytes, Request},
    raft::Raft,
    role::{State, Work},
};

impl Raft {
    pub(crate) fn poll_follower(&mut self, now: Mono) {
        let State::Follower(following) = &self.state else { return };
        if self.is_busy() {
            return;
        }
        let (leader, is_gone) = (following.leader, following.gone_at <= now);
        if is_gone {
            if self.may_stand() {
                self.become_prospective(now)
            } else {
                self.unattach(now)
            }
            return;
        }
        self.flush();
        match self.work {
            Work::Download { id, position } => {
                let (epoch, replica) = (self.quorum.epoch, self.me.key);
                let request = Request::FetchSnapshot { epoch, replica, id, position };
                self.send(now, Destination::Node(leader), request);
            }
            _ if self.flushed == self.appended => match self.wish_due(now) {
                Some(wish) => self.send(now, Destination::Node(leader), Request::Voters(wish)),
                None => self.send_fetch(now, Destination::Node(leader)),
            },
            _ => {}
        }
    }

    /// Any voter knows better than nobody. A node that knows no voters asks the bootstrap servers. Asked once the log is
    /// durable.
    pub(crate) fn look_for_leader(&mut self, now: Mono) {
        // Who leads is told along with records: from where this log ends, or they would not fit.
        self.flush();
        if self.requests.is_waiting() || self.flushed < self.appended {
            return;
        }
        let mut ways: Vec<Destination> =
            self.others().iter().map(|voter| Destination::Node(voter.id)).collect();
        if ways.is_empty() && !self.is_voter() {
            ways.push(Destination::Bootstrap);
        }
        ways.retain(|way| self.requests.may_send(*way, now));
        let pick = self.pick(ways.len());
        if let Some(way) = ways.get(pick) {
            self.send_fetch(now, *way);
        }
    }

    fn send_fetch(&mut self, now: Mono, to: Destination) {
        let request = FetchRequest {
            epoch: self.quorum.epoch,
            replica: self.me.key,
            // Only what is durable may be counted by the leader.
            offset: self.flushed.min(self.appended),
            last_epoch: self.epochs.last(),
            high_watermark: Some(self.committed),
        };
        self.send(now, to, Request::Fetch(request));
    }

    pub(crate) fn fetched(
        &mut self,
        now: Mono,
        correlation: Correlation,
        (epoch, leader): (LeaderEpoch, BrokerId),
        records: Fetched,
    ) {
        let Some(to) = self.requests.answered(correlation) else {
            self.drop_bytes(records.bytes);
            return;
        };
        if epoch > self.quorum.epoch || (epoch == self.quorum.epoch && self.is_news(leader)) {
            self.adopt(now, epoch, Some(leader));
            self.drop_bytes(records.bytes);
            return;
        }
        let is_mine = matches!(&self.state, State::Follower(following) if following.leader == leader);
        if epoch < self.quorum.epoch || !is_mine || self.is_busy() {
            self.requests.pause(to, now, self.timing.retry_backoff);
            self.drop_bytes(records.bytes);
            return;
        }
        self.leader_answered(now);
        if let (State::Follower(following), Some(known)) = (&mut self.state, records.high_watermark) {
            following.high_watermark = following.high_watermark.max(known);
        }
        if records.end > self.appended {
            self.work = Work::Appending { end: records.end, epochs: records.epochs, voters: records.voters };
            self.push(Action::Peer(PeerAction::AppendFetched { bytes: records.bytes }));
        } else {
            self.drop_bytes(records.bytes);
            self.advance();
        }
    }

    pub(crate) fn leader_answered(&mut self, now: Mono) {
        let gone_at = now.plus(self.timing.fetch_timeout);
        if let State::Follower(following) = &mut self.state {
            following.gone_at = gone_at;
            following.was_answered = true;
            following.is_refused = false;
        }
    }

    pub(crate) fn drop_bytes(&mut self, bytes: HeldBytes) {
        self.push(Action::Peer(PeerAction::Drop { bytes }));
    }

    pub(crate) fn fetched_appended(&mut self, upto: Offset) {
        let Work::Appending { end, epochs, voters } = core::mem::take(&mut self.work) else { return };
        assert_eq!(upto, end, "what was fetched is appended as it is");
        self.appended = end;
        for (epoch, offset) in epochs {
            self.epochs.assign(epoch, offset);
        }
        for (offset, set) in voters {
            self.voters.appended(offset, set);
        }
        self.flush();
    }

    pub(crate) fn diverged(&mut self, now: Mono, epoch: LeaderEpoch, end: Offset) {
        if !matches!(self.state, State::Follower(_)) || !matches!(self.work, Work::None) {
            return;
        }
        self.leader_answered(now);
        // In one epoch both logs hold the same, as far as they go. Where this one lacks the leader's epoch, its later ones
        // go, and the leader is asked about the epoch before: the end of another epoch may lie inside a batch here.
        let to = match self.epochs.end_of(epoch, self.appended) {
            Some((mine, mine_end)) if mine == epoch => mine_end.min(end),
            Some((_, mine_end)) => mine_end,
            None => self.log_start,
        };
        if to < self.committed || to >= self.appended {
            // No leader says so of a log that it may lead; asking again later is all that can be done.
            if let State::Follower(following) = &self.state {
                let to = Destination::Node(following.leader);
                self.requests.pause(to, now, self.timing.retry_backoff);
            }
            return;
        }
        self.work = Work::Truncating { to };
        self.push(Action::Peer(PeerAction::Truncate { to }));
    }

    pub(crate) fn log_truncated(&mut self) {
        let Work::Truncating { to } = self.work else { return };
        self.work = Work::None;
        self.appended = to;
        self.flushed = self.flushed.min(to);
        self.flush_asked = self.flush_asked.min(self.flushed);
        self.epochs.truncate(to);
        self.voters.truncated(to);
    }
}
