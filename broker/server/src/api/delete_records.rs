//! DeleteRecords: moves a partition's start (KIP-107).

use std::{sync::Arc, time::Duration};

use broker_protocol::{
    ErrorCode,
    messages::{
        DeleteRecordsRequest, DeleteRecordsResponse,
        delete_records_response::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult},
    },
};
use broker_replication::DeleteFailure;
use broker_types::{Mono, Offset, PartitionId};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    errors,
    partition::{Partition, Reply},
};

/// "Everything that is committed."
const TO_HIGH_WATERMARK: i64 = -1;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DeleteRecordsRequest,
) -> DeleteRecordsResponse {
    let timeout = Duration::from_millis(u64::try_from(request.timeout_ms).unwrap_or(0));
    let deadline = broker.clock().mono().plus(timeout);
    // All are begun before the first is waited for.
    let mut begun = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let is_allowed = broker.authorizer().allows(context, Operation::Delete, Resource::Topic(&topic.name));
        let found = broker.partitions().topic(&topic.name);
        let partitions = topic.partitions.iter().map(|asked| {
            let index = asked.partition_index;
            let partition = found.as_ref().and_then(|topic| topic.partition(PartitionId::new(index)));
            let deletion = match (is_allowed, partition) {
                (false, _) => Err(ErrorCode::TopicAuthorizationFailed),
                (true, None) => Err(ErrorCode::UnknownTopicOrPartition),
                (true, Some(partition)) => begin(broker, partition, asked.offset, deadline),
            };
            (index, deletion)
        });
        let partitions: Vec<_> = partitions.collect();
        begun.push((topic.name, partitions));
    }
    let mut topics = Vec::with_capacity(begun.len());
    for (name, deletions) in begun {
        let mut partitions = Vec::with_capacity(deletions.len());
        for (partition_index, deletion) in deletions {
            let outcome = match deletion {
                Ok(deletion) => deletion.wait(broker, deadline).await.map_err(errors::of_delete),
                Err(error) => Err(error),
            };
            partitions.push(DeleteRecordsPartitionResult {
                partition_index,
                low_watermark: outcome.map_or(-1, Offset::get),
                error_code: outcome.err().map_or(0, ErrorCode::code),
            });
        }
        topics.push(DeleteRecordsTopicResult { name, partitions });
    }
    DeleteRecordsResponse { topics, ..DeleteRecordsResponse::default() }
}

/// A deletion that is under way.
struct Deletion {
    partition: Arc<Partition>,
    reply: Reply<Result<Offset, DeleteFailure>>,
}

fn begin(
    broker: &Broker,
    partition: Arc<Partition>,
    before: i64,
    deadline: Mono,
) -> Result<Deletion, ErrorCode> {
    if !partition.settings().log.delete_policy {
        return Err(ErrorCode::PolicyViolation);
    }
    let before = match before {
        TO_HIGH_WATERMARK => None,
        other => Some(Offset::from_wire(other).ok_or(ErrorCode::OffsetOutOfRange)?),
    };
    let reply = partition.delete_records(broker.clock().now(), before, deadline);
    let reply = reply.map_err(|error| errors::of_fetch(&error))?;
    Ok(Deletion { partition, reply })
}

impl Deletion {
    async fn wait(self, broker: &Broker, deadline: Mono) -> Result<Offset, DeleteFailure> {
        let is_late = || self.partition.tick(broker.clock().now());
        let outcome = self.reply.before(broker.clock().instant_of(deadline), is_late).await;
        outcome.unwrap_or(Err(DeleteFailure::NotLeader))
    }
}
