//! `kafka-consumer-groups`, and `kafka-groups`.

use std::fs;

use anyhow::Result;
use tests_compat::{Broker, Program, Tool};

use super::kcat::Kcat;
use crate::text::{lines, sorted_lines};

const TOPIC: &str = "orders";

/// A topic of two partitions with ten records in each, of which the group has no offsets.
fn start() -> Result<Broker> {
    let broker = Broker::under_test()?;
    broker.create_topic(TOPIC, 2, &[])?;
    let text: String = (0..10).map(|number| format!("{number}\n")).collect();
    for partition in ["0", "1"] {
        let words = ["-b", &broker.bootstrap(), "-P", "-t", TOPIC, "-p", partition];
        Program::new("kcat").args(words).input(text.clone()).stdout()?;
    }
    broker.find_coordinator("any")?;
    Ok(broker)
}

/// The rows of a table in alphabetical order, white space made one; what a run draws is masked.
fn rows(text: &str) -> Vec<String> {
    let row = |line: &String| {
        let words = line.split_whitespace().map(|word| {
            let drawn = word.strip_prefix("doomed-").is_some_and(|rest| rest.len() == 36);
            if drawn { "doomed-*" } else { word }
        });
        words.collect::<Vec<_>>().join(" ")
    };
    sorted_lines(text).iter().map(row).collect()
}

fn groups(broker: &Broker, words: &[&str]) -> Result<Vec<String>> {
    Ok(rows(&broker.tool(Tool::ConsumerGroups, words)?))
}

#[test]
fn offsets_are_reset() -> Result<()> {
    let broker = start()?;
    let reset = |more: &[&str]| {
        groups(&broker, &[&["--reset-offsets", "--group", "g", "--topic", TOPIC], more].concat())
    };
    let to = |first: i64, second: i64| {
        [
            "GROUP TOPIC PARTITION NEW-OFFSET".to_owned(),
            format!("g orders 0 {first}"),
            format!("g orders 1 {second}"),
        ]
    };
    assert_eq!(reset(&["--to-offset", "4", "--dry-run"])?, to(4, 4));
    assert_eq!(broker.committed("g", TOPIC, 0)?, None, "it was dry");
    assert_eq!(reset(&["--to-offset", "4", "--execute"])?, to(4, 4));
    assert_eq!(broker.committed("g", TOPIC, 0)?, Some(4));
    assert_eq!(reset(&["--shift-by", "3", "--execute"])?, to(7, 7));
    assert_eq!(reset(&["--shift-by", "-100", "--execute"])?, to(0, 0));
    assert_eq!(reset(&["--to-latest", "--execute"])?, to(10, 10));
    assert_eq!(reset(&["--to-datetime", "2000-01-01T00:00:00.000", "--execute"])?, to(0, 0));
    assert_eq!(reset(&["--to-current", "--dry-run"])?, to(0, 0));
    let export = reset(&["--to-offset", "6", "--export", "--dry-run"])?;
    assert_eq!(export, ["orders,0,6", "orders,1,6"]);
    let file = broker.folder().join("offsets.csv");
    fs::write(&file, export.join("\n"))?;
    let file = file.display().to_string();
    let from_file = ["--reset-offsets", "--group", "g", "--from-file", &file, "--execute"];
    assert_eq!(groups(&broker, &from_file)?, to(6, 6));
    assert_eq!(broker.committed("g", TOPIC, 1)?, Some(6));
    let one = ["--reset-offsets", "--group", "g", "--topic", "orders:1", "--to-earliest", "--execute"];
    assert_eq!(groups(&broker, &one)?, ["GROUP TOPIC PARTITION NEW-OFFSET", "g orders 1 0"]);
    Ok(())
}

#[test]
fn groups_are_listed_described_and_deleted() -> Result<()> {
    let broker = start()?;
    let reset = ["--reset-offsets", "--topic", TOPIC, "--to-offset", "4", "--execute"];
    groups(&broker, &[&reset[..], &["--group", "idle"]].concat())?;
    groups(&broker, &[&reset[..], &["--group", "busy"]].concat())?;
    let _member = Kcat::join(&broker, "busy", TOPIC, "range")?;
    broker.wait_for_group("busy", |view| view.state == "Stable")?;
    for (words, expected) in seen(&broker.bootstrap()) {
        assert_eq!(groups(&broker, &words)?, expected, "{words:?}");
    }
    for (words, expected) in done() {
        let said = lines(&broker.run_tool(Tool::ConsumerGroups, words, "")?.stdout);
        // A trace of the tool's stack may follow.
        let said = said
            .iter()
            .take(expected.len())
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        assert_eq!(said.collect::<Vec<_>>(), *expected, "{words:?}");
    }
    let listed = rows(&broker.tool(Tool::Groups, &["--list"])?);
    assert_eq!(listed, ["GROUP TYPE PROTOCOL", "busy Classic consumer"]);
    Ok(())
}

/// What is asked, and the rows of the answer.
fn seen(coordinator: &str) -> Vec<(Vec<&'static str>, Vec<String>)> {
    let offsets = "GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID";
    let states = "GROUP COORDINATOR (ID) ASSIGNMENT-STRATEGY STATE #MEMBERS";
    let members = "GROUP CONSUMER-ID HOST CLIENT-ID #PARTITIONS";
    let verbose = "CURRENT-EPOCH CURRENT-ASSIGNMENT TARGET-EPOCH TARGET-ASSIGNMENT";
    let busy = format!("busy {coordinator} (1) range Stable 1");
    let idle = format!("idle {coordinator} (1) - Empty 0");
    let case = |words: &[&'static str], rows: &[&str]| {
        (words.to_vec(), rows.iter().map(|row| (*row).to_owned()).collect())
    };
    vec![
        case(&["--list"], &["busy", "idle"]),
        case(&["--list", "--state"], &["GROUP STATE", "busy Stable", "idle Empty"]),
        case(&["--list", "--state", "Stable"], &["GROUP STATE", "busy Stable"]),
        case(&["--list", "--type", "classic"], &["GROUP TYPE", "busy Classic", "idle Classic"]),
        case(
            &["--describe", "--group", "busy"],
            &[
                offsets,
                "busy orders 0 4 10 6 doomed-* /127.0.0.1 doomed",
                "busy orders 1 4 10 6 doomed-* /127.0.0.1 doomed",
            ],
        ),
        case(
            &["--describe", "--group", "idle", "--offsets"],
            &[offsets, "idle orders 0 4 10 6 - - -", "idle orders 1 4 10 6 - - -"],
        ),
        case(
            &["--describe", "--group", "busy", "--members", "--verbose"],
            &[&format!("{members} {verbose}"), "busy doomed-* /127.0.0.1 doomed 2 - orders:0,1 - -"],
        ),
        case(&["--describe", "--group", "busy", "--state"], &[states, &busy]),
        case(&["--describe", "--all-groups", "--state"], &[states, states, &busy, &idle]),
    ]
}

/// What is done or refused, and the first lines that it says.
fn done() -> &'static [(&'static [&'static str], &'static [&'static str])] {
    &[
        (
            &["--delete-offsets", "--group", "idle", "--topic", "orders:1"],
            &[
                "Request succeeded for deleting offsets from group idle.",
                "TOPIC PARTITION STATUS",
                "orders 1 Successful",
            ],
        ),
        (
            &["--delete-offsets", "--group", "busy", "--topic", "orders:1"],
            &[
                "Error: Encountered some partition-level error, see the follow-up details.",
                "TOPIC PARTITION STATUS",
                "orders 1 Error: org.apache.kafka.common.errors.GroupSubscribedToTopicException: Deleting offsets of a \
                 topic is forbidden while the consumer group is actively subscribed to it.",
            ],
        ),
        (
            &["--reset-offsets", "--group", "busy", "--topic", TOPIC, "--to-earliest", "--execute"],
            &[
                "Error: Assignments can only be reset if the group 'busy' is inactive, but the current state is Stable.",
            ],
        ),
        (
            &["--delete", "--group", "busy"],
            &[
                "Error: Deletion of some consumer groups failed:",
                "* Group 'busy' could not be deleted due to: org.apache.kafka.common.errors.GroupNotEmptyException: The \
                 group is not empty.",
            ],
        ),
        (
            &["--delete", "--group", "idle"],
            &["Deletion of requested consumer groups ('idle') was successful."],
        ),
        (
            &["--delete", "--group", "nobody"],
            &[
                "Error: Deletion of some consumer groups failed:",
                "* Group 'nobody' could not be deleted due to: \
                 org.apache.kafka.common.errors.GroupIdNotFoundException: The group id does not exist.",
            ],
        ),
        (
            &["--describe", "--group", "nobody"],
            &["Error: Executing consumer group command failed due to \
                 org.apache.kafka.common.errors.GroupIdNotFoundException: Group nobody not found."],
        ),
        (&["--list"], &["busy"]),
    ]
}
