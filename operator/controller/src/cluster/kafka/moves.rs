//! Copies of partitions that move, and moves that are called off (KIP-455).

use std::collections::BTreeMap;

use broker_client::ClientError;
use broker_protocol::{
    ErrorCode, Str,
    messages::alter_partition_reassignments_request::{
        AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
    },
};
use operator_api::KafkaCluster;
use operator_plan::plan::Move;

use super::connect;
use crate::{context::Context, error::ReconcileError};

/// How long the brokers may take to begin a reassignment, in milliseconds.
const REASSIGN_TIMEOUT_MS: i32 = 10_000;

/// Has copies of partitions moved.
pub(in crate::cluster) async fn reassign(
    context: &Context,
    cluster: &KafkaCluster,
    moves: &[Move],
) -> Result<(), ReconcileError> {
    let wanted = moves.iter().map(|moved| (moved.topic.as_str(), moved.index, Some(moved.replicas.clone())));
    alter(context, cluster, wanted).await.map_err(ReconcileError::kafka("moving copies to other brokers"))
}

/// Leaves copies that are on the move where they were; those that have arrived meanwhile stay there.
pub(in crate::cluster) async fn cancel(
    context: &Context,
    cluster: &KafkaCluster,
    partitions: &[(String, i32)],
) -> Result<(), ReconcileError> {
    let wanted = partitions.iter().map(|(topic, index)| (topic.as_str(), *index, None));
    alter(context, cluster, wanted).await.map_err(ReconcileError::kafka("cancelling moves of copies"))
}

async fn alter(
    context: &Context,
    cluster: &KafkaCluster,
    wanted: impl Iterator<Item = (&str, i32, Option<Vec<i32>>)>,
) -> Result<(), ClientError> {
    let mut topics: BTreeMap<&str, Vec<ReassignablePartition>> = BTreeMap::new();
    for (topic, partition_index, replicas) in wanted {
        topics.entry(topic).or_default().push(ReassignablePartition { partition_index, replicas });
    }
    let topic = |(name, partitions): (&str, Vec<ReassignablePartition>)| ReassignableTopic {
        name: Str::from(name),
        partitions,
    };
    let request = AlterPartitionReassignmentsRequest {
        timeout_ms: REASSIGN_TIMEOUT_MS,
        topics: topics.into_iter().map(topic).collect(),
        ..AlterPartitionReassignmentsRequest::default()
    };
    let response = connect(context, cluster).await?.any(&request).await?;
    ClientError::check(response.error_code, response.error_message.as_deref())?;
    let mut partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
    // What was over before it was cancelled is over.
    let is_over = |code: i16| ErrorCode::from_code(code) == Some(ErrorCode::NoReassignmentInProgress);
    partitions.try_for_each(|one| {
        if is_over(one.error_code) {
            return Ok(());
        }
        ClientError::check(one.error_code, one.error_message.as_deref())
    })
}
