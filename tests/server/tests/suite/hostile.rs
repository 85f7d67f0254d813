//! Bytes that no client sends, in numbers: the broker goes on serving others, in bounded memory.

mod crowd;
mod login;
mod secured;

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::{Broker, Connection, Kind, request};

const LIMIT: Duration = Duration::from_secs(20);
const MIB: u64 = 1 << 20;

/// Resident memory of the broker in bytes.
fn memory(broker: &Broker) -> Result<u64> {
    let pid = broker.pid().context("it runs")?;
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("a field")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

fn serves(broker: &Broker) -> Result<()> {
    let mut connection = Connection::open(broker.address(), LIMIT)?;
    connection.send(&request(18, 0, 1, 1, &[]))?;
    connection.receive()?.context("the broker closed the connection")?;
    Ok(())
}

/// The same numbers by chance in each run.
struct Chance(u64);

impl Default for Chance {
    fn default() -> Self {
        Self(0x2545_f491_4f6c_dd1d)
    }
}

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap_or(1)).unwrap_or(0)
    }
}

/// Memory is looked at for Klamm only: a Java heap grows to its limit before it is cleaned.
fn assert_grown_less(broker: &Broker, before: u64, most: u64) -> Result<()> {
    let grown = memory(broker)?.saturating_sub(before);
    assert!(broker.kind() == Kind::Apache || grown < most, "{} MiB more", grown / MIB);
    Ok(())
}

#[test]
fn many_half_frames_wait_without_harm() -> Result<()> {
    let broker = Broker::under_test()?;
    let before = memory(&broker)?;
    let whole = request(3, 4, 1, 1, &[0, 0, 0, 0, 0]);
    let mut open = Vec::new();
    for number in 0..500 {
        let mut connection = Connection::open(broker.address(), LIMIT)?;
        connection.send(&whole[..number % whole.len()])?;
        open.push(connection);
    }
    serves(&broker)?;
    assert_grown_less(&broker, before, 32 * MIB)?;
    // Each is answered when the rest of its frame comes.
    for (number, connection) in open.iter_mut().enumerate() {
        connection.send(&whole[number % whole.len()..])?;
        connection.receive()?.with_context(|| format!("connection {number} was closed"))?;
    }
    Ok(())
}

#[test]
fn promised_bytes_are_not_allocated() -> Result<()> {
    let broker = Broker::under_test()?;
    if broker.kind() == Kind::Apache {
        // It allocates what a length promises.
        return Ok(());
    }
    let before = memory(&broker)?;
    let mut open = Vec::new();
    for _ in 0..200 {
        let mut connection = Connection::open(broker.address(), LIMIT)?;
        connection.send(&100_000_000_i32.to_be_bytes())?;
        connection.send(&request(0, 9, 1, 2, &[])[4..])?;
        open.push(connection);
    }
    serves(&broker)?;
    assert_grown_less(&broker, before, 64 * MIB)
}

#[test]
fn frames_with_changed_bytes_never_stop_it() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("target", 1, &[])?;
    let before = memory(&broker)?;
    let mut chance = Chance::default();
    let mut below = |limit| chance.below(limit);
    for key in 0..93_i16 {
        // Requests that end, move or describe nodes are not sent by chance.
        if [4, 5, 6, 7, 52, 53, 54, 56, 57, 58, 59, 62, 63, 64, 70, 80, 81, 82].contains(&key) {
            continue;
        }
        for round in 0..20 {
            let version = i16::try_from(below(14))?;
            let body: Vec<u8> = (0..below(60)).map(|_| [0, 0, 1, 2, 6, 0xff][below(6)]).collect();
            let header = if round % 2 == 0 { 1 } else { 2 };
            let mut connection = Connection::open(broker.address(), LIMIT)?;
            connection.set_limit(Duration::from_millis(20))?;
            let _ = connection.send(&request(key, version, 7, header, &body));
            let _ = connection.receive();
        }
        serves(&broker).with_context(|| format!("after API {key}"))?;
    }
    assert_grown_less(&broker, before, 64 * MIB)
}
