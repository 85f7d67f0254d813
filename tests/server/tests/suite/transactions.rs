//! Transactions one after the other, as producers of KIP-890 do them: a batch, the end, the next batch at once.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests_compat::{Body, Connection, Deadline, Kind, Spec, pause, request};

use crate::batch::batch;

const PRODUCE: (i16, i16) = (0, 12);
const FIND_COORDINATOR: (i16, i16) = (10, 1);
const INIT_PRODUCER_ID: (i16, i16) = (22, 5);
const END_TXN: (i16, i16) = (26, 5);
const ID: &str = "one-after-the-other";
const TOPIC: &str = "entered";
const OF_TRANSACTIONS: i8 = 1;
const TRANSACTIONS: usize = 100;
/// How long a leader that does not hear of the end of a transaction pauses: longer than this test waits.
const PAUSE_MS: &str = "60000";
const LIMIT: Duration = Duration::from_secs(20);
const TRY_EVERY: Duration = Duration::from_millis(20);

/// What follows the correlation id, and the tags of the header in flexible versions.
fn ask(connection: &mut Connection, (key, version): (i16, i16), body: Body) -> Result<Vec<u8>> {
    let is_flexible = (key, version) != FIND_COORDINATOR;
    let header = if is_flexible { 2 } else { 1 };
    connection.send(&request(key, version, 1, header, &body.end().bytes()))?;
    let answer = connection.receive()?.context("the connection was closed")?;
    Ok(answer.get(if is_flexible { 5 } else { 4 }..).context("a short answer")?.to_vec())
}

/// The producer's id and epoch behind the time of throttling, once there is no error.
fn producer_of(answer: &[u8]) -> Result<Option<(i64, i16)>> {
    let field = |at: std::ops::Range<usize>| answer.get(at).context("a short answer");
    if field(4..6)? != [0, 0] {
        return Ok(None);
    }
    Ok(Some((i64::from_be_bytes(field(6..14)?.try_into()?), i16::from_be_bytes(field(14..16)?.try_into()?))))
}

/// A batch of a producer's transaction, the first of its epoch.
fn in_transaction((id, epoch): (i64, i16)) -> Vec<u8> {
    let mut batch = batch(b"value");
    batch[22] |= 0x10;
    batch[43..51].copy_from_slice(&id.to_be_bytes());
    batch[51..53].copy_from_slice(&epoch.to_be_bytes());
    batch[53..57].copy_from_slice(&0_i32.to_be_bytes());
    let checksum = crc32c::crc32c(&batch[21..]);
    batch[17..21].copy_from_slice(&checksum.to_be_bytes());
    batch
}

/// Asks until a coordinator gives the transactional id a producer.
fn init(connection: &mut Connection) -> Result<(i64, i16)> {
    let deadline = Deadline::after(LIMIT);
    loop {
        let body = Body::new(false).text(Some(ID)).int8(OF_TRANSACTIONS);
        ask(connection, FIND_COORDINATOR, body)?;
        let body = Body::new(true).text(Some(ID)).int32(60_000).int64(-1).int16(-1);
        if let Some(producer) = producer_of(&ask(connection, INIT_PRODUCER_ID, body)?)? {
            return Ok(producer);
        }
        ensure!(deadline.left().is_some(), "no producer after {LIMIT:?}");
        pause(TRY_EVERY);
    }
}

#[test]
fn the_next_transaction_begins_as_soon_as_the_one_before_is_complete() -> Result<()> {
    // Apache Kafka's leaders pause.
    if Kind::under_test()? == Kind::Apache {
        return Ok(());
    }
    let broker = Spec::new(Kind::Klamm)
        .set("add.partitions.to.txn.retry.backoff.ms", PAUSE_MS)
        .set("add.partitions.to.txn.retry.backoff.max.ms", PAUSE_MS)
        .start()?;
    broker.create_topic(TOPIC, 1, &[])?;
    let mut connection = Connection::open(broker.address(), LIMIT)?;
    let mut producer = init(&mut connection)?;
    for number in 0..TRANSACTIONS {
        let body = Body::new(true).text(Some(ID)).int16(-1).int32(30_000).array(Some(1)).text(Some(TOPIC));
        let body = body.array(Some(1)).int32(0).blob(&in_transaction(producer)).end().end();
        let produced = ask(&mut connection, PRODUCE, body)?;
        // One topic, its name, one partition, its number; then the error.
        let at = 1 + 1 + TOPIC.len() + 1 + 4;
        ensure!(produced.get(at..at + 2) == Some(&[0, 0]), "transaction {number}: {produced:?}");
        let body = Body::new(true).text(Some(ID)).int64(producer.0).int16(producer.1).int8(1);
        let ended = ask(&mut connection, END_TXN, body)?;
        producer = producer_of(&ended)?.with_context(|| format!("the end of {number}: {ended:?}"))?;
    }
    Ok(())
}
