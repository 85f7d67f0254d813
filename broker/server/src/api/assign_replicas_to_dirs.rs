//! AssignReplicasToDirs: a broker tells in which of its log directories replicas are (KIP-858).

use std::sync::Arc;

use broker_controller::{
    AssignDirectories, Assigned, AssignedDirectory, DirectoryError, Request, Response, StaleBroker,
};
use broker_protocol::{
    ErrorCode,
    messages::{
        AssignReplicasToDirsRequest, AssignReplicasToDirsResponse, assign_replicas_to_dirs_request as asked,
        assign_replicas_to_dirs_response::{DirectoryData, PartitionData, TopicData},
    },
};
use broker_types::{BrokerEpoch, BrokerId, DirectoryId, PartitionId, TopicId};

use crate::{authorizer::Operation, broker::Broker, context::RequestContext};

/// The request has no timeout of its own.
const PATIENCE_MS: i32 = 30_000;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: AssignReplicasToDirsRequest,
) -> AssignReplicasToDirsResponse {
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::ClusterAction) {
        return refused(denied);
    }
    decide(broker, &request).await
}

/// The answer of the active controller, which this node is.
pub(crate) async fn decide(
    broker: &Broker,
    request: &AssignReplicasToDirsRequest,
) -> AssignReplicasToDirsResponse {
    let assign = AssignDirectories {
        broker: BrokerId::new(request.broker_id),
        epoch: BrokerEpoch::new(request.broker_epoch),
        assignments: request.directories.iter().flat_map(assignments).collect(),
    };
    match broker.quorum().ask(Request::AssignDirectories(assign), PATIENCE_MS).await {
        Ok(Response::AssignDirectories(Ok(assigned))) => on_wire(request, &assigned),
        Ok(Response::AssignDirectories(Err(stale))) => refused(match stale {
            StaleBroker::NotRegistered(_) => ErrorCode::BrokerIdNotRegistered,
            StaleBroker::OtherEpoch { .. } => ErrorCode::StaleBrokerEpoch,
        }),
        Ok(_) => refused(ErrorCode::UnknownServerError),
        Err(error) => refused(error.code()),
    }
}

fn assignments(directory: &asked::DirectoryData) -> impl Iterator<Item = AssignedDirectory> {
    let id = DirectoryId::new(directory.id);
    directory.topics.iter().flat_map(move |topic| {
        let topic_id = TopicId::new(topic.topic_id);
        topic.partitions.iter().map(move |partition| AssignedDirectory {
            directory: id,
            topic: topic_id,
            partition: PartitionId::new(partition.partition_index),
        })
    })
}

/// The results come in the order of the request, and in its shape.
fn on_wire(request: &AssignReplicasToDirsRequest, assigned: &Assigned) -> AssignReplicasToDirsResponse {
    let mut results = assigned.iter().map(|(_, result)| result);
    let mut partition = |partition: &asked::PartitionData| {
        let error = results.next().and_then(|result| result.as_ref().err());
        PartitionData {
            partition_index: partition.partition_index,
            error_code: error.map_or(ErrorCode::None, DirectoryError::code).code(),
        }
    };
    let mut directories = Vec::with_capacity(request.directories.len());
    for directory in &request.directories {
        let topic = |topic: &asked::TopicData| TopicData {
            topic_id: topic.topic_id,
            partitions: topic.partitions.iter().map(&mut partition).collect(),
        };
        let topics = directory.topics.iter().map(topic).collect();
        directories.push(DirectoryData { id: directory.id, topics });
    }
    AssignReplicasToDirsResponse { directories, ..AssignReplicasToDirsResponse::default() }
}

fn refused(code: ErrorCode) -> AssignReplicasToDirsResponse {
    AssignReplicasToDirsResponse { error_code: code.code(), ..AssignReplicasToDirsResponse::default() }
}

#[cfg(test)]
mod tests {
    use broker_protocol::ApiKey;

    use super::*;
    use crate::testing::{TestBroker, context};

    fn request(own: &TestBroker, partitions: &[i32]) -> AssignReplicasToDirsRequest {
        let image = own.broker.image();
        let topic = image.topics().find("assigned").unwrap();
        let partition = |index: &i32| asked::PartitionData { partition_index: *index };
        let topic = asked::TopicData {
            topic_id: topic.id().uuid(),
            partitions: partitions.iter().map(partition).collect(),
        };
        let id = own.broker.directories.online[0].id().uuid();
        AssignReplicasToDirsRequest {
            broker_id: 1,
            broker_epoch: own.broker.broker_epoch().unwrap().get(),
            directories: vec![asked::DirectoryData { id, topics: vec![topic] }],
        }
    }

    #[tokio::test]
    async fn each_partition_has_its_own_answer() {
        let own = TestBroker::with_topics(&["assigned"]).await;
        let context = context(ApiKey::AssignReplicasToDirs, 0);
        let answer = handle(&own.broker, &context, request(&own, &[0, 5])).await;
        assert_eq!(answer.error_code, 0);
        let partitions: Vec<_> = answer.directories[0].topics[0]
            .partitions
            .iter()
            .map(|partition| (partition.partition_index, partition.error_code))
            .collect();
        assert_eq!(partitions, [(0, 0), (5, ErrorCode::UnknownTopicOrPartition.code())]);
        let stale = AssignReplicasToDirsRequest { broker_epoch: 0, ..request(&own, &[0]) };
        let answer = handle(&own.broker, &context, stale).await;
        assert_eq!(answer, refused(ErrorCode::StaleBrokerEpoch));
    }
}
