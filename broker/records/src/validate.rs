//! What a leader demands of the bytes that a client produced to one partition, and what it makes of them.
//!
//! The checks are those of Kafka's leader: exactly one batch; base offset 0; size; checksum; a count that agrees
//! with the offsets; no control records; a sequence when there is a producer; every record parses, and the last
//! one ends with the payload; timestamps within bounds; keys where the topic is compacted.
//! The bytes go to the log as they came. They are rewritten only when the topic stamps its own time, when the
//! header's max timestamp is not that of the records, when the topic wants another codec, or when offset deltas
//! are not 0, 1, 2, … (old clients did that; Kafka repairs it in compressed batches only).
//!
//! A batch that claims to be stamped by a leader is refused where the leader stamps; elsewhere its stamp is the time of its
//! records, as Kafka has it.
//!
//! Offsets and leader epoch are not assigned here: see [`crate::patch::patched_prefix`].
//! An uncompressed batch is checked in one pass without allocation.

mod records;
mod rejected;
mod rewrite;
mod rules;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use broker_types::Timestamp;
use bytes::Bytes;

use crate::{BatchError, BatchHeader, BatchView, Codec, Compress, Decompress, batches};

pub use rejected::{RECORD_ISSUES_MAX, RecordIssue, RecordIssueKind, Rejected, RejectedCode};
pub use rules::{TargetCompression, ValidationRules};

use records::Facts;

/// Memory that validation reuses from batch to batch: the decompressed payload.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    payload: Vec<u8>,
}

impl Scratch {
    /// Empty.
    #[must_use]
    pub const fn new() -> Self {
        Self { payload: Vec::new() }
    }

    /// How much it holds on to.
    #[must_use]
    pub fn capacity_bytes(&self) -> usize {
        self.payload.capacity()
    }

    /// Gives back what is held beyond `bytes`.
    pub fn shrink_to(&mut self, bytes: usize) {
        self.payload.clear();
        self.payload.shrink_to(bytes);
    }
}

/// A batch that may be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validated {
    /// The batch's header, after rewriting if there was any; base offset 0 and no leader epoch yet.
    pub header: BatchHeader,
    /// How many of the input's bytes are the batch; a partial batch after it is to be dropped.
    pub input_bytes: usize,
    /// How many records it holds.
    pub record_count: i32,
    /// The size of the batch's records without compression.
    pub uncompressed_bytes: usize,
    /// The largest timestamp of the records, or the append time. `None`: the producer set none.
    pub max_timestamp: Option<Timestamp>,
    /// Offset of the first record with that timestamp, relative to the batch's first. (A time index points to
    /// the batch's last offset instead, as Kafka's does.)
    pub offset_delta_of_max_timestamp: i32,
    /// The bytes to append instead of the input's, when they had to be rewritten.
    pub replaced: Option<Bytes>,
}

/// Checks `bytes`, the records of one partition in a Produce request.
///
/// # Errors
/// Why the leader must not append them; [`Rejected::code`] is what Kafka answers.
pub fn validate<C: Compress + Decompress + ?Sized>(
    bytes: &[u8],
    rules: &ValidationRules,
    codecs: &C,
    scratch: &mut Scratch,
) -> Result<Validated, Rejected> {
    let batch = only_batch(bytes)?;
    check_envelope(&batch, rules)?;
    let source = check_header(&batch.header, rules)?;
    let payload = if source == Codec::None {
        batch.payload()
    } else {
        scratch.payload.clear();
        codecs.decompress(source, batch.payload(), rules.decompressed_bytes_max, &mut scratch.payload)?;
        scratch.payload.as_slice()
    };
    let facts = records::check(&batch.header, payload, rules)?;
    let replaced = rewrite::rewrite(&batch, source, payload, &facts, rules, codecs)?;
    let header = match &replaced {
        Some(bytes) => BatchHeader::parse(bytes)?,
        None => batch.header,
    };
    if header.size_bytes() > rules.batch_bytes_max {
        return Err(Rejected::TooLarge { size_bytes: header.size_bytes(), max_bytes: rules.batch_bytes_max });
    }
    let Facts { max_timestamp, offset_delta_of_max_timestamp, .. } = facts;
    Ok(Validated {
        header,
        input_bytes: batch.bytes.len(),
        record_count: header.record_count,
        uncompressed_bytes: payload.len(),
        max_timestamp: Timestamp::from_wire(max_timestamp),
        offset_delta_of_max_timestamp,
        replaced,
    })
}

fn only_batch(bytes: &[u8]) -> Result<BatchView<'_>, Rejected> {
    let mut batches = batches(bytes);
    let batch = match batches.next() {
        Some(Ok(batch)) => batch,
        // Formats 0 and 1 are well-formed for Kafka, only not for a produce request of today.
        Some(Err(BatchError::Magic(magic @ (0 | 1)))) => return Err(Rejected::OldFormat(magic)),
        Some(Err(error)) => return Err(Rejected::Batch(error)),
        None => return Err(Rejected::NoBatch),
    };
    match batches.next() {
        None => Ok(batch),
        Some(Ok(_)) => Err(Rejected::MoreThanOneBatch),
        Some(Err(error)) => Err(Rejected::Batch(error)),
    }
}

/// Kafka's order: base offset, size, checksum, then the rest.
fn check_envelope(batch: &BatchView<'_>, rules: &ValidationRules) -> Result<(), Rejected> {
    let header = &batch.header;
    if header.base_offset != 0 {
        return Err(Rejected::BaseOffset(header.base_offset));
    }
    if batch.bytes.len() > rules.batch_bytes_max {
        return Err(Rejected::TooLarge { size_bytes: batch.bytes.len(), max_bytes: rules.batch_bytes_max });
    }
    let computed = batch.computed_crc();
    if computed != header.crc {
        return Err(Rejected::Crc { stored: header.crc, computed });
    }
    Ok(())
}

fn check_header(header: &BatchHeader, rules: &ValidationRules) -> Result<Codec, Rejected> {
    let source = match header.attributes.codec() {
        None => return Err(Rejected::UnknownCodec(header.attributes.codec_id())),
        Some(Codec::Zstd) if !rules.zstd_allowed => return Err(Rejected::ZstdNotAllowed),
        Some(codec) => codec,
    };
    let last_offset_delta = header.last_offset_delta;
    if last_offset_delta < 0 {
        return Err(Rejected::OffsetRange { last_offset_delta });
    }
    let record_count = header.record_count;
    if record_count <= 0 {
        return Err(Rejected::Count { record_count });
    }
    if i64::from(last_offset_delta) + 1 != i64::from(record_count) {
        return Err(Rejected::CountMismatch { last_offset_delta, record_count });
    }
    if header.attributes.is_control() {
        return Err(Rejected::Control);
    }
    if header.producer_id >= 0 && header.base_sequence < 0 {
        return Err(Rejected::Sequence {
            producer_id: header.producer_id,
            base_sequence: header.base_sequence,
        });
    }
    Ok(source)
}
