//! Apache's `kafka-transactions` and `kafka-dump-log` on transactions.

use anyhow::{Context, Result, ensure};
use rdkafka::producer::Producer;
use tests_compat::{Broker, Tool, pause};

use super::{LIMIT, producer, read, send, spec};
use crate::text::lines;

fn words(text: &str) -> Vec<Vec<String>> {
    lines(text).iter().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

/// What the tool answers, without its head.
fn rows(broker: &Broker, arguments: &[&str]) -> Result<Vec<Vec<String>>> {
    Ok(words(&broker.tool(Tool::Transactions, arguments)?).split_off(1))
}

#[test]
fn the_tool_lists_describes_finds_and_aborts() -> Result<()> {
    let broker = spec()?.start()?;
    broker.create_topic("seen", 2, &[])?;
    let open = producer(&broker, "open", 60_000)?;
    open.begin_transaction()?;
    send(&open, "seen", 0, "open")?;
    let done = producer(&broker, "done", 60_000)?;
    done.begin_transaction()?;
    send(&done, "seen", 1, "done")?;
    done.commit_transaction(LIMIT)?;
    super::wait_for(&broker, "seen", &["1/done"])?;

    let mut listed = rows(&broker, &["list"])?;
    listed.sort();
    let id_and_state: Vec<_> = listed.iter().map(|row| (row[0].as_str(), row[3].as_str())).collect();
    assert_eq!(id_and_state, [("done", "CompleteCommit"), ("open", "Ongoing")]);
    let described = rows(&broker, &["describe", "--transactional-id", "open"])?;
    let [row] = &described[..] else { anyhow::bail!("{described:?}") };
    // Coordinator, transactional id, producer id and epoch, state, timeout, start and age, partitions.
    assert_eq!([&row[0], &row[1], &row[4], &row[5]], ["1", "open", "Ongoing", "60000"], "{row:?}");
    assert_eq!(row.last().map(String::as_str), Some("seen-0"), "{row:?}");
    let id = row[2].clone();
    let producers = rows(&broker, &["describe-producers", "--topic", "seen", "--partition", "0"])?;
    let [row] = &producers[..] else { anyhow::bail!("{producers:?}") };
    // Producer id and epoch, coordinator epoch, last sequence, last time, start of the transaction.
    assert_eq!((&row[0], row[2].as_str(), row[3].as_str(), row[5].as_str()), (&id, "-1", "0", "0"));
    let hanging = rows(&broker, &["find-hanging", "--broker-id", "1", "--max-transaction-timeout", "1"])?;
    ensure!(hanging.is_empty(), "what its coordinator knows does not hang: {hanging:?}");

    broker
        .tool(Tool::Transactions, &["abort", "--topic", "seen", "--partition", "0", "--start-offset", "0"])?;
    let producers = rows(&broker, &["describe-producers", "--topic", "seen", "--partition", "0"])?;
    assert_eq!(producers[0][5], "None", "{producers:?}");
    assert_eq!(read(&broker, "seen", "read_committed")?, ["1/done"]);
    broker.tool(Tool::Transactions, &["forceTerminateTransaction", "--transactionalId", "open"])?;
    ensure!(open.commit_transaction(LIMIT).is_err(), "it was fenced");
    Ok(())
}

#[test]
fn the_dump_tool_reads_the_topic_of_transactions_and_the_markers() -> Result<()> {
    let mut broker = spec()?.start()?;
    broker.create_topic("seen", 2, &[])?;
    let producer = producer(&broker, "dumped", 60_000)?;
    for ends_well in [true, false] {
        producer.begin_transaction()?;
        send(&producer, "seen", 0, "value")?;
        if ends_well { producer.commit_transaction(LIMIT)? } else { producer.abort_transaction(LIMIT)? }
    }
    // librdkafka does not wait for the completion of the last.
    while !rows(&broker, &["list"])?.iter().any(|row| row[3] == "CompleteAbort") {
        pause(std::time::Duration::from_millis(50));
    }
    drop(producer);
    broker.stop()?;
    let mut records = Vec::new();
    for partition in 0..50 {
        let folder = broker.partition("__transaction_state", partition);
        let file = folder.join("00000000000000000000.log").display().to_string();
        let dumped = Tool::DumpLog.stdout(&["--transaction-log-decoder", "--files", &file])?;
        ensure!(dumped.lines().all(|line| !line.contains("isvalid: false")), "{dumped}");
        records.extend(dumped.lines().filter(|line| line.contains("payload: ")).map(str::to_owned));
    }
    let state = |line: &String| -> Option<String> {
        let state = line.split("\"transactionStatus\":").nth(1)?;
        Some(state.split(',').next()?.to_owned())
    };
    let states: Vec<_> = records.iter().filter_map(state).collect();
    // Empty, Ongoing, PrepareCommit, CompleteCommit, Ongoing, PrepareAbort, CompleteAbort.
    assert_eq!(states, ["0", "1", "2", "4", "1", "3", "5"], "{records:#?}");
    let file = broker.partition("seen", 0).join("00000000000000000000.log").display().to_string();
    let dumped = Tool::DumpLog.stdout(&["--print-data-log", "--files", &file])?;
    let ends: Vec<_> = dumped
        .lines()
        .filter_map(|line| line.split("endTxnMarker: ").nth(1)?.split_whitespace().next())
        .collect();
    assert_eq!(ends, ["COMMIT", "ABORT"], "{dumped}");
    let aborted = broker.partition("seen", 0).join("00000000000000000000.txnindex").display().to_string();
    let dumped = Tool::DumpLog.stdout(&["--files", &aborted])?;
    let entry = dumped.lines().find(|line| line.contains("producerId")).context("an entry")?;
    ensure!(entry.contains("firstOffset: 2") && entry.contains("lastOffset: 3"), "{dumped}");
    Ok(())
}
