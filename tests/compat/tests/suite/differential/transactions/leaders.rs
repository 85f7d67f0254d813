//! Produce, WriteTxnMarkers, Fetch, ListOffsets, DescribeProducers: transactions where they write.

use anyhow::Result;
use tests_compat::{Body, request};

use super::super::{Pair, batch::Batch};
use super::{
    ADD_PARTITIONS, DESCRIBE_PRODUCERS, END_TXN, Producer, WRITE_MARKERS, add, at_every_level, end,
    with_kip_890,
};

const PRODUCE: i16 = 0;
const FETCH: i16 = 1;
const LIST_OFFSETS: i16 = 2;
const DIFF: &[(&str, &[i32])] = &[("diff", &[0])];

/// A Produce request of one batch, with the transactional id given.
fn produce(version: i16, id: Option<&str>, batch: &Batch, partition: i32) -> Vec<u8> {
    let flexible = version >= 9;
    let body = Body::new(flexible).text(id).int16(-1).int32(5000).array(Some(1)).text(Some("diff"));
    let body = body.array(Some(1)).int32(partition).blob(&batch.bytes()).end().end().end();
    request(PRODUCE, version, 77, if flexible { 2 } else { 1 }, &body.bytes())
}

/// The length of an answer up to the log's start offset: what follows are each broker's own words.
fn end_of_offsets(version: i16) -> usize {
    let before = if version >= 9 { 4 + 1 + 1 + 1 + 4 + 1 } else { 4 + 4 + 2 + 4 + 4 };
    before + 4 + 2 + 8 + 8 + if version >= 5 { 8 } else { 0 }
}

fn batch(producer: Producer, sequence: i32) -> Batch {
    Batch::new(2).sent_by((producer.id, producer.epoch, sequence)).in_transaction()
}

impl Pair {
    fn compare_produced(&mut self, name: &str, version: i16, id: Option<&str>, batch: &Batch) -> Result<()> {
        let frame = produce(version, id, batch, 0);
        self.compare_first(&format!("{name} v{version}"), &frame, end_of_offsets(version))?;
        Ok(())
    }
}

#[test]
fn batches_of_transactions() -> Result<()> {
    with_kip_890(batches)
}

fn batches(mut pair: Pair) -> Result<()> {
    let own = pair.producer("own")?;
    for name in ["nobody", "today"] {
        pair.settled(own.named(name))?;
    }
    for version in 3..=12 {
        pair.compare_produced("without a transactional id", version, None, &batch(own, 0))?;
        pair.compare_produced("of nobody", version, Some("nobody"), &batch(own, 0))?;
        pair.compare_produced("of an empty id", version, Some(""), &batch(own, 0))?;
        pair.compare_produced("of another producer", version, Some("own"), &batch(own.with_id(999), 0))?;
        pair.compare_produced("of an epoch to come", version, Some("own"), &batch(own.with_epoch(5), 0))?;
    }
    for version in 3..=11 {
        pair.compare_produced("that was not added", version, Some("own"), &batch(own, 0))?;
    }
    let plain = Batch::new(1);
    pair.compare_produced("a plain batch with a transactional id", 9, Some("own"), &plain)?;
    pair.ask_in("add", &ADD_PARTITIONS, 3, |version, body| add(version, body, own, false, DIFF))?;
    pair.compare_produced("the first, not from 0", 9, Some("own"), &batch(own, 4))?;
    for (at, version) in (0..).zip(3..=12) {
        pair.compare_produced("in a transaction", version, Some("own"), &batch(own, at * 2))?;
    }
    pair.compare_produced("again", 12, Some("own"), &batch(own, 18))?;
    pair.compare_produced("a gap", 12, Some("own"), &batch(own, 90))?;
    let outside = Batch::new(1).sent_by((own.id, own.epoch, 20));
    pair.compare_produced("not in it, in the midst", 9, Some("own"), &outside)?;
    pair.ask_in("commit", &END_TXN, 4, |_, body| end(body, own, true))?;
    pair.settled(own)?;
    for version in [3, 10, 11] {
        pair.compare_produced("after its end", version, Some("own"), &batch(own, 20))?;
    }
    // A leader takes its partition in.
    let today = pair.producer("today")?;
    pair.compare_produced("of today", 12, Some("today"), &batch(today, 0))?;
    pair.compare_produced("of today again", 12, Some("today"), &batch(today, 0))?;
    pair.ask_in("is it in", &ADD_PARTITIONS, 4, |version, body| add(version, body, today, true, DIFF))?;
    pair.ask_in("abort", &END_TXN, 5, |_, body| end(body, today, false))?;
    pair.settled(today)?;
    pair.compare_produced("of today too late", 12, Some("today"), &batch(today, 2))?;
    let next = today.with_epoch(today.epoch + 1);
    pair.compare_produced("the next of today, not from 0", 12, Some("today"), &batch(next, 2))?;
    pair.compare_produced("the next of today", 12, Some("today"), &batch(next, 0))?;
    pair.ask_in("the next of today ends", &END_TXN, 5, |_, body| end(body, next, true))?;
    pair.settled(next)?;
    readers(&mut pair, "in the end")?;
    pair.finish();
    Ok(())
}

/// What readers of both kinds see, and up to where.
fn readers(pair: &mut Pair, when: &str) -> Result<()> {
    for isolation in [0, 1] {
        for version in 4..=12 {
            let flexible = version >= 12;
            let body = Body::new(flexible).int32(-1).int32(0).int32(1).int32(1 << 20).int8(isolation);
            let body = if version >= 7 { body.int32(0).int32(-1) } else { body };
            let body = body.array(Some(1)).text(Some("diff")).array(Some(1)).int32(0);
            let body = if version >= 9 { body.int32(-1) } else { body };
            let body = body.int64(0);
            let body = if version >= 12 { body.int32(-1) } else { body };
            let body = if version >= 5 { body.int64(-1) } else { body };
            let body = body.int32(1 << 20).end().end();
            let body = if version >= 7 { body.array(Some(0)) } else { body };
            let body = if version >= 11 { body.text(Some("")) } else { body };
            let frame = request(FETCH, version, 77, if flexible { 2 } else { 1 }, &body.end().bytes());
            // Up to the records: markers have each broker's own time.
            // From version 7 on with an error and a session; compact forms take as much less.
            let before = if (7..=11).contains(&version) { 28 } else { 22 };
            let offsets = 4 + 2 + 8 + 8 + if version >= 5 { 8 } else { 0 };
            let name = format!("{when}: fetch of isolation {isolation} v{version}");
            pair.compare_first(&name, &frame, before + offsets + 4 + if isolation == 1 { 16 } else { 0 })?;
        }
        for timestamp in [-1, -2] {
            let name = format!("{when}: offset at {timestamp} of isolation {isolation}");
            pair.compare_versions(&name, LIST_OFFSETS, 2..=10, 6, |version, body| {
                let body = body.int32(-1).int8(isolation).array(Some(1)).text(Some("diff"));
                let body = body.array(Some(1)).int32(0);
                let body = if version >= 4 { body.int32(-1) } else { body };
                let body = body.int64(timestamp).end().end();
                if version >= 10 { body.int32(1000).end() } else { body.end() }
            })?;
        }
    }
    Ok(())
}

/// One marker.
fn marker(
    version: i16,
    body: Body,
    producer: Producer,
    commits: bool,
    topics: &[(&str, &[i32])],
    epoch: i32,
) -> Body {
    let body = body.array(Some(1)).int64(producer.id).int16(producer.epoch).int8(i8::from(commits));
    let mut body = body.array(Some(topics.len()));
    for (topic, partitions) in topics {
        body = body.text(Some(topic)).array(Some(partitions.len()));
        body = partitions.iter().fold(body, |body, partition| body.int32(*partition)).end();
    }
    let body = body.int32(epoch);
    if version >= 2 { body.int8(0).end().end() } else { body.end().end() }
}

#[test]
fn ends_are_written_by_whoever_may() -> Result<()> {
    at_every_level(markers)
}

fn markers(mut pair: Pair) -> Result<()> {
    pair.producer("own")?;
    let own = pair.producer("own")?;
    pair.ask("no markers", &WRITE_MARKERS, |_, body| body.array(Some(0)).end())?;
    for (name, topics) in [
        ("an unknown topic", &[("missing", &[0][..])][..]),
        ("an unknown partition", &[("diff", &[77])]),
        ("a partition that knows nothing of it", &[("diff", &[1])]),
    ] {
        pair.ask(name, &WRITE_MARKERS, |version, body| marker(version, body, own, true, topics, 0))?;
    }
    pair.ask_in("add", &ADD_PARTITIONS, 3, |version, body| add(version, body, own, false, DIFF))?;
    pair.compare_produced("in a transaction", 9, Some("own"), &batch(own, 0))?;
    readers(&mut pair, "open")?;
    pair.ask("producers", &DESCRIBE_PRODUCERS, |_, body| {
        let body = body.array(Some(3)).text(Some("diff")).array(Some(2)).int32(0).int32(77).end();
        let body = body.text(Some("missing")).array(Some(1)).int32(0).end();
        body.text(Some("not a topic")).array(Some(1)).int32(0).end().end()
    })?;
    for (name, producer, epoch) in [
        ("an epoch of before", own.with_epoch(0), 0),
        ("nothing is wrong", own, 5),
        ("again", own, 5),
        ("a coordinator of before", own, 4),
        ("a later epoch", own.with_epoch(3), 5),
        ("the epoch before that", own, 5),
    ] {
        pair.ask(name, &WRITE_MARKERS, |version, body| marker(version, body, producer, false, DIFF, epoch))?;
    }
    readers(&mut pair, "ended")?;
    pair.finish();
    Ok(())
}
