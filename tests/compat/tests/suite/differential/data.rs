//! Produce, Fetch, ListOffsets, OffsetForLeaderEpoch, DescribeProducers, InitProducerId.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use tests_compat::{Body, Broker, Connection, Deadline, request};

use super::batch::{self, Batch};
use super::{ID, Pair};

/// Compares what a produce request is answered, without the words of the error: those are each broker's own.
fn compare_produced(
    pair: &mut Pair,
    name: &str,
    topic: &str,
    partition: i32,
    acks: i16,
    records: &[u8],
) -> Result<()> {
    for version in 3..=12 {
        let frame = produce_frame(version, topic, partition, acks, records);
        pair.compare_first(&format!("{name} v{version}"), &frame, end_of_offsets(version, topic))?;
    }
    Ok(())
}

fn produce_frame(version: i16, topic: &str, partition: i32, acks: i16, records: &[u8]) -> Vec<u8> {
    let flexible = version >= 9;
    let body = produce(Body::new(flexible), topic, partition, acks, records);
    request(0, version, 77, if flexible { 2 } else { 1 }, &body.bytes())
}

/// Where the answer's log start offset ends (log append time before version 5), with one topic and one partition.
fn end_of_offsets(version: i16, topic: &str) -> usize {
    let start = error_code(version, topic) + 2 + 8 + 8;
    if version >= 5 { start + 8 } else { start }
}

/// Where the partition's error code begins.
fn error_code(version: i16, topic: &str) -> usize {
    let before = if version >= 9 { 4 + 1 + 1 + 1 } else { 4 + 4 + 2 };
    before + topic.len() + if version >= 9 { 1 } else { 4 } + 4
}

#[test]
fn produce_then_fetch_then_list_offsets() -> Result<()> {
    let mut pair = Pair::start()?;
    for (name, topic, batch) in batch::cases() {
        compare_produced(&mut pair, name, topic, 0, -1, &batch)?;
    }
    for (name, topic, batch) in batch::refused_cases() {
        for version in 3..=12 {
            let at = error_code(version, topic);
            for address in [pair.apache.address(), pair.tested.address()] {
                let mut connection = Connection::open(address, Duration::from_secs(20))?;
                connection.send(&produce_frame(version, topic, 0, -1, &batch))?;
                let answer = connection.receive()?.context("an answer")?;
                assert_ne!(answer[at..at + 2], [0, 0], "{name} v{version} was taken");
            }
        }
    }
    let good = Batch::new(1).bytes();
    compare_produced(&mut pair, "an unknown topic", "missing", 0, -1, &good)?;
    compare_produced(&mut pair, "an unknown partition", "diff", 7, -1, &good)?;
    compare_produced(&mut pair, "acks 2", "diff", 0, 2, &good)?;
    pair.compare_versions("by id", 0, 13..=13, 9, |_, body| {
        let body = body.text(None).int16(-1).int32(5000).array(Some(1)).raw(&ID);
        body.array(Some(1)).int32(0).blob(&good).end().end().end()
    })?;
    for offset in [0, 3, 10_000, -1] {
        let name = format!("fetch at {offset}");
        pair.compare_versions(&name, 1, 4..=18, 12, |version, body| fetch(version, body, "diff", offset))?;
    }
    pair.compare_versions("fetch of nothing", 1, 4..=12, 12, |version, body| {
        fetch(version, body, "missing", 0)
    })?;
    for timestamp in [-1, -2, -3, -4, -5, -6, 0, batch::TIMESTAMP, batch::TIMESTAMP + 1, i64::MAX] {
        let name = format!("offset at {timestamp}");
        for topic in ["diff", "small", "missing"] {
            pair.compare_versions(&name, 2, 1..=11, 6, |version, body| {
                list_offsets(version, body, topic, timestamp)
            })?;
        }
    }
    for epoch in [-1, 0, 1, 5] {
        pair.compare_versions(&format!("end of epoch {epoch}"), 23, 2..=4, 4, |version, body| {
            let body = if version >= 3 { body.int32(-1) } else { body };
            let body = body.array(Some(1)).text(Some("diff")).array(Some(1)).int32(0);
            body.int32(-1).int32(epoch).end().end().end()
        })?;
    }
    pair.finish();
    Ok(())
}

#[test]
fn idempotent_producers() -> Result<()> {
    let mut pair = Pair::start()?;
    // A repeated batch is acknowledged with its first offset; a gap and an old epoch are not taken.
    let steps = [
        ("first", (9, 0, 0)),
        ("again", (9, 0, 0)),
        ("next", (9, 0, 3)),
        ("again the first", (9, 0, 0)),
        ("a gap", (9, 0, 20)),
        ("a later epoch, not from 0", (9, 1, 6)),
        ("a later epoch", (9, 1, 0)),
        ("the old epoch", (9, 0, 6)),
        ("an unknown producer, not from 0", (10, 3, 77)),
        ("that producer's next", (10, 3, 80)),
        ("near the end of the numbers", (11, 0, i32::MAX - 2)),
        ("over the end", (11, 0, 0)),
        ("a producer without epoch", (12, -1, 0)),
    ];
    for (name, producer) in steps {
        let batch = Batch::new(3).sent_by(producer).bytes();
        let frame = produce_frame(9, "diff", 0, -1, &batch);
        pair.compare_first(name, &frame, end_of_offsets(9, "diff"))?;
    }
    for number in 0..8 {
        let batch = Batch::new(3).sent_by((20, 0, number * 3)).bytes();
        pair.compare("in order", &produce_frame(9, "diff", 1, -1, &batch))?;
    }
    for number in 0..8 {
        let batch = Batch::new(3).sent_by((20, 0, number * 3)).bytes();
        let name = format!("batch {number} again, of which five are remembered");
        let frame = produce_frame(9, "diff", 1, -1, &batch);
        pair.compare_first(&name, &frame, end_of_offsets(9, "diff"))?;
    }
    pair.compare_versions("the producers of a partition", 61, 0..=0, 0, |_, body| {
        body.array(Some(1)).text(Some("diff")).array(Some(3)).int32(1).int32(0).int32(7).end().end()
    })?;
    for broker in [&pair.apache, &pair.tested] {
        draw_first_producer_id(broker)?;
    }
    pair.compare_versions("a producer id", 22, 0..=5, 2, |version, body| {
        let body = body.text(None).int32(60_000);
        if version >= 3 { body.int64(-1).int16(-1).end() } else { body.end() }
    })?;
    pair.compare_versions("fetch of all", 1, 12..=12, 12, |version, body| fetch(version, body, "diff", 0))?;
    pair.finish();
    Ok(())
}

/// The first draw may be told to come again while the broker fetches a block of ids.
fn draw_first_producer_id(broker: &Broker) -> Result<()> {
    let deadline = Deadline::after(Duration::from_secs(20));
    let body = Body::new(false).text(None).int32(60_000).bytes();
    while deadline.left().is_some() {
        let mut connection = Connection::open(broker.address(), Duration::from_secs(20))?;
        connection.send(&request(22, 0, 1, 1, &body))?;
        if connection.receive()?.context("an answer")?[8..10] == [0, 0] {
            return Ok(());
        }
    }
    bail!("no producer id")
}

fn produce(body: Body, topic: &str, partition: i32, acks: i16, records: &[u8]) -> Body {
    let body = body.text(None).int16(acks).int32(5000).array(Some(1)).text(Some(topic));
    body.array(Some(1)).int32(partition).blob(records).end().end().end()
}

fn fetch(version: i16, body: Body, topic: &str, offset: i64) -> Body {
    let body = if version >= 15 { body } else { body.int32(-1) };
    let body = body.int32(0).int32(0).int32(50_000_000).int8(0);
    let body = if version >= 7 { body.int32(0).int32(-1) } else { body };
    let body = body.array(Some(1));
    let body = if version >= 13 { body.raw(&ID) } else { body.text(Some(topic)) };
    let body = body.array(Some(1)).int32(0);
    let body = if version >= 9 { body.int32(-1) } else { body };
    let body = body.int64(offset);
    let body = if version >= 12 { body.int32(-1) } else { body };
    let body = if version >= 5 { body.int64(-1) } else { body };
    let body = body.int32(1_000_000).end().end();
    let body = if version >= 7 { body.array(Some(0)) } else { body };
    if version >= 11 { body.text(Some("")).end() } else { body.end() }
}

fn list_offsets(version: i16, body: Body, topic: &str, timestamp: i64) -> Body {
    let body = body.int32(-1);
    let body = if version >= 2 { body.int8(0) } else { body };
    let body = body.array(Some(1)).text(Some(topic)).array(Some(1)).int32(0);
    let body = if version >= 4 { body.int32(-1) } else { body };
    let body = body.int64(timestamp).end().end();
    if version >= 10 { body.int32(1000).end() } else { body.end() }
}
