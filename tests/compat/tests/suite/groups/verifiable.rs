//! `kafka-verifiable-producer`, `kafka-verifiable-consumer`, and `kafka-console-consumer` with a group.

use anyhow::{Result, ensure};
use serde_json::Value;
use tests_compat::{Broker, Tool};

use crate::text::sorted_lines;

const TOPIC: &str = "verified";

fn events(text: &str, name: &str) -> Result<Vec<Value>> {
    let all: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    Ok(all.into_iter().filter(|event| event["name"] == name).collect())
}

fn consume(broker: &Broker, more: &[&str]) -> Result<String> {
    let words = ["--topic", TOPIC, "--group-id", "verifiers", "--reset-policy", "earliest"];
    broker.tool(Tool::VerifiableConsumer, &[&words[..], more].concat())
}

#[test]
fn what_is_produced_verifiably_is_consumed_by_a_group() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic(TOPIC, 3, &[])?;
    let produced = broker.tool(Tool::VerifiableProducer, &["--topic", TOPIC, "--max-messages", "60"])?;
    assert_eq!(events(&produced, "producer_send_success")?.len(), 60);
    let consumed = consume(&broker, &["--max-messages", "60"])?;
    let assigned = events(&consumed, "partitions_assigned")?;
    assert_eq!(assigned[0]["partitions"].as_array().map(Vec::len), Some(3), "{consumed}");
    let records = events(&consumed, "records_consumed")?;
    let sum: i64 = records.iter().filter_map(|event| event["count"].as_i64()).sum();
    assert_eq!(sum, 60);
    let committed = events(&consumed, "offsets_committed")?;
    ensure!(!committed.is_empty() && committed.iter().all(|event| event["success"] == true), "{consumed}");
    assert_eq!(events(&consumed, "shutdown_complete")?.len(), 1);
    let mut sum = 0;
    for partition in 0..3 {
        sum += broker.committed("verifiers", TOPIC, partition)?.unwrap_or_default();
    }
    assert_eq!(sum, 60);
    // The same group has nothing left, so the next ten that it reads are new.
    broker
        .tool(Tool::VerifiableProducer, &["--topic", TOPIC, "--max-messages", "10", "--value-prefix", "7"])?;
    let more = consume(&broker, &["--max-messages", "10", "--verbose"])?;
    let values = events(&more, "record_data")?;
    assert_eq!(values.len(), 10);
    ensure!(values.iter().all(|event| event["value"].as_str().is_some_and(|value| value.starts_with("7."))));
    Ok(())
}

#[test]
fn the_console_consumer_goes_on_where_its_group_was() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic(TOPIC, 2, &[])?;
    let produce = |text: &str| broker.run_tool(Tool::ConsoleProducer, &["--topic", TOPIC], text);
    let consume = |count: &str, more: &[&str]| -> Result<Vec<String>> {
        let words = ["--topic", TOPIC, "--group", "console", "--max-messages", count];
        Ok(sorted_lines(&broker.tool(Tool::ConsoleConsumer, &[&words[..], more].concat())?))
    };
    produce("a\nb\nc\n")?;
    assert_eq!(consume("3", &["--from-beginning"])?, ["a", "b", "c"]);
    produce("d\ne\n")?;
    assert_eq!(consume("2", &[])?, ["d", "e"]);
    let view = broker.describe_group("console")?;
    assert_eq!((view.state.as_str(), view.protocol_type.as_str()), ("Empty", "consumer"));
    Ok(())
}
