//! Partitions as people name them: `topic` for all of a topic, `topic:0,1` for some.

use std::collections::BTreeSet;

use broker_client::{Client, ClientError, admin::topics::Topic};
use broker_protocol::ErrorCode;
use broker_types::{PartitionId, TopicName, TopicPartition};

/// What is wrong with the name of a partition, or with the partition, in the words of Kafka's tools.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PartitionError {
    /// No number.
    #[error("Invalid partition '{partition}' specified in topic arg '{argument}''")]
    NoNumber { partition: String, argument: String },
    /// More or less than a topic and partitions.
    #[error("Invalid topic arg '{0}', expected topic name and partitions")]
    NoTopic(String),
    /// Not there.
    #[error("The partitions \"{0}\" do not exist")]
    Missing(String),
    /// Nobody leads them.
    #[error("The partitions \"{0}\" have no leader")]
    NotLed(String),
    /// The cluster's own words.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// Whether a name says which partitions of its topic are meant.
pub(crate) fn names_partitions(argument: &str) -> bool {
    argument.contains(':')
}

/// The partitions of `topic:0,1`.
pub(crate) fn named(argument: &str) -> Result<Vec<TopicPartition>, PartitionError> {
    // What is empty at the end does not count, as in Java.
    let mut parts: Vec<_> = argument.split(':').collect();
    while parts.last().is_some_and(|part| part.is_empty()) {
        parts.pop();
    }
    let [topic, partitions] = parts[..] else { return Err(PartitionError::NoTopic(argument.to_owned())) };
    let topic = TopicName::new(topic);
    let partition = |text: &str| match text.parse() {
        Ok(id) => Ok(TopicPartition::new(topic.clone(), PartitionId::new(id))),
        Err(_) => Err(PartitionError::NoNumber { partition: text.to_owned(), argument: argument.to_owned() }),
    };
    partitions.split(',').map(partition).collect()
}

/// All partitions of a topic.
pub(crate) async fn of_topic(client: &mut Client, topic: &str) -> Result<Vec<TopicPartition>, ClientError> {
    let topics = describe(client, &[topic]).await?;
    Ok(topics.iter().flat_map(all_of).collect())
}

/// The partitions that `arguments` name.
pub(crate) async fn resolved(
    client: &mut Client,
    arguments: &[String],
) -> Result<Vec<TopicPartition>, PartitionError> {
    let mut found = Vec::new();
    for argument in arguments.iter().filter(|argument| names_partitions(argument)) {
        found.extend(named(argument)?);
    }
    for topic in arguments.iter().filter(|argument| !names_partitions(argument)) {
        found.extend(of_topic(client, topic).await?);
    }
    Ok(found)
}

/// Refuses partitions that are not there, or not led.
pub(crate) async fn check(client: &mut Client, wanted: &[TopicPartition]) -> Result<(), PartitionError> {
    let topics = topics_of(client, wanted.iter()).await?;
    let there: BTreeSet<_> = topics.iter().flat_map(all_of).collect();
    let missing: Vec<_> = wanted.iter().filter(|at| !there.contains(at)).map(ToString::to_string).collect();
    if !missing.is_empty() {
        return Err(PartitionError::Missing(missing.join(",")));
    }
    let led: BTreeSet<_> = topics.iter().flat_map(led_of).collect();
    let not_led: Vec<_> = wanted.iter().filter(|at| !led.contains(at)).map(ToString::to_string).collect();
    match not_led.is_empty() {
        true => Ok(()),
        false => Err(PartitionError::NotLed(not_led.join(","))),
    }
}

/// Those of `wanted` that somebody leads.
pub(crate) async fn led(
    client: &mut Client,
    wanted: &BTreeSet<TopicPartition>,
) -> Result<BTreeSet<TopicPartition>, ClientError> {
    let topics = topics_of(client, wanted.iter()).await?;
    Ok(topics.iter().flat_map(led_of).filter(|at| wanted.contains(at)).collect())
}

/// The topics of some partitions.
async fn topics_of(
    client: &mut Client,
    partitions: impl Iterator<Item = &TopicPartition>,
) -> Result<Vec<Topic>, ClientError> {
    let names: BTreeSet<_> = partitions.map(|at| at.topic.as_str()).collect();
    match names.is_empty() {
        true => Ok(Vec::new()),
        false => describe(client, &names.into_iter().collect::<Vec<_>>()).await,
    }
}

/// Describes topics; one that is not there is told in Kafka's words.
async fn describe(client: &mut Client, names: &[&str]) -> Result<Vec<Topic>, ClientError> {
    let described = client.describe_topics(Some(names)).await;
    described.map_err(|error| match error.code() {
        Some(code @ ErrorCode::UnknownTopicOrPartition) => ClientError::Broker { code, message: None },
        _ => error,
    })
}

fn all_of(topic: &Topic) -> Vec<TopicPartition> {
    let name = TopicName::new(&topic.name);
    topic.partitions.iter().map(|partition| TopicPartition::new(name.clone(), partition.id)).collect()
}

fn led_of(topic: &Topic) -> Vec<TopicPartition> {
    let name = TopicName::new(&topic.name);
    let led = topic.partitions.iter().filter(|partition| partition.leader.is_some());
    led.map(|partition| TopicPartition::new(name.clone(), partition.id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_named_behind_their_topic() {
        let said = |argument: &str| match named(argument) {
            Ok(all) => all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        };
        assert_eq!(said("a:0,2"), "a-0 a-2");
        assert_eq!(said("a:0:"), "a-0");
        assert_eq!(said("a:x"), "Invalid partition 'x' specified in topic arg 'a:x''");
        assert_eq!(said("a:1:2"), "Invalid topic arg 'a:1:2', expected topic name and partitions");
        assert_eq!(said("a:"), "Invalid topic arg 'a:', expected topic name and partitions");
    }
}
