//! ConsumerGroupHeartbeat and ConsumerGroupDescribe: members that come, live and go, and every refusal.

use anyhow::{Context, Result, ensure};
use tests_compat::{Body, Connection, ConsumerGroupView, pause};

use super::super::drawn::{self, Side};
use super::super::{ID, Outcome, PATIENCE_MAX, Pair};
use super::{
    Api, DELETE_GROUPS, DESCRIBE_GROUPS, HEARTBEAT, JOIN_GROUP, Join, LIST_GROUPS, Member, NONE,
    OFFSET_COMMIT, OFFSET_DELETE, OFFSET_FETCH, describe,
};

mod configs;
mod fencing;
mod life;
mod migration;
mod off;
mod refusals;

const CONSUMER_HEARTBEAT: Api = Api { key: 68, versions: 0..=1, first_flexible: 0 };
const CONSUMER_DESCRIBE: Api = Api { key: 69, versions: 0..=1, first_flexible: 0 };

/// How often a broker is asked again for what is not so yet.
const TRY_EVERY: std::time::Duration = std::time::Duration::from_millis(20);

/// What a member says in a heartbeat.
#[derive(Clone, Debug)]
struct Beat<'a> {
    group: &'a str,
    member: &'a str,
    epoch: i32,
    instance: Option<&'a str>,
    rack: Option<&'a str>,
    rebalance_ms: i32,
    topics: Option<&'a [&'a str]>,
    regex: Option<&'a str>,
    assignor: Option<&'a str>,
    /// Partitions of `diff`.
    owned: Option<&'a [i32]>,
}

impl<'a> Beat<'a> {
    /// The first one of a life.
    fn joins(group: &'a str, member: &'a str) -> Self {
        Self {
            rebalance_ms: 30_000,
            topics: Some(&["diff"]),
            owned: Some(&[]),
            ..Self::lives(group, member, 0)
        }
    }

    /// Nothing is new.
    fn lives(group: &'a str, member: &'a str, epoch: i32) -> Self {
        Self {
            group,
            member,
            epoch,
            instance: None,
            rack: None,
            rebalance_ms: -1,
            topics: None,
            regex: None,
            assignor: None,
            owned: None,
        }
    }

    fn body(&self, version: i16, body: Body) -> Body {
        let body = body.text(Some(self.group)).text(Some(self.member)).int32(self.epoch);
        let body = body.text(self.instance).text(self.rack).int32(self.rebalance_ms);
        let body = body.array(self.topics.map(<[_]>::len));
        let body = self.topics.iter().copied().flatten().fold(body, |body, topic| body.text(Some(topic)));
        let body = if version >= 1 { body.text(self.regex) } else { body };
        let body = body.text(self.assignor);
        let Some(owned) = self.owned else { return body.array(None).end() };
        if owned.is_empty() {
            return body.array(Some(0)).end();
        }
        let body = body.array(Some(1)).raw(&ID).array(Some(owned.len()));
        owned.iter().fold(body, |body, partition| body.int32(*partition)).end().end()
    }
}

fn describe_consumers(body: Body, groups: &[&str], operations: bool) -> Body {
    let body = groups.iter().fold(body.array(Some(groups.len())), |body, group| body.text(Some(group)));
    body.int8(i8::from(operations)).end()
}

impl Pair {
    /// Two brokers that have made the topic of offsets, and assign whenever there is something to assign.
    fn for_consumers() -> Result<Self> {
        let mut pair = Self::with_settings(&[
            ("offsets.topic.num.partitions", "1"),
            ("group.consumer.assignment.interval.ms", "0"),
            ("group.consumer.max.size", "3"),
        ])?;
        pair.patience = PATIENCE_MAX;
        for broker in [&pair.apache, &pair.tested] {
            broker.find_coordinator("any")?;
        }
        Ok(pair)
    }

    /// One heartbeat in every version.
    fn beat(&mut self, name: &str, beat: &Beat<'_>) -> Result<()> {
        self.ask(name, &CONSUMER_HEARTBEAT, |version, body| beat.body(version, body))
    }

    /// One heartbeat in the last version only: what changes something.
    fn beat_once(&mut self, name: &str, beat: &Beat<'_>) -> Result<()> {
        self.ask_in(name, &CONSUMER_HEARTBEAT, CONSUMER_HEARTBEAT.last(), |version, body| {
            beat.body(version, body)
        })
    }

    /// What both describe, with members in any order, as Apache Kafka has them in a hash table.
    fn look_at(&mut self, name: &str, groups: &[&str]) -> Result<()> {
        let frame = CONSUMER_DESCRIBE.frame(1, |_, body| describe_consumers(body, groups, false));
        let answers = Self::end(self.begin(&frame)?)?;
        let shown = |side, answer: &[u8]| -> Result<Outcome> {
            let views = ConsumerGroupView::read(&drawn::from(side, &self.drawn, answer))?;
            Ok(Outcome::Answer(format!("{views:?}")))
        };
        let outcomes = [shown(Side::Apache, &answers[0])?, shown(Side::Tested, &answers[1])?];
        self.note(name, outcomes);
        Ok(())
    }

    /// What both describe, byte by byte.
    fn look(&mut self, name: &str, groups: &[&str]) -> Result<()> {
        self.ask(name, &CONSUMER_DESCRIBE, |_, body| describe_consumers(body, groups, false))
    }

    /// Beats on both, with what they give, until both groups are stable with something assigned: Apache Kafka looks
    /// patterns up after it has answered.
    fn settle_consumer(&mut self, beat: &Beat<'_>, groups: &[&str]) -> Result<()> {
        let deadline = tests_compat::Deadline::after(PATIENCE_MAX);
        let look = CONSUMER_DESCRIBE.frame(1, |_, body| describe_consumers(body, groups, false));
        for side in [Side::Apache, Side::Tested] {
            let mut epoch = 1;
            loop {
                ensure!(deadline.left().is_some(), "nothing is assigned to {}", beat.member);
                let beat = Beat { epoch, ..beat.clone() };
                let frame = CONSUMER_HEARTBEAT.frame(1, |version, body| beat.body(version, body));
                let answer = self.receive(side, &frame)?;
                // Correlation id, tags, throttle time, error, no message; the member's id, then its epoch.
                let at = 4 + 1 + 4 + 2 + 1 + 1 + beat.member.len();
                let told = answer.get(at..at + 4).context("an epoch")?;
                epoch = i32::from_be_bytes(told.try_into()?);
                let shown = self.receive(side, &look)?;
                if epoch > 1 && shown.windows(6).any(|part| part == b"Stable") {
                    break;
                }
                pause(TRY_EVERY);
            }
        }
        Ok(())
    }

    fn receive(&self, side: Side, frame: &[u8]) -> Result<Vec<u8>> {
        let mut connection = Connection::open(self.broker(side).address(), PATIENCE_MAX)?;
        connection.send(&drawn::to(side, &self.drawn, frame))?;
        connection.receive()?.context("an answer")
    }
}
