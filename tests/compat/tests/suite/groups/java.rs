//! The Java client's classic groups, and its admin client's view of them (`java/Consumers.java`, `java/Groups.java`).

use std::time::Duration;

use anyhow::Result;
use tests_compat::{Broker, java_program};

use crate::text::lines;

fn run(source: &str, more: &[&str]) -> Result<Vec<String>> {
    let broker = Broker::under_test()?;
    broker.find_coordinator("any")?;
    let program = java_program(source)?.args([broker.bootstrap()]).args(more);
    Ok(lines(&program.limit(Duration::from_secs(180)).stdout()?))
}

/// What every assignor does. How often a listener is called is the assignor's own: `shared` is what the first of two
/// members was given and lost in all, once the second has its half.
fn consume(assignor: &str, shared: &str) -> Result<()> {
    assert_eq!(
        run("Consumers.java", &[assignor])?,
        [
            "one alone: +4 -0",
            &format!("one with two: {shared}"),
            "two: +2 -0",
            "two reads 20",
            "read: 40 of 80",
            "callback: 1 partition, null",
            "1 'a note', 2 ''",
            "too long: OffsetMetadataTooLarge",
            "metadata: committing 1 true false",
            "no member: CommitFailedException",
            "1 'alone'",
            "seekToBeginning: 20 of 40",
            "positions: 5 5 5 5",
            "ends: 5 5 5 5",
            "enforced: one generation more",
            "unsubscribed: 0",
            "pattern: [pattern-a, pattern-b]",
            "bounce: 0 generations, 0 calls, i-2",
            "older twin: FencedInstanceIdException",
        ]
    );
    Ok(())
}

#[test]
fn consumers_share_with_range() -> Result<()> {
    consume("range", "+6 -4")
}

#[test]
fn consumers_share_with_cooperative_sticky() -> Result<()> {
    consume("cooperative-sticky", "+4 -2")
}

#[test]
fn the_admin_client_sees_changes_and_deletes_groups() -> Result<()> {
    let all = "empty/Classic//Empty live/Classic/consumer/Stable named/Classic/consumer/Stable other/Classic//Empty";
    let operations = "[READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS]";
    assert_eq!(
        run("Groups.java", &[])?,
        [
            "alter: null",
            "alter another: null",
            "offsets: topic-0=5'five' topic-1=6''",
            "offsets of nobody:",
            "some offsets: {empty=5} null null",
            "alter of an unknown topic: UnknownTopicOrPartitionException",
            "alter of a live group: UnknownMemberIdException",
            "delete an offset: null",
            "delete an unknown offset: UnknownTopicOrPartitionException",
            "delete an offset of nobody: GroupIdNotFoundException",
            "delete an offset that is consumed: GroupSubscribedToTopicException",
            "offsets then: topic-0=5'five'",
            &format!("all: {all}"),
            "stable: live/Classic/consumer/Stable named/Classic/consumer/Stable",
            "empty: empty/Classic//Empty other/Classic//Empty",
            &format!("classic: {all}"),
            "consumer:",
            &format!("of consumers: {all}"),
            &format!("described: live Stable Classic simple=false 'range' at 1 {operations}"),
            "member: true client-of-live /127.0.0.1 Optional.empty [topic-0, topic-1]",
            &format!("described: empty Empty Classic simple=true '' at 1 {operations}"),
            "classic: named Stable consumer range instance",
            "described as nobody: GroupIdNotFoundException",
            "classic nobody: GroupIdNotFoundException",
            "delete a live group: GroupNotEmptyException",
            "remove an unknown instance: UnknownMemberIdException",
            "remove all: null",
            "live then: Empty 0",
            "generation of the removed: 1",
            "remove an instance: null",
            "named then: Empty 0",
            "delete empty: null",
            "delete nobody: GroupIdNotFoundException",
            "delete other: null",
            "left: live/Classic/consumer/Empty named/Classic/consumer/Empty",
        ]
    );
    Ok(())
}
