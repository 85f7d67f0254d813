//! `kafka-verifiable-consumer.sh`.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, Result};
use broker_client::{
    Contacts,
    fetch::IncomingRecord,
    group_consumer::{GroupConsumer, Happening, Subscription},
};
use broker_types::{Offset, TopicName, TopicPartition};
use serde::Serialize;

use super::{Nothing, tell};
use crate::shims::{
    PATIENCE, group_options, open, properties, run_alone,
    subcommands::{Parsed, Place, Program, Refusal, Takes, argument},
    words,
};

static PROGRAM: Program = Program {
    name: "verifiable-consumer",
    about: "Reads a topic in a group, and tells of what the group and the records do.",
    place: Place {
        arguments: &[
            argument("--bootstrap-server", Takes::Text, "The servers to start from").required(),
            argument("--topic", Takes::Text, "The topic").required(),
            argument("--group-protocol", Takes::Text, "CLASSIC, the default; the other is not built"),
            argument("--group-remote-assignor", Takes::Text, "Without meaning for CLASSIC"),
            argument("--group-id", Takes::Text, "The group").required(),
            argument("--group-instance-id", Takes::Text, "The id of a static member"),
            argument("--max-messages", Takes::Number, "How many; -1, the default: until it is ended"),
            argument(
                "--session-timeout",
                Takes::Number,
                "How long the group waits for a silent member, in milliseconds",
            ),
            argument("--verbose", Takes::Nothing, "Every record too"),
            argument("--enable-autocommit", Takes::Nothing, "Let offsets be committed by themselves"),
            argument("--reset-policy", Takes::Text, "earliest, the default, latest or none"),
            argument(
                "--assignment-strategy",
                Takes::Text,
                "A class of Java's; range and cooperative-sticky are built",
            ),
            argument("--consumer.config", Takes::Text, "The old name of --command-config"),
            argument("--command-config", Takes::Text, "Properties for the consumer"),
        ],
        either: None,
    },
    commands: &[],
};

/// How long one poll waits: it comes back at once when there is something.
const POLL: Duration = Duration::from_secs(1);

pub(crate) fn main(arguments: &[String]) -> ExitCode {
    run_alone(&PROGRAM, arguments, check, async |parsed| run(parsed).await)
}

fn check(parsed: &Parsed) -> Result<(), Refusal> {
    if parsed.has("--consumer.config") && parsed.has("--command-config") {
        let reason = "Options --consumer.config and --command-config are mutually exclusive.";
        return Err(PROGRAM.refusal(reason.to_owned()));
    }
    let file = parsed.value("--command-config").or(parsed.value("--consumer.config"));
    match file.filter(|path| !std::path::Path::new(path).exists()) {
        Some(path) => Err(PROGRAM.refusal(path.to_owned())),
        None => Ok(()),
    }
}

#[derive(Serialize)]
struct Partition<'a> {
    topic: &'a str,
    partition: i32,
}

#[derive(Serialize)]
struct Partitions<'a> {
    partitions: Vec<Partition<'a>>,
}

#[derive(Serialize)]
struct Record<'a> {
    key: Option<String>,
    value: Option<String>,
    topic: &'a str,
    partition: i32,
    offset: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    topic: &'a str,
    partition: i32,
    count: usize,
    min_offset: i64,
    max_offset: i64,
}

#[derive(Serialize)]
struct Consumed<'a> {
    count: usize,
    partitions: Vec<Summary<'a>>,
}

#[derive(Serialize)]
struct Committed<'a> {
    topic: &'a str,
    partition: i32,
    offset: i64,
}

#[derive(Serialize)]
struct Commit<'a> {
    offsets: Vec<Committed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    success: bool,
}

async fn run(parsed: &Parsed) -> Result<()> {
    let file = parsed.value("--command-config").or(parsed.value("--consumer.config"));
    if parsed.has("--consumer.config") {
        println!(
            "Option --consumer.config has been deprecated and will be removed in a future version. Use --command-config instead."
        );
    }
    let mut properties = file.map_or(Ok(BTreeMap::new()), properties)?;
    let mut set = |key: &str, value: &str| drop(properties.insert(key.to_owned(), value.to_owned()));
    for (argument, key) in [
        ("--session-timeout", "session.timeout.ms"),
        ("--group-instance-id", "group.instance.id"),
        ("--group-protocol", "group.protocol"),
    ] {
        if let Some(value) = parsed.value(argument) {
            set(key, value);
        }
    }
    set("enable.auto.commit", if parsed.has("--enable-autocommit") { "true" } else { "false" });
    set("auto.offset.reset", parsed.value("--reset-policy").unwrap_or("earliest"));
    let group = parsed.value("--group-id").unwrap_or_default();
    let options = group_options::of("kafka-verifiable-consumer", group, &properties)?;
    let servers = parsed.value("--bootstrap-server").context("--bootstrap-server")?;
    let client = open(servers, Contacts::Brokers, &properties, "consumer", PATIENCE).await?;
    let topic = TopicName::new(parsed.value("--topic").unwrap_or_default());
    let consumer = GroupConsumer::new(client, Subscription::Topics([topic].into()), options);
    tell("startup_complete", Nothing {});
    let mut session = Session {
        consumer,
        assigned: BTreeSet::new(),
        left: parsed.number::<i64>("--max-messages").and_then(|count| usize::try_from(count).ok()),
        is_verbose: parsed.has("--verbose"),
        commits: !parsed.has("--enable-autocommit"),
    };
    let (result, is_ended) = tokio::select! {
        result = session.run() => (result, false),
        ended = crate::shims::ended() => (ended, true),
    };
    if is_ended {
        tell("shutdown_requested", Nothing {});
    }
    if let Err(error) = &result {
        eprintln!("ERROR kafka-verifiable-consumer: {}", words(error));
    }
    session.close().await?;
    tell("shutdown_complete", Nothing {});
    if !is_ended {
        tell("shutdown_requested", Nothing {});
    }
    Ok(())
}

struct Session {
    consumer: GroupConsumer,
    assigned: BTreeSet<TopicPartition>,
    /// How many records are still wanted; `None`: all.
    left: Option<usize>,
    is_verbose: bool,
    commits: bool,
}

impl Session {
    async fn run(&mut self) -> Result<()> {
        while self.left != Some(0) {
            let mut records = Vec::new();
            for happening in self.consumer.poll(POLL).await? {
                match happening {
                    Happening::Revoked(partitions) | Happening::Lost(partitions) => {
                        tell("partitions_revoked", shown(&partitions));
                        self.assigned.clear();
                    }
                    Happening::Assigned(partitions) => {
                        tell("partitions_assigned", shown(&partitions));
                        self.assigned = partitions;
                    }
                    Happening::Records(at, some) => records.push((at, some)),
                }
            }
            if records.is_empty() {
                continue;
            }
            let offsets = self.consumed(&records);
            if self.commits {
                self.commit(&offsets).await?;
            }
        }
        Ok(())
    }

    /// Says what came; gives what is to be committed.
    fn consumed(
        &mut self,
        records: &[(TopicPartition, Vec<IncomingRecord>)],
    ) -> BTreeMap<TopicPartition, Offset> {
        let (mut offsets, mut partitions) = (BTreeMap::new(), Vec::new());
        let count = records.iter().map(|(_, some)| some.len()).sum();
        for (at, some) in records {
            let wanted = self.left.map_or(some.len(), |left| left.min(some.len()));
            let some = some.get(..wanted).unwrap_or_default();
            self.left = self.left.map(|left| left - wanted);
            let (Some(first), Some(last)) = (some.first(), some.last()) else { continue };
            offsets.insert(at.clone(), last.offset.next());
            partitions.push(Summary {
                topic: at.topic.as_str(),
                partition: at.partition.get(),
                count: some.len(),
                min_offset: first.offset.get(),
                max_offset: last.offset.get(),
            });
            for record in some.iter().filter(|_| self.is_verbose) {
                tell("record_data", told(at, record));
            }
        }
        tell("records_consumed", Consumed { count, partitions });
        offsets
    }

    async fn commit(&mut self, offsets: &BTreeMap<TopicPartition, Offset>) -> Result<()> {
        let outcome = self.consumer.commit_offsets(offsets).await;
        let committed = |(at, offset): (&TopicPartition, &Offset)| (at.clone(), offset.get());
        let all: Vec<_> = offsets.iter().map(committed).collect();
        let error = match outcome {
            Ok(true) => None,
            // It will be read again by whoever gets the partitions.
            Ok(false) => Some(
                "Offset commit cannot be completed since the consumer is not part of an active group"
                    .to_owned(),
            ),
            Err(error) => Some(words(&error.into())),
        };
        let offsets = all.iter().map(|(at, offset)| Committed {
            topic: at.topic.as_str(),
            partition: at.partition.get(),
            offset: *offset,
        });
        let (offsets, success) = (offsets.collect(), error.is_none());
        tell("offsets_committed", Commit { offsets, error, success });
        Ok(())
    }

    async fn close(self) -> Result<()> {
        if !self.assigned.is_empty() {
            tell("partitions_revoked", shown(&self.assigned));
        }
        Ok(self.consumer.close().await?)
    }
}

fn shown(partitions: &BTreeSet<TopicPartition>) -> Partitions<'_> {
    Partitions {
        partitions: partitions
            .iter()
            .map(|at| Partition { topic: at.topic.as_str(), partition: at.partition.get() })
            .collect(),
    }
}

fn told<'a>(at: &'a TopicPartition, record: &IncomingRecord) -> Record<'a> {
    let text = |bytes: &Option<bytes::Bytes>| {
        bytes.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    Record {
        key: text(&record.key),
        value: text(&record.value),
        topic: at.topic.as_str(),
        partition: at.partition.get(),
        offset: record.offset.get(),
    }
}
