//! The same request bytes to Apache Kafka and to the broker under test, and the answers compared byte by byte. Both
//! start empty and see the same sequence, so offsets agree; what must differ (ports) is masked.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::{Body, Broker, Connection, Deadline, Kind, Spec, request};

mod admin;
mod admin_client;
mod api;
mod authorization;
mod batch;
mod bearer;
mod data;
mod drawn;
mod frames;
mod groups;
mod not_active;
mod quotas;
mod sasl;
mod throttled;
mod tokens;
mod transactions;
mod unsecured;

use drawn::{Drawn, Side};

/// What a broker did with some bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Outcome {
    Answer(String),
    Closed,
    /// It waits for more.
    Silent,
}

/// How long a broker that says nothing is listened to, and how long when the other one has said something.
const PATIENCE: Duration = Duration::from_millis(400);
const PATIENCE_MAX: Duration = Duration::from_secs(20);

/// Stands for the topic id of `diff`, which each broker has drawn for itself.
const ID: [u8; 16] = [0xa5; 16];

struct Pair {
    apache: Broker,
    tested: Broker,
    drawn: Vec<Drawn>,
    /// From where both are asked.
    from: IpAddr,
    /// Whether their controllers are asked.
    asks_controllers: bool,
    /// How long both are listened to.
    patience: Duration,
    differences: Vec<String>,
    compared: usize,
}

impl Pair {
    fn start() -> Result<Self> {
        let pair = Self::with_one_topic()?;
        for broker in [&pair.apache, &pair.tested] {
            broker.create_topic("small", 1, &[("max.message.bytes", "1000")])?;
            broker.create_topic("compact", 1, &[("cleanup.policy", "compact")])?;
        }
        Ok(pair)
    }

    /// Where all topics are listed: their order means nothing.
    fn with_one_topic() -> Result<Self> {
        Self::with_settings(&[])
    }

    /// The same with settings of one's own.
    fn with_settings(settings: &[(&str, &str)]) -> Result<Self> {
        Self::with_levels(&[], settings)
    }

    /// The same with other levels of features, each `NAME=LEVEL`.
    fn with_levels(levels: &[&str], settings: &[(&str, &str)]) -> Result<Self> {
        let start = |kind| {
            let spec = Spec::new(kind).set("auto.create.topics.enable", "false");
            let spec = levels.iter().fold(spec, |spec, level| spec.format(&["--feature", level]));
            settings.iter().fold(spec, |spec, (key, value)| spec.set(key, value)).start()
        };
        let (apache, tested) = (start(Kind::Apache)?, start(Kind::under_test()?)?);
        for broker in [&apache, &tested] {
            broker.create_topic("diff", 2, &[])?;
        }
        let drawn = vec![Drawn::new(&ID, [id_of_diff(&apache)?, id_of_diff(&tested)?])];
        Ok(Self { drawn, ..Self::of(apache, tested) })
    }

    fn of(apache: Broker, tested: Broker) -> Self {
        Self {
            apache,
            tested,
            drawn: Vec::new(),
            from: Ipv4Addr::LOCALHOST.into(),
            asks_controllers: false,
            patience: PATIENCE,
            differences: Vec::new(),
            compared: 0,
        }
    }

    /// Sends `bytes` on new connections and notes a difference under `name`.
    fn compare(&mut self, name: &str, bytes: &[u8]) -> Result<Outcome> {
        self.compare_first(name, bytes, usize::MAX)
    }

    /// The same for the first `length` bytes of the answers.
    fn compare_first(&mut self, name: &str, bytes: &[u8], length: usize) -> Result<Outcome> {
        let outcomes = self.outcomes(bytes, length)?;
        Ok(self.note(name, outcomes))
    }

    /// Counts a comparison and keeps what differs; gives what Apache Kafka did.
    fn note(&mut self, name: &str, [apache, tested]: [Outcome; 2]) -> Outcome {
        self.compared += 1;
        if apache != tested {
            let (theirs, ours) = (shown(&apache, &tested), shown(&tested, &apache));
            self.differences.push(format!("{name}:\n  Apache Kafka {theirs}\n  this broker  {ours}"));
        }
        apache
    }

    /// What both do, Apache Kafka first; answers are cut after `length` bytes.
    fn outcomes(&self, bytes: &[u8], length: usize) -> Result<[Outcome; 2]> {
        let ask = |side, patience| self.outcome(side, bytes, length, patience);
        let apache = ask(Side::Apache, self.patience)?;
        let tested = ask(Side::Tested, self.patience)?;
        // One of them may only be slow: a busy machine.
        Ok(match (&apache, &tested) {
            (Outcome::Silent, Outcome::Silent) => [apache, tested],
            (Outcome::Silent, _) => [ask(Side::Apache, PATIENCE_MAX)?, tested],
            (_, Outcome::Silent) => [apache, ask(Side::Tested, PATIENCE_MAX)?],
            _ => [apache, tested],
        })
    }

    fn outcome(&self, side: Side, bytes: &[u8], length: usize, patience: Duration) -> Result<Outcome> {
        let mut connection = Connection::open_from(self.from, self.address(side), PATIENCE_MAX)?;
        if connection.send(&drawn::to(side, &self.drawn, bytes)).is_err() {
            return Ok(Outcome::Closed);
        }
        // The last bytes have been sent: a broker that still waits for more sees the end and closes, and one that has
        // answered did so before.
        connection.set_limit(patience)?;
        match connection.receive() {
            Ok(Some(answer)) => Ok(self.answer(side, &answer[..answer.len().min(length)])),
            Ok(None) => Ok(Outcome::Closed),
            Err(_) => Ok(Outcome::Silent),
        }
    }

    /// What one of them has answered, as it is compared.
    fn answer(&self, side: Side, bytes: &[u8]) -> Outcome {
        Outcome::Answer(masked(
            &authorization::masked(&drawn::from(side, &self.drawn, bytes)),
            self.address(side).port(),
        ))
    }

    fn address(&self, side: Side) -> SocketAddr {
        let broker = self.broker(side);
        if self.asks_controllers { broker.controller_address() } else { broker.address() }
    }

    fn broker(&self, side: Side) -> &Broker {
        match side {
            Side::Apache => &self.apache,
            Side::Tested => &self.tested,
        }
    }

    /// Sends what both may treat in their own way, and sees that this broker lives on.
    fn tolerate(&mut self, bytes: &[u8]) -> Result<()> {
        self.outcomes(bytes, usize::MAX)?;
        self.tested.create_topics(&[], 1, &[])
    }

    /// The same for a whole request in every one of `versions`; `first_flexible` is the first compact version.
    fn compare_versions(
        &mut self,
        name: &str,
        key: i16,
        versions: std::ops::RangeInclusive<i16>,
        first_flexible: i16,
        body: impl Fn(i16, Body) -> Body,
    ) -> Result<()> {
        for version in versions {
            let flexible = version >= first_flexible;
            let bytes = body(version, Body::new(flexible)).bytes();
            let frame = request(key, version, 77, if flexible { 2 } else { 1 }, &bytes);
            let outcome = self.compare(&format!("{name} v{version}"), &frame)?;
            // A body that Apache Kafka cannot read compares nothing.
            assert!(matches!(outcome, Outcome::Answer(_)), "{name} v{version}: {outcome:?}");
        }
        Ok(())
    }

    /// Fails with the differences; versions of one request that differ are shown by the first of them.
    fn finish(self) {
        let (differing, compared) = (self.differences.len(), self.compared);
        let mut shown = Vec::new();
        let mut names = BTreeSet::new();
        for difference in self.differences {
            let name = difference.split(":\n").next().unwrap_or_default();
            let without_version = name.rsplit_once(" v").map_or(name, |(name, _)| name).to_owned();
            if names.insert(without_version) {
                shown.push(difference);
            }
        }
        assert!(differing == 0, "{differing} of {compared} differ:\n{}", shown.join("\n"));
    }
}

/// Asks for the topic's metadata until the broker knows it, and takes the id that follows its name.
fn id_of_diff(broker: &Broker) -> Result<Vec<u8>> {
    let deadline = Deadline::after(Duration::from_secs(20));
    let body = metadata(12, Body::new(true), &["diff"]).bytes();
    while deadline.left().is_some() {
        let mut connection = Connection::open(broker.address(), Duration::from_secs(20))?;
        connection.send(&request(3, 12, 1, 2, &body))?;
        let answer = connection.receive()?.context("an answer")?;
        let name = answer.windows(5).position(|bytes| bytes == b"\x05diff").context("the topic's name")?;
        let id = answer[name + 5..name + 21].to_vec();
        if id != [0; 16] {
            return Ok(id);
        }
    }
    anyhow::bail!("the topic does not appear")
}

/// Readable, with the broker's own port and the moment of its answer replaced.
fn masked(answer: &[u8], port: u16) -> String {
    let own = i32::from(port).to_be_bytes().escape_ascii().to_string();
    let text = answer.escape_ascii().to_string().replace(&own, "(port)");
    let mut parts = text.split("should be within [");
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.split_once(']').map_or("", |(_, rest)| rest);
        masked.push_str("should be within (bounds)");
        masked.push_str(rest);
    }
    drawn::without_uuids(&masked)
}

/// The part of `one` that begins shortly before it first differs from `other`.
fn shown(one: &Outcome, other: &Outcome) -> String {
    let (Outcome::Answer(one), Outcome::Answer(other)) = (one, other) else { return format!("{one:?}") };
    let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    let part: String = one.chars().skip(same.saturating_sub(60)).take(260).collect();
    format!("{part} (of {} characters, equal up to {same})", one.len())
}

fn metadata(version: i16, body: Body, topics: &[&str]) -> Body {
    let mut body = match (version, topics.len()) {
        (0, 0) => return body.array(Some(1)).text(Some("missing")),
        (_, count) => body.array(Some(count)),
    };
    for topic in topics {
        let with_id = if version >= 10 { body.raw(&[0; 16]) } else { body };
        body = with_id.text(Some(topic)).end();
    }
    let body = if version >= 4 { body.int8(0) } else { body };
    let body = if (8..=10).contains(&version) { body.int8(0) } else { body };
    if version >= 8 { body.int8(0).end() } else { body.end() }
}
