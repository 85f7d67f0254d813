//! `kafka-verifiable-producer.sh`.

use std::{
    collections::{BTreeMap, VecDeque},
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use broker_client::{ClientError, Contacts, Delivered, OutgoingRecord, Producer, ProducerOptions};
use broker_types::{PartitionId, Timestamp};
use serde::Serialize;

use super::{Nothing, tell};
use crate::shims::{
    PATIENCE, exceptions, open, properties, run_alone,
    subcommands::{Either, Parsed, Place, Program, Refusal, Takes, argument},
    throttle::{self, Throttle},
    words,
};

static PROGRAM: Program = Program {
    name: "verifiable-producer",
    about: "Writes increasing numbers to a topic, and tells of each what became of it.",
    place: Place {
        arguments: &[
            argument("--topic", Takes::Text, "The topic").required(),
            argument("--bootstrap-server", Takes::Text, "Required: the servers to start from"),
            argument("--max-messages", Takes::Number, "How many; -1, the default: until it is ended"),
            argument(
                "--throughput",
                Takes::Number,
                "Records in a second; -1, the default: as many as there can be",
            ),
            argument("--acks", Takes::Number, "0, 1 or -1; all is written with -1"),
            argument("--producer.config", Takes::Text, "The old name of --command-config"),
            argument(
                "--message-create-time",
                Takes::Long,
                "The time of the first record, in milliseconds since 1970",
            ),
            argument("--value-prefix", Takes::Number, "What stands before each number, with a dot"),
            argument(
                "--repeating-keys",
                Takes::Number,
                "Keys from 0 up to and without this, again and again",
            ),
            argument("--command-config", Takes::Text, "Properties for the producer"),
        ],
        either: Some(Either { names: &["--bootstrap-server"], is_required: true }),
    },
    commands: &[],
};

/// Records wait this long at most for others of their batch.
const LINGER: Duration = Duration::from_millis(5);
const BATCH_BYTES: usize = 16_384;

pub(crate) fn main(arguments: &[String]) -> ExitCode {
    run_alone(&PROGRAM, arguments, check, async |parsed| run(parsed).await)
}

fn check(parsed: &Parsed) -> Result<(), Refusal> {
    if let Some(acks) = parsed.number::<i32>("--acks").filter(|acks| !matches!(acks, -1..=1)) {
        let reason = format!("argument --acks: invalid choice: '{acks}' (choose from {{0,1,-1}})");
        return Err(PROGRAM.refusal(reason));
    }
    if parsed.has("--producer.config") && parsed.has("--command-config") {
        let reason = "Options --producer.config and --command-config are mutually exclusive.";
        return Err(PROGRAM.refusal(reason.to_owned()));
    }
    match parsed.value("--command-config").filter(|path| !std::path::Path::new(path).exists()) {
        Some(path) => Err(PROGRAM.refusal(path.to_owned())),
        None => Ok(()),
    }
}

#[derive(Serialize)]
struct Sent<'a> {
    key: Option<&'a str>,
    value: &'a str,
    offset: i64,
    topic: &'a str,
    partition: i32,
}

#[derive(Serialize)]
struct NotSent<'a> {
    key: Option<&'a str>,
    value: &'a str,
    topic: &'a str,
    exception: String,
    message: String,
}

#[derive(Serialize)]
struct Totals {
    sent: u64,
    acked: u64,
    target_throughput: i64,
    avg_throughput: f64,
}

async fn run(parsed: &Parsed) -> Result<()> {
    let file = parsed.value("--command-config").or(parsed.value("--producer.config"));
    if parsed.has("--producer.config") {
        println!(
            "Option --producer.config has been deprecated and will be removed in a future version. Use --command-config instead."
        );
    }
    let properties = file.map_or(Ok(BTreeMap::new()), properties)?;
    let topic = parsed.value("--topic").unwrap_or_default().to_owned();
    let servers = parsed.value("--bootstrap-server").context("--bootstrap-server")?;
    let mut client = open(servers, Contacts::Brokers, &properties, "producer-1", PATIENCE).await?;
    crate::shims::console_producer::wait_for(&mut client, &topic, 60_000).await?;
    let options = ProducerOptions { batch_bytes: BATCH_BYTES, ..ProducerOptions::default() };
    let producer = Producer::start(client, &topic, options).await?;
    tell("startup_complete", Nothing {});
    let target = parsed.number::<i64>("--throughput").unwrap_or(-1);
    let mut load = Load { producer, topic, waiting: BTreeMap::new(), sent: 0, acked: 0 };
    let start = now();
    let result = tokio::select! {
        result = load.run(parsed, target) => result,
        ended = crate::shims::ended() => ended,
    };
    load.flush().await?;
    tell("shutdown_complete", Nothing {});
    #[allow(clippy::cast_precision_loss, reason = "a rate is no more exact")]
    let avg_throughput = load.acked as f64 / start.elapsed().as_secs_f64();
    let (sent, acked) = (load.sent, load.acked);
    tell("tool_data", Totals { sent, acked, target_throughput: target, avg_throughput });
    result
}

/// A record on its way: its key, its value, when it was sent.
type Waiting = (Option<String>, String, Instant);

struct Load {
    producer: Producer,
    topic: String,
    waiting: BTreeMap<PartitionId, VecDeque<Waiting>>,
    sent: u64,
    acked: u64,
}

impl Load {
    async fn run(&mut self, parsed: &Parsed, target: i64) -> Result<()> {
        let count = parsed.number::<i64>("--max-messages").and_then(|count| u64::try_from(count).ok());
        #[allow(clippy::cast_precision_loss, reason = "a rate is no more exact")]
        let throttle = Throttle::new(target as f64);
        let start = now();
        let mut number = 0;
        while count.is_none_or(|count| number < count) {
            let prefix = parsed.number::<i32>("--value-prefix");
            let value = prefix.map_or_else(|| number.to_string(), |prefix| format!("{prefix}.{number}"));
            let keys = parsed.number::<i64>("--repeating-keys").and_then(|keys| u64::try_from(keys).ok());
            let key = keys.filter(|keys| *keys > 0).map(|keys| (number % keys).to_string());
            let created = parsed.number::<i64>("--message-create-time").filter(|time| *time >= 0);
            let passed = i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX);
            let timestamp = created.map(|time| Timestamp::from_millis(time.saturating_add(passed)));
            self.send(key, value, timestamp).await?;
            number += 1;
            if let Some(due) = throttle.due(number) {
                self.flush().await?;
                throttle::wait(due).await;
            }
        }
        Ok(())
    }

    async fn send(&mut self, key: Option<String>, value: String, timestamp: Option<Timestamp>) -> Result<()> {
        self.sent += 1;
        let partition = self.producer.partition_of(key.as_deref().map(str::as_bytes));
        let record = OutgoingRecord {
            timestamp,
            key: key.clone().map(Into::into),
            value: Some(value.clone().into()),
            ..OutgoingRecord::default()
        };
        let waiting = self.waiting.entry(partition).or_default();
        waiting.push_back((key, value, now()));
        let is_old = waiting.front().is_some_and(|(_, _, at)| at.elapsed() >= LINGER);
        let outcome = self.producer.send(record).await;
        if matches!(outcome, Ok(None)) {
            return if is_old { self.flush_partition(partition).await } else { Ok(()) };
        }
        self.tell(partition, outcome);
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        while let Some(partition) = self.waiting.keys().next().copied() {
            self.flush_partition(partition).await?;
        }
        Ok(())
    }

    async fn flush_partition(&mut self, partition: PartitionId) -> Result<()> {
        let outcome = self.producer.flush_partition(partition).await;
        self.tell(partition, outcome);
        Ok(())
    }

    /// Says what became of the records of a batch.
    fn tell(&mut self, partition: PartitionId, outcome: Result<Option<Delivered>, ClientError>) {
        let records = self.waiting.remove(&partition).unwrap_or_default();
        let first = match outcome {
            Ok(delivered) => delivered.and_then(|batch| batch.first).map_or(-1, |first| first.get()),
            Err(error) => {
                let class = error.code().map_or_else(String::new, exceptions::class);
                let message = words(&error.into());
                for (key, value, _) in &records {
                    let (key, exception) = (key.as_deref(), format!("class {class}"));
                    let topic = self.topic.as_str();
                    tell(
                        "producer_send_error",
                        NotSent { key, value, topic, exception, message: message.clone() },
                    );
                }
                return;
            }
        };
        for (offset, (key, value, _)) in (first..).zip(&records) {
            self.acked += 1;
            let offset = if first < 0 { -1 } else { offset };
            let (key, topic) = (key.as_deref(), self.topic.as_str());
            tell("producer_send_success", Sent { key, value, offset, topic, partition: partition.get() });
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "the tool measures time")]
fn now() -> Instant {
    Instant::now()
}
