//! What brokers change in a batch that they pass on.
//!
//! Base offset and leader epoch lie before the checksummed part: patching them is free. Timestamps lie in it.

use broker_types::{LeaderEpoch, Offset};

use crate::header::{ATTRIBUTES_AT, CRC_AT, LENGTH_AT, MAX_TIMESTAMP_AT};
use crate::{BatchError, BatchHeader, HEADER_BYTES, LENGTH_PREFIX_BYTES, TimestampType, crc32c};

/// Base offset, length and leader epoch: the bytes that a leader may change without touching the checksum.
pub const PREFIX_BYTES: usize = 16;

/// The first 16 bytes of a batch as the leader writes them; the batch's own bytes follow from 16 on, so that a
/// vectored write appends a batch without copying it.
#[must_use]
pub fn patched_prefix(base_offset: Offset, length: i32, leader_epoch: LeaderEpoch) -> [u8; PREFIX_BYTES] {
    let [a, b, c, d, e, f, g, h] = base_offset.get().to_be_bytes();
    let [i, j, k, l] = length.to_be_bytes();
    let [m, n, o, p] = leader_epoch.get().to_be_bytes();
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}

/// Sets the offset of the first record.
///
/// # Errors
/// When `batch` is shorter than a header.
pub fn set_base_offset(batch: &mut [u8], base_offset: Offset) -> Result<(), BatchError> {
    put::<0, 8>(batch, base_offset.get().to_be_bytes())
}

/// Sets the leader epoch.
///
/// # Errors
/// When `batch` is shorter than a header.
pub fn set_leader_epoch(batch: &mut [u8], leader_epoch: LeaderEpoch) -> Result<(), BatchError> {
    put::<LENGTH_PREFIX_BYTES, 4>(batch, leader_epoch.get().to_be_bytes())
}

/// Sets the largest timestamp (milliseconds) and whose clock it is of, and the checksum that follows from them.
/// `batch` starts with a whole batch.
///
/// # Errors
/// When `batch` does not start with a whole batch of format v2; it is then unchanged.
pub fn set_max_timestamp_and_type(
    batch: &mut [u8],
    max_timestamp: i64,
    timestamp_type: TimestampType,
) -> Result<(), BatchError> {
    let header = BatchHeader::parse(batch)?;
    let (have, need) = (batch.len(), header.size_bytes());
    let batch = batch.get_mut(..need).ok_or(BatchError::Truncated { have, need })?;
    let attributes = header.attributes.with_timestamp_type(timestamp_type);
    put::<ATTRIBUTES_AT, 2>(batch, attributes.bits().to_be_bytes())?;
    put::<MAX_TIMESTAMP_AT, 8>(batch, max_timestamp.to_be_bytes())?;
    seal(batch)
}

/// Computes and stores the checksum of `batch`, which is exactly one batch.
pub(crate) fn seal(batch: &mut [u8]) -> Result<(), BatchError> {
    let crc = crc32c(batch.get(ATTRIBUTES_AT..).unwrap_or_default());
    put::<CRC_AT, 4>(batch, crc.to_be_bytes())
}

fn put<const AT: usize, const N: usize>(batch: &mut [u8], field: [u8; N]) -> Result<(), BatchError> {
    let have = batch.len();
    let header =
        batch.first_chunk_mut::<HEADER_BYTES>().ok_or(BatchError::Truncated { have, need: HEADER_BYTES })?;
    header[AT..AT + N].copy_from_slice(&field);
    Ok(())
}

const _: () = assert!(LENGTH_AT + 4 == LENGTH_PREFIX_BYTES && LENGTH_PREFIX_BYTES + 4 == PREFIX_BYTES);
