//! kcat, as people type it.

use anyhow::{Context, Result};
use serde_json::Value;
use tests_compat::{Broker, Codec, Program, batch_headers};

fn kcat(broker: &Broker, arguments: &[&str]) -> Program {
    Program::new("kcat").args(["-b", &broker.bootstrap()]).args(arguments)
}

/// Reads a partition to its end as JSON lines.
fn consume(broker: &Broker, topic: &str, partition: &str) -> Result<Vec<Value>> {
    let text =
        kcat(broker, &["-C", "-q", "-J", "-e", "-o", "beginning", "-t", topic, "-p", partition]).stdout()?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

#[test]
fn lines_round_trip_in_every_codec() -> Result<()> {
    let broker = Broker::under_test()?;
    for codec in Codec::ALL {
        let topic = format!("lines-{}", codec.name());
        broker.create_topic(&topic, 2, &[])?;
        let lines: Vec<_> =
            (0..2000).map(|number| format!("key{number}:a line of text, number {number}")).collect();
        let setting = format!("compression.codec={}", codec.name());
        let produce =
            ["-P", "-t", &topic, "-p", "1", "-K", ":", "-X", "enable.idempotence=true", "-X", &setting];
        kcat(&broker, &produce).input(lines.join("\n") + "\n").stdout()?;

        let read = consume(&broker, &topic, "1")?;
        assert_eq!(read.len(), lines.len());
        for (number, message) in read.iter().enumerate() {
            assert_eq!(message["offset"], number);
            assert_eq!(message["key"], format!("key{number}"));
            assert_eq!(message["payload"], format!("a line of text, number {number}"));
        }
        for header in batch_headers(&broker.partition(&topic, 1))? {
            assert!(header.codec == codec as u8 || header.records < 10, "{codec:?}: {header:?}");
        }
        assert_eq!(consume(&broker, &topic, "0")?, Vec::<Value>::new());
    }
    Ok(())
}

#[test]
fn headers_repeat_and_tombstones_stay() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("headers", 1, &[])?;
    let produce =
        ["-P", "-t", "headers", "-p", "0", "-K", ":", "-Z", "-H", "trace=1", "-H", "trace=2", "-H", "empty="];
    kcat(&broker, &produce).input("gone:\nkept:value\n").stdout()?;
    let read = consume(&broker, "headers", "0")?;
    assert_eq!(read.len(), 2);
    assert_eq!((&read[0]["key"], &read[0]["payload"]), (&"gone".into(), &Value::Null));
    assert_eq!((&read[1]["key"], &read[1]["payload"]), (&"kept".into(), &"value".into()));
    for message in read {
        assert_eq!(message["headers"], serde_json::json!(["trace", "1", "trace", "2", "empty", ""]));
    }
    Ok(())
}

#[test]
fn metadata_lists_the_broker_and_topics() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("listed", 3, &[])?;
    let metadata: Value = serde_json::from_str(&kcat(&broker, &["-L", "-J"]).stdout()?)?;
    assert_eq!(metadata["brokers"], serde_json::json!([{ "id": 1, "name": broker.bootstrap() }]));
    let topics = metadata["topics"].as_array().context("topics")?;
    let listed = topics.iter().find(|topic| topic["topic"] == "listed").context("the topic is listed")?;
    let partitions = listed["partitions"].as_array().context("partitions")?;
    assert_eq!(partitions.len(), 3);
    for (number, partition) in partitions.iter().enumerate() {
        assert_eq!(partition["partition"], number);
        assert_eq!(partition["leader"], 1);
        assert_eq!(partition["replicas"], serde_json::json!([{ "id": 1 }]));
        assert_eq!(partition["isrs"], serde_json::json!([{ "id": 1 }]));
    }
    Ok(())
}

#[test]
fn offsets_are_queried_by_timestamp() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("times", 1, &[])?;
    kcat(&broker, &["-P", "-t", "times", "-p", "0"]).input("one\ntwo\nthree\n").stdout()?;
    let query = |partition: &str| kcat(&broker, &["-Q", "-t", partition]).stdout();
    assert_eq!(query("times:0:0")?.trim(), "times [0] offset 0");
    assert_eq!(query("times:0:-1")?.trim(), "times [0] offset 3");
    assert_eq!(query("times:0:-2")?.trim(), "times [0] offset 0");
    Ok(())
}

#[test]
fn consuming_starts_where_it_is_told() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("places", 1, &[])?;
    kcat(&broker, &["-P", "-t", "places", "-p", "0"]).input("0\n1\n2\n3\n4\n").stdout()?;
    let from =
        |offset: &str| kcat(&broker, &["-C", "-q", "-e", "-t", "places", "-p", "0", "-o", offset]).stdout();
    assert_eq!(from("3")?, "3\n4\n");
    assert_eq!(from("-1")?, "4\n");
    assert_eq!(from("beginning")?, "0\n1\n2\n3\n4\n");
    assert_eq!(from("end")?, "");
    Ok(())
}
