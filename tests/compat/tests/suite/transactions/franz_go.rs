//! franz-go's transactions.

use anyhow::Result;
use rdkafka::producer::Producer as _;
use tests_compat::{Broker, Cache, Program};

use super::{producer, read, send, wait_for};

fn franz(broker: &Broker, words: &[&str]) -> Result<()> {
    let bootstrap = broker.bootstrap();
    let (command, more) = words.split_first().unwrap_or((&"", &[]));
    Program::new(Cache::open()?.franz()?).args([command, "-bootstrap", &bootstrap]).args(more).stdout()?;
    Ok(())
}

#[test]
fn consumers_see_exactly_what_was_committed() -> Result<()> {
    ends(&Broker::under_test()?)
}

pub(super) fn ends(broker: &Broker) -> Result<()> {
    broker.create_topic("ends", 2, &[])?;
    franz(broker, &["transact", "-topic", "ends", "-id", "ends", "-count", "7"])?;
    let round = |partition: i32, rounds: &[u32]| -> Vec<String> {
        rounds.iter().map(|round| format!("{partition}/round {round}")).collect()
    };
    let committed = [round(0, &[0, 1, 3, 4, 6]), round(1, &[0, 1, 3, 4, 6])].concat();
    wait_for(broker, "ends", &committed.iter().map(String::as_str).collect::<Vec<_>>())?;
    assert_eq!(read(broker, "ends", "read_uncommitted")?.len(), 14);
    Ok(())
}

#[test]
fn a_copy_in_transactions_is_exact() -> Result<()> {
    copies(&Broker::under_test()?)
}

pub(super) fn copies(broker: &Broker) -> Result<()> {
    broker.create_topic("in", 2, &[])?;
    broker.create_topic("out", 2, &[])?;
    let source = producer(broker, "source", 60_000)?;
    for number in 0..40 {
        source.begin_transaction()?;
        send(&source, "in", number % 2, &format!("number {number}"))?;
        match number % 5 {
            4 => source.abort_transaction(super::LIMIT)?,
            _ => source.commit_transaction(super::LIMIT)?,
        }
    }
    franz(broker, &["replicate", "-topic", "in", "-to", "out", "-id", "copier", "-count", "32"])?;
    assert_eq!(read(broker, "out", "read_committed")?, read(broker, "in", "read_committed")?);
    Ok(())
}
