//! `metadata.version`: which records and fields a cluster may write (KIP-778).

use broker_protocol::records::metadata::{BrokerRegistrationChangeRecord, MetadataRecord};

/// A level of the feature `metadata.version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetadataVersion(i16);

impl MetadataVersion {
    /// The feature's name.
    pub const FEATURE: &str = "metadata.version";
    /// 3.3-IV3, the lowest that Kafka 4 reads.
    pub const MINIMUM: Self = Self(7);
    /// 3.5-IV2: credentials of SCRAM in the metadata (KIP-900).
    pub const SCRAM: Self = Self(11);
    /// 3.6-IV0: the leader epoch stays when the ISR shrinks; brokers before it need a new one then.
    pub const EPOCH_OUTLIVES_SHRINK: Self = Self(12);
    /// 3.6-IV1: transactions of metadata (KIP-868).
    pub const TRANSACTIONS: Self = Self(13);
    /// 3.6-IV2: delegation tokens in the metadata (KIP-900).
    pub const DELEGATION_TOKENS: Self = Self(14);
    /// 3.7-IV2: replicas have directories (KIP-858).
    pub const DIRECTORIES: Self = Self(17);
    /// 4.0-IV1: eligible leader replicas (KIP-966).
    pub const ELR: Self = Self(23);
    /// 4.0-IV2: what new clusters finalize `transaction.version` 2 from (KIP-890).
    pub const TRANSACTIONS_V2: Self = Self(24);
    /// 4.3-IV0: cordoned log directories (KIP-1066). What a fresh cluster starts with.
    pub const LATEST: Self = Self(30);

    /// The level as a version, when it is one that can be read.
    #[must_use]
    pub fn from_level(level: i16) -> Option<Self> {
        let version = Self(level);
        (Self::MINIMUM..=Self::LATEST).contains(&version).then_some(version)
    }

    /// The level.
    #[must_use]
    pub const fn level(self) -> i16 {
        self.0
    }

    /// Kafka's name of the version, such as `4.3-IV0`.
    #[must_use]
    pub fn name(self) -> &'static str {
        const NAMES: [&str; 24] = [
            "3.3-IV3", "3.4-IV0", "3.5-IV0", "3.5-IV1", "3.5-IV2", "3.6-IV0", "3.6-IV1", "3.6-IV2",
            "3.7-IV0", "3.7-IV1", "3.7-IV2", "3.7-IV3", "3.7-IV4", "3.8-IV0", "3.9-IV0", "4.0-IV0",
            "4.0-IV1", "4.0-IV2", "4.0-IV3", "4.1-IV0", "4.1-IV1", "4.2-IV0", "4.2-IV1", "4.3-IV0",
        ];
        let index = usize::try_from(self.0 - Self::MINIMUM.0).unwrap_or(usize::MAX);
        NAMES.get(index).copied().unwrap_or("unknown")
    }

    /// The version in which a record is written under this metadata version.
    #[must_use]
    pub fn record_version(self, record: &MetadataRecord) -> i16 {
        match record {
            MetadataRecord::RegisterBroker(_) if self >= Self::LATEST => 4,
            MetadataRecord::RegisterBroker(_) if self >= Self::DIRECTORIES => 3,
            // 3.4-IV0 added the flag of brokers in migration.
            MetadataRecord::RegisterBroker(_) => {
                if self > Self::MINIMUM {
                    2
                } else {
                    1
                }
            }
            MetadataRecord::Partition(_) | MetadataRecord::PartitionChange(_) => {
                if self >= Self::ELR {
                    2
                } else {
                    i16::from(self >= Self::DIRECTORIES)
                }
            }
            MetadataRecord::BrokerRegistrationChange(change) => registration_change_version(change),
            _ => 0,
        }
    }
}

/// The lowest version that holds what the record says.
fn registration_change_version(change: &BrokerRegistrationChangeRecord) -> i16 {
    if change.cordoned_log_dirs.is_some() {
        3
    } else if !change.log_dirs.is_empty() {
        2
    } else {
        i16::from(change.in_controlled_shutdown != 0)
    }
}

#[cfg(test)]
mod tests {
    use broker_protocol::records::metadata::{PartitionRecord, RegisterBrokerRecord};

    use super::*;

    #[test]
    fn levels_have_kafkas_names() {
        assert_eq!(MetadataVersion::MINIMUM.name(), "3.3-IV3");
        assert_eq!(MetadataVersion::EPOCH_OUTLIVES_SHRINK.name(), "3.6-IV0");
        assert_eq!(MetadataVersion::DIRECTORIES.name(), "3.7-IV2");
        assert_eq!(MetadataVersion::ELR.name(), "4.0-IV1");
        assert_eq!(MetadataVersion::LATEST.name(), "4.3-IV0");
        assert_eq!(MetadataVersion::from_level(31), None);
        assert_eq!(MetadataVersion::from_level(6), None);
    }

    #[test]
    fn a_record_is_written_in_the_version_that_the_level_allows() {
        let register = MetadataRecord::RegisterBroker(RegisterBrokerRecord::default());
        let partition = MetadataRecord::Partition(PartitionRecord::default());
        assert_eq!(MetadataVersion::LATEST.record_version(&register), 4);
        assert_eq!(MetadataVersion::ELR.record_version(&register), 3);
        assert_eq!(MetadataVersion::LATEST.record_version(&partition), 2);
        assert_eq!(MetadataVersion::DIRECTORIES.record_version(&partition), 1);
        let change = |f: fn(&mut BrokerRegistrationChangeRecord)| {
            let mut record = BrokerRegistrationChangeRecord::default();
            f(&mut record);
            MetadataVersion::LATEST.record_version(&MetadataRecord::BrokerRegistrationChange(record))
        };
        assert_eq!(change(|r| r.fenced = 1), 0);
        assert_eq!(change(|r| r.in_controlled_shutdown = 1), 1);
        assert_eq!(change(|r| r.cordoned_log_dirs = Some(alloc::vec![])), 3);
    }
}
