//! What clients of coordinators say, in the newest versions that name topics by name.

use anyhow::{Result, ensure};
use tests_compat::{Body, request};

use crate::reader::Reader;

const PRODUCE: (i16, i16) = (0, 12);
const OFFSET_COMMIT: (i16, i16) = (8, 9);
const JOIN_GROUP: (i16, i16) = (11, 9);
const HEARTBEAT: (i16, i16) = (12, 4);
const LEAVE_GROUP: (i16, i16) = (13, 5);
const SYNC_GROUP: (i16, i16) = (14, 5);
const INIT_PRODUCER_ID: (i16, i16) = (22, 5);
const END_TXN: (i16, i16) = (26, 5);

/// How long a member may be silent: longer than a run in which the other broker has its turn.
const SESSION_MS: i32 = 300_000;
const TRANSACTION_MS: i32 = 60_000;

/// Error codes that these clients know what to do about.
pub(crate) mod error {
    pub(crate) const COORDINATOR_LOAD_IN_PROGRESS: i16 = 14;
    pub(crate) const COORDINATOR_NOT_AVAILABLE: i16 = 15;
    pub(crate) const NOT_COORDINATOR: i16 = 16;
    pub(crate) const ILLEGAL_GENERATION: i16 = 22;
    pub(crate) const UNKNOWN_MEMBER_ID: i16 = 25;
    pub(crate) const REBALANCE_IN_PROGRESS: i16 = 27;
    pub(crate) const CONCURRENT_TRANSACTIONS: i16 = 51;
    pub(crate) const MEMBER_ID_REQUIRED: i16 = 79;
}

fn frame((key, version): (i16, i16), body: Body) -> Vec<u8> {
    request(key, version, 1, 2, &body.end().bytes())
}

/// A member as it names itself in a generation.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Identity {
    pub(crate) group: String,
    pub(crate) member: String,
    pub(crate) generation: i32,
}

/// What a coordinator says of a generation to whoever joined.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Joined {
    pub(crate) error: i16,
    pub(crate) generation: i32,
    pub(crate) leader: String,
    pub(crate) member: String,
    /// All members; told to the leader only.
    pub(crate) members: Vec<String>,
}

pub(crate) fn join_group(own: &Identity, topic: &str) -> Vec<u8> {
    let subscription = Body::new(false).int16(0).array(Some(1)).text(Some(topic)).array(None).bytes();
    let body = Body::new(true).text(Some(&own.group)).int32(SESSION_MS).int32(SESSION_MS);
    let body = body.text(Some(&own.member)).text(None).text(Some("consumer")).array(Some(1));
    let body = body.text(Some("range")).blob(&subscription).end().text(None);
    frame(JOIN_GROUP, body)
}

pub(crate) fn take_joined(answer: &[u8]) -> Result<Joined> {
    let mut reader = Reader::of(answer)?;
    reader.skip(4)?;
    let (error, generation) = (reader.int16()?, reader.int32()?);
    reader.skip_text()?;
    reader.skip_text()?;
    let leader = reader.text()?.to_owned();
    reader.skip(1)?;
    let member = reader.text()?.to_owned();
    let mut members = Vec::new();
    for _ in 0..reader.length()? {
        members.push(reader.text()?.to_owned());
        reader.skip_text()?;
        reader.blob()?;
        reader.skip_tags()?;
    }
    Ok(Joined { error, generation, leader, member, members })
}

/// A member comes for its assignment; the leader brings one for each. The assignments say how many there are.
pub(crate) fn sync_group(own: &Identity, members: &[String], topic: &str) -> Vec<u8> {
    let body =
        Body::new(true).text(Some(&own.group)).int32(own.generation).text(Some(&own.member)).text(None);
    let body = body.text(Some("consumer")).text(Some("range")).array(Some(members.len()));
    let body = (0..).zip(members).fold(body, |body, (number, member)| {
        let assignment = Body::new(false).int16(0).array(Some(1)).text(Some(topic)).array(Some(1));
        let count = u32::try_from(members.len()).unwrap_or(u32::MAX);
        let assignment = assignment.int32(number).blob(&count.to_be_bytes()).bytes();
        body.text(Some(member)).blob(&assignment).end()
    });
    frame(SYNC_GROUP, body)
}

/// The error, and of how many members the generation is.
pub(crate) fn take_synced(answer: &[u8]) -> Result<(i16, usize)> {
    let mut reader = Reader::of(answer)?;
    reader.skip(4)?;
    let error = reader.int16()?;
    reader.skip_text()?;
    reader.skip_text()?;
    let assignment = reader.blob()?;
    let count = assignment.last_chunk().map_or(0, |count| u32::from_be_bytes(*count));
    Ok((error, usize::try_from(count)?))
}

pub(crate) fn heartbeat(own: &Identity) -> Vec<u8> {
    let body = Body::new(true).text(Some(&own.group)).int32(own.generation).text(Some(&own.member));
    frame(HEARTBEAT, body.text(None))
}

pub(crate) fn leave_group(own: &Identity) -> Vec<u8> {
    let body = Body::new(true).text(Some(&own.group)).array(Some(1));
    frame(LEAVE_GROUP, body.text(Some(&own.member)).text(None).text(None).end())
}

/// The error of an answer that has the time of throttling before it.
pub(crate) fn take_error(answer: &[u8]) -> Result<i16> {
    let mut reader = Reader::of(answer)?;
    reader.skip(4)?;
    reader.int16()
}

pub(crate) fn offset_commit(
    own: &Identity,
    topic: &str,
    partitions: impl ExactSizeIterator<Item = i32>,
    offset: i64,
) -> Vec<u8> {
    let body =
        Body::new(true).text(Some(&own.group)).int32(own.generation).text(Some(&own.member)).text(None);
    let body = body.array(Some(1)).text(Some(topic)).array(Some(partitions.len()));
    let committed = |body: Body, index| body.int32(index).int64(offset).int32(-1).text(Some("")).end();
    frame(OFFSET_COMMIT, partitions.fold(body, committed).end())
}

/// Fails when an offset was not committed.
pub(crate) fn check_committed(answer: &[u8]) -> Result<()> {
    let mut reader = Reader::of(answer)?;
    reader.skip(4)?;
    for _ in 0..reader.length()? {
        reader.skip_text()?;
        for _ in 0..reader.length()? {
            let (partition, error) = (reader.int32()?, reader.int16()?);
            ensure!(error == 0, "committing partition {partition}: error {error}");
            reader.skip_tags()?;
        }
        reader.skip_tags()?;
    }
    Ok(())
}

/// A transactional producer as its coordinator knows it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Producer {
    pub(crate) id: i64,
    pub(crate) epoch: i16,
}

pub(crate) fn init_producer_id(transactional_id: &str) -> Vec<u8> {
    let body = Body::new(true).text(Some(transactional_id)).int32(TRANSACTION_MS).int64(-1).int16(-1);
    frame(INIT_PRODUCER_ID, body)
}

/// The end of a transaction under transaction.version 2: the answer brings the next epoch.
pub(crate) fn end_txn(transactional_id: &str, producer: Producer) -> Vec<u8> {
    let body = Body::new(true).text(Some(transactional_id)).int64(producer.id).int16(producer.epoch);
    frame(END_TXN, body.int8(1))
}

/// Who the producer is from now on, as InitProducerId and EndTxn say it.
pub(crate) fn take_producer(answer: &[u8]) -> Result<(i16, Producer)> {
    let mut reader = Reader::of(answer)?;
    reader.skip(4)?;
    let error = reader.int16()?;
    Ok((error, Producer { id: reader.int64()?, epoch: reader.int16()? }))
}

/// One batch to one partition, which enters the transaction by it (KIP-890).
pub(crate) fn produce_in_transaction(
    transactional_id: &str,
    topic: &str,
    partition: i32,
    batch: &[u8],
) -> Vec<u8> {
    let body = Body::new(true).text(Some(transactional_id)).int16(-1).int32(30_000).array(Some(1));
    let body = body.text(Some(topic)).array(Some(1)).int32(partition).blob(batch).end().end();
    frame(PRODUCE, body)
}

/// The error of the one partition of a produce answer.
pub(crate) fn take_produced(answer: &[u8]) -> Result<i16> {
    let mut reader = Reader::of(answer)?;
    ensure!(reader.length()? == 1, "an answer for one topic");
    reader.skip_text()?;
    ensure!(reader.length()? == 1, "an answer for one partition");
    reader.skip(4)?;
    reader.int16()
}

/// Makes a batch one of a producer's transaction, the first of its epoch.
pub(crate) fn stamp(batch: &mut [u8], producer: Producer) {
    const TRANSACTIONAL: u8 = 0x10;
    batch[22] |= TRANSACTIONAL;
    batch[43..51].copy_from_slice(&producer.id.to_be_bytes());
    batch[51..53].copy_from_slice(&producer.epoch.to_be_bytes());
    batch[53..57].copy_from_slice(&0_i32.to_be_bytes());
    let checksum = crc32c::crc32c(&batch[21..]);
    batch[17..21].copy_from_slice(&checksum.to_be_bytes());
}
