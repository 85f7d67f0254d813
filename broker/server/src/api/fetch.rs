//! Fetch: plans reads under the partitions' locks, parks when there is too little, reads outside of the locks.

mod answer;
mod asked;
mod metadata;
mod near;
mod plan;
mod reader;
mod session;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use broker_log::ReadSlice;
use broker_node::fetch_sessions::Session;
use broker_protocol::{
    ErrorCode, Listener,
    messages::{FetchRequest, FetchResponse},
};
use bytes::Bytes;

use self::{
    asked::{Asked, Targets},
    near::Near,
    plan::{Plan, PlannedPartition},
    reader::Reader,
    session::Serving,
};
use crate::{broker::Broker, context::RequestContext, quotas, waiters::ParkedFetch};

/// Since this version topics are named by id.
const TOPIC_IDS_SINCE: i16 = 13;
/// How long a high watermark that a replica does not know waits for records to go with it: under load they come sooner, and
/// an answer of its own for each would double the requests.
const NEWS_LINGER: Duration = Duration::from_millis(5);

pub(crate) async fn handle(broker: &Arc<Broker>, context: &RequestContext, request: FetchRequest) -> Fetched {
    if context.role == Listener::Controller {
        return metadata::answer(broker, context, &request).await.into();
    }
    let mut serving = match Serving::begin(broker, context, &request) {
        Ok(serving) => serving,
        Err(error) => return refused(error.code()).into(),
    };
    let reader = Reader::of(broker, context.api_version, &request);
    let near = Near::of(broker, context, reader, &request);
    let targets = match serving.session() {
        Some(session) => Targets::of_session(broker, context, reader, session),
        None => Targets::of_request(broker, context, reader, &request.topics),
    };
    let fetch = Fetch {
        broker,
        reader,
        near: near.as_ref(),
        bytes_max: bytes_max(broker, context, reader, &request),
        asked: &targets.asked,
    };
    let bytes_min = usize::try_from(request.min_bytes).unwrap_or(0).min(fetch.bytes_max as usize);
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    let planned = fetch.plan_enough(bytes_min, wait).await;
    fetch.charge(&planned);
    // Replicas are no clients: their quotas are others.
    if let Reader::Consumer(_) = reader {
        let bytes = planned.iter().map(PlannedPartition::bytes).sum();
        let throttled = broker.quotas().fetched(context, bytes);
        if !throttled.is_zero() {
            let session_id = serving.session().map_or(0, Session::id);
            let throttle_time_ms = quotas::millis(throttled);
            return FetchResponse { session_id, throttle_time_ms, ..FetchResponse::default() }.into();
        }
    }
    let (planned, records) = fetch.fill(planned).await;
    let fetched = answer::of(broker, context, &targets, planned, records, &mut serving);
    if let Reader::Consumer(_) = reader {
        let bytes = fetched.record_bytes();
        broker.metrics().fetched_bytes.inc_by(u64::try_from(bytes).unwrap_or(0));
    }
    fetched
}

/// What the request and the broker allow; a consumer gets no more at once than its quota could ever let through.
fn bytes_max(broker: &Broker, context: &RequestContext, reader: Reader, request: &FetchRequest) -> u32 {
    let bytes = u32::try_from(request.max_bytes).unwrap_or(0).min(broker.settings().fetch_bytes_max);
    match reader {
        Reader::Consumer(_) => bytes.min(broker.quotas().fetch_bytes_max(context)),
        Reader::Replica(_) => bytes,
    }
}

/// An answer of which some records are still in their files.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) response: FetchResponse,
    /// One for each [`Records::Elsewhere`](broker_protocol::Records::Elsewhere) of the answer, in its order.
    pub(crate) files: Vec<ReadSlice>,
}

impl Fetched {
    fn record_bytes(&self) -> usize {
        let partitions = self.response.responses.iter().flat_map(|topic| &topic.partitions);
        partitions.filter_map(|partition| partition.records.as_ref()).map(broker_protocol::Records::len).sum()
    }
}

impl From<FetchResponse> for Fetched {
    fn from(response: FetchResponse) -> Self {
        Self { response, files: Vec::new() }
    }
}

fn refused(error: ErrorCode) -> FetchResponse {
    FetchResponse { error_code: error.code(), ..FetchResponse::default() }
}

struct Fetch<'a> {
    broker: &'a Arc<Broker>,
    reader: Reader,
    near: Option<&'a Near>,
    bytes_max: u32,
    asked: &'a [Asked],
}

impl Fetch<'_> {
    /// Plans; while there is less than the client's minimum and time is left, parks and looks again where something
    /// happened.
    async fn plan_enough(&self, bytes_min: usize, wait: Duration) -> Vec<PlannedPartition> {
        let first = self.plan(true);
        if first.is_enough(bytes_min) || wait.is_zero() {
            return first.partitions;
        }
        let instant_after = |wait| self.broker.clock().instant_of(self.broker.clock().mono().plus(wait));
        let mut deadline = instant_after(wait);
        let mut has_news = false;
        let draining = self.broker.tasks().draining();
        let parked = ParkedFetch::default();
        // Registered before looking, so that no wake-up between the two is lost.
        (0..self.asked.len()).for_each(|slot| self.park(&parked, slot));
        let mut plan = self.plan(false);
        while !plan.is_enough(bytes_min) {
            if plan.has_news() && !std::mem::replace(&mut has_news, true) {
                deadline = deadline.min(instant_after(NEWS_LINGER));
            }
            let woken = tokio::select! {
                biased;
                () = draining.cancelled() => None,
                woken = parked.woken() => Some(woken),
                () = tokio::time::sleep_until(deadline) => None,
            };
            let Some(woken) = woken else { break };
            for slot in woken {
                self.park(&parked, slot);
                if let Some(asked) = self.asked.get(slot) {
                    plan.look_again(slot, asked);
                }
            }
        }
        // What did not wake it may have changed as well: a log's start, the last stable offset.
        self.plan(false).partitions
    }

    /// Charges the quota of throttled replicas with what they get, in sync or not.
    fn charge(&self, planned: &[PlannedPartition]) {
        if let Reader::Consumer(_) = self.reader {
            return;
        }
        let is_throttled = |asked: &Asked| asked.partition().is_some_and(|one| one.is_throttled_as_leader());
        let throttled = self.asked.iter().zip(planned).filter(|(asked, _)| is_throttled(asked));
        let bytes: usize = throttled.map(|(_, planned)| planned.bytes()).sum();
        if bytes > 0 {
            self.broker.throttles().leader.record(self.broker.clock().mono(), bytes);
        }
    }

    fn park(&self, parked: &ParkedFetch, slot: usize) {
        if let Some(partition) = self.asked.get(slot).and_then(Asked::partition) {
            partition.park(parked, slot, self.reader.awaits());
        }
    }

    /// `is_new`: the request was not looked at before.
    fn plan(&self, is_new: bool) -> Plan<'_> {
        let now = self.broker.clock().now();
        let throttle = &self.broker.throttles().leader;
        let mut plan =
            Plan::new(throttle, self.reader, self.near, is_new, now, self.bytes_max, self.asked.len());
        for asked in self.asked {
            plan.add(asked);
        }
        plan
    }

    /// Leaves what is long and in memory in its files; reads the rest into one pooled buffer and cuts it up: what is in
    /// memory at once, what is cold where blocking is allowed.
    async fn fill(&self, mut planned: Vec<PlannedPartition>) -> (Vec<PlannedPartition>, Vec<Bytes>) {
        planned.iter_mut().for_each(PlannedPartition::leave_in_file);
        let total = planned.iter().map(PlannedPartition::len).sum();
        if total == 0 {
            let nothing = planned.iter().map(|_| Bytes::new()).collect();
            return (planned, nothing);
        }
        let mut buffer = self.broker.buffers().take(total);
        let is_warm = plan::read_warm(&planned, &mut buffer);
        let (planned, buffer, lengths) = match is_warm {
            Some(lengths) => (planned, buffer, lengths),
            None => {
                let read = move || {
                    let lengths = plan::read_cold(&planned, &mut buffer);
                    (planned, buffer, lengths)
                };
                self.broker.blocking(read).await
            }
        };
        let whole = self.broker.buffers().freeze(buffer, total);
        let mut at = 0;
        let slices = planned.iter().zip(&lengths).map(|(planned, length)| {
            let slice = whole.slice(at..at + length);
            at += planned.len();
            slice
        });
        let slices = slices.collect();
        (planned, slices)
    }
}
