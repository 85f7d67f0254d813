//! Who commits is a member, in an epoch that is not over for what it commits (KIP-848, KIP-1251); a committed offset goes
//! back only by one who owns the partition; what is answered well is committed; what is told was committed once; offsets of
//! a transaction count if, and only if, it is committed (KIP-447).

use broker_group::{Group, GroupRecord, MemberId, OffsetResult, Response, State};
use broker_types::{PartitionId, TransactionResult};

use super::{Claim, Truth, ownership::is_member};
use crate::coordinators::{
    clients::embedded,
    coverage::Coverage,
    setup::{OFFSETS, SOURCE, number, offsets_of, topic_id},
};

/// Who asked for an offset.
#[derive(Clone, Debug)]
pub(in crate::coordinators) struct Commit {
    pub(in crate::coordinators) member: MemberId,
    pub(in crate::coordinators) epoch: i32,
    /// Of a transaction.
    pub(in crate::coordinators) tag: Option<u64>,
}

impl Truth {
    /// A client asks for an offset with this note.
    pub(in crate::coordinators) fn asks(&mut self, note: String, commit: Commit) {
        self.commits.insert(note, commit);
    }

    /// An offset is written: look before it is replayed.
    pub(super) fn offset_committed(
        &mut self,
        at: usize,
        record: &GroupRecord,
        coverage: &mut Coverage,
    ) -> Result<(), String> {
        let GroupRecord::Offset { key, value: Some(value), producer } = record else { return Ok(()) };
        let state = &self.groups[at];
        let note = value.metadata.as_str();
        let commit = self.commits.get(note);
        let Some(commit) = commit else { return Err(format!("nobody asked for the offset {note}")) };
        coverage.offsets_committed += 1;
        self.written.insert(note.to_owned());
        may_commit(state, &key.group, key.partition, commit)
            .map_err(|why| format!("{} committed {note} of {}: {why}", commit.member, key.group))?;
        if commit.tag.is_some() != producer.is_some() {
            return Err(format!("{note} is of a transaction, and its record is not"));
        }
        if producer.is_some() {
            return Ok(());
        }
        self.effective.insert(note.to_owned());
        let before = state.offset(&key.group, &key.topic, PartitionId::new(key.partition));
        if before.is_some_and(|before| before.offset > value.offset) {
            coverage.offsets_back += 1;
            if !owns(state, &key.group, key.partition, &commit.member) {
                return Err(format!("the offset of {:?} went back to {value:?} by {commit:?}", key));
            }
        }
        Ok(())
    }

    /// The committed offsets of everything that a marker may change.
    pub(super) fn ending_offsets(&self, at: usize, record: &GroupRecord) -> Vec<(String, i32, i64)> {
        let GroupRecord::End(_) = record else { return Vec::new() };
        let state = &self.groups[at];
        let all = state.groups().flat_map(|(id, _)| {
            let offsets = state.offsets(id.as_str());
            offsets.map(move |(_, partition, told)| (id.as_str().to_owned(), partition.get(), told.offset))
        });
        all.collect()
    }

    /// A marker was replayed.
    pub(super) fn offsets_ended(
        &mut self,
        at: usize,
        record: &GroupRecord,
        before: &[(String, i32, i64)],
    ) -> Result<(), String> {
        let GroupRecord::End(end) = record else { return Ok(()) };
        let state = &self.groups[at];
        let mut changed = Vec::new();
        for (id, _) in state.groups() {
            for (_, partition, told) in state.offsets(id.as_str()) {
                let key = (id.as_str().to_owned(), partition.get());
                let old = before.iter().find(|old| (&old.0, old.1) == (&key.0, key.1)).map(|old| old.2);
                if old.is_some_and(|old| old > told.offset) {
                    return Err(format!("a transaction took the offset of {key:?} from {old:?} to {told:?}"));
                }
                let note = told.metadata.as_str().to_owned();
                if !self.effective.contains(&note) {
                    changed.push(note);
                }
            }
        }
        for note in changed {
            if end.result == TransactionResult::Abort {
                return Err(format!("an abort committed {note}"));
            }
            let tag = self.commits.get(&note).and_then(|commit| commit.tag);
            self.effective.insert(note);
            if let Some(tag) = tag {
                self.fates.ended(tag, true)?;
            }
        }
        Ok(())
    }

    /// What an answer says about a group.
    pub(in crate::coordinators) fn group_claim(
        &self,
        part: usize,
        claim: &Claim,
        response: &Response,
    ) -> Result<(), String> {
        match (claim, response) {
            (
                Claim::Offsets(notes),
                Response::OffsetCommit(Ok(topics)) | Response::TxnOffsetCommit(Ok(topics)),
            ) => {
                let all = topics.iter().flat_map(|topic| &topic.partitions);
                for (note, OffsetResult { result, .. }) in notes.iter().zip(all) {
                    if result.is_ok() && !self.written.contains(note) {
                        return Err(format!("{note} is answered and not committed ({part})"));
                    }
                }
                Ok(())
            }
            (Claim::Reads(group), Response::OffsetFetch(Ok(topics))) => {
                for fetched in topics.iter().flat_map(|topic| &topic.partitions) {
                    if let Ok(Some(told)) = &fetched.result
                        && !self.effective.contains(told.metadata.as_str())
                    {
                        return Err(format!("{told:?} of {group:?} is told and was never committed"));
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The group has committed everything that there is.
    pub(in crate::coordinators) fn all_is_committed(&self, group: &'static str) -> Result<(), String> {
        let state = &self.groups[offsets_of(group) - OFFSETS[0]];
        for part in SOURCE {
            let Some(data) = self.data.get(&part) else { continue };
            let partition = PartitionId::new((part - SOURCE[0]) as i32);
            let committed = state.offset(group, "source", partition).map_or(0, |told| told.offset);
            if committed < data.last_committed() + 1 {
                let last = data.last_committed();
                return Err(format!("{group} committed {committed} of {part}, and {last} is there"));
            }
        }
        Ok(())
    }
}

/// Whether the commit is of somebody who may.
fn may_commit(state: &State, id: &str, partition: i32, commit: &Commit) -> Result<(), String> {
    let Commit { member, epoch, .. } = commit;
    if !is_member(state, id, member) {
        return Err("it is no member".to_owned());
    }
    match state.group(id) {
        // A later one was joined, and its assignment is not written yet.
        Some(Group::Classic(group)) if group.generation().get() > *epoch => {
            Err(format!("it is of generation {epoch}, and the group of {:?}", group.generation()))
        }
        Some(Group::Consumer(group)) => {
            let current = group.members.get(member).and_then(|member| member.current.as_ref());
            let Some(current) = current else { return Err("it was given nothing".to_owned()) };
            if *epoch > current.member_epoch {
                return Err(format!("its epoch {epoch} is beyond {}", current.member_epoch));
            }
            if *epoch < current.member_epoch && !owns(state, id, partition, member) {
                return Err(format!("its epoch {epoch} is over, it is {} now", current.member_epoch));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Whether a member has the partition of the source, or must still give it up.
fn owns(state: &State, group: &str, partition: i32, member: &MemberId) -> bool {
    match state.group(group) {
        None => false,
        Some(Group::Consumer(group)) => {
            let current = group.members.get(member).and_then(|member| member.current.as_ref());
            current.is_some_and(|current| {
                let both = current.assigned_partitions.iter().chain(&current.partitions_pending_revocation);
                let source = topic_id("source").uuid();
                both.filter(|it| it.topic_id == source).any(|it| it.partitions.contains(&partition))
            })
        }
        Some(Group::Classic(group)) => {
            let members = group.value().into_iter().flat_map(|value| &value.members);
            let mut own = members.filter(|known| known.member_id == *member.as_str());
            let wanted = number("source", PartitionId::new(partition));
            own.any(|known| embedded::assigned(&known.assignment).any(|part| Some(part) == wanted))
        }
    }
}
