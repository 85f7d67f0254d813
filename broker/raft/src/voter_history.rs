//! Which voter set holds where in the log (KIP-853): a set holds from the moment that its record is appended.
//!
//! Invariants: sets lie in the order of their offsets; cutting the log's end takes later sets back; dropping its
//! start keeps the set that holds there.

use alloc::collections::BTreeMap;

use broker_protocol::{
    Message as _,
    records::control::VotersRecord,
    wire::{DecodeError, Reader},
};
use broker_records::ControlType;
use broker_types::Offset;
use bytes::Bytes;

use crate::{
    snapshot::{Snapshot, SnapshotId},
    voters::Voters,
};

/// The voter sets that the files of a member tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoterHistory {
    /// What formatting wrote: the snapshot at offset 0. It is on this disk only, no follower has it.
    bootstrap: Voters,
    /// By the offset after the record that told the set, or by a snapshot's end.
    logged: BTreeMap<Offset, Voters>,
}

impl VoterHistory {
    /// What a freshly formatted directory tells.
    #[must_use]
    pub const fn bootstrap(voters: Voters) -> Self {
        Self { bootstrap: voters, logged: BTreeMap::new() }
    }

    /// Takes what a snapshot tells. It stands for everything before it.
    pub fn snapshot(&mut self, id: SnapshotId, snapshot: &Snapshot) {
        if id.end == Offset::ZERO {
            self.bootstrap = snapshot.voters.clone();
        } else if !snapshot.voters.is_empty() {
            self.logged = self.logged.split_off(&id.end.next());
            self.logged.insert(id.end, snapshot.voters.clone());
        }
    }

    /// Takes a control record of the log; other kinds than voter sets change nothing.
    ///
    /// # Errors
    /// When a voter set does not read.
    pub fn control(
        &mut self,
        offset: Offset,
        kind: Option<ControlType>,
        value: &Bytes,
    ) -> Result<(), DecodeError> {
        if kind == Some(ControlType::KRaftVoters) {
            let record = VotersRecord::decode(&mut Reader::new(value.clone()), 0)?;
            self.appended(offset.next(), Voters::from_record(&record));
        }
        Ok(())
    }

    /// A snapshot took the place of the whole log.
    pub(crate) fn installed(&mut self, id: SnapshotId, snapshot: &Snapshot) {
        self.logged.clear();
        self.snapshot(id, snapshot);
    }

    /// A set was appended by this node; the log ends at `end` behind it.
    pub fn appended(&mut self, end: Offset, voters: Voters) {
        self.logged.insert(end, voters);
    }

    /// The set that holds at the end of the log.
    #[must_use]
    pub fn latest(&self) -> &Voters {
        self.logged.last_key_value().map_or(&self.bootstrap, |(_, voters)| voters)
    }

    /// Where the record of the set that holds ends; the log's begin while it is only what formatting wrote.
    #[must_use]
    pub fn latest_end(&self) -> Offset {
        self.logged.last_key_value().map_or(Offset::ZERO, |(end, _)| *end)
    }

    /// The set that held before the one that holds now.
    pub(crate) fn previous(&self) -> &Voters {
        self.logged.values().rev().nth(1).unwrap_or(&self.bootstrap)
    }

    /// The set that holds before `end`, as a snapshot that ends there must carry it.
    #[must_use]
    pub fn before(&self, end: Offset) -> &Voters {
        self.logged.range(..=end).next_back().map_or(&self.bootstrap, |(_, voters)| voters)
    }

    /// Whether the set that holds is in the log, or in a snapshot of it, where followers find it.
    #[must_use]
    pub fn is_logged(&self) -> bool {
        !self.logged.is_empty()
    }

    /// The log was cut: it ends at `end`.
    pub fn truncated(&mut self, end: Offset) {
        self.logged.split_off(&end.next());
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use broker_types::{BrokerId, DirectoryId, LeaderEpoch, Uuid};

    use super::*;
    use crate::voters::{Voter, VoterKey};

    fn set(id: i32) -> Voters {
        let key = VoterKey { id: BrokerId::new(id), directory: DirectoryId::new(Uuid::from_bytes([7; 16])) };
        Voters::standalone(Voter { key, endpoints: vec![], kraft_versions: (0, 1) })
    }

    fn snapshot(end: i64, id: i32) -> (SnapshotId, Snapshot) {
        let key = SnapshotId { end: Offset::new(end), epoch: LeaderEpoch::new(1) };
        (key, Snapshot { voters: set(id), values: vec![] })
    }

    #[test]
    fn what_formatting_wrote_holds_until_the_log_tells_a_set() {
        let mut history = VoterHistory::default();
        let (id, formatted) = snapshot(0, 1);
        history.snapshot(id, &formatted);
        assert!(!history.is_logged());
        assert_eq!(history.latest(), &set(1));
        history.appended(Offset::new(3), set(2));
        assert!(history.is_logged());
        assert_eq!(history.latest(), &set(2));
        assert_eq!(history.before(Offset::new(2)), &set(1));
        assert_eq!(history.before(Offset::new(3)), &set(2));
    }

    #[test]
    fn cutting_the_log_takes_sets_back_and_a_snapshot_replaces_those_before_it() {
        let mut history = VoterHistory::bootstrap(set(1));
        history.appended(Offset::new(3), set(2));
        history.appended(Offset::new(9), set(3));
        history.truncated(Offset::new(8));
        assert_eq!(history.latest(), &set(2));
        history.appended(Offset::new(9), set(3));
        let (id, later) = snapshot(5, 2);
        history.snapshot(id, &later);
        assert_eq!(history.latest(), &set(3));
        assert_eq!(history.before(Offset::new(5)), &set(2));
        assert_eq!(history.before(Offset::new(4)), &set(1));
    }

    #[test]
    fn a_record_of_the_log_is_read_and_nonsense_is_refused() {
        let mut history = VoterHistory::default();
        let other = Some(ControlType::LeaderChange);
        assert_eq!(history.control(Offset::ZERO, other, &Bytes::from_static(b"any")), Ok(()));
        assert!(!history.is_logged());
        let voters = Some(ControlType::KRaftVoters);
        assert!(history.control(Offset::ZERO, voters, &Bytes::from_static(b"no")).is_err());
    }
}
