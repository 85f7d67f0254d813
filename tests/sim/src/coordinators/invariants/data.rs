//! What is in the topics: every transaction whole or not at all, nothing acknowledged lost, nothing twice, and the copy
//! equal to what it is of, in its order. (Jepsen's Kafka workload: lost write, duplicate, torn transactions.)

use std::collections::{BTreeMap, BTreeSet};

use broker_records::batches;
use broker_types::{Offset, TransactionResult};
use bytes::Bytes;

use super::Truth;
use crate::coordinators::{
    clients::value::Value,
    entry,
    setup::{SINK, SOURCE, WIDTH},
};

/// How transactions ended, by their tags: the number that each client gives each of its transactions.
#[derive(Debug, Default)]
pub(super) struct Fates {
    ended: BTreeMap<u64, bool>,
    /// What clients were told.
    told: BTreeMap<u64, bool>,
}

impl Fates {
    /// A part of the transaction ended so.
    pub(super) fn ended(&mut self, tag: u64, is_commit: bool) -> Result<(), String> {
        let told = self.told.get(&tag).copied();
        let before = self.ended.insert(tag, is_commit);
        if [told, before].into_iter().flatten().any(|other| other != is_commit) {
            return Err(format!(
                "transaction {tag} is committed: {is_commit} here, {before:?} elsewhere, {told:?} by the answer"
            ));
        }
        Ok(())
    }
}

/// A record.
#[derive(Clone, Copy, Debug)]
struct Written {
    value: Value,
    /// Whether its transaction is committed; `None` while it is open.
    fate: Option<bool>,
}

/// One partition of a topic.
#[derive(Debug, Default)]
pub(super) struct Data {
    records: BTreeMap<i64, Written>,
    /// The records of open transactions, by their producers.
    open: BTreeMap<i64, Vec<i64>>,
}

impl Data {
    pub(super) fn first_open(&self) -> Option<i64> {
        self.open.values().filter_map(|offsets| offsets.first().copied()).min()
    }

    /// Everything that is committed, in order.
    pub(super) fn committed(&self) -> impl Iterator<Item = (i64, Value)> {
        let committed = self.records.iter().filter(|(_, written)| written.fate == Some(true));
        committed.map(|(offset, written)| (*offset, written.value))
    }

    pub(super) fn count(&self) -> usize {
        self.records.len()
    }

    pub(super) fn last_committed(&self) -> i64 {
        self.committed().last().map_or(-1, |(offset, _)| offset)
    }

    /// What is at an offset, and its fate.
    pub(super) fn at(&self, offset: i64) -> Option<(Value, Option<bool>)> {
        self.records.get(&offset).map(|written| (written.value, written.fate))
    }

    pub(super) fn nothing_is_open(&self, part: usize) -> Result<(), String> {
        match self.first_open() {
            None => Ok(()),
            Some(open) => Err(format!("a transaction hangs in {part} from {open} on")),
        }
    }
}

impl Truth {
    pub(super) fn data_committed(&mut self, part: usize, bytes: &Bytes) -> Result<(), String> {
        let data = self.data.entry(part).or_default();
        let mut new = Vec::new();
        for batch in batches(bytes) {
            let batch = batch.map_err(|error| error.to_string())?;
            let producer = batch.header.producer_id;
            if let Some(end) = entry::end_of(&batch) {
                let is_commit = end.result == TransactionResult::Commit;
                for offset in data.open.remove(&producer).unwrap_or_default() {
                    let Some(written) = data.records.get_mut(&offset) else { continue };
                    written.fate = Some(is_commit);
                    self.fates.ended(written.value.tag, is_commit)?;
                    if is_commit {
                        new.push(written.value);
                    }
                }
                continue;
            }
            let is_open = batch.header.attributes.is_transactional();
            for record in batch.records() {
                let record = record.map_err(|error| error.to_string())?;
                let offset = batch.header.base_offset + i64::from(record.offset_delta);
                let value = Value::parse(record.value).ok_or("a record that nobody wrote")?;
                let fate = if is_open { None } else { Some(true) };
                data.records.insert(offset, Written { value, fate });
                if is_open {
                    data.open.entry(producer).or_default().push(offset);
                } else {
                    new.push(value);
                }
            }
        }
        self.reads.committed(part, &new)
    }

    /// A producer is told that its record is there.
    pub(in crate::coordinators) fn acknowledged(
        &mut self,
        part: usize,
        offset: Offset,
        value: Value,
    ) -> Result<(), String> {
        let found = self.data.get(&part).and_then(|data| data.at(offset.get()));
        if found.is_none_or(|(found, _)| found != value) {
            return Err(format!("{value:?} is acknowledged at {offset} of {part}, where {found:?} is"));
        }
        self.reads.sent(part, offset, value)
    }

    /// A producer is told how its transaction ended, in which it wrote these.
    pub(in crate::coordinators) fn told_end(&mut self, tag: u64, is_commit: bool) -> Result<(), String> {
        self.fates.told.insert(tag, is_commit);
        match self.fates.ended.get(&tag) {
            Some(ended) if *ended != is_commit => {
                Err(format!("transaction {tag} is committed: {ended}, and {is_commit} by the answer"))
            }
            _ => Ok(()),
        }
    }

    /// The copies are whole and in order, and nothing that was acknowledged in a committed transaction is lost.
    pub(in crate::coordinators) fn all_is_copied(&self) -> Result<(), String> {
        for index in 0..WIDTH {
            let values = |part: usize| -> Vec<u64> {
                let data = self.data.get(&part);
                data.into_iter().flat_map(|data| data.committed()).map(|(_, value)| value.number).collect()
            };
            let (source, sink) = (values(SOURCE[index]), values(SINK[index]));
            if source != sink {
                let at = source.iter().zip(&sink).position(|(from, to)| from != to);
                return Err(format!(
                    "the copy of {index} has {} of {} records, and differs at {at:?}",
                    sink.len(),
                    source.len()
                ));
            }
        }
        let all =
            self.data.iter().flat_map(|(part, data)| data.committed().map(move |it| (*part, it.1.number)));
        let seen: BTreeSet<(usize, u64)> = all.collect();
        self.reads.none_is_lost(&seen, &self.fates.told)?;
        self.no_cycles()
    }
}
