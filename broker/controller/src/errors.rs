//! Kafka's error code of every refusal.

use broker_protocol::ErrorCode;

use crate::{
    AlterPartitionError, AssignmentError, ConfigError, CreateAclError, CreatePartitionsError,
    CreateTopicError, DeleteAclError, DeleteTopicError, DirectoryError, ElectionError, FeatureError,
    PlacementError, ProducerIdError, QuotaError, ReassignmentError, RegistrationError, ScramChangeError,
    StaleBroker, TokenError, UnknownBroker,
};

impl CreateTopicError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Duplicate
            | Self::MetadataTopic
            | Self::FactorAndAssignment
            | Self::PartitionsAndAssignment => ErrorCode::InvalidRequest,
            Self::Name(_) | Self::Collides { .. } => ErrorCode::InvalidTopicException,
            Self::Exists(_) => ErrorCode::TopicAlreadyExists,
            Self::NullConfigs(_) => ErrorCode::InvalidConfig,
            Self::Config(error) => error.code(),
            Self::Assignment(error) => error.code(),
            Self::AssignedTwice(_) | Self::AssignedInactive(_) | Self::NotConsecutive => {
                ErrorCode::InvalidReplicaAssignment
            }
            Self::ReplicationFactor | Self::AllInactive(_) => ErrorCode::InvalidReplicationFactor,
            Self::Placement { error, .. } => error.code(),
            Self::Partitions => ErrorCode::InvalidPartitions,
            Self::TooManyPartitions | Self::TooManyRecords => ErrorCode::PolicyViolation,
        }
    }
}

impl DeleteTopicError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Neither | Self::Both | Self::DuplicateName | Self::DuplicateId | Self::NameOfGivenId => {
                ErrorCode::InvalidRequest
            }
            Self::UnknownName => ErrorCode::UnknownTopicOrPartition,
            Self::UnknownId => ErrorCode::UnknownTopicId,
            Self::Disabled => ErrorCode::TopicDeletionDisabled,
            Self::TooManyRecords => ErrorCode::PolicyViolation,
        }
    }
}

impl CreatePartitionsError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Duplicate => ErrorCode::InvalidRequest,
            Self::UnknownTopic => ErrorCode::UnknownTopicOrPartition,
            Self::Same(_) | Self::Fewer { .. } => ErrorCode::InvalidPartitions,
            Self::AssignmentCount { .. } | Self::AssignedInactive(_) => ErrorCode::InvalidReplicaAssignment,
            Self::Assignment(error) => error.code(),
            Self::Placement(error) => error.code(),
            Self::AllInactive(_) => ErrorCode::InvalidReplicationFactor,
            Self::TooManyRecords => ErrorCode::PolicyViolation,
        }
    }
}

impl AssignmentError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        ErrorCode::InvalidReplicaAssignment
    }
}

impl PlacementError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        ErrorCode::InvalidReplicationFactor
    }
}

impl ConfigError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::DuplicateResource
            | Self::DuplicateKey
            | Self::DefaultTopic
            | Self::DefaultGroup
            | Self::BrokerName
            | Self::NegativeBroker
            | Self::Unsupported(_) => ErrorCode::InvalidRequest,
            Self::NullValue(..)
            | Self::NotAList { .. }
            | Self::TooLong
            | Self::Invalid(_)
            | Self::BrokerMinIsr
            | Self::ClusterMinIsr => ErrorCode::InvalidConfig,
            Self::TopicName(_) => ErrorCode::InvalidTopicException,
            Self::UnknownTopic(_) => ErrorCode::UnknownTopicOrPartition,
            Self::UnknownNode(_) => ErrorCode::BrokerIdNotRegistered,
            Self::TooManyRecords => ErrorCode::PolicyViolation,
        }
    }
}

impl RegistrationError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::OtherCluster { .. } => ErrorCode::InconsistentClusterId,
            Self::Duplicate => ErrorCode::DuplicateBrokerRegistration,
            Self::NoDirectory
            | Self::ReservedDirectory
            | Self::DuplicateDirectory
            | Self::ForeignDirectory { .. }
            | Self::NoMetadataVersion => ErrorCode::InvalidRegistration,
            Self::UnsupportedFeature { .. } => ErrorCode::UnsupportedVersion,
        }
    }
}

impl StaleBroker {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        ErrorCode::StaleBrokerEpoch
    }
}

impl UnknownBroker {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        ErrorCode::BrokerIdNotRegistered
    }
}

impl ProducerIdError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Stale(error) => error.code(),
            Self::Exhausted => ErrorCode::UnknownServerError,
        }
    }
}

impl DirectoryError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownTopicId => ErrorCode::UnknownTopicId,
            Self::UnknownPartition => ErrorCode::UnknownTopicOrPartition,
            Self::NotReplica => ErrorCode::NotLeaderOrFollower,
        }
    }
}

impl FeatureError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        ErrorCode::InvalidUpdateVersion
    }
}

impl AlterPartitionError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownTopicId => ErrorCode::UnknownTopicId,
            Self::UnknownPartition => ErrorCode::UnknownTopicOrPartition,
            Self::FromTheFuture => ErrorCode::NotController,
            Self::FencedLeaderEpoch { .. } => ErrorCode::FencedLeaderEpoch,
            Self::StalePartitionEpoch { .. } => ErrorCode::InvalidUpdateVersion,
            Self::NotLeader
            | Self::InvalidIsr
            | Self::WithoutLeader
            | Self::NotAloneInRecovery
            | Self::RecoveringAgain => ErrorCode::InvalidRequest,
            Self::IneligibleReplica(_) => ErrorCode::IneligibleReplica,
            Self::NewLeaderElected => ErrorCode::NewLeaderElected,
        }
    }
}

impl ElectionError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownTopic(_) | Self::UnknownPartition(..) => ErrorCode::UnknownTopicOrPartition,
            Self::NotNeeded => ErrorCode::ElectionNotNeeded,
            Self::PreferredNotAvailable => ErrorCode::PreferredLeaderNotAvailable,
            Self::NoneEligible => ErrorCode::EligibleLeadersNotAvailable,
            Self::TooManyRecords => ErrorCode::PolicyViolation,
        }
    }
}

impl ReassignmentError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownTopic(_) | Self::UnknownPartition(..) => ErrorCode::UnknownTopicOrPartition,
            Self::NotInProgress => ErrorCode::NoReassignmentInProgress,
            Self::Assignment(error) => error.code(),
            Self::FactorChanged { .. } => ErrorCode::InvalidReplicationFactor,
            Self::AllAdding | Self::UncleanRevert(..) | Self::ThinRevert { .. } => {
                ErrorCode::InvalidReplicaAssignment
            }
            Self::TooManyRecords => ErrorCode::PolicyViolation,
        }
    }
}

impl CreateAclError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::ResourceType(_)
            | Self::PatternType(_)
            | Self::Operation(_)
            | Self::Permission(_)
            | Self::NoName
            | Self::Principal(_) => ErrorCode::InvalidRequest,
            Self::TooManyRecords => ErrorCode::PolicyViolation,
        }
    }
}

impl QuotaError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Duplicate(_)
            | Self::NoEntity
            | Self::EntityType(_)
            | Self::EmptyName(_)
            | Self::IpWithOthers
            | Self::Address(_)
            | Self::Key(_)
            | Self::NotPositive(_)
            | Self::TooLarge { .. }
            | Self::Fraction(_) => ErrorCode::InvalidRequest,
            Self::TooManyRecords => ErrorCode::PolicyViolation,
        }
    }
}

impl DeleteAclError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownPattern | Self::UnknownEntry => ErrorCode::InvalidRequest,
            Self::TooManyRecords => ErrorCode::UnknownServerError,
        }
    }
}

impl ScramChangeError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Twice => ErrorCode::DuplicateResource,
            Self::Version => ErrorCode::UnsupportedVersion,
            Self::NoName | Self::Credential(_) => ErrorCode::UnacceptableCredential,
            Self::Mechanism => ErrorCode::UnsupportedSaslMechanism,
            Self::Unknown => ErrorCode::ResourceNotFound,
            Self::EmptyKey => ErrorCode::UnknownServerError,
            Self::TooManyRecords => ErrorCode::PolicyViolation,
        }
    }
}

impl TokenError {
    /// Kafka's code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Disabled => ErrorCode::DelegationTokenAuthDisabled,
            Self::Version => ErrorCode::UnsupportedVersion,
            Self::NotFound => ErrorCode::DelegationTokenNotFound,
            Self::Expired => ErrorCode::DelegationTokenExpired,
            Self::OwnerMismatch => ErrorCode::DelegationTokenOwnerMismatch,
        }
    }
}
