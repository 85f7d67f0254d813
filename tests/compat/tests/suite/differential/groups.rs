//! Classic groups: how their requests are written, and members that both brokers have given different ids.

use anyhow::{Context, Result};
use tests_compat::{Body, Connection};

use super::api::Api;
use super::drawn::{self, Drawn, Side};
use super::{PATIENCE_MAX, Pair};

mod administration;
mod consumer;
mod membership;
mod offsets;
mod two_members;

/// What a member's id begins with: the client id of these requests.
const CLIENT: &str = "probe-";
/// The generation that a first join makes.
const FIRST: i32 = 1;
/// A subscription in the format of consumers: version 0, the topic `diff`, no user data. What Apache Kafka cannot read it
/// may leave unanswered for ever.
const TO_DIFF: &[u8] = b"\x00\x00\x00\x00\x00\x01\x00\x04diff\xff\xff\xff\xff";
/// No generation: of a consumer that is no member.
const NONE: i32 = -1;

const OFFSET_COMMIT: Api = Api { key: 8, versions: 2..=10, first_flexible: 8 };
const OFFSET_FETCH: Api = Api { key: 9, versions: 1..=10, first_flexible: 6 };
const FIND_COORDINATOR: Api = Api { key: 10, versions: 0..=6, first_flexible: 3 };
const JOIN_GROUP: Api = Api { key: 11, versions: 0..=9, first_flexible: 6 };
const HEARTBEAT: Api = Api { key: 12, versions: 0..=4, first_flexible: 4 };
const LEAVE_GROUP: Api = Api { key: 13, versions: 0..=5, first_flexible: 4 };
const SYNC_GROUP: Api = Api { key: 14, versions: 0..=5, first_flexible: 4 };
const DESCRIBE_GROUPS: Api = Api { key: 15, versions: 0..=6, first_flexible: 5 };
const LIST_GROUPS: Api = Api { key: 16, versions: 0..=5, first_flexible: 3 };
const DELETE_GROUPS: Api = Api { key: 42, versions: 0..=2, first_flexible: 2 };
const OFFSET_DELETE: Api = Api { key: 47, versions: 0..=0, first_flexible: 1 };

/// Who asks: its group, what it says of itself there.
#[derive(Clone, Debug)]
struct Member {
    group: String,
    id: String,
    instance: Option<String>,
    generation: i32,
}

impl Member {
    /// Of a group, without a name of its own.
    fn of(group: &str, id: &str, generation: i32) -> Self {
        Self { group: group.to_owned(), id: id.to_owned(), instance: None, generation }
    }

    fn with_instance(&self, instance: &str) -> Self {
        Self { instance: Some(instance.to_owned()), ..self.clone() }
    }

    fn with_id(&self, id: &str) -> Self {
        Self { id: id.to_owned(), ..self.clone() }
    }

    fn in_generation(&self, generation: i32) -> Self {
        Self { generation, ..self.clone() }
    }
}

/// What a joining member asks for.
#[derive(Clone, Debug)]
struct Join {
    session_ms: i32,
    rebalance_ms: i32,
    protocol_type: &'static str,
    protocols: Vec<(&'static str, &'static [u8])>,
}

impl Default for Join {
    fn default() -> Self {
        let protocols = vec![("range", TO_DIFF), ("roundrobin", TO_DIFF)];
        Self { session_ms: 30_000, rebalance_ms: 60_000, protocol_type: "consumer", protocols }
    }
}

impl Join {
    fn body(&self, version: i16, body: Body, member: &Member) -> Body {
        let body = body.text(Some(&member.group)).int32(self.session_ms);
        let body = if version >= 1 { body.int32(self.rebalance_ms) } else { body };
        let body = body.text(Some(&member.id));
        let body = if version >= 5 { body.text(member.instance.as_deref()) } else { body };
        let mut body = body.text(Some(self.protocol_type)).array(Some(self.protocols.len()));
        for (name, metadata) in &self.protocols {
            body = body.text(Some(name)).blob(metadata).end();
        }
        if version >= 8 { body.text(Some("to see")).end() } else { body.end() }
    }
}

/// Of a leader: what each member gets. Others bring nothing.
fn sync(version: i16, body: Body, member: &Member, assigned: &[(&str, &[u8])]) -> Body {
    sync_as(version, body, member, Some("consumer"), Some("range"), assigned)
}

fn sync_as(
    version: i16,
    body: Body,
    member: &Member,
    protocol_type: Option<&str>,
    protocol: Option<&str>,
    assigned: &[(&str, &[u8])],
) -> Body {
    let body = body.text(Some(&member.group)).int32(member.generation).text(Some(&member.id));
    let body = if version >= 3 { body.text(member.instance.as_deref()) } else { body };
    let body = if version >= 5 { body.text(protocol_type).text(protocol) } else { body };
    let body = body.array(Some(assigned.len()));
    assigned.iter().fold(body, |body, (id, what)| body.text(Some(id)).blob(what).end()).end()
}

fn heartbeat(version: i16, body: Body, member: &Member) -> Body {
    let body = body.text(Some(&member.group)).int32(member.generation).text(Some(&member.id));
    if version >= 3 { body.text(member.instance.as_deref()).end() } else { body.end() }
}

fn leave(version: i16, body: Body, group: &str, members: &[Member]) -> Body {
    let body = body.text(Some(group));
    if version < 3 {
        return body.text(members.first().map(|member| member.id.as_str()));
    }
    let body = members.iter().fold(body.array(Some(members.len())), |body, member| {
        let body = body.text(Some(&member.id)).text(member.instance.as_deref());
        if version >= 5 { body.text(Some("enough")).end() } else { body.end() }
    });
    body.end()
}

fn describe(version: i16, body: Body, groups: &[&str], operations: bool) -> Body {
    let body = groups.iter().fold(body.array(Some(groups.len())), |body, group| body.text(Some(group)));
    if version >= 3 { body.int8(i8::from(operations)).end() } else { body.end() }
}

impl Pair {
    /// Two brokers that keep all groups in one partition, so that lists of groups have one order.
    fn for_groups() -> Result<Self> {
        let mut pair = Self::with_settings(&[("offsets.topic.num.partitions", "1")])?;
        // Whatever is asked of groups is answered, and asking again would change what is answered.
        pair.patience = PATIENCE_MAX;
        Ok(pair)
    }

    /// Two brokers that have made the topic of offsets.
    fn with_coordinator() -> Result<Self> {
        let pair = Self::for_groups()?;
        for broker in [&pair.apache, &pair.tested] {
            broker.find_coordinator("any")?;
        }
        Ok(pair)
    }

    /// Sends on both, without waiting for the answers.
    fn begin(&self, bytes: &[u8]) -> Result<[Connection; 2]> {
        let send = |side| -> Result<Connection> {
            let mut connection = Connection::open(self.broker(side).address(), PATIENCE_MAX)?;
            connection.send(&drawn::to(side, &self.drawn, bytes))?;
            Ok(connection)
        };
        Ok([send(Side::Apache)?, send(Side::Tested)?])
    }

    /// Waits until the group is in this state on both.
    fn wait_for_state(&self, group: &str, state: &str) -> Result<()> {
        for broker in [&self.apache, &self.tested] {
            broker.wait_for_group(group, |view| view.state == state)?;
        }
        Ok(())
    }

    /// The answers to what was begun, as they came.
    fn end(connections: [Connection; 2]) -> Result<[Vec<u8>; 2]> {
        let [apache, tested] = connections.map(|mut one| one.receive()?.context("closed"));
        Ok([apache.context("Apache Kafka")?, tested.context("this broker")?])
    }

    /// Compares answers up to `length` bytes.
    fn compare_answers(&mut self, name: &str, [apache, tested]: &[Vec<u8>; 2], length: usize) {
        let cut = |bytes: &[u8]| bytes[..bytes.len().min(length)].to_vec();
        let outcomes = [self.answer(Side::Apache, &cut(apache)), self.answer(Side::Tested, &cut(tested))];
        self.note(name, outcomes);
    }

    /// Sends a join of somebody who has no id yet, compares, and gives what stands for the ids that both gave it.
    /// `prefix` is what an id begins with.
    fn draw(&mut self, name: &str, prefix: &str, frame: &[u8]) -> Result<String> {
        let answers = Self::end(self.begin(frame)?).with_context(|| name.to_owned())?;
        let id = format!("{prefix}{}", drawn::uuid(self.drawn.len()));
        let real = |answer: &[u8]| -> Result<Vec<u8>> {
            let uuid = drawn::uuid_after(prefix, answer).with_context(|| {
                format!("{name}: no id that begins with {prefix} in {}", answer.escape_ascii())
            })?;
            Ok(format!("{prefix}{uuid}").into_bytes())
        };
        self.drawn.push(Drawn::new(id.as_bytes(), [real(&answers[0])?, real(&answers[1])?]));
        self.compare_answers(name, &answers, usize::MAX);
        Ok(id)
    }

    /// Lets somebody join a group that has no other member, in one version; gives it in the first generation.
    fn join(&mut self, version: i16, group: &str, join: &Join) -> Result<Member> {
        let mut member = Member::of(group, "", FIRST);
        let frame =
            |member: &Member| JOIN_GROUP.frame(version, |version, body| join.body(version, body, member));
        member.id = self.draw(&format!("join without an id v{version}"), CLIENT, &frame(&member))?;
        if version >= 4 {
            self.ask_in("join with the id", &JOIN_GROUP, version, |version, body| {
                join.body(version, body, &member)
            })?;
        }
        Ok(member)
    }

    /// The same in the last version, until it has its assignment.
    fn settle(&mut self, group: &str) -> Result<Member> {
        let member = self.join(JOIN_GROUP.last(), group, &Join::default())?;
        let assigned: [(&str, &[u8]); 1] = [(&member.id, b"everything")];
        self.ask_in("settle", &SYNC_GROUP, SYNC_GROUP.last(), |version, body| {
            sync(version, body, &member, &assigned)
        })?;
        Ok(member)
    }
}
