//! `kafka-log-dirs.sh`.

use std::{collections::BTreeSet, process::ExitCode};

use anyhow::{Result, bail};
use broker_client::{
    ClientError,
    admin::{cluster::Fenced, log_dirs::LogDir},
};
use broker_types::BrokerId;
use serde::Serialize;

use super::{
    Script, connect, exceptions,
    options::{Failure, Options, Spec, flag, value},
};

static SPEC: Spec = Spec {
    about: "Shows what is in the log directories of brokers.",
    options: &[
        value("bootstrap-server", "HOST:PORT", "Required: the servers to start from"),
        value("command-config", "FILE", "Properties for the client"),
        flag("describe", "Required: describe the directories"),
        value("topic-list", "TOPIC,...", "Only these topics; all when not given"),
        value("broker-list", "ID,...", "Only these brokers; all when not given"),
    ],
};

#[derive(Serialize)]
struct Answer {
    brokers: Vec<Broker>,
    version: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Broker {
    broker: i32,
    log_dirs: Vec<Directory>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Directory {
    partitions: Vec<Replica>,
    error: Option<String>,
    log_dir: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replica {
    partition: String,
    size: i64,
    offset_lag: i64,
    is_future: bool,
}

pub(super) fn main(arguments: &[String]) -> ExitCode {
    let script = Script { spec: &SPEC, check, report: |error| eprintln!("{}", exceptions::thrown(error)) };
    script.run(arguments, async |options| run(options).await)
}

fn check(options: &Options) -> Result<(), Failure> {
    options.required("bootstrap-server")?;
    match options.has("describe") {
        true => Ok(()),
        false => Err(Failure("Missing required argument \"[describe]\"".to_owned())),
    }
}

async fn run(options: &Options) -> Result<()> {
    let topics = listed(options.value("topic-list"));
    let mut wanted = BTreeSet::new();
    for id in listed(options.value("broker-list")) {
        match id.parse() {
            Ok(id) => wanted.insert(BrokerId::new(id)),
            Err(_) => bail!("For input string: \"{id}\""),
        };
    }
    let mut client = connect(options, "log-dirs-tool").await?;
    let nodes = client.describe_cluster(Fenced::Excluded).await?.nodes;
    let live: BTreeSet<_> = nodes.iter().map(|node| node.id).collect();
    if !wanted.is_subset(&live) {
        bail!(
            "ERROR: The given brokers do not exist from --broker-list: {}. Current existent brokers: {}",
            joined(wanted.difference(&live)),
            joined(&live)
        );
    }
    let asked = if wanted.is_empty() { live } else { wanted };
    println!("Querying brokers for log directories information");
    let mut brokers = Vec::new();
    for id in &asked {
        let dirs = client.describe_log_dirs(*id, None).await?;
        let log_dirs = dirs.iter().map(|dir| directory(dir, &topics)).collect();
        brokers.push(Broker { broker: id.get(), log_dirs });
    }
    println!("Received log directory information from brokers {}", joined(&asked));
    println!("{}", serde_json::to_string(&Answer { brokers, version: 1 })?);
    Ok(())
}

fn listed(list: Option<&str>) -> BTreeSet<&str> {
    list.unwrap_or_default().split(',').filter(|item| !item.is_empty()).collect()
}

fn joined<'a>(ids: impl IntoIterator<Item = &'a BrokerId>) -> String {
    ids.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn directory(dir: &LogDir, topics: &BTreeSet<&str>) -> Directory {
    let is_wanted = |topic: &str| topics.is_empty() || topics.contains(topic);
    let replicas = dir.replicas.iter().filter(|(at, _)| is_wanted(at.topic.as_str()));
    Directory {
        partitions: replicas
            .map(|(at, replica)| Replica {
                partition: at.to_string(),
                size: replica.size_bytes,
                offset_lag: replica.offset_lag,
                is_future: replica.is_future,
            })
            .collect(),
        error: dir.error.as_ref().and_then(ClientError::code).map(exceptions::class),
        log_dir: dir.path.clone(),
    }
}

#[cfg(test)]
mod tests {
    use broker_client::admin::log_dirs::LogDirReplica;
    use broker_protocol::ErrorCode;
    use broker_types::{PartitionId, TopicName, TopicPartition};

    use super::*;

    #[test]
    fn directories_are_shown_with_their_error_and_the_wanted_topics() {
        let at = |topic| TopicPartition::new(TopicName::new(topic), PartitionId::new(0));
        let replica = LogDirReplica { size_bytes: 7, offset_lag: 1, is_future: true };
        let dir = LogDir {
            path: "/data".to_owned(),
            error: Some(ClientError::Broker { code: ErrorCode::KafkaStorageError, message: None }),
            replicas: [(at("a"), replica), (at("b"), replica)].into(),
        };
        assert_eq!(
            serde_json::to_string(&directory(&dir, &listed(Some("b,")))).unwrap(),
            "{\"partitions\":[{\"partition\":\"b-0\",\"size\":7,\"offsetLag\":1,\"isFuture\":true}],\
             \"error\":\"org.apache.kafka.common.errors.KafkaStorageException\",\"logDir\":\"/data\"}"
        );
        assert_eq!(directory(&dir, &listed(None)).partitions.len(), 2);
    }
}
