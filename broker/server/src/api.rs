//! One request in, one answer out: reads the header, finds the API, runs it in its version. One file per API.
//!
//! Invariant: an API is in the table below, and so advertised, only when it is whole.

mod acls;
mod add_offsets_to_txn;
mod add_partitions_to_txn;
mod add_raft_voter;
mod allocate_producer_ids;
mod alter_client_quotas;
mod alter_configs;
pub(crate) mod alter_partition;
mod alter_partition_reassignments;
pub(crate) mod alter_replica_log_dirs;
mod alter_user_scram_credentials;
mod answer;
mod api_versions;
pub(crate) mod assign_replicas_to_dirs;
mod begin_quorum_epoch;
mod broker_heartbeat;
mod broker_registration;
mod config_changes;
mod consumer_group_describe;
mod consumer_group_heartbeat;
mod controller_registration;
mod create_acls;
mod create_delegation_token;
mod create_partitions;
mod create_topics;
mod deferred;
mod delegation_tokens;
mod delete_acls;
mod delete_groups;
mod delete_records;
mod delete_topics;
mod describe_acls;
mod describe_client_quotas;
mod describe_cluster;
mod describe_configs;
mod describe_delegation_token;
mod describe_groups;
pub(crate) mod describe_log_dirs;
mod describe_producers;
mod describe_quorum;
mod describe_topic_partitions;
mod describe_transactions;
mod describe_user_scram_credentials;
mod elect_leaders;
mod end_quorum_epoch;
mod end_txn;
mod envelope;
mod expire_delegation_token;
mod fetch;
mod fetch_snapshot;
mod find_coordinator;
mod heartbeat;
mod incremental_alter_configs;
mod init_producer_id;
mod join_group;
mod leader_hint;
mod leave_group;
mod list_config_resources;
mod list_groups;
mod list_offsets;
mod list_partition_reassignments;
mod list_transactions;
mod members;
mod metadata;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod offset_for_leader_epoch;
mod produce;
mod raft_voters;
mod remove_raft_voter;
mod renew_delegation_token;
mod sasl_authenticate;
mod sasl_handshake;
mod sync_group;
mod txn_offset_commit;
mod unregister_broker;
mod update_features;
mod update_raft_voter;
mod vote;
mod write_txn_markers;

use std::{ops::RangeInclusive, pin::Pin, sync::Arc};

use broker_protocol::{
    ApiKey, Listener, Message,
    frame::RequestHeader,
    messages::{
        AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, AddRaftVoterRequest, AllocateProducerIdsRequest,
        AlterClientQuotasRequest, AlterConfigsRequest, AlterPartitionReassignmentsRequest,
        AlterPartitionRequest, AlterReplicaLogDirsRequest, AlterUserScramCredentialsRequest,
        ApiVersionsRequest, AssignReplicasToDirsRequest, BeginQuorumEpochRequest, BrokerHeartbeatRequest,
        BrokerRegistrationRequest, ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest,
        ControllerRegistrationRequest, CreateAclsRequest, CreateDelegationTokenRequest,
        CreatePartitionsRequest, CreateTopicsRequest, DeleteAclsRequest, DeleteGroupsRequest,
        DeleteRecordsRequest, DeleteTopicsRequest, DescribeAclsRequest, DescribeClientQuotasRequest,
        DescribeClusterRequest, DescribeConfigsRequest, DescribeDelegationTokenRequest,
        DescribeGroupsRequest, DescribeLogDirsRequest, DescribeProducersRequest, DescribeQuorumRequest,
        DescribeTopicPartitionsRequest, DescribeTransactionsRequest, DescribeUserScramCredentialsRequest,
        ElectLeadersRequest, EndQuorumEpochRequest, EndTxnRequest, EnvelopeRequest,
        ExpireDelegationTokenRequest, FetchRequest, FetchSnapshotRequest, FindCoordinatorRequest,
        HeartbeatRequest, IncrementalAlterConfigsRequest, InitProducerIdRequest, JoinGroupRequest,
        LeaveGroupRequest, ListConfigResourcesRequest, ListGroupsRequest, ListOffsetsRequest,
        ListPartitionReassignmentsRequest, ListTransactionsRequest, MetadataRequest, OffsetCommitRequest,
        OffsetDeleteRequest, OffsetFetchRequest, OffsetForLeaderEpochRequest, ProduceRequest,
        RemoveRaftVoterRequest, RenewDelegationTokenRequest, SaslAuthenticateRequest, SaslHandshakeRequest,
        SyncGroupRequest, TxnOffsetCommitRequest, UnregisterBrokerRequest, UpdateFeaturesRequest,
        UpdateRaftVoterRequest, VoteRequest, WriteTxnMarkersRequest,
    },
    wire::Reader,
};
use bytes::Bytes;

use self::answer::{controller_reply, encoded, reply};
pub(crate) use self::{answer::Answer, deferred::Deferred};
use crate::{
    broker::Broker,
    connection::Peer,
    context::{Principal, RequestContext},
    forward,
    quotas::{QuotaKind, Timed, Work},
};

/// Names the served APIs once: both the dispatch and what is advertised are made from the table. `if` names a check of
/// the request, by which one that Kafka's parser does not take ends the connection.
macro_rules! apis {
    ($($key:ident => $module:ident($request:ident) $(by $by:ident)? $(if $readable:ident)?),* $(,)?) => {
        /// The APIs that this broker serves, by ascending key.
        pub(crate) const SERVED: &[ApiKey] = &[$(ApiKey::$key),*];

        async fn dispatch(broker: &Arc<Broker>, context: RequestContext, correlation_id: i32, body: Reader) -> Answer {
            match context.api_key {
                // Boxed, so that a connection's own future stays small.
                $(ApiKey::$key => Box::pin(async move {
                    let request = match decode::<$request>(body, context.api_version) {
                        Ok(request) => request,
                        Err(close) => return close,
                    };
                    $(if let Err(reason) = $module::$readable(&request) {
                        return Answer::Close(reason.to_owned());
                    })?
                    apis!(@handle [$($by)?] $module, broker, context, correlation_id, request)
                }).await,)*
                ApiKey::Produce => Box::pin(async move {
                    let request = match decode::<ProduceRequest>(body, context.api_version) {
                        Ok(request) => request,
                        Err(close) => return close,
                    };
                    match produce::handle(broker, &context, request).await {
                        produce::Outcome::Respond(response) => reply(broker, &context, correlation_id, response),
                        produce::Outcome::Later(committing) => {
                            let broker = Arc::clone(broker);
                            Answer::Later(Deferred::new(async move {
                                reply(&broker, &context, correlation_id, committing.finish().await)
                            }))
                        }
                        produce::Outcome::Silence(throttled) => Answer::Silence.throttled(throttled),
                        produce::Outcome::Close(reason) => Answer::Close(reason),
                    }
                }).await,
                other => Answer::Close(format!("{} is not served", other.name())),
            }
        }
    };
    (@handle [] $module:ident, $broker:ident, $context:ident, $correlation_id:ident, $request:ident) => {
        reply($broker, &$context, $correlation_id, $module::handle($broker, &$context, $request).await)
    };
    // The active controller answers, wherever it is.
    (@handle [controller] $module:ident, $broker:ident, $context:ident, $correlation_id:ident, $request:ident) => {{
        let here = || $module::handle($broker, &$context, $request.clone());
        match forward::decide($broker, &$context, &$request, here).await {
            Ok(answered) => controller_reply($broker, &$context, $correlation_id, answered),
            Err(code) => Answer::unanswered(&$context, code),
        }
    }};
    // So it does for what the handler takes there, after it was looked at here.
    (@handle [checked] $module:ident, $broker:ident, $context:ident, $correlation_id:ident, $request:ident) => {
        match $module::handle($broker, &$context, $request).await {
            Ok(answered) => controller_reply($broker, &$context, $correlation_id, answered),
            Err(answer) => answer,
        }
    };
    // So it does for a part, which the handler takes there.
    (@handle [both] $module:ident, $broker:ident, $context:ident, $correlation_id:ident, $request:ident) => {
        controller_reply($broker, &$context, $correlation_id, $module::handle($broker, &$context, $request).await)
    };
}

apis! {
    Fetch => fetch(FetchRequest),
    ListOffsets => list_offsets(ListOffsetsRequest),
    Metadata => metadata(MetadataRequest),
    OffsetCommit => offset_commit(OffsetCommitRequest),
    OffsetFetch => offset_fetch(OffsetFetchRequest),
    FindCoordinator => find_coordinator(FindCoordinatorRequest),
    JoinGroup => join_group(JoinGroupRequest),
    Heartbeat => heartbeat(HeartbeatRequest),
    LeaveGroup => leave_group(LeaveGroupRequest),
    SyncGroup => sync_group(SyncGroupRequest),
    DescribeGroups => describe_groups(DescribeGroupsRequest),
    ListGroups => list_groups(ListGroupsRequest),
    SaslHandshake => sasl_handshake(SaslHandshakeRequest),
    ApiVersions => api_versions(ApiVersionsRequest),
    CreateTopics => create_topics(CreateTopicsRequest) by controller,
    DeleteTopics => delete_topics(DeleteTopicsRequest) by controller,
    DeleteRecords => delete_records(DeleteRecordsRequest),
    InitProducerId => init_producer_id(InitProducerIdRequest),
    OffsetForLeaderEpoch => offset_for_leader_epoch(OffsetForLeaderEpochRequest),
    AddPartitionsToTxn => add_partitions_to_txn(AddPartitionsToTxnRequest),
    AddOffsetsToTxn => add_offsets_to_txn(AddOffsetsToTxnRequest),
    EndTxn => end_txn(EndTxnRequest),
    WriteTxnMarkers => write_txn_markers(WriteTxnMarkersRequest),
    TxnOffsetCommit => txn_offset_commit(TxnOffsetCommitRequest),
    DescribeAcls => describe_acls(DescribeAclsRequest) if readable,
    CreateAcls => create_acls(CreateAclsRequest) by controller if readable,
    DeleteAcls => delete_acls(DeleteAclsRequest) by controller if readable,
    DescribeConfigs => describe_configs(DescribeConfigsRequest),
    AlterConfigs => alter_configs(AlterConfigsRequest) by both,
    AlterReplicaLogDirs => alter_replica_log_dirs(AlterReplicaLogDirsRequest),
    DescribeLogDirs => describe_log_dirs(DescribeLogDirsRequest),
    SaslAuthenticate => sasl_authenticate(SaslAuthenticateRequest),
    CreatePartitions => create_partitions(CreatePartitionsRequest) by controller,
    CreateDelegationToken => create_delegation_token(CreateDelegationTokenRequest) by checked,
    RenewDelegationToken => renew_delegation_token(RenewDelegationTokenRequest) by checked,
    ExpireDelegationToken => expire_delegation_token(ExpireDelegationTokenRequest) by checked,
    DescribeDelegationToken => describe_delegation_token(DescribeDelegationTokenRequest),
    DeleteGroups => delete_groups(DeleteGroupsRequest),
    ElectLeaders => elect_leaders(ElectLeadersRequest) by controller,
    IncrementalAlterConfigs => incremental_alter_configs(IncrementalAlterConfigsRequest) by both,
    AlterPartitionReassignments => alter_partition_reassignments(AlterPartitionReassignmentsRequest) by controller,
    ListPartitionReassignments => list_partition_reassignments(ListPartitionReassignmentsRequest) by controller,
    OffsetDelete => offset_delete(OffsetDeleteRequest),
    DescribeUserScramCredentials => describe_user_scram_credentials(DescribeUserScramCredentialsRequest),
    AlterUserScramCredentials => alter_user_scram_credentials(AlterUserScramCredentialsRequest) by controller,
    DescribeClientQuotas => describe_client_quotas(DescribeClientQuotasRequest),
    AlterClientQuotas => alter_client_quotas(AlterClientQuotasRequest) by controller,
    Vote => vote(VoteRequest),
    BeginQuorumEpoch => begin_quorum_epoch(BeginQuorumEpochRequest),
    EndQuorumEpoch => end_quorum_epoch(EndQuorumEpochRequest),
    DescribeQuorum => describe_quorum(DescribeQuorumRequest) by controller,
    FetchSnapshot => fetch_snapshot(FetchSnapshotRequest),
    DescribeCluster => describe_cluster(DescribeClusterRequest),
    AlterPartition => alter_partition(AlterPartitionRequest),
    UpdateFeatures => update_features(UpdateFeaturesRequest) by controller,
    Envelope => envelope(EnvelopeRequest),
    BrokerRegistration => broker_registration(BrokerRegistrationRequest),
    BrokerHeartbeat => broker_heartbeat(BrokerHeartbeatRequest),
    UnregisterBroker => unregister_broker(UnregisterBrokerRequest) by controller,
    DescribeProducers => describe_producers(DescribeProducersRequest),
    DescribeTransactions => describe_transactions(DescribeTransactionsRequest),
    ListTransactions => list_transactions(ListTransactionsRequest),
    ListConfigResources => list_config_resources(ListConfigResourcesRequest),
    AllocateProducerIds => allocate_producer_ids(AllocateProducerIdsRequest),
    ConsumerGroupHeartbeat => consumer_group_heartbeat(ConsumerGroupHeartbeatRequest),
    ConsumerGroupDescribe => consumer_group_describe(ConsumerGroupDescribeRequest),
    ControllerRegistration => controller_registration(ControllerRegistrationRequest),
    AssignReplicasToDirs => assign_replicas_to_dirs(AssignReplicasToDirsRequest),
    DescribeTopicPartitions => describe_topic_partitions(DescribeTopicPartitionsRequest),
    AddRaftVoter => add_raft_voter(AddRaftVoterRequest) by controller,
    RemoveRaftVoter => remove_raft_voter(RemoveRaftVoterRequest) by controller,
    UpdateRaftVoter => update_raft_voter(UpdateRaftVoterRequest),
}

/// Every API that a listener of this role serves, with its versions, by ascending key: what ApiVersions answers.
pub(crate) fn advertised(role: Listener) -> impl Iterator<Item = (ApiKey, RangeInclusive<i16>)> {
    // Produce 0-2 are gone, but librdkafka turns compression off when they are not named (KAFKA-18659).
    let produce = (ApiKey::Produce, 0..=*ApiKey::Produce.valid_versions().end());
    let all = std::iter::once(produce).chain(SERVED.iter().map(|key| (*key, key.valid_versions())));
    all.filter(move |(key, _)| key.listeners().contains(&role))
}

/// Whether any listener serves it.
pub(crate) fn is_served(api: ApiKey) -> bool {
    api == ApiKey::Produce || SERVED.contains(&api)
}

/// Answers one frame.
pub(crate) async fn answer(broker: &Arc<Broker>, peer: &Peer, frame: Bytes) -> Answer {
    let request_bytes = frame.len();
    let mut body = Reader::new(frame);
    let header = match RequestHeader::decode(&mut body) {
        Ok(header) => header,
        Err(error) => return Answer::Close(error.to_string()),
    };
    let received = broker.clock().mono();
    let context = RequestContext {
        listener: Arc::clone(&peer.listener),
        role: peer.role,
        address: peer.address,
        principal: peer.principal.clone().unwrap_or_else(Principal::anonymous),
        is_forwarded: false,
        client_id: header.client_id,
        api_key: header.api_key,
        api_version: header.api_version,
        request_bytes,
        work: broker.quotas().limit_any(QuotaKind::Request).then(Work::begun),
    };
    if !header.api_key.listeners().contains(&peer.role) {
        let (key, listener) = (header.api_key.name(), peer.listener.as_str());
        return Answer::Close(format!("{key} is not served on listener {listener}"));
    }
    if !header.api_key.valid_versions().contains(&header.api_version) {
        if header.api_key == ApiKey::ApiVersions {
            let unsupported = api_versions::unsupported();
            return encoded(ApiKey::ApiVersions, header.correlation_id, &unsupported, Vec::new(), 0);
        }
        return Answer::Close(format!("{} has no version {}", header.api_key.name(), header.api_version));
    }
    let (key, correlation_id) = (header.api_key, header.correlation_id);
    let answer = match context.work.clone() {
        None => dispatch(broker, context, correlation_id, body).await,
        Some(work) => {
            Timed::new(dispatch(broker, context, correlation_id, body), work, *broker.clock()).await
        }
    };
    if !matches!(answer, Answer::Later(_)) {
        broker.metrics().answered(key, broker.clock().mono().since(received));
    }
    answer
}

/// Whether a request may be begun while answers to those before it wait for other replicas: only what appends, for it is
/// appended in order.
pub(crate) fn may_overtake_answers(frame: &[u8]) -> bool {
    frame.get(..2) == Some(&ApiKey::Produce.code().to_be_bytes())
}

/// As [`dispatch`], for a request inside of another.
fn dispatch_boxed(
    broker: Arc<Broker>,
    context: RequestContext,
    correlation_id: i32,
    body: Reader,
) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
    Box::pin(async move { dispatch(&broker, context, correlation_id, body).await })
}

fn decode<M: Message>(mut body: Reader, version: i16) -> Result<M, Answer> {
    M::decode(&mut body, version).map_err(|error| Answer::Close(error.to_string()))
}
