//! Writing a batch.

use alloc::vec::Vec;

use broker_types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use bytes::Bytes;

use crate::record::write_nullable;
use crate::{
    Attributes, BatchHeader, Codec, Compress, CompressError, HEADER_BYTES, HeaderView, LENGTH_PREFIX_BYTES,
    MAGIC, TimestampType, patch, varint,
};

/// A record to append. `Default` is null key, null value, no headers, no timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct NewRecord<'a> {
    /// `None`: the format's -1.
    pub timestamp: Option<Timestamp>,
    /// `None`: null.
    pub key: Option<&'a [u8]>,
    /// `None`: null.
    pub value: Option<&'a [u8]>,
    /// In order, duplicates allowed.
    pub headers: &'a [HeaderView<'a>],
}

/// A record that does not fit a batch; the builder is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The batch would pass 2 GiB, which its length field cannot say.
    #[error("the batch would be larger than its length field can say")]
    TooLarge,
    /// The batch holds as many records as its count field can say.
    #[error("the batch would hold more records than its count field can say")]
    TooMany,
    /// An offset that is not after the last one appended, or too far from the first.
    #[error("the offset {offset} does not follow the last one or lies too far from the first")]
    Offset {
        /// The offset that was asked for.
        offset: Offset,
    },
}

/// Builds one batch, record by record.
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    base_offset: Offset,
    leader_epoch: i32,
    attributes: Attributes,
    producer: Option<(ProducerId, ProducerEpoch, i32)>,
    base_timestamp: i64,
    max_timestamp: i64,
    append_time: Option<Timestamp>,
    last_offset_delta: i32,
    count: i32,
    /// Room for the header, then the records.
    bytes: Vec<u8>,
}

impl BatchBuilder {
    /// An empty batch whose first record will have `base_offset`. Producers send 0.
    #[must_use]
    pub fn new(base_offset: Offset) -> Self {
        Self::reusing(base_offset, Vec::new())
    }

    /// The same with the memory of an earlier buffer.
    #[must_use]
    pub fn reusing(base_offset: Offset, mut buffer: Vec<u8>) -> Self {
        buffer.clear();
        buffer.resize(HEADER_BYTES, 0);
        Self {
            base_offset,
            leader_epoch: -1,
            attributes: Attributes::NONE,
            producer: None,
            base_timestamp: -1,
            max_timestamp: -1,
            append_time: None,
            last_offset_delta: 0,
            count: 0,
            bytes: buffer,
        }
    }

    /// Sets the attributes; the codec among them counts in [`BatchBuilder::build_compressed`] only.
    #[must_use]
    pub fn attributes(mut self, attributes: Attributes) -> Self {
        self.attributes = attributes;
        self
    }

    /// Sets the leader epoch; without it, -1 as producers send.
    #[must_use]
    pub fn leader_epoch(mut self, epoch: LeaderEpoch) -> Self {
        self.leader_epoch = epoch.get();
        self
    }

    /// Names the idempotent producer and the sequence of the first record.
    #[must_use]
    pub fn producer(mut self, id: ProducerId, epoch: ProducerEpoch, base_sequence: Sequence) -> Self {
        self.producer = Some((id, epoch, base_sequence.get()));
        self
    }

    /// Names the producer of a transaction marker, which has no sequence.
    #[must_use]
    pub fn marker_producer(mut self, id: ProducerId, epoch: ProducerEpoch) -> Self {
        self.producer = Some((id, epoch, -1));
        self
    }

    /// Stamps the batch with the leader's time (LogAppendTime).
    #[must_use]
    pub fn log_append_time(mut self, now: Timestamp) -> Self {
        self.append_time = Some(now);
        self
    }

    /// Appends a record at the next offset.
    ///
    /// # Errors
    /// When the batch is full; it is then unchanged.
    pub fn append(&mut self, record: &NewRecord<'_>) -> Result<Offset, BuildError> {
        let delta = if self.count == 0 {
            0
        } else {
            self.last_offset_delta.checked_add(1).ok_or(BuildError::TooMany)?
        };
        self.push(delta, record)?;
        Ok(self.base_offset.plus(i64::from(delta)))
    }

    /// Appends a record at an offset of its own, after the last one: batches with gaps, as compaction leaves them.
    ///
    /// # Errors
    /// When the offset is not after the last one, or the batch is full; it is then unchanged.
    pub fn append_at(&mut self, offset: Offset, record: &NewRecord<'_>) -> Result<(), BuildError> {
        let distance = offset.get().checked_sub(self.base_offset.get());
        let delta = distance.and_then(|distance| i32::try_from(distance).ok());
        match delta {
            Some(delta) if delta >= 0 && (self.count == 0 || delta > self.last_offset_delta) => {
                self.push(delta, record)
            }
            _ => Err(BuildError::Offset { offset }),
        }
    }

    fn push(&mut self, offset_delta: i32, record: &NewRecord<'_>) -> Result<(), BuildError> {
        let timestamp = record.timestamp.map_or(-1, Timestamp::as_millis);
        let base_timestamp = if self.count == 0 { timestamp } else { self.base_timestamp };
        let count = self.count.checked_add(1).ok_or(BuildError::TooMany)?;
        let timestamp_delta = timestamp.wrapping_sub(base_timestamp);
        let body = body_size(offset_delta, timestamp_delta, record).ok_or(BuildError::TooLarge)?;
        let total = usize::try_from(body).ok().and_then(|size| self.bytes.len().checked_add(size + 5));
        if total.and_then(|total| i32::try_from(total).ok()).is_none() {
            return Err(BuildError::TooLarge);
        }
        let out = &mut self.bytes;
        varint::write_i32(body, out);
        out.push(0);
        varint::write_i64(timestamp_delta, out);
        varint::write_i32(offset_delta, out);
        write_nullable(record.key, out);
        write_nullable(record.value, out);
        varint::write_i32(i32::try_from(record.headers.len()).unwrap_or(i32::MAX), out);
        for header in record.headers {
            write_nullable(Some(header.key), out);
            write_nullable(header.value, out);
        }
        self.base_timestamp = base_timestamp;
        self.max_timestamp = self.max_timestamp.max(timestamp);
        self.last_offset_delta = offset_delta;
        self.count = count;
        Ok(())
    }

    /// Whether no record was appended.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many records were appended.
    #[must_use]
    pub const fn record_count(&self) -> i32 {
        self.count
    }

    /// The size of the batch so far, not compressed.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The offset that the next record would have.
    #[must_use]
    pub fn next_offset(&self) -> Offset {
        if self.count == 0 {
            self.base_offset
        } else {
            self.base_offset.plus(i64::from(self.last_offset_delta)).next()
        }
    }

    /// The batch, not compressed. Without records: a valid batch of count 0 that covers its base offset.
    #[must_use]
    pub fn build(self) -> Bytes {
        let attributes = self.attributes.with_codec(Codec::None);
        self.finish(attributes, None)
    }

    /// The batch, compressed by the codec in its attributes.
    ///
    /// # Errors
    /// As the codec.
    pub fn build_compressed(
        mut self,
        compress: &dyn Compress,
        level: Option<i32>,
    ) -> Result<Bytes, CompressError> {
        let codec = self.attributes.codec().unwrap_or_default();
        if codec == Codec::None {
            return Ok(self.build());
        }
        let plain = core::mem::take(&mut self.bytes);
        let mut out = Vec::with_capacity(HEADER_BYTES + plain.len() / 2);
        out.resize(HEADER_BYTES, 0);
        compress.compress(codec, level, plain.get(HEADER_BYTES..).unwrap_or_default(), &mut out)?;
        let attributes = self.attributes.with_codec(codec);
        Ok(self.finish(attributes, Some(out)))
    }

    fn finish(self, attributes: Attributes, compressed: Option<Vec<u8>>) -> Bytes {
        let mut bytes = compressed.unwrap_or(self.bytes);
        let (producer_id, producer_epoch, base_sequence) =
            self.producer.map_or((-1, -1, -1), |(id, epoch, sequence)| (id.get(), epoch.get(), sequence));
        let (attributes, max_timestamp) = match self.append_time {
            Some(now) => (attributes.with_timestamp_type(TimestampType::LogAppend), now.as_millis()),
            None => (attributes, self.max_timestamp),
        };
        let header = BatchHeader {
            base_offset: self.base_offset.get(),
            length: 0,
            leader_epoch: self.leader_epoch,
            magic: MAGIC,
            crc: 0,
            attributes,
            last_offset_delta: self.last_offset_delta,
            base_timestamp: self.base_timestamp,
            max_timestamp,
            producer_id,
            producer_epoch,
            base_sequence,
            record_count: self.count,
        };
        write_header(header, &mut bytes);
        Bytes::from(bytes)
    }
}

/// Puts `header`, with the length and checksum that follow from `bytes`, before the payload in `bytes`, whose
/// first 61 bytes are room for it.
pub(crate) fn write_header(header: BatchHeader, bytes: &mut [u8]) {
    let length = bytes.len().saturating_sub(LENGTH_PREFIX_BYTES);
    let header = BatchHeader { length: i32::try_from(length).unwrap_or(i32::MAX), ..header };
    if let Some(room) = bytes.first_chunk_mut::<HEADER_BYTES>() {
        *room = header.encode();
    }
    let sealed = patch::seal(bytes);
    debug_assert!(sealed.is_ok(), "the room for the header was made by the caller");
}

/// The size of a record after its size field; `None` past `i32`.
fn body_size(offset_delta: i32, timestamp_delta: i64, record: &NewRecord<'_>) -> Option<i32> {
    let mut size = 1 + varint::size_i64(timestamp_delta) + varint::size_i32(offset_delta);
    size = size.checked_add(nullable_size(record.key)?)?.checked_add(nullable_size(record.value)?)?;
    size = size.checked_add(varint::size_i32(i32::try_from(record.headers.len()).ok()?))?;
    for header in record.headers {
        size =
            size.checked_add(nullable_size(Some(header.key))?)?.checked_add(nullable_size(header.value)?)?;
    }
    i32::try_from(size).ok()
}

fn nullable_size(bytes: Option<&[u8]>) -> Option<usize> {
    match bytes {
        None => Some(1),
        Some(bytes) => varint::size_i32(i32::try_from(bytes.len()).ok()?).checked_add(bytes.len()),
    }
}
