//! Following: the high watermark and the log start that the leader tells.

use alloc::vec::Vec;

use broker_types::{LeaderEpoch, Offset};

use crate::event::{Action, Following};

/// What exists only while following.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Follower {
    pub(crate) epoch: LeaderEpoch,
    pub(crate) log_end: Offset,
    pub(crate) high_watermark: Offset,
}

impl Follower {
    pub(crate) fn new(begin: Following) -> Self {
        let high_watermark = begin.high_watermark.max(begin.log_start).min(begin.log_end);
        Self { epoch: begin.epoch, log_end: begin.log_end, high_watermark }
    }

    /// A follower knows no more to be committed than it has.
    pub(crate) fn fetched(&mut self, log_end: Offset, high_watermark: Offset, actions: &mut Vec<Action>) {
        self.log_end = log_end;
        let known = high_watermark.min(log_end);
        if known > self.high_watermark {
            self.high_watermark = known;
            actions.push(Action::AdvanceHighWatermark(known));
        }
    }

    pub(crate) fn truncated(&mut self, log_end: Offset) {
        self.log_end = log_end;
        self.high_watermark = self.high_watermark.min(log_end);
    }

    /// Everything before `at` is committed: its leader deletes nothing else.
    pub(crate) const fn restarted(&mut self, at: Offset) {
        self.log_end = at;
        self.high_watermark = at;
    }
}
