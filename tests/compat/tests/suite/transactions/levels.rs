//! Clusters that have not gone to `transaction.version` 2 yet, as those have that came from older releases: 0, and 1, in
//! which only records have room for what 2 does.

use anyhow::Result;
use tests_compat::Broker;

use super::{franz_go, java, librdkafka, spec};

fn at_levels_of_old(story: fn(&Broker) -> Result<()>) -> Result<()> {
    for level in ["transaction.version=0", "transaction.version=1"] {
        eprintln!("{level}");
        story(&spec()?.format(&["--feature", level]).start()?)?;
    }
    Ok(())
}

#[test]
fn librdkafkas_transactions() -> Result<()> {
    at_levels_of_old(|broker| {
        librdkafka::ends(broker)?;
        librdkafka::copies(broker)
    })
}

#[test]
fn franz_gos_transactions() -> Result<()> {
    at_levels_of_old(|broker| {
        franz_go::ends(broker)?;
        franz_go::copies(broker)
    })
}

/// What is otherwise than with transactions of today: a producer that is late is told that it was fenced, and no end has an
/// epoch of its own.
const OTHERWISE: [(&str, &str); 4] = [
    ("zombie sends: InvalidProducerEpochException", "zombie sends: ProducerFencedException"),
    ("zombie commits: InvalidProducerEpochException", "zombie commits: ProducerFencedException"),
    ("late commits: InvalidTxnStateException", "late commits: ProducerFencedException"),
    (
        "producer then: true 1 -1 OptionalInt[0] OptionalLong.empty",
        "producer then: true 0 0 OptionalInt[0] OptionalLong.empty",
    ),
];

#[test]
fn javas_transactions() -> Result<()> {
    at_levels_of_old(|broker| {
        let old = |line| OTHERWISE.iter().find(|(today, _)| *today == line).map_or(line, |(_, old)| *old);
        assert_eq!(java::told(&broker.bootstrap())?, java::TOLD.map(old));
        Ok(())
    })
}
