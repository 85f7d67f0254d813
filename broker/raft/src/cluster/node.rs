//! One node: its disk, and the machine while it lives.

use super::*;

pub(super) struct Node {
    pub(super) raft: Option<Raft>,
    pub(super) life: u32,
    pub(super) me: Voter,
    pub(super) log: Vec<Record>,
    pub(super) log_start: Offset,
    pub(super) flushed: Offset,
    pub(super) state: QuorumState,
    pub(super) snapshot: Option<(SnapshotId, Vec<Record>)>,
    pub(super) partial: Vec<Record>,
    pub(super) is_formatted: bool,
    pub(super) elected: Option<LeaderEpoch>,
    pub(super) committed: Offset,
    pub(super) wakes_at: u64,
    pub(super) held: BTreeMap<u64, Vec<Record>>,
    pub(super) replies: BTreeMap<ReplyId, (usize, u32, Correlation)>,
}

pub(super) fn key(node: usize, life: u8) -> VoterKey {
    let id = i32::try_from(node).unwrap();
    let mut bytes = [life; 16];
    bytes[0] = u8::try_from(node + 1).unwrap();
    VoterKey { id: BrokerId::new(id), directory: DirectoryId::new(Uuid::from_bytes(bytes)) }
}

pub(super) fn voter(key: VoterKey) -> Voter {
    Voter { key, endpoints: vec![], kraft_versions: (0, 1) }
}

pub(super) fn voters() -> Voters {
    let mut record = Voters::standalone(voter(key(0, 1))).to_record();
    for node in 1..VOTERS {
        record.voters.extend(Voters::standalone(voter(key(node, 1))).to_record().voters);
    }
    Voters::from_record(&record)
}

/// Marks a record that carries a voter set: for each node the first byte of its directory, or none.
const SET: u64 = 1 << 63;

pub(super) fn set_value(voters: &Voters) -> u64 {
    let life = |voter: &Voter| u64::from(voter.key.directory.uuid().as_bytes()[1]);
    voters.iter().fold(SET, |value, voter| value | life(voter) << (8 * voter.key.id.get()))
}

pub(super) fn value_set(value: u64) -> Option<Voters> {
    let mut voters = Voters::default();
    for node in 0..NODES {
        let life = value.to_le_bytes()[node];
        if life > 0 {
            voters = voters.with(voter(key(node, life)));
        }
    }
    (value & SET != 0).then_some(voters)
}

/// The last set among records.
pub(super) fn last_set(records: &[Record]) -> Voters {
    records.iter().rev().find_map(|(_, value)| value_set(*value)).unwrap_or_default()
}

pub(super) fn at(index: usize) -> Offset {
    Offset::new(i64::try_from(index).unwrap())
}

pub(super) fn index(offset: Offset) -> usize {
    usize::try_from(offset.get()).unwrap()
}

impl Node {
    pub(super) fn new(node: usize) -> Self {
        Self {
            raft: None,
            life: 0,
            me: voter(key(node, 1)),
            log: vec![],
            log_start: Offset::ZERO,
            flushed: Offset::ZERO,
            state: QuorumState::default(),
            snapshot: None,
            partial: vec![],
            is_formatted: node < VOTERS,
            elected: None,
            committed: Offset::ZERO,
            wakes_at: u64::MAX,
            held: BTreeMap::new(),
            replies: BTreeMap::new(),
        }
    }

    pub(super) fn end(&self) -> Offset {
        at(index(self.log_start) + self.log.len())
    }

    pub(super) fn read(&self, from: Offset, upto: Offset) -> Vec<Record> {
        let first = index(from).saturating_sub(index(self.log_start));
        let count = index(upto).saturating_sub(index(from)).min(7);
        self.log.iter().skip(first).take(count).copied().collect()
    }

    pub(super) fn durable(&self) -> Durable {
        let mut voters =
            if self.is_formatted { VoterHistory::bootstrap(self::voters()) } else { VoterHistory::default() };
        let mut epochs = EpochHistory::default();
        if let Some((id, content)) = &self.snapshot {
            epochs = EpochHistory::behind(*id);
            voters.snapshot(*id, &Snapshot { voters: last_set(content), values: vec![] });
        }
        for (place, (epoch, value)) in self.log.iter().enumerate() {
            let offset = at(index(self.log_start) + place);
            epochs.assign(*epoch, offset);
            if let Some(set) = value_set(*value) {
                voters.appended(offset.next(), set);
            }
        }
        let snapshot = self.snapshot.as_ref().map(|(id, _)| *id);
        Durable { state: self.state, voters, epochs, snapshot, log_start: self.log_start, end: self.end() }
    }
}
