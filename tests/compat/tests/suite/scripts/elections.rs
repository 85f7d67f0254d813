//! Leaders by request.

use std::time::Duration;

use anyhow::Result;
use tests_compat::Tool;

use super::{SERVER, ends_well, same::Asked, three_nodes};

#[test]
fn leaders_are_elected() -> Result<()> {
    let mut asked = three_nodes()?;
    asked.create_topic("1:2,2:3,3:1")?;
    asked.write(
        "some.json",
        r#"{"partitions":[{"topic":"TOPIC","partition":0},{"topic":"TOPIC","partition":1}]}"#,
    )?;
    lose_leadership(&mut asked)?;
    let start = format!("{SERVER} --election-type preferred");
    let said = asked.same(
        Tool::LeaderElection,
        &[
            &format!("{start} --topic TOPIC --partition 1"),
            &format!("{start} --topic TOPIC --partition 1"),
            &format!("{start} --path-to-json-file FILES/some.json"),
            &format!("{SERVER} --election-type UNCLEAN --topic TOPIC --partition 0"),
        ],
    )?;
    ends_well(&said);
    assert_eq!(said[0].out, ["Successfully completed leader election (PREFERRED) for partitions TOPIC-1"]);
    assert_eq!(said[1].out, ["Valid replica already elected for partitions TOPIC-1"]);
    ends_well(&asked.same(Tool::LeaderElection, &[&format!("{start} --all-topic-partitions")])?);
    lose_leadership(&mut asked)?;
    let words = ["--election-type", "preferred", "--all-topic-partitions"];
    let bootstrap = asked.cluster.bootstrap();
    let said = Tool::LeaderElection.shim()?.args(["--bootstrap-server", &bootstrap]).args(words).stdout()?;
    assert_eq!(
        said,
        "Successfully completed leader election (PREFERRED) for partitions topic-of-java-1, topic-of-rust-1\n"
    );
    Ok(())
}

/// Lets the second node's partitions be led by others; that stays so when it is back.
fn lose_leadership(asked: &mut Asked) -> Result<()> {
    asked.cluster.node(2).stop()?;
    asked.cluster.launch()?;
    let topics = ["topic-of-java", "topic-of-rust"].map(str::to_owned);
    asked.cluster.wait_until_in_sync(&topics, Duration::from_secs(60))
}

#[test]
fn wrong_elections_are_refused() -> Result<()> {
    let asked = three_nodes()?;
    asked.create_topic("1:2")?;
    for (name, text) in [
        (
            "mixed",
            r#"{"partitions":[{"topic":"TOPIC","partition":0},{"topic":"TOPIC","partition":9},{"topic":"no","partition":1}]}"#,
        ),
        ("twice", r#"{"partitions":[{"topic":"TOPIC","partition":0},{"topic":"TOPIC","partition":0}]}"#),
        ("none", "{}"),
        ("text", "x"),
        ("empty", ""),
        ("list", "[]"),
        ("half", r#"{"partitions":[{"topic":"TOPIC"}]}"#),
        ("nothing", r#"{"partitions":[]}"#),
    ] {
        asked.write(name, text)?;
    }
    let start = format!("{SERVER} --election-type preferred");
    let files = ["mixed", "twice", "none", "text", "empty", "list", "half", "nothing", "absent"];
    let files = files.map(|name| format!("{start} --path-to-json-file FILES/{name}"));
    asked.same(Tool::LeaderElection, &files.each_ref().map(String::as_str))?;
    let rest = [
        "--election-type preferred --topic no --partition 0",
        "--election-type preferred --topic TOPIC --partition 77",
        "--election-type bad --topic TOPIC --partition 0",
        "--election-type preferred --topic TOPIC --partition x",
        "--topic TOPIC",
        "--election-type preferred --topic TOPIC",
        "--election-type preferred --partition 0",
        "--election-type preferred --partition 0 --all-topic-partitions",
        "--election-type preferred --topic TOPIC --partition 0 --all-topic-partitions",
        "--election-type",
        "--bogus",
        "--election-type preferred --all-topic-partitions --admin.config FILES/none --command-config FILES/none",
    ];
    let rest = rest.map(|line| format!("{SERVER} {line}"));
    asked.same(Tool::LeaderElection, &rest.each_ref().map(String::as_str))?;
    asked.same(Tool::LeaderElection, &["--election-type preferred --all-topic-partitions"])?;
    Ok(())
}
