//! `kafka-configs` for topics, brokers and loggers.

use std::fs;
use std::path::Path;

use anyhow::Result;
use tests_compat::{Broker, Tool};

use crate::text::lines;

fn configs(broker: &Broker, arguments: &[&str]) -> Result<String> {
    broker.tool(Tool::Configs, arguments)
}

const ORDERS: [&str; 4] = ["--entity-type", "topics", "--entity-name", "orders"];
const BROKER: [&str; 4] = ["--entity-type", "brokers", "--entity-name", "1"];
const DEFAULT: [&str; 3] = ["--entity-type", "brokers", "--entity-default"];

/// Compares with what Apache Kafka printed. `KLAMM_COMPAT_BLESS=1` with Apache Kafka under test writes it anew.
fn assert_recorded(actual: &str, file: &str) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("expected").join(file);
    if std::env::var_os("KLAMM_COMPAT_BLESS").is_some() {
        fs::write(&path, actual)?;
    }
    let expected = fs::read_to_string(&path)?;
    let missing: Vec<_> =
        expected.lines().filter(|line| !actual.lines().any(|other| other == *line)).collect();
    let surplus: Vec<_> =
        actual.lines().filter(|line| !expected.lines().any(|other| other == *line)).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "{file}: {} lines differ\nApache Kafka has\n{}\nthis broker has\n{}",
        missing.len().max(surplus.len()),
        missing.join("\n"),
        surplus.join("\n")
    );
    Ok(())
}

#[test]
fn topic_settings_change_and_are_shown_with_their_sources() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("orders", 1, &[("retention.ms", "100000"), ("cleanup.policy", "compact")])?;
    assert_eq!(
        configs(&broker, &[&["--describe"], &ORDERS[..]].concat())?,
        "Dynamic configs for topic orders are:\n  \
         cleanup.policy=compact sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:cleanup.policy=compact, \
         DEFAULT_CONFIG:log.cleanup.policy=delete}\n  \
         retention.ms=100000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=100000}\n"
    );
    let change =
        ["--add-config", "retention.ms=5000,max.message.bytes=2000000", "--delete-config", "cleanup.policy"];
    assert_eq!(
        configs(&broker, &[&["--alter"], &ORDERS[..], &change[..]].concat())?,
        "Completed updating config for topic orders.\n"
    );
    assert_eq!(
        configs(&broker, &[&["--describe"], &ORDERS[..]].concat())?,
        "Dynamic configs for topic orders are:\n  \
         max.message.bytes=2000000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:max.message.bytes=2000000, \
         DEFAULT_CONFIG:message.max.bytes=1048588}\n  \
         retention.ms=5000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=5000}\n"
    );
    Ok(())
}

#[test]
fn every_topic_setting_is_as_apache_kafka_shows_it() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("orders", 1, &[])?;
    let shown = configs(&broker, &[&["--describe", "--all"], &ORDERS[..]].concat())?;
    assert_recorded(&shown, "topic-configs.txt")
}

#[test]
fn every_broker_setting_is_as_apache_kafka_shows_it() -> Result<()> {
    let broker = Broker::under_test()?;
    let shown = configs(&broker, &[&["--describe", "--all"], &BROKER[..]].concat())?;
    assert_recorded(&without_addresses(&shown, &broker), "broker-configs.txt")
}

/// Ports and folders differ from run to run.
fn without_addresses(text: &str, broker: &Broker) -> String {
    let text = text.replace(&broker.data().display().to_string(), "DATA");
    let mut words = text.split("127.0.0.1:");
    let mut result = words.next().unwrap_or_default().to_owned();
    for word in words {
        result.push_str("127.0.0.1:PORT");
        result.push_str(word.trim_start_matches(|character: char| character.is_ascii_digit()));
    }
    result
}

#[test]
fn broker_settings_change_for_one_broker_and_for_all() -> Result<()> {
    let broker = Broker::under_test()?;
    let alter = |entity: &[&str], change: &[&str]| configs(&broker, &[&["--alter"], entity, change].concat());
    assert_eq!(
        alter(&BROKER, &["--add-config", "log.retention.ms=7000"])?,
        "Completed updating config for broker 1.\n"
    );
    assert_eq!(
        alter(&DEFAULT, &["--add-config", "log.retention.ms=8000"])?,
        "Completed updating default config for brokers in the cluster.\n"
    );
    assert_eq!(
        configs(&broker, &[&["--describe"], &DEFAULT[..]].concat())?,
        "Default configs for brokers in the cluster are:\n  \
         log.retention.ms=8000 sensitive=false synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:log.retention.ms=8000}\n  \
         min.insync.replicas=1 sensitive=false synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:min.insync.replicas=1}\n"
    );
    // A change is shown once the broker has replayed it.
    let own = configs(&broker, &[&["--describe"], &BROKER[..]].concat())?;
    assert_eq!(
        lines(&own)[1],
        "log.retention.ms=7000 sensitive=false synonyms={DYNAMIC_BROKER_CONFIG:log.retention.ms=7000, \
         DYNAMIC_DEFAULT_BROKER_CONFIG:log.retention.ms=8000, DEFAULT_CONFIG:log.retention.hours=168}"
    );
    // A topic sees the broker's value as a synonym of its own.
    broker.create_topic("orders", 1, &[])?;
    let all = configs(&broker, &[&["--describe", "--all"], &ORDERS[..]].concat())?;
    let retention = all.lines().find(|line| line.starts_with("  retention.ms="));
    assert_eq!(
        retention,
        Some(
            "  retention.ms=7000 sensitive=false synonyms={DYNAMIC_BROKER_CONFIG:log.retention.ms=7000, \
             DYNAMIC_DEFAULT_BROKER_CONFIG:log.retention.ms=8000, DEFAULT_CONFIG:log.retention.hours=168}"
        )
    );
    Ok(())
}

#[test]
fn wrong_values_are_refused_with_kafkas_words() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("orders", 1, &[])?;
    let refused = |entity: &[&str], change: &str| -> Result<String> {
        let output = broker.run_tool(
            Tool::Configs,
            &[&["--alter"], entity, &["--add-config", change]].concat(),
            "",
        )?;
        assert_ne!(output.code, Some(0), "{}", output.stdout);
        let all = format!("{}\n{}", output.stdout, output.stderr);
        let line = all.lines().find_map(|line| line.split_once("org.apache.kafka.common.errors."));
        Ok(line.map(|(_, reason)| reason.to_owned()).unwrap_or(all))
    };
    assert_eq!(
        refused(&ORDERS, "retention.ms=abc")?,
        "InvalidConfigurationException: Invalid value abc for configuration retention.ms: Not a number of type LONG"
    );
    assert_eq!(
        refused(&ORDERS, "cleanup.policy=shred")?,
        "InvalidConfigurationException: Invalid value shred for configuration cleanup.policy: String must be one \
         of: compact, delete"
    );
    assert_eq!(
        refused(&ORDERS, "segment.bytes=1")?,
        "InvalidConfigurationException: Invalid value 1 for configuration segment.bytes: Value must be at least \
         1048576"
    );
    assert_eq!(
        refused(&ORDERS, "no.such.key=1")?,
        "InvalidConfigurationException: Unknown topic config name: no.such.key"
    );
    assert_eq!(
        refused(&BROKER, "log.dirs=elsewhere")?,
        "InvalidRequestException: Cannot update these configs dynamically: [log.dirs]"
    );
    Ok(())
}

#[test]
fn a_logger_has_a_level() -> Result<()> {
    let broker = Broker::under_test()?;
    let loggers = ["--entity-type", "broker-loggers", "--entity-name", "1"];
    let shown = configs(&broker, &[&["--describe"], &loggers[..]].concat())?;
    assert!(shown.starts_with("Dynamic configs for broker-logger 1 are:\n"), "{shown}");
    assert!(lines(&shown).iter().any(|line| line.starts_with("root=")), "{shown}");
    let change = ["--alter", "--add-config", "root=DEBUG"];
    assert_eq!(
        configs(&broker, &[&change[..], &loggers[..]].concat())?,
        "Completed updating config for broker-logger 1.\n"
    );
    let shown = configs(&broker, &[&["--describe"], &loggers[..]].concat())?;
    assert!(lines(&shown).iter().any(|line| line.starts_with("root=DEBUG")), "{shown}");
    Ok(())
}
