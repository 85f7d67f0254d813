//! An idempotent producer for one topic: every record once, in order of its partition, acknowledged by all
//! in-sync replicas.
//!
//! Invariant: one batch of a partition is in flight at a time, and is sent again with the same sequence until it
//! is acknowledged or refused; so a retry after a broken connection cannot write twice.

use std::{collections::BTreeMap, time::Duration};

use broker_compression::Codecs;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        init_producer_id_request::InitProducerIdRequest,
        produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData},
        produce_response::PartitionProduceResponse,
    },
};
use broker_records::{Attributes, BatchBuilder, Codec, HeaderView, NewRecord};
use broker_types::{
    BrokerId, Offset, PartitionId, ProducerEpoch, ProducerId, Sequence, Timestamp, TopicId, Uuid,
};
use bytes::Bytes;
use tokio::time::Instant;

use crate::{Client, ClientError, murmur2_partition};

/// How a producer behaves.
#[derive(Clone, Debug)]
pub struct ProducerOptions {
    /// How batches are compressed.
    pub codec: Codec,
    /// A batch is sent when it reaches this size, before compression.
    pub batch_bytes: usize,
    /// How long a batch is tried before it is given up.
    pub delivery_timeout: Duration,
    /// The pause before another try.
    pub retry_backoff: Duration,
}

impl Default for ProducerOptions {
    fn default() -> Self {
        Self {
            codec: Codec::None,
            batch_bytes: 128 * 1024,
            delivery_timeout: Duration::from_secs(120),
            retry_backoff: Duration::from_millis(100),
        }
    }
}

/// A record to write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutgoingRecord {
    /// Where to; `None`: by the key, or spread when there is none.
    pub partition: Option<PartitionId>,
    /// When; `None`: when it is sent.
    pub timestamp: Option<Timestamp>,
    /// Its key.
    pub key: Option<Bytes>,
    /// Its value; `None` deletes the key in a compacted topic.
    pub value: Option<Bytes>,
    /// Its headers, in order; names may repeat.
    pub headers: Vec<Header>,
}

/// One header of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Option<Bytes>,
}

/// A batch that was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Where it is.
    pub partition: PartitionId,
    /// The offset of its first record; `None` when an earlier try had written it, and nobody says where.
    pub first: Option<Offset>,
    /// How many records it has.
    pub records: i32,
}

/// Writes to one topic.
#[derive(Debug)]
pub struct Producer {
    client: Client,
    topic: Str,
    topic_id: Uuid,
    partitions: i32,
    producer: (ProducerId, ProducerEpoch),
    options: ProducerOptions,
    open: BTreeMap<PartitionId, OpenBatch>,
    next_sequence: BTreeMap<PartitionId, Sequence>,
    /// Where records without a key go until the next batch is full.
    sticky: i32,
}

#[derive(Debug)]
struct OpenBatch {
    builder: BatchBuilder,
    first: Sequence,
    records: i32,
}

impl Producer {
    /// Looks the topic up and asks for a producer id.
    ///
    /// # Errors
    /// When the topic is not there, or the cluster gives no producer id.
    pub async fn start(
        mut client: Client,
        topic: &str,
        options: ProducerOptions,
    ) -> Result<Self, ClientError> {
        let described = client.describe_topics(Some(&[topic])).await?;
        let (partitions, topic_id) =
            described.first().map_or((0, None), |topic| (topic.partitions.len(), topic.id));
        let request = InitProducerIdRequest {
            transactional_id: None,
            transaction_timeout_ms: i32::MAX,
            ..InitProducerIdRequest::default()
        };
        let answer = client.any(&request).await?;
        ClientError::check(answer.error_code, None)?;
        let producer = (ProducerId::new(answer.producer_id), ProducerEpoch::new(answer.producer_epoch));
        Ok(Self {
            client,
            topic: Str::from(topic),
            topic_id: topic_id.map_or(Uuid::ZERO, TopicId::uuid),
            partitions: i32::try_from(partitions).unwrap_or(i32::MAX),
            producer,
            options,
            open: BTreeMap::new(),
            next_sequence: BTreeMap::new(),
            sticky: 0,
        })
    }

    /// Where a record without a partition of its own goes next.
    #[must_use]
    pub fn partition_of(&self, key: Option<&[u8]>) -> PartitionId {
        key.map_or_else(|| PartitionId::new(self.sticky), |key| murmur2_partition(key, self.partitions))
    }

    /// Takes a record in; it is acknowledged only after [`Producer::flush`], or when its batch was full: then the batch
    /// is given.
    ///
    /// # Errors
    /// When a full batch was refused or could not be delivered in time.
    pub async fn send(&mut self, record: OutgoingRecord) -> Result<Option<Delivered>, ClientError> {
        let partition = record.partition.unwrap_or_else(|| self.partition_of(record.key.as_deref()));
        // A partition that is not there now may come; whoever names it is told instead of waiting for it.
        if !(0..self.partitions).contains(&partition.get()) {
            let message = Some(format!(
                "topic '{}' has no partition {partition}, only {}",
                self.topic, self.partitions
            ));
            return Err(ClientError::Broker { code: ErrorCode::UnknownTopicOrPartition, message });
        }
        let headers: Vec<_> = record
            .headers
            .iter()
            .map(|header| HeaderView::new(header.name.as_bytes(), header.value.as_deref()))
            .collect();
        let new = NewRecord {
            timestamp: Some(record.timestamp.unwrap_or_else(wall_time)),
            key: record.key.as_deref(),
            value: record.value.as_deref(),
            headers: &headers,
        };
        let refused = |error: broker_records::BuildError| ClientError::Broker {
            code: ErrorCode::MessageTooLarge,
            message: Some(error.to_string()),
        };
        let batch = self.open_batch(partition);
        batch.builder.append(&new).map_err(refused)?;
        batch.records += 1;
        if batch.builder.size_bytes() < self.options.batch_bytes {
            return Ok(None);
        }
        let delivered = self.deliver(partition).await?;
        if record.key.is_none() {
            self.sticky = (self.sticky + 1) % self.partitions.max(1);
        }
        Ok(delivered)
    }

    /// Delivers every open batch, and gives them.
    ///
    /// # Errors
    /// When one was refused or could not be delivered in time.
    pub async fn flush(&mut self) -> Result<Vec<Delivered>, ClientError> {
        let mut delivered = Vec::new();
        while let Some(partition) = self.open.keys().next().copied() {
            delivered.extend(self.deliver(partition).await?);
        }
        Ok(delivered)
    }

    /// Delivers the open batch of one partition, if there is one.
    ///
    /// # Errors
    /// When it was refused or could not be delivered in time; it is given up then.
    pub async fn flush_partition(
        &mut self,
        partition: PartitionId,
    ) -> Result<Option<Delivered>, ClientError> {
        self.deliver(partition).await
    }

    fn open_batch(&mut self, partition: PartitionId) -> &mut OpenBatch {
        let (id, epoch) = self.producer;
        let first = self.next_sequence.get(&partition).copied().unwrap_or(Sequence::ZERO);
        let codec = self.options.codec;
        self.open.entry(partition).or_insert_with(|| {
            let builder = BatchBuilder::new(Offset::ZERO)
                .attributes(Attributes::NONE.with_codec(codec))
                .producer(id, epoch, first);
            OpenBatch { builder, first, records: 0 }
        })
    }

    async fn deliver(&mut self, partition: PartitionId) -> Result<Option<Delivered>, ClientError> {
        let Some(batch) = self.open.remove(&partition) else { return Ok(None) };
        let next = batch.first.plus(batch.records);
        let bytes = if self.options.codec == Codec::None {
            batch.builder.build()
        } else {
            batch.builder.build_compressed(&Codecs::default(), None).map_err(|error| ClientError::Broker {
                code: ErrorCode::UnsupportedCompressionType,
                message: Some(error.to_string()),
            })?
        };
        let first = self.deliver_bytes(partition, bytes).await?;
        self.next_sequence.insert(partition, next);
        Ok(Some(Delivered { partition, first, records: batch.records }))
    }

    async fn deliver_bytes(
        &mut self,
        partition: PartitionId,
        bytes: Bytes,
    ) -> Result<Option<Offset>, ClientError> {
        let deadline = deadline(self.options.delivery_timeout);
        loop {
            let error = match self.try_once(partition, bytes.clone()).await {
                Ok(first) => return Ok(first),
                Err(error) => error,
            };
            let worth_another = match &error {
                ClientError::Broker { code, .. } => code.is_retriable(),
                ClientError::Io { .. } | ClientError::Connect(_) => true,
                ClientError::Unsupported { .. } | ClientError::Codec { .. } | ClientError::TimedOut(_) => {
                    false
                }
            };
            if !worth_another {
                return Err(error);
            }
            if has_passed(deadline) {
                return Err(ClientError::TimedOut(error.to_string()));
            }
            tracing::debug!(%error, "a batch is sent again");
            tokio::time::sleep(self.options.retry_backoff).await;
            self.client.forget_leaders();
        }
    }

    async fn try_once(
        &mut self,
        partition: PartitionId,
        bytes: Bytes,
    ) -> Result<Option<Offset>, ClientError> {
        let leader: BrokerId = self.client.leader(&self.topic, partition).await?;
        let data = PartitionProduceData { index: partition.get(), records: Some(bytes.into()) };
        let request = ProduceRequest {
            acks: -1,
            timeout_ms: 30_000,
            topic_data: vec![TopicProduceData {
                name: self.topic.clone(),
                topic_id: self.topic_id,
                partition_data: vec![data],
            }],
            ..ProduceRequest::default()
        };
        let response = self.client.broker(leader, &request).await?;
        let result = response.responses.first().and_then(|topic| topic.partition_responses.first());
        let Some(result) = result else {
            return Err(ClientError::Broker { code: ErrorCode::UnknownServerError, message: None });
        };
        outcome(result)
    }
}

/// Where the batch is. A duplicate is a success: an earlier try was applied.
fn outcome(result: &PartitionProduceResponse) -> Result<Option<Offset>, ClientError> {
    if result.error_code == ErrorCode::DuplicateSequenceNumber.code() {
        return Ok(None);
    }
    ClientError::check(result.error_code, result.error_message.as_deref())?;
    Ok(Offset::from_wire(result.base_offset))
}

#[allow(clippy::disallowed_methods, reason = "a client stamps records and bounds its own waits")]
pub(crate) fn wall_time() -> Timestamp {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}

fn deadline(patience: Duration) -> Instant {
    Instant::now() + patience
}

fn has_passed(deadline: Instant) -> bool {
    Instant::now() >= deadline
}
