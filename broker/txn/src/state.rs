//! Hard state: what the records of one partition of `__transaction_state` add up to.
//!
//! Persistent maps: a clone costs a few reference counts. Values are shared with the records.

use alloc::sync::Arc;
use core::ops::Bound;

use broker_types::{Offset, TransactionalId};

use crate::{Map, Transaction, TransactionRecord, TransactionState};

/// The transactional ids of one shard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    transactions: Map<TransactionalId, Arc<Transaction>>,
    /// Those that are [`TransactionState::Ongoing`].
    ongoing: Map<TransactionalId, ()>,
    /// Those that are about to end.
    prepared: Map<TransactionalId, ()>,
}

impl State {
    /// Takes one record in. Total.
    pub fn replay(&mut self, _: Offset, record: &TransactionRecord) {
        let id = &record.id;
        self.ongoing.remove_mut(id);
        self.prepared.remove_mut(id);
        let Some(value) = &record.value else {
            self.transactions.remove_mut(id);
            return;
        };
        self.transactions.insert_mut(id.clone(), Arc::clone(value));
        if value.ending().is_some() {
            self.prepared.insert_mut(id.clone(), ());
        } else if value.state == TransactionState::Ongoing {
            self.ongoing.insert_mut(id.clone(), ());
        }
    }

    /// A transactional id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Transaction>> {
        self.transactions.get(id)
    }

    /// All, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&TransactionalId, &Arc<Transaction>)> {
        self.transactions.iter()
    }

    /// How many transactional ids there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.transactions.size()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.transactions.is_empty()
    }

    /// How many transactions are open.
    #[must_use]
    pub fn ongoing_count(&self) -> usize {
        self.ongoing.size()
    }

    /// How many transactions are about to end.
    #[must_use]
    pub fn prepared_count(&self) -> usize {
        self.prepared.size()
    }

    /// Those that are about to end.
    pub(crate) fn prepared(&self) -> impl Iterator<Item = (&TransactionalId, &Arc<Transaction>)> {
        self.prepared.keys().filter_map(|id| self.transactions.get_key_value(id))
    }

    /// Those that are open, behind `after`.
    pub(crate) fn ongoing_after<'a>(
        &'a self,
        after: Option<&'a TransactionalId>,
    ) -> impl Iterator<Item = (&'a TransactionalId, &'a Arc<Transaction>)> {
        let ids = self.ongoing.range::<TransactionalId, _>((behind(after), Bound::Unbounded));
        ids.filter_map(|(id, ())| self.transactions.get_key_value(id))
    }

    /// All behind `after`.
    pub(crate) fn iter_after<'a>(
        &'a self,
        after: Option<&'a TransactionalId>,
    ) -> impl Iterator<Item = (&'a TransactionalId, &'a Arc<Transaction>)> {
        self.transactions.range::<TransactionalId, _>((behind(after), Bound::Unbounded))
    }
}

fn behind(after: Option<&TransactionalId>) -> Bound<&TransactionalId> {
    after.map_or(Bound::Unbounded, Bound::Excluded)
}
