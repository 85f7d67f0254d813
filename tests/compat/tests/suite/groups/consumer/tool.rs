//! `kafka-consumer-groups`, `kafka-groups` and the console consumer with groups of KIP-848.

use anyhow::{Context, Result};
use tests_compat::{Broker, Program, Tool};

use super::super::librdkafka::{GROUP, Member, TOPIC};
use super::super::sightings::Sightings;
use super::librdkafka::modern;
use crate::text::{lines, sorted_lines};

/// What the tools show, question by question.
const EXPECTED: [&str; 21] = [
    "GROUP TYPE",
    "shared Consumer",
    "GROUP TYPE",
    "GROUP STATE",
    "shared Stable",
    "GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID",
    "shared shared 0 - 0 - (member) /127.0.0.1 reader",
    "shared shared 1 - 0 - (member) /127.0.0.1 reader",
    "GROUP TOPIC PARTITION LEADER-EPOCH CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID",
    "shared shared 0 - - 0 - (member) /127.0.0.1 reader",
    "shared shared 1 - - 0 - (member) /127.0.0.1 reader",
    "GROUP CONSUMER-ID HOST CLIENT-ID #PARTITIONS",
    "shared (member) /127.0.0.1 reader 2",
    "GROUP CONSUMER-ID HOST CLIENT-ID #PARTITIONS CURRENT-EPOCH CURRENT-ASSIGNMENT \
     TARGET-EPOCH TARGET-ASSIGNMENT",
    "shared (member) /127.0.0.1 reader 2 2 shared:0,1 2 shared:0,1",
    "GROUP COORDINATOR (ID) ASSIGNMENT-STRATEGY STATE #MEMBERS",
    "shared (broker) (1) uniform Stable 1",
    "GROUP COORDINATOR (ID) ASSIGNMENT-STRATEGY STATE GROUP-EPOCH TARGET-ASSIGNMENT-EPOCH #MEMBERS",
    "shared (broker) (1) uniform Stable 2 2 1",
    "GROUP TYPE PROTOCOL",
    "shared Consumer consumer",
];

/// The rows of a table in alphabetical order, white space made one, without what a run draws.
fn rows(broker: &Broker, text: &str, member: &str) -> Vec<String> {
    let row = |line: &String| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let masked = text.replace(member, "(member)").replace(&broker.bootstrap(), "(broker)");
    sorted_lines(&masked).iter().map(row).collect()
}

#[test]
fn a_group_is_listed_and_described() -> Result<()> {
    let broker = super::broker()?;
    broker.create_topic(TOPIC, 2, &[])?;
    let member = Member::join(&modern(&broker.bootstrap()), "reader", &Sightings::default())?;
    let ready = |view: &tests_compat::ConsumerGroupView| {
        view.state == "Stable" && view.members.iter().any(|member| member.owned() == 2)
    };
    let view = broker.wait_for_consumer_group(GROUP, ready)?;
    let id = view.members.first().context("a member")?.id.clone();
    let asked: [&[&str]; 9] = [
        &["--list", "--type", "consumer"],
        &["--list", "--type", "classic"],
        &["--list", "--state"],
        &["--describe", "--group", GROUP],
        &["--describe", "--group", GROUP, "--offsets", "--verbose"],
        &["--describe", "--group", GROUP, "--members"],
        &["--describe", "--group", GROUP, "--members", "--verbose"],
        &["--describe", "--group", GROUP, "--state"],
        &["--describe", "--group", GROUP, "--state", "--verbose"],
    ];
    let mut shown = Vec::new();
    for words in asked {
        shown.extend(rows(&broker, &broker.tool(Tool::ConsumerGroups, words)?, &id));
    }
    shown.extend(rows(&broker, &broker.tool(Tool::Groups, &["--list", "--consumer"])?, &id));
    assert_eq!(shown, EXPECTED);
    let refused = broker.run_tool(Tool::ConsumerGroups, &["--delete", "--group", GROUP], "")?;
    assert!(lines(&refused.stdout).iter().any(|line| line.contains("GroupNotEmptyException")), "{refused:?}");
    member.leave()?;
    let deleted = broker.tool(Tool::ConsumerGroups, &["--delete", "--group", GROUP])?;
    assert_eq!(lines(&deleted), ["Deletion of requested consumer groups ('shared') was successful."]);
    Ok(())
}

#[test]
fn the_console_consumer_goes_on_where_its_group_was() -> Result<()> {
    let broker = super::broker()?;
    broker.create_topic(TOPIC, 2, &[])?;
    let consume = |text: &str, count: &str, more: &[&str]| -> Result<Vec<String>> {
        Program::new("kcat").args(["-b", &broker.bootstrap(), "-P", "-t", TOPIC]).input(text).stdout()?;
        let words = ["--topic", TOPIC, "--group", GROUP, "--max-messages", count];
        let modern = ["--command-property", "group.protocol=consumer"];
        Ok(sorted_lines(&broker.tool(Tool::ConsoleConsumer, &[&words[..], &modern, more].concat())?))
    };
    assert_eq!(consume("a\nb\nc\n", "3", &["--from-beginning"])?, ["a", "b", "c"]);
    assert_eq!(consume("d\ne\n", "2", &[])?, ["d", "e"]);
    assert_eq!(broker.wait_for_consumer_group(GROUP, |view| view.state == "Empty")?.members, []);
    Ok(())
}
