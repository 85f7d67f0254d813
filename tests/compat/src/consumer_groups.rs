//! Groups of KIP-848 as their coordinator describes them (ConsumerGroupDescribe).

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::answer::Rest;
use crate::broker::Broker;
use crate::clock::{Deadline, pause};
use crate::wire::{Body, Connection, request};

const CONSUMER_GROUP_DESCRIBE: i16 = 69;
const LIMIT: Duration = Duration::from_secs(60);
/// How often a broker is asked again for what is not so yet.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// A group.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConsumerGroupView {
    /// 0 for a group that is there.
    pub error: i16,
    /// Why it is not.
    pub message: Option<String>,
    /// Its name.
    pub group: String,
    /// `Empty`, `Assigning`, `Reconciling`, `Stable` or `Dead`.
    pub state: String,
    /// How often what it wants has changed.
    pub epoch: i32,
    /// The epoch that is assigned.
    pub assignment_epoch: i32,
    /// Who assigns.
    pub assignor: String,
    /// Who is in it, by member id.
    pub members: Vec<ConsumerGroupMember>,
    /// What the client may do; a bit for each operation.
    pub operations: i32,
}

/// A member of a group.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConsumerGroupMember {
    /// Its id.
    pub id: String,
    /// The name that it has given itself, of a static member.
    pub instance: Option<String>,
    /// Where it is.
    pub rack: Option<String>,
    /// Its epoch.
    pub epoch: i32,
    /// Its client id.
    pub client: String,
    /// Its address.
    pub host: String,
    /// What it wants by name.
    pub topics: Vec<String>,
    /// What it wants by pattern.
    pub regex: Option<String>,
    /// What it has: topics with their partitions.
    pub assignment: Vec<(String, Vec<i32>)>,
    /// What it shall have.
    pub target: Vec<(String, Vec<i32>)>,
    /// 0: it speaks the classic protocol; 1: KIP-848.
    pub kind: i8,
}

impl ConsumerGroupMember {
    /// How many partitions it has.
    #[must_use]
    pub fn owned(&self) -> usize {
        self.assignment.iter().map(|(_, partitions)| partitions.len()).sum()
    }
}

impl ConsumerGroupView {
    /// Reads the answer to ConsumerGroupDescribe in version 1.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(answer: &[u8]) -> Result<Vec<Self>> {
        let mut rest = Rest::of(answer)?;
        rest.tags()?;
        rest.int32()?;
        let groups = (0..rest.compact_count()?).map(|_| group(&mut rest)).collect::<Result<Vec<_>>>()?;
        rest.tags()?;
        Ok(groups)
    }
}

fn group(rest: &mut Rest<'_>) -> Result<ConsumerGroupView> {
    let (error, message) = (rest.int16()?, rest.compact_text()?);
    let (group, state) = (rest.compact_text()?.context("a name")?, rest.compact_text()?.context("a state")?);
    let (epoch, assignment_epoch) = (rest.int32()?, rest.int32()?);
    let assignor = rest.compact_text()?.unwrap_or_default();
    let mut members = (0..rest.compact_count()?).map(|_| member(rest)).collect::<Result<Vec<_>>>()?;
    members.sort_by(|a, b| a.id.cmp(&b.id));
    let operations = rest.int32()?;
    rest.tags()?;
    Ok(ConsumerGroupView {
        error,
        message,
        group,
        state,
        epoch,
        assignment_epoch,
        assignor,
        members,
        operations,
    })
}

fn member(rest: &mut Rest<'_>) -> Result<ConsumerGroupMember> {
    let id = rest.compact_text()?.context("a member id")?;
    let (instance, rack, epoch) = (rest.compact_text()?, rest.compact_text()?, rest.int32()?);
    let client = rest.compact_text()?.unwrap_or_default();
    let host = rest.compact_text()?.unwrap_or_default();
    let topics = (0..rest.compact_count()?)
        .map(|_| Ok(rest.compact_text()?.unwrap_or_default()))
        .collect::<Result<Vec<_>>>()?;
    let regex = rest.compact_text()?;
    let (assignment, target) = (assignment(rest)?, assignment(rest)?);
    let kind = rest.int8()?;
    rest.tags()?;
    Ok(ConsumerGroupMember {
        id,
        instance,
        rack,
        epoch,
        client,
        host,
        topics,
        regex,
        assignment,
        target,
        kind,
    })
}

fn assignment(rest: &mut Rest<'_>) -> Result<Vec<(String, Vec<i32>)>> {
    let mut topics = Vec::new();
    for _ in 0..rest.compact_count()? {
        rest.take(16)?;
        let name = rest.compact_text()?.unwrap_or_default();
        let mut partitions: Vec<i32> =
            (0..rest.compact_count()?).map(|_| rest.int32()).collect::<Result<_>>()?;
        partitions.sort_unstable();
        rest.tags()?;
        topics.push((name, partitions));
    }
    topics.sort();
    rest.tags()?;
    Ok(topics)
}

impl Broker {
    /// The group as this broker describes it, which coordinates it.
    ///
    /// # Errors
    /// When it does not coordinate the group, or there is none of KIP-848, with the error code.
    pub fn describe_consumer_group(&self, group: &str) -> Result<ConsumerGroupView> {
        let body = Body::new(true).array(Some(1)).text(Some(group)).int8(0).end();
        let mut connection = Connection::open(self.address(), LIMIT)?;
        connection.send(&request(CONSUMER_GROUP_DESCRIBE, 1, 1, 2, &body.bytes()))?;
        let answer = connection.receive()?.context("the broker closed the connection")?;
        let view = ConsumerGroupView::read(&answer)?.pop().context("one group")?;
        ensure!(view.error == 0, "ConsumerGroupDescribe: error {}", view.error);
        Ok(view)
    }

    /// Asks until the group is as wanted.
    ///
    /// # Errors
    /// When it is not so in time, with what it was last.
    pub fn wait_for_consumer_group(
        &self,
        group: &str,
        is_so: impl Fn(&ConsumerGroupView) -> bool,
    ) -> Result<ConsumerGroupView> {
        let deadline = Deadline::after(LIMIT);
        let mut last = None;
        while deadline.left().is_some() {
            match self.describe_consumer_group(group) {
                Ok(view) if is_so(&view) => return Ok(view),
                other => last = Some(other),
            }
            pause(TRY_EVERY);
        }
        bail!("{group} is not so after {LIMIT:?} but {last:?}")
    }
}
