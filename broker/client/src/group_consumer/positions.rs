//! Where a consumer reads: from where records are fetched, and up to where they were given out.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        fetch_request::{FetchPartition, FetchRequest, FetchTopic},
        fetch_response::PartitionData,
    },
};
use broker_types::{BrokerId, Offset, PartitionId, TopicName, TopicPartition, Uuid};
use tokio::time::sleep;

use super::{GroupOptions, PAUSE, metadata::Topics};
use crate::{
    Client, ClientError,
    admin::{by_topic, group_offsets::Undecided, offsets::OffsetSpec},
    fetch::{IncomingRecord, Isolation, read_partition},
};

/// The most that one answer brings.
const ANSWER_BYTES_MAX: i32 = 50 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Positions {
    /// From where the next fetch reads.
    fetch_from: BTreeMap<TopicPartition, Offset>,
    /// The first that was not given out.
    read_to: BTreeMap<TopicPartition, Offset>,
    /// Fetched and not given out.
    buffered: VecDeque<(TopicPartition, VecDeque<IncomingRecord>)>,
    /// Leaders to ask in turn.
    turn: VecDeque<BrokerId>,
    reset: Option<OffsetSpec>,
    isolation: Isolation,
    records_max: usize,
    partition_bytes_max: i32,
}

impl Positions {
    pub(super) fn new(options: &GroupOptions) -> Self {
        Self {
            fetch_from: BTreeMap::new(),
            read_to: BTreeMap::new(),
            buffered: VecDeque::new(),
            turn: VecDeque::new(),
            reset: options.reset,
            isolation: options.isolation,
            records_max: options.poll_records_max,
            partition_bytes_max: options.partition_bytes_max,
        }
    }

    pub(super) fn has_any(&self) -> bool {
        !self.fetch_from.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.fetch_from.clear();
        self.read_to.clear();
        self.buffered.clear();
    }

    pub(super) fn read_to(&self) -> BTreeMap<TopicPartition, Offset> {
        self.read_to.clone()
    }

    pub(super) fn seek(&mut self, at: &TopicPartition, offset: Offset) {
        if let Some(read_to) = self.read_to.get_mut(at) {
            *read_to = offset;
            self.fetch_from.insert(at.clone(), offset);
            self.buffered.retain(|(of, _)| of != at);
        }
    }

    /// Takes partitions on: from what the group committed, else from where it is to begin.
    pub(super) async fn start(
        &mut self,
        client: &mut Client,
        options: &GroupOptions,
        partitions: &BTreeSet<TopicPartition>,
    ) -> Result<(), ClientError> {
        self.clear();
        if partitions.is_empty() {
            return Ok(());
        }
        let all: Vec<_> = partitions.iter().cloned().collect();
        let committed = client.fetch_group_offsets(&options.group, Some(&all), Undecided::Awaited).await?;
        let (with, without): (Vec<_>, Vec<_>) = all.into_iter().partition(|at| committed.contains_key(at));
        for at in with {
            let offset = committed[&at].offset;
            self.place(at, offset);
        }
        self.reset(client, &without).await
    }

    fn place(&mut self, at: TopicPartition, offset: Offset) {
        self.fetch_from.insert(at.clone(), offset);
        self.read_to.insert(at, offset);
    }

    async fn reset(&mut self, client: &mut Client, partitions: &[TopicPartition]) -> Result<(), ClientError> {
        if partitions.is_empty() {
            return Ok(());
        }
        let Some(spec) = self.reset else {
            let names: Vec<_> = partitions.iter().map(ToString::to_string).collect();
            let message =
                format!("Undefined offset with no reset policy for partitions: [{}]", names.join(", "));
            return Err(ClientError::Broker { code: ErrorCode::OffsetOutOfRange, message: Some(message) });
        };
        for (at, offset) in client.offsets(partitions, spec).await? {
            self.place(at, offset?.unwrap_or(Offset::ZERO));
        }
        Ok(())
    }

    /// The next records, from what is there already or from some leader within `wait`.
    pub(super) async fn poll(
        &mut self,
        client: &mut Client,
        topics: &Topics,
        wait: Duration,
    ) -> Result<Vec<(TopicPartition, Vec<IncomingRecord>)>, ClientError> {
        if self.buffered.is_empty() {
            self.fetch(client, topics, wait).await?;
        }
        let mut given = Vec::new();
        let mut left = self.records_max;
        while left > 0 {
            let Some((at, records)) = self.buffered.front_mut() else { break };
            let some: Vec<_> = records.drain(..records.len().min(left)).collect();
            left -= some.len();
            if let Some(last) = some.last() {
                self.read_to.insert(at.clone(), last.offset.next());
            }
            let at = at.clone();
            if records.is_empty() {
                self.buffered.pop_front();
                // What is no record, such as a marker, counts as read with the last one before it.
                let end = self.fetch_from.get(&at).copied();
                self.read_to.extend(end.map(|end| (at.clone(), end)));
            }
            if !some.is_empty() {
                given.push((at, some));
            }
        }
        Ok(given)
    }

    async fn fetch(
        &mut self,
        client: &mut Client,
        topics: &Topics,
        wait: Duration,
    ) -> Result<(), ClientError> {
        match self.fetch_once(client, topics, wait).await {
            // Brokers come and go: whoever leads then is asked next.
            Err(ClientError::Io { .. } | ClientError::Connect(_)) => {
                client.forget_leaders();
                sleep(PAUSE.min(wait)).await;
                Ok(())
            }
            Err(error) if error.code().is_some_and(ErrorCode::is_retriable) => {
                client.forget_leaders();
                sleep(PAUSE.min(wait)).await;
                Ok(())
            }
            other => other,
        }
    }

    async fn fetch_once(
        &mut self,
        client: &mut Client,
        topics: &Topics,
        wait: Duration,
    ) -> Result<(), ClientError> {
        let mut by_leader: BTreeMap<BrokerId, Vec<TopicPartition>> = BTreeMap::new();
        for at in self.fetch_from.keys() {
            let leader = client.leader(at.topic.as_str(), at.partition).await?;
            by_leader.entry(leader).or_default().push(at.clone());
        }
        self.turn.retain(|leader| by_leader.contains_key(leader));
        for leader in by_leader.keys() {
            if !self.turn.contains(leader) {
                self.turn.push_back(*leader);
            }
        }
        let Some(leader) = self.turn.pop_front() else { return Ok(()) };
        self.turn.push_back(leader);
        // One leader after the other is asked, so that none keeps the others waiting.
        let leaders = u32::try_from(by_leader.len()).unwrap_or(u32::MAX).max(1);
        let partitions = by_leader.remove(&leader).unwrap_or_default();
        let request = self.request(topics, &partitions, wait / leaders);
        let response = client.broker(leader, &request).await?;
        ClientError::check(response.error_code, None)?;
        for topic in response.responses {
            let of = |at: &&TopicPartition| {
                at.topic.as_str() == topic.topic.as_str()
                    || (topic.topic_id != Uuid::ZERO && topics.id(&at.topic) == topic.topic_id)
            };
            let Some(name) = partitions.iter().find(of).map(|at| at.topic.clone()) else { continue };
            for data in topic.partitions {
                self.take(client, &name, &data).await?;
            }
        }
        Ok(())
    }

    fn request(&self, topics: &Topics, partitions: &[TopicPartition], wait: Duration) -> FetchRequest {
        let topic = |(name, ids): (Str, Vec<i32>)| {
            let key = TopicName::new(&name);
            let partition = |id: &i32| {
                let at = TopicPartition::new(key.clone(), PartitionId::new(*id));
                FetchPartition {
                    partition: *id,
                    fetch_offset: self.fetch_from.get(&at).map_or(0, |offset| offset.get()),
                    partition_max_bytes: self.partition_bytes_max,
                    ..FetchPartition::default()
                }
            };
            FetchTopic {
                topic_id: topics.id(&key),
                partitions: ids.iter().map(partition).collect(),
                topic: name,
            }
        };
        FetchRequest {
            max_wait_ms: i32::try_from(wait.as_millis()).unwrap_or(i32::MAX),
            min_bytes: 1,
            max_bytes: ANSWER_BYTES_MAX,
            isolation_level: self.isolation.code(),
            session_id: 0,
            session_epoch: -1,
            topics: by_topic(partitions).into_iter().map(topic).collect(),
            ..FetchRequest::default()
        }
    }

    async fn take(
        &mut self,
        client: &mut Client,
        topic: &TopicName,
        data: &PartitionData,
    ) -> Result<(), ClientError> {
        let at = TopicPartition::new(topic.clone(), PartitionId::new(data.partition_index));
        if data.error_code == ErrorCode::OffsetOutOfRange.code() {
            return self.reset(client, &[at]).await;
        }
        match ClientError::check(data.error_code, None) {
            Err(error) if error.code().is_some_and(may_pass) => {
                client.forget_leaders();
                return Ok(());
            }
            other => other?,
        }
        let Some(from) = self.fetch_from.get(&at).copied() else { return Ok(()) };
        let mut records = Vec::new();
        let next = read_partition(data, from, self.isolation, &mut records)?;
        self.fetch_from.insert(at.clone(), next);
        if next > from {
            self.buffered.push_back((at, records.into()));
        }
        Ok(())
    }
}

/// Whether a partition may be read again later, here or elsewhere.
fn may_pass(code: ErrorCode) -> bool {
    code.is_retriable() || matches!(code, ErrorCode::UnknownTopicId | ErrorCode::InconsistentTopicId)
}
