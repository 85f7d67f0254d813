//! Ten thousand connections that have begun something and do not end it, some of which go on byte by byte: others are served
//! as before.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tests_compat::{Connection, Deadline, Kind, Stopwatch, pause, request};

use super::secured::{Secured, mechanism};
use super::{LIMIT, MIB, assert_grown_less, memory, serves};
use crate::batch::{produce, produced};

const TOPIC: &str = "meanwhile";
/// Half-open connections.
const CROWD: usize = 10_000;
/// What Apache Kafka is asked for, which with these takes no more connections after some thousands.
const SMALL_CROWD: usize = 1000;
/// Files that this process needs beside them.
const SPARE: u64 = 500;
/// How many of them have shaken hands by TLS, which takes time.
const ENCRYPTED: usize = 500;
/// Requests of who is served meanwhile.
const REQUESTS: usize = 1000;
/// A delay of this much is none that a client notices; what is asserted is that nobody waits for the crowd.
const UNNOTICED: Duration = Duration::from_millis(500);

/// Lets this process have as many files open as it may.
fn raise_open_files() -> Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let needed = u64::try_from(CROWD)? + SPARE;
    ensure!(maximum.is_none_or(|maximum| maximum >= needed), "{needed} open files are needed");
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
    Ok(())
}

/// Waits until the topic takes records: Apache Kafka's controller answers before its broker has heard of it.
fn wait_until_led(secured: &Secured) -> Result<()> {
    let mut connection = Connection::open(secured.broker.address(), LIMIT)?;
    let deadline = Deadline::after(LIMIT);
    loop {
        connection.send(&produce(TOPIC, 0, b"first"))?;
        if produced(&mut connection, TOPIC)?.0 == 0 {
            return Ok(());
        }
        ensure!(deadline.left().is_some(), "nobody leads the topic");
        pause(Duration::from_millis(20));
    }
}

/// The 99th percentile of the time to the acknowledgement of a record.
fn delay(secured: &Secured) -> Result<Duration> {
    let mut connection = Connection::open(secured.broker.address(), LIMIT)?;
    let mut delays = Vec::with_capacity(REQUESTS);
    for number in 0..REQUESTS {
        let watch = Stopwatch::start();
        connection.send(&produce(TOPIC, 0, &number.to_be_bytes()))?;
        let (code, _) = produced(&mut connection, TOPIC)?;
        ensure!(code == 0, "error {code}");
        delays.push(watch.elapsed());
    }
    delays.sort_unstable();
    Ok(delays[REQUESTS * 99 / 100])
}

/// A connection that has begun something, of one kind or another, and the bytes with which it would go on.
fn begin(secured: &Secured, number: usize) -> Result<(Connection, Vec<u8>)> {
    if number < ENCRYPTED {
        let mut connection = secured.open()?;
        let whole = mechanism(b"PLAIN");
        let (said, rest) = whole.split_at(number % whole.len());
        connection.send(said)?;
        return Ok((connection, rest.to_vec()));
    }
    match number % 4 {
        0 => Ok((secured.open_socket()?, Vec::new())),
        1 => {
            // A record of TLS that promises 512 bytes.
            let mut connection = secured.open_socket()?;
            connection.send(&[0x16, 3, 1, 2, 0, 1])?;
            Ok((connection, vec![0; 500]))
        }
        2 => {
            let mut connection = Connection::open(secured.broker.address(), LIMIT)?;
            // A frame of which some comes; no larger, as Apache Kafka allocates all of it.
            connection.send(&[&20_000_i32.to_be_bytes()[..], &request(0, 9, 1, 2, &[])[4..]].concat())?;
            Ok((connection, vec![0; 10_000]))
        }
        _ => {
            let mut connection = Connection::open(secured.broker.address(), LIMIT)?;
            connection.send(&[0])?;
            Ok((connection, vec![0, 0, 17, 0, 18]))
        }
    }
}

#[test]
fn half_open_connections_hold_up_nobody() -> Result<()> {
    raise_open_files()?;
    let secured = Secured::start()?;
    secured.broker.create_topic(TOPIC, 1, &[])?;
    wait_until_led(&secured)?;
    delay(&secured)?;
    let (before, alone) = (memory(&secured.broker)?, delay(&secured)?);
    let size = if secured.broker.kind() == Kind::Apache { SMALL_CROWD } else { CROWD };
    let mut crowd = (0..size)
        .map(|number| begin(&secured, number).with_context(|| format!("connection {number}")))
        .collect::<Result<Vec<_>>>()?;
    let is_over = AtomicBool::new(false);
    let beside = thread::scope(|scope| {
        // The slow ones: a byte of each in turn, all the time.
        scope.spawn(|| {
            for at in 0.. {
                for (connection, rest) in &mut crowd {
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    if let Some(byte) = rest.get(at) {
                        // Who was closed stays so.
                        let _ = connection.send(&[*byte]);
                    }
                }
            }
        });
        let beside = delay(&secured);
        let served = serves(&secured.broker).and_then(|()| secured.lets_alice_in());
        is_over.store(true, Ordering::Relaxed);
        served.and(beside)
    })?;
    ensure!(beside <= UNNOTICED.max(alone * 3), "p99 {beside:?} beside the crowd, {alone:?} alone");
    assert_grown_less(&secured.broker, before, 200 * MIB)?;
    drop(crowd);
    secured.lets_alice_in()
}
