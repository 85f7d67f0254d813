//! The few requests of the generator, in versions that both brokers and the last years' clients speak.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests_compat::{Body, Connection, request, wall_ms};

use crate::reader::Reader;

const PRODUCE: (i16, i16) = (0, 9);
const FETCH: (i16, i16) = (1, 12);
const LIST_OFFSETS: (i16, i16) = (2, 6);

/// Waits end after this; a broker that recovers may take long.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// A batch of records of `value_bytes` each, together about `batch_bytes` long, and the number of records.
pub(crate) fn batch(value_bytes: usize, batch_bytes: usize) -> (Vec<u8>, usize) {
    let mut records = Vec::new();
    let mut count = 0_usize;
    while count == 0 || records.len() + value_bytes <= batch_bytes {
        let mut record = vec![0];
        put_varint(&mut record, 0);
        put_varint(&mut record, count);
        record.push(1);
        put_varint(&mut record, value_bytes);
        record.extend((0..value_bytes).map(|at| u8::try_from((at * 31 + count * 7) % 251).unwrap_or(0)));
        record.push(0);
        put_varint(&mut records, record.len());
        records.extend(record);
        count += 1;
    }
    let number = i32::try_from(count).unwrap_or(i32::MAX);
    let now = wall_ms();
    let tail =
        Body::new(false).int16(0).int32(number - 1).int64(now).int64(now).int64(-1).int16(-1).int32(-1);
    let tail = tail.int32(number).raw(&records).bytes();
    let length = i32::try_from(tail.len() + 9).unwrap_or(i32::MAX);
    let head =
        Body::new(false).int64(0).int32(length).int32(-1).int8(2).raw(&crc32c::crc32c(&tail).to_be_bytes());
    (head.raw(&tail).bytes(), count)
}

/// A zigzag varint of a number that is not negative.
fn put_varint(to: &mut Vec<u8>, number: usize) {
    let mut left = number << 1;
    while left >= 0x80 {
        to.push(u8::try_from(left & 0x7f).unwrap_or(0) | 0x80);
        left >>= 7;
    }
    to.push(u8::try_from(left).unwrap_or(0));
}

/// A whole produce request, acks=all, with the same batch for each of `partitions`.
pub(crate) fn produce(topic: &str, partitions: impl ExactSizeIterator<Item = i32>, batch: &[u8]) -> Vec<u8> {
    let mut body = Body::new(true).text(None).int16(-1).int32(30_000).array(Some(1)).text(Some(topic));
    body = body.array(Some(partitions.len()));
    for partition in partitions {
        body = body.int32(partition).blob(batch).end();
    }
    request(PRODUCE.0, PRODUCE.1, 1, 2, &body.end().end().bytes())
}

/// Fails when a produce answer says that a partition did not take its batch.
pub(crate) fn check_produced(answer: &[u8], partitions: usize) -> Result<()> {
    let mut reader = Reader::of(answer)?;
    reader.length()?;
    reader.skip_text()?;
    ensure!(reader.length()? == partitions, "an answer for other partitions");
    for _ in 0..partitions {
        let partition = reader.int32()?;
        let error = reader.int16()?;
        ensure!(error == 0, "producing to partition {partition}: error {error}");
        reader.skip(24)?;
        ensure!(reader.length()? == 0, "errors of records");
        reader.skip_text()?;
        reader.skip(1)?;
    }
    Ok(())
}

/// A whole fetch request for (partition, offset) pairs, as Java's consumer asks by default.
pub(crate) fn fetch(topic: &str, positions: &[(i32, i64)]) -> Vec<u8> {
    let body = Body::new(true).int32(-1).int32(500).int32(1).int32(52_428_800).int8(0).int32(0).int32(-1);
    let mut body = body.array(Some(1)).text(Some(topic)).array(Some(positions.len()));
    for (partition, offset) in positions {
        body = body.int32(*partition).int32(-1).int64(*offset).int32(-1).int64(-1).int32(1_048_576).end();
    }
    request(FETCH.0, FETCH.1, 1, 2, &body.end().array(Some(0)).text(Some("")).end().bytes())
}

/// Reads a fetch answer, moves `positions` past what it brought, and gives the bytes of records.
pub(crate) fn take_fetched(answer: &[u8], positions: &mut [(i32, i64)]) -> Result<u64> {
    let mut reader = Reader::of(answer)?;
    reader.skip(4)?;
    let error = reader.int16()?;
    ensure!(error == 0, "fetching: error {error}");
    reader.skip(4)?;
    let mut total = 0;
    for _ in 0..reader.length()? {
        reader.skip_text()?;
        for _ in 0..reader.length()? {
            let partition = reader.int32()?;
            let error = reader.int16()?;
            ensure!(error == 0, "fetching partition {partition}: error {error}");
            reader.skip(24)?;
            for _ in 0..reader.length()? {
                reader.skip(17)?;
            }
            reader.skip(4)?;
            let records = reader.blob()?;
            let position = positions.iter_mut().find(|(asked, _)| *asked == partition);
            total += skip_batches(records, &mut position.context("a partition not asked for")?.1)?;
            reader.skip_tags()?;
        }
        reader.skip_tags()?;
    }
    Ok(total)
}

/// Moves `offset` past every whole batch of `records` and gives their bytes.
fn skip_batches(records: &[u8], offset: &mut i64) -> Result<u64> {
    let mut rest = records;
    let mut total = 0;
    while rest.len() >= 61 {
        let base = i64::from_be_bytes(rest[..8].try_into()?);
        let length = 12 + usize::try_from(i32::from_be_bytes(rest[8..12].try_into()?))?;
        if rest.len() < length {
            break;
        }
        *offset = base + i64::from(i32::from_be_bytes(rest[23..27].try_into()?)) + 1;
        total += u64::try_from(length)?;
        rest = &rest[length..];
    }
    Ok(total)
}

/// Whether these partitions of every topic tell their end: this broker leads them, and their logs are open.
pub(crate) fn all_serve(address: SocketAddr, topics: &[String], partitions: &[i32]) -> Result<bool> {
    let mut body = Body::new(true).int32(-1).int8(0).array(Some(topics.len()));
    for topic in topics {
        body = body.text(Some(topic)).array(Some(partitions.len()));
        for partition in partitions {
            body = body.int32(*partition).int32(-1).int64(-1).end();
        }
        body = body.end();
    }
    let mut connection = Connection::open(address, LIMIT)?;
    connection.send(&request(LIST_OFFSETS.0, LIST_OFFSETS.1, 1, 2, &body.end().bytes()))?;
    let answer = connection.receive()?.context("the connection was closed")?;
    let mut reader = Reader::of(&answer)?;
    reader.skip(4)?;
    for _ in 0..reader.length()? {
        reader.skip_text()?;
        for _ in 0..reader.length()? {
            reader.skip(4)?;
            if reader.int16()? != 0 {
                return Ok(false);
            }
            reader.skip(20)?;
            reader.skip_tags()?;
        }
        reader.skip_tags()?;
    }
    Ok(true)
}
