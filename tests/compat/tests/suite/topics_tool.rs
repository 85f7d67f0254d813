//! `kafka-topics`.

use anyhow::{Context, Result};
use tests_compat::{Broker, Tool};

use crate::text::{lines, mask_after, refusal, sorted_lines};

fn topics(broker: &Broker, arguments: &[&str]) -> Result<String> {
    broker.tool(Tool::Topics, arguments)
}

fn refused(broker: &Broker, arguments: &[&str]) -> Result<String> {
    Ok(refusal(&broker.run_tool(Tool::Topics, arguments, "")?))
}

fn described(broker: &Broker, topic: &str) -> Result<String> {
    let shown = mask_after(&topics(broker, &["--describe", "--topic", topic])?, "TopicId: ");
    let (first, rest) = shown.split_once('\n').context("lines")?;
    let (start, configs) = first.split_once("Configs: ").context("configs")?;
    // The settings come in no order.
    let mut configs: Vec<_> = configs.split(',').collect();
    configs.sort_unstable();
    Ok(format!("{start}Configs: {}\n{rest}", configs.join(",")))
}

#[test]
fn a_topic_is_created_shown_grown_and_deleted() -> Result<()> {
    let broker = Broker::under_test()?;
    let create = ["--create", "--topic", "orders", "--partitions", "2", "--replication-factor", "1"];
    let settings = ["--config", "retention.ms=100000", "--config", "max.message.bytes=64000"];
    assert_eq!(topics(&broker, &[&create[..], &settings[..]].concat())?, "Created topic orders.\n");
    topics(&broker, &["--create", "--topic", "with.dots"])?;
    assert_eq!(sorted_lines(&topics(&broker, &["--list"])?), ["orders", "with.dots"]);

    assert_eq!(
        described(&broker, "orders")?,
        "Topic: orders\tTopicId: * PartitionCount: 2\tReplicationFactor: 1\t\
         Configs: max.message.bytes=64000,min.insync.replicas=1,retention.ms=100000\n\
         \tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: \n\
         \tTopic: orders\tPartition: 1\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: "
    );

    topics(&broker, &["--alter", "--topic", "orders", "--partitions", "4"])?;
    assert_eq!(lines(&described(&broker, "orders")?).len(), 1 + 4);
    assert_eq!(topics(&broker, &["--describe", "--unavailable-partitions"])?, "");
    assert_eq!(topics(&broker, &["--describe", "--under-replicated-partitions"])?, "");

    topics(&broker, &["--delete", "--topic", "orders"])?;
    assert_eq!(topics(&broker, &["--list"])?, "with.dots\n");
    Ok(())
}

#[test]
fn wrong_requests_are_refused_with_kafkas_words() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("there", 3, &[])?;
    let error = "Error while executing topic command : ";
    assert_eq!(
        refused(&broker, &["--create", "--topic", "there"])?,
        format!("{error}Topic 'there' already exists.")
    );
    assert_eq!(topics(&broker, &["--create", "--topic", "there", "--if-not-exists"])?, "");
    assert_eq!(
        refused(&broker, &["--create", "--topic", "bad/name"])?,
        format!(
            "{error}Topic name is invalid: 'bad/name' contains one or more characters other than ASCII \
             alphanumerics, '.', '_' and '-'"
        )
    );
    assert_eq!(
        refused(&broker, &["--create", "--topic", "new", "--config", "no.such=1"])?,
        format!("{error}Unknown topic config name: no.such")
    );
    assert_eq!(
        refused(&broker, &["--create", "--topic", "new", "--replication-factor", "2"])?,
        format!(
            "{error}Unable to replicate the partition 2 time(s): The target replication factor of 2 cannot be \
             reached because only 1 broker(s) are registered or some brokers have all their log directories \
             cordoned."
        )
    );
    assert_eq!(
        refused(&broker, &["--alter", "--topic", "there", "--partitions", "2"])?,
        format!("{error}The topic there currently has 3 partition(s); 2 would not be an increase.")
    );
    assert_eq!(
        refused(&broker, &["--describe", "--topic", "missing"])?,
        format!("{error}Topic 'missing' does not exist as expected")
    );
    assert_eq!(topics(&broker, &["--list"])?, "there\n");
    Ok(())
}

#[test]
fn replicas_are_assigned_by_hand_and_shown_per_partition() -> Result<()> {
    let broker = Broker::under_test()?;
    topics(&broker, &["--create", "--topic", "placed", "--replica-assignment", "1,1,1"])?;
    let shown = described(&broker, "placed")?;
    assert!(
        shown.starts_with("Topic: placed\tTopicId: * PartitionCount: 3\tReplicationFactor: 1\tConfigs: ")
    );
    assert_eq!(
        refused(&broker, &["--create", "--topic", "nowhere", "--replica-assignment", "7"])?,
        "Error while executing topic command : The manual partition assignment includes broker 7, but no such \
         broker is registered."
    );
    Ok(())
}
