//! The bytes to append when the producer's own will not do.

use alloc::vec::Vec;

use bytes::Bytes;

use super::{Facts, Rejected, TargetCompression, ValidationRules};
use crate::builder::write_header;
use crate::{
    BatchHeader, BatchView, Codec, Compress, HEADER_BYTES, RecordError, RecordView, Records, varint,
};

/// `None` when the producer's bytes stand as they are.
pub(super) fn rewrite<C: Compress + ?Sized>(
    batch: &BatchView<'_>,
    source: Codec,
    payload: &[u8],
    facts: &Facts,
    rules: &ValidationRules,
    codecs: &C,
) -> Result<Option<Bytes>, Rejected> {
    let (target, level) = match rules.compression {
        TargetCompression::Producer => (source, None),
        TargetCompression::Codec(codec, level) => (codec, level),
    };
    let header = BatchHeader {
        attributes: batch.header.attributes.with_codec(target).with_timestamp_type(rules.timestamp_type),
        max_timestamp: facts.max_timestamp,
        ..batch.header
    };
    let repaired;
    let records = if facts.offsets_are_sequential {
        if target == source {
            return Ok((header != batch.header).then(|| assemble(header, batch.payload())));
        }
        payload
    } else {
        repaired = with_sequential_offsets(payload, header.record_count)?;
        repaired.as_slice()
    };
    if target == Codec::None {
        return Ok(Some(assemble(header, records)));
    }
    let mut bytes = Vec::with_capacity(HEADER_BYTES + records.len() / 2);
    bytes.resize(HEADER_BYTES, 0);
    codecs.compress(target, level, records, &mut bytes)?;
    write_header(header, &mut bytes);
    Ok(Some(Bytes::from(bytes)))
}

fn assemble(header: BatchHeader, payload: &[u8]) -> Bytes {
    let mut bytes = Vec::with_capacity(HEADER_BYTES + payload.len());
    bytes.resize(HEADER_BYTES, 0);
    bytes.extend_from_slice(payload);
    write_header(header, &mut bytes);
    Bytes::from(bytes)
}

/// The same records with offset deltas 0, 1, 2, …
fn with_sequential_offsets(payload: &[u8], count: i32) -> Result<Vec<u8>, Rejected> {
    let mut out = Vec::with_capacity(payload.len());
    let mut body = Vec::new();
    for (record, offset_delta) in Records::new(payload, count).zip(0i32..) {
        let record = RecordView { offset_delta, ..record? };
        body.clear();
        record.write_body(&mut body);
        let size = i32::try_from(body.len()).map_err(|_| RecordError::Truncated)?;
        varint::write_i32(size, &mut out);
        out.extend_from_slice(&body);
    }
    Ok(out)
}
