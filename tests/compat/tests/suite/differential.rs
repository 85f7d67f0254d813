//! The same request bytes to Apache Kafka and to the broker under test, and the answers compared byte by byte. Both
//! start empty and see the same sequence, so offsets agree; what must differ (ports) is masked.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::{Body, Broker, Connection, Deadline, Kind, Spec, frame, request};

mod batch;

use batch::Batch;

/// What a broker did with some bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Outcome {
    Answer(String),
    Closed,
    /// It waits for more.
    Silent,
}

/// Stands for the topic id of `diff`, which each broker has drawn for itself.
const ID: [u8; 16] = [0xa5; 16];

struct Pair {
    apache: Broker,
    tested: Broker,
    ids: [Vec<u8>; 2],
    differences: Vec<String>,
    compared: usize,
}

impl Pair {
    fn start() -> Result<Self> {
        let start = |kind| Spec::new(kind).set("auto.create.topics.enable", "false").start();
        let (apache, tested) = (start(Kind::Apache)?, start(Kind::under_test()?)?);
        for broker in [&apache, &tested] {
            broker.create_topic("diff", 2, &[])?;
            broker.create_topic("small", 1, &[("max.message.bytes", "1000")])?;
            broker.create_topic("compact", 1, &[("cleanup.policy", "compact")])?;
        }
        let ids = [id_of_diff(&apache)?, id_of_diff(&tested)?];
        Ok(Self { apache, tested, ids, differences: Vec::new(), compared: 0 })
    }

    /// Sends `bytes` on new connections and notes a difference under `name`.
    fn compare(&mut self, name: &str, bytes: &[u8]) -> Result<Outcome> {
        let apache = outcome(self.apache.address(), bytes, &self.ids[0])?;
        let tested = outcome(self.tested.address(), bytes, &self.ids[1])?;
        self.compared += 1;
        if apache != tested {
            let (theirs, ours) = (shown(&apache, &tested), shown(&tested, &apache));
            self.differences.push(format!("{name}:\n  Apache Kafka {theirs}\n  this broker  {ours}"));
        }
        Ok(apache)
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

    fn finish(self) {
        let (differing, compared) = (self.differences.len(), self.compared);
        assert!(differing == 0, "{differing} of {compared} differ:\n{}", self.differences.join("\n"));
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

/// Replaces each occurrence of `from`.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(from) {
            result.extend(to);
            rest = after;
        } else {
            result.push(*first);
            rest = after;
        }
    }
    result
}

fn outcome(address: SocketAddr, bytes: &[u8], id: &[u8]) -> Result<Outcome> {
    let mut connection = Connection::open(address, Duration::from_secs(20))?;
    if connection.send(&replaced(bytes, &ID, id)).is_err() {
        return Ok(Outcome::Closed);
    }
    // The last bytes have been sent: a broker that still waits for more sees the end and closes, and one that has
    // answered did so before.
    connection.set_limit(Duration::from_millis(400))?;
    match connection.receive() {
        Ok(Some(answer)) => Ok(Outcome::Answer(masked(&replaced(&answer, id, &ID), address.port()))),
        Ok(None) => Ok(Outcome::Closed),
        Err(_) => Ok(Outcome::Silent),
    }
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
    masked
}

/// The part of `one` that begins shortly before it first differs from `other`.
fn shown(one: &Outcome, other: &Outcome) -> String {
    let (Outcome::Answer(one), Outcome::Answer(other)) = (one, other) else { return format!("{one:?}") };
    let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    let part: String = one.chars().skip(same.saturating_sub(60)).take(260).collect();
    format!("{part} (of {} characters, equal up to {same})", one.len())
}

const API_VERSIONS: i16 = 18;

#[test]
fn frames_that_are_no_requests() -> Result<()> {
    let mut pair = Pair::start()?;
    let whole = request(API_VERSIONS, 0, 1, 1, &[]);
    for length in 0..=7_u8 {
        pair.compare(&format!("a frame of {length} bytes"), &frame(&vec![0; usize::from(length)]))?;
        let start = &whole[4..4 + usize::from(length)];
        pair.compare(&format!("the first {length} bytes of a header in a frame"), &frame(start))?;
        pair.compare(&format!("a connection that sends {length} bytes"), &whole[..usize::from(length)])?;
    }
    pair.compare("a request short of one byte", &whole[..whole.len() - 1])?;
    for length in [-1, i32::MIN, i32::MAX, 104_857_601] {
        pair.compare(&format!("a length of {length}"), &[&length.to_be_bytes()[..], &whole[4..]].concat())?;
    }
    pair.compare(
        "a length at the limit, not sent whole",
        &[&104_857_600_i32.to_be_bytes()[..], &[0; 8]].concat(),
    )?;
    pair.compare("HTTP", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    pair.compare("TLS", &[0x16, 3, 1, 0, 0xa5, 1, 0, 0, 0xa1, 3, 3, 0, 0, 0, 0, 0, 0, 0])?;
    pair.finish();
    Ok(())
}

#[test]
fn headers_that_make_no_sense() -> Result<()> {
    let mut pair = Pair::start()?;
    let header = |key: i16, version: i16, rest: &[u8]| {
        frame(&[&key.to_be_bytes()[..], &version.to_be_bytes(), &[0, 0, 0, 9], rest].concat())
    };
    for key in [-1, 4, 5, 6, 7, 52, 53, 54, 56, 58, 59, 62, 63, 70, 1000, i16::MAX] {
        pair.compare(&format!("API {key}"), &header(key, 0, &[0xff, 0xff]))?;
    }
    for (key, version) in
        [(0, 2), (0, 99), (1, 3), (1, 99), (2, 0), (3, -1), (3, 14), (3, 99), (19, 1), (22, 99)]
    {
        pair.compare(&format!("API {key} v{version}"), &header(key, version, &[0xff, 0xff, 0]))?;
    }
    pair.compare("no client id", &header(API_VERSIONS, 0, &[0xff, 0xff]))?;
    pair.compare("an empty client id", &header(API_VERSIONS, 0, &[0, 0]))?;
    pair.compare("a client id that is cut", &header(API_VERSIONS, 0, &[0, 9, b'a']))?;
    pair.compare("a negative client id length", &header(API_VERSIONS, 0, &[0x80, 0]))?;
    pair.compare("a client id that is no UTF-8", &header(API_VERSIONS, 0, &[0, 2, 0xff, 0xfe]))?;
    pair.compare("a negative correlation id", &request(API_VERSIONS, 99, i32::MIN, 1, &[]))?;
    let tagged = |tags: &[u8]| header(3, 9, &[&[0xff, 0xff][..], tags, &[1, 0, 0, 0, 0]].concat());
    pair.compare("an unknown tagged field", &tagged(&[1, 5, 2, 1, 1]))?;
    pair.compare("tagged fields that never end", &tagged(&[0xff, 0xff, 0xff, 0xff, 7, 1, 0]))?;
    pair.compare("a tagged field longer than the frame", &tagged(&[1, 5, 0xff, 0x7f]))?;
    pair.compare("tagged fields out of order", &tagged(&[2, 5, 0, 4, 0]))?;
    pair.compare("a tagged field twice", &tagged(&[2, 5, 0, 5, 0]))?;
    pair.finish();
    Ok(())
}

#[test]
fn bodies_that_lie() -> Result<()> {
    let mut pair = Pair::start()?;
    let metadata = |version: i16, body: &[u8]| request(3, version, 5, if version >= 9 { 2 } else { 1 }, body);
    pair.compare("an array longer than the frame", &metadata(1, &[0x7f, 0xff, 0xff, 0xff]))?;
    pair.compare("an array of a million", &metadata(1, &[0, 0x0f, 0x42, 0x40, 0, 1]))?;
    pair.compare("a negative array", &metadata(1, &[0x80, 0, 0, 0]))?;
    pair.compare("a compact array of 2^32 - 1", &metadata(9, &[0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0]))?;
    pair.compare("a length of eleven bytes", &metadata(9, &[0xff; 16]))?;
    pair.compare("a topic name that is cut", &metadata(1, &[0, 0, 0, 1, 0, 99, b'a']))?;
    pair.compare("an absent topic name", &metadata(1, &[0, 0, 0, 1, 0xff, 0xff]))?;
    pair.compare("nothing", &metadata(4, &[]))?;
    pair.compare("more than the body", &metadata(4, &[0, 0, 0, 0, 0, 1, 2, 3]))?;
    pair.compare("a topic name that is no UTF-8", &metadata(1, &[0, 0, 0, 1, 0, 2, 0xff, 0xfe]))?;
    pair.finish();
    Ok(())
}

#[test]
fn api_versions_of_every_version() -> Result<()> {
    let mut pair = Pair::start()?;
    let software =
        |name: &str, version: &str| Body::new(true).text(Some(name)).text(Some(version)).end().bytes();
    for version in 5..8 {
        pair.compare(
            &format!("ApiVersions v{version}"),
            &request(API_VERSIONS, version, 3, 2, &software("a", "1")),
        )?;
    }
    pair.compare("ApiVersions v99, a body of another kind", &request(API_VERSIONS, 99, 3, 1, &[1, 2, 3]))?;
    for wrong in ["", " ", "-a", "a b", "é"] {
        let body = software(wrong, "1.0");
        pair.compare(&format!("a software called {wrong:?}"), &request(API_VERSIONS, 3, 3, 2, &body))?;
    }
    for version in 0..=4_i16 {
        let body = if version >= 3 { software("probe", "1.0") } else { vec![] };
        let bytes = request(API_VERSIONS, version, 3, if version >= 3 { 2 } else { 1 }, &body);
        let ranges = |address| -> Result<Vec<(i16, i16, i16)>> {
            let mut connection = Connection::open(address, Duration::from_secs(20))?;
            connection.send(&bytes)?;
            ranges_of(&connection.receive()?.context("an answer")?, version >= 3)
        };
        let (apache, tested) = (ranges(pair.apache.address())?, ranges(pair.tested.address())?);
        for range in tested {
            if !apache.contains(&range) {
                pair.differences
                    .push(format!("ApiVersions v{version}: {range:?} is not what Apache Kafka has"));
            }
        }
    }
    pair.finish();
    Ok(())
}

/// The (key, lowest, highest) triples of an ApiVersions answer without an error.
fn ranges_of(answer: &[u8], compact: bool) -> Result<Vec<(i16, i16, i16)>> {
    assert_eq!(answer[..6], [0, 0, 0, 3, 0, 0], "the correlation id without a tagged header, and no error");
    let (count, mut rest) = if compact {
        (usize::from(answer[6]) - 1, &answer[7..])
    } else {
        (usize::try_from(i32::from_be_bytes(answer[6..10].try_into()?))?, &answer[10..])
    };
    let mut ranges = Vec::new();
    for _ in 0..count {
        let number = |at: usize| i16::from_be_bytes([rest[at], rest[at + 1]]);
        ranges.push((number(0), number(2), number(4)));
        rest = &rest[if compact { 7 } else { 6 }..];
    }
    Ok(ranges)
}

#[test]
fn metadata_and_cluster() -> Result<()> {
    let mut pair = Pair::start()?;
    pair.compare_versions("no topics", 3, 0..=13, 9, |version, body| metadata(version, body, &[]))?;
    pair.compare_versions("a topic", 3, 0..=13, 9, |version, body| metadata(version, body, &["diff"]))?;
    pair.compare_versions("a topic's partitions", 75, 0..=0, 0, |_, body| {
        body.array(Some(1)).text(Some("diff")).end().int32(10).int8(-1).end()
    })?;
    pair.compare_versions("partitions, page by page", 75, 0..=0, 0, |_, body| {
        body.array(Some(1)).text(Some("diff")).end().int32(1).int8(-1).end()
    })?;
    let by_id = |id: [u8; 16]| {
        move |_, body: Body| body.array(Some(1)).raw(&id).text(None).end().int8(0).int8(0).end()
    };
    pair.compare_versions("a topic by id", 3, 12..=13, 9, by_id(ID))?;
    pair.compare_versions("an unknown id", 3, 12..=13, 9, by_id([7; 16]))?;
    let unknown = ["missing", "bad/name"];
    pair.compare_versions("unknown topics", 3, 1..=13, 9, |version, body| metadata(version, body, &unknown))?;
    pair.compare_versions("the cluster", 60, 0..=2, 0, |version, body| {
        let body = body.int8(0);
        let body = if version >= 1 { body.int8(1) } else { body };
        if version >= 2 { body.int8(0).end() } else { body.end() }
    })?;
    pair.compare_versions("an unknown topic's partitions", 75, 0..=0, 0, |_, body| {
        body.array(Some(1)).text(Some("missing")).end().int32(10).int8(-1).end()
    })?;
    pair.compare_versions("no access control", 29, 1..=3, 2, |_, body| {
        body.int8(1).text(None).int8(1).text(None).text(None).int8(1).int8(1).end()
    })?;
    pair.compare_versions("no groups", 16, 0..=5, 3, |version, body| {
        let body = if version >= 4 { body.array(Some(0)) } else { body };
        if version >= 5 { body.array(Some(0)).end() } else { body.end() }
    })?;
    pair.compare_versions("no reassignments", 46, 0..=0, 0, |_, body| body.int32(1000).array(None).end())?;
    pair.finish();
    Ok(())
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

#[test]
fn produce_then_fetch_then_list_offsets() -> Result<()> {
    let mut pair = Pair::start()?;
    for (name, topic, batch) in batch::cases() {
        pair.compare_versions(name, 0, 3..=12, 9, |_, body| produce(body, topic, 0, -1, &batch))?;
    }
    let good = Batch::new(1).bytes();
    pair.compare_versions("an unknown topic", 0, 3..=12, 9, |_, body| {
        produce(body, "missing", 0, -1, &good)
    })?;
    pair.compare_versions("an unknown partition", 0, 3..=12, 9, |_, body| {
        produce(body, "diff", 7, -1, &good)
    })?;
    pair.compare_versions("acks 2", 0, 3..=12, 9, |_, body| produce(body, "diff", 0, 2, &good))?;
    pair.compare_versions("by id", 0, 13..=13, 9, |_, body| {
        let body = body.text(None).int16(-1).int32(5000).array(Some(1)).raw(&ID);
        body.array(Some(1)).int32(0).blob(&good).end().end().end()
    })?;
    for offset in [0, 3, 10_000, -1] {
        let name = format!("fetch at {offset}");
        pair.compare_versions(&name, 1, 4..=18, 12, |version, body| fetch(version, body, "diff", offset))?;
    }
    pair.compare_versions("fetch of nothing", 1, 4..=12, 12, |version, body| {
        fetch(version, body, "missing", 0)
    })?;
    for timestamp in [-1, -2, -3, -4, -5, -6, 0, batch::TIMESTAMP, batch::TIMESTAMP + 1, i64::MAX] {
        let name = format!("offset at {timestamp}");
        for topic in ["diff", "small", "missing"] {
            pair.compare_versions(&name, 2, 1..=11, 6, |version, body| {
                list_offsets(version, body, topic, timestamp)
            })?;
        }
    }
    for epoch in [-1, 0, 1, 5] {
        pair.compare_versions(&format!("end of epoch {epoch}"), 23, 2..=4, 4, |version, body| {
            let body = if version >= 3 { body.int32(-1) } else { body };
            let body = body.array(Some(1)).text(Some("diff")).array(Some(1)).int32(0);
            body.int32(-1).int32(epoch).end().end().end()
        })?;
    }
    pair.finish();
    Ok(())
}

fn produce(body: Body, topic: &str, partition: i32, acks: i16, records: &[u8]) -> Body {
    let body = body.text(None).int16(acks).int32(5000).array(Some(1)).text(Some(topic));
    body.array(Some(1)).int32(partition).blob(records).end().end().end()
}

fn fetch(version: i16, body: Body, topic: &str, offset: i64) -> Body {
    let body = if version >= 15 { body } else { body.int32(-1) };
    let body = body.int32(0).int32(0).int32(50_000_000).int8(0);
    let body = if version >= 7 { body.int32(0).int32(-1) } else { body };
    let body = body.array(Some(1));
    let body = if version >= 13 { body.raw(&ID) } else { body.text(Some(topic)) };
    let body = body.array(Some(1)).int32(0);
    let body = if version >= 9 { body.int32(-1) } else { body };
    let body = body.int64(offset);
    let body = if version >= 12 { body.int32(-1) } else { body };
    let body = if version >= 5 { body.int64(-1) } else { body };
    let body = body.int32(1_000_000).end().end();
    let body = if version >= 7 { body.array(Some(0)) } else { body };
    if version >= 11 { body.text(Some("")).end() } else { body.end() }
}

fn list_offsets(version: i16, body: Body, topic: &str, timestamp: i64) -> Body {
    let body = body.int32(-1);
    let body = if version >= 2 { body.int8(0) } else { body };
    let body = body.array(Some(1)).text(Some(topic)).array(Some(1)).int32(0);
    let body = if version >= 4 { body.int32(-1) } else { body };
    let body = body.int64(timestamp).end().end();
    if version >= 10 { body.int32(1000).end() } else { body.end() }
}

#[test]
fn topics_that_cannot_be_made_changed_or_deleted() -> Result<()> {
    let mut pair = Pair::start()?;
    let long = "x".repeat(250);
    let names = ["", ".", "..", "bad/name", "diff", "__cluster_metadata", &long];
    for (name, partitions, factor) in names.iter().map(|name| (*name, 1, 1)).chain([
        ("n", 0, 1),
        ("n", -2, 1),
        ("n", 1, 0),
        ("n", 1, 2),
        ("n", 1, 70),
    ]) {
        let shown = format!("create {name:.10?} {partitions} {factor}");
        pair.compare_versions(&shown, 19, 2..=7, 5, |_, body| {
            let body = body.array(Some(1)).text(Some(name)).int32(partitions).int16(factor);
            body.array(Some(0)).array(Some(0)).end().int32(5000).int8(1).end()
        })?;
    }
    for (key, value) in
        [("retention.ms", "x"), ("no.such", "1"), ("cleanup.policy", "shred"), ("min.insync.replicas", "0")]
    {
        pair.compare_versions(&format!("create with {key}={value}"), 19, 2..=7, 5, |_, body| {
            let body = body.array(Some(1)).text(Some("n")).int32(1).int16(1).array(Some(0)).array(Some(1));
            body.text(Some(key)).text(Some(value)).end().end().int32(5000).int8(1).end()
        })?;
    }
    pair.compare_versions("delete an unknown topic", 20, 1..=5, 4, |_, body| {
        body.array(Some(1)).text(Some("missing")).int32(5000).end()
    })?;
    for count in [0, 2, 1, -1] {
        pair.compare_versions(&format!("grow to {count}"), 37, 0..=3, 2, |_, body| {
            let body = body.array(Some(1)).text(Some("diff")).int32(count).array(None).end();
            body.int32(5000).int8(1).end()
        })?;
    }
    for (topic, offset) in [("missing", 0), ("diff", 1000), ("diff", -2), ("compact", 0)] {
        pair.compare_versions(&format!("delete records of {topic} to {offset}"), 21, 0..=2, 2, |_, body| {
            let body = body.array(Some(1)).text(Some(topic)).array(Some(1)).int32(0).int64(offset).end();
            body.end().int32(5000).end()
        })?;
    }
    for (kind, name, key, value) in [
        (2, "missing", "retention.ms", "1"),
        (2, "diff", "retention.ms", "x"),
        (2, "diff", "no.such", "1"),
        (4, "7", "log.retention.ms", "1"),
        (4, "1", "log.dirs", "x"),
        (4, "x", "log.retention.ms", "1"),
        (77, "x", "y", "1"),
    ] {
        pair.compare_versions(&format!("set {key}={value} on {kind} {name}"), 44, 0..=1, 1, |_, body| {
            let body = body.array(Some(1)).int8(kind).text(Some(name)).array(Some(1));
            body.text(Some(key)).int8(0).text(Some(value)).end().end().int8(1).end()
        })?;
    }
    pair.finish();
    Ok(())
}

#[test]
fn idempotent_producers() -> Result<()> {
    let mut pair = Pair::start()?;
    // A repeated batch is acknowledged with its first offset; a gap and an old epoch are not taken.
    let steps = [
        ("first", (9, 0, 0)),
        ("again", (9, 0, 0)),
        ("next", (9, 0, 3)),
        ("again the first", (9, 0, 0)),
        ("a gap", (9, 0, 20)),
        ("a later epoch, not from 0", (9, 1, 6)),
        ("a later epoch", (9, 1, 0)),
        ("the old epoch", (9, 0, 6)),
        ("an unknown producer, not from 0", (10, 3, 77)),
        ("that producer's next", (10, 3, 80)),
        ("near the end of the numbers", (11, 0, i32::MAX - 2)),
        ("over the end", (11, 0, 0)),
        ("a producer without epoch", (12, -1, 0)),
    ];
    for (name, producer) in steps {
        let batch = Batch::new(3).sent_by(producer).bytes();
        pair.compare_versions(name, 0, 9..=9, 9, |_, body| produce(body, "diff", 0, -1, &batch))?;
    }
    for number in 0..8 {
        let batch = Batch::new(3).sent_by((20, 0, number * 3)).bytes();
        pair.compare_versions("in order", 0, 9..=9, 9, |_, body| produce(body, "diff", 1, -1, &batch))?;
    }
    for number in 0..8 {
        let batch = Batch::new(3).sent_by((20, 0, number * 3)).bytes();
        let name = format!("batch {number} again, of which five are remembered");
        pair.compare_versions(&name, 0, 9..=9, 9, |_, body| produce(body, "diff", 1, -1, &batch))?;
    }
    pair.compare_versions("the producers of a partition", 61, 0..=0, 0, |_, body| {
        body.array(Some(1)).text(Some("diff")).array(Some(3)).int32(1).int32(0).int32(7).end().end()
    })?;
    pair.compare_versions("a producer id", 22, 0..=5, 2, |version, body| {
        let body = body.text(None).int32(60_000);
        if version >= 3 { body.int64(-1).int16(-1).end() } else { body.end() }
    })?;
    pair.compare_versions("fetch of all", 1, 12..=12, 12, |version, body| fetch(version, body, "diff", 0))?;
    pair.finish();
    Ok(())
}

#[test]
fn configs_described() -> Result<()> {
    let mut pair = Pair::start()?;
    for (kind, name) in [
        (2, "diff"),
        (2, "compact"),
        (2, "missing"),
        (2, "bad/name"),
        (4, "1"),
        (4, "7"),
        (4, "x"),
        (99, "x"),
    ] {
        let shown = format!("describe {kind} {name}");
        pair.compare_versions(&shown, 32, 1..=4, 4, |version, body| {
            let keys =
                ["retention.ms", "cleanup.policy", "segment.bytes", "log.retention.ms", "node.id", "no.such"];
            let mut body = body.array(Some(1)).int8(kind).text(Some(name)).array(Some(keys.len()));
            for key in keys {
                body = body.text(Some(key));
            }
            let body = body.end().int8(1);
            if version >= 3 { body.int8(0).end() } else { body }
        })?;
    }
    pair.compare_versions("resources with configs", 74, 1..=1, 0, |_, body| {
        body.array(Some(1)).int8(2).end()
    })?;
    pair.compare_versions("client metrics", 74, 0..=0, 0, |_, body| body.end())?;
    pair.finish();
    Ok(())
}
