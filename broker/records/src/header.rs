//! The 61-byte header of a batch.
//!
//! ```text
//! 0 base offset i64 | 8 length i32 (bytes after this field) | 12 leader epoch i32 | 16 magic i8 = 2
//! 17 crc u32 (CRC-32C of everything from 21 on) | 21 attributes i16 | 23 last offset delta i32
//! 27 base timestamp i64 | 35 max timestamp i64 | 43 producer id i64 | 51 producer epoch i16
//! 53 base sequence i32 | 57 record count i32 | 61 payload
//! ```
//! The checksum starts after the fields that brokers change, so that patching offset and epoch costs nothing.

use broker_types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::Attributes;

/// The size of a batch without its payload.
pub const HEADER_BYTES: usize = 61;
/// Base offset and length: what precedes the bytes that `length` counts.
pub const LENGTH_PREFIX_BYTES: usize = 12;
/// The format's version byte.
pub const MAGIC: i8 = 2;

/// The smallest legal `length`: a header without payload.
pub(crate) const LENGTH_MIN: i32 = 49;
pub(crate) const LENGTH_AT: usize = 8;
pub(crate) const MAGIC_AT: usize = 16;
pub(crate) const CRC_AT: usize = 17;
pub(crate) const ATTRIBUTES_AT: usize = 21;
pub(crate) const MAX_TIMESTAMP_AT: usize = 35;

/// Bytes that are not a batch of format v2. Kafka's clients and logs know these as CORRUPT_MESSAGE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The bytes end before the batch does.
    #[error("the batch needs {need} bytes and {have} are there")]
    Truncated {
        /// How many bytes there are.
        have: usize,
        /// How many the batch (or its header) needs.
        need: usize,
    },
    /// The length field is smaller than a header.
    #[error("the batch's length {0} is smaller than the smallest of {LENGTH_MIN}")]
    Length(i32),
    /// Not format v2.
    #[error("the batch's magic byte is {0}, not {MAGIC}")]
    Magic(i8),
}

/// A decoded header. Raw numbers as they stand in the bytes; the accessors speak the types of the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record.
    pub base_offset: i64,
    /// Bytes after the length field.
    pub length: i32,
    /// Epoch of the leader that appended it; -1 from producers.
    pub leader_epoch: i32,
    /// The format's version: always 2 after [`BatchHeader::parse`].
    pub magic: i8,
    /// CRC-32C from the attributes to the end.
    pub crc: u32,
    /// Codec and flags.
    pub attributes: Attributes,
    /// Offset of the last record, relative to the first; kept by compaction when that record goes.
    pub last_offset_delta: i32,
    /// Milliseconds; what the records' deltas refer to, or the delete horizon. -1: none.
    pub base_timestamp: i64,
    /// Milliseconds; the largest of the records, or the append time. -1: none.
    pub max_timestamp: i64,
    /// -1: not idempotent.
    pub producer_id: i64,
    /// -1: not idempotent.
    pub producer_epoch: i16,
    /// Sequence of the first record; -1: none.
    pub base_sequence: i32,
    /// How many records the payload holds.
    pub record_count: i32,
}

/// `N` bytes of a header from `AT` on.
fn field<const AT: usize, const N: usize>(header: &[u8; HEADER_BYTES]) -> [u8; N] {
    core::array::from_fn(|i| header[AT + i])
}

impl BatchHeader {
    /// Decodes the header at the start of `bytes`; the payload need not be there.
    ///
    /// # Errors
    /// When fewer than 61 bytes are there, when the magic byte is not 2 or when the length cannot hold a header.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        let Some(header) = bytes.first_chunk::<HEADER_BYTES>() else {
            return Err(BatchError::Truncated { have: bytes.len(), need: HEADER_BYTES });
        };
        let magic = i8::from_be_bytes(field::<MAGIC_AT, 1>(header));
        if magic != MAGIC {
            return Err(BatchError::Magic(magic));
        }
        let length = i32::from_be_bytes(field::<LENGTH_AT, 4>(header));
        if length < LENGTH_MIN {
            return Err(BatchError::Length(length));
        }
        Ok(Self {
            base_offset: i64::from_be_bytes(field::<0, 8>(header)),
            length,
            leader_epoch: i32::from_be_bytes(field::<12, 4>(header)),
            magic,
            crc: u32::from_be_bytes(field::<CRC_AT, 4>(header)),
            attributes: Attributes::from_bits(i16::from_be_bytes(field::<ATTRIBUTES_AT, 2>(header))),
            last_offset_delta: i32::from_be_bytes(field::<23, 4>(header)),
            base_timestamp: i64::from_be_bytes(field::<27, 8>(header)),
            max_timestamp: i64::from_be_bytes(field::<MAX_TIMESTAMP_AT, 8>(header)),
            producer_id: i64::from_be_bytes(field::<43, 8>(header)),
            producer_epoch: i16::from_be_bytes(field::<51, 2>(header)),
            base_sequence: i32::from_be_bytes(field::<53, 4>(header)),
            record_count: i32::from_be_bytes(field::<57, 4>(header)),
        })
    }

    /// The bytes of this header, as it stands (checksum included, not recomputed).
    #[must_use]
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut out = [0; HEADER_BYTES];
        let fields: [&[u8]; 13] = [
            &self.base_offset.to_be_bytes(),
            &self.length.to_be_bytes(),
            &self.leader_epoch.to_be_bytes(),
            &self.magic.to_be_bytes(),
            &self.crc.to_be_bytes(),
            &self.attributes.bits().to_be_bytes(),
            &self.last_offset_delta.to_be_bytes(),
            &self.base_timestamp.to_be_bytes(),
            &self.max_timestamp.to_be_bytes(),
            &self.producer_id.to_be_bytes(),
            &self.producer_epoch.to_be_bytes(),
            &self.base_sequence.to_be_bytes(),
            &self.record_count.to_be_bytes(),
        ];
        let mut rest = &mut out[..];
        for field in fields {
            let (head, tail) = rest.split_at_mut(field.len());
            head.copy_from_slice(field);
            rest = tail;
        }
        out
    }

    /// The whole batch: header, payload and the 12 bytes before what `length` counts.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        LENGTH_PREFIX_BYTES.saturating_add(usize::try_from(self.length).unwrap_or(0))
    }

    /// Offset of the first record; a negative one (never in a log) reads as 0.
    #[must_use]
    pub fn first_offset(&self) -> Offset {
        Offset::new(self.base_offset.max(0))
    }

    /// Offset of the last record, whether or not compaction has left it.
    #[must_use]
    pub fn last_offset(&self) -> Offset {
        self.first_offset().plus(i64::from(self.last_offset_delta.max(0)))
    }

    /// The offset after the batch.
    #[must_use]
    pub fn next_offset(&self) -> Offset {
        self.last_offset().next()
    }

    /// The epoch of the leader that appended it; -1 (a producer's batch) reads as epoch -1.
    #[must_use]
    pub const fn epoch(&self) -> LeaderEpoch {
        LeaderEpoch::new(self.leader_epoch)
    }

    /// The idempotent producer of a data batch. `None` without a producer id and for transaction markers,
    /// which carry no sequence: see [`BatchHeader::producer_and_epoch`].
    #[must_use]
    pub fn producer(&self) -> Option<(ProducerId, ProducerEpoch, Sequence)> {
        let (id, epoch) = self.producer_and_epoch()?;
        Some((id, epoch, Sequence::from_wire(self.base_sequence)?))
    }

    /// The producer id and epoch of a data batch or a transaction marker.
    #[must_use]
    pub fn producer_and_epoch(&self) -> Option<(ProducerId, ProducerEpoch)> {
        Some((ProducerId::from_wire(self.producer_id)?, ProducerEpoch::new(self.producer_epoch)))
    }

    /// The sequence of the last record.
    #[must_use]
    pub fn last_sequence(&self) -> Option<Sequence> {
        Some(Sequence::from_wire(self.base_sequence)?.plus(self.last_offset_delta.max(0)))
    }

    /// The largest timestamp; `None` for -1.
    #[must_use]
    pub const fn max_time(&self) -> Option<Timestamp> {
        Timestamp::from_wire(self.max_timestamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> BatchHeader {
        BatchHeader {
            base_offset: 0x0102_0304_0506_0708,
            length: 0x6162_6364,
            leader_epoch: 3,
            magic: MAGIC,
            crc: 0xf1f2_f3f4,
            attributes: Attributes::from_bits(0x1234),
            last_offset_delta: 9,
            base_timestamp: -1,
            max_timestamp: 77,
            producer_id: 5,
            producer_epoch: -2,
            base_sequence: i32::MAX,
            record_count: 10,
        }
    }

    #[test]
    fn a_header_survives_its_bytes() {
        let bytes = sample().encode();
        assert_eq!(BatchHeader::parse(&bytes), Ok(sample()));
        assert_eq!(bytes[..8], [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(bytes[17..21], [0xf1, 0xf2, 0xf3, 0xf4]);
        assert_eq!(bytes[57..], [0, 0, 0, 10]);
    }

    #[test]
    fn anything_shorter_is_truncated_and_nonsense_is_named() {
        let bytes = sample().encode();
        for have in 0..HEADER_BYTES {
            assert_eq!(
                BatchHeader::parse(&bytes[..have]),
                Err(BatchError::Truncated { have, need: HEADER_BYTES })
            );
        }
        let old = BatchHeader { magic: 1, ..sample() };
        assert_eq!(BatchHeader::parse(&old.encode()), Err(BatchError::Magic(1)));
        let short = BatchHeader { length: 48, ..sample() };
        assert_eq!(BatchHeader::parse(&short.encode()), Err(BatchError::Length(48)));
        let negative = BatchHeader { length: -1, ..sample() };
        assert_eq!(BatchHeader::parse(&negative.encode()), Err(BatchError::Length(-1)));
    }

    #[test]
    fn sequences_and_offsets_wrap_and_saturate() {
        assert_eq!(sample().last_sequence(), Some(Sequence::new(8)));
        let end = BatchHeader { base_offset: i64::MAX, ..sample() };
        assert_eq!(end.next_offset(), Offset::MAX);
        let marker = BatchHeader { base_sequence: -1, ..sample() };
        assert_eq!(marker.producer(), None);
        assert_eq!(marker.producer_and_epoch(), Some((ProducerId::new(5), ProducerEpoch::new(-2))));
    }
}
