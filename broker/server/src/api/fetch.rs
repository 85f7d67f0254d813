//! Fetch: plans reads under the partitions' locks, parks when there is too little, reads outside of the locks.

mod plan;

use std::{sync::Arc, time::Duration};

use broker_protocol::{
    ErrorCode,
    messages::{
        FetchRequest, FetchResponse,
        fetch_request::FetchTopic,
        fetch_response::{FetchableTopicResponse, NodeEndpoint, PartitionData},
    },
};
use broker_types::{PartitionId, TopicId};
use bytes::Bytes;

use self::plan::{Plan, PlannedPartition};
use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    partition::Isolation,
    quotas::Used,
    view::View,
    waiters::ParkedFetch,
};

/// Since this version topics are named by id.
const TOPIC_IDS_SINCE: i16 = 13;
/// Since this version an answer tells where new leaders are (KIP-951).
const LEADER_HINTS_SINCE: i16 = 16;
/// Session epochs of a request: 0 asks for a session, -1 for none (KIP-227).
const FULL_FETCH_EPOCHS: [i32; 2] = [0, -1];

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: FetchRequest,
) -> FetchResponse {
    if !FULL_FETCH_EPOCHS.contains(&request.session_epoch) {
        // No session was ever given out, so there is none to go on with: the client asks in full again.
        return FetchResponse {
            error_code: ErrorCode::FetchSessionIdNotFound.code(),
            ..FetchResponse::default()
        };
    }
    let fetch = Fetch {
        broker,
        isolation: if request.isolation_level == 1 {
            Isolation::ReadCommitted
        } else {
            Isolation::ReadUncommitted
        },
        bytes_max: u32::try_from(request.max_bytes).unwrap_or(0).min(broker.settings().fetch_bytes_max),
        topics: request.topics.iter().map(|topic| fetch_topic(broker, context, topic)).collect(),
    };
    let bytes_min = usize::try_from(request.min_bytes).unwrap_or(0).min(fetch.bytes_max as usize);
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    let plans = fetch.plan_enough(bytes_min, wait).await;
    let moved = plans.iter().flatten().any(PlannedPartition::has_moved);
    let (responses, bytes) = fetch.read(request.topics, plans).await;
    broker.metrics().fetched_bytes.inc_by(u64::try_from(bytes).unwrap_or(0));
    FetchResponse {
        throttle_time_ms: broker.quotas().record(context, Used::FetchedBytes(bytes)),
        responses,
        node_endpoints: if moved && context.api_version >= LEADER_HINTS_SINCE {
            endpoints(broker, context)
        } else {
            Vec::new()
        },
        ..FetchResponse::default()
    }
}

struct Fetch<'a> {
    broker: &'a Arc<Broker>,
    isolation: Isolation,
    bytes_max: u32,
    topics: Vec<Vec<plan::Asked>>,
}

/// What is asked of each partition of a topic, with whom to ask.
fn fetch_topic(broker: &Broker, context: &RequestContext, topic: &FetchTopic) -> Vec<plan::Asked> {
    let found = if context.api_version >= TOPIC_IDS_SINCE {
        TopicId::from_wire(topic.topic_id)
            .and_then(|id| broker.partitions().topic_by_id(id))
            .ok_or(ErrorCode::UnknownTopicId)
    } else {
        broker.partitions().topic(&topic.topic).ok_or(ErrorCode::UnknownTopicOrPartition)
    };
    let named = found.as_ref().map_or(topic.topic.as_str(), |found| found.name().as_str());
    let is_allowed = broker.authorizer().allows(context, Operation::Read, Resource::Topic(named));
    let asked = topic.partitions.iter().map(|wanted| {
        let partition = match &found {
            _ if !is_allowed => Err(ErrorCode::TopicAuthorizationFailed),
            Err(error) => Err(*error),
            Ok(topic) => {
                topic.partition(PartitionId::new(wanted.partition)).ok_or(ErrorCode::UnknownTopicOrPartition)
            }
        };
        plan::Asked::of(partition, wanted)
    });
    asked.collect()
}

impl Fetch<'_> {
    /// Plans; while there is less than the client's minimum and time is left, parks and plans again.
    async fn plan_enough(&self, bytes_min: usize, wait: Duration) -> Vec<Vec<PlannedPartition>> {
        let first = self.plan();
        if first.is_enough(bytes_min) || wait.is_zero() {
            return first.topics;
        }
        let deadline = self.broker.clock().instant_of(self.broker.clock().mono().plus(wait));
        let draining = self.broker.tasks().draining();
        loop {
            // Registered before looking, so that no wake-up between the two is lost.
            let parked = Arc::new(ParkedFetch::default());
            for partition in self.topics.iter().flatten().filter_map(plan::Asked::partition) {
                partition.park(&parked);
            }
            let plan = self.plan();
            if plan.is_enough(bytes_min) {
                return plan.topics;
            }
            let is_over = tokio::select! {
                biased;
                () = draining.cancelled() => true,
                () = parked.woken() => false,
                () = tokio::time::sleep_until(deadline) => true,
            };
            if is_over {
                return self.plan().topics;
            }
        }
    }

    fn plan(&self) -> Plan {
        let mut plan = Plan::new(self.bytes_max, self.isolation);
        for topic in &self.topics {
            plan.add_topic(topic);
        }
        plan
    }

    /// Reads all slices into one pooled buffer and cuts it up.
    async fn read(
        &self,
        names: Vec<FetchTopic>,
        plans: Vec<Vec<PlannedPartition>>,
    ) -> (Vec<FetchableTopicResponse>, usize) {
        let (plans, bytes) = self.fill(plans).await;
        let total = bytes.iter().map(Bytes::len).sum();
        let mut bytes = bytes.into_iter();
        let topics = names.into_iter().zip(plans).map(|(name, partitions)| FetchableTopicResponse {
            topic: name.topic,
            topic_id: name.topic_id,
            partitions: partitions
                .into_iter()
                .map(|planned| {
                    let records = bytes.next().unwrap_or_default();
                    planned.into_response(self.broker, records)
                })
                .collect::<Vec<PartitionData>>(),
        });
        (topics.collect(), total)
    }

    /// Fills a buffer with what is in memory; what is cold is read where blocking is allowed.
    async fn fill(&self, plans: Vec<Vec<PlannedPartition>>) -> (Vec<Vec<PlannedPartition>>, Vec<Bytes>) {
        let total = plans.iter().flatten().map(PlannedPartition::len).sum();
        if total == 0 {
            let nothing = plans.iter().flatten().map(|_| Bytes::new()).collect();
            return (plans, nothing);
        }
        let mut buffer = self.broker.buffers().take(total);
        let is_warm = plan::read_warm(&plans, &mut buffer);
        let (plans, buffer, lengths) = match is_warm {
            Some(lengths) => (plans, buffer, lengths),
            None => {
                let read = move || {
                    let lengths = plan::read_cold(&plans, &mut buffer);
                    (plans, buffer, lengths)
                };
                self.broker.blocking(read).await
            }
        };
        let whole = self.broker.buffers().freeze(buffer, total);
        let mut at = 0;
        let slices = plans.iter().flatten().zip(&lengths).map(|(planned, length)| {
            let slice = whole.slice(at..at + length);
            at += planned.len();
            slice
        });
        let slices = slices.collect();
        (plans, slices)
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
