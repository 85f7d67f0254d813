//! Transactions: what is asked of their coordinator, of leaders and of group coordinators, and every way to be refused.
//!
//! Both brokers hand out the same producer ids, for both start with none.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tests_compat::{Body, Connection, Deadline, pause, request};

use super::api::Api;
use super::{PATIENCE_MAX, Pair};

mod coordinator;
mod early;
mod leaders;
mod offsets;

const FIND_COORDINATOR: Api = Api { key: 10, versions: 0..=6, first_flexible: 3 };
const INIT_PRODUCER_ID: Api = Api { key: 22, versions: 0..=5, first_flexible: 2 };
const ADD_PARTITIONS: Api = Api { key: 24, versions: 0..=5, first_flexible: 3 };
const ADD_OFFSETS: Api = Api { key: 25, versions: 0..=4, first_flexible: 3 };
const END_TXN: Api = Api { key: 26, versions: 0..=5, first_flexible: 3 };
const WRITE_MARKERS: Api = Api { key: 27, versions: 1..=2, first_flexible: 1 };
const OFFSET_COMMIT: Api = Api { key: 28, versions: 0..=5, first_flexible: 3 };
const DESCRIBE_PRODUCERS: Api = Api { key: 61, versions: 0..=0, first_flexible: 0 };
const DESCRIBE: Api = Api { key: 65, versions: 0..=0, first_flexible: 0 };
const LIST: Api = Api { key: 66, versions: 0..=2, first_flexible: 0 };

/// A producer of a transactional id.
#[derive(Clone, Copy, Debug)]
struct Producer {
    name: &'static str,
    id: i64,
    epoch: i16,
}

impl Producer {
    fn with_epoch(self, epoch: i16) -> Self {
        Self { epoch, ..self }
    }

    fn with_id(self, id: i64) -> Self {
        Self { id, ..self }
    }

    fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    fn body(self, body: Body) -> Body {
        body.text(Some(self.name)).int64(self.id).int16(self.epoch)
    }
}

impl Pair {
    /// Asks both and compares nothing; what follows the correlation ids.
    pub(super) fn both(&self, frame: &[u8]) -> Result<[Vec<u8>; 2]> {
        Ok([ask(self.apache.address(), frame)?, ask(self.tested.address(), frame)?])
    }

    /// Waits until both say so.
    pub(super) fn until(&self, what: &str, frame: &[u8], is_so: impl Fn(&[u8]) -> bool) -> Result<()> {
        let deadline = Deadline::after(Duration::from_secs(30));
        while deadline.left().is_some() {
            if self.both(frame)?.iter().all(|answer| is_so(answer)) {
                return Ok(());
            }
            pause(Duration::from_millis(20));
        }
        bail!("{what} does not come")
    }

    /// Waits until both have a coordinator for the key.
    pub(super) fn coordinated(&self, kind: i8, key: &str) -> Result<()> {
        let frame = FIND_COORDINATOR.frame(1, |_, body| body.text(Some(key)).int8(kind));
        self.until("a coordinator", &frame, |answer| answer[4..6] == [0, 0])
    }

    /// Waits until the transactional id is coordinated and nothing of it is being ended.
    fn settled(&self, producer: Producer) -> Result<()> {
        self.settled_id(producer.name)
    }

    /// The same by its name.
    pub(super) fn settled_id(&self, id: &str) -> Result<()> {
        let frame = DESCRIBE.frame(0, |_, body| body.array(Some(1)).text(Some(id)).end());
        self.until("the end of a transaction", &frame, |answer| {
            let prepares = answer.windows(7).any(|part| part == b"Prepare");
            // Behind the tags of the header, the throttle time and the array's length.
            !prepares && !matches!(answer.get(6..8), Some([0, 14..=16]))
        })
    }

    /// Waits until both answer for the group.
    pub(super) fn loaded(&self, group: &str) -> Result<()> {
        let frame = request(9, 5, 77, 1, &Body::new(false).text(Some(group)).array(Some(0)).bytes());
        self.until("a coordinator of the group", &frame, |answer| answer.ends_with(&[0, 0]))
    }

    /// A new producer of a new transactional id, the same on both sides.
    fn producer(&mut self, name: &'static str) -> Result<Producer> {
        self.settled(Producer { name, id: 0, epoch: 0 })?;
        let frame = INIT_PRODUCER_ID.frame(1, |_, body| init(1, body, Some(name), 60_000, None));
        let [apache, tested] = self.both(&frame)?;
        anyhow::ensure!(apache == tested && apache[4..6] == [0, 0], "{name}: {apache:?} {tested:?}");
        let id = i64::from_be_bytes(apache[6..14].try_into()?);
        Ok(Producer { name, id, epoch: i16::from_be_bytes(apache[14..16].try_into()?) })
    }
}

/// The same on clusters of before KIP-890, on the way to it, and with it.
fn at_every_level(story: fn(Pair) -> Result<()>) -> Result<()> {
    for level in 0..=2 {
        let level = format!("transaction.version={level}");
        eprintln!("{level}");
        story(start(&level)?).context(level)?;
    }
    Ok(())
}

/// On a cluster of today. At level 0 no client sends requests of KIP-890: records have no room for what they say, so that
/// the first is refused, and at Apache Kafka the id is stuck from then on.
fn with_kip_890(story: fn(Pair) -> Result<()>) -> Result<()> {
    story(start("transaction.version=2")?)
}

/// With a coordinator of transactions.
fn start(level: &str) -> Result<Pair> {
    let pair = Pair::with_levels(&[level], &[])?;
    pair.coordinated(1, "any")?;
    // Apache Kafka has no producer ids before it has asked for some; each is asked until it has given one.
    for address in [pair.apache.address(), pair.tested.address()] {
        let frame = INIT_PRODUCER_ID.frame(1, |_, body| init(1, body, None, 60_000, None));
        let deadline = Deadline::after(Duration::from_secs(30));
        while ask(address, &frame)?[4..6] != [0, 0] {
            anyhow::ensure!(deadline.left().is_some(), "no producer id");
        }
    }
    Ok(pair)
}

/// What follows the correlation id.
fn ask(address: SocketAddr, frame: &[u8]) -> Result<Vec<u8>> {
    let mut connection = Connection::open(address, PATIENCE_MAX)?;
    connection.send(frame)?;
    Ok(connection.receive()?.context("an answer")?.split_off(4))
}

fn init(version: i16, body: Body, id: Option<&str>, timeout_ms: i32, expected: Option<(i64, i16)>) -> Body {
    let body = body.text(id).int32(timeout_ms);
    let (id, epoch) = expected.unwrap_or((-1, -1));
    if version >= 3 { body.int64(id).int16(epoch).end() } else { body.end() }
}

/// Of one transaction; in versions of brokers it may be verified only.
fn add(version: i16, body: Body, producer: Producer, verify: bool, topics: &[(&str, &[i32])]) -> Body {
    let body = if version >= 4 { body.array(Some(1)) } else { body };
    let body = producer.body(body);
    let body = if version >= 4 { body.int8(i8::from(verify)) } else { body };
    let mut body = body.array(Some(topics.len()));
    for (topic, partitions) in topics {
        body = body.text(Some(topic)).array(Some(partitions.len()));
        body = partitions.iter().fold(body, |body, partition| body.int32(*partition)).end();
    }
    if version >= 4 { body.end().end() } else { body.end() }
}

fn end(body: Body, producer: Producer, commits: bool) -> Body {
    producer.body(body).int8(i8::from(commits)).end()
}
