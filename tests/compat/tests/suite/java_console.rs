//! The Java client, through the console producer and consumer by partition.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests_compat::{Broker, Codec, Tool, batch_headers};

use crate::text::lines;

/// Reads a whole partition of `count` records with everything that the consumer can print.
fn consume(broker: &Broker, topic: &str, partition: i32, count: usize) -> Result<Vec<String>> {
    let (partition, count) = (partition.to_string(), count.to_string());
    let mut words = vec!["--topic", topic, "--partition", &partition, "--offset", "earliest"];
    words.extend(["--max-messages", &count]);
    for shown in ["key", "headers", "offset", "partition"] {
        words.extend([
            "--formatter-property",
            match shown {
                "key" => "print.key=true",
                "headers" => "print.headers=true",
                "offset" => "print.offset=true",
                _ => "print.partition=true",
            },
        ]);
    }
    Ok(lines(&broker.tool(Tool::ConsoleConsumer, &words)?))
}

fn produce(broker: &Broker, topic: &str, more: &[&str], input: &str) -> Result<()> {
    let output = broker.run_tool(Tool::ConsoleProducer, &[&["--topic", topic], more].concat(), input)?;
    let clean = output.code == Some(0) && !output.stderr.contains("ERROR");
    ensure!(clean, "{:?}\n{}{}", output.code, output.stdout, output.stderr);
    Ok(())
}

#[test]
fn keys_nulls_and_headers_round_trip() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("console", 1, &[])?;
    let mut reader = Vec::new();
    for property in ["parse.key=true", "parse.headers=true", "null.marker=NULL"] {
        reader.extend(["--reader-property", property]);
    }
    let input = "trace:1,trace:2\tkey\tvalue\nNULL\tkey\tNULL\nempty:\tNULL\tx\n";
    produce(&broker, "console", &reader, input)?;
    assert_eq!(
        consume(&broker, "console", 0, 3)?,
        [
            "Partition:0\tOffset:0\ttrace:1,trace:2\tkey\tvalue",
            "Partition:0\tOffset:1\tNO_HEADERS\tkey\tnull",
            "Partition:0\tOffset:2\tempty:\tnull\tx",
        ]
    );
    Ok(())
}

#[test]
fn every_codec_round_trips() -> Result<()> {
    let broker = Broker::under_test()?;
    for codec in Codec::ALL {
        let topic = format!("java-{}", codec.name());
        broker.create_topic(&topic, 1, &[])?;
        let input: String =
            (0..3000).map(|number| format!("{number} {}\n", "all work ".repeat(20))).collect();
        let more = ["--compression-codec", codec.name(), "--batch-size", "500000"];
        produce(&broker, &topic, &more, &input)?;
        let read = consume(&broker, &topic, 0, 3000)?;
        for (number, line) in read.iter().enumerate() {
            let start = format!("Partition:0\tOffset:{number}\tNO_HEADERS\tnull\t{number} all work ");
            assert!(line.starts_with(&start), "{line}");
        }
        assert_eq!(read.len(), 3000);
        for header in batch_headers(&broker.partition(&topic, 0))? {
            assert_eq!(header.codec, codec as u8, "{header:?}");
            assert!(header.producer_id >= 0, "idempotent: {header:?}");
        }
    }
    Ok(())
}

#[test]
fn consuming_starts_at_an_offset_and_ends_by_time() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("places", 2, &[])?;
    produce(&broker, "places", &["--command-property", "partitioner.ignore.keys=true", "--sync"], "a\nb\n")?;
    let mut found = Vec::new();
    for partition in ["0", "1"] {
        let words = ["--topic", "places", "--partition", partition, "--offset", "0", "--timeout-ms", "8000"];
        let output = Tool::ConsoleConsumer
            .program(&["--bootstrap-server", &broker.bootstrap()])?
            .args(words)
            .limit(Duration::from_secs(60))
            .run()?;
        let last = output.stderr.lines().last().context("a summary")?.to_owned();
        assert!(last.starts_with("Processed a total of "), "{}", output.stderr);
        found.extend(lines(&output.stdout));
    }
    found.sort();
    assert_eq!(found, ["a", "b"]);
    Ok(())
}

#[test]
fn acks_0_and_1_arrive_too() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("acks", 1, &[])?;
    for acks in ["0", "1"] {
        let more = ["--request-required-acks", acks, "--command-property", "enable.idempotence=false"];
        produce(&broker, "acks", &more, &format!("with {acks}\n"))?;
    }
    let read = consume(&broker, "acks", 0, 2)?;
    assert_eq!(read[0], "Partition:0\tOffset:0\tNO_HEADERS\tnull\twith 0");
    assert_eq!(read[1], "Partition:0\tOffset:1\tNO_HEADERS\tnull\twith 1");
    assert_eq!(batch_headers(&broker.partition("acks", 0))?[0].producer_id, -1);
    Ok(())
}
