//! AlterPartition: a leader proposes the in-sync replicas of its partitions to the active controller (KIP-497).

use std::sync::Arc;

use broker_controller::{
    AlterPartition, AlterPartitionError, AlteredPartition, AlteredPartitions, IsrChange, IsrMember, Request,
    Response, StaleBroker,
};
use broker_metadata::LeaderRecovery;
use broker_protocol::{
    ErrorCode,
    messages::{
        AlterPartitionRequest, AlterPartitionResponse,
        alter_partition_request::{BrokerState, PartitionData as Proposed},
        alter_partition_response::{PartitionData, TopicData},
    },
};
use broker_types::{BrokerEpoch, BrokerId, LeaderEpoch, PartitionEpoch, PartitionId, TopicId};

use crate::{authorizer::Operation, broker::Broker, context::RequestContext};

type Altered = Result<AlteredPartition, AlterPartitionError>;

/// How long what the proposals change may take to be committed.
const PATIENCE_MS: i32 = 5_000;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: AlterPartitionRequest,
) -> AlterPartitionResponse {
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::ClusterAction) {
        return refused(denied);
    }
    if request.topics.is_empty() {
        return AlterPartitionResponse::default();
    }
    decide(broker, request).await
}

/// Has the controller of this node decide.
pub(crate) async fn decide(broker: &Broker, request: AlterPartitionRequest) -> AlterPartitionResponse {
    match broker.quorum().ask(Request::AlterPartition(domain(&request)), PATIENCE_MS).await {
        Ok(Response::AlterPartition(Ok(altered))) => on_wire(altered),
        Ok(Response::AlterPartition(Err(stale))) => refused(match stale {
            StaleBroker::NotRegistered(_) => ErrorCode::BrokerIdNotRegistered,
            StaleBroker::OtherEpoch { .. } => ErrorCode::StaleBrokerEpoch,
        }),
        Ok(_) => refused(ErrorCode::UnknownServerError),
        Err(error) => refused(error.code()),
    }
}

fn refused(code: ErrorCode) -> AlterPartitionResponse {
    AlterPartitionResponse { error_code: code.code(), ..AlterPartitionResponse::default() }
}

fn domain(request: &AlterPartitionRequest) -> AlterPartition {
    let change = |proposed: &Proposed| IsrChange {
        partition: PartitionId::new(proposed.partition_index),
        leader_epoch: LeaderEpoch::new(proposed.leader_epoch),
        partition_epoch: PartitionEpoch::new(proposed.partition_epoch),
        isr: members(proposed),
        recovery: LeaderRecovery::from_code(proposed.leader_recovery_state).unwrap_or_default(),
    };
    let topics = request
        .topics
        .iter()
        .map(|topic| (TopicId::new(topic.topic_id), topic.partitions.iter().map(change).collect()));
    AlterPartition {
        broker: BrokerId::new(request.broker_id),
        epoch: BrokerEpoch::new(request.broker_epoch),
        topics: topics.collect(),
    }
}

/// Version 2 names brokers only, later ones say in which life the leader saw them (KIP-903).
fn members(proposed: &Proposed) -> Vec<IsrMember> {
    if proposed.new_isr_with_epochs.is_empty() {
        let named = |id: &i32| IsrMember { broker: BrokerId::new(*id), epoch: None };
        return proposed.new_isr.iter().map(named).collect();
    }
    let member = |state: &BrokerState| IsrMember {
        broker: BrokerId::new(state.broker_id),
        epoch: BrokerEpoch::from_wire(state.broker_epoch),
    };
    proposed.new_isr_with_epochs.iter().map(member).collect()
}

fn on_wire(altered: AlteredPartitions) -> AlterPartitionResponse {
    let topic = |(id, partitions): (TopicId, Vec<(PartitionId, Altered)>)| TopicData {
        topic_id: id.uuid(),
        partitions: partitions.into_iter().map(|(index, result)| answer(index, result)).collect(),
    };
    AlterPartitionResponse {
        topics: altered.into_iter().map(topic).collect(),
        ..AlterPartitionResponse::default()
    }
}

fn answer(partition: PartitionId, result: Altered) -> PartitionData {
    let partition_index = partition.get();
    match result {
        Ok(altered) => PartitionData {
            partition_index,
            leader_id: altered.leader.map_or(-1, BrokerId::get),
            leader_epoch: altered.leader_epoch.get(),
            isr: altered.isr.iter().map(|id| id.get()).collect(),
            leader_recovery_state: altered.recovery.code(),
            partition_epoch: altered.partition_epoch.get(),
            ..PartitionData::default()
        },
        Err(error) => {
            PartitionData { partition_index, error_code: error.code().code(), ..PartitionData::default() }
        }
    }
}
