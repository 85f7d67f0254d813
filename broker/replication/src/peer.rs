//! What a leader knows of another replica.

use core::time::Duration;

use broker_types::{BrokerEpoch, Mono, Offset};

use crate::event::FollowerPosition;

/// Another replica.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerState {
    /// Its registration while it may join the ISR.
    pub(crate) eligible: Option<BrokerEpoch>,
    /// The registration that its last fetch named.
    pub(crate) fetched_as: Option<BrokerEpoch>,
    /// Where its log ends and starts; `None` until it fetched from this leadership.
    pub(crate) log_end: Option<Offset>,
    pub(crate) log_start: Option<Offset>,
    /// When it last had all that the leader had; `None`: not since this leadership began.
    last_caught_up: Option<Mono>,
    last_fetch: Mono,
    /// Where the leader's log ended when it last fetched.
    leader_end_then: Offset,
}

impl PeerState {
    /// As a leadership begins: who is in the ISR counts as caught up until it proves otherwise.
    pub(crate) const fn new(eligible: Option<BrokerEpoch>, in_isr: bool, now: Mono) -> Self {
        Self {
            eligible,
            fetched_as: None,
            log_end: None,
            log_start: None,
            last_caught_up: if in_isr { Some(now) } else { None },
            last_fetch: now,
            leader_end_then: Offset::ZERO,
        }
    }

    pub(crate) const fn with_eligible(mut self, eligible: Option<BrokerEpoch>) -> Self {
        self.eligible = eligible;
        self
    }

    /// Takes a fetch; one from an earlier life of the broker changes nothing. A follower that asks for what was the end at its last fetch had everything at that time: a busy
    /// partition's followers are never at the very end, and are in sync all the same.
    pub(crate) fn fetched(&mut self, at: &FollowerPosition, leader_end: Offset, now: Mono) {
        if at.broker_epoch.is_some() && at.broker_epoch < self.fetched_as {
            return;
        }
        if at.log_end >= leader_end {
            self.last_caught_up = Some(now);
        } else if self.log_end.is_some() && at.log_end >= self.leader_end_then {
            self.last_caught_up = self.last_caught_up.max(Some(self.last_fetch));
        }
        self.fetched_as = at.broker_epoch;
        self.log_end = Some(at.log_end);
        self.log_start = Some(at.log_start);
        self.last_fetch = now;
        self.leader_end_then = leader_end;
    }

    /// When it last had all that the leader had, in this leadership.
    pub(crate) const fn last_caught_up(&self) -> Option<Mono> {
        self.last_caught_up
    }

    /// Whether it was at the leader's end within the allowed lag.
    pub(crate) fn is_caught_up(&self, leader_end: Offset, lag_max: Duration, now: Mono) -> bool {
        self.log_end == Some(leader_end) || self.last_caught_up.is_some_and(|then| now.since(then) <= lag_max)
    }

    /// Whether it may join the ISR: registered, unfenced, not about to stop, and the fetch came from that very life
    /// of the broker (KIP-903).
    pub(crate) fn is_eligible(&self) -> bool {
        self.eligible.is_some_and(|registered| self.fetched_as.is_none_or(|fetched| fetched == registered))
    }
}
