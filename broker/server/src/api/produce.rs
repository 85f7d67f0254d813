//! Produce: validates and appends each partition's batch, answers in the order of the request.

use std::sync::Arc;

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        ProduceRequest, ProduceResponse,
        produce_request::{PartitionProduceData, TopicProduceData},
        produce_response::{
            BatchIndexAndErrorMessage, LeaderIdAndEpoch, NodeEndpoint, PartitionProduceResponse,
            TopicProduceResponse,
        },
    },
};
use broker_types::{Now, PartitionId, TopicId};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    errors,
    partition::{Partition, ProduceError},
    quotas::Used,
    view::View,
};

/// Since this version batches may be compressed with Zstandard (KIP-110).
const ZSTD_SINCE: i16 = 7;
/// Since this version topics are named by id.
const TOPIC_IDS_SINCE: i16 = 13;
/// Since this version an answer tells the new leader (KIP-951).
const LEADER_HINTS_SINCE: i16 = 10;

/// What becomes of the request.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Send this.
    Respond(ProduceResponse),
    /// The producer wants no answer (acks=0).
    Silence,
    /// The producer wants no answer and something failed: closing is the only way to tell it.
    Close(String),
}

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: ProduceRequest,
) -> Outcome {
    let acks = request.acks;
    let mut produce =
        Produce { broker, context, now: broker.clock().now(), bytes: 0, unflushed: Vec::new(), moved: false };
    let refused = if !matches!(acks, -1..=1) {
        Some(ErrorCode::InvalidRequiredAcks)
    } else if request.transactional_id.is_some() {
        Some(ErrorCode::TransactionalIdAuthorizationFailed)
    } else {
        None
    };
    let responses: Vec<_> =
        request.topic_data.into_iter().map(|topic| produce.topic(topic, refused)).collect();
    let (bytes, moved, unflushed) = (produce.bytes, produce.moved, produce.unflushed);
    broker.flush_before_answer(unflushed).await;
    let throttle_time_ms = broker.quotas().record(context, Used::ProducedBytes(bytes));
    if acks == 0 {
        let failed =
            responses.iter().flat_map(|topic| &topic.partition_responses).find(|one| one.error_code != 0);
        return match failed.and_then(|one| ErrorCode::from_code(one.error_code)) {
            Some(error) => Outcome::Close(format!("produce with acks=0 failed: {}", error.name())),
            None => Outcome::Silence,
        };
    }
    let node_endpoints = if moved && context.api_version >= LEADER_HINTS_SINCE {
        endpoints(broker, context)
    } else {
        Vec::new()
    };
    Outcome::Respond(ProduceResponse { responses, throttle_time_ms, node_endpoints })
}

struct Produce<'a> {
    broker: &'a Arc<Broker>,
    context: &'a RequestContext,
    now: Now,
    bytes: usize,
    /// Partitions whose topics ask for a sync before the answer.
    unflushed: Vec<Arc<Partition>>,
    /// Some partition is led elsewhere.
    moved: bool,
}

impl Produce<'_> {
    fn topic(&mut self, topic: TopicProduceData, refused: Option<ErrorCode>) -> TopicProduceResponse {
        let by_id = self.context.api_version >= TOPIC_IDS_SINCE;
        let found = if by_id {
            TopicId::from_wire(topic.topic_id)
                .and_then(|id| self.broker.partitions().topic_by_id(id))
                .ok_or(ErrorCode::UnknownTopicId)
        } else {
            self.broker.partitions().topic(&topic.name).ok_or(ErrorCode::UnknownTopicOrPartition)
        };
        let named = found.as_ref().map_or(topic.name.as_str(), |found| found.name().as_str());
        let is_allowed =
            self.broker.authorizer().allows(self.context, Operation::Write, Resource::Topic(named));
        let partition_responses = topic
            .partition_data
            .into_iter()
            .map(|data| {
                let index = data.index;
                // Wrong acks are told only of what could be written to.
                if let Some(error) = refused.filter(|error| *error != ErrorCode::InvalidRequiredAcks) {
                    return failed(index, error, None);
                }
                if !is_allowed {
                    return failed(index, ErrorCode::TopicAuthorizationFailed, None);
                }
                let partition = found.as_ref().map_err(|error| *error).and_then(|topic| {
                    topic.partition(PartitionId::new(index)).ok_or(ErrorCode::UnknownTopicOrPartition)
                });
                match (partition, refused) {
                    (Ok(_), Some(error)) => failed(index, error, None),
                    (Ok(partition), None) => self.partition(&partition, data),
                    (Err(error), _) => failed(index, error, None),
                }
            })
            .collect();
        TopicProduceResponse { name: topic.name, topic_id: topic.topic_id, partition_responses }
    }

    fn partition(
        &mut self,
        partition: &Arc<Partition>,
        data: PartitionProduceData,
    ) -> PartitionProduceResponse {
        let bytes = data.records.unwrap_or_default();
        let zstd_allowed = self.context.api_version >= ZSTD_SINCE;
        let (appended, validated) = match partition.produce(&bytes, self.now, zstd_allowed) {
            Ok(done) => done,
            Err(error) => return self.refused(partition, data.index, &error),
        };
        let size = validated.header.size_bytes();
        self.bytes += size;
        let metrics = self.broker.metrics();
        metrics.produced_bytes.inc_by(u64::try_from(size).unwrap_or(0));
        metrics.produced_records.inc_by(u64::try_from(validated.record_count).unwrap_or(0));
        if partition.settings().log.flush_messages.is_some() {
            self.unflushed.push(Arc::clone(partition));
        }
        PartitionProduceResponse {
            index: data.index,
            base_offset: appended.first_offset.get(),
            log_append_time_ms: appended.log_append_time.map_or(-1, broker_types::Timestamp::as_millis),
            log_start_offset: appended.log_start_offset.get(),
            ..PartitionProduceResponse::default()
        }
    }

    fn refused(
        &mut self,
        partition: &Partition,
        index: i32,
        error: &ProduceError,
    ) -> PartitionProduceResponse {
        let code = errors::of_produce(error);
        let mut response = failed(index, code, Some(error));
        if let ProduceError::Rejected(rejected) = error {
            response.record_errors = rejected
                .issues()
                .iter()
                .map(|issue| BatchIndexAndErrorMessage {
                    batch_index: issue.batch_index,
                    batch_index_error_message: Some(Str::from(issue.to_string())),
                })
                .collect();
        }
        if matches!(error, ProduceError::NotLeader) && self.context.api_version >= LEADER_HINTS_SINCE {
            let image = self.broker.image();
            let id = partition.id();
            if let Some(known) = image.topics().partition(partition.topic_id(), id.partition) {
                self.moved = true;
                response.current_leader = LeaderIdAndEpoch {
                    leader_id: known.leader.map_or(-1, broker_types::BrokerId::get),
                    leader_epoch: known.leader_epoch.get(),
                };
            }
        }
        response
    }
}

fn failed(index: i32, error: ErrorCode, why: Option<&ProduceError>) -> PartitionProduceResponse {
    PartitionProduceResponse {
        index,
        error_code: error.code(),
        base_offset: -1,
        error_message: why.map(|why| Str::from(why.to_string())),
        ..PartitionProduceResponse::default()
    }
}

fn endpoints(broker: &Broker, context: &RequestContext) -> Vec<NodeEndpoint> {
    let image = broker.image();
    View::new(&image, context.listener.as_str())
        .brokers()
        .map(|address| NodeEndpoint {
            node_id: address.id.get(),
            host: address.host,
            port: i32::from(address.port),
            rack: address.rack,
        })
        .collect()
}
