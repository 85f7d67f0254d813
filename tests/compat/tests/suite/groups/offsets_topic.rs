//! `__consumer_offsets` as Apache's tools read it: `kafka-get-offsets`, `kafka-dump-log --offsets-decoder`.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tests_compat::{Broker, Kind, Program, Spec, Tool};

use crate::text::lines;

/// A record: the kind of its key, the key, and its value; none in a tombstone.
type Decoded = (String, Value, Option<Value>);

fn decoded(broker: &Broker) -> Result<Vec<Decoded>> {
    let file = broker.partition("__consumer_offsets", 0).join("00000000000000000000.log");
    let file = file.display().to_string();
    let dump = Tool::DumpLog.stdout(&["--offsets-decoder", "--files", &file])?;
    let records = dump.lines().filter_map(|line| line.split_once(" key: "));
    records
        .map(|(_, record)| {
            let (key, payload) = record.split_once(" payload: ").context("a payload")?;
            let key: Value = serde_json::from_str(key)?;
            let kind = key["type"].as_str().context("a type")?.to_owned();
            let mut value: Option<Value> =
                (payload != "<DELETE>").then(|| serde_json::from_str(payload)).transpose()?;
            value.iter_mut().for_each(mask);
            Ok((kind, key["data"].clone(), value))
        })
        .collect()
}

/// Fields that a newer librdkafka writes into its subscription, and an older one does not.
const OF_NEW_CLIENTS: [&str; 2] = ["generationId", "rackId"];

/// Replaces times, what is drawn at random, and the epoch that an older librdkafka does not commit.
fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !OF_NEW_CLIENTS.contains(&name.as_str()));
            for (name, field) in fields {
                let drawn = ["leader", "memberId", "topicId", "leaderEpoch"];
                let is_drawn = name.ends_with("Timestamp") || drawn.contains(&name.as_str());
                if is_drawn && !field.is_null() {
                    *field = "*".into();
                }
                mask(field);
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(mask),
        _ => {}
    }
}

#[test]
fn apaches_tools_read_what_is_committed() -> Result<()> {
    let broker = Spec::new(Kind::under_test()?).set("offsets.topic.num.partitions", "1").start()?;
    broker.create_topic("lines", 2, &[])?;
    let bootstrap = broker.bootstrap();
    Program::new("kcat").args(["-b", &bootstrap, "-P", "-t", "lines", "-p", "1"]).input("a\nb\n").stdout()?;
    let words = ["-b", &bootstrap, "-q", "-e", "-X", "auto.offset.reset=earliest", "-G", "readers", "lines"];
    Program::new("kcat").args(words).stdout()?;
    broker.tool(Tool::ConsumerGroups, &["--delete", "--group", "readers"])?;
    let all = decoded(&broker)?;
    let member = json!({
        "memberId": "*", "groupInstanceId": null, "clientId": "rdkafka", "clientHost": "/127.0.0.1",
        "rebalanceTimeout": 300_000, "sessionTimeout": 45_000,
        "subscription": { "topics": ["lines"], "userData": "", "ownedPartitions": [] },
        "assignment": {
            "assignedPartitions": [{ "topic": "lines", "partitions": [0, 1] }],
            "userData": "",
        },
    });
    let group = |generation: i32, kind: &str, protocol: Value, leader: Value, members: Value| {
        let data = json!({
            "currentStateTimestamp": "*", "generation": generation, "protocolType": kind, "protocol": protocol,
            "leader": leader, "members": members,
        });
        ("2".to_owned(), json!({ "group": "readers" }), Some(json!({ "version": "3", "data": data })))
    };
    let of_offset = json!({ "group": "readers", "topic": "lines", "partition": 1 });
    let offset = json!({
        "offset": 2, "leaderEpoch": "*", "metadata": "", "commitTimestamp": "*", "topicId": "*",
    });
    let expected = [
        group(0, "", Value::Null, Value::Null, json!([])),
        group(1, "consumer", "range".into(), "*".into(), json!([member])),
        ("1".to_owned(), of_offset.clone(), Some(json!({ "version": "4", "data": offset }))),
        group(2, "consumer", Value::Null, Value::Null, json!([])),
        ("1".to_owned(), of_offset, None),
        ("2".to_owned(), json!({ "group": "readers" }), None),
    ];
    for (number, (found, expected)) in all.iter().zip(&expected).enumerate() {
        assert_eq!(found, expected, "record {number}");
    }
    assert_eq!(all.len(), expected.len(), "{all:#?}");
    let ends = broker.tool(Tool::GetOffsets, &["--topic-partitions", "__consumer_offsets:0"])?;
    assert_eq!(lines(&ends), [format!("__consumer_offsets:0:{}", all.len())]);
    Ok(())
}
