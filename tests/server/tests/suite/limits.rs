//! Limits on connections and requests.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests_compat::{Body, Broker, Connection, Deadline, Kind, Spec, pause, request};

const LIMIT: Duration = Duration::from_secs(20);
/// Apache Kafka applies a changed value a moment after it has answered.
const TRY_EVERY: Duration = Duration::from_millis(20);
/// How long nothing may come where nothing is expected.
const SILENCE: Duration = Duration::from_millis(300);
const INCREMENTAL_ALTER_CONFIGS: i16 = 44;
const BROKER: i8 = 4;

fn answered(connection: &mut Connection) -> Result<bool> {
    if connection.send(&request(18, 0, 1, 1, &[])).is_err() {
        return Ok(false);
    }
    Ok(connection.receive()?.is_some())
}

/// Sets a dynamic value of one broker, or of all (no name), through a connection that is there already.
fn set(connection: &mut Connection, name: &str, key: &str, value: &str) -> Result<()> {
    let body = Body::new(false).array(Some(1)).int8(BROKER).text(Some(name));
    let body = body.array(Some(1)).text(Some(key)).int8(0).text(Some(value)).int8(0);
    connection.send(&request(INCREMENTAL_ALTER_CONFIGS, 0, 1, 1, &body.bytes()))?;
    let answer = connection.receive()?.context("the connection was closed")?;
    // Correlation id, throttle time, number of results; then the error of the first.
    ensure!(answer.get(12..14) == Some(&[0, 0]), "{key}={value}: {:?}", String::from_utf8_lossy(&answer));
    Ok(())
}

fn open(broker: &Broker) -> Result<Connection> {
    let mut connection = Connection::open(broker.address(), LIMIT)?;
    ensure!(answered(&mut connection)?, "a connection within the limits was closed");
    Ok(connection)
}

/// Whether a new connection is answered; closed and silent are both no.
fn comes_in(broker: &Broker) -> Result<bool> {
    let mut connection = Connection::open(broker.address(), LIMIT)?;
    connection.set_limit(SILENCE)?;
    Ok(answered(&mut connection).unwrap_or(false))
}

fn eventually(what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    let deadline = Deadline::after(LIMIT);
    while !is_so()? {
        ensure!(deadline.left().is_some(), "never: {what}");
        pause(TRY_EVERY);
    }
    Ok(())
}

fn start(key: &str, value: &str) -> Result<Broker> {
    Spec::new(Kind::under_test()?).set(key, value).start()
}

#[test]
fn connections_of_one_address_are_limited() -> Result<()> {
    let broker = start("max.connections.per.ip", "5")?;
    let mut open = Vec::new();
    for number in 0..5 {
        let mut connection = Connection::open(broker.address(), LIMIT)?;
        // The probe that found the broker ready may still be counted.
        assert!(answered(&mut connection)? || number == 4, "connection {number}");
        open.push(connection);
    }
    let mut surplus = Connection::open(broker.address(), LIMIT)?;
    assert!(!answered(&mut surplus)?, "a sixth connection");
    assert!(answered(&mut open[0])?, "the first is served still");
    Ok(())
}

#[test]
fn an_idle_connection_is_closed() -> Result<()> {
    let broker = start("connections.max.idle.ms", "1000")?;
    let mut connection = Connection::open(broker.address(), LIMIT)?;
    assert!(answered(&mut connection)?);
    assert_eq!(connection.receive()?, None, "closed by the broker");
    Ok(())
}

#[test]
fn a_request_above_the_limit_closes_its_connection() -> Result<()> {
    let broker = start("socket.request.max.bytes", "100000")?;
    let mut connection = Connection::open(broker.address(), LIMIT)?;
    connection.send(&100_001_i32.to_be_bytes())?;
    assert_eq!(connection.receive()?, None, "closed by the broker");
    let mut other = Connection::open(broker.address(), LIMIT)?;
    assert!(answered(&mut other)?);
    Ok(())
}

#[test]
fn a_limit_of_addresses_changes_at_once() -> Result<()> {
    let broker = Broker::under_test()?;
    let mut first = open(&broker)?;
    let mut second = open(&broker)?;
    set(&mut first, "", "max.connections.per.ip", "2")?;
    eventually("a third is refused", || Ok(!comes_in(&broker)?))?;
    set(&mut first, "", "max.connections.per.ip.overrides", "127.0.0.1:3")?;
    eventually("a third comes in", || comes_in(&broker))?;
    set(&mut first, "1", "max.connections.per.ip.overrides", "127.0.0.1:1")?;
    eventually("a third is refused again", || Ok(!comes_in(&broker)?))?;
    assert!(answered(&mut first)? && answered(&mut second)?, "those that are there stay");
    Ok(())
}

#[test]
fn a_lower_limit_closes_the_longest_unused_connection_and_lets_the_next_wait() -> Result<()> {
    // One thread, so that Apache Kafka also knows which of all is the longest unused.
    let broker = start("num.network.threads", "1")?;
    let mut open = [open(&broker)?, open(&broker)?, open(&broker)?];
    assert!(answered(&mut open[0])?);
    let [first, second, third] = &mut open;
    // Were the probe that found it ready counted still, it would be the longest unused of all and go first.
    set(third, "", "max.connections", "2")?;
    assert_eq!(second.receive()?, None, "closed by the broker");
    let mut waiting = Connection::open(broker.address(), LIMIT)?;
    waiting.send(&request(18, 0, 1, 1, &[]))?;
    waiting.set_limit(SILENCE)?;
    assert!(waiting.receive().is_err(), "no answer while it is full");
    assert!(answered(first)? && answered(third)?);
    set(third, "", "max.connections", "3")?;
    waiting.set_limit(LIMIT)?;
    assert!(waiting.receive()?.is_some(), "its turn has come");
    assert!(answered(first)? && answered(third)?);
    Ok(())
}

#[test]
fn a_listener_has_limits_of_its_own_that_change_at_once() -> Result<()> {
    const KEY: &str = "listener.name.plaintext.max.connections";
    let broker = Broker::under_test()?;
    let mut first = open(&broker)?;
    let _second = open(&broker)?;
    set(&mut first, "1", KEY, "2")?;
    let mut waiting = Connection::open(broker.address(), LIMIT)?;
    eventually("a third waits", || Ok(!comes_in(&broker)?))?;
    set(&mut first, "1", KEY, "10")?;
    assert!(answered(&mut waiting)?);
    eventually("others come in", || comes_in(&broker))?;
    assert!(answered(&mut first)?);
    Ok(())
}
