//! Brokers that are killed in a transaction, and in its end.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use tests_compat::{Broker, Connection, Deadline, Kind, request};

use super::{LIMIT, cluster, producer, producer_at, read, read_at, send, spec, wait_for};

const INIT_PRODUCER_ID: i16 = 22;
const ADD_PARTITIONS_TO_TXN: i16 = 24;
const END_TXN: i16 = 26;

fn begin(broker: &Broker, id: &str, values: &[&str]) -> Result<BaseProducer> {
    let producer = producer(broker, id, 60_000)?;
    producer.begin_transaction()?;
    for (at, value) in (0..).zip(values) {
        send(&producer, "killed", at % 2, value)?;
    }
    Ok(producer)
}

#[test]
fn a_transaction_outlives_its_broker() -> Result<()> {
    let mut broker = Broker::under_test()?;
    broker.create_topic("killed", 2, &[])?;
    let commits = begin(&broker, "commits", &["a", "b"])?;
    let aborts = begin(&broker, "aborts", &["c", "d"])?;
    broker.kill()?;
    broker.launch()?;
    assert_eq!(read(&broker, "killed", "read_committed")?, [""; 0], "both are open still");
    send(&commits, "killed", 0, "e")?;
    commits.commit_transaction(LIMIT)?;
    aborts.abort_transaction(LIMIT)?;
    wait_for(&broker, "killed", &["0/a", "0/e", "1/b"])
}

/// The string of a request of a version without compact ones.
fn string(text: &str) -> Vec<u8> {
    let length = i16::try_from(text.len()).unwrap_or(i16::MAX);
    [&length.to_be_bytes()[..], text.as_bytes()].concat()
}

/// Asks one question on a connection of its own; the body of the answer.
fn ask(broker: &Broker, api: i16, version: i16, body: &[u8]) -> Result<Vec<u8>> {
    let mut connection = Connection::open(broker.address(), LIMIT)?;
    connection.send(&request(api, version, 1, 1, body))?;
    Ok(connection.receive()?.context("an answer")?[4..].to_vec())
}

/// Asks until the coordinator has read its log and nothing else is under way.
fn ask_until_done(broker: &Broker, api: i16, body: &[u8], code_at: usize) -> Result<Vec<u8>> {
    let deadline = Deadline::after(LIMIT);
    loop {
        let answer = ask(broker, api, 1, body)?;
        let code = i16::from_be_bytes([answer[code_at], answer[code_at + 1]]);
        match code {
            0 => return Ok(answer),
            // It loads, moves, or ends a transaction.
            14..=16 | 51 if deadline.left().is_some() => tests_compat::pause(Duration::from_millis(20)),
            other => anyhow::bail!("error {other}"),
        }
    }
}

#[test]
fn an_end_that_was_sent_is_ended_after_the_restart() -> Result<()> {
    let mut broker = spec()?.start()?;
    broker.create_topic("killed", 2, &[])?;
    // The topic of transactions is made by who asks first.
    drop(producer(&broker, "first", 60_000)?);
    let mut pending = Vec::new();
    for round in 0..20 {
        let id = format!("killed {round}");
        let init = [string(&id), 60_000_i32.to_be_bytes().to_vec()].concat();
        let answer = ask_until_done(&broker, INIT_PRODUCER_ID, &init, 4)?;
        let own = answer[6..16].to_vec();
        let partitions =
            [[0_u8, 0, 0, 1].to_vec(), string("killed"), vec![0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1]];
        let add = [string(&id), own.clone(), partitions.concat()].concat();
        ask(&broker, ADD_PARTITIONS_TO_TXN, 1, &add)?;
        pending.push([string(&id), own, vec![u8::from(round % 2 == 0)]].concat());
    }
    // The broker is killed when it has the requests, wherever they are in it: decided, marked here and there, or done.
    let mut connections = Vec::new();
    for end in &pending {
        let mut connection = Connection::open(broker.address(), LIMIT)?;
        connection.send(&request(END_TXN, 1, 1, 1, end))?;
        connections.push(connection);
    }
    connections[0].receive()?.context("the first is answered")?;
    broker.kill()?;
    drop(connections);
    broker.launch()?;
    for end in &pending {
        // The first was decided; of the others some were. Whatever was is ended by the broker alone, and asked again the
        // answer is the same; what was not is ended now.
        ask_until_done(&broker, END_TXN, end, 4)?;
    }
    // Nothing is open and nothing is about to end: the next producer of each id is not told to come again.
    for round in 0..20 {
        let init = [string(&format!("killed {round}")), 60_000_i32.to_be_bytes().to_vec()].concat();
        let answer = ask_until_done(&broker, INIT_PRODUCER_ID, &init, 4)?;
        ensure!(i16::from_be_bytes([answer[14], answer[15]]) >= 1, "its epoch is the next");
    }
    assert_eq!(read(&broker, "killed", "read_committed")?, [""; 0]);
    let last = begin(&broker, "last", &["last"])?;
    last.commit_transaction(LIMIT)?;
    wait_for(&broker, "killed", &["0/last"])
}

/// One transaction, again from its beginning as long as the client says that it may be.
fn run(producer: &BaseProducer, round: u32) -> Result<()> {
    let deadline = Deadline::after(LIMIT);
    loop {
        let outcome = attempt(producer, round);
        match outcome {
            Ok(()) => return Ok(()),
            Err(KafkaError::Transaction(error)) if error.is_fatal() => return Err(error.into()),
            Err(error) => {
                ensure!(deadline.left().is_some(), "round {round}: {error}");
                producer.flush(LIMIT).ok();
                producer.abort_transaction(LIMIT)?;
            }
        }
    }
}

fn attempt(producer: &BaseProducer, round: u32) -> Result<(), KafkaError> {
    producer.begin_transaction()?;
    let value = format!("round {round}");
    for partition in 0..6 {
        let record = BaseRecord::<(), str>::to("wide").partition(partition).payload(&value);
        producer.send(record).map_err(|(error, _)| error)?;
    }
    producer.flush(LIMIT)?;
    if round % 3 == 2 { producer.abort_transaction(LIMIT) } else { producer.commit_transaction(LIMIT) }
}

#[test]
fn transactions_go_on_when_their_coordinator_is_killed() -> Result<()> {
    let mut cluster = cluster(&[Kind::under_test()?; 3])?;
    let topic = ["wide".to_owned()];
    cluster.nodes()[0].create_replicated(&topic, 6, 3, &[("min.insync.replicas", "2")])?;
    cluster.wait_until_in_sync(&topic, LIMIT)?;
    let producer = producer_at(&cluster.bootstrap(), "wide", 60_000)?;
    for round in 0..5 {
        run(&producer, round)?;
    }
    let state = "__transaction_state";
    cluster.wait_until_in_sync(&[state.to_owned()], LIMIT)?;
    // As Java hashes "wide": the coordinator is the leader of that partition.
    let hash = "wide".bytes().fold(0_i32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    let partitions = cluster.partitions(state)?;
    let own =
        partitions.iter().find(|partition| partition.index == hash.abs() % 50).context("its partition")?;
    let coordinator = usize::try_from(own.leader.context("its leader")?)?;
    cluster.node(coordinator).kill()?;
    for round in 5..12 {
        run(&producer, round)?;
    }
    cluster.launch()?;
    for round in 12..15 {
        run(&producer, round)?;
    }
    let expected: Vec<String> = (0..6)
        .flat_map(|partition| {
            let committed = (0..15).filter(|round| round % 3 != 2);
            committed.map(move |round| format!("{partition}/round {round}"))
        })
        .collect();
    let deadline = Deadline::after(LIMIT);
    while read_at(&cluster.bootstrap(), "wide", 6, "read_committed")? != expected {
        ensure!(deadline.left().is_some(), "committed readers do not see exactly what was committed");
    }
    Ok(())
}
