//! `kafka-console-producer.sh`: lines of standard input become records.

mod line;

use std::{io::BufRead as _, process::ExitCode, time::Duration};

use anyhow::{Context as _, Result, bail};
use broker_client::{Client, Producer, ProducerOptions};
use broker_records::Codec;
use tokio::time::{sleep, timeout};

use self::line::LineReader;
use super::{
    Script, connect,
    options::{Failure, Options, Spec, flag, value},
    words,
};

static SPEC: Spec = Spec {
    about: "Writes lines of standard input to a topic, each as a record that all in-sync replicas acknowledge.",
    options: &[
        value("bootstrap-server", "HOST:PORT", "Required: the servers to start from"),
        value("topic", "TOPIC", "Required: the topic to write to"),
        value("compression-codec", "[CODEC]", "none, gzip, snappy, lz4 or zstd; gzip without a value"),
        value("batch-size", "BYTES", "The size at which a batch is sent"),
        flag("sync", "Wait for each record before the next is read"),
        value(
            "reader-property",
            "KEY=VALUE",
            "parse.key, key.separator, parse.headers, headers.*, null.marker, ignore.error",
        ),
        value("reader-config", "FILE", "A file of such properties"),
        value("property", "KEY=VALUE", "The old name of --reader-property"),
        value(
            "command-property",
            "KEY=VALUE",
            "A property for the client: compression.type, batch.size, client.id",
        ),
        value("command-config", "FILE", "A file of such properties"),
        value("producer-property", "KEY=VALUE", "The old name of --command-property"),
        value("producer.config", "FILE", "The old name of --command-config"),
        value(
            "request-required-acks",
            "ACKS",
            "0, 1, -1 or all; whatever it is, a record is acknowledged by all in-sync replicas",
        ),
        value("line-reader", "CLASS", "Only the default one"),
        value(
            "message-send-max-retries",
            "COUNT",
            "Taken and ignored: records are tried until they are given up",
        ),
        value("retry-backoff-ms", "MILLIS", "The pause before another try"),
        value("request-timeout-ms", "MILLIS", "Taken and ignored"),
        value("metadata-expiry-ms", "MILLIS", "Taken and ignored"),
        value("max-block-ms", "MILLIS", "How long a topic that is not there is waited for"),
        value("max-memory-bytes", "BYTES", "Taken and ignored"),
        value("max-partition-memory-bytes", "BYTES", "The old name of --batch-size"),
        value("socket-buffer-size", "BYTES", "Taken and ignored"),
        value("timeout", "MILLIS", "Taken and ignored: a batch is sent when it is full or the input ends"),
    ],
};

/// How long a topic is waited for where nobody says, as Kafka's `max.block.ms`.
const MAX_BLOCK_MS: u64 = 60_000;
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const ACKS: [&str; 4] = ["all", "-1", "0", "1"];
const DEFAULT_READER: &str = "org.apache.kafka.tools.LineMessageReader";

pub(super) fn main(arguments: &[String]) -> ExitCode {
    let script = Script { spec: &SPEC, check, report: |error| eprintln!("{}", words(error)) };
    script.run(arguments, async |options| run(options).await)
}

/// Whether the options go together; says which of them will go.
fn check(options: &Options) -> Result<(), Failure> {
    options.required("topic")?;
    options.exclude("command-config", "producer.config")?;
    options.exclude("command-property", "producer-property")?;
    options.exclude("reader-property", "property")?;
    let old = [
        ("property", "reader-property"),
        ("producer-property", "command-property"),
        ("producer.config", "command-config"),
        ("max-partition-memory-bytes", "batch-size"),
    ];
    for (old, new) in old.iter().filter(|(old, _)| options.has(old)) {
        println!(
            "Warning: --{old} is deprecated and will be removed in a future version. Use --{new} instead."
        );
    }
    Ok(())
}

async fn run(options: &Options) -> Result<()> {
    let topic = options.required("topic")?;
    let mut properties = options.properties("reader-config", "property")?;
    properties.extend(options.properties("", "reader-property")?);
    let reader = LineReader::new(&properties)?;
    let producer_options = producer_options(options)?;
    let mut client = connect(options, "console-producer").await?;
    wait_for(&mut client, topic, options.number("max-block-ms")?.unwrap_or(MAX_BLOCK_MS)).await?;
    let mut producer = Producer::start(client, topic, producer_options).await?;
    for (number, line) in std::io::stdin().lock().split(b'\n').enumerate() {
        let line = line.context("standard input")?;
        // What is no text is replaced, as Java reads it; `klamm produce` takes bytes as they are.
        let text = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line));
        producer.send(reader.read(&text, number + 1)?).await?;
        if options.has("sync") {
            producer.flush().await?;
        }
    }
    producer.flush().await?;
    Ok(())
}

/// Waits for the topic, which the cluster may create because it is asked for.
pub(super) async fn wait_for(client: &mut Client, topic: &str, millis: u64) -> Result<()> {
    let found = async {
        while !client.find_or_create_topic(topic).await? {
            sleep(LOOK_AGAIN).await;
        }
        Ok(())
    };
    match timeout(Duration::from_millis(millis), found).await {
        Ok(found) => found,
        Err(_) => bail!("Topic {topic} not present in metadata after {millis} ms."),
    }
}

fn producer_options(options: &Options) -> Result<ProducerOptions> {
    if options.value("line-reader").is_some_and(|reader| reader != DEFAULT_READER) {
        bail!("--line-reader: only {DEFAULT_READER} is built");
    }
    let mut properties = options.properties("producer.config", "producer-property")?;
    properties.extend(options.properties("command-config", "command-property")?);
    let acks = options.value("request-required-acks").or(properties.get("acks").map(String::as_str));
    if let Some(acks) = acks.filter(|acks| !ACKS.contains(acks)) {
        bail!("Invalid value {acks} for configuration acks: String must be one of: {}", ACKS.join(", "));
    }
    let codec = if options.has("compression-codec") {
        options.value("compression-codec").unwrap_or("gzip")
    } else {
        properties.get("compression.type").map_or("none", String::as_str)
    };
    let defaults = ProducerOptions::default();
    let stated = match options.number("batch-size")? {
        None => options.number("max-partition-memory-bytes")?,
        size => size,
    };
    let batch_bytes = match (stated, properties.get("batch.size")) {
        (Some(size), _) => size,
        (None, Some(text)) => text.parse().with_context(|| format!("batch.size={text}"))?,
        (None, None) => defaults.batch_bytes,
    };
    let backoff = options.number("retry-backoff-ms")?.map(Duration::from_millis);
    let retry_backoff = backoff.unwrap_or(defaults.retry_backoff);
    Ok(ProducerOptions { codec: codec_named(codec)?, batch_bytes, retry_backoff, ..defaults })
}

pub(super) fn codec_named(name: &str) -> Result<Codec, Failure> {
    match name {
        "none" => Ok(Codec::None),
        "gzip" => Ok(Codec::Gzip),
        "snappy" => Ok(Codec::Snappy),
        "lz4" => Ok(Codec::Lz4),
        "zstd" => Ok(Codec::Zstd),
        _ => Err(Failure(format!(
            "Invalid value {name} for configuration compression.type: String must be one of: none, gzip, snappy, lz4, zstd"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<ProducerOptions> {
        let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        producer_options(&Options::parse(&SPEC, &words)?)
    }

    #[test]
    fn the_codec_comes_from_its_option_or_a_property() {
        assert_eq!(parsed("--compression-codec").unwrap().codec, Codec::Gzip);
        assert_eq!(parsed("--compression-codec zstd").unwrap().codec, Codec::Zstd);
        assert_eq!(parsed("--producer-property compression.type=lz4").unwrap().codec, Codec::Lz4);
        assert_eq!(parsed("--sync").unwrap().codec, Codec::None);
        assert!(parsed("--compression-codec rar").is_err());
    }

    #[test]
    fn what_is_not_built_is_refused() {
        assert!(parsed("--request-required-acks 7").is_err());
        assert!(parsed("--line-reader com.example.Reader").is_err());
        assert!(parsed("--request-required-acks all").is_ok());
    }
}
