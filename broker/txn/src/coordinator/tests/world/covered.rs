//! What happened in all runs.

use alloc::collections::BTreeMap;

/// A test that never fences proves nothing about fencing.
#[derive(Debug, Default)]
pub(crate) struct Covered {
    counts: BTreeMap<&'static str, usize>,
}

impl Covered {
    pub(super) fn saw(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (what, count) in &other.counts {
            *self.counts.entry(what).or_default() += count;
        }
    }

    pub(crate) fn assert_all(&self) {
        for what in [
            "init",
            "retry of init",
            "rotation",
            "add",
            "end",
            "retry of end",
            "fenced",
            "concurrent",
            "timeout",
            "markers",
            "rolled back",
            "lead lost",
            "spare needed",
            "completed",
        ] {
            assert!(self.counts.get(what).is_some_and(|count| *count > 0), "{what} in {:?}", self.counts);
        }
    }
}
