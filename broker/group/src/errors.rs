//! Refusals, and Kafka's code of each.

use broker_protocol::{ErrorCode, Str};

/// Why a request, a member or a partition is refused. The texts are for those answers that carry one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// The group's name is empty, or asks for what no group can do.
    #[error("The group id is invalid.")]
    InvalidGroupId,
    /// The session timeout is outside of what the broker allows.
    #[error("The session timeout is not within the range allowed by the broker.")]
    InvalidSessionTimeout,
    /// The member is not in the group (any more).
    #[error("The coordinator is not aware of this member.")]
    UnknownMember,
    /// The member must come back with the id that it was given (KIP-394).
    #[error("The group member needs to have a valid member id before actually entering the group.")]
    MemberIdRequired,
    /// Another member came with the same instance id (KIP-345).
    #[error("Another consumer with the same instance id has taken this member's place.")]
    FencedInstance,
    /// The generation is not the group's.
    #[error("The generation is not the group's current one.")]
    IllegalGeneration,
    /// The member must join again.
    #[error("The group is rebalancing, so a rejoin is needed.")]
    RebalanceInProgress,
    /// The member's protocols do not go with the group's.
    #[error("The member's protocols are not compatible with those of the group's members.")]
    InconsistentProtocol,
    /// What a classic member subscribes to cannot be read, and the coordinator has to.
    #[error("Malformed embedded consumer protocol in subscription.")]
    MalformedSubscription,
    /// The group has as many members as it may (`group.max.size`).
    #[error("The group has reached its maximum size.")]
    GroupMaxSizeReached,
    /// The note of a commit is longer than `offset.metadata.max.bytes`.
    #[error("The metadata of an offset is too large.")]
    OffsetMetadataTooLarge,
    /// A transaction has not ended that commits this offset (KIP-447).
    #[error("There are pending transactional offset commits.")]
    UnstableOffsetCommit,
    /// The group consumes the topic.
    #[error("The group is subscribed to the topic.")]
    SubscribedToTopic,
    /// The group has members.
    #[error("The group is not empty.")]
    NonEmptyGroup,
    /// There is no such group, or it is of another type; the text says which.
    #[error("{0}")]
    GroupIdNotFound(Str),
    /// The request cannot be; the text says why.
    #[error("{0}")]
    InvalidRequest(Str),
    /// The member's epoch is not what the coordinator gave it last (KIP-848); it must join again.
    #[error("{0}")]
    FencedMemberEpoch(Str),
    /// The member's epoch is older than the coordinator's (KIP-848): it must hear the next heartbeat's answer first.
    #[error("{0}")]
    StaleMemberEpoch(Str),
    /// A static member of the name has not left (KIP-848).
    #[error("{0}")]
    UnreleasedInstance(Str),
    /// Another member of a KIP-848 group came with the same instance id.
    #[error("{0}")]
    FencedConsumerInstance(Str),
    /// A KIP-848 group has as many members as it may (`group.consumer.max.size`).
    #[error("{0}")]
    ConsumerGroupFull(Str),
    /// The commit of a classic member inside a KIP-848 group is of another generation.
    #[error("{0}")]
    IllegalConsumerGeneration(Str),
    /// No member with that id or instance in a KIP-848 group.
    #[error("{0}")]
    UnknownConsumerMember(Str),
    /// The broker has no such assignor.
    #[error("{0}")]
    UnsupportedAssignor(Str),
    /// The pattern is none of RE2's.
    #[error("{0}")]
    InvalidRegex(Str),
    /// A member of a KIP-848 group needs a newer version of this request.
    #[error("{0}")]
    UnsupportedVersion(Str),
}

impl GroupError {
    /// Kafka's code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::InvalidGroupId => ErrorCode::InvalidGroupId,
            Self::InvalidSessionTimeout => ErrorCode::InvalidSessionTimeout,
            Self::UnknownMember | Self::UnknownConsumerMember(_) => ErrorCode::UnknownMemberId,
            Self::MemberIdRequired => ErrorCode::MemberIdRequired,
            Self::FencedInstance | Self::FencedConsumerInstance(_) => ErrorCode::FencedInstanceId,
            Self::IllegalGeneration | Self::IllegalConsumerGeneration(_) => ErrorCode::IllegalGeneration,
            Self::RebalanceInProgress => ErrorCode::RebalanceInProgress,
            Self::InconsistentProtocol => ErrorCode::InconsistentGroupProtocol,
            // Kafka has no code of its own for it.
            Self::MalformedSubscription => ErrorCode::UnknownServerError,
            Self::GroupMaxSizeReached | Self::ConsumerGroupFull(_) => ErrorCode::GroupMaxSizeReached,
            Self::OffsetMetadataTooLarge => ErrorCode::OffsetMetadataTooLarge,
            Self::UnstableOffsetCommit => ErrorCode::UnstableOffsetCommit,
            Self::SubscribedToTopic => ErrorCode::GroupSubscribedToTopic,
            Self::NonEmptyGroup => ErrorCode::NonEmptyGroup,
            Self::GroupIdNotFound(_) => ErrorCode::GroupIdNotFound,
            Self::InvalidRequest(_) => ErrorCode::InvalidRequest,
            Self::FencedMemberEpoch(_) => ErrorCode::FencedMemberEpoch,
            Self::StaleMemberEpoch(_) => ErrorCode::StaleMemberEpoch,
            Self::UnreleasedInstance(_) => ErrorCode::UnreleasedInstanceId,
            Self::UnsupportedAssignor(_) => ErrorCode::UnsupportedAssignor,
            Self::InvalidRegex(_) => ErrorCode::InvalidRegularExpression,
            Self::UnsupportedVersion(_) => ErrorCode::UnsupportedVersion,
        }
    }
}
