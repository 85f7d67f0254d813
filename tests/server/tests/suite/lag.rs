//! How far a group is, as the broker tells that coordinates it, of partitions that any broker leads.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rdkafka::Offset;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::topic_partition_list::TopicPartitionList;
use serde_json::{Value, json};
use tests_compat::{Broker, Cluster, Deadline, Kind, Program, Tool, page, pause, rest};

const TOPIC: &str = "orders";
const GROUP: &str = "readers";
const PARTITIONS: i32 = 3;
const LIMIT: Duration = Duration::from_secs(60);
const TRY_EVERY: Duration = Duration::from_millis(50);

/// Three brokers, each of which leads one partition that no other one has.
fn start() -> Result<Cluster> {
    let cluster = Cluster::start_with(&[Kind::Klamm; 3], |spec| {
        spec.set("klamm.group.lag.interval.ms", "500")
            .set("klamm.group.metrics.partitions.max", "2")
            .set("offsets.topic.num.partitions", "3")
            .set("offsets.topic.replication.factor", "3")
            .set("broker.session.timeout.ms", "3000")
            .set("broker.heartbeat.interval.ms", "500")
    })?;
    cluster.tool(Tool::Topics, &["--create", "--topic", TOPIC, "--replica-assignment", "1,2,3"])?;
    Ok(cluster)
}

/// Appends so many records to every partition.
fn fill(cluster: &Cluster, count: usize) -> Result<()> {
    let lines = "record\n".repeat(count);
    for partition in 0..PARTITIONS {
        let (bootstrap, partition) = (cluster.bootstrap(), partition.to_string());
        let words = ["-P", "-b", &bootstrap, "-t", TOPIC, "-p", &partition, "-X", "acks=all"];
        Program::new("kcat").args(words).input(lines.clone()).stdout()?;
    }
    Ok(())
}

/// A consumer that takes its partitions itself.
fn consumer(cluster: &Cluster) -> Result<BaseConsumer> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", cluster.bootstrap()).set("group.id", GROUP);
    Ok(config.set("enable.auto.commit", "false").create()?)
}

/// Commits an offset in each partition, as far as the group's coordinator can be had.
fn commit(consumer: &BaseConsumer, offsets: [i64; PARTITIONS as usize]) -> Result<()> {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in (0..).zip(offsets) {
        list.add_partition_offset(TOPIC, partition, Offset::Offset(offset))?;
    }
    let deadline = Deadline::after(LIMIT);
    loop {
        match consumer.commit(&list, CommitMode::Sync) {
            Err(error) if deadline.left().is_none() => return Err(error.into()),
            Err(_) => pause(TRY_EVERY),
            Ok(()) => return Ok(()),
        }
    }
}

/// The broker that tells of the group, and what it tells.
fn described(cluster: &Cluster) -> Result<(i32, Value)> {
    let look = || told_anywhere(cluster, GROUP);
    let told = wait("somebody tells of the group", look, Option::is_some)?.context("it is told")?;
    let by = told["by"].as_i64().context("who tells it")?;
    Ok((i32::try_from(by)?, told))
}

/// What is told of a group by whoever coordinates it, with its id; others say that they do not.
fn told_anywhere(cluster: &Cluster, group: &str) -> Result<Option<Value>> {
    for node in cluster.nodes().iter().filter(|node| node.pid().is_some()) {
        let (status, mut told) = rest("GET", node.admin_port(), &format!("/v1/groups/{group}"), None)?;
        if status == 200 {
            told["by"] = json!(node.id());
            return Ok(Some(told));
        }
        ensure!([404, 421, 503].contains(&status), "{status}: {told}");
    }
    Ok(None)
}

/// What is told of each partition: committed, start, end, lag, lead, where it lies.
fn rows(told: &Value) -> Result<Vec<Value>> {
    let rows = told["offsets"].as_array().with_context(|| told.to_string())?;
    let row = |row: &Value| ["offset", "start", "end", "lag", "lead", "position"].map(|key| row[key].clone());
    Ok(rows.iter().map(|told| Value::from_iter(row(told))).collect())
}

/// Asks until it is so.
fn wait<T>(what: &str, mut look: impl FnMut() -> Result<T>, is_so: impl Fn(&T) -> bool) -> Result<T>
where
    T: std::fmt::Debug,
{
    let deadline = Deadline::after(LIMIT);
    loop {
        let seen = look()?;
        if is_so(&seen) {
            return Ok(seen);
        }
        ensure!(deadline.left().is_some(), "not after {LIMIT:?}: {what}, but {seen:?}");
        pause(TRY_EVERY);
    }
}

fn metrics(node: &Broker) -> Result<String> {
    let (status, text) = page(node.admin_port(), "/metrics")?;
    ensure!(status == 200, "{status}: {text}");
    Ok(text)
}

fn names_the_group(text: &str) -> bool {
    text.contains(&format!("group=\"{GROUP}\""))
}

#[test]
fn lag_and_lead_are_told_whoever_leads_the_partitions() -> Result<()> {
    let mut cluster = start()?;
    fill(&cluster, 100)?;
    let consumer = consumer(&cluster)?;
    commit(&consumer, [40, 100, 0])?;
    let (id, told) = described(&cluster)?;
    let within = |committed: i64, end: i64| json!([committed, 0, end, end - committed, committed, "within"]);
    assert_eq!(rows(&told)?, [within(40, 100), within(100, 100), within(0, 100)], "{told}");
    assert_eq!((&told["lag"], &told["maxLag"], &told["minLead"]), (&json!(160), &json!(100), &json!(0)));
    assert_eq!((&told["type"], &told["state"]), (&json!("classic"), &json!("Empty")));
    let seconds = |told: &Value| told["offsets"][1]["lagSeconds"].as_f64().unwrap_or(-1.0);
    assert_eq!(seconds(&told), 0.0, "it has read everything");
    // It falls behind, for longer and longer.
    fill(&cluster, 50)?;
    let (_, told) = described(&cluster)?;
    assert_eq!(rows(&told)?, [within(40, 150), within(100, 150), within(0, 150)], "{told}");
    let look = || Ok(described(&cluster)?.1);
    let told = wait("a second of lag", look, |told| seconds(told) > 1.0)?;
    assert_eq!(
        told["offsets"][1]["lagSecondsAtLeast"],
        json!(false),
        "when it was at the end is known: {told}"
    );
    // And catches up.
    commit(&consumer, [150, 149, 150])?;
    let (_, told) = described(&cluster)?;
    assert_eq!(rows(&told)?, [within(150, 150), within(149, 150), within(150, 150)], "{told}");
    // Records are deleted before it and behind it.
    let file = cluster.node(1).folder().join("delete.json");
    let before =
        |partition: i32, offset: i64| json!({"topic": TOPIC, "partition": partition, "offset": offset});
    let plan = json!({"partitions": [before(0, 120), before(2, 150)], "version": 1});
    std::fs::write(&file, plan.to_string())?;
    cluster.tool(Tool::DeleteRecords, &["--offset-json-file", &file.display().to_string()])?;
    commit(&consumer, [110, 200, 150])?;
    let (_, told) = described(&cluster)?;
    let expected = [
        json!([110, 120, 150, 40, 0, "before-start"]),
        json!([200, 0, 150, 0, 200, "beyond-end"]),
        json!([150, 150, 150, 0, 0, "within"]),
    ];
    assert_eq!(rows(&told)?, expected, "{told}");
    let list = || Ok(rest("GET", cluster.nodes()[id as usize - 1].admin_port(), "/v1/groups", None)?.1);
    let listed = wait("the list", list, |told| told["groups"][0]["lag"] == json!(40))?;
    let group = &listed["groups"][0];
    assert_eq!(
        (&group["group"], &group["members"], &group["partitions"]),
        (&json!(GROUP), &json!(0), &json!(3))
    );
    assert_eq!((&group["maxLag"], &group["minLead"], &listed["next"]), (&json!(40), &json!(0), &Value::Null));
    Ok(())
}

#[test]
fn series_are_where_the_group_is_and_go_with_it() -> Result<()> {
    let mut cluster = start()?;
    fill(&cluster, 10)?;
    let consumer = consumer(&cluster)?;
    commit(&consumer, [4, 4, 4])?;
    let (first, _) = described(&cluster)?;
    let at = |id: i32| id as usize - 1;
    let series = |lag: i64| format!("klamm_group_lag_records{{group=\"{GROUP}\"}} {lag}\n");
    let look = || metrics(&cluster.nodes()[at(first)]);
    let text = wait("the series", look, |text| text.contains(&series(18)))?;
    for line in [
        format!("klamm_group_state{{group=\"{GROUP}\",state=\"Empty\",type=\"classic\"}} 1\n"),
        format!("klamm_group_max_lag_records{{group=\"{GROUP}\"}} 6\n"),
        format!("klamm_group_min_lead_records{{group=\"{GROUP}\"}} 4\n"),
        format!("klamm_group_topic_lag_records{{group=\"{GROUP}\",topic=\"{TOPIC}\"}} 18\n"),
        format!(
            "klamm_group_partition_lag_records{{group=\"{GROUP}\",partition=\"1\",topic=\"{TOPIC}\"}} 6\n"
        ),
        "klamm_group_metrics_left_out{of=\"partitions\"} 1\n".to_owned(),
        "klamm_groups 1\n".to_owned(),
    ] {
        ensure!(text.contains(&line), "{line} in\n{text}");
    }
    for node in cluster.nodes().iter().filter(|node| node.id() != first) {
        ensure!(!names_the_group(&metrics(node)?), "it is told once");
    }
    // Another one coordinates it, and cannot know of the partition that nobody leads.
    cluster.node(first as usize).kill()?;
    let (second, _) = described(&cluster)?;
    let look = || metrics(&cluster.nodes()[at(second)]);
    let unknown = format!("klamm_group_unknown_partitions{{group=\"{GROUP}\"}} 1\n");
    wait("the series elsewhere", look, |text| text.contains(&unknown) && text.contains(&series(12)))?;
    cluster.launch()?;
    let look = || metrics(&cluster.nodes()[at(second)]);
    wait("all partitions", look, |text| text.contains(&series(18)))?;
    ensure!(!names_the_group(&metrics(&cluster.nodes()[at(first)])?), "it is told once");
    // What is deleted is told nowhere.
    cluster.tool(Tool::ConsumerGroups, &["--delete", "--group", GROUP])?;
    let look = || metrics(&cluster.nodes()[at(second)]);
    wait("the end of the series", look, |text| !names_the_group(text) && text.contains("klamm_groups 0\n"))?;
    let port = cluster.nodes()[at(second)].admin_port();
    assert_eq!(rest("GET", port, &format!("/v1/groups/{GROUP}"), None)?.0, 404);
    assert_eq!(rest("GET", port, "/v1/groups", None)?.1["groups"], json!([]));
    Ok(())
}

#[test]
fn partitions_of_members_are_told_before_anything_is_committed() -> Result<()> {
    let cluster = start()?;
    fill(&cluster, 5)?;
    for protocol in ["classic", "consumer"] {
        let group = format!("{protocol}-{GROUP}");
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", cluster.bootstrap()).set("group.id", &group);
        config.set("group.protocol", protocol).set("enable.auto.commit", "false");
        let consumer: BaseConsumer = config.create()?;
        consumer.subscribe(&[TOPIC])?;
        let look = || {
            consumer.poll(TRY_EVERY);
            Ok(told_anywhere(&cluster, &group)?.unwrap_or_default())
        };
        let has_all = |told: &Value| told["offsets"].as_array().is_some_and(|rows| rows.len() == 3);
        let told = wait("its partitions", look, has_all)?;
        for row in rows(&told)? {
            assert_eq!(row, json!([null, 0, 5, null, null, null]), "{told}");
        }
        assert_eq!(told["offsets"][0]["member"], told["members"][0]["member"], "{told}");
        assert_eq!((&told["lag"], &told["type"]), (&json!(0), &json!(protocol)));
    }
    Ok(())
}
