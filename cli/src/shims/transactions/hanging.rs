//! Transactions that hang: open in a partition for longer than any may take, while their coordinator knows nothing of
//! them there.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use broker_client::{
    Client, ClientError,
    admin::transactions::{ActiveProducer, TransactionFilter},
};
use broker_protocol::ErrorCode;
use broker_types::{BrokerId, Offset, ProducerId, TopicName, TopicPartition};

use super::{Parsed, moment, not_done, partition, table};

const MINUTE_MS: i64 = 60_000;
/// The longest that a transaction may take when nobody says so, in minutes.
const LONGEST: i64 = 15;
/// How many partitions are asked about at once.
const BATCH: usize = 500;

/// An open transaction in a partition.
type Open = (TopicPartition, ActiveProducer);

pub(super) async fn find(client: &mut Client, parsed: &Parsed) -> Result<()> {
    if !parsed.has("--topic") && !parsed.has("--broker-id") {
        bail!(
            "The `find-hanging` command requires either --topic or --broker-id to limit the scope of the search"
        );
    }
    if parsed.has("--partition") && !parsed.has("--topic") {
        bail!("The --partition argument requires --topic to be provided");
    }
    let broker = parsed.number("--broker-id").map(BrokerId::new);
    let longest_ms = parsed.number("--max-transaction-timeout").unwrap_or(LONGEST).saturating_mul(MINUTE_MS);
    let partitions = match parsed.has("--partition") {
        true => vec![partition(parsed)],
        false => partitions(client, parsed.value("--topic"), broker).await?,
    };
    let open = open_for_longer(client, &partitions, broker, longest_ms).await?;
    let known = known_by_coordinators(client, &open).await?;
    let hanging = open
        .iter()
        .filter(|(at, producer)| known.get(&producer.id).is_none_or(|partitions| !partitions.contains(at)));
    let now = moment::now().as_millis();
    print!("{}", shown(hanging, now));
    Ok(())
}

/// The partitions of a topic, or of all, of which a broker has replicas.
async fn partitions(
    client: &mut Client,
    topic: Option<&str>,
    broker: Option<BrokerId>,
) -> Result<Vec<TopicPartition>> {
    let names = topic.map(|topic| vec![topic]);
    let described = client.describe_topics(names.as_deref()).await.map_err(|error| {
        let error = match error.code() {
            Some(code @ ErrorCode::UnknownTopicOrPartition) => ClientError::Broker { code, message: None },
            _ => error,
        };
        not_done(if topic.is_some() { "Failed to describe 1 topics" } else { "Failed to list topics" }, error)
    })?;
    let mut found = Vec::new();
    for topic in described {
        let name = TopicName::new(&topic.name);
        let here = topic
            .partitions
            .iter()
            .filter(|partition| broker.is_none_or(|id| partition.replicas.contains(&id)));
        found.extend(here.map(|partition| TopicPartition::new(name.clone(), partition.id)));
    }
    Ok(found)
}

async fn open_for_longer(
    client: &mut Client,
    partitions: &[TopicPartition],
    broker: Option<BrokerId>,
    longest_ms: i64,
) -> Result<Vec<Open>> {
    let mut open = Vec::new();
    for batch in partitions.chunks(BATCH) {
        let whose = broker.map_or_else(|| "Optional.empty".to_owned(), |id| format!("Optional[{id}]"));
        let what = format!("Failed to describe producers for {} partitions on broker {whose}", batch.len());
        let answers =
            client.describe_producers(batch, broker).await.map_err(|error| not_done(&what, error))?;
        let now = moment::now().as_millis();
        for (at, producers) in answers {
            for producer in producers.map_err(|error| not_done(&what, error))? {
                if producer.transaction_start.is_some() && now - producer.last_timestamp_ms > longest_ms {
                    open.push((at.clone(), producer));
                }
            }
        }
    }
    Ok(open)
}

/// In which partitions their coordinators know these producers to write.
async fn known_by_coordinators(
    client: &mut Client,
    open: &[Open],
) -> Result<BTreeMap<ProducerId, BTreeSet<TopicPartition>>> {
    let producers: BTreeSet<_> = open.iter().map(|(_, producer)| producer.id).collect();
    if producers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let filter = TransactionFilter { producers: producers.iter().copied().collect(), ..Default::default() };
    let what = format!("Failed to list transactions for {} producers", producers.len());
    let listed = client.list_transactions(&filter).await.map_err(|error| not_done(&what, error))?;
    let ids: Vec<_> = listed.iter().map(|one| one.id.as_str()).collect();
    let what = format!("Failed to describe {} transactions", ids.len());
    let mut described = client.describe_transactions(&ids).await.map_err(|error| not_done(&what, error))?;
    let mut known = BTreeMap::new();
    for one in &listed {
        match described.remove(&one.id) {
            Some(Ok(description)) => drop(known.insert(one.producer, description.partitions)),
            Some(Err(error)) if error.code() != Some(ErrorCode::TransactionalIdNotFound) => {
                return Err(not_done(&what, error));
            }
            _ => {}
        }
    }
    Ok(known)
}

fn shown<'a>(hanging: impl Iterator<Item = &'a Open>, now: i64) -> String {
    let rows = hanging.map(|(at, producer)| {
        [
            at.topic.to_string(),
            at.partition.to_string(),
            producer.id.get().to_string(),
            producer.epoch.to_string(),
            producer.coordinator_epoch.unwrap_or(-1).to_string(),
            producer.transaction_start.map_or(-1, Offset::get).to_string(),
            producer.last_timestamp_ms.to_string(),
            ((now - producer.last_timestamp_ms) / MINUTE_MS).to_string(),
        ]
    });
    let head = [
        "Topic",
        "Partition",
        "ProducerId",
        "ProducerEpoch",
        "CoordinatorEpoch",
        "StartOffset",
        "LastTimestamp",
        "Duration(min)",
    ];
    table::pretty(head, &rows.collect::<Vec<_>>())
}
