//! Who the producers were before: soft state.
//!
//! Kafka's records have no place for a producer's last epoch. It is known to the coordinator that bumped it, for a
//! producer that did not hear of the bump and asks again (KIP-360); after a change of coordinator such a one is fenced.

use alloc::collections::BTreeMap;

use broker_types::{Producer, TransactionalId};

/// The producers that may not know yet who they are.
#[derive(Debug, Default)]
pub(crate) struct Former {
    bumps: BTreeMap<TransactionalId, Bump>,
}

#[derive(Debug)]
struct Bump {
    from: Producer,
    /// Whoever the producer is when the log could not take the bump, it is not this: the entry then says nothing.
    to: Producer,
}

impl Former {
    /// The producer that is `from` is `to` from now on, and may ask again as `from`.
    pub(crate) fn bumped(&mut self, id: &TransactionalId, from: Producer, to: Producer) {
        self.bumps.insert(id.clone(), Bump { from, to });
    }

    /// The producer has another name once more, of which it has not heard either.
    pub(crate) fn renamed(&mut self, id: &TransactionalId, from: Producer, to: Producer) {
        if let Some(bump) = self.bumps.get_mut(id)
            && bump.to == from
        {
            bump.to = to;
        }
    }

    /// Whether `asks` is who the producer `now` was before.
    pub(crate) fn was(&self, id: &TransactionalId, now: Producer, asks: Producer) -> bool {
        self.bumps.get(id).is_some_and(|bump| bump.to == now && bump.from == asks)
    }

    /// Nobody may ask again.
    pub(crate) fn forget(&mut self, id: &TransactionalId) {
        self.bumps.remove(id);
    }

    pub(crate) fn clear(&mut self) {
        self.bumps.clear();
    }
}
