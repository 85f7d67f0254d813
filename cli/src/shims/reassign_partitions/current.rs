//! Where replicas are.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use broker_client::{Client, ClientError, admin::topics::Topic};
use broker_protocol::ErrorCode;
use broker_types::{BrokerId, TopicName, TopicPartition};

use super::plan::Replica;

/// Replicas by partition.
pub(super) type Assignment = BTreeMap<TopicPartition, Vec<BrokerId>>;

/// All partitions of a topic and their replicas.
pub(super) fn of_topic(topic: &Topic) -> impl Iterator<Item = (TopicPartition, Vec<BrokerId>)> {
    topic.partitions.iter().map(|partition| {
        let at = TopicPartition::new(TopicName::new(topic.name.as_str()), partition.id);
        (at, partition.replicas.clone())
    })
}

/// The replicas of all partitions of some topics.
pub(super) async fn of_topics(
    client: &mut Client,
    names: impl IntoIterator<Item = &str>,
) -> Result<Assignment> {
    let mut all = Assignment::new();
    for name in names {
        let Some(topic) = client.describe_topic(name).await? else {
            return Err(unknown(format!("Topic {name} not found.")));
        };
        all.extend(of_topic(&topic));
    }
    Ok(all)
}

/// The replicas of some partitions.
pub(super) async fn of_partitions(
    client: &mut Client,
    partitions: &BTreeSet<TopicPartition>,
) -> Result<Assignment> {
    let names: BTreeSet<_> = partitions.iter().map(|at| at.topic.as_str()).collect();
    let mut all = of_topics(client, names).await?;
    all.retain(|at, _| partitions.contains(at));
    let missing: Vec<_> =
        partitions.iter().filter(|at| !all.contains_key(at)).map(ToString::to_string).collect();
    match missing.is_empty() {
        true => Ok(all),
        false => Err(unknown(format!("Unable to find partition: {}", missing.join(", ")))),
    }
}

fn unknown(message: String) -> anyhow::Error {
    ClientError::Broker { code: ErrorCode::UnknownTopicOrPartition, message: Some(message) }.into()
}

/// The directories of all replicas whose brokers live.
pub(super) async fn directories(
    client: &mut Client,
    assignment: &Assignment,
) -> Result<BTreeMap<Replica, String>> {
    let mut by_broker: BTreeMap<BrokerId, Vec<TopicPartition>> = BTreeMap::new();
    for (at, replicas) in assignment {
        for broker in replicas {
            by_broker.entry(*broker).or_default().push(at.clone());
        }
    }
    let live: BTreeSet<_> = client.broker_ids().await?.into_iter().collect();
    let mut found = BTreeMap::new();
    for (broker, partitions) in by_broker.into_iter().filter(|(broker, _)| live.contains(broker)) {
        for dir in client.describe_log_dirs(broker, Some(&partitions)).await? {
            let current = dir.replicas.into_iter().filter(|(_, replica)| !replica.is_future);
            found.extend(current.map(|(at, _)| (Replica { broker, at }, dir.path.clone())));
        }
    }
    Ok(found)
}

/// Refuses brokers that are not there.
pub(super) async fn check_brokers(client: &mut Client, assignment: &Assignment) -> Result<()> {
    let nodes = client.describe_cluster(broker_client::admin::cluster::Fenced::Excluded).await?.nodes;
    let is_there = |id: &BrokerId| nodes.iter().any(|node| node.id == *id);
    let named: BTreeSet<_> = assignment.values().flatten().collect();
    match named.into_iter().find(|id| !is_there(id)) {
        Some(id) => bail!("Unknown broker id {id}"),
        None => Ok(()),
    }
}
