//! Tools that look at records: `kafka-producer-perf-test`, `kafka-get-offsets`, `kafka-delete-records`,
//! `kafka-log-dirs`.

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tests_compat::{Broker, Codec, Tool, batch_headers};

use crate::exchange::{Client, sample};
use crate::librdkafka::Librdkafka;
use crate::text::{lines, sorted_lines};

/// A topic with the sample in partition 1 and nothing in partition 0.
fn with_sample() -> Result<(Broker, usize)> {
    let broker = Broker::under_test()?;
    broker.create_topic("data", 2, &[])?;
    let records = sample(1);
    Librdkafka.produce(&broker, "data", Codec::Snappy, &records)?;
    Ok((broker, records.len()))
}

#[test]
fn get_offsets_answers_every_kind_of_time() -> Result<()> {
    let (broker, count) = with_sample()?;
    let at = |time: &str| -> Result<Vec<String>> {
        Ok(sorted_lines(&broker.tool(Tool::GetOffsets, &["--topic", "data", "--time", time])?))
    };
    assert_eq!(at("latest")?, ["data:0:0".to_owned(), format!("data:1:{count}")]);
    assert_eq!(at("earliest")?, ["data:0:0", "data:1:0"]);
    assert_eq!(at("-3")?, [format!("data:1:{}", count - 1)], "an empty partition has none");
    assert_eq!(at("earliest-local")?, ["data:0:0", "data:1:0"]);
    assert_eq!(at("1000")?, ["data:1:0"]);
    let one = broker.tool(Tool::GetOffsets, &["--topic-partitions", "data:1", "--time", "latest"])?;
    assert_eq!(one, format!("data:1:{count}\n"));
    Ok(())
}

#[test]
fn delete_records_moves_the_start() -> Result<()> {
    let (broker, count) = with_sample()?;
    let file = broker.folder().join("delete.json");
    let path = file.display().to_string();
    let delete = |offset: i64| -> Result<Vec<String>> {
        let asked =
            json!({ "version": 1, "partitions": [{ "topic": "data", "partition": 1, "offset": offset }] });
        fs::write(&file, asked.to_string())?;
        Ok(lines(&broker.tool(Tool::DeleteRecords, &["--offset-json-file", &path])?))
    };
    let said = ["Executing records delete operation", "Records delete operation completed:"];
    assert_eq!(delete(100)?, [&said[..], &["partition: data-1\tlow_watermark: 100"]].concat());
    let start = broker.tool(Tool::GetOffsets, &["--topic-partitions", "data:1", "--time", "earliest"])?;
    assert_eq!(start, "data:1:100\n");
    let beyond = delete(1_000_000)?.pop().context("a line")?;
    assert_eq!(
        beyond,
        "partition: data-1\terror: org.apache.kafka.common.errors.OffsetOutOfRangeException: The requested offset \
         is not within the range of offsets maintained by the server."
    );
    // -1 is the high watermark.
    assert_eq!(delete(-1)?.pop(), Some(format!("partition: data-1\tlow_watermark: {count}")));
    let left = Librdkafka.consume(&broker, "data", 1, 0)?;
    assert_eq!(left, []);
    Ok(())
}

#[test]
fn log_dirs_shows_sizes() -> Result<()> {
    let (broker, _) = with_sample()?;
    let shown = broker.tool(Tool::LogDirs, &["--describe", "--topic-list", "data"])?;
    let said = lines(&shown);
    assert_eq!(
        said[..2],
        [
            "Querying brokers for log directories information",
            "Received log directory information from brokers 1"
        ]
    );
    let answer: Value = serde_json::from_str(&said[2])?;
    let folder = &answer["brokers"][0]["logDirs"][0];
    assert_eq!((&answer["brokers"][0]["broker"], &folder["error"]), (&json!(1), &Value::Null));
    assert_eq!(folder["logDir"], broker.data().display().to_string());
    let mut partitions = folder["partitions"].as_array().context("partitions")?.clone();
    partitions.sort_by_key(|partition| partition["partition"].to_string());
    let size = fs::metadata(broker.partition("data", 1).join("00000000000000000000.log"))?.len();
    assert_eq!(
        partitions,
        [
            json!({ "partition": "data-0", "size": 0, "offsetLag": 0, "isFuture": false }),
            json!({ "partition": "data-1", "size": size, "offsetLag": 0, "isFuture": false }),
        ]
    );
    Ok(())
}

#[test]
fn producer_perf_test_reports_every_record() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("speed", 3, &[])?;
    let load = ["--topic", "speed", "--num-records", "20000", "--record-size", "200", "--throughput", "-1"];
    let properties = ["--command-property", "acks=all", "compression.type=lz4", "linger.ms=5"];
    let report = broker.tool(Tool::ProducerPerformance, &[&load[..], &properties[..]].concat())?;
    let last = lines(&report).pop().context("a report")?;
    assert!(last.starts_with("20000 records sent, ") && last.ends_with("ms 99.9th."), "{report}");
    let mut total = 0;
    for partition in 0..3 {
        for header in batch_headers(&broker.partition("speed", partition))? {
            assert_eq!(header.codec, Codec::Lz4 as u8, "{header:?}");
            total += header.records;
        }
    }
    assert_eq!(total, 20000);
    Ok(())
}
