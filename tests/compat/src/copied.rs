//! Consume, transform, produce: numbers are written to one topic, copied to another in transactions that carry the offsets,
//! and read there by a group and by a judge.
//!
//! ```text
//! Feed -> FROM -> copiers (group COPIERS, transactions) -> TO -> Readers (group READERS), Output (the judge)
//! ```
//!
//! All but the copiers are librdkafka's.

mod feed;
mod output;
mod readers;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::topic_partition_list::TopicPartitionList;

use crate::Service;

pub use self::feed::Feed;
pub use self::output::Output;
pub use self::readers::Readers;

/// What is copied.
pub const FROM: &str = "from";
/// Where to.
pub const TO: &str = "to";
/// Of each of the topics.
pub const PARTITIONS: i32 = 3;
/// How long the copying may stand still: a killed member is missed after its session, its transaction after its time.
pub const LIMIT: Duration = Duration::from_secs(60);
/// How long a copier that is away keeps its partitions.
pub const SESSION_MS: &str = "6000";
/// How long a transaction of a copier may take.
pub const TRANSACTION_MS: &str = "5000";
/// The group of those that copy.
pub const COPIERS: &str = "copiers";
/// The group of those that read the copy.
pub const READERS: &str = "readers";

/// What a group has committed of each partition.
///
/// # Errors
/// The client's, and when it has committed nothing of one.
pub fn committed(bootstrap: &str, group: &str, topic: &str) -> Result<Vec<i64>> {
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", bootstrap).set("group.id", group).create()?;
    let mut asked = TopicPartitionList::new();
    asked.add_partition_range(topic, 0, PARTITIONS - 1);
    let told = consumer.committed_offsets(asked, LIMIT)?;
    let offset = |partition| {
        let element = told.find_partition(topic, partition).context("it was asked for")?;
        element.offset().to_raw().with_context(|| format!("{group} has nothing of {topic}-{partition}"))
    };
    (0..PARTITIONS).map(offset).collect()
}

/// The end of each partition.
///
/// # Errors
/// The client's.
pub fn ends(bootstrap: &str, topic: &str) -> Result<Vec<i64>> {
    let consumer: BaseConsumer = ClientConfig::new().set("bootstrap.servers", bootstrap).create()?;
    let end = |partition| {
        let (start, end) = consumer.fetch_watermarks(topic, partition, LIMIT)?;
        ensure!(start == 0, "{topic}-{partition} begins at {start}");
        Ok(end)
    };
    (0..PARTITIONS).map(end).collect()
}

/// How the copiers end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rehearsal {
    /// Everything is written and committed.
    None,
    /// Everything is written and aborted, and then written again and committed: half of what is there must never be seen.
    Aborted,
}

/// One that copies (`java/Copy.java`), from its start on until it is killed. After an error it begins anew.
///
/// # Errors
/// When it cannot be prepared.
pub fn copier(bootstrap: &str, number: usize, rehearsal: Rehearsal) -> Result<Service> {
    let rehearses = (rehearsal == Rehearsal::Aborted).to_string();
    Service::new(
        "Copy.java",
        &[
            ("from", FROM),
            ("to", TO),
            ("rehearses", &rehearses),
            ("bootstrap.servers", bootstrap),
            ("group.id", COPIERS),
            ("transactional.id", &format!("copier-{number}")),
            ("transaction.timeout.ms", TRANSACTION_MS),
            ("session.timeout.ms", SESSION_MS),
            ("heartbeat.interval.ms", "500"),
            ("max.poll.records", "50"),
            ("isolation.level", "read_committed"),
            ("enable.auto.commit", "false"),
            ("auto.offset.reset", "earliest"),
        ],
    )
}
