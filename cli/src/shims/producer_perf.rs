//! `kafka-producer-perf-test.sh`.

mod payload;
mod properties;
mod stats;

use std::{
    collections::{BTreeMap, VecDeque},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Result, bail};
use broker_client::{ClientError, Delivered, OutgoingRecord, Producer};
use broker_types::PartitionId;
use tokio::time::Instant;

use self::{
    payload::Payload,
    properties::Settings,
    stats::{Kind, Stats},
};
use super::{
    exceptions, run_alone,
    subcommands::{Either, Parsed, Place, Program, Refusal, Takes, argument},
    throttle::{self, Throttle},
};

static PROGRAM: Program = Program {
    name: "kafka-producer-perf-test",
    about: "Writes records as fast as it can, or as it is told, and says how fast that was.",
    place: Place {
        arguments: &[
            argument("--bootstrap-server", Takes::Text, "The servers to start from"),
            argument("--topic", Takes::Text, "The topic").required(),
            argument("--num-records", Takes::Long, "How many records").required(),
            argument(
                "--payload-delimiter",
                Takes::Text,
                "What separates the records of --payload-file; a line break",
            ),
            argument("--throughput", Takes::Decimal, "Records in a second; -1: as many as there can be")
                .required(),
            argument("--producer-props", Takes::Texts, "The old name of --command-property"),
            argument(
                "--command-property",
                Takes::Texts,
                "Properties for the producer: batch.size, linger.ms, ...",
            ),
            argument("--producer.config", Takes::Text, "The old name of --command-config"),
            argument("--command-config", Takes::Text, "A file of such properties"),
            argument("--print-metrics", Takes::Nothing, "Java's metrics; there are none"),
            argument("--transactional-id", Takes::Text, "Without transactions yet"),
            argument("--transaction-duration-ms", Takes::Long, "Without transactions yet"),
            argument("--warmup-records", Takes::Long, "How many records do not count for the steady state"),
            argument("--reporting-interval", Takes::Long, "Milliseconds between two reports; 5000"),
            argument("--record-size", Takes::Number, "How large a record is"),
            argument("--payload-file", Takes::Text, "A file of records, of which each time one is drawn"),
            argument("--payload-monotonic", Takes::Nothing, "Records are the numbers from 0 on"),
        ],
        either: Some(Either {
            names: &["--record-size", "--payload-file", "--payload-monotonic"],
            is_required: true,
        }),
    },
    commands: &[],
};

/// Options that came to be called otherwise.
const OLD_NAMES: [(&str, &str); 2] =
    [("--producer-props", "--command-property"), ("--producer.config", "--command-config")];
const INTERVAL: i64 = 5000;

pub(super) fn main(arguments: &[String]) -> ExitCode {
    run_alone(&PROGRAM, arguments, check, async |parsed| run(parsed).await)
}

/// Whether the arguments go together.
fn check(parsed: &Parsed) -> Result<(), Refusal> {
    let count: i64 = parsed.number("--num-records").unwrap_or_default();
    let is_below = |name: &str, least: i64| parsed.number::<i64>(name).is_some_and(|number| number < least);
    let has_both = |(old, new): (&str, &str)| parsed.has(old) && parsed.has(new);
    let servers = [
        "--bootstrap-server",
        "--command-property",
        "--producer-props",
        "--producer.config",
        "--command-config",
    ];
    let reason = if count <= 0 {
        "--num-records should be greater than zero."
    } else if parsed.number::<i64>("--warmup-records").is_some_and(|warmup| warmup >= count) {
        "The value for --warmup-records must be strictly fewer than the number of records in the test, --num-records."
    } else if is_below("--record-size", 1) {
        "--record-size should be greater than zero."
    } else if !servers.iter().any(|name| parsed.has(name)) {
        "At least one of --bootstrap-server, --command-property, --producer-props, --producer.config or \
         --command-config must be specified."
    } else if has_both(("--command-property", "--producer-props")) {
        "--command-property and --producer-props cannot be specified together."
    } else if has_both(("--command-config", "--producer.config")) {
        "--command-config and --producer.config cannot be specified together."
    } else if is_below("--transaction-duration-ms", 1) {
        "--transaction-duration-ms should be greater than zero."
    } else if is_below("--reporting-interval", 1) {
        "--reporting-interval should be greater than zero."
    } else {
        return Ok(());
    };
    Err(PROGRAM.refusal(reason.to_owned()))
}

async fn run(parsed: &Parsed) -> Result<()> {
    let payload = Payload::of(parsed)?;
    for (old, new) in OLD_NAMES.into_iter().filter(|(old, _)| parsed.has(old)) {
        println!(
            "Option {old} has been deprecated and will be removed in a future version. Use {new} instead."
        );
    }
    let settings = Settings::of(parsed)?;
    if parsed.has("--print-metrics") {
        eprintln!(
            "WARN kafka-producer-perf-test: --print-metrics has no effect, Java's metrics are not kept"
        );
    }
    let topic = parsed.value("--topic").unwrap_or_default();
    let mut client = settings.connect().await?;
    super::console_producer::wait_for(&mut client, topic, settings.max_block_ms).await?;
    let producer = Producer::start(client, topic, settings.producer.clone()).await?;
    let records: u64 = parsed.number("--num-records").unwrap_or_default();
    let warmup =
        u64::try_from(parsed.number::<i64>("--warmup-records").unwrap_or_default()).unwrap_or_default();
    if warmup > 0 {
        println!(
            "Warmup first {warmup} records. Steady state results will print after the complete test summary."
        );
    }
    let interval =
        Duration::from_millis(parsed.number("--reporting-interval").unwrap_or(INTERVAL).unsigned_abs());
    let mut test = Test {
        producer,
        linger: settings.linger,
        sent: BTreeMap::new(),
        all: Stats::new(Kind::All, records, interval),
        steady: None,
    };
    let throttle = Throttle::new(parsed.number("--throughput").unwrap_or(-1.0));
    for number in 0..records {
        if warmup > 0 && number == warmup {
            test.steady = Some(Stats::new(Kind::Steady, records - warmup, interval));
            test.all.say_nothing();
        }
        test.send(payload.next(number)).await?;
        if let Some(due) = throttle.due(number + 1) {
            test.wait(due).await?;
        }
    }
    test.end().await
}

/// A record of an open batch.
struct Sent {
    at: Instant,
    bytes: usize,
    /// Whether it was sent after the warm-up.
    is_steady: bool,
}

/// Records on their way, and how long those that arrived took.
struct Test {
    producer: Producer,
    linger: Duration,
    sent: BTreeMap<PartitionId, VecDeque<Sent>>,
    all: Stats,
    steady: Option<Stats>,
}

impl Test {
    async fn send(&mut self, value: Vec<u8>) -> Result<()> {
        let partition = self.producer.partition_of(None);
        let waiting = self.sent.entry(partition).or_default();
        waiting.push_back(Sent { at: Instant::now(), bytes: value.len(), is_steady: self.steady.is_some() });
        let oldest = waiting.front().map(|sent| sent.at);
        let record = OutgoingRecord { value: Some(value.into()), ..OutgoingRecord::default() };
        let outcome = self.producer.send(record).await;
        let is_delivered = !matches!(outcome, Ok(None));
        self.count(partition, outcome)?;
        if !is_delivered && oldest.is_some_and(|at| at.elapsed() >= self.linger) {
            self.flush(partition).await?;
        }
        Ok(())
    }

    /// Waits until then; what was sent is not kept waiting.
    async fn wait(&mut self, due: Instant) -> Result<()> {
        let oldest = self.sent.values().filter_map(VecDeque::front).map(|sent| sent.at).min();
        if oldest.is_some_and(|at| at + self.linger <= due) {
            self.flush_all().await?;
        }
        throttle::wait(due).await;
        Ok(())
    }

    async fn flush_all(&mut self) -> Result<()> {
        while let Some(partition) = self.sent.keys().next().copied() {
            self.flush(partition).await?;
        }
        Ok(())
    }

    async fn flush(&mut self, partition: PartitionId) -> Result<()> {
        let outcome = self.producer.flush_partition(partition).await;
        self.count(partition, outcome)
    }

    fn count(
        &mut self,
        partition: PartitionId,
        outcome: Result<Option<Delivered>, ClientError>,
    ) -> Result<()> {
        if matches!(outcome, Ok(None)) && self.sent.get(&partition).is_some_and(|sent| !sent.is_empty()) {
            return Ok(());
        }
        let records = self.sent.remove(&partition).unwrap_or_default();
        let error = match outcome {
            Ok(_) => {
                for sent in records {
                    self.all.record(sent.at.elapsed(), sent.bytes);
                    if let Some(steady) = self.steady.as_mut().filter(|_| sent.is_steady) {
                        steady.record(sent.at.elapsed(), sent.bytes);
                    }
                }
                return Ok(());
            }
            Err(error) => error,
        };
        if error.code().is_none() {
            bail!(error);
        }
        let words = exceptions::thrown_by(error);
        for _ in records {
            eprintln!("{words}");
        }
        Ok(())
    }

    async fn end(mut self) -> Result<()> {
        self.flush_all().await?;
        self.all.print_total();
        if let Some(steady) = &mut self.steady {
            steady.print_total();
        }
        Ok(())
    }
}
