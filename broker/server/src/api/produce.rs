//! Produce: validates and appends each partition's batch, answers in the order of the request.

mod committing;
mod transactional;

use std::{sync::Arc, time::Duration};

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
use broker_types::{BrokerId, Mono, Now, PartitionId, TopicId};

use self::{
    committing::{Committing, Uncommitted},
    transactional::{Begun, Place},
};
use super::leader_hint::leader_hint;
use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    errors,
    partition::{News, Partition, ProduceError, Produced, Reply, Sent},
    quotas,
    view::{self, View},
};

/// acks=all.
const ALL_REPLICAS: i16 = -1;
/// Since this version batches may be compressed with Zstandard (KIP-110).
const ZSTD_SINCE: i16 = 7;
/// Since this version topics are named by id.
const TOPIC_IDS_SINCE: i16 = 13;
/// Since this version an answer tells the new leader (KIP-951).
const LEADER_HINTS_SINCE: i16 = 10;

/// The client id of tools that may write to internal topics.
const ADMIN_CLIENT: &str = "__admin_client";

/// What becomes of the request.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Send this.
    Respond(ProduceResponse),
    /// Send what comes of this; what follows on the connection may be appended before.
    Later(Committing),
    /// The producer wants no answer (acks=0).
    Silence(Duration),
    /// The producer wants no answer and something failed: closing is the only way to tell it.
    Close(String),
}

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: ProduceRequest,
) -> Outcome {
    let acks = request.acks;
    let now = broker.clock().now();
    let timeout = Duration::from_millis(u64::try_from(request.timeout_ms).unwrap_or(0));
    let mut produce = Produce {
        broker,
        context,
        now,
        commit_by: (acks == ALL_REPLICAS).then(|| now.mono.plus(timeout)),
        transaction: Begun::default(),
        news: Vec::new(),
        unflushed: Vec::new(),
        uncommitted: Vec::new(),
        moved: Vec::new(),
    };
    let mut refused = (!matches!(acks, -1..=1)).then_some(ErrorCode::InvalidRequiredAcks);
    if transactional::has_any(&request) {
        match transactional::begin(broker, context, &request, now).await {
            Ok(begun) => produce.transaction = begun,
            Err(error) => refused = Some(error),
        }
    }
    let responses: Vec<_> = request
        .topic_data
        .into_iter()
        .enumerate()
        .map(|(index, topic)| produce.topic(index, topic, refused))
        .collect();
    let Produce { news, moved, unflushed, uncommitted, .. } = produce;
    news.into_iter().for_each(|(partition, news)| partition.tell(news));
    // What is promised to be synced is committed only then.
    broker.flush_before_answer(unflushed).await;
    let throttled = broker.quotas().produced(context);
    if acks == 0 {
        let failed =
            responses.iter().flat_map(|topic| &topic.partition_responses).find(|one| one.error_code != 0);
        return match failed.and_then(|one| ErrorCode::from_code(one.error_code)) {
            Some(error) => Outcome::Close(format!("produce with acks=0 failed: {}", error.name())),
            None => Outcome::Silence(throttled),
        };
    }
    let node_endpoints = endpoints(broker, context, &moved);
    let throttle_time_ms = quotas::millis(throttled);
    let response = ProduceResponse { responses, throttle_time_ms, node_endpoints };
    if uncommitted.is_empty() {
        return Outcome::Respond(response);
    }
    Outcome::Later(Committing::new(broker, now.mono, response, uncommitted))
}

struct Produce<'a> {
    broker: &'a Arc<Broker>,
    context: &'a RequestContext,
    now: Now,
    /// acks=all: until when it waits for the replicas.
    commit_by: Option<Mono>,
    transaction: Begun,
    /// What those who wait for the partitions are told in the end.
    news: Vec<(Arc<Partition>, News)>,
    /// Partitions whose topics ask for a sync before the answer.
    unflushed: Vec<Arc<Partition>>,
    /// What other replicas do not have yet.
    uncommitted: Vec<Uncommitted>,
    /// The leaders of partitions that are led elsewhere.
    moved: Vec<BrokerId>,
}

impl Produce<'_> {
    fn topic(
        &mut self,
        topic_index: usize,
        topic: TopicProduceData,
        refused: Option<ErrorCode>,
    ) -> TopicProduceResponse {
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
            .enumerate()
            .map(|(at, data)| {
                let index = data.index;
                // Wrong acks are told only of what could be written to.
                if let Some(error) = refused.filter(|error| *error != ErrorCode::InvalidRequiredAcks) {
                    return failed(index, error, None);
                }
                if !is_allowed {
                    return failed(index, ErrorCode::TopicAuthorizationFailed, None);
                }
                if found.is_ok() && !self.may_write(named) {
                    return failed(index, ErrorCode::InvalidTopicException, None);
                }
                let partition = found.as_ref().map_err(|error| *error).and_then(|topic| {
                    topic.partition(PartitionId::new(index)).ok_or(ErrorCode::UnknownTopicOrPartition)
                });
                match (partition, refused) {
                    (Ok(_), Some(error)) => failed(index, error, None),
                    (Ok(partition), None) => self.partition((topic_index, at), &partition, data),
                    (Err(error), _) => failed(index, error, None),
                }
            })
            .collect();
        TopicProduceResponse { name: topic.name, topic_id: topic.topic_id, partition_responses }
    }

    /// Whether clients write to the topic at all: what coordinators keep is theirs, and of tools that say who they are.
    fn may_write(&self, topic: &str) -> bool {
        !view::is_internal(topic) || self.context.client_id.as_deref() == Some(ADMIN_CLIENT)
    }

    fn partition(
        &mut self,
        place: Place,
        partition: &Arc<Partition>,
        data: PartitionProduceData,
    ) -> PartitionProduceResponse {
        if let Some(refusal) = self.transaction.refusal(place) {
            let error_message = refusal.message.clone();
            return PartitionProduceResponse { error_message, ..failed(data.index, refusal.code, None) };
        }
        let bytes = data.records.unwrap_or_default().into_bytes();
        let sent = Sent {
            bytes: &bytes,
            zstd_allowed: self.context.api_version >= ZSTD_SINCE,
            commit_by: self.commit_by,
            guard: self.transaction.guard(place),
        };
        let Produced { appended, validated, committed, news } =
            match partition.produce(sent, self.now, self.broker.codecs()) {
                Ok(done) => done,
                Err(error) => return self.refused(partition, data.index, &error),
            };
        self.news.push((Arc::clone(partition), news));
        let size = validated.header.size_bytes();
        let metrics = self.broker.metrics();
        metrics.produced_bytes.inc_by(u64::try_from(size).unwrap_or(0));
        metrics.produced_records.inc_by(u64::try_from(validated.record_count).unwrap_or(0));
        if partition.settings().log.flush_messages.is_some() {
            self.unflushed.push(Arc::clone(partition));
        }
        let error = match (committed, self.commit_by) {
            (reply @ Reply::Later(_), Some(commit_by)) => {
                let partition = Arc::clone(partition);
                self.uncommitted.push(Uncommitted { place, partition, commit_by, reply });
                None
            }
            (Reply::Now(Err(failure)), _) => Some(errors::of_produce(&failure.into())),
            _ => None,
        };
        PartitionProduceResponse {
            index: data.index,
            error_code: error.map_or(0, ErrorCode::code),
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
        if tells_the_start(error, code) {
            response.log_start_offset = partition.bounds(None).map_or(-1, |bounds| bounds.start.get());
        }
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
        if code == ErrorCode::NotLeaderOrFollower && self.context.api_version >= LEADER_HINTS_SINCE {
            let image = self.broker.image();
            let id = partition.id();
            if let Some((leader, epoch)) = leader_hint(&image, partition.topic_id(), id.partition) {
                self.moved.push(leader);
                response.current_leader =
                    LeaderIdAndEpoch { leader_id: leader.get(), leader_epoch: epoch.get() };
            }
        }
        response
    }
}

/// Whether an answer with this error says where the log starts: only where Kafka does, which looks at the shape of the
/// request before it finds the log.
fn tells_the_start(error: &ProduceError, code: ErrorCode) -> bool {
    use broker_records::validate::Rejected::{Batch, MoreThanOneBatch, NoBatch, OldFormat};
    let is_no_batch =
        matches!(error, ProduceError::Rejected(NoBatch | MoreThanOneBatch | OldFormat(_) | Batch(_)));
    !is_no_batch
        && !matches!(
            code,
            ErrorCode::CorruptMessage
                | ErrorCode::MessageTooLarge
                | ErrorCode::RecordListTooLarge
                | ErrorCode::NotLeaderOrFollower
                | ErrorCode::KafkaStorageError
                | ErrorCode::UnknownTopicOrPartition
        )
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

/// Where these leaders are (KIP-951).
fn endpoints(broker: &Broker, context: &RequestContext, leaders: &[BrokerId]) -> Vec<NodeEndpoint> {
    if leaders.is_empty() {
        return Vec::new();
    }
    let image = broker.image();
    View::new(&image, context.listener.as_str())
        .brokers()
        .filter(|address| leaders.contains(&address.id))
        .map(|address| NodeEndpoint {
            node_id: address.id.get(),
            host: address.host,
            port: i32::from(address.port),
            rack: address.rack,
        })
        .collect()
}
