//! Which requests are on their way: at most one to each destination.
//!
//! Invariant: an answer counts once, and only while its request is waited for.

use alloc::collections::BTreeMap;
use core::time::Duration;

use broker_types::Mono;

use crate::message::{Correlation, Destination};

/// The requests on their way, and the pauses after those that failed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requests {
    next: u64,
    by_destination: BTreeMap<Destination, State>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Waiting { correlation: Correlation, until: Mono },
    Paused { until: Mono },
}

impl Requests {
    /// Whether a request may go there now.
    pub(crate) fn may_send(&self, to: Destination, now: Mono) -> bool {
        self.by_destination.get(&to).is_none_or(|state| state.until() <= now)
    }

    /// Requests without an answer count as lost after their time.
    pub(crate) fn expire(&mut self, now: Mono) {
        self.by_destination.retain(|_, state| state.until() > now);
    }

    /// Whether any answer is waited for.
    pub(crate) fn is_waiting(&self) -> bool {
        self.by_destination.values().any(|state| matches!(state, State::Waiting { .. }))
    }

    /// One goes there now.
    pub(crate) fn sent(&mut self, to: Destination, now: Mono, timeout: Duration) -> Correlation {
        let correlation = Correlation(self.next);
        self.next += 1;
        self.by_destination.insert(to, State::Waiting { correlation, until: now.plus(timeout) });
        correlation
    }

    /// It was answered; gives where it went when it is still waited for.
    pub(crate) fn answered(&mut self, correlation: Correlation) -> Option<Destination> {
        let to = self.destination(correlation)?;
        self.by_destination.remove(&to);
        Some(to)
    }

    /// It failed, or was answered with nothing to go on: the next one waits.
    pub(crate) fn pause(&mut self, to: Destination, now: Mono, pause: Duration) {
        self.by_destination.insert(to, State::Paused { until: now.plus(pause) });
    }

    fn destination(&self, correlation: Correlation) -> Option<Destination> {
        let waits =
            |state: &State| matches!(state, State::Waiting { correlation: its, .. } if *its == correlation);
        self.by_destination.iter().find(|(_, state)| waits(state)).map(|(to, _)| *to)
    }

    /// Another role asks other things: nothing is waited for, pauses hold on.
    pub(crate) fn forget(&mut self) {
        self.by_destination.retain(|_, state| matches!(state, State::Paused { .. }));
    }

    /// When the next request may go somewhere.
    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        self.by_destination.values().map(|state| state.until()).min()
    }
}

impl State {
    const fn until(&self) -> Mono {
        match self {
            Self::Waiting { until, .. } | Self::Paused { until } => *until,
        }
    }
}
