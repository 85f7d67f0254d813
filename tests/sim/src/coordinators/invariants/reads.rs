//! What producers and readers see (Jepsen's Kafka workload): an offset has one record; readers of committed data see
//! nothing aborted (G1a) and nothing before it is committed; no value twice; nobody's offsets go back, of reading or of
//! writing; at the end everything was seen.

use std::collections::{BTreeMap, BTreeSet};

use broker_types::Offset;

use super::Truth;
use crate::coordinators::{
    clients::value::Value,
    setup::{READERS, SINK, SOURCE},
};

/// What was sent and seen.
#[derive(Debug, Default)]
pub(super) struct Reads {
    /// Committed values of the source, and of the copy.
    committed: [BTreeSet<u64>; 2],
    /// What was acknowledged.
    sent: BTreeMap<(usize, u64), Value>,
    /// The last offset that a producer was told, by partition and sender.
    last_sent: BTreeMap<(usize, u64), Offset>,
    /// What readers have seen: of committed data, or of all.
    seen: BTreeMap<(usize, bool), BTreeSet<i64>>,
    /// What the reading group has seen.
    processed: BTreeSet<u64>,
}

impl Reads {
    /// These are committed now.
    pub(super) fn committed(&mut self, part: usize, values: &[Value]) -> Result<(), String> {
        let is_sink = SINK.contains(&part);
        for value in values {
            if !self.committed[usize::from(is_sink)].insert(value.number) {
                return Err(format!("{value:?} is twice in {part}"));
            }
            if is_sink && !self.committed[0].contains(&value.number) {
                return Err(format!("{value:?} was copied to {part}, and is not committed"));
            }
        }
        Ok(())
    }

    pub(super) fn sent(&mut self, part: usize, offset: Offset, value: Value) -> Result<(), String> {
        self.sent.insert((part, value.number), value);
        let last = self.last_sent.insert((part, value.sender), offset);
        match last {
            Some(last) if last >= offset => {
                Err(format!("{value:?} went to {offset} of {part}, after one at {last}"))
            }
            _ => Ok(()),
        }
    }

    /// What was acknowledged is there, if its transaction was committed.
    pub(super) fn none_is_lost(
        &self,
        there: &BTreeSet<(usize, u64)>,
        told: &BTreeMap<u64, bool>,
    ) -> Result<(), String> {
        for (at, value) in &self.sent {
            let counts = value.tag == 0 || told.get(&value.tag) == Some(&true);
            if counts && !there.contains(at) {
                return Err(format!("{value:?} was acknowledged in {} and is lost", at.0));
            }
        }
        Ok(())
    }
}

impl Truth {
    /// Somebody reads a record.
    pub(in crate::coordinators) fn read(
        &mut self,
        part: usize,
        offset: i64,
        value: Value,
        is_committed: bool,
    ) -> Result<(), String> {
        let found = self.data.get(&part).and_then(|data| data.at(offset));
        match found {
            Some((found, fate)) if found == value => match fate {
                Some(false) if is_committed => Err(format!("{value:?} of {part} is aborted, and read (G1a)")),
                None if is_committed => Err(format!("{value:?} of {part} is read before it is committed")),
                _ => Ok(()),
            },
            _ => Err(format!("{value:?} is read at {offset} of {part}, where {found:?} is")),
        }
    }

    /// A reader has seen a record.
    pub(in crate::coordinators) fn seen(
        &mut self,
        part: usize,
        offset: i64,
        is_committed: bool,
    ) -> Result<(), String> {
        let seen = self.reads.seen.entry((part, is_committed)).or_default();
        let last = seen.last().copied().unwrap_or(-1);
        seen.insert(offset);
        if last < offset { Ok(()) } else { Err(format!("{part} was read at {last}, and then at {offset}")) }
    }

    /// A member of the reading group has done its work with a record.
    pub(in crate::coordinators) fn processed(&mut self, value: Value) {
        self.reads.processed.insert(value.number);
    }

    /// Both readers have seen all that they may.
    pub(in crate::coordinators) fn all_is_read(&self, part: usize) -> Result<(), String> {
        let Some(data) = self.data.get(&part) else { return Ok(()) };
        for (is_committed, all) in [(true, data.committed().count()), (false, data.count())] {
            let seen = self.reads.seen.get(&(part, is_committed)).map_or(0, BTreeSet::len);
            if seen != all {
                return Err(format!("{seen} of {all} records of {part} are seen, committed: {is_committed}"));
            }
        }
        if SOURCE.contains(&part) {
            let missed = data.committed().find(|(_, value)| !self.reads.processed.contains(&value.number));
            if let Some(missed) = missed {
                return Err(format!("{missed:?} of {part} was seen by nobody of {READERS}"));
            }
        }
        Ok(())
    }
}

impl Truth {
    /// Where a reader goes on that ended.
    pub(in crate::coordinators) fn next_unseen(&self, part: usize, is_committed: bool) -> i64 {
        let seen = self.reads.seen.get(&(part, is_committed));
        seen.and_then(BTreeSet::last).map_or(0, |last| last + 1)
    }
}
