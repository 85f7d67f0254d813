//! `klamm txn`: list, describe, abort.

use anyhow::{Context as _, Result, bail};
use broker_client::{
    Client,
    admin::transactions::{TransactionDescription, TransactionFilter, TransactionListing},
};
use broker_types::{Offset, ProducerEpoch, TopicPartition};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    commands::{Bootstrap, block_on},
    groups::partitions,
    output::{self, Format, Tabular},
};

/// What to do with transactions.
#[derive(Subcommand)]
pub(crate) enum Txn {
    /// List the transactional ids
    List(List),
    /// Describe transactional ids: their producer, and the transaction that goes on
    Describe(Describe),
    /// End a transaction: that of a transactional id, or one that hangs in a partition
    Abort(Abort),
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// Only whose transaction goes on for longer, in milliseconds
    #[arg(long, value_name = "MILLIS")]
    longer_than: Option<i64>,
    /// Only whose name fits this expression
    #[arg(long, value_name = "REGEX")]
    pattern: Option<String>,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

#[derive(Args)]
pub(crate) struct Describe {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// Which transactional ids; all when none is named
    ids: Vec<String>,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(crate) struct Abort {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// The transactional id; its producer is fenced
    #[arg(group = "what")]
    id: Option<String>,
    /// One that hangs: in this partition
    #[arg(long, group = "what", value_name = "TOPIC:ID", requires = "start_offset")]
    partition: Option<String>,
    /// And begins at this offset
    #[arg(long, value_name = "OFFSET", requires = "partition")]
    start_offset: Option<i64>,
}

impl Txn {
    pub(crate) fn run(self) -> Result<()> {
        block_on(async {
            match self {
                Self::List(list) => list.run().await,
                Self::Describe(describe) => describe.run().await,
                Self::Abort(abort) => abort.run().await,
            }
        })
    }
}

impl List {
    async fn run(self) -> Result<()> {
        let mut client = self.bootstrap.client().await?;
        let filter = TransactionFilter {
            producers: Vec::new(),
            longer_than_ms: self.longer_than,
            pattern: self.pattern,
        };
        let mut listed = client.list_transactions(&filter).await?;
        listed.sort_by(|a, b| a.id.cmp(&b.id));
        output::print(&listed.iter().map(Row::of).collect::<Vec<_>>(), self.output)
    }
}

impl Describe {
    async fn run(self) -> Result<()> {
        let mut client = self.bootstrap.client().await?;
        let mut ids = self.ids;
        if ids.is_empty() {
            let all = client.list_transactions(&TransactionFilter::default()).await?;
            ids.extend(all.into_iter().map(|one| one.id));
        }
        let ids: Vec<_> = ids.iter().map(String::as_str).collect();
        let mut rows = Vec::new();
        for (id, described) in client.describe_transactions(&ids).await? {
            let described = described.with_context(|| format!("transactional id {id}"))?;
            rows.push(Described::of(id, &described));
        }
        output::print(&rows, self.output)
    }
}

impl Abort {
    async fn run(self) -> Result<()> {
        let mut client = self.bootstrap.client().await?;
        if let Some(id) = &self.id {
            client.terminate_transaction(id).await.with_context(|| format!("transactional id {id}"))?;
            println!("ended the transaction of {id} and fenced its producer");
            return Ok(());
        }
        let at = match &partitions::named(self.partition.as_deref().unwrap_or_default())?[..] {
            [only] => only.clone(),
            _ => bail!("--partition names one partition"),
        };
        let start = self
            .start_offset
            .and_then(Offset::from_wire)
            .context("--start-offset: an offset is not negative")?;
        abort_at(&mut client, &at, start).await?;
        println!("aborted the transaction at offset {start} of {at}");
        Ok(())
    }
}

async fn abort_at(client: &mut Client, at: &TopicPartition, start: Offset) -> Result<()> {
    let mut all = client.describe_producers(std::slice::from_ref(at), None).await?;
    let producers = all.remove(at).context("the leader says nothing of the partition")??;
    let Some(found) = producers.iter().find(|producer| producer.transaction_start == Some(start)) else {
        bail!("no open transaction begins at offset {start} of {at}");
    };
    let epoch = i16::try_from(found.epoch).context("the producer's epoch")?;
    let producer = (found.id, ProducerEpoch::new(epoch));
    let coordinator_epoch = found.coordinator_epoch.unwrap_or_default();
    Ok(client.abort_transaction(at, producer, coordinator_epoch).await?)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    transactional_id: String,
    coordinator: i32,
    producer_id: i64,
    state: String,
}

impl Row {
    fn of(listed: &TransactionListing) -> Self {
        Self {
            transactional_id: listed.id.clone(),
            coordinator: listed.coordinator.get(),
            producer_id: listed.producer.get(),
            state: listed.state.clone(),
        }
    }
}

impl Tabular for Row {
    fn head() -> &'static [&'static str] {
        &["TRANSACTIONAL-ID", "COORDINATOR", "PRODUCER-ID", "STATE"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let (coordinator, producer) = (self.coordinator.to_string(), self.producer_id.to_string());
        vec![vec![self.transactional_id.clone(), coordinator, producer, self.state.clone()]]
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    transactional_id: String,
    coordinator: i32,
    producer_id: i64,
    producer_epoch: i16,
    state: String,
    timeout_ms: i32,
    /// In milliseconds since 1970.
    start_ms: Option<i64>,
    partitions: Vec<String>,
}

impl Described {
    fn of(id: String, described: &TransactionDescription) -> Self {
        Self {
            transactional_id: id,
            coordinator: described.coordinator.get(),
            producer_id: described.producer.get(),
            producer_epoch: described.epoch.get(),
            state: described.state.clone(),
            timeout_ms: described.timeout_ms,
            start_ms: described.start_ms,
            partitions: described.partitions.iter().map(TopicPartition::to_string).collect(),
        }
    }
}

impl Tabular for Described {
    fn head() -> &'static [&'static str] {
        &[
            "TRANSACTIONAL-ID",
            "COORDINATOR",
            "PRODUCER-ID",
            "EPOCH",
            "STATE",
            "TIMEOUT-MS",
            "START-MS",
            "PARTITIONS",
        ]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        vec![vec![
            self.transactional_id.clone(),
            self.coordinator.to_string(),
            self.producer_id.to_string(),
            self.producer_epoch.to_string(),
            self.state.clone(),
            self.timeout_ms.to_string(),
            self.start_ms.map_or_else(|| "-".to_owned(), |start| start.to_string()),
            self.partitions.join(","),
        ]]
    }
}
