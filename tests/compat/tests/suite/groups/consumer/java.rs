//! The Java client with `group.protocol=consumer` (`java/Consumers.java`).

use std::time::Duration;

use anyhow::Result;
use tests_compat::java_program;

use crate::text::lines;

fn consume(assignor: &str) -> Result<()> {
    let broker = super::broker()?;
    broker.find_coordinator("any")?;
    let program = java_program("Consumers.java")?.args([&broker.bootstrap(), assignor]);
    assert_eq!(
        lines(&program.limit(Duration::from_secs(180)).stdout()?),
        [
            "one alone: +4 -0",
            "one with two: +4 -2",
            "two: +2 -0",
            "two reads 20",
            "read: 40 of 80",
            "callback: 1 partition, null",
            "1 'a note', 2 ''",
            "too long: OffsetMetadataTooLarge",
            "metadata: committing 2 false false",
            "no member: CommitFailedException",
            "1 'alone'",
            "seekToBeginning: 20 of 40",
            "positions: 5 5 5 5",
            "ends: 5 5 5 5",
            "unsubscribed: 0",
            "subscribed again: +8 -4",
            "server's pattern: [server-a-0, server-b-0]",
            "another pattern: [server-c-0]",
            "no pattern: Invalid RE2J SubscriptionPattern provided in the call to subscribe. \
             SubscribedTopicRegex `(server` is not a valid regular expression",
            "pattern: [pattern-a, pattern-b]",
            "bounce: 0 generations, 0 calls, i-2",
            "newer twin: UnreleasedInstanceIdException",
        ]
    );
    Ok(())
}

#[test]
fn consumers_share_with_uniform() -> Result<()> {
    consume("consumer:uniform")
}

#[test]
fn consumers_share_with_range() -> Result<()> {
    consume("consumer:range")
}
