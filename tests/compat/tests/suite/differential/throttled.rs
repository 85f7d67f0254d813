//! How long clients are throttled for what they use, and that nothing is taken from them until then (KIP-219, KIP-599):
//! both are asked for the same, and the times must be equal where only the request decides them.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tests_compat::{Body, Broker, Connection, Stopwatch};

use super::api::Api;
use super::batch::Batch;
use super::quotas::{ALTER, Entity, PRODUCER, alter};
use super::{PATIENCE_MAX, Pair};

const PRODUCE: Api = Api { key: 0, versions: 9..=9, first_flexible: 9 };
const FETCH: Api = Api { key: 1, versions: 12..=12, first_flexible: 12 };
const API_VERSIONS: Api = Api { key: 18, versions: 0..=0, first_flexible: 3 };
const CREATE: Api = Api { key: 19, versions: 5..=6, first_flexible: 5 };
const DELETE: Api = Api { key: 20, versions: 4..=4, first_flexible: 4 };

/// What a quota of every client id says.
const CLIENTS: Entity<'_> = &[("client-id", None)];
/// Timers and clocks of a broker count in milliseconds.
const SLACK_MS: i32 = 5;

/// Produce v9 of one record to `diff`.
fn produce(body: Body, acks: i16) -> Body {
    let body = body.text(None).int16(acks).int32(5000).array(Some(1)).text(Some("diff"));
    body.array(Some(1)).int32(0).blob(&Batch::new(1).bytes()).end().end().end()
}

/// Fetch v12 of what there is in `diff`, without a session.
fn fetch(body: Body) -> Body {
    let body = body.int32(-1).int32(0).int32(0).int32(1 << 20).int8(0).int32(0).int32(-1);
    let body = body.array(Some(1)).text(Some("diff")).array(Some(1)).int32(0).int32(-1);
    let body = body.int64(0).int32(-1).int64(0).int32(1 << 20).end().end();
    body.array(Some(0)).text(Some("")).end()
}

fn answer_to(connection: &mut Connection, frame: &[u8]) -> Result<Vec<u8>> {
    connection.send(frame)?;
    connection.receive()?.context("an answer")
}

fn int32(answer: &[u8], at: usize) -> Result<i32> {
    Ok(i32::from_be_bytes(answer.get(at..at + 4).context("a longer answer")?.try_into()?))
}

/// The limit, which is whole, by which a burst of so many bytes is throttled for about `seconds`: it is measured over ten.
#[expect(clippy::cast_precision_loss, reason = "a short request")]
fn limit_of(bytes: usize, seconds: f64) -> f64 {
    (bytes as f64 / (10.0 + seconds)).round()
}

/// When something is taken from a connection again, in milliseconds after a moment that is not later than its last request.
fn heard_after(connection: &mut Connection, since: Stopwatch) -> Result<i32> {
    answer_to(connection, &API_VERSIONS.frame(0, |_, body| body))?;
    Ok(i32::try_from(since.elapsed().as_millis())?)
}

impl Pair {
    /// Sets a quota of every client id on both, and waits until it is listed there.
    fn limit(&self, key: &str, value: f64) -> Result<()> {
        let frame = ALTER.frame(1, |_, body| alter(body, &[(CLIENTS, &[(key, Some(value))])], false));
        self.both(&frame)?;
        self.list_quotas(1)
    }

    /// What each is told, Apache Kafka first.
    fn told(&self, ask: impl Fn(&Broker) -> Result<i32>) -> Result<[i32; 2]> {
        Ok([ask(&self.apache)?, ask(&self.tested)?])
    }
}

#[test]
fn a_producer_is_told_the_same_and_not_heard_until_then() -> Result<()> {
    let pair = Pair::with_one_topic()?;
    let frame = PRODUCE.frame(9, |_, body| produce(body, 1));
    pair.limit(PRODUCER, limit_of(frame.len() - 4, 1.5))?;
    let [theirs, ours] = pair.told(|broker| {
        let mut connection = Connection::open(broker.address(), PATIENCE_MAX)?;
        let since = Stopwatch::start();
        let answer = answer_to(&mut connection, &frame)?;
        // The last field before the tags.
        let throttled = int32(&answer, answer.len() - 5)?;
        let heard = heard_after(&mut connection, since)?;
        assert!(heard >= throttled - SLACK_MS, "told {throttled} ms, heard after {heard} ms");
        Ok(throttled)
    })?;
    assert_eq!(theirs, ours, "milliseconds that Apache Kafka and this broker told");
    assert!((1_000..=2_000).contains(&ours), "{ours} ms");
    Ok(())
}

#[test]
fn who_wants_no_answer_is_not_heard_either() -> Result<()> {
    let pair = Pair::with_one_topic()?;
    let frame = PRODUCE.frame(9, |_, body| produce(body, 0));
    pair.limit(PRODUCER, limit_of(frame.len() - 4, 1.5))?;
    for broker in [&pair.apache, &pair.tested] {
        let mut connection = Connection::open(broker.address(), PATIENCE_MAX)?;
        let since = Stopwatch::start();
        connection.send(&frame)?;
        let heard = heard_after(&mut connection, since)?;
        assert!(heard >= 1_000 - SLACK_MS, "heard after {heard} ms");
    }
    Ok(())
}

#[test]
fn a_consumer_beyond_its_quota_gets_nothing_until_then() -> Result<()> {
    let pair = Pair::with_one_topic()?;
    let written = PRODUCE.frame(9, |_, body| produce(body, 1));
    let count = 100;
    for _ in 0..count {
        pair.both(&written)?;
    }
    let records = count * Batch::new(1).bytes().len();
    // Two fetches of all are too much.
    pair.limit("consumer_byte_rate", limit_of(2 * records, 3.0))?;
    let frame = FETCH.frame(12, |_, body| fetch(body));
    let [theirs, ours] = pair.told(|broker| {
        let mut connection = Connection::open(broker.address(), PATIENCE_MAX)?;
        let begun = Stopwatch::start();
        let first = answer_to(&mut connection, &frame)?;
        assert_eq!(int32(&first, 5)?, 0, "what fits is let through");
        assert!(first.len() > records, "{} bytes", first.len());
        let since = Stopwatch::start();
        let second = answer_to(&mut connection, &frame)?;
        assert!(second.len() < 200, "{} bytes of records that nobody is charged with", second.len());
        let throttled = int32(&second, 5)?;
        // What has passed counts.
        let until = throttled + i32::try_from(begun.elapsed().as_millis())?;
        assert!(throttled > 0 && until >= 2_900, "told {throttled} ms, {until} ms after it began");
        let heard = heard_after(&mut connection, since)?;
        assert!(heard >= throttled - SLACK_MS, "told {throttled} ms, heard after {heard} ms");
        Ok(throttled)
    })?;
    // Apache Kafka charges what is around the records too.
    assert!(theirs.max(ours) <= 3_500, "Apache Kafka said {theirs} ms, this broker {ours} ms");
    Ok(())
}

#[test]
fn changes_of_topics_are_refused_and_throttled_as_by_kafka() -> Result<()> {
    let pair = Pair::with_one_topic()?;
    pair.limit("controller_mutation_rate", 0.01)?;
    let create = |name: &'static str| {
        move |_, body: Body| {
            let body = body.array(Some(1)).text(Some(name)).int32(3).int16(1);
            body.array(Some(0)).array(Some(0)).end().int32(5000).int8(0).end()
        }
    };
    // Whether the client is throttled, and whether the change is refused.
    let seen = |frame: &[u8]| -> Result<[(bool, bool); 2]> {
        let answers = pair.both(frame)?;
        let of = |answer: &[u8]| -> Result<(bool, bool)> {
            Ok((int32(answer, 1)? > 0, answer.windows(2).any(|bytes| bytes == [0, 89])))
        };
        Ok([of(&answers[0])?, of(&answers[1])?])
    };
    let first = seen(&CREATE.frame(6, create("a")))?;
    assert_eq!(first, [(false, false); 2], "anything goes while something is left");
    assert_eq!(seen(&CREATE.frame(6, create("b")))?, [(true, true); 2], "who knows the refusal");
    assert_eq!(seen(&CREATE.frame(5, create("b")))?, [(true, false); 2], "who does not");
    let delete = DELETE.frame(4, |_, body| body.array(Some(1)).text(Some("diff")).int32(5000).end());
    assert_eq!(seen(&delete)?, [(true, false); 2], "deletions are changes");
    Ok(())
}

#[test]
fn what_is_set_and_removed_holds_from_the_next_request_on() -> Result<()> {
    let pair = Pair::with_one_topic()?;
    let frame = PRODUCE.frame(9, |_, body| produce(body, 1));
    let remove = ALTER.frame(1, |_, body| alter(body, &[(CLIENTS, &[(PRODUCER, None)])], false));
    let is_throttled = |frame: &[u8]| -> Result<[bool; 2]> {
        let answers = pair.both(frame)?;
        let of = |answer: &[u8]| -> Result<bool> { Ok(int32(answer, answer.len() - 5)? > 0) };
        Ok([of(&answers[0])?, of(&answers[1])?])
    };
    assert_eq!(is_throttled(&frame)?, [false; 2]);
    pair.limit(PRODUCER, 1.0)?;
    assert_eq!(is_throttled(&frame)?, [true; 2]);
    pair.both(&remove)?;
    pair.list_quotas(0)?;
    let since = Stopwatch::start();
    assert_eq!(is_throttled(&frame)?, [false; 2]);
    // The account would still be far beyond what was allowed; the new connections are not held up by it.
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    Ok(())
}

/// Two windows of a second let one connection a second through; the next one is closed without being read once its time is
/// up, and other addresses are not held up.
#[test]
fn connections_of_an_address_are_held_up_as_by_kafka() -> Result<()> {
    let pair = Pair::with_settings(&[("quota.window.num", "2")])?;
    let limit = |value| {
        let entity: Entity<'_> = &[("ip", Some("127.0.0.7"))];
        ALTER.frame(1, move |_, body| alter(body, &[(entity, &[("connection_creation_rate", value)])], false))
    };
    pair.both(&limit(Some(1.0)))?;
    pair.list_quotas(1)?;
    let frame = API_VERSIONS.frame(0, |_, body| body);
    // Which of some connections in a row are answered.
    let heard = |broker: &Broker, count: usize| -> Result<Vec<bool>> {
        let from = IpAddr::from([127, 0, 0, 7]);
        let open = |_| Connection::open_from(from, broker.address(), PATIENCE_MAX);
        let connections: Vec<_> = (0..count).map(open).collect::<Result<_>>()?;
        let is_heard = |mut connection: Connection| {
            // The connection may be gone by now.
            connection.send(&frame).ok();
            Ok(connection.receive()?.is_some())
        };
        connections.into_iter().map(is_heard).collect()
    };
    for broker in [&pair.apache, &pair.tested] {
        let heard = heard(broker, 5)?;
        assert!(heard[0] && heard.contains(&false), "{heard:?}");
        let connection = Connection::open(broker.address(), PATIENCE_MAX);
        answer_to(&mut connection?, &frame).context("another address")?;
    }
    pair.both(&limit(None))?;
    pair.list_quotas(0)?;
    for broker in [&pair.apache, &pair.tested] {
        assert_eq!(heard(broker, 5)?, [true; 5], "nothing holds it up any more");
    }
    Ok(())
}
