//! Where logs begin and end: of partitions that are led here by looking, of others by asking their leaders.
//!
//! A leader is asked for the starts of all its partitions in one request, and for their ends in another: Kafka's take a
//! partition once in each. Leaders are asked at the same time; one that does not answer leaves what is known as it is.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use broker_client::{ClientError, Connection};
use broker_group::{LogBounds, Measured, Watched};
use broker_protocol::{
    Str,
    messages::{
        ListOffsetsRequest, ListOffsetsResponse,
        list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
    },
};
use broker_types::{BrokerId, Offset, PartitionId, TopicId, TopicName};
use tokio::task::JoinSet;

use crate::{broker::Broker, links, partition::Partition};

/// How long a leader may take over an answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many partitions go into one request.
const REQUEST_PARTITIONS: usize = 10_000;
/// What asks for a log's end, and for its start.
const LATEST: i64 = -1;
const EARLIEST: i64 = -2;

/// What is to be measured.
pub(super) type Wanted = BTreeMap<TopicName, BTreeSet<PartitionId>>;

/// The ways to the leaders.
#[derive(Debug, Default)]
pub(super) struct Leaders {
    connections: BTreeMap<BrokerId, Connection>,
    cut_off: BTreeSet<BrokerId>,
}

/// The partitions of a topic that one broker leads.
#[derive(Clone, Debug)]
struct OfTopic {
    name: TopicName,
    id: TopicId,
    partitions: Vec<PartitionId>,
}

impl Leaders {
    /// Measures what is wanted; what is not there any more is told as gone.
    pub(super) async fn measure(&mut self, broker: &Arc<Broker>, wanted: Wanted, watched: &mut Watched) {
        let image = broker.image();
        let mut elsewhere: BTreeMap<BrokerId, Vec<OfTopic>> = BTreeMap::new();
        for (name, partitions) in wanted {
            let topic = image.topics().find(name.as_str());
            let mut by_leader: BTreeMap<BrokerId, Vec<PartitionId>> = BTreeMap::new();
            let mut gone = Vec::new();
            for index in partitions {
                match topic.and_then(|topic| topic.partition(index)) {
                    None => gone.push(index),
                    // What was known of it stays so.
                    Some(partition) => {
                        partition
                            .leader
                            .into_iter()
                            .for_each(|id| by_leader.entry(id).or_default().push(index));
                    }
                }
            }
            watched.gone(&name, &gone);
            let Some(id) = topic.map(broker_metadata::Topic::id) else { continue };
            for (leader, partitions) in by_leader {
                let of_topic = OfTopic { name: name.clone(), id, partitions };
                if leader == broker.id() {
                    look(broker, &of_topic, watched);
                } else {
                    elsewhere.entry(leader).or_default().push(of_topic);
                }
            }
        }
        self.connections.retain(|leader, _| elsewhere.contains_key(leader));
        self.cut_off.retain(|leader| elsewhere.contains_key(leader));
        self.ask_all(broker, elsewhere, watched).await;
    }

    async fn ask_all(
        &mut self,
        broker: &Arc<Broker>,
        elsewhere: BTreeMap<BrokerId, Vec<OfTopic>>,
        watched: &mut Watched,
    ) {
        let mut asking = JoinSet::new();
        for (leader, topics) in elsewhere {
            let (broker, connection) = (Arc::clone(broker), self.connections.remove(&leader));
            asking.spawn(async move { (leader, ask_again(&broker, leader, connection, topics).await) });
        }
        while let Some(answered) = asking.join_next().await {
            match answered {
                Ok((leader, Ok((connection, found)))) => {
                    self.cut_off.remove(&leader);
                    self.connections.insert(leader, connection);
                    let now = broker.clock().mono();
                    found.iter().for_each(|found| watched.measured(now, found));
                }
                Ok((leader, Err(error))) => {
                    // Said once, however long it lasts.
                    if self.cut_off.insert(leader) {
                        tracing::info!(%leader, %error, "a leader does not tell where its logs end; lag there is not known");
                    }
                }
                Err(error) => tracing::error!(%error, "lag was not measured"),
            }
        }
    }
}

/// Partitions that are led here.
fn look(broker: &Broker, topic: &OfTopic, watched: &mut Watched) {
    let Some(hosted) = broker.partitions().topic_by_id(topic.id) else { return };
    for index in &topic.partitions {
        let Some(bounds) = hosted.partition(*index).and_then(|partition| bounds(&partition)) else {
            continue;
        };
        let found = Measured { topic: topic.name.clone(), id: topic.id, partition: *index, bounds };
        watched.measured(broker.clock().mono(), &found);
    }
}

/// `None` while it does not lead, or does not know yet what an earlier leader told.
fn bounds(partition: &Partition) -> Option<LogBounds> {
    let bounds = partition.bounds(None).ok().filter(|bounds| bounds.is_settled)?;
    Some(LogBounds { start: bounds.start, end: bounds.high_watermark })
}

/// Asks over a new connection when the one that is there has come to its end.
async fn ask_again(
    broker: &Broker,
    leader: BrokerId,
    connection: Option<Connection>,
    topics: Vec<OfTopic>,
) -> Result<(Connection, Vec<Measured>), ClientError> {
    let is_used = connection.is_some();
    match ask(broker, leader, connection, topics.clone()).await {
        Err(ClientError::Io { .. }) if is_used => ask(broker, leader, None, topics).await,
        answered => answered,
    }
}

/// Partitions that another broker leads.
async fn ask(
    broker: &Broker,
    leader: BrokerId,
    connection: Option<Connection>,
    topics: Vec<OfTopic>,
) -> Result<(Connection, Vec<Measured>), ClientError> {
    let mut connection = links::reuse_or_connect(broker, leader, connection, PATIENCE).await?;
    let mut found = Vec::new();
    for topics in requests(topics, REQUEST_PARTITIONS) {
        // A log's start is never beyond an end that was asked for after it.
        let starts = read(&connection.send(&request(&topics, EARLIEST)).await?);
        let ends = read(&connection.send(&request(&topics, LATEST)).await?);
        for OfTopic { name, id, partitions } in topics {
            let of = |offsets: &Offsets, index| {
                offsets.get(name.as_str()).and_then(|all| all.get(&index)).copied()
            };
            for index in partitions {
                let (Some(start), Some(end)) = (of(&starts, index), of(&ends, index)) else { continue };
                let bounds = LogBounds { start, end };
                found.push(Measured { topic: name.clone(), id, partition: index, bounds });
            }
        }
    }
    Ok((connection, found))
}

/// Cuts what is asked for into requests of so many partitions.
fn requests(topics: Vec<OfTopic>, partitions_max: usize) -> Vec<Vec<OfTopic>> {
    let mut requests = Vec::new();
    let (mut next, mut room) = (Vec::new(), partitions_max);
    for OfTopic { name, id, mut partitions } in topics {
        while !partitions.is_empty() {
            let rest = partitions.split_off(partitions.len().min(room));
            room -= partitions.len();
            next.push(OfTopic { name: name.clone(), id, partitions });
            partitions = rest;
            if room == 0 {
                requests.push(std::mem::take(&mut next));
                room = partitions_max;
            }
        }
    }
    requests.extend((!next.is_empty()).then_some(next));
    requests
}

fn request(topics: &[OfTopic], timestamp: i64) -> ListOffsetsRequest {
    let topic = |topic: &OfTopic| {
        let partition = |index: &PartitionId| ListOffsetsPartition {
            partition_index: index.get(),
            current_leader_epoch: -1,
            timestamp,
        };
        ListOffsetsTopic {
            name: Str::from(topic.name.as_str()),
            partitions: topic.partitions.iter().map(partition).collect(),
        }
    };
    ListOffsetsRequest {
        // As a consumer, of whatever is on all in-sync replicas.
        replica_id: -1,
        isolation_level: 0,
        topics: topics.iter().map(topic).collect(),
        ..ListOffsetsRequest::default()
    }
}

/// Offsets by topic and partition.
type Offsets = HashMap<String, HashMap<PartitionId, Offset>>;

/// What a leader refuses it leads no longer, or not yet.
fn read(response: &ListOffsetsResponse) -> Offsets {
    let mut offsets = Offsets::new();
    for topic in &response.topics {
        let own = offsets.entry(topic.name.to_string()).or_default();
        for partition in topic.partitions.iter().filter(|partition| partition.error_code == 0) {
            if let Some(offset) = Offset::from_wire(partition.offset) {
                own.insert(PartitionId::new(partition.partition_index), offset);
            }
        }
    }
    offsets
}

#[cfg(test)]
mod tests {
    use broker_protocol::{
        ErrorCode,
        messages::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse},
    };
    use broker_types::Uuid;

    use super::*;

    fn of_topic(name: &str, partitions: std::ops::Range<i32>) -> OfTopic {
        let id = TopicId::new(Uuid::ZERO);
        OfTopic { name: TopicName::new(name), id, partitions: partitions.map(PartitionId::new).collect() }
    }

    #[test]
    fn many_partitions_go_into_several_requests() {
        let topics = vec![of_topic("t", 0..5), of_topic("u", 0..1), of_topic("v", 0..3)];
        let cut = requests(topics, 4);
        let told: Vec<Vec<_>> = cut
            .iter()
            .map(|request| request.iter().map(|it| (it.name.as_str(), it.partitions.len())).collect())
            .collect();
        assert_eq!(told, [vec![("t", 4)], vec![("t", 1), ("u", 1), ("v", 2)], vec![("v", 1)]]);
        assert!(requests(Vec::new(), 4).is_empty());
    }

    #[test]
    fn what_a_leader_refuses_is_not_known() {
        let partition = |partition_index, error: ErrorCode, offset| ListOffsetsPartitionResponse {
            partition_index,
            error_code: error.code(),
            offset,
            ..ListOffsetsPartitionResponse::default()
        };
        let partitions = vec![
            partition(0, ErrorCode::None, 7),
            partition(1, ErrorCode::NotLeaderOrFollower, 7),
            partition(2, ErrorCode::None, -1),
        ];
        let topics = vec![ListOffsetsTopicResponse { name: Str::from("t"), partitions }];
        let read = read(&ListOffsetsResponse { topics, ..ListOffsetsResponse::default() });
        assert_eq!(read["t"], HashMap::from([(PartitionId::new(0), Offset::new(7))]));
    }
}
