//! Changes of the metadata that a client may ask for (KIP-599). Charged where they are decided: on the active controller.
//!
//! Each topic is charged with its partitions before the controller is asked, and what came to nothing is given back, so
//! that requests beside each other see what the others take.

use std::time::Duration;

use broker_node::quotas::{Charged, QuotaKind};

use super::{Quotas, number};
use crate::context::RequestContext;

/// The changes of one request.
#[derive(Debug)]
pub(crate) struct Mutations<'a> {
    quotas: &'a Quotas,
    /// `None`: without limit.
    charged: Option<Charged>,
    /// Whether the client knows that it can be refused; older ones are only throttled.
    is_strict: bool,
    refused: bool,
}

/// What one topic was charged with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    /// It may be changed.
    Charged(usize),
    /// Not now.
    Refused,
}

impl Quotas {
    /// The changes of a request whose clients understand a refusal since a version of its API.
    pub(crate) fn mutations(&self, context: &RequestContext, strict_since: i16) -> Mutations<'_> {
        Mutations {
            quotas: self,
            charged: self.charged(QuotaKind::ControllerMutation, context),
            is_strict: context.api_version >= strict_since,
            refused: false,
        }
    }
}

impl Mutations<'_> {
    /// Charges a topic with so many partitions; anything goes while something is left.
    pub(crate) fn take(&mut self, partitions: usize) -> Permit {
        let Some(charged) = &self.charged else { return Permit::Charged(partitions) };
        let now = self.quotas.clock.mono();
        let mut accounts = self.quotas.mutated.lock();
        let windows = accounts.windows();
        let bucket = accounts.of(now, &charged.payer);
        if self.is_strict && bucket.level(windows, now, charged.limit) < 0.0 {
            self.refused = true;
            return Permit::Refused;
        }
        bucket.take(windows, now, charged.limit, number(partitions));
        Permit::Charged(partitions)
    }

    /// What a topic was charged with whose change came to nothing.
    pub(crate) fn give_back(&self, partitions: usize) {
        let Some(charged) = &self.charged else { return };
        let now = self.quotas.clock.mono();
        let mut accounts = self.quotas.mutated.lock();
        let windows = accounts.windows();
        accounts.of(now, &charged.payer).take(windows, now, charged.limit, -number(partitions));
    }

    /// For how long the client is throttled: who knows refusals only when something was refused.
    pub(crate) fn throttled(&self) -> Duration {
        let Some(charged) = self.charged.as_ref().filter(|_| self.refused || !self.is_strict) else {
            return Duration::ZERO;
        };
        let now = self.quotas.clock.mono();
        let mut accounts = self.quotas.mutated.lock();
        let windows = accounts.windows();
        let throttled = accounts.of(now, &charged.payer).throttle(windows, now, charged.limit);
        drop(accounts);
        self.quotas.told(QuotaKind::ControllerMutation, throttled)
    }
}
