//! The log's progress: appended, flushed, committed.
//!
//! Invariant: committed <= flushed <= appended; what is committed stays so.

use broker_types::Offset;

use crate::{
    event::Action,
    raft::Raft,
    role::{State, Work},
};

impl Raft {
    pub(crate) fn log_appended(&mut self, end: Offset) {
        if matches!(self.work, Work::Appending { .. }) {
            self.fetched_appended(end);
            return;
        }
        if end <= self.appended {
            return;
        }
        let start = self.appended;
        self.appended = end;
        if let Some(epoch) = self.opening.take() {
            self.epochs.assign(epoch, start);
            // A set holds from its append on, committed or not (KIP-853).
            if let Some(voters) = self.voters_to_log.take() {
                self.voters.appended(end, voters);
            }
            if let State::Leader(leadership) = &mut self.state {
                leadership.opened = Some(end);
            }
        }
        self.flush();
    }

    /// Asks for what was appended to be made durable.
    pub(crate) fn flush(&mut self) {
        if self.flush_asked < self.appended {
            self.flush_asked = self.appended;
            self.push(Action::Flush { upto: self.appended });
        }
    }

    pub(crate) fn log_flushed(&mut self, upto: Offset) {
        self.flushed = self.flushed.max(upto.min(self.appended));
        self.advance();
    }

    /// The end of what is committed, as whoever leads says it; `None` while nobody leads, or the leader does not know it
    /// yet itself.
    #[must_use]
    pub fn high_watermark(&self) -> Option<Offset> {
        match &self.state {
            State::Leader(leadership) => leadership.is_elected.then_some(self.committed),
            State::Follower(following) => Some(following.high_watermark).filter(|told| *told > Offset::ZERO),
            _ => None,
        }
    }

    /// Moves on what is committed.
    pub(crate) fn advance(&mut self) {
        let reached = match &self.state {
            State::Leader(leadership) => {
                // A leader commits only with a record of its own epoch (Raft, section 5.4.2): the batch that opened it.
                let end = leadership.majority_end(self.voters(), self.me.key, self.flushed);
                end.filter(|end| leadership.opened.is_some_and(|opened| *end >= opened))
            }
            State::Follower(following) => Some(following.high_watermark),
            _ => None,
        };
        let Some(reached) = reached.map(|end| end.min(self.flushed)).filter(|end| *end > self.committed)
        else {
            return;
        };
        self.committed = reached;
        self.push(Action::Committed { upto: reached });
        let next = self.appended;
        if let State::Leader(leadership) = &mut self.state
            && !leadership.is_elected
        {
            leadership.is_elected = true;
            self.push(Action::Elected { epoch: self.quorum.epoch, next });
        }
    }
}
