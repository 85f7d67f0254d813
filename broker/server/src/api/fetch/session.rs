//! The session of one fetch (KIP-227): taken out of the cache while it is served, and put back in any case.

use broker_node::fetch_sessions::{Asked, Context, Header, Seen, Session, SessionError, Slot, TopicRef};
use broker_protocol::messages::{
    FetchRequest,
    fetch_request::{FetchPartition, FetchTopic, ForgottenTopic},
};
use broker_types::{LeaderEpoch, PartitionId, TopicId, Uuid};

use super::TOPIC_IDS_SINCE;
use crate::{broker::Broker, context::RequestContext};

/// How one fetch is served. When it is dropped, also because its request died, its session is back in the cache.
pub(super) struct Serving<'a> {
    broker: &'a Broker,
    header: Header,
    context: Context,
}

impl<'a> Serving<'a> {
    /// Finds out what the request wants of its session, and takes in what it changes.
    pub(super) fn begin(
        broker: &'a Broker,
        context: &RequestContext,
        request: &FetchRequest,
    ) -> Result<Self, SessionError> {
        let by_id = context.api_version >= TOPIC_IDS_SINCE;
        let header = Header {
            session_id: request.session_id,
            session_epoch: request.session_epoch,
            follower: request.replica_id >= 0 || request.replica_state.replica_id >= 0,
            topic_ids: by_id,
        };
        let asked = request.topics.iter().flat_map(|topic| {
            let named = topic_of(by_id, topic);
            topic
                .partitions
                .iter()
                .map(move |wanted| (named, PartitionId::new(wanted.partition), asked(wanted)))
        });
        let forgotten = request.forgotten_topics_data.iter().flat_map(|topic: &ForgottenTopic| {
            let named = named(by_id, &topic.topic, topic.topic_id);
            topic.partitions.iter().map(move |index| (named, PartitionId::new(*index)))
        });
        let now = broker.clock().mono();
        let context = broker.fetch_sessions().lock().begin(now, header, asked, forgotten)?;
        Ok(Self { broker, header, context })
    }

    /// The session whose partitions are to be answered; `None`: those of the request are.
    pub(super) fn session(&self) -> Option<&Session> {
        match &self.context {
            Context::Incremental(session) => Some(session),
            Context::Sessionless | Context::New => None,
        }
    }

    /// Whether an answer has news and must be sent; without a session every answer is.
    pub(super) fn answered(
        &mut self,
        slot: Option<Slot>,
        answer: impl FnOnce() -> broker_node::fetch_sessions::Answer,
    ) -> bool {
        match (&mut self.context, slot) {
            (Context::Incremental(session), Some(slot)) => session.answered(slot, &answer()),
            _ => true,
        }
    }

    /// Whether the fetcher wants a session, which is opened with what it is answered.
    pub(super) fn opens(&self) -> bool {
        matches!(self.context, Context::New)
    }

    /// The session id that is answered; opens the session that the fetcher wants.
    pub(super) fn id<'t>(
        &self,
        answered: impl ExactSizeIterator<Item = (TopicRef<'t>, PartitionId, Asked, Seen)>,
    ) -> i32 {
        match &self.context {
            Context::Sessionless => 0,
            Context::New => {
                let now = self.broker.clock().mono();
                self.broker.fetch_sessions().lock().open(now, self.header, answered).unwrap_or(0)
            }
            Context::Incremental(session) => session.id(),
        }
    }
}

impl Drop for Serving<'_> {
    fn drop(&mut self) {
        if let Context::Incremental(session) = std::mem::replace(&mut self.context, Context::Sessionless) {
            self.broker.fetch_sessions().lock().finish(session);
        }
    }
}

/// How a request names a topic.
pub(super) fn topic_of(by_id: bool, topic: &FetchTopic) -> TopicRef<'_> {
    named(by_id, &topic.topic, topic.topic_id)
}

fn named(by_id: bool, name: &str, id: Uuid) -> TopicRef<'_> {
    if by_id { TopicRef::Id(TopicId::new(id)) } else { TopicRef::Name(name) }
}

/// What a request asks of a partition.
pub(super) fn asked(wanted: &FetchPartition) -> Asked {
    Asked {
        fetch_offset: wanted.fetch_offset,
        max_bytes: wanted.partition_max_bytes,
        leader_epoch: LeaderEpoch::from_wire(wanted.current_leader_epoch),
        last_fetched_epoch: LeaderEpoch::from_wire(wanted.last_fetched_epoch),
        log_start_offset: wanted.log_start_offset,
        high_watermark: wanted.high_watermark,
    }
}
