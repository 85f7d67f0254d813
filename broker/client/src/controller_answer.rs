//! Answers that only the active controller can give, and how they say that it is another node: who asks turns there
//! then, as Kafka's brokers and clients do it.

use broker_protocol::{
    ErrorCode,
    messages::{
        AddRaftVoterResponse, AlterClientQuotasResponse, AlterConfigsResponse,
        AlterPartitionReassignmentsResponse, AlterUserScramCredentialsResponse, CreateAclsResponse,
        CreateDelegationTokenResponse, CreatePartitionsResponse, CreateTopicsResponse, DeleteAclsResponse,
        DeleteTopicsResponse, DescribeQuorumResponse, ElectLeadersResponse, ExpireDelegationTokenResponse,
        IncrementalAlterConfigsResponse, ListPartitionReassignmentsResponse, RemoveRaftVoterResponse,
        RenewDelegationTokenResponse, UnregisterBrokerResponse, UpdateFeaturesResponse,
    },
};

/// An answer of the active controller.
pub trait ControllerAnswer {
    /// What says that another node is active.
    const ELSEWHERE: ErrorCode = ErrorCode::NotController;

    /// Every code that it tells.
    fn codes(&self) -> impl Iterator<Item = i16>;

    /// Whether who gave it was not, or no longer, the active controller.
    fn is_of_no_controller(&self) -> bool {
        self.codes().any(|code| code == Self::ELSEWHERE.code())
    }
}

impl ControllerAnswer for CreateTopicsResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        self.topics.iter().map(|topic| topic.error_code)
    }
}

impl ControllerAnswer for DeleteTopicsResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        self.responses.iter().map(|topic| topic.error_code)
    }
}

impl ControllerAnswer for CreatePartitionsResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        self.results.iter().map(|topic| topic.error_code)
    }
}

impl ControllerAnswer for AlterConfigsResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        self.responses.iter().map(|resource| resource.error_code)
    }
}

impl ControllerAnswer for IncrementalAlterConfigsResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        self.responses.iter().map(|resource| resource.error_code)
    }
}

impl ControllerAnswer for AlterPartitionReassignmentsResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        let partitions = self.responses.iter().flat_map(|topic| &topic.partitions);
        std::iter::once(self.error_code).chain(partitions.map(|partition| partition.error_code))
    }
}

impl ControllerAnswer for ElectLeadersResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        let partitions = self.replica_election_results.iter().flat_map(|topic| &topic.partition_result);
        std::iter::once(self.error_code).chain(partitions.map(|partition| partition.error_code))
    }
}

impl ControllerAnswer for ListPartitionReassignmentsResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        std::iter::once(self.error_code)
    }
}

impl ControllerAnswer for CreateAclsResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        self.results.iter().map(|result| result.error_code)
    }
}

impl ControllerAnswer for AlterClientQuotasResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        self.entries.iter().map(|entry| entry.error_code)
    }
}

impl ControllerAnswer for DeleteAclsResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        self.filter_results.iter().map(|result| result.error_code)
    }
}

impl ControllerAnswer for AlterUserScramCredentialsResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        self.results.iter().map(|user| user.error_code)
    }
}

impl ControllerAnswer for CreateDelegationTokenResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        std::iter::once(self.error_code)
    }
}

impl ControllerAnswer for RenewDelegationTokenResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        std::iter::once(self.error_code)
    }
}

impl ControllerAnswer for ExpireDelegationTokenResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        std::iter::once(self.error_code)
    }
}

impl ControllerAnswer for DescribeQuorumResponse {
    const ELSEWHERE: ErrorCode = ErrorCode::NotLeaderOrFollower;

    fn codes(&self) -> impl Iterator<Item = i16> {
        let partitions = self.topics.iter().flat_map(|topic| &topic.partitions);
        std::iter::once(self.error_code).chain(partitions.map(|partition| partition.error_code))
    }
}

impl ControllerAnswer for AddRaftVoterResponse {
    const ELSEWHERE: ErrorCode = ErrorCode::NotLeaderOrFollower;

    fn codes(&self) -> impl Iterator<Item = i16> {
        std::iter::once(self.error_code)
    }
}

impl ControllerAnswer for RemoveRaftVoterResponse {
    const ELSEWHERE: ErrorCode = ErrorCode::NotLeaderOrFollower;

    fn codes(&self) -> impl Iterator<Item = i16> {
        std::iter::once(self.error_code)
    }
}

impl ControllerAnswer for UnregisterBrokerResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        std::iter::once(self.error_code)
    }
}

impl ControllerAnswer for UpdateFeaturesResponse {
    fn codes(&self) -> impl Iterator<Item = i16> {
        std::iter::once(self.error_code).chain(self.results.iter().map(|feature| feature.error_code))
    }
}
