//! No two transactions read what the other wrote (Adya's G1c, as Jepsen's Kafka workload looks for it): the graph of who
//! read whose records has no cycle.

use std::collections::{BTreeMap, BTreeSet};

use super::Truth;
use crate::coordinators::setup::{SINK, SOURCE};

impl Truth {
    /// What a copying transaction wrote it has read: each copy names what it is of.
    pub(super) fn no_cycles(&self) -> Result<(), String> {
        let all = |parts: [usize; 3]| {
            let data = parts.into_iter().filter_map(|part| self.data.get(&part));
            data.flat_map(|data| data.committed()).map(|(_, value)| value).collect::<Vec<_>>()
        };
        let writers: BTreeMap<u64, u64> =
            all(SOURCE).into_iter().map(|value| (value.number, value.tag)).collect();
        let mut reads_of = BTreeMap::<u64, BTreeSet<u64>>::new();
        for copy in all(SINK) {
            if let Some(writer) = writers.get(&copy.number).filter(|writer| **writer != 0) {
                reads_of.entry(copy.tag).or_default().insert(*writer);
            }
        }
        // Takes away whoever has read nothing of those that are left, until nobody is left or nobody goes.
        loop {
            let left: BTreeSet<u64> = reads_of.keys().copied().collect();
            let before = reads_of.len();
            reads_of.retain(|_, read| read.iter().any(|writer| left.contains(writer)));
            if reads_of.is_empty() {
                return Ok(());
            }
            if reads_of.len() == before {
                return Err(format!(
                    "these transactions have read what each other wrote: {:?}",
                    reads_of.keys()
                ));
            }
        }
    }
}
