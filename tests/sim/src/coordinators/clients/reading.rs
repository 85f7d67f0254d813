//! How consumers read: the batches of one answer, without what was aborted.

use std::collections::BTreeSet;

use broker_records::batches;
use broker_types::{Offset, TransactionResult};

use super::value::Value;
use crate::coordinators::{
    entry,
    message::{Ask, Fetched},
    world::World,
};

/// What an answer holds.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) records: Vec<(i64, Value)>,
    /// Where to go on.
    pub(super) next: i64,
}

pub(super) const fn ask(part: usize, from: i64, is_committed: bool) -> Ask {
    Ask::Fetch { part, from: Offset::new(from), is_committed }
}

/// The records from `from` on; what is wrong with them fails the run.
pub(super) fn take(
    world: &mut World,
    part: usize,
    from: i64,
    fetched: &Fetched,
    is_committed: bool,
) -> Records {
    let mut aborted = fetched.aborted.clone();
    aborted.sort_by_key(|(_, first)| std::cmp::Reverse(*first));
    let mut skipped = BTreeSet::new();
    let mut all = Records { records: Vec::new(), next: from };
    for batch in batches(&fetched.bytes) {
        let Ok(batch) = batch else {
            world.fail(|| format!("{part} gives what is no batch"));
            return all;
        };
        let (header, producer) = (&batch.header, batch.header.producer_id);
        while let Some((id, _)) = aborted.pop_if(|(_, first)| *first <= header.last_offset().get()) {
            skipped.insert(id);
        }
        all.next = all.next.max(header.next_offset().get());
        if let Some(end) = entry::end_of(&batch) {
            if end.result == TransactionResult::Abort {
                skipped.remove(&producer);
            }
            continue;
        }
        if is_committed && header.attributes.is_transactional() && skipped.contains(&producer) {
            world.coverage.records_skipped += 1;
            continue;
        }
        for record in batch.records().flatten() {
            let offset = header.base_offset + i64::from(record.offset_delta);
            if let Some(value) = Value::parse(record.value).filter(|_| offset >= from) {
                let checked = world.truth.read(part, offset, value, is_committed);
                world.hold(checked);
                all.records.push((offset, value));
            }
        }
    }
    all
}
