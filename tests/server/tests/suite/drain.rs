//! A stop on request: what is under way is answered first, and the files say that it ended well.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tests_compat::{Broker, Connection, Deadline, Kind, Stopwatch, pause};

use crate::batch;

const TOPIC: &str = "draining";
const LIMIT: Duration = Duration::from_secs(20);
const NOT_LEADER_OR_FOLLOWER: i16 = 6;
/// Longer than a stop may take.
const LONG_WAIT_MS: i32 = 25_000;
/// Until what was sent has surely arrived.
const SETTLE: Duration = Duration::from_millis(200);

fn terminate(broker: &Broker) -> Result<()> {
    let pid = broker.pid().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?)).context("it runs")?;
    Ok(kill_process(pid, Signal::TERM)?)
}

fn has_clean_mark(broker: &Broker) -> bool {
    fs::exists(broker.data().join(".kafka_cleanshutdown")).unwrap_or(false)
}

/// Klamm says 0; a Java machine that ends by SIGTERM says 128 + 15.
fn ends_well(broker: &mut Broker) -> Result<()> {
    let status = broker.wait(LIMIT)?.with_context(|| format!("it goes on:\n{}", broker.last_lines()))?;
    let wanted = if broker.kind() == Kind::Apache { 143 } else { 0 };
    assert_eq!(status.code(), Some(wanted), "{}", broker.last_lines());
    assert!(has_clean_mark(broker));
    Ok(())
}

/// Sends the topic's first record. Apache Kafka leads a new partition only a moment after it has said so.
fn send_first(connection: &mut Connection) -> Result<()> {
    let deadline = Deadline::after(LIMIT);
    loop {
        connection.send(&batch::produce(TOPIC, 0, b"one"))?;
        match batch::produced(connection, TOPIC)? {
            (NOT_LEADER_OR_FOLLOWER, _) if deadline.left().is_some() => pause(Duration::from_millis(10)),
            produced => {
                assert_eq!(produced, (0, 0));
                return Ok(());
            }
        }
    }
}

#[test]
fn a_parked_fetch_is_answered_before_the_end() -> Result<()> {
    let mut broker = Broker::under_test()?;
    broker.create_topic(TOPIC, 1, &[])?;
    let mut connection = Connection::open(broker.address(), LIMIT)?;
    send_first(&mut connection)?;
    connection.send(&batch::fetch(TOPIC, 1, LONG_WAIT_MS))?;
    pause(SETTLE);
    let watch = Stopwatch::start();
    terminate(&broker)?;
    if broker.kind() == Kind::Klamm {
        // Apache Kafka may close the connection on it. The lead is given up before the end, and that wakes it.
        let (code, _, records) = batch::fetched(&mut connection, TOPIC)?;
        assert!(matches!(code, 0 | NOT_LEADER_OR_FOLLOWER) && records == 0, "error {code}");
        assert_eq!(connection.receive()?, None, "closed then");
    }
    ends_well(&mut broker)?;
    assert!(watch.elapsed() < LIMIT);
    Ok(())
}

#[test]
fn what_is_acknowledged_while_it_stops_is_there_afterwards() -> Result<()> {
    let mut broker = Broker::under_test()?;
    broker.create_topic(TOPIC, 1, &[])?;
    let mut connections = Vec::new();
    for _ in 0..8 {
        connections.push(Connection::open(broker.address(), LIMIT)?);
    }
    // Requests are under way on every connection, and more than one waits on each, when the signal comes.
    for round in 0..20 {
        for connection in &mut connections {
            let _gone_in_the_end = connection.send(&batch::produce(TOPIC, 0, format!("{round}").as_bytes()));
        }
        if round == 10 {
            terminate(&broker)?;
        }
    }
    let mut acknowledged = 0;
    for connection in &mut connections {
        while let Ok((code, offset)) = batch::produced(connection, TOPIC) {
            if code == 0 {
                acknowledged = acknowledged.max(offset + 1);
            }
        }
    }
    ends_well(&mut broker)?;
    assert!(acknowledged > 0);
    broker.kill()?;
    broker.launch()?;
    let mut connection = Connection::open(broker.address(), LIMIT)?;
    connection.send(&batch::fetch(TOPIC, 0, 0))?;
    let (code, end, _) = batch::fetched(&mut connection, TOPIC)?;
    assert_eq!(code, 0);
    assert!(end >= acknowledged, "{acknowledged} acknowledged, {end} there");
    broker.stop()
}

#[test]
fn a_second_signal_does_not_cut_the_stop_short() -> Result<()> {
    let mut broker = Broker::under_test()?;
    broker.create_topic(TOPIC, 20, &[])?;
    let mut connection = Connection::open(broker.address(), LIMIT)?;
    send_first(&mut connection)?;
    terminate(&broker)?;
    // It may have ended already when the later ones are sent.
    for _ in 0..5 {
        let _ended = terminate(&broker);
    }
    ends_well(&mut broker)
}

#[test]
fn a_client_that_never_pauses_does_not_hold_up_the_end() -> Result<()> {
    let mut broker = Broker::under_test()?;
    broker.create_topic(TOPIC, 1, &[])?;
    let address = broker.address();
    let client = std::thread::spawn(move || -> Result<()> {
        let mut connection = Connection::open(address, LIMIT)?;
        loop {
            connection.send(&batch::produce(TOPIC, 0, b"again"))?;
            batch::produced(&mut connection, TOPIC)?;
        }
    });
    pause(SETTLE);
    let watch = Stopwatch::start();
    terminate(&broker)?;
    ends_well(&mut broker)?;
    let took = watch.elapsed();
    assert!(broker.kind() == Kind::Apache || took < Duration::from_secs(5), "{took:?}");
    assert!(client.join().expect("no panic").is_err(), "it was cut off in the end");
    Ok(())
}
