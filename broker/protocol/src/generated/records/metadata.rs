// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! Records of the metadata log (`__cluster_metadata`).

pub mod abort_transaction_record;
pub mod access_control_entry_record;
pub mod begin_transaction_record;
pub mod broker_registration_change_record;
pub mod clear_elr_record;
pub mod client_quota_record;
pub mod config_record;
pub mod delegation_token_record;
pub mod end_transaction_record;
pub mod feature_level_record;
pub mod fence_broker_record;
pub mod no_op_record;
pub mod partition_change_record;
pub mod partition_record;
pub mod producer_ids_record;
pub mod register_broker_record;
pub mod register_controller_record;
pub mod remove_access_control_entry_record;
pub mod remove_delegation_token_record;
pub mod remove_topic_record;
pub mod remove_user_scram_credential_record;
pub mod topic_record;
pub mod unfence_broker_record;
pub mod unregister_broker_record;
pub mod user_scram_credential_record;
pub mod zk_migration_state_record;

pub use abort_transaction_record::AbortTransactionRecord;
pub use access_control_entry_record::AccessControlEntryRecord;
pub use begin_transaction_record::BeginTransactionRecord;
pub use broker_registration_change_record::BrokerRegistrationChangeRecord;
pub use clear_elr_record::ClearElrRecord;
pub use client_quota_record::ClientQuotaRecord;
pub use config_record::ConfigRecord;
pub use delegation_token_record::DelegationTokenRecord;
pub use end_transaction_record::EndTransactionRecord;
pub use feature_level_record::FeatureLevelRecord;
pub use fence_broker_record::FenceBrokerRecord;
pub use no_op_record::NoOpRecord;
pub use partition_change_record::PartitionChangeRecord;
pub use partition_record::PartitionRecord;
pub use producer_ids_record::ProducerIdsRecord;
pub use register_broker_record::RegisterBrokerRecord;
pub use register_controller_record::RegisterControllerRecord;
pub use remove_access_control_entry_record::RemoveAccessControlEntryRecord;
pub use remove_delegation_token_record::RemoveDelegationTokenRecord;
pub use remove_topic_record::RemoveTopicRecord;
pub use remove_user_scram_credential_record::RemoveUserScramCredentialRecord;
pub use topic_record::TopicRecord;
pub use unfence_broker_record::UnfenceBrokerRecord;
pub use unregister_broker_record::UnregisterBrokerRecord;
pub use user_scram_credential_record::UserScramCredentialRecord;
pub use zk_migration_state_record::ZkMigrationStateRecord;

use bytes::Bytes;

use crate::record_framing::{RecordError, decode_frame, encode_framed};
use crate::wire::{EncodeError, Reader, Segments};
use crate::{Message as _, RecordMessage as _};

/// Any record of the metadata log.
#[derive(Clone, Debug, PartialEq)]
pub enum MetadataRecord {
    /// Type 0.
    RegisterBroker(RegisterBrokerRecord),
    /// Type 1.
    UnregisterBroker(UnregisterBrokerRecord),
    /// Type 2.
    Topic(TopicRecord),
    /// Type 3.
    Partition(PartitionRecord),
    /// Type 4.
    Config(ConfigRecord),
    /// Type 5.
    PartitionChange(PartitionChangeRecord),
    /// Type 7.
    FenceBroker(FenceBrokerRecord),
    /// Type 8.
    UnfenceBroker(UnfenceBrokerRecord),
    /// Type 9.
    RemoveTopic(RemoveTopicRecord),
    /// Type 10.
    DelegationToken(DelegationTokenRecord),
    /// Type 11.
    UserScramCredential(UserScramCredentialRecord),
    /// Type 12.
    FeatureLevel(FeatureLevelRecord),
    /// Type 14.
    ClientQuota(ClientQuotaRecord),
    /// Type 15.
    ProducerIds(ProducerIdsRecord),
    /// Type 17.
    BrokerRegistrationChange(BrokerRegistrationChangeRecord),
    /// Type 18.
    AccessControlEntry(AccessControlEntryRecord),
    /// Type 19.
    RemoveAccessControlEntry(RemoveAccessControlEntryRecord),
    /// Type 20.
    NoOp(NoOpRecord),
    /// Type 21.
    ZkMigrationState(ZkMigrationStateRecord),
    /// Type 22.
    RemoveUserScramCredential(RemoveUserScramCredentialRecord),
    /// Type 23.
    BeginTransaction(BeginTransactionRecord),
    /// Type 24.
    EndTransaction(EndTransactionRecord),
    /// Type 25.
    AbortTransaction(AbortTransactionRecord),
    /// Type 26.
    RemoveDelegationToken(RemoveDelegationTokenRecord),
    /// Type 27.
    RegisterController(RegisterControllerRecord),
    /// Type 28.
    ClearElr(ClearElrRecord),
}

impl From<RegisterBrokerRecord> for MetadataRecord {
    fn from(record: RegisterBrokerRecord) -> Self {
        Self::RegisterBroker(record)
    }
}

impl From<UnregisterBrokerRecord> for MetadataRecord {
    fn from(record: UnregisterBrokerRecord) -> Self {
        Self::UnregisterBroker(record)
    }
}

impl From<TopicRecord> for MetadataRecord {
    fn from(record: TopicRecord) -> Self {
        Self::Topic(record)
    }
}

impl From<PartitionRecord> for MetadataRecord {
    fn from(record: PartitionRecord) -> Self {
        Self::Partition(record)
    }
}

impl From<ConfigRecord> for MetadataRecord {
    fn from(record: ConfigRecord) -> Self {
        Self::Config(record)
    }
}

impl From<PartitionChangeRecord> for MetadataRecord {
    fn from(record: PartitionChangeRecord) -> Self {
        Self::PartitionChange(record)
    }
}

impl From<FenceBrokerRecord> for MetadataRecord {
    fn from(record: FenceBrokerRecord) -> Self {
        Self::FenceBroker(record)
    }
}

impl From<UnfenceBrokerRecord> for MetadataRecord {
    fn from(record: UnfenceBrokerRecord) -> Self {
        Self::UnfenceBroker(record)
    }
}

impl From<RemoveTopicRecord> for MetadataRecord {
    fn from(record: RemoveTopicRecord) -> Self {
        Self::RemoveTopic(record)
    }
}

impl From<DelegationTokenRecord> for MetadataRecord {
    fn from(record: DelegationTokenRecord) -> Self {
        Self::DelegationToken(record)
    }
}

impl From<UserScramCredentialRecord> for MetadataRecord {
    fn from(record: UserScramCredentialRecord) -> Self {
        Self::UserScramCredential(record)
    }
}

impl From<FeatureLevelRecord> for MetadataRecord {
    fn from(record: FeatureLevelRecord) -> Self {
        Self::FeatureLevel(record)
    }
}

impl From<ClientQuotaRecord> for MetadataRecord {
    fn from(record: ClientQuotaRecord) -> Self {
        Self::ClientQuota(record)
    }
}

impl From<ProducerIdsRecord> for MetadataRecord {
    fn from(record: ProducerIdsRecord) -> Self {
        Self::ProducerIds(record)
    }
}

impl From<BrokerRegistrationChangeRecord> for MetadataRecord {
    fn from(record: BrokerRegistrationChangeRecord) -> Self {
        Self::BrokerRegistrationChange(record)
    }
}

impl From<AccessControlEntryRecord> for MetadataRecord {
    fn from(record: AccessControlEntryRecord) -> Self {
        Self::AccessControlEntry(record)
    }
}

impl From<RemoveAccessControlEntryRecord> for MetadataRecord {
    fn from(record: RemoveAccessControlEntryRecord) -> Self {
        Self::RemoveAccessControlEntry(record)
    }
}

impl From<NoOpRecord> for MetadataRecord {
    fn from(record: NoOpRecord) -> Self {
        Self::NoOp(record)
    }
}

impl From<ZkMigrationStateRecord> for MetadataRecord {
    fn from(record: ZkMigrationStateRecord) -> Self {
        Self::ZkMigrationState(record)
    }
}

impl From<RemoveUserScramCredentialRecord> for MetadataRecord {
    fn from(record: RemoveUserScramCredentialRecord) -> Self {
        Self::RemoveUserScramCredential(record)
    }
}

impl From<BeginTransactionRecord> for MetadataRecord {
    fn from(record: BeginTransactionRecord) -> Self {
        Self::BeginTransaction(record)
    }
}

impl From<EndTransactionRecord> for MetadataRecord {
    fn from(record: EndTransactionRecord) -> Self {
        Self::EndTransaction(record)
    }
}

impl From<AbortTransactionRecord> for MetadataRecord {
    fn from(record: AbortTransactionRecord) -> Self {
        Self::AbortTransaction(record)
    }
}

impl From<RemoveDelegationTokenRecord> for MetadataRecord {
    fn from(record: RemoveDelegationTokenRecord) -> Self {
        Self::RemoveDelegationToken(record)
    }
}

impl From<RegisterControllerRecord> for MetadataRecord {
    fn from(record: RegisterControllerRecord) -> Self {
        Self::RegisterController(record)
    }
}

impl From<ClearElrRecord> for MetadataRecord {
    fn from(record: ClearElrRecord) -> Self {
        Self::ClearElr(record)
    }
}

impl MetadataRecord {
    /// The number that stands for it in the log.
    #[must_use]
    pub const fn record_type(&self) -> i16 {
        match self {
            Self::RegisterBroker(_) => RegisterBrokerRecord::TYPE,
            Self::UnregisterBroker(_) => UnregisterBrokerRecord::TYPE,
            Self::Topic(_) => TopicRecord::TYPE,
            Self::Partition(_) => PartitionRecord::TYPE,
            Self::Config(_) => ConfigRecord::TYPE,
            Self::PartitionChange(_) => PartitionChangeRecord::TYPE,
            Self::FenceBroker(_) => FenceBrokerRecord::TYPE,
            Self::UnfenceBroker(_) => UnfenceBrokerRecord::TYPE,
            Self::RemoveTopic(_) => RemoveTopicRecord::TYPE,
            Self::DelegationToken(_) => DelegationTokenRecord::TYPE,
            Self::UserScramCredential(_) => UserScramCredentialRecord::TYPE,
            Self::FeatureLevel(_) => FeatureLevelRecord::TYPE,
            Self::ClientQuota(_) => ClientQuotaRecord::TYPE,
            Self::ProducerIds(_) => ProducerIdsRecord::TYPE,
            Self::BrokerRegistrationChange(_) => BrokerRegistrationChangeRecord::TYPE,
            Self::AccessControlEntry(_) => AccessControlEntryRecord::TYPE,
            Self::RemoveAccessControlEntry(_) => RemoveAccessControlEntryRecord::TYPE,
            Self::NoOp(_) => NoOpRecord::TYPE,
            Self::ZkMigrationState(_) => ZkMigrationStateRecord::TYPE,
            Self::RemoveUserScramCredential(_) => RemoveUserScramCredentialRecord::TYPE,
            Self::BeginTransaction(_) => BeginTransactionRecord::TYPE,
            Self::EndTransaction(_) => EndTransactionRecord::TYPE,
            Self::AbortTransaction(_) => AbortTransactionRecord::TYPE,
            Self::RemoveDelegationToken(_) => RemoveDelegationTokenRecord::TYPE,
            Self::RegisterController(_) => RegisterControllerRecord::TYPE,
            Self::ClearElr(_) => ClearElrRecord::TYPE,
        }
    }

    /// The highest version of its type.
    #[must_use]
    pub fn highest_version(&self) -> i16 {
        match self {
            Self::RegisterBroker(_) => *RegisterBrokerRecord::VERSIONS.end(),
            Self::UnregisterBroker(_) => *UnregisterBrokerRecord::VERSIONS.end(),
            Self::Topic(_) => *TopicRecord::VERSIONS.end(),
            Self::Partition(_) => *PartitionRecord::VERSIONS.end(),
            Self::Config(_) => *ConfigRecord::VERSIONS.end(),
            Self::PartitionChange(_) => *PartitionChangeRecord::VERSIONS.end(),
            Self::FenceBroker(_) => *FenceBrokerRecord::VERSIONS.end(),
            Self::UnfenceBroker(_) => *UnfenceBrokerRecord::VERSIONS.end(),
            Self::RemoveTopic(_) => *RemoveTopicRecord::VERSIONS.end(),
            Self::DelegationToken(_) => *DelegationTokenRecord::VERSIONS.end(),
            Self::UserScramCredential(_) => *UserScramCredentialRecord::VERSIONS.end(),
            Self::FeatureLevel(_) => *FeatureLevelRecord::VERSIONS.end(),
            Self::ClientQuota(_) => *ClientQuotaRecord::VERSIONS.end(),
            Self::ProducerIds(_) => *ProducerIdsRecord::VERSIONS.end(),
            Self::BrokerRegistrationChange(_) => *BrokerRegistrationChangeRecord::VERSIONS.end(),
            Self::AccessControlEntry(_) => *AccessControlEntryRecord::VERSIONS.end(),
            Self::RemoveAccessControlEntry(_) => *RemoveAccessControlEntryRecord::VERSIONS.end(),
            Self::NoOp(_) => *NoOpRecord::VERSIONS.end(),
            Self::ZkMigrationState(_) => *ZkMigrationStateRecord::VERSIONS.end(),
            Self::RemoveUserScramCredential(_) => *RemoveUserScramCredentialRecord::VERSIONS.end(),
            Self::BeginTransaction(_) => *BeginTransactionRecord::VERSIONS.end(),
            Self::EndTransaction(_) => *EndTransactionRecord::VERSIONS.end(),
            Self::AbortTransaction(_) => *AbortTransactionRecord::VERSIONS.end(),
            Self::RemoveDelegationToken(_) => *RemoveDelegationTokenRecord::VERSIONS.end(),
            Self::RegisterController(_) => *RegisterControllerRecord::VERSIONS.end(),
            Self::ClearElr(_) => *ClearElrRecord::VERSIONS.end(),
        }
    }

    /// Reads a record's value: frame version, type, version, body.
    ///
    /// # Errors
    /// The frame or type is unknown, or the body is malformed.
    pub fn decode(value: Bytes) -> Result<Self, RecordError> {
        let mut r = Reader::new(value);
        let (record_type, version) = decode_frame(&mut r)?;
        Ok(match record_type {
            RegisterBrokerRecord::TYPE => {
                Self::RegisterBroker(RegisterBrokerRecord::decode(&mut r, version)?)
            }
            UnregisterBrokerRecord::TYPE => {
                Self::UnregisterBroker(UnregisterBrokerRecord::decode(&mut r, version)?)
            }
            TopicRecord::TYPE => Self::Topic(TopicRecord::decode(&mut r, version)?),
            PartitionRecord::TYPE => Self::Partition(PartitionRecord::decode(&mut r, version)?),
            ConfigRecord::TYPE => Self::Config(ConfigRecord::decode(&mut r, version)?),
            PartitionChangeRecord::TYPE => {
                Self::PartitionChange(PartitionChangeRecord::decode(&mut r, version)?)
            }
            FenceBrokerRecord::TYPE => Self::FenceBroker(FenceBrokerRecord::decode(&mut r, version)?),
            UnfenceBrokerRecord::TYPE => Self::UnfenceBroker(UnfenceBrokerRecord::decode(&mut r, version)?),
            RemoveTopicRecord::TYPE => Self::RemoveTopic(RemoveTopicRecord::decode(&mut r, version)?),
            DelegationTokenRecord::TYPE => {
                Self::DelegationToken(DelegationTokenRecord::decode(&mut r, version)?)
            }
            UserScramCredentialRecord::TYPE => {
                Self::UserScramCredential(UserScramCredentialRecord::decode(&mut r, version)?)
            }
            FeatureLevelRecord::TYPE => Self::FeatureLevel(FeatureLevelRecord::decode(&mut r, version)?),
            ClientQuotaRecord::TYPE => Self::ClientQuota(ClientQuotaRecord::decode(&mut r, version)?),
            ProducerIdsRecord::TYPE => Self::ProducerIds(ProducerIdsRecord::decode(&mut r, version)?),
            BrokerRegistrationChangeRecord::TYPE => {
                Self::BrokerRegistrationChange(BrokerRegistrationChangeRecord::decode(&mut r, version)?)
            }
            AccessControlEntryRecord::TYPE => {
                Self::AccessControlEntry(AccessControlEntryRecord::decode(&mut r, version)?)
            }
            RemoveAccessControlEntryRecord::TYPE => {
                Self::RemoveAccessControlEntry(RemoveAccessControlEntryRecord::decode(&mut r, version)?)
            }
            NoOpRecord::TYPE => Self::NoOp(NoOpRecord::decode(&mut r, version)?),
            ZkMigrationStateRecord::TYPE => {
                Self::ZkMigrationState(ZkMigrationStateRecord::decode(&mut r, version)?)
            }
            RemoveUserScramCredentialRecord::TYPE => {
                Self::RemoveUserScramCredential(RemoveUserScramCredentialRecord::decode(&mut r, version)?)
            }
            BeginTransactionRecord::TYPE => {
                Self::BeginTransaction(BeginTransactionRecord::decode(&mut r, version)?)
            }
            EndTransactionRecord::TYPE => {
                Self::EndTransaction(EndTransactionRecord::decode(&mut r, version)?)
            }
            AbortTransactionRecord::TYPE => {
                Self::AbortTransaction(AbortTransactionRecord::decode(&mut r, version)?)
            }
            RemoveDelegationTokenRecord::TYPE => {
                Self::RemoveDelegationToken(RemoveDelegationTokenRecord::decode(&mut r, version)?)
            }
            RegisterControllerRecord::TYPE => {
                Self::RegisterController(RegisterControllerRecord::decode(&mut r, version)?)
            }
            ClearElrRecord::TYPE => Self::ClearElr(ClearElrRecord::decode(&mut r, version)?),
            _ => return Err(RecordError::UnknownType(record_type)),
        })
    }

    /// Writes a record's value with the body in `version`, which the metadata version decides.
    ///
    /// # Errors
    /// The version does not exist or cannot carry what is set.
    pub fn encode(&self, version: i16) -> Result<Segments, EncodeError> {
        match self {
            Self::RegisterBroker(it) => encode_framed(it, version),
            Self::UnregisterBroker(it) => encode_framed(it, version),
            Self::Topic(it) => encode_framed(it, version),
            Self::Partition(it) => encode_framed(it, version),
            Self::Config(it) => encode_framed(it, version),
            Self::PartitionChange(it) => encode_framed(it, version),
            Self::FenceBroker(it) => encode_framed(it, version),
            Self::UnfenceBroker(it) => encode_framed(it, version),
            Self::RemoveTopic(it) => encode_framed(it, version),
            Self::DelegationToken(it) => encode_framed(it, version),
            Self::UserScramCredential(it) => encode_framed(it, version),
            Self::FeatureLevel(it) => encode_framed(it, version),
            Self::ClientQuota(it) => encode_framed(it, version),
            Self::ProducerIds(it) => encode_framed(it, version),
            Self::BrokerRegistrationChange(it) => encode_framed(it, version),
            Self::AccessControlEntry(it) => encode_framed(it, version),
            Self::RemoveAccessControlEntry(it) => encode_framed(it, version),
            Self::NoOp(it) => encode_framed(it, version),
            Self::ZkMigrationState(it) => encode_framed(it, version),
            Self::RemoveUserScramCredential(it) => encode_framed(it, version),
            Self::BeginTransaction(it) => encode_framed(it, version),
            Self::EndTransaction(it) => encode_framed(it, version),
            Self::AbortTransaction(it) => encode_framed(it, version),
            Self::RemoveDelegationToken(it) => encode_framed(it, version),
            Self::RegisterController(it) => encode_framed(it, version),
            Self::ClearElr(it) => encode_framed(it, version),
        }
    }
}
