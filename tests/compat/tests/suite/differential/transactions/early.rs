//! Requests of KIP-890 on a cluster whose `transaction.version` is 0, which no client sends. Each is the first of its
//! transactional id: Apache Kafka's is stuck after one that it refuses.

use anyhow::Result;
use tests_compat::Body;

use super::super::batch::Batch;
use super::{ADD_PARTITIONS, END_TXN, OFFSET_COMMIT, Producer, add, end, start};
use crate::differential::api::Api;

const PRODUCE: Api = Api { key: 0, versions: 3..=13, first_flexible: 9 };

fn produce(body: Body, producer: Producer, sequence: i32) -> Body {
    let batch = Batch::new(1).sent_by((producer.id, producer.epoch, sequence)).in_transaction().bytes();
    let body = body.text(Some(producer.name)).int16(-1).int32(5000).array(Some(1)).text(Some("diff"));
    body.array(Some(1)).int32(0).blob(&batch).end().end().end()
}

fn commit_offsets(body: Body, producer: Producer) -> Body {
    let body = body.text(Some(producer.name)).text(Some("g")).int64(producer.id).int16(producer.epoch);
    let body = body.int32(-1).text(Some("")).text(None).array(Some(1)).text(Some("diff"));
    body.array(Some(1)).int32(0).int64(7).int32(-1).text(None).end().end().end()
}

#[test]
fn records_have_no_room_for_what_they_say() -> Result<()> {
    let mut pair = start("transaction.version=0")?;
    pair.coordinated(0, "g")?;
    pair.loaded("g")?;
    let diff: &[(&str, &[i32])] = &[("diff", &[0])];
    for (name, is_open, commits) in [
        ("ends nothing", false, true),
        ("takes nothing back", false, false),
        ("commits", true, true),
        ("aborts", true, false),
    ] {
        let producer = pair.producer(name)?;
        if is_open {
            pair.ask_in(name, &ADD_PARTITIONS, 3, |version, body| add(version, body, producer, false, diff))?;
        }
        pair.ask_in(name, &END_TXN, 5, |_, body| end(body, producer, commits))?;
    }
    let producer = pair.producer("another epoch")?;
    pair.ask_in("another epoch", &END_TXN, 5, |_, body| end(body, producer.with_epoch(7), true))?;
    for (name, version) in [("adds", 4), ("adds, newer", 5)] {
        let producer = pair.producer(name)?;
        pair.ask_in(name, &ADD_PARTITIONS, version, |version, body| {
            add(version, body, producer, false, diff)
        })?;
    }
    let producer = pair.producer("verifies")?;
    pair.ask_in("verifies", &ADD_PARTITIONS, 4, |version, body| add(version, body, producer, true, diff))?;
    let producer = pair.producer("writes")?;
    pair.ask_in("writes", &PRODUCE, 12, |_, body| produce(body, producer, 0))?;
    let producer = pair.producer("commits offsets")?;
    pair.ask_in("commits offsets", &OFFSET_COMMIT, 5, |_, body| commit_offsets(body, producer))?;
    // What is in the transaction already is not written again.
    let producer = pair.producer("writes on")?;
    pair.ask_in("begins", &ADD_PARTITIONS, 3, |version, body| add(version, body, producer, false, diff))?;
    pair.ask_in("writes on", &PRODUCE, 12, |_, body| produce(body, producer, 0))?;
    pair.ask_in("ends as before", &END_TXN, 4, |_, body| end(body, producer, true))?;
    pair.finish();
    Ok(())
}
