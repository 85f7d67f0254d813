//! Who leads what, asked through the wire: a tool in a Java machine would take seconds of a processor for it.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::answer::Rest;
use crate::broker::Broker;
use crate::wire::{Body, Connection, request};

const METADATA: i16 = 3;
const DESCRIBE_QUORUM: i16 = 55;
/// A node that is suspended accepts connections and never answers.
const LIMIT: Duration = Duration::from_secs(2);

/// A partition as a broker sees it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PartitionView {
    /// The topic.
    pub topic: String,
    /// The number within it.
    pub index: i32,
    /// The node that leads it, if one does.
    pub leader: Option<i32>,
    /// The nodes that hold it, the preferred leader first.
    pub replicas: Vec<i32>,
    /// Those of them that are in sync.
    pub in_sync: Vec<i32>,
}

/// The partitions of some topics as the broker at `address` sees them, by index within each topic. A topic that it does
/// not know has none.
///
/// # Errors
/// When it does not answer.
pub fn partitions(address: SocketAddr, topics: &[String]) -> Result<Vec<PartitionView>> {
    let body =
        topics.iter().fold(Body::new(false).array(Some(topics.len())), |body, topic| body.text(Some(topic)));
    let mut connection = Connection::open(address, LIMIT)?;
    connection.send(&request(METADATA, 1, 1, 1, &body.bytes()))?;
    let answer = connection.receive()?.context("the broker closed the connection")?;
    let mut rest = Rest::of(&answer)?;
    for _ in 0..rest.count()? {
        rest.int32()?;
        rest.text()?;
        rest.int32()?;
        rest.text()?;
    }
    rest.int32()?;
    let mut views = Vec::new();
    for _ in 0..rest.count()? {
        rest.take(2)?;
        let topic = rest.text()?;
        rest.take(1)?;
        for _ in 0..rest.count()? {
            rest.take(2)?;
            let index = rest.int32()?;
            let leader = Some(rest.int32()?).filter(|id| *id >= 0);
            let (replicas, in_sync) = (rest.int32s()?, rest.int32s()?);
            views.push(PartitionView { topic: topic.clone(), index, leader, replicas, in_sync });
        }
    }
    views.sort_by(|a, b| (&a.topic, a.index).cmp(&(&b.topic, b.index)));
    Ok(views)
}

impl Broker {
    /// Whether it is the active controller, as it says itself.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn leads_quorum(&self) -> Result<bool> {
        let body = Body::new(true).array(Some(1)).text(Some("__cluster_metadata")).array(Some(1)).int32(0);
        let mut connection = Connection::open(self.controller_address(), LIMIT)?;
        connection.send(&request(DESCRIBE_QUORUM, 0, 1, 2, &body.end().end().end().bytes()))?;
        let answer = connection.receive()?.context("the controller closed the connection")?;
        // Correlation id, tags of the header, error; one topic, its name, one partition, its number.
        let at = 4 + 1 + 2 + 1 + (1 + "__cluster_metadata".len()) + 1 + 4;
        if answer.get(5..7) != Some(&[0, 0]) {
            return Ok(false);
        }
        let error = answer.get(at..at + 2).context("a short answer")?;
        let leader = i32::from_be_bytes(answer.get(at + 2..at + 6).context("a short answer")?.try_into()?);
        Ok(error == [0, 0] && leader == self.id())
    }
}
