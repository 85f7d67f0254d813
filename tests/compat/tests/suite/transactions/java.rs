//! The Java client's transactions, and its admin client's view of them (`java/Transactions.java`).

use std::time::Duration;

use anyhow::Result;
use tests_compat::{Kind, java_program};

use super::{cluster, spec};
use crate::text::lines;

/// What each story comes to.
pub(super) const TOLD: [&str; 40] = [
    "ends committed: [0/committed 0, 0/committed 2, 1/committed 1, 1/committed last]",
    "ends uncommitted: [0/aborted, 0/committed 0, 0/committed 2, 1/aborted, 1/committed 1, 1/committed last]",
    "ends open: {0=5, 1=6} of {0=6, 1=6}",
    "ends open committed: [0/committed 0, 0/committed 2, 1/committed 1, 1/committed last]",
    "ends then: {0=7, 1=6}",
    "ends all: [0/committed 0, 0/committed 2, 0/open, 0/the next one, 1/committed 1, 1/committed last]",
    "copy aborted: none none",
    "copied: 20 11'copied' 11'copied'",
    "copies: 20 20",
    "stranger: CommitFailedException",
    "copied then: 11'copied' 11'copied'",
    "zombie sends: InvalidProducerEpochException",
    "zombie commits: InvalidProducerEpochException",
    "zombie goes: done",
    "fenced: [0/of the successor]",
    "fence: done",
    "fenced by admin: ProducerFencedException",
    "fenced then: [0/of the successor]",
    "too long: KafkaException",
    "late commits: InvalidTxnStateException",
    "late: []",
    "late then: [0/in time]",
    "seen idle: Empty false",
    "seen: Ongoing 0 60000 true [seen-0, seen-1] true",
    "seen nobody: TransactionalIdNotFoundException",
    "listed: [copier/CompleteAbort, ends/CompleteCommit, fenced/Empty, late/CompleteCommit, nobody's/Empty, seen/Ongoing, source/CompleteCommit]",
    "listed by id: [seen/Ongoing]",
    "listed ongoing: [seen/Ongoing]",
    "listed long: []",
    "listed by name: [copier/CompleteAbort]",
    "listed by no name: InvalidRegularExpression",
    "producer: true 0 0 OptionalInt.empty OptionalLong[0] true",
    "seen then: CompleteCommit 0",
    "producer then: true 1 -1 OptionalInt[0] OptionalLong.empty",
    "force: done",
    "forced commits: ProducerFencedException",
    "abort: done",
    "hung: {0=2, 1=2} of {0=2, 1=2} []",
    "hung commits: done",
    "hung then: []",
];

pub(super) fn told(bootstrap: &str) -> Result<Vec<String>> {
    let program = java_program("Transactions.java")?.args([bootstrap]);
    Ok(lines(&program.limit(Duration::from_secs(240)).stdout()?))
}

fn tell(bootstrap: &str) -> Result<()> {
    assert_eq!(told(bootstrap)?, TOLD);
    Ok(())
}

#[test]
fn producers_commit_abort_are_fenced_and_seen() -> Result<()> {
    tell(&spec()?.start()?.bootstrap())
}

#[test]
fn they_do_on_three_brokers() -> Result<()> {
    tell(&cluster(&[Kind::under_test()?; 3])?.bootstrap())
}

/// Coordinators of each have leaders of the other asked, and write their ends there.
#[test]
fn they_do_among_brokers_of_both() -> Result<()> {
    let kind = Kind::under_test()?;
    tell(&cluster(&[kind, Kind::Apache, kind])?.bootstrap())
}
