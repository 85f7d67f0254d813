//! Reading a topic by partition, without a group.

mod aborted;

use std::collections::{BTreeMap, VecDeque};

use broker_compression::Codecs;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        fetch_request::{FetchPartition, FetchRequest, FetchTopic},
        fetch_response::PartitionData,
    },
};
use broker_records::{BatchView, Codec, Decompress as _, Records, TimestampType, batches};
use broker_types::{BrokerId, Offset, PartitionId, TopicId, Uuid};
use bytes::Bytes;

use self::aborted::Aborted;
pub use self::aborted::Isolation;
use crate::{Client, ClientError, Header, admin::offsets::OffsetSpec};

/// The most that one answer brings.
const ANSWER_BYTES_MAX: i32 = 8 * 1024 * 1024;
/// The most that one partition of an answer brings.
const PARTITION_BYTES_MAX: i32 = 1024 * 1024;
/// The most that one batch may expand to.
const BATCH_BYTES_MAX: usize = 256 * 1024 * 1024;
/// How long a broker may wait for something to come.
const WAIT_MS: i32 = 500;

/// A record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingRecord {
    /// From which partition.
    pub partition: PartitionId,
    /// At which offset.
    pub offset: Offset,
    /// Milliseconds since 1970; -1 when it has none.
    pub timestamp: i64,
    /// Who gave it the time: its producer, or the broker that appended it.
    pub timestamp_type: TimestampType,
    /// Its key.
    pub key: Option<Bytes>,
    /// Its value.
    pub value: Option<Bytes>,
    /// Its headers, in order.
    pub headers: Vec<Header>,
}

/// Where reading starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartAt {
    /// At an offset.
    Offset(Offset),
    /// At what a partition answers.
    Spec(OffsetSpec),
}

/// Reads one topic.
#[derive(Debug)]
pub struct Reader {
    client: Client,
    topic: Str,
    topic_id: Uuid,
    positions: BTreeMap<PartitionId, Offset>,
    /// Where to stop, for partitions that have an end.
    ends: BTreeMap<PartitionId, Offset>,
    /// Leaders to ask in turn.
    turn: VecDeque<BrokerId>,
    /// Where to go on when a position is out of the log; an error when not said.
    reset: Option<OffsetSpec>,
    isolation: Isolation,
}

impl Reader {
    /// Looks up where each partition starts.
    ///
    /// # Errors
    /// When the topic or the partition is not there.
    pub async fn open(
        mut client: Client,
        topic: &str,
        only: Option<PartitionId>,
        start: StartAt,
    ) -> Result<Self, ClientError> {
        let described = client.describe_topics(Some(&[topic])).await?;
        let described = described
            .first()
            .ok_or(ClientError::Broker { code: ErrorCode::UnknownTopicOrPartition, message: None })?;
        let mut positions = BTreeMap::new();
        for partition in &described.partitions {
            if only.is_some_and(|only| only != partition.id) {
                continue;
            }
            let position = match start {
                StartAt::Offset(offset) => offset,
                StartAt::Spec(spec) => match client.offset(topic, partition.id, spec).await? {
                    Some(offset) => offset,
                    None => {
                        client.offset(topic, partition.id, OffsetSpec::Latest).await?.unwrap_or(Offset::ZERO)
                    }
                },
            };
            positions.insert(partition.id, position);
        }
        if positions.is_empty() {
            let message = Some(format!("topic '{topic}' has no such partition"));
            return Err(ClientError::Broker { code: ErrorCode::UnknownTopicOrPartition, message });
        }
        let topic_id = described.id.map_or(Uuid::ZERO, TopicId::uuid);
        Ok(Self {
            client,
            topic: Str::from(topic),
            topic_id,
            positions,
            ends: BTreeMap::new(),
            turn: VecDeque::new(),
            reset: None,
            isolation: Isolation::ReadUncommitted,
        })
    }

    /// Reads what transactions wrote, or only what they committed.
    pub fn isolate(&mut self, isolation: Isolation) {
        self.isolation = isolation;
    }

    /// Goes on there instead of failing when a position lies outside of what the log holds.
    pub fn reset_to(&mut self, spec: OffsetSpec) {
        self.reset = Some(spec);
    }

    /// Ends the reading of each partition at what is its end now.
    ///
    /// # Errors
    /// When an end cannot be asked for.
    pub async fn stop_at_present_end(&mut self) -> Result<(), ClientError> {
        let partitions: Vec<_> = self.positions.keys().copied().collect();
        for partition in partitions {
            let end = self.client.offset(&self.topic, partition, OffsetSpec::Latest).await?;
            self.ends.insert(partition, end.unwrap_or(Offset::ZERO));
        }
        Ok(())
    }

    /// The next records of some partition, in its order; may be empty. `None` when every partition's end was reached.
    ///
    /// # Errors
    /// The leader's, but for those that only say that leadership moved.
    pub async fn next(&mut self) -> Result<Option<Vec<IncomingRecord>>, ClientError> {
        let wanted: Vec<_> = self
            .positions
            .iter()
            .filter(|(partition, position)| self.ends.get(partition).is_none_or(|end| *position < end))
            .map(|(partition, position)| (*partition, *position))
            .collect();
        if wanted.is_empty() {
            return Ok(None);
        }
        let mut by_leader: BTreeMap<BrokerId, Vec<(PartitionId, Offset)>> = BTreeMap::new();
        for (partition, position) in wanted {
            let leader = self.client.leader(&self.topic, partition).await?;
            by_leader.entry(leader).or_default().push((partition, position));
        }
        self.turn.retain(|leader| by_leader.contains_key(leader));
        for leader in by_leader.keys() {
            if !self.turn.contains(leader) {
                self.turn.push_back(*leader);
            }
        }
        let Some(leader) = self.turn.pop_front() else { return Ok(Some(Vec::new())) };
        self.turn.push_back(leader);
        let wait_ms = if by_leader.len() == 1 { WAIT_MS } else { WAIT_MS / 10 };
        let partitions = by_leader.remove(&leader).unwrap_or_default();
        let mut records = Vec::new();
        for data in self.fetch(leader, &partitions, wait_ms).await? {
            match self.reset.filter(|_| data.error_code == ErrorCode::OffsetOutOfRange.code()) {
                Some(spec) => self.reset_partition(PartitionId::new(data.partition_index), spec).await?,
                None => self.take(&data, &mut records)?,
            }
        }
        Ok(Some(records))
    }

    async fn reset_partition(&mut self, partition: PartitionId, spec: OffsetSpec) -> Result<(), ClientError> {
        let found = self.client.offset(&self.topic, partition, spec).await?;
        tracing::debug!(%partition, offset = ?found, "the position was out of the log");
        self.positions.insert(partition, found.unwrap_or(Offset::ZERO));
        Ok(())
    }

    async fn fetch(
        &mut self,
        leader: BrokerId,
        partitions: &[(PartitionId, Offset)],
        wait_ms: i32,
    ) -> Result<Vec<PartitionData>, ClientError> {
        let partition = |(partition, position): &(PartitionId, Offset)| FetchPartition {
            partition: partition.get(),
            fetch_offset: position.get(),
            partition_max_bytes: PARTITION_BYTES_MAX,
            ..FetchPartition::default()
        };
        let request = FetchRequest {
            max_wait_ms: wait_ms,
            min_bytes: 1,
            max_bytes: ANSWER_BYTES_MAX,
            isolation_level: self.isolation.code(),
            session_id: 0,
            session_epoch: -1,
            topics: vec![FetchTopic {
                topic: self.topic.clone(),
                topic_id: self.topic_id,
                partitions: partitions.iter().map(partition).collect(),
            }],
            ..FetchRequest::default()
        };
        let response = self.client.broker(leader, &request).await?;
        ClientError::check(response.error_code, None)?;
        Ok(response.responses.into_iter().flat_map(|topic| topic.partitions).collect())
    }

    fn take(&mut self, data: &PartitionData, records: &mut Vec<IncomingRecord>) -> Result<(), ClientError> {
        let moved =
            [ErrorCode::NotLeaderOrFollower, ErrorCode::FencedLeaderEpoch, ErrorCode::UnknownLeaderEpoch];
        if moved.iter().any(|code| code.code() == data.error_code) {
            self.client.forget_leaders();
            return Ok(());
        }
        ClientError::check(data.error_code, None)?;
        let partition = PartitionId::new(data.partition_index);
        let Some(position) = self.positions.get_mut(&partition) else { return Ok(()) };
        *position = read_partition(data, *position, self.isolation, records)?;
        Ok(())
    }
}

/// Appends what `data` brings of a partition from `from` on, and gives the offset to go on at.
///
/// # Errors
/// When a batch is not whole.
pub(crate) fn read_partition(
    data: &PartitionData,
    from: Offset,
    isolation: Isolation,
    records: &mut Vec<IncomingRecord>,
) -> Result<Offset, ClientError> {
    let Some(bytes) = data.records.clone().map(broker_protocol::Records::into_bytes) else {
        return Ok(from);
    };
    let partition = PartitionId::new(data.partition_index);
    let mut aborted = Aborted::of(data, isolation);
    let mut position = from;
    for batch in batches(&bytes) {
        let batch = batch.map_err(|error| corrupt(&error))?;
        if !aborted.has(&batch) {
            read_batch(partition, position, &batch, records)?;
        }
        position = position.max(batch.header.next_offset());
    }
    Ok(position)
}

/// Appends the records of `batch` from `from` on. Control batches hold none for readers.
fn read_batch(
    partition: PartitionId,
    from: Offset,
    batch: &BatchView<'_>,
    out: &mut Vec<IncomingRecord>,
) -> Result<(), ClientError> {
    if !batch.crc_is_valid() {
        return Err(corrupt(&"its checksum does not fit"));
    }
    if batch.header.attributes.is_control() {
        return Ok(());
    }
    let codec = batch.header.attributes.codec().ok_or_else(|| corrupt(&"its codec is unknown"))?;
    let mut payload = Vec::new();
    let records = if codec == Codec::None {
        batch.records()
    } else {
        Codecs::default()
            .decompress(codec, batch.payload(), BATCH_BYTES_MAX, &mut payload)
            .map_err(|error| corrupt(&error))?;
        Records::new(&payload, batch.header.record_count)
    };
    let timestamp_type = batch.header.attributes.timestamp_type();
    for record in records {
        let record = record.map_err(|error| corrupt(&error))?;
        let offset = batch.header.first_offset().plus(i64::from(record.offset_delta));
        if offset < from {
            continue;
        }
        let copied = |bytes: Option<&[u8]>| bytes.map(Bytes::copy_from_slice);
        out.push(IncomingRecord {
            partition,
            offset,
            timestamp: match timestamp_type {
                TimestampType::Create => batch.header.base_timestamp.saturating_add(record.timestamp_delta),
                // The broker's time is the batch's: the records keep their producer's differences.
                TimestampType::LogAppend => batch.header.max_timestamp,
            },
            timestamp_type,
            key: copied(record.key),
            value: copied(record.value),
            headers: record
                .headers
                .iter()
                .map(|header| Header {
                    name: String::from_utf8_lossy(header.key).into_owned(),
                    value: copied(header.value),
                })
                .collect(),
        });
    }
    Ok(())
}

fn corrupt(why: &dyn std::fmt::Display) -> ClientError {
    ClientError::Broker { code: ErrorCode::CorruptMessage, message: Some(format!("a batch was read: {why}")) }
}
