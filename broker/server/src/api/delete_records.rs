//! DeleteRecords: moves a partition's start (KIP-107).

use std::sync::Arc;

use broker_protocol::{
    ErrorCode,
    messages::{
        DeleteRecordsRequest, DeleteRecordsResponse,
        delete_records_response::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult},
    },
};
use broker_types::{Offset, PartitionId};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    errors,
    partition::Partition,
};

/// "Everything that is committed."
const TO_HIGH_WATERMARK: i64 = -1;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DeleteRecordsRequest,
) -> DeleteRecordsResponse {
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let is_allowed = broker.authorizer().allows(context, Operation::Delete, Resource::Topic(&topic.name));
        let found = broker.partitions().topic(&topic.name);
        let partitions = topic.partitions.iter().map(|asked| {
            let index = asked.partition_index;
            let partition = found.as_ref().and_then(|topic| topic.partition(PartitionId::new(index)));
            let outcome = match (is_allowed, partition) {
                (false, _) => Err(ErrorCode::TopicAuthorizationFailed),
                (true, None) => Err(ErrorCode::UnknownTopicOrPartition),
                (true, Some(partition)) => delete(&partition, asked.offset),
            };
            DeleteRecordsPartitionResult {
                partition_index: index,
                low_watermark: outcome.map_or(-1, Offset::get),
                error_code: outcome.err().map_or(0, ErrorCode::code),
            }
        });
        let partitions = partitions.collect();
        topics.push(DeleteRecordsTopicResult { name: topic.name, partitions });
    }
    DeleteRecordsResponse { topics, ..DeleteRecordsResponse::default() }
}

fn delete(partition: &Partition, before: i64) -> Result<Offset, ErrorCode> {
    if !partition.settings().log.delete_policy {
        return Err(ErrorCode::PolicyViolation);
    }
    let advanced = partition.with_log(None, |log| {
        let before = match before {
            TO_HIGH_WATERMARK => log.high_watermark(),
            other => Offset::from_wire(other).ok_or(ErrorCode::OffsetOutOfRange)?,
        };
        log.advance_start_offset(before).map_err(|_| ErrorCode::OffsetOutOfRange)
    });
    advanced.unwrap_or_else(|error| Err(errors::of_fetch(&error)))
}
