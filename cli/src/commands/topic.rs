//! `klamm topic`: list, describe, create, alter, delete.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use broker_client::{
    Client,
    admin::{
        configs::{ConfigChange, ConfigResource, ConfigSource},
        topics::NewTopic,
    },
};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    commands::{Bootstrap, block_on},
    output::{self, Format, Tabular},
};

/// What to do with topics.
#[derive(Subcommand)]
pub(crate) enum Topic {
    /// List the topics
    List(List),
    /// Describe topics: partitions, replicas, configuration
    Describe(Describe),
    /// Create a topic
    Create(Create),
    /// Change a topic's partitions or configuration
    Alter(Alter),
    /// Delete a topic and its records
    Delete(Delete),
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

#[derive(Args)]
pub(crate) struct Describe {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// Which topics; all when none is named
    topics: Vec<String>,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

#[derive(Args)]
pub(crate) struct Create {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// The topic's name
    topic: String,
    /// How many partitions; the cluster's default when not given
    #[arg(short, long)]
    partitions: Option<i32>,
    /// How many replicas of each partition; the cluster's default when not given
    #[arg(short, long)]
    replication_factor: Option<i16>,
    /// Configuration, as key=value
    #[arg(short, long = "config", value_parser = key_value)]
    configs: Vec<(String, String)>,
    /// Check only
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args)]
pub(crate) struct Alter {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// The topic's name
    topic: String,
    /// Grow to this many partitions
    #[arg(short, long)]
    partitions: Option<i32>,
    /// Set configuration, as key=value
    #[arg(short, long = "config", value_parser = key_value)]
    configs: Vec<(String, String)>,
    /// Take configuration back to its default
    #[arg(long = "delete-config", value_name = "KEY")]
    deleted_configs: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// Which topics
    #[arg(required = true)]
    topics: Vec<String>,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("'{text}' is not key=value"))?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

impl Topic {
    pub(crate) fn run(self) -> Result<()> {
        block_on(async {
            match self {
                Self::List(list) => list.run().await,
                Self::Describe(describe) => describe.run().await,
                Self::Create(create) => create.run().await,
                Self::Alter(alter) => alter.run().await,
                Self::Delete(delete) => delete.run().await,
            }
        })
    }
}

impl List {
    async fn run(self) -> Result<()> {
        let topics = self.bootstrap.client().await?.describe_topics(None).await?;
        let rows: Vec<_> = topics.iter().map(Row::of).collect();
        output::print(&rows, self.output)
    }
}

impl Describe {
    async fn run(self) -> Result<()> {
        let mut client = self.bootstrap.client().await?;
        let names: Vec<&str> = self.topics.iter().map(String::as_str).collect();
        let topics = client.describe_topics((!names.is_empty()).then_some(&names[..])).await?;
        let mut described = Vec::with_capacity(topics.len());
        for topic in topics {
            let configs = overrides(&mut client, &topic.name).await?;
            described.push(Described::of(&topic, configs));
        }
        output::print(&described, self.output)
    }
}

impl Create {
    async fn run(self) -> Result<()> {
        let topic = NewTopic {
            name: self.topic,
            partitions: self.partitions,
            replication_factor: self.replication_factor,
            assignment: Vec::new(),
            configs: self.configs.into_iter().collect(),
        };
        let id = self.bootstrap.client().await?.create_topic(&topic, self.dry_run).await?;
        match id {
            Some(id) if !self.dry_run => println!("created topic {} with id {id}", topic.name),
            _ => println!("topic {} can be created", topic.name),
        }
        Ok(())
    }
}

impl Alter {
    async fn run(self) -> Result<()> {
        if self.partitions.is_none() && self.configs.is_empty() && self.deleted_configs.is_empty() {
            bail!("nothing to change: give --partitions, --config or --delete-config");
        }
        let mut client = self.bootstrap.client().await?;
        if let Some(partitions) = self.partitions {
            client.create_partitions(&self.topic, partitions).await?;
        }
        let set = self.configs.into_iter().map(|(key, value)| ConfigChange::Set(key, value));
        let deleted = self.deleted_configs.into_iter().map(ConfigChange::Delete);
        let changes: Vec<_> = set.chain(deleted).collect();
        if !changes.is_empty() {
            client.alter_configs(&ConfigResource::Topic(self.topic.clone()), &changes).await?;
        }
        println!("altered topic {}", self.topic);
        Ok(())
    }
}

impl Delete {
    async fn run(self) -> Result<()> {
        let mut client = self.bootstrap.client().await?;
        for topic in &self.topics {
            client.delete_topic(topic).await.with_context(|| format!("topic {topic}"))?;
            println!("deleted topic {topic}");
        }
        Ok(())
    }
}

/// What was set on the topic itself.
async fn overrides(client: &mut Client, topic: &str) -> Result<BTreeMap<String, String>> {
    let entries = client.describe_configs(&ConfigResource::Topic(topic.to_owned())).await?;
    let own = entries.into_iter().filter(|entry| entry.source == ConfigSource::DynamicTopic);
    Ok(own.map(|entry| (entry.name, entry.value.unwrap_or_default())).collect())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    name: String,
    partitions: usize,
    replication_factor: usize,
    internal: bool,
}

impl Row {
    fn of(topic: &broker_client::admin::topics::Topic) -> Self {
        Self {
            name: topic.name.clone(),
            partitions: topic.partitions.len(),
            replication_factor: topic.partitions.first().map_or(0, |partition| partition.replicas.len()),
            internal: topic.is_internal,
        }
    }
}

impl Tabular for Row {
    fn head() -> &'static [&'static str] {
        &["TOPIC", "PARTITIONS", "REPLICAS", "INTERNAL"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let counts = [self.partitions.to_string(), self.replication_factor.to_string()];
        let [partitions, replicas] = counts;
        vec![vec![self.name.clone(), partitions, replicas, self.internal.to_string()]]
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    name: String,
    topic_id: Option<String>,
    partitions: Vec<DescribedPartition>,
    config: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DescribedPartition {
    partition: i32,
    leader: Option<i32>,
    replicas: Vec<i32>,
    isr: Vec<i32>,
}

impl Described {
    fn of(topic: &broker_client::admin::topics::Topic, config: BTreeMap<String, String>) -> Self {
        let partitions = topic.partitions.iter().map(|partition| DescribedPartition {
            partition: partition.id.get(),
            leader: partition.leader.map(broker_types::BrokerId::get),
            replicas: partition.replicas.iter().map(|id| id.get()).collect(),
            isr: partition.isr.iter().map(|id| id.get()).collect(),
        });
        Self {
            name: topic.name.clone(),
            topic_id: topic.id.map(|id| id.to_string()),
            partitions: partitions.collect(),
            config,
        }
    }
}

impl Tabular for Described {
    fn head() -> &'static [&'static str] {
        &["TOPIC", "PARTITION", "LEADER", "REPLICAS", "ISR", "CONFIG"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let ids = |ids: &[i32]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let config =
            self.config.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ");
        let row = |partition: &DescribedPartition| {
            vec![
                self.name.clone(),
                partition.partition.to_string(),
                partition.leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string()),
                ids(&partition.replicas),
                ids(&partition.isr),
                config.clone(),
            ]
        };
        self.partitions.iter().map(row).collect()
    }
}
