//! `kafka-transactions.sh`.

mod hanging;

use std::{fmt::Display, process::ExitCode};

use anyhow::{Error, Result, bail};
use broker_client::{
    Client, ClientError,
    admin::transactions::{ActiveProducer, TransactionFilter},
};
use broker_protocol::ErrorCode;
use broker_types::{BrokerId, Offset, PartitionId, ProducerEpoch, ProducerId, TopicName, TopicPartition};

use super::{
    connect_to, run_command, say_usage,
    subcommands::{Argument, Command, Parsed, Place, Program, Takes, argument},
    table, words,
};
use crate::groups::moment;

const TOPIC: Argument = argument("--topic", Takes::Text, "The topic");
const PARTITION: Argument = argument("--partition", Takes::Number, "The partition");

static PROGRAM: Program = Program {
    name: "kafka-transactions.sh",
    about: "Shows transactions and their producers, finds those that hang, and ends them.",
    place: Place {
        arguments: &[
            argument("--version", Takes::Nothing, "Print the version and end").short("-v"),
            argument("--command-config", Takes::Text, "Properties for the client"),
            argument("--bootstrap-server", Takes::Text, "The servers to start from").required(),
        ],
        either: None,
    },
    commands: &[
        Command {
            name: "list",
            about: "List transactional ids",
            place: Place {
                arguments: &[
                    argument(
                        "--duration-filter",
                        Takes::Long,
                        "Only transactions that go on for longer, in milliseconds",
                    ),
                    argument(
                        "--transactional-id-pattern",
                        Takes::Text,
                        "Only names that fit this expression",
                    ),
                ],
                either: None,
            },
        },
        Command {
            name: "describe",
            about: "Describe a transactional id",
            place: Place {
                arguments: &[argument("--transactional-id", Takes::Text, "Its name").required()],
                either: None,
            },
        },
        Command {
            name: "describe-producers",
            about: "Describe who writes to a partition",
            place: Place {
                arguments: &[
                    argument("--broker-id", Takes::Number, "As this replica knows it, not the leader"),
                    TOPIC.required(),
                    PARTITION.required(),
                ],
                either: None,
            },
        },
        Command {
            name: "abort",
            about: "Abort a transaction that hangs",
            place: Place {
                arguments: &[
                    TOPIC.required(),
                    PARTITION.required(),
                    argument("--start-offset", Takes::Long, "Where the transaction begins"),
                    argument("--producer-id", Takes::Long, "For brokers before Kafka 3.0: whose it is"),
                    argument("--producer-epoch", Takes::Number, "For brokers before Kafka 3.0"),
                    argument("--coordinator-epoch", Takes::Number, "For brokers before Kafka 3.0"),
                ],
                either: None,
            },
        },
        Command {
            name: "find-hanging",
            about: "Find transactions that hang",
            place: Place {
                arguments: &[
                    argument("--broker-id", Takes::Number, "In partitions of this broker"),
                    argument(
                        "--max-transaction-timeout",
                        Takes::Number,
                        "The longest that one may take, in minutes; 15",
                    ),
                    TOPIC,
                    PARTITION,
                ],
                either: None,
            },
        },
        Command {
            name: "forceTerminateTransaction",
            about: "End the transaction of a transactional id, and fence its producer",
            place: Place {
                arguments: &[argument("--transactionalId", Takes::Text, "Its name").required()],
                either: None,
            },
        },
    ],
};

pub(super) fn main(arguments: &[String]) -> ExitCode {
    if arguments.first().is_some_and(|first| matches!(first.as_str(), "-v" | "--version")) {
        println!("4.3.1 (Klamm {})", env!("CARGO_PKG_VERSION"));
        return ExitCode::SUCCESS;
    }
    run_command(&PROGRAM, arguments, say_usage, async |parsed| run(parsed).await)
}

async fn run(parsed: &Parsed) -> Result<()> {
    let file = parsed.value("--command-config");
    if let Some(path) = file.filter(|path| !std::path::Path::new(path).exists()) {
        bail!("{}", failed("Failed to load admin client properties", path));
    }
    let mut client = connect_to(parsed, file, "kafka-transactions").await?;
    match parsed.command {
        "list" => list(&mut client, parsed).await,
        "describe" => describe(&mut client, parsed).await,
        "describe-producers" => describe_producers(&mut client, parsed).await,
        "abort" => abort(&mut client, parsed).await,
        "find-hanging" => hanging::find(&mut client, parsed).await,
        _ => terminate(&mut client, parsed).await,
    }
}

/// What could not be done, and why, in one line.
fn failed(what: &str, why: impl Display) -> String {
    format!("{what}: {why}. Enable debug logging for additional detail.")
}

fn not_done(what: &str, error: ClientError) -> Error {
    Error::msg(failed(what, words(&error.into())))
}

fn or_none<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "None".to_owned(), |value| value.to_string())
}

fn partition(parsed: &Parsed) -> TopicPartition {
    let topic = TopicName::new(parsed.value("--topic").unwrap_or_default());
    TopicPartition::new(topic, PartitionId::new(parsed.number("--partition").unwrap_or_default()))
}

async fn list(client: &mut Client, parsed: &Parsed) -> Result<()> {
    let filter = TransactionFilter {
        producers: Vec::new(),
        longer_than_ms: parsed.number("--duration-filter"),
        pattern: parsed.value("--transactional-id-pattern").map(str::to_owned),
    };
    let listed = client.list_transactions(&filter).await;
    let listed = listed.map_err(|error| not_done("Failed to list transactions", error))?;
    let rows = listed
        .into_iter()
        .map(|one| [one.id, one.coordinator.to_string(), one.producer.get().to_string(), one.state]);
    let head = ["TransactionalId", "Coordinator", "ProducerId", "TransactionState"];
    print!("{}", table::pretty(head, &rows.collect::<Vec<_>>()));
    Ok(())
}

async fn describe(client: &mut Client, parsed: &Parsed) -> Result<()> {
    let id = parsed.value("--transactional-id").unwrap_or_default();
    let what = format!("Failed to describe transaction state of transactional-id `{id}`");
    let mut all = client.describe_transactions(&[id]).await.map_err(|error| not_done(&what, error))?;
    let nothing = || Err(ClientError::Broker { code: ErrorCode::UnknownServerError, message: None });
    let described = all.remove(id).unwrap_or_else(nothing).map_err(|error| match error.code() {
        Some(ErrorCode::TransactionalIdNotFound) => Error::msg(failed(
            &what,
            format!("DescribeTransactions request for transactionalId `{id}` failed because the ID could not be found"),
        )),
        _ => not_done(&what, error),
    })?;
    let now = moment::now().as_millis();
    let row = [
        described.coordinator.to_string(),
        id.to_owned(),
        described.producer.get().to_string(),
        described.epoch.get().to_string(),
        described.state,
        described.timeout_ms.to_string(),
        or_none(described.start_ms),
        or_none(described.start_ms.map(|start| now - start)),
        described.partitions.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
    ];
    let head = [
        "CoordinatorId",
        "TransactionalId",
        "ProducerId",
        "ProducerEpoch",
        "TransactionState",
        "TransactionTimeoutMs",
        "CurrentTransactionStartTimeMs",
        "TransactionDurationMs",
        "TopicPartitions",
    ];
    print!("{}", table::pretty(head, &[row]));
    Ok(())
}

/// The producers of one partition.
async fn producers(
    client: &mut Client,
    at: &TopicPartition,
    broker: Option<BrokerId>,
) -> Result<Vec<ActiveProducer>, ClientError> {
    let mut all = client.describe_producers(std::slice::from_ref(at), broker).await?;
    let nothing = || Err(ClientError::Broker { code: ErrorCode::UnknownServerError, message: None });
    all.remove(at).unwrap_or_else(nothing)
}

async fn describe_producers(client: &mut Client, parsed: &Parsed) -> Result<()> {
    let at = partition(parsed);
    let broker = parsed.number("--broker-id").map(BrokerId::new);
    let whose = broker.map_or_else(|| "leader".to_owned(), |id| format!("broker {id}"));
    let what = format!("Failed to describe producers for partition {at} on {whose}");
    let producers = producers(client, &at, broker).await.map_err(|error| not_done(&what, error))?;
    let rows = producers.iter().map(|producer| {
        [
            producer.id.get().to_string(),
            producer.epoch.to_string(),
            producer.coordinator_epoch.unwrap_or(-1).to_string(),
            producer.last_sequence.to_string(),
            producer.last_timestamp_ms.to_string(),
            or_none(producer.transaction_start),
        ]
    });
    let head = [
        "ProducerId",
        "ProducerEpoch",
        "LatestCoordinatorEpoch",
        "LastSequence",
        "LastTimestamp",
        "CurrentTransactionStartOffset",
    ];
    print!("{}", table::pretty(head, &rows.collect::<Vec<_>>()));
    Ok(())
}

async fn abort(client: &mut Client, parsed: &Parsed) -> Result<()> {
    let at = partition(parsed);
    let (producer, epoch, coordinator_epoch) = match parsed.number::<i64>("--start-offset") {
        Some(start) => open_at(client, &at, start).await?,
        None => identified(parsed)?,
    };
    let what = format!(
        "Failed to abort transaction AbortTransactionSpec(topicPartition={at}, producerId={}, producerEpoch={}, \
         coordinatorEpoch={coordinator_epoch})",
        producer.get(),
        epoch.get()
    );
    let outcome = client.abort_transaction(&at, (producer, epoch), coordinator_epoch).await;
    outcome.map_err(|error| not_done(&what, error))
}

/// The producer whose open transaction begins at an offset.
async fn open_at(
    client: &mut Client,
    at: &TopicPartition,
    start: i64,
) -> Result<(ProducerId, ProducerEpoch, i32)> {
    let what = format!("Failed to validate producer state for partition {at}");
    let producers = producers(client, at, None).await.map_err(|error| not_done(&what, error))?;
    let is_meant = |producer: &&ActiveProducer| producer.transaction_start.map(Offset::get) == Some(start);
    let Some(found) = producers.iter().find(is_meant) else {
        bail!("Could not find any open transactions starting at offset {start} on partition {at}");
    };
    let epoch = i16::try_from(found.epoch).unwrap_or_default();
    Ok((found.id, ProducerEpoch::new(epoch), found.coordinator_epoch.unwrap_or_default()))
}

/// The producer that is named by its numbers.
fn identified(parsed: &Parsed) -> Result<(ProducerId, ProducerEpoch, i32)> {
    let Some(producer) = parsed.number("--producer-id") else {
        bail!(
            "The transaction to abort must be identified either with --start-offset (for brokers on 3.0 or above) or \
             with --producer-id, --producer-epoch, and --coordinator-epoch (for older brokers)"
        );
    };
    let Some(epoch) = parsed.number("--producer-epoch") else {
        bail!("Missing required argument --producer-epoch");
    };
    let Some(coordinator_epoch) = parsed.number::<i32>("--coordinator-epoch") else {
        bail!("Missing required argument --coordinator-epoch");
    };
    Ok((ProducerId::new(producer), ProducerEpoch::new(epoch), coordinator_epoch.max(0)))
}

async fn terminate(client: &mut Client, parsed: &Parsed) -> Result<()> {
    let id = parsed.value("--transactionalId").unwrap_or_default();
    let what = format!("Failed to force terminate transactionalId `{id}`");
    client.terminate_transaction(id).await.map_err(|error| not_done(&what, error))
}
