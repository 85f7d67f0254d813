//! Limits on connections and requests.

use std::time::Duration;

use anyhow::Result;
use tests_compat::{Broker, Connection, Kind, Spec, request};

const LIMIT: Duration = Duration::from_secs(20);

fn answered(connection: &mut Connection) -> Result<bool> {
    if connection.send(&request(18, 0, 1, 1, &[])).is_err() {
        return Ok(false);
    }
    Ok(connection.receive()?.is_some())
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
