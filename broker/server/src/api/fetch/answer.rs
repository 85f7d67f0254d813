//! From what was planned and read to the answer, without what its session says is no news.

use broker_log::{AbortedTxn, ReadSlice};
use broker_node::fetch_sessions::{Answer, Seen, TopicRef};
use broker_protocol::{
    ErrorCode, Records,
    messages::{
        FetchResponse,
        fetch_response::{
            AbortedTransaction, FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
        },
    },
};
use broker_records::validate::TargetCompression;
use broker_types::{BrokerId, TopicId};
use bytes::Bytes;

use super::{
    Fetched, TOPIC_IDS_SINCE,
    asked::{Asked, AskedTopic, Targets},
    plan::{PlannedPartition, Readable},
    session::Serving,
};
use crate::{
    api::leader_hint::leader_hint, broker::Broker, context::RequestContext, partition::Partition, view::View,
};

/// Since this version clients know that a log directory can be offline (KIP-112).
const STORAGE_ERRORS_SINCE: i16 = 6;
/// Since this version clients can read Zstandard (KIP-110).
const ZSTD_SINCE: i16 = 10;
/// Since this version an answer tells where new leaders are (KIP-951).
const LEADER_HINTS_SINCE: i16 = 16;

/// The answer; opens the session that the fetcher wants.
pub(super) fn of(
    broker: &Broker,
    context: &RequestContext,
    targets: &Targets,
    planned: Vec<PlannedPartition>,
    records: Vec<Bytes>,
    serving: &mut Serving<'_>,
) -> Fetched {
    let mut files = Vec::new();
    let mut responses: Vec<FetchableTopicResponse> = Vec::with_capacity(targets.topics.len());
    let mut seen = Vec::with_capacity(if serving.opens() { targets.asked.len() } else { 0 });
    let mut leaders = Vec::new();
    let mut last_topic = None;
    for ((asked, planned), records) in targets.asked.iter().zip(planned).zip(records) {
        let Some(topic) = targets.topics.get(asked.topic) else { continue };
        let (mut data, file) = planned.into_response(asked, context.api_version, records);
        let moved = matches!(
            ErrorCode::from_code(data.error_code),
            Some(ErrorCode::NotLeaderOrFollower | ErrorCode::FencedLeaderEpoch)
        );
        if moved
            && context.api_version >= LEADER_HINTS_SINCE
            && let Some(leader) = leader(broker, topic, asked)
        {
            leaders.push(leader.leader_id);
            data.current_leader = leader;
        }
        if serving.opens() {
            seen.push(Seen { high_watermark: data.high_watermark, log_start_offset: data.log_start_offset });
        }
        if !serving.answered(asked.slot, || news(&data)) {
            continue;
        }
        files.extend(file);
        if last_topic != Some(asked.topic) {
            last_topic = Some(asked.topic);
            responses.push(FetchableTopicResponse {
                topic: topic.name.clone(),
                topic_id: topic.wire_id,
                partitions: Vec::new(),
            });
        }
        if let Some(response) = responses.last_mut() {
            response.partitions.push(data);
        }
    }
    let by_id = context.api_version >= TOPIC_IDS_SINCE;
    let opened = targets.asked.iter().zip(&seen).map(|(asked, seen)| {
        let named = targets.topics.get(asked.topic).map_or(TopicRef::Name(""), |topic| topic.named(by_id));
        (named, asked.index, asked.wanted, *seen)
    });
    let response = FetchResponse {
        session_id: serving.id(opened),
        responses,
        node_endpoints: endpoints(broker, context, &leaders),
        ..FetchResponse::default()
    };
    Fetched { response, files }
}

impl AskedTopic {
    fn named(&self, by_id: bool) -> TopicRef<'_> {
        if by_id { TopicRef::Id(TopicId::new(self.wire_id)) } else { TopicRef::Name(&self.name) }
    }
}

impl PlannedPartition {
    /// The answer, and the file that its records are still in.
    fn into_response(
        self,
        asked: &Asked,
        version: i16,
        records: Bytes,
    ) -> (PartitionData, Option<ReadSlice>) {
        let mut response = PartitionData {
            partition_index: asked.index.get(),
            high_watermark: -1,
            records: Some(records.into()),
            ..PartitionData::default()
        };
        if version < ZSTD_SINCE && asked.partition().is_some_and(|partition| is_zstd(partition)) {
            response.error_code = ErrorCode::UnsupportedCompressionType.code();
            response.records = Some(Records::default());
            return (response, None);
        }
        match self.outcome {
            Ok(readable) => {
                readable.write_to(&mut response);
                if self.stays_in_file {
                    response.records = Some(Records::Elsewhere { bytes: readable.slice.len() });
                    return (response, Some(readable.slice));
                }
            }
            Err(ErrorCode::KafkaStorageError) if version < STORAGE_ERRORS_SINCE => {
                response.error_code = ErrorCode::NotLeaderOrFollower.code();
                response.aborted_transactions = None;
            }
            Err(error) => {
                response.error_code = error.code();
                if asked.is_known() {
                    response.aborted_transactions = None;
                }
            }
        }
        (response, None)
    }
}

impl Readable {
    fn write_to(&self, response: &mut PartitionData) {
        response.high_watermark = self.bounds.high_watermark.get();
        response.last_stable_offset = self.bounds.last_stable.get();
        response.log_start_offset = self.bounds.start.get();
        response.aborted_transactions =
            self.aborted.as_ref().map(|aborted| aborted.iter().map(aborted_transaction).collect());
        if let Some(theirs) = self.diverging {
            response.diverging_epoch.epoch = theirs.epoch.get();
            response.diverging_epoch.end_offset = theirs.end.get();
        }
        response.preferred_read_replica = self.preferred.map_or(-1, BrokerId::get);
    }
}

/// What a session looks at.
fn news(data: &PartitionData) -> Answer {
    Answer {
        records_bytes: data.records.as_ref().map_or(0, Records::len),
        high_watermark: data.high_watermark,
        log_start_offset: data.log_start_offset,
        preferred_replica: data.preferred_read_replica >= 0,
        diverging: data.diverging_epoch.epoch >= 0,
        error: data.error_code != 0,
    }
}

/// Whether the topic stores everything as Zstandard.
fn is_zstd(partition: &Partition) -> bool {
    let is = |codec| codec == broker_records::Codec::Zstd;
    matches!(partition.settings().rules.compression, TargetCompression::Codec(codec, _) if is(codec))
}

fn leader(broker: &Broker, topic: &AskedTopic, asked: &Asked) -> Option<LeaderIdAndEpoch> {
    let (leader, epoch) = leader_hint(&broker.image(), topic.id?, asked.index)?;
    Some(LeaderIdAndEpoch { leader_id: leader.get(), leader_epoch: epoch.get() })
}

/// Where these leaders are.
fn endpoints(broker: &Broker, context: &RequestContext, leaders: &[i32]) -> Vec<NodeEndpoint> {
    if leaders.is_empty() {
        return Vec::new();
    }
    let image = broker.image();
    View::new(&image, context.listener.as_str())
        .brokers()
        .filter(|address| leaders.contains(&address.id.get()))
        .map(|address| NodeEndpoint {
            node_id: address.id.get(),
            host: address.host,
            port: i32::from(address.port),
            rack: address.rack,
        })
        .collect()
}

fn aborted_transaction(aborted: &AbortedTxn) -> AbortedTransaction {
    AbortedTransaction { producer_id: aborted.producer_id.get(), first_offset: aborted.first_offset.get() }
}
