//! What clients were told: acknowledged is durable, in order and there once; timed out is unknown.

use std::collections::BTreeMap;

use broker_node::fetcher::Key;

use super::{invariants::Truth, log::Record};

/// A record that was acknowledged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Acknowledged {
    pub(super) key: Key,
    pub(super) offset: i64,
    pub(super) producer: u64,
    pub(super) sequence: u32,
    pub(super) value: u64,
}

/// All that was acknowledged.
#[derive(Debug, Default)]
pub(super) struct Oracle {
    acknowledged: Vec<Acknowledged>,
    /// Where each producer's last one lies.
    last: BTreeMap<(Key, u64), i64>,
}

impl Oracle {
    /// A producer hears that its record is safe.
    pub(super) fn acknowledge(&mut self, truth: &Truth, told: Acknowledged) -> Result<(), String> {
        let last = self.last.insert((told.key, told.producer), told.offset);
        if last.is_some_and(|last| last >= told.offset) {
            return Err(format!("oracle: {told:?} lies before what the producer sent earlier"));
        }
        self.acknowledged.push(told);
        is_there(truth, told)
    }

    /// How many records were acknowledged.
    pub(super) const fn len(&self) -> usize {
        self.acknowledged.len()
    }

    /// In the end everything that was acknowledged is committed, where it was said to be.
    pub(super) fn check(&self, truth: &Truth) -> Result<(), String> {
        self.acknowledged.iter().try_for_each(|told| is_there(truth, *told))
    }
}

fn is_there(truth: &Truth, told: Acknowledged) -> Result<(), String> {
    let found = truth.records(told.key).get(told.offset as usize);
    let is_it = |record: &&Record| {
        (record.producer, record.sequence, record.value) == (told.producer, told.sequence, told.value)
    };
    match found.filter(is_it) {
        Some(_) => Ok(()),
        None => Err(format!("oracle: {told:?} was acknowledged, and {found:?} is committed there")),
    }
}
