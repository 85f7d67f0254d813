//! What the controller is asked, and what it answers.

use alloc::vec::Vec;

use broker_authorizer::Binding;
use broker_metadata::{ConfigResource, QuotaEntity};
use broker_protocol::Str;
use broker_types::{BrokerEpoch, BrokerId, Timestamp};

use crate::{
    AllocateProducerIds, AlterClientQuotas, AlterConfigs, AlterPartition, AlterReassignments, AlterScram,
    AlteredPartitions, AssignDirectories, Assigned, ConfigError, CreateAclError, CreateAcls,
    CreatePartitions, CreatePartitionsError, CreateToken, CreateTopicError, CreateTopics, CreatedToken,
    CreatedTopic, DeleteAclError, DeleteAcls, DeleteTopics, DeletedTopic, ElectLeaders, ElectionError,
    Elections, ExpireToken, FeatureError, Heartbeat, HeartbeatReply, IncrementalAlterConfigs,
    ProducerIdBlock, ProducerIdError, QuotaError, Reassigned, RegisterBroker, RegisterController,
    RegistrationError, RenewToken, ScramChangeError, StaleBroker, Suspect, TokenError, UnknownBroker,
    UpdateFeatures,
};

/// One request to the active controller.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Create topics.
    CreateTopics(CreateTopics),
    /// Delete topics.
    DeleteTopics(DeleteTopics),
    /// Give topics more partitions.
    CreatePartitions(CreatePartitions),
    /// Change single configs.
    IncrementalAlterConfigs(IncrementalAlterConfigs),
    /// Set all configs of resources.
    AlterConfigs(AlterConfigs),
    /// Register a broker.
    RegisterBroker(RegisterBroker),
    /// A broker lives.
    Heartbeat(Heartbeat),
    /// Forget a broker.
    UnregisterBroker(BrokerId),
    /// Register a controller.
    RegisterController(RegisterController),
    /// Hand out producer ids.
    AllocateProducerIds(AllocateProducerIds),
    /// Change in-sync replicas.
    AlterPartition(AlterPartition),
    /// Elect leaders.
    ElectLeaders(ElectLeaders),
    /// Move partitions to other replicas.
    AlterReassignments(AlterReassignments),
    /// A broker refused a connection, or another process answers in its place.
    Suspect(Suspect),
    /// Note where a broker put replicas.
    AssignDirectories(AssignDirectories),
    /// Finalize features.
    UpdateFeatures(UpdateFeatures),
    /// Create access control bindings.
    CreateAcls(CreateAcls),
    /// Delete access control bindings.
    DeleteAcls(DeleteAcls),
    /// Set and delete users' SCRAM credentials.
    AlterScram(AlterScram),
    /// Set and remove quotas of users, clients and addresses.
    AlterClientQuotas(AlterClientQuotas),
    /// Make a delegation token.
    CreateToken(CreateToken),
    /// Have a delegation token last longer.
    RenewToken(RenewToken),
    /// Have a delegation token end sooner.
    ExpireToken(ExpireToken),
}

/// The answer to the request of the same name.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// One result per topic.
    CreateTopics(Vec<(Str, Result<CreatedTopic, CreateTopicError>)>),
    /// One result per topic.
    DeleteTopics(Vec<DeletedTopic>),
    /// One result per topic.
    CreatePartitions(Vec<(Str, Result<(), CreatePartitionsError>)>),
    /// One result per resource.
    IncrementalAlterConfigs(Vec<(ConfigResource, Result<(), ConfigError>)>),
    /// One result per resource.
    AlterConfigs(Vec<(ConfigResource, Result<(), ConfigError>)>),
    /// The epoch of the registration.
    RegisterBroker(Result<BrokerEpoch, RegistrationError>),
    /// How the broker stands.
    Heartbeat(Result<HeartbeatReply, StaleBroker>),
    /// The broker is forgotten.
    UnregisterBroker(Result<(), UnknownBroker>),
    /// The controller is registered.
    RegisterController,
    /// A block of ids.
    AllocateProducerIds(Result<ProducerIdBlock, ProducerIdError>),
    /// One result per assignment.
    AssignDirectories(Result<Assigned, StaleBroker>),
    /// One result per partition.
    AlterPartition(Result<AlteredPartitions, StaleBroker>),
    /// One result per partition.
    ElectLeaders(Result<Elections, ElectionError>),
    /// One result per partition.
    AlterReassignments(Reassigned),
    /// The broker is fenced.
    Suspect(Result<(), StaleBroker>),
    /// All features are finalized as asked.
    UpdateFeatures(Result<(), FeatureError>),
    /// One result per binding.
    CreateAcls(Vec<Result<(), CreateAclError>>),
    /// What each filter deleted.
    DeleteAcls(Vec<Result<Vec<Binding>, DeleteAclError>>),
    /// One result per user.
    AlterScram(Vec<(Str, Result<(), ScramChangeError>)>),
    /// One result per entity.
    AlterClientQuotas(Vec<(QuotaEntity, Result<(), QuotaError>)>),
    /// The token.
    CreateToken(Result<CreatedToken, TokenError>),
    /// When it ends now.
    RenewToken(Result<Timestamp, TokenError>),
    /// When it ends now.
    ExpireToken(Result<Timestamp, TokenError>),
}
