//! What must hold, one file each, checked against what is committed in the logs.
//!
//! Nothing of the shards' own bookkeeping is believed: the truth replays every log up to its high watermark, and looks at
//! each record before it does.

mod commits;
mod cycles;
mod data;
mod decisions;
mod disjoint;
mod epochs;
mod ownership;
mod reads;
mod stable;

use std::collections::{BTreeMap, BTreeSet};

use broker_group::{self as group, ConsumerRecord, GroupRecord};
use broker_txn::{self as txn, TransactionRecord, TransactionState};
use broker_types::{GroupId, Offset, Producer, TransactionResult, TransactionalId};
use bytes::Bytes;

pub(super) use self::commits::Commit;
use self::{data::Data, ownership::Ownership, reads::Reads};
use super::{
    coverage::Coverage,
    entry,
    hosted::Hosted as _,
    setup::{OFFSETS, TXN},
    shards::{Groups, Transactions},
};

/// What a good answer says to be so, for ever.
#[derive(Clone, Debug)]
pub(super) enum Claim {
    Nothing,
    /// These offsets are written, by their notes.
    Offsets(Vec<String>),
    /// What is told was committed once.
    Reads(GroupId),
    /// The transactional id has this producer, or a later one.
    Init(TransactionalId),
    Add(TransactionalId, Producer, txn::Partitions),
    End(TransactionalId, Producer, TransactionResult),
}

/// What is known to be true.
#[derive(Debug, Default)]
pub(super) struct Truth {
    groups: [group::State; 2],
    transactions: [txn::State; 2],
    pub(super) ownership: Ownership,
    /// Who asked for an offset, by the offset's note.
    commits: BTreeMap<String, Commit>,
    /// The notes of all offsets in the log.
    written: BTreeSet<String>,
    /// The notes of those that counted once.
    effective: BTreeSet<String>,
    decisions: decisions::Decisions,
    /// The topics' partitions.
    data: BTreeMap<usize, Data>,
    fates: data::Fates,
    told_stable: stable::Told,
    reads: Reads,
}

impl Truth {
    /// Takes in what is committed now.
    pub(super) fn committed(
        &mut self,
        part: usize,
        batches: &Bytes,
        coverage: &mut Coverage,
    ) -> Result<(), String> {
        if TXN.contains(&part) {
            for (offset, entry) in entry::entries(batches)? {
                if let Some(record) = Transactions::decode(entry)? {
                    self.transaction_committed(part, offset, &record, coverage)?;
                }
            }
            return Ok(());
        }
        if OFFSETS.contains(&part) {
            let before = self.kinds(part);
            let mut removed = Vec::new();
            for (offset, entry) in entry::entries(batches)? {
                if let Some(record) = Groups::decode(entry)? {
                    self.group_committed(part, offset, &record, coverage)?;
                    if let GroupRecord::Consumer(ConsumerRecord::Member(key, None)) = record {
                        removed.push(key);
                    }
                }
            }
            // Not those of a group that became a classic one.
            for key in removed {
                self.ownership.removed(&self.groups[part - OFFSETS[0]], &key.group_id, key.member_id);
            }
            self.count_migrations(part, &before, coverage);
            return self.groups[part - OFFSETS[0]]
                .groups()
                .try_for_each(|(id, group)| disjoint::check(id, group));
        }
        self.data_committed(part, batches)
    }

    fn transaction_committed(
        &mut self,
        part: usize,
        offset: Offset,
        record: &TransactionRecord,
        coverage: &mut Coverage,
    ) -> Result<(), String> {
        let state = &mut self.transactions[part];
        self.decisions.look(state, record, coverage)?;
        state.replay(offset, record);
        Ok(())
    }

    fn group_committed(
        &mut self,
        part: usize,
        offset: Offset,
        record: &GroupRecord,
        coverage: &mut Coverage,
    ) -> Result<(), String> {
        let at = part - OFFSETS[0];
        epochs::check(&self.groups[at], record)?;
        self.offset_committed(at, record, coverage)?;
        if let GroupRecord::Classic { value: Some(_), .. } = record {
            coverage.generations += 1;
        }
        let before = self.ending_offsets(at, record);
        self.groups[at].replay(offset, record);
        self.offsets_ended(at, record, &before)
    }

    /// The states of all transactional ids of a partition.
    pub(super) fn states(&self, part: usize) -> Vec<TransactionState> {
        self.transactions[part].iter().map(|(_, transaction)| transaction.state).collect()
    }

    /// Which kind of group each is that has members.
    fn kinds(&self, part: usize) -> BTreeMap<GroupId, bool> {
        let groups = self.groups[part - OFFSETS[0]].groups();
        let kinds = groups.filter_map(|(id, group)| match group {
            group::Group::Classic(group) => (!group.is_empty()).then(|| (id.clone(), false)),
            group::Group::Consumer(group) => (group.members.size() > 0).then(|| (id.clone(), true)),
        });
        kinds.collect()
    }

    fn count_migrations(&self, part: usize, before: &BTreeMap<GroupId, bool>, coverage: &mut Coverage) {
        for (id, is_consumer) in self.kinds(part) {
            match (before.get(&id), is_consumer) {
                (Some(false), true) => coverage.upgrades += 1,
                (Some(true), false) => coverage.downgrades += 1,
                _ => {}
            }
        }
    }

    /// No transaction is open, or about to end.
    pub(super) fn nothing_is_open(&self) -> Result<(), String> {
        for state in &self.transactions {
            for (id, transaction) in state.iter() {
                if !transaction.state.is_idle() {
                    return Err(format!("{id:?} is {:?} for ever", transaction.state));
                }
            }
        }
        self.data.iter().try_for_each(|(part, data)| data.nothing_is_open(*part))?;
        for state in &self.groups {
            for (id, _) in state.groups() {
                if state.has_pending(id.as_str()) {
                    return Err(format!("offsets of {id:?} wait for ever"));
                }
            }
        }
        Ok(())
    }
}
