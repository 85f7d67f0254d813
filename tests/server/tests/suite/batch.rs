//! Produce and Fetch requests by hand, for what no client sends at the moment that a test wants.

use anyhow::{Context, Result};
use tests_compat::{Body, Connection, request};

const PRODUCE: i16 = 0;
const FETCH: i16 = 1;
/// Where a batch's checksum begins to count.
const CHECKED_AT: usize = 21;
const CHECKSUM_AT: usize = 17;

/// One batch with one record, as it is on disk.
pub(crate) fn batch(value: &[u8]) -> Vec<u8> {
    let mut record = vec![0];
    varint(&mut record, 0);
    varint(&mut record, 0);
    varint(&mut record, -1);
    varint(&mut record, i64::try_from(value.len()).unwrap_or(0));
    record.extend(value);
    varint(&mut record, 0);
    let mut body = Vec::new();
    // Attributes, last offset delta, both timestamps, producer id, epoch, sequence, count.
    let header = Body::new(false).int16(0).int32(0).int64(1).int64(1).int64(-1).int16(-1).int32(-1).int32(1);
    body.extend(header.bytes());
    varint(&mut body, i64::try_from(record.len()).unwrap_or(0));
    body.extend(record);
    let length = i32::try_from(CHECKED_AT - 12 + body.len()).unwrap_or(0);
    let front =
        Body::new(false).int64(0).int32(length).int32(-1).int8(2).raw(&crc32c::crc32c(&body).to_be_bytes());
    debug_assert_eq!(CHECKSUM_AT + 4, CHECKED_AT);
    front.raw(&body).bytes()
}

fn varint(to: &mut Vec<u8>, number: i64) {
    let mut left = ((number << 1) ^ (number >> 63)).cast_unsigned();
    while left >= 0x80 {
        to.push(u8::try_from(left & 0x7f).unwrap_or(0) | 0x80);
        left >>= 7;
    }
    to.push(u8::try_from(left).unwrap_or(0));
}

/// A Produce request (version 3) that wants the answer of all replicas.
pub(crate) fn produce(topic: &str, partition: i32, value: &[u8]) -> Vec<u8> {
    let body = Body::new(false).text(None).int16(-1).int32(30_000).array(Some(1)).text(Some(topic));
    let body = body.array(Some(1)).int32(partition).blob(&batch(value));
    request(PRODUCE, 3, 1, 1, &body.bytes())
}

/// Receives the answer of [`produce`]: error code and offset.
pub(crate) fn produced(connection: &mut Connection, topic: &str) -> Result<(i16, i64)> {
    let answer = connection.receive()?.context("the connection was closed")?;
    // Correlation id, number of topics, the topic's name, number of partitions, the partition.
    let at = 4 + 4 + 2 + topic.len() + 4 + 4;
    let code = answer.get(at..at + 2).context("a short answer")?;
    let offset = answer.get(at + 2..at + 10).context("a short answer")?;
    Ok((i16::from_be_bytes(code.try_into()?), i64::from_be_bytes(offset.try_into()?)))
}

/// A Fetch request (version 4) of partition 0 that waits for a byte.
pub(crate) fn fetch(topic: &str, offset: i64, wait_ms: i32) -> Vec<u8> {
    let body = Body::new(false).int32(-1).int32(wait_ms).int32(1).int32(1 << 20).int8(0);
    let body = body.array(Some(1)).text(Some(topic)).array(Some(1)).int32(0).int64(offset).int32(1 << 20);
    request(FETCH, 4, 1, 1, &body.bytes())
}

/// Receives the answer of [`fetch`]: error code, high watermark, bytes of records.
pub(crate) fn fetched(connection: &mut Connection, topic: &str) -> Result<(i16, i64, usize)> {
    let answer = connection.receive()?.context("the connection was closed")?;
    // Correlation id, throttle time, number of topics, the topic's name, number of partitions, the partition.
    let at = 4 + 4 + 4 + 2 + topic.len() + 4 + 4;
    let code = answer.get(at..at + 2).context("a short answer")?;
    let high = answer.get(at + 2..at + 10).context("a short answer")?;
    // Last stable offset, number of aborted transactions; then the length of the records.
    let records = answer.get(at + 22..at + 26).context("a short answer")?;
    let records = usize::try_from(i32::from_be_bytes(records.try_into()?)).unwrap_or(0);
    Ok((i16::from_be_bytes(code.try_into()?), i64::from_be_bytes(high.try_into()?), records))
}
