//! One partition that is followed.

use broker_types::{LeaderEpoch, Mono, Offset};

use super::message::{LogState, Wanted};

/// Where a partition is in its round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Part of the next request.
    Ready,
    /// Its log is being changed; cut, or only written to.
    Writing { cuts: bool },
    /// The leader is asked where its log starts and ends.
    Asking,
    /// Not asked for before that time.
    Pausing(Mono),
    /// Not asked for in this epoch any more.
    Stopped,
}

/// One partition.
#[derive(Clone, Debug)]
pub(super) struct Followed {
    pub(super) epoch: LeaderEpoch,
    pub(super) log: LogState,
    pub(super) standing: Standing,
    /// When it got records last.
    pub(super) turn: u64,
    /// Errors in a row.
    pub(super) errors: u32,
    /// It is copied only as fast as the quota allows, while it is behind.
    pub(super) is_throttled: bool,
    /// What the leader last told to be committed.
    pub(super) committed: Option<Offset>,
}

impl Followed {
    pub(super) const fn new(epoch: LeaderEpoch, log: LogState, turn: u64) -> Self {
        Self { epoch, log, standing: Standing::Ready, turn, errors: 0, is_throttled: false, committed: None }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.standing == Standing::Ready
    }

    /// Whether the next request asks for it. What has everything that is committed does so whatever the quota says: it
    /// may be in sync, and is to stay so.
    pub(super) fn is_asked(&self, is_exceeded: bool) -> bool {
        self.is_ready() && !(is_exceeded && self.is_throttled && self.is_behind())
    }

    fn is_behind(&self) -> bool {
        self.committed.is_none_or(|committed| committed > self.log.end)
    }

    /// What is asked of it.
    pub(super) const fn wanted(&self) -> Wanted {
        let LogState { start, end, last_epoch, .. } = self.log;
        Wanted { epoch: self.epoch, offset: end, last_epoch, log_start: start }
    }
}
