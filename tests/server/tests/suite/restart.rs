//! Stops and starts: what is on disk says how the last one ended.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::{Broker, Connection, Deadline, Program, batch_headers, request};

fn send(broker: &Broker, lines: &str) -> Result<()> {
    let words = ["-P", "-b", &broker.bootstrap(), "-t", "kept", "-p", "0", "-X", "enable.idempotence=true"];
    Program::new("kcat").args(words).input(lines).stdout()?;
    Ok(())
}

fn read(broker: &Broker) -> Result<String> {
    let words = ["-C", "-q", "-e", "-o", "beginning", "-b", &broker.bootstrap(), "-t", "kept", "-p", "0"];
    Program::new("kcat").args(words).stdout()
}

#[test]
fn records_stay_through_stops_and_kills() -> Result<()> {
    let mut broker = Broker::under_test()?;
    broker.create_topic("kept", 1, &[])?;
    let mut all = String::new();
    for round in 0..6 {
        let lines = format!("{round} a\n{round} b\n");
        send(&broker, &lines)?;
        all.push_str(&lines);
        if round % 2 == 0 {
            broker.stop()?
        } else {
            broker.kill()?
        }
        broker.launch()?;
        assert_eq!(read(&broker)?, all, "round {round}");
    }
    Ok(())
}

#[test]
fn only_a_clean_stop_leaves_the_marker() -> Result<()> {
    let mut broker = Broker::under_test()?;
    let marker = broker.data().join(".kafka_cleanshutdown");
    assert!(!marker.exists(), "while it runs");
    broker.stop()?;
    let text = fs::read_to_string(&marker)?;
    assert!(text.contains("\"version\":0") && text.contains("\"brokerEpoch\":"), "{text}");
    broker.launch()?;
    assert!(!marker.exists(), "taken away by the start");
    broker.kill()?;
    assert!(!marker.exists(), "after a kill");
    broker.launch()
}

#[test]
fn checkpoints_are_written_by_a_clean_stop() -> Result<()> {
    let mut broker = Broker::under_test()?;
    broker.create_topic("kept", 2, &[])?;
    send(&broker, "1\n2\n3\n")?;
    broker.stop()?;
    for name in ["recovery-point-offset-checkpoint", "replication-offset-checkpoint"] {
        let text = fs::read_to_string(broker.data().join(name)).context(name)?;
        let mut lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.remove(0), "0", "{name}: version");
        assert_eq!(lines.remove(0).parse(), Ok(lines.len()), "{name}: count");
        assert!(lines.contains(&"kept 0 3"), "{name}: {text}");
    }
    let epochs = fs::read_to_string(broker.partition("kept", 0).join("leader-epoch-checkpoint"))?;
    assert_eq!(epochs, "0\n1\n0 0\n");
    let metadata = fs::read_to_string(broker.partition("kept", 0).join("partition.metadata"))?;
    assert!(metadata.starts_with("version: 0\ntopic_id: "), "{metadata}");
    Ok(())
}

#[test]
fn a_torn_end_is_cut_off() -> Result<()> {
    let mut broker = Broker::under_test()?;
    broker.create_topic("kept", 1, &[])?;
    send(&broker, "one\n")?;
    send(&broker, "two\n")?;
    broker.kill()?;
    let log = broker.partition("kept", 0).join("00000000000000000000.log");
    let length = fs::metadata(&log)?.len();
    fs::File::options().write(true).open(&log)?.set_len(length - 3)?;
    broker.launch()?;
    assert_eq!(read(&broker)?, "one\n");
    send(&broker, "three\n")?;
    assert_eq!(read(&broker)?, "one\nthree\n");
    let offsets: Vec<_> =
        batch_headers(&broker.partition("kept", 0))?.into_iter().map(|header| header.base_offset).collect();
    assert_eq!(offsets, [0, 1]);
    Ok(())
}

#[test]
fn a_flipped_byte_ends_the_log_there_after_a_kill() -> Result<()> {
    let mut broker = Broker::under_test()?;
    broker.create_topic("kept", 1, &[])?;
    for line in ["one\n", "two\n", "three\n"] {
        send(&broker, line)?;
    }
    let second = fs::metadata(broker.partition("kept", 0).join("00000000000000000000.log"))?.len() / 3 + 64;
    broker.kill()?;
    let log = broker.partition("kept", 0).join("00000000000000000000.log");
    let mut bytes = fs::read(&log)?;
    bytes[usize::try_from(second)?] ^= 1;
    fs::write(&log, bytes)?;
    broker.launch()?;
    assert_eq!(read(&broker)?, "one\n");
    Ok(())
}

#[test]
fn missing_indexes_are_made_again() -> Result<()> {
    let mut broker = Broker::under_test()?;
    broker.create_topic("kept", 1, &[("index.interval.bytes", "100")])?;
    let mut all = String::new();
    for number in 0..20 {
        let line = format!("{number} {}\n", "x".repeat(100));
        send(&broker, &line)?;
        all.push_str(&line);
    }
    broker.stop()?;
    let folder = broker.partition("kept", 0);
    fs::remove_file(folder.join("00000000000000000000.index"))?;
    fs::write(folder.join("00000000000000000000.timeindex"), b"nonsense")?;
    broker.launch()?;
    assert_eq!(read(&broker)?, all);
    broker.stop()?;
    assert!(fs::metadata(folder.join("00000000000000000000.index"))?.len() >= 8, "entries again");
    Ok(())
}

#[test]
fn the_first_answer_comes_from_a_broker_that_serves() -> Result<()> {
    let mut broker = Broker::under_test()?;
    broker.stop()?;
    broker.spawn()?;
    let deadline = Deadline::after(Duration::from_secs(120));
    // Nobody is answered before topics can be created: a client that connects early waits, and sees no error.
    loop {
        assert!(deadline.left().is_some(), "no answer");
        let asked = Connection::open(broker.address(), Duration::from_secs(60)).and_then(|mut connection| {
            connection.send(&request(18, 0, 1, 1, &[]))?;
            connection.receive()
        });
        if let Ok(Some(_)) = asked {
            return broker.create_topic("early", 1, &[]);
        }
        assert_eq!(broker.wait(Duration::from_millis(1))?, None, "{}", broker.last_lines());
    }
}
