//! AlterReplicaLogDirs: moves replicas between the log directories of this broker (KIP-113, KIP-1066).

use std::{path::Path, sync::Arc};

use broker_log::is_movable;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse,
        alter_replica_log_dirs_response::{AlterReplicaLogDirPartitionResult, AlterReplicaLogDirTopicResult},
    },
};
use broker_types::{PartitionId, TopicName, TopicPartition};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    directories::Directory,
    partition::Partition,
    replicas::unique,
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: AlterReplicaLogDirsRequest,
) -> AlterReplicaLogDirsResponse {
    let is_allowed = broker.authorizer().allows(context, Operation::Alter, Resource::Cluster);
    let altering = Arc::clone(broker);
    let results = broker.blocking(move || alter_all(&altering, request, is_allowed)).await;
    AlterReplicaLogDirsResponse { results, ..AlterReplicaLogDirsResponse::default() }
}

fn alter_all(
    broker: &Broker,
    request: AlterReplicaLogDirsRequest,
    is_allowed: bool,
) -> Vec<AlterReplicaLogDirTopicResult> {
    let _one_at_a_time = broker.moves.altering.lock();
    let mut results: Vec<AlterReplicaLogDirTopicResult> = Vec::new();
    for dir in request.dirs {
        for topic in dir.topics {
            let partitions = topic.partitions.iter().map(|index| {
                let outcome = match is_allowed {
                    true => alter(broker, &dir.path, &topic.name, PartitionId::new(*index)),
                    false => Err(ErrorCode::ClusterAuthorizationFailed),
                };
                AlterReplicaLogDirPartitionResult {
                    partition_index: *index,
                    error_code: outcome.err().map_or(0, ErrorCode::code),
                }
            });
            let partitions: Vec<_> = partitions.collect();
            match results.iter_mut().find(|result| result.topic_name == topic.name) {
                Some(result) => result.partitions.extend(partitions),
                None => results.push(AlterReplicaLogDirTopicResult { topic_name: topic.name, partitions }),
            }
        }
    }
    results
}

/// In Kafka's order: what cannot be moved there is refused before a move that is under way is ended.
fn alter(broker: &Broker, path: &str, topic: &Str, index: PartitionId) -> Result<(), ErrorCode> {
    let name = TopicName::checked(topic).map_err(|_| ErrorCode::UnknownTopicOrPartition)?;
    let id = TopicPartition::new(name, index);
    if !is_movable(&id) {
        return Err(ErrorCode::InvalidTopicException);
    }
    let target = directory(broker, Path::new(path))?;
    let hosted = broker.partitions().topic(topic).and_then(|topic| topic.partition(index));
    let Some(partition) = hosted else {
        // It goes there when it comes.
        broker.moves.prefer(&id, target.id());
        let image = broker.image();
        let known = image.topics().find(topic).is_some_and(|topic| topic.partition(index).is_some());
        return Err(if known { ErrorCode::ReplicaNotAvailable } else { ErrorCode::UnknownTopicOrPartition });
    };
    if partition.directory().is_offline() {
        return Err(ErrorCode::KafkaStorageError);
    }
    move_to(broker, &partition, target)
}

/// A directory that takes replicas.
fn directory<'a>(broker: &'a Broker, path: &Path) -> Result<&'a Arc<Directory>, ErrorCode> {
    let directories = &broker.directories;
    let Some(found) = directories.online.iter().find(|directory| directory.path() == path) else {
        let has_failed = directories.failed_at_start.iter().any(|failed| failed == path);
        return Err(if has_failed { ErrorCode::KafkaStorageError } else { ErrorCode::LogDirNotFound });
    };
    if found.is_offline() {
        return Err(ErrorCode::KafkaStorageError);
    }
    if found.is_cordoned() { Err(ErrorCode::InvalidReplicaAssignment) } else { Ok(found) }
}

fn move_to(broker: &Broker, partition: &Arc<Partition>, target: &Arc<Directory>) -> Result<(), ErrorCode> {
    if let Some(under_way) = partition.moves_to() {
        if Arc::ptr_eq(&under_way, target) {
            return Ok(());
        }
        broker.moves.cancel(broker, partition);
    }
    if Arc::ptr_eq(&partition.directory(), target) {
        return Ok(());
    }
    // With a directory that does not work, a second copy could lie in it (KIP-113).
    if broker.directories.offline() > 0 {
        return Err(ErrorCode::KafkaStorageError);
    }
    let (id, topic) = (partition.id().clone(), Some(partition.topic_id()));
    let config = partition.settings().log.clone();
    let created =
        target.log_directory().create_future(id, topic, config, broker.clock().wall(), unique(broker));
    match created {
        Ok(copy) => {
            broker.moves.begin(broker, partition, copy, target);
            Ok(())
        }
        Err(error) => {
            target.fail(&error);
            Err(ErrorCode::KafkaStorageError)
        }
    }
}
