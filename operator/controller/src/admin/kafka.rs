//! [`Admin`] over Klamm's own client: any Kafka will do.

use std::{collections::BTreeMap, time::Duration};

use broker_client::{
    Client, ClientError, Options,
    admin::{
        configs::{ConfigChange, ConfigResource, ConfigSource},
        topics::NewTopic,
    },
};
use broker_protocol::ErrorCode;
use futures::{FutureExt as _, future::BoxFuture};
use operator_plan::topics::{Failure, ObservedTopic};

use super::{Admin, Connect, UNREACHABLE};

/// The longest wait for a connection or one answer. A reconcile has other objects to look after.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens connections of Klamm's own client.
#[derive(Clone, Copy, Debug, Default)]
pub struct KafkaConnect;

impl Connect for KafkaConnect {
    fn connect<'a>(&'a self, bootstrap: &'a str) -> BoxFuture<'a, Result<Box<dyn Admin>, Failure>> {
        async move {
            let options =
                Options { client_id: "klamm-operator".to_owned(), patience: PATIENCE, ..Options::default() };
            let client = Client::connect(bootstrap, options).await.map_err(failure)?;
            Ok(kafka(client))
        }
        .boxed()
    }
}

/// An open client as an [`Admin`].
#[must_use]
pub fn kafka(client: Client) -> Box<dyn Admin> {
    Box::new(Kafka { client })
}

struct Kafka {
    client: Client,
}

impl Admin for Kafka {
    fn describe<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<Option<ObservedTopic>, Failure>> {
        async move {
            let Some(topic) = self.client.describe_topic(name).await.map_err(failure)? else {
                return Ok(None);
            };
            let resource = ConfigResource::Topic(name.to_owned());
            let entries = self.client.describe_configs(&resource).await.map_err(failure)?;
            let own = entries.into_iter().filter(|entry| entry.source == ConfigSource::DynamicTopic);
            let replicas = topic.partitions.first().map_or(0, |partition| partition.replicas.len());
            Ok(Some(ObservedTopic {
                id: topic.id.map(|id| id.to_string()),
                partitions: i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX),
                replicas: i32::try_from(replicas).unwrap_or(i32::MAX),
                config: own.filter_map(|entry| Some((entry.name, entry.value?))).collect(),
            }))
        }
        .boxed()
    }

    fn create<'a>(
        &'a mut self,
        name: &'a str,
        partitions: Option<i32>,
        replicas: Option<i32>,
        config: &'a BTreeMap<String, String>,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let topic = NewTopic {
                name: name.to_owned(),
                partitions,
                replication_factor: replicas.map(|count| i16::try_from(count).unwrap_or(i16::MAX)),
                configs: config.clone(),
                ..NewTopic::default()
            };
            self.client.create_topic(&topic, false).await.map(drop).map_err(failure)
        }
        .boxed()
    }

    fn grow<'a>(&'a mut self, name: &'a str, partitions: i32) -> BoxFuture<'a, Result<(), Failure>> {
        async move { self.client.create_partitions(name, partitions).await.map_err(failure) }.boxed()
    }

    fn alter_config<'a>(
        &'a mut self,
        name: &'a str,
        set: &'a BTreeMap<String, String>,
        unset: &'a [String],
    ) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let set = set.iter().map(|(key, value)| ConfigChange::Set(key.clone(), value.clone()));
            let unset = unset.iter().map(|key| ConfigChange::Delete(key.clone()));
            let changes: Vec<_> = set.chain(unset).collect();
            self.client
                .alter_configs(&ConfigResource::Topic(name.to_owned()), &changes)
                .await
                .map_err(failure)
        }
        .boxed()
    }

    fn delete<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            match self.client.delete_topic(name).await {
                Err(error) if error.code() == Some(ErrorCode::UnknownTopicOrPartition) => Ok(()),
                result => result.map_err(failure),
            }
        }
        .boxed()
    }
}

/// Kafka's own words where it answered, ours where it did not.
fn failure(error: ClientError) -> Failure {
    let reason = match error.code() {
        Some(code) => camel_case(code.name()),
        None => UNREACHABLE.to_owned(),
    };
    Failure { reason, message: error.to_string() }
}

/// `INVALID_REPLICATION_FACTOR` as conditions say it: `InvalidReplicationFactor`.
fn camel_case(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters.map(|c| c.to_ascii_lowercase())).collect::<String>()
    };
    name.split('_').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_reasons() {
        assert_eq!(camel_case("INVALID_REPLICATION_FACTOR"), "InvalidReplicationFactor");
        assert_eq!(camel_case("NONE"), "None");
    }
}
