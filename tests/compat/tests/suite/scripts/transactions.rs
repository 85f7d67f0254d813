//! Transactions: listed, described, found where they hang, ended.

use anyhow::Result;
use tests_compat::{Cluster, Kind, Tool, java_program};

use super::{
    SERVER, ends_well,
    same::{Asked, Said},
};

/// A topic for each side with a committed transaction in it and one whose producer is gone.
fn with_open_transactions() -> Result<Asked> {
    let asked = Asked::new(Cluster::start(&[Kind::under_test()?])?)?.without_figures();
    asked.create_topic("1,1")?;
    for side in ["topic-of-java", "topic-of-rust"] {
        let id = format!("writer-of-{side}");
        let said =
            java_program("OpenTransaction.java")?.args([&asked.cluster.bootstrap(), side, &id]).stdout()?;
        assert_eq!(said, "open\n");
    }
    Ok(asked)
}

fn of(asked: &Asked, lines: &[&str]) -> Result<Vec<Said>> {
    let lines: Vec<_> = lines.iter().map(|line| format!("{SERVER} {line}")).collect();
    asked.same(Tool::Transactions, &lines.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn transactions_are_shown_and_found() -> Result<()> {
    let asked = with_open_transactions()?;
    let said = of(
        &asked,
        &[
            "list",
            "list --duration-filter 0",
            "list --duration-filter 99999999",
            "list --transactional-id-pattern .*TOPIC",
            "list --transactional-id-pattern nope",
            "describe --transactional-id writer-of-TOPIC",
            "describe-producers --topic TOPIC --partition 0",
            "describe-producers --topic TOPIC --partition 1",
            "describe-producers --topic TOPIC --partition 0 --broker-id 1",
            "find-hanging --topic TOPIC",
            "find-hanging --topic TOPIC --partition 0 --max-transaction-timeout 0",
            "find-hanging --broker-id 1",
        ],
    )?;
    ends_well(&said);
    assert_eq!(said[0].out.len(), 1 + 2, "{said:?}");
    assert_eq!(said[3].out.len(), 1 + 1, "{said:?}");
    assert!(said[5].out[1].contains("Ongoing"), "{said:?}");
    // Open, but its coordinator knows of it.
    assert_eq!(said[10].out.len(), 1, "{said:?}");
    for refused in of(
        &asked,
        &[
            "list --duration-filter x",
            "describe",
            "describe --transactional-id nope",
            "describe-producers --topic TOPIC",
            "find-hanging",
            "find-hanging --broker-id 1 --partition 0",
            "abort --topic TOPIC --partition 0",
            "abort --topic TOPIC --partition 0 --start-offset 99",
            "abort --topic TOPIC --partition 0 --producer-id 1",
            "abort --topic TOPIC --partition 0 --producer-id 1 --producer-epoch 0",
            "bogus",
            "list --bogus",
            "--command-config FILES/nope list",
        ],
    )? {
        assert_eq!(refused.code, Some(1), "{refused:?}");
    }
    asked.same(Tool::Transactions, &["list"])?;
    Ok(())
}

#[test]
fn transactions_are_ended() -> Result<()> {
    let asked = with_open_transactions()?;
    let said = of(
        &asked,
        &[
            // Behind the first record and the marker of its commit.
            "abort --topic TOPIC --partition 0 --start-offset 2",
            "describe-producers --topic TOPIC --partition 0",
            "forceTerminateTransaction --transactionalId writer-of-TOPIC",
            "forceTerminateTransaction --transactionalId new-of-TOPIC",
            "list --transactional-id-pattern new-of-TOPIC",
        ],
    )?;
    ends_well(&said);
    assert!(said[1].out[1].ends_with("None"), "{said:?}");
    let read = "--topic TOPIC --partition 0 --offset earliest --timeout-ms 3000 --isolation-level";
    for (level, records) in [("read_committed", "committed\n"), ("read_uncommitted", "committed\nopen\n")] {
        for read in asked.each(Tool::ConsoleConsumer, &format!("{SERVER} {read} {level}"))? {
            assert_eq!(read.stdout, records, "{level}: {read:?}");
        }
    }
    Ok(())
}
