//! The registration of one partition: who has it, who leads it, who is in sync.

use alloc::{boxed::Box, vec::Vec};

use broker_protocol::records::metadata::{PartitionChangeRecord, PartitionRecord};
use broker_types::{BrokerId, DirectoryId, LeaderEpoch, PartitionEpoch, PartitionId, TopicId, Uuid};

use crate::{
    MetadataVersion, ReplayError,
    records::{directories, ids, raw_directories, raw_ids, raw_ids_or_none},
};

/// Whether a leader still has to recover from an unclean election.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LeaderRecovery {
    /// Elected from the in-sync replicas, or recovered since.
    #[default]
    Recovered,
    /// Elected from outside the in-sync replicas and not recovered yet.
    Recovering,
}

impl LeaderRecovery {
    /// The code in records: 0 recovered, 1 recovering.
    #[must_use]
    pub const fn code(self) -> i8 {
        match self {
            Self::Recovered => 0,
            Self::Recovering => 1,
        }
    }

    /// The state of a code.
    #[must_use]
    pub const fn from_code(code: i8) -> Option<Self> {
        match code {
            0 => Some(Self::Recovered),
            1 => Some(Self::Recovering),
            _ => None,
        }
    }
}

/// What the cluster knows about one partition. `directories` runs parallel to `replicas`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The brokers that hold it, the preferred leader first.
    pub replicas: Box<[BrokerId]>,
    /// The log directory of each replica, in the order of `replicas`.
    pub directories: Box<[DirectoryId]>,
    /// The replicas in sync.
    pub isr: Box<[BrokerId]>,
    /// Replicas that left the ISR and may still lead without loss (KIP-966).
    pub elr: Box<[BrokerId]>,
    /// The last known members of ISR and ELR, or the last leader, for a recovery by hand.
    pub last_known_elr: Box<[BrokerId]>,
    /// Replicas that a reassignment adds.
    pub adding: Box<[BrokerId]>,
    /// Replicas that a reassignment removes.
    pub removing: Box<[BrokerId]>,
    /// The leader.
    pub leader: Option<BrokerId>,
    /// Whether the leader recovers from an unclean election.
    pub recovery: LeaderRecovery,
    /// Counts leaderships.
    pub leader_epoch: LeaderEpoch,
    /// Counts changes of this registration.
    pub partition_epoch: PartitionEpoch,
}

/// In a change record: the leader stays.
const NO_LEADER_CHANGE: i32 = -2;

impl Partition {
    /// The replica that should lead: the first.
    #[must_use]
    pub fn preferred(&self) -> Option<BrokerId> {
        self.replicas.first().copied()
    }

    /// The log directory of one replica.
    #[must_use]
    pub fn directory(&self, replica: BrokerId) -> Option<DirectoryId> {
        let index = self.replicas.iter().position(|id| *id == replica)?;
        self.directories.get(index).copied()
    }

    /// Whether a reassignment is under way (KIP-455).
    #[must_use]
    pub fn is_reassigning(&self) -> bool {
        !self.adding.is_empty() || !self.removing.is_empty()
    }

    pub(super) fn from_record(record: &PartitionRecord) -> Result<Self, ReplayError> {
        let replicas = ids(&record.replicas);
        let (topic, index) = (record.topic_id, record.partition_id);
        Ok(Self {
            directories: known_directories(topic, index, &record.directories, replicas.len())?,
            replicas,
            isr: ids(&record.isr),
            elr: ids(record.eligible_leader_replicas.as_deref().unwrap_or_default()),
            last_known_elr: ids(record.last_known_elr.as_deref().unwrap_or_default()),
            adding: ids(&record.adding_replicas),
            removing: ids(&record.removing_replicas),
            leader: BrokerId::from_wire(record.leader),
            recovery: recovery("PartitionRecord", record.leader_recovery_state)?,
            leader_epoch: LeaderEpoch::new(record.leader_epoch),
            partition_epoch: PartitionEpoch::new(record.partition_epoch),
        })
    }

    /// This registration after a change: the leader epoch moves on when the record names a leader (even the same
    /// one), the partition epoch always.
    ///
    /// # Errors
    /// Directories that do not match the replicas, or an unknown recovery state.
    pub fn merged(&self, record: &PartitionChangeRecord) -> Result<Self, ReplayError> {
        let changed =
            |new: &Option<Vec<i32>>, old: &[BrokerId]| new.as_deref().map_or_else(|| old.into(), ids);
        let replicas: Box<[BrokerId]> = changed(&record.replicas, &self.replicas);
        let kept;
        let raw_dirs = match &record.directories {
            Some(given) => given,
            None => {
                kept = raw_directories(&self.directories);
                &kept
            }
        };
        let recovery = match record.leader_recovery_state {
            -1 => self.recovery,
            code => recovery("PartitionChangeRecord", code)?,
        };
        let leads_anew = record.leader != NO_LEADER_CHANGE;
        Ok(Self {
            directories: known_directories(record.topic_id, record.partition_id, raw_dirs, replicas.len())?,
            replicas,
            isr: changed(&record.isr, &self.isr),
            elr: changed(&record.eligible_leader_replicas, &self.elr),
            last_known_elr: changed(&record.last_known_elr, &self.last_known_elr),
            adding: changed(&record.adding_replicas, &self.adding),
            removing: changed(&record.removing_replicas, &self.removing),
            leader: if leads_anew { BrokerId::from_wire(record.leader) } else { self.leader },
            recovery,
            leader_epoch: if leads_anew { self.leader_epoch.next() } else { self.leader_epoch },
            partition_epoch: self.partition_epoch.next(),
        })
    }

    /// This registration without eligible leader replicas; `None` when it has none. Epochs stay, as Kafka has it.
    pub(super) fn without_elr(&self) -> Option<Self> {
        if self.elr.is_empty() && self.last_known_elr.is_empty() {
            return None;
        }
        Some(Self { elr: Box::default(), last_known_elr: Box::default(), ..self.clone() })
    }

    /// The record that creates this registration, with the fields that the version knows.
    #[must_use]
    pub fn to_record(&self, topic: TopicId, index: PartitionId, version: MetadataVersion) -> PartitionRecord {
        let elr = |ids| if version >= MetadataVersion::ELR { raw_ids_or_none(ids) } else { None };
        let knows_dirs = version >= MetadataVersion::DIRECTORIES;
        PartitionRecord {
            partition_id: index.get(),
            topic_id: topic.uuid(),
            replicas: raw_ids(&self.replicas),
            isr: raw_ids(&self.isr),
            removing_replicas: raw_ids(&self.removing),
            adding_replicas: raw_ids(&self.adding),
            leader: self.leader.map_or(-1, BrokerId::get),
            leader_recovery_state: self.recovery.code(),
            leader_epoch: self.leader_epoch.get(),
            partition_epoch: self.partition_epoch.get(),
            directories: if knows_dirs { raw_directories(&self.directories) } else { Vec::new() },
            eligible_leader_replicas: elr(&self.elr),
            last_known_elr: elr(&self.last_known_elr),
        }
    }
}

fn recovery(record: &'static str, code: i8) -> Result<LeaderRecovery, ReplayError> {
    let unknown = ReplayError::UnknownValue { record, field: "LeaderRecoveryState", value: code.into() };
    LeaderRecovery::from_code(code).ok_or(unknown)
}

/// Records older than directory assignment have none: every replica is then "migrating".
fn known_directories(
    topic: Uuid,
    partition: i32,
    raw: &[Uuid],
    replicas: usize,
) -> Result<Box<[DirectoryId]>, ReplayError> {
    if raw.iter().all(|dir| DirectoryId::new(*dir) == DirectoryId::MIGRATING) {
        return Ok(core::iter::repeat_n(DirectoryId::MIGRATING, replicas).collect());
    }
    if raw.len() != replicas {
        return Err(ReplayError::DirectoryCount {
            topic: TopicId::new(topic),
            partition: PartitionId::new(partition),
            replicas,
            directories: raw.len(),
        });
    }
    Ok(directories(raw))
}
