//! Consumer groups asked through the wire: who coordinates one, who is in it, what it has committed.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::answer::Rest;
use crate::broker::Broker;
use crate::clock::{Deadline, pause};
use crate::wire::{Body, Connection, request};

const OFFSET_FETCH: i16 = 9;
const FIND_COORDINATOR: i16 = 10;
const HEARTBEAT: i16 = 12;
const DESCRIBE_GROUPS: i16 = 15;
const ILLEGAL_GENERATION: i16 = 22;
const LIMIT: Duration = Duration::from_secs(60);
/// How often a broker is asked again for what is not so yet.
const TRY_EVERY: Duration = Duration::from_millis(20);
/// Later generations are taken for an error of the broker.
const GENERATION_MAX: i32 = 1000;

/// A classic group as its coordinator describes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GroupView {
    /// `Empty`, `PreparingRebalance`, `CompletingRebalance`, `Stable` or `Dead`.
    pub state: String,
    /// What kind of clients it is of, `consumer` or another; empty where nobody has joined.
    pub protocol_type: String,
    /// The assignor that it has agreed on, where it is stable.
    pub protocol: String,
    /// Who is in it, by member id.
    pub members: Vec<GroupMember>,
}

/// A member of a group.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GroupMember {
    /// The id that the coordinator gave it.
    pub id: String,
    /// The name that it has given itself, of a static member.
    pub instance: Option<String>,
    /// Its client id.
    pub client: String,
    /// What the leader has assigned it, as the assignor wrote it.
    pub assignment: Vec<u8>,
}

impl Broker {
    /// Waits until a broker coordinates the group and has loaded what it knows of it; gives that broker's id.
    ///
    /// # Errors
    /// When none does in time.
    pub fn find_coordinator(&self, group: &str) -> Result<i32> {
        let deadline = Deadline::after(LIMIT);
        let mut last = String::new();
        while deadline.left().is_some() {
            match self.coordinator_of(group).and_then(|id| self.committed(group, "", 0).map(|_| id)) {
                Ok(id) => return Ok(id),
                Err(error) => last = format!("{error:#}"),
            }
            pause(TRY_EVERY);
        }
        bail!("nobody coordinates {group} after {LIMIT:?}: {last}")
    }

    /// The id of the broker that coordinates the group.
    ///
    /// # Errors
    /// When this broker knows of none yet, with the error code.
    pub fn coordinator_of(&self, group: &str) -> Result<i32> {
        let answer = self.ask_groups(FIND_COORDINATOR, 0, Body::new(false).text(Some(group)))?;
        let mut rest = Rest::of(&answer)?;
        let error = rest.int16()?;
        ensure!(error == 0, "FindCoordinator: error {error}");
        rest.int32()
    }

    /// The offset that the group has committed for a partition, if it has. Only its coordinator knows.
    ///
    /// # Errors
    /// When this broker does not coordinate the group, with the error code.
    pub fn committed(&self, group: &str, topic: &str, partition: i32) -> Result<Option<i64>> {
        let body = Body::new(false).text(Some(group)).array(Some(1)).text(Some(topic));
        let answer = self.ask_groups(OFFSET_FETCH, 2, body.array(Some(1)).int32(partition))?;
        let mut rest = Rest::of(&answer)?;
        let mut committed = None;
        for _ in 0..rest.count()? {
            rest.text()?;
            for _ in 0..rest.count()? {
                rest.int32()?;
                committed = Some(rest.int64()?).filter(|offset| *offset >= 0);
                rest.text()?;
                rest.int16()?;
            }
        }
        let error = rest.int16()?;
        ensure!(error == 0, "OffsetFetch: error {error}");
        Ok(committed)
    }

    /// The group as this broker describes it, which coordinates it.
    ///
    /// # Errors
    /// When it does not coordinate the group, with the error code.
    pub fn describe_group(&self, group: &str) -> Result<GroupView> {
        let body = Body::new(false).array(Some(1)).text(Some(group)).int8(0);
        let answer = self.ask_groups(DESCRIBE_GROUPS, 4, body)?;
        let mut rest = Rest::of(&answer)?;
        rest.int32()?;
        ensure!(rest.count()? == 1, "one group");
        let error = rest.int16()?;
        ensure!(error == 0, "DescribeGroups: error {error}");
        rest.text()?;
        let (state, protocol_type, protocol) = (rest.text()?, rest.text()?, rest.text()?);
        let mut members = Vec::new();
        for _ in 0..rest.count()? {
            let (id, instance, client) = (rest.text()?, rest.nullable_text()?, rest.text()?);
            rest.text()?;
            rest.blob()?;
            members.push(GroupMember { id, instance, client, assignment: rest.blob()?.to_vec() });
        }
        members.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(GroupView { state, protocol_type, protocol, members })
    }

    /// Asks until the group is as wanted.
    ///
    /// # Errors
    /// When it is not so in time, with what it was last.
    pub fn wait_for_group(&self, group: &str, is_so: impl Fn(&GroupView) -> bool) -> Result<GroupView> {
        let deadline = Deadline::after(LIMIT);
        let mut last = None;
        while deadline.left().is_some() {
            let view = self.describe_group(group);
            match view {
                Ok(view) if is_so(&view) => return Ok(view),
                other => last = Some(other),
            }
            pause(TRY_EVERY);
        }
        bail!("{group} is not so after {LIMIT:?} but {last:?}")
    }

    /// The generation of a group that has this member. Nothing tells it, so heartbeats in the member's name try
    /// one after the other.
    ///
    /// # Errors
    /// When the member is not in the group, or the group is not stable, with the error code.
    pub fn generation(&self, group: &str, member: &GroupMember) -> Result<i32> {
        for generation in 0..GENERATION_MAX {
            let body = Body::new(false).text(Some(group)).int32(generation).text(Some(&member.id));
            let body = body.text(member.instance.as_deref());
            let answer = self.ask_groups(HEARTBEAT, 3, body)?;
            let mut rest = Rest::of(&answer)?;
            rest.int32()?;
            match rest.int16()? {
                0 => return Ok(generation),
                ILLEGAL_GENERATION => {}
                error => bail!("Heartbeat: error {error}"),
            }
        }
        bail!("more than {GENERATION_MAX} generations")
    }

    fn ask_groups(&self, key: i16, version: i16, body: Body) -> Result<Vec<u8>> {
        let mut connection = Connection::open(self.address(), LIMIT)?;
        connection.send(&request(key, version, 1, 1, &body.bytes()))?;
        connection.receive()?.context("the broker closed the connection")
    }
}
