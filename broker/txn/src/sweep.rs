//! What time alone asks for: transactions that took too long, transactional ids that nobody used.

use alloc::sync::Arc;

use broker_types::{Mono, TransactionalId};

use crate::{State, Transaction, work::Work};

/// How many transactional ids one tick looks at; what is left comes with the next one, at once.
const IDS_PER_TICK: usize = 10_000;

/// Goes through transactional ids every now and then.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    /// `None` while this node does not lead.
    due: Option<Mono>,
    /// Where the present round is.
    after: Option<TransactionalId>,
}

/// The two that there are.
#[derive(Debug, Default)]
pub(crate) struct Sweeps {
    pub(crate) overdue: Sweep,
    pub(crate) expired: Sweep,
}

impl Sweep {
    fn is_due(&self, now: Mono) -> bool {
        self.due.is_some_and(|due| due <= now)
    }
}

impl Sweeps {
    pub(crate) fn start(&mut self, work: &Work<'_>) {
        let now = work.now.mono;
        self.overdue = Sweep { due: Some(now.plus(work.settings.abort_timed_out_interval)), after: None };
        self.expired = Sweep { due: Some(now.plus(work.settings.remove_expired_interval)), after: None };
    }

    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        [self.overdue.due, self.expired.due].into_iter().flatten().min()
    }

    pub(crate) fn run(&mut self, work: &mut Work<'_>, state: &State) {
        let now = work.now.mono;
        if self.overdue.is_due(now) {
            self.overdue.after = abort_overdue(work, state, self.overdue.after.as_ref());
            if self.overdue.after.is_none() {
                self.overdue.due = Some(now.plus(work.settings.abort_timed_out_interval));
            }
        }
        if self.expired.is_due(now) {
            self.expired.after = remove_expired(work, state, self.expired.after.as_ref());
            if self.expired.after.is_none() {
                self.expired.due = Some(now.plus(work.settings.remove_expired_interval));
            }
        }
    }
}

fn abort_overdue(
    work: &mut Work<'_>,
    state: &State,
    after: Option<&TransactionalId>,
) -> Option<TransactionalId> {
    look_at_some(state.ongoing_after(after), |id, transaction| {
        if transaction.is_overdue(work.now.wall) {
            // Nobody brings a spare producer id: where epochs are exhausted, the next InitProducerId does.
            work.fence(id, transaction, None);
        }
    })
}

fn remove_expired(
    work: &mut Work<'_>,
    state: &State,
    after: Option<&TransactionalId>,
) -> Option<TransactionalId> {
    look_at_some(state.iter_after(after), |id, transaction| {
        if transaction.is_expired(work.now.wall, work.settings.id_expiration) {
            work.forget(id);
        }
    })
}

/// Looks at as many as one tick may. Gives the last, behind which to go on; `None` at the end.
fn look_at_some<'a>(
    ids: impl Iterator<Item = (&'a TransactionalId, &'a Arc<Transaction>)>,
    mut look: impl FnMut(&TransactionalId, &Transaction),
) -> Option<TransactionalId> {
    let mut last: Option<&TransactionalId> = None;
    for (seen, (id, transaction)) in ids.enumerate() {
        if seen == IDS_PER_TICK {
            return last.cloned();
        }
        look(id, transaction);
        last = Some(id);
    }
    None
}

#[cfg(test)]
mod tests;
