//! The partitions that one fetch answers, found on this broker, in the order of the answer.
//!
//! Invariant: what is not in the cluster's metadata, or not the client's to see, comes last, as in Kafka; it neither
//! ends the wait for records nor is it waited for.

use std::sync::Arc;

use broker_node::fetch_sessions::{self, Entry, Session, Slot, TopicKey, TopicRef};
use broker_protocol::{ErrorCode, Str, messages::fetch_request::FetchTopic};
use broker_types::{PartitionId, TopicId, Uuid};

use super::{TOPIC_IDS_SINCE, reader::Reader, session};
use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    partition::Partition,
    partitions::HostedTopic,
};

/// A topic as the fetcher named it.
pub(super) struct AskedTopic {
    /// Empty where topics are named by id.
    pub(super) name: Str,
    /// All zero where topics are named by name.
    pub(super) wire_id: Uuid,
    /// The topic of that name or id, if there is one.
    pub(super) id: Option<TopicId>,
}

/// One partition that is to be answered.
pub(super) struct Asked {
    /// Its topic's place in [`Targets::topics`].
    pub(super) topic: usize,
    pub(super) index: PartitionId,
    pub(super) wanted: fetch_sessions::Asked,
    /// Its place in the session, if there is one.
    pub(super) slot: Option<Slot>,
    /// What the fetcher knows to be committed, by its own word or by an earlier answer of the session; the largest
    /// number when it does not say.
    pub(super) known_high_watermark: i64,
    pub(super) partition: Result<Arc<Partition>, ErrorCode>,
}

/// What one fetch answers.
pub(super) struct Targets {
    pub(super) topics: Vec<AskedTopic>,
    pub(super) asked: Vec<Asked>,
}

/// Where a topic is.
enum Place {
    Here(Arc<HostedTopic>),
    /// No replica of it is on this broker.
    Elsewhere(TopicId),
    Nowhere(ErrorCode),
}

impl Asked {
    pub(super) fn partition(&self) -> Option<&Arc<Partition>> {
        self.partition.as_ref().ok()
    }

    /// Whether it is in the metadata and the client may see it, so that its answer is a read's.
    pub(super) fn is_known(&self) -> bool {
        !matches!(
            self.partition,
            Err(ErrorCode::UnknownTopicId
                | ErrorCode::UnknownTopicOrPartition
                | ErrorCode::TopicAuthorizationFailed)
        )
    }
}

impl Targets {
    /// The partitions that a request names.
    pub(super) fn of_request(
        broker: &Broker,
        context: &RequestContext,
        reader: Reader,
        topics: &[FetchTopic],
    ) -> Self {
        let by_id = context.api_version >= TOPIC_IDS_SINCE;
        let partitions = topics.iter().map(|topic| topic.partitions.len()).sum();
        let mut finder = Finder::new(broker, context, reader, topics.len(), partitions);
        for topic in topics {
            let place = finder.topic(session::topic_of(by_id, topic), || topic.topic.clone());
            for wanted in &topic.partitions {
                finder.partition(&place, PartitionId::new(wanted.partition), session::asked(wanted), None);
            }
        }
        finder.finish()
    }

    /// The partitions of a session, in its order.
    pub(super) fn of_session(
        broker: &Broker,
        context: &RequestContext,
        reader: Reader,
        session: &Session,
    ) -> Self {
        let mut finder = Finder::new(broker, context, reader, 1, session.len());
        let mut last: Option<(&TopicKey, Place)> = None;
        for (slot, entry) in session.iter() {
            let (key, place) = match last.take().filter(|(key, _)| **key == entry.topic) {
                Some(same) => same,
                None => {
                    let name = || match &entry.topic {
                        TopicKey::Name(name) => Str::from(name.as_str()),
                        TopicKey::Id(_) => Str::default(),
                    };
                    (&entry.topic, finder.topic(entry.topic.as_ref(), name))
                }
            };
            finder.partition(&place, entry.partition, entry.asked, Some((slot, entry)));
            last = Some((key, place));
        }
        finder.finish()
    }
}

struct Finder<'a> {
    broker: &'a Broker,
    context: &'a RequestContext,
    reader: Reader,
    targets: Targets,
    unknown: Vec<Asked>,
}

impl<'a> Finder<'a> {
    fn new(
        broker: &'a Broker,
        context: &'a RequestContext,
        reader: Reader,
        topics: usize,
        partitions: usize,
    ) -> Self {
        let targets = Targets { topics: Vec::with_capacity(topics), asked: Vec::with_capacity(partitions) };
        Self { broker, context, reader, targets, unknown: Vec::new() }
    }

    fn finish(mut self) -> Targets {
        self.targets.asked.append(&mut self.unknown);
        self.targets
    }

    /// Begins a topic, of which partitions follow.
    fn topic(&mut self, named: TopicRef<'_>, name: impl FnOnce() -> Str) -> Place {
        let place = self.place(named);
        let id = match &place {
            Place::Here(topic) => Some(topic.id()),
            Place::Elsewhere(id) => Some(*id),
            Place::Nowhere(_) => None,
        };
        let wire_id = match named {
            TopicRef::Id(id) => id.uuid(),
            TopicRef::Name(_) => Uuid::ZERO,
        };
        self.targets.topics.push(AskedTopic { name: name(), wire_id, id });
        place
    }

    fn place(&self, named: TopicRef<'_>) -> Place {
        let hosted = match named {
            TopicRef::Id(id) => self.broker.partitions().topic_by_id(id),
            TopicRef::Name(name) => self.broker.partitions().topic(name),
        };
        let place = match (hosted, named) {
            (Some(topic), _) => Place::Here(topic),
            (None, TopicRef::Id(id)) => match self.broker.image().topics().get(id) {
                Some(_) => Place::Elsewhere(id),
                None => return Place::Nowhere(ErrorCode::UnknownTopicId),
            },
            (None, TopicRef::Name(name)) => self
                .broker
                .image()
                .topics()
                .by_name()
                .get(name)
                .map_or(Place::Nowhere(ErrorCode::UnknownTopicOrPartition), |id| Place::Elsewhere(*id)),
        };
        if self.may_read(&place, named) { place } else { Place::Nowhere(ErrorCode::TopicAuthorizationFailed) }
    }

    fn may_read(&self, place: &Place, named: TopicRef<'_>) -> bool {
        if let Reader::Replica(_) = self.reader {
            return self.broker.authorizer().allows(
                self.context,
                Operation::ClusterAction,
                Resource::Cluster,
            );
        }
        let allows = |name: &str| {
            self.broker.authorizer().allows(self.context, Operation::Read, Resource::Topic(name))
        };
        match (place, named) {
            (Place::Here(topic), _) => allows(topic.name().as_str()),
            (_, TopicRef::Name(name)) => allows(name),
            (_, TopicRef::Id(id)) => {
                self.broker.image().topics().get(id).is_none_or(|topic| allows(topic.name().as_str()))
            }
        }
    }

    fn partition(
        &mut self,
        place: &Place,
        index: PartitionId,
        wanted: fetch_sessions::Asked,
        entry: Option<(Slot, &Entry)>,
    ) {
        let partition = match place {
            Place::Here(topic) => topic.partition(index).ok_or_else(|| self.missing(topic.id(), index)),
            Place::Elsewhere(id) => Err(self.missing(*id, index)),
            Place::Nowhere(error) => Err(*error),
        };
        let told = entry.map_or(-1, |(_, entry)| entry.told_high_watermark());
        let asked = Asked {
            topic: self.targets.topics.len() - 1,
            index,
            wanted,
            slot: entry.map(|(slot, _)| slot),
            known_high_watermark: wanted.high_watermark.max(told),
            partition,
        };
        if asked.is_known() {
            self.targets.asked.push(asked);
        } else {
            self.unknown.push(asked);
        }
    }

    /// Why a partition is not on this broker.
    fn missing(&self, id: TopicId, index: PartitionId) -> ErrorCode {
        match self.broker.image().topics().partition(id, index) {
            Some(_) => ErrorCode::NotLeaderOrFollower,
            None => ErrorCode::UnknownTopicOrPartition,
        }
    }
}
