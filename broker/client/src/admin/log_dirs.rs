//! Log directories of brokers: what is in them, and moving replicas between them (KIP-113).

use std::collections::BTreeMap;

use broker_protocol::{
    Str,
    messages::{
        alter_replica_log_dirs_request::{
            AlterReplicaLogDir, AlterReplicaLogDirTopic, AlterReplicaLogDirsRequest,
        },
        describe_log_dirs_request::{DescribableLogDirTopic, DescribeLogDirsRequest},
    },
};
use broker_types::{BrokerId, PartitionId, TopicName, TopicPartition};

use super::{by_topic, reassignments::Outcomes};
use crate::{client::Client, error::ClientError};

/// A log directory.
#[derive(Debug)]
pub struct LogDir {
    /// Its path on the broker.
    pub path: String,
    /// What is wrong with it, when something is.
    pub error: Option<ClientError>,
    /// The replicas in it, by partition. One that is moving in is beside the one that it will replace, in another
    /// directory.
    pub replicas: BTreeMap<TopicPartition, LogDirReplica>,
}

/// A replica in a log directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogDirReplica {
    /// Its size in bytes.
    pub size_bytes: i64,
    /// How many offsets it is behind: a current one behind its high watermark, a future one behind the current one.
    pub offset_lag: i64,
    /// Whether it is on its way into this directory.
    pub is_future: bool,
}

impl Client {
    /// The log directories of the broker `id`, with its replicas of `partitions`; `None`: all replicas.
    ///
    /// # Errors
    /// The broker's, or that it is not there.
    pub async fn describe_log_dirs(
        &mut self,
        id: BrokerId,
        partitions: Option<&[TopicPartition]>,
    ) -> Result<Vec<LogDir>, ClientError> {
        let topic = |(topic, partitions)| DescribableLogDirTopic { topic, partitions };
        let topics = partitions.map(|all| by_topic(all).into_iter().map(topic).collect());
        let response = self.broker(id, &DescribeLogDirsRequest { topics }).await?;
        ClientError::check(response.error_code, None)?;
        let mut dirs = Vec::with_capacity(response.results.len());
        for result in &response.results {
            let mut replicas = BTreeMap::new();
            for topic in &result.topics {
                for partition in &topic.partitions {
                    let name = TopicName::new(topic.name.as_str());
                    let at = TopicPartition::new(name, PartitionId::new(partition.partition_index));
                    let replica = LogDirReplica {
                        size_bytes: partition.partition_size,
                        offset_lag: partition.offset_lag,
                        is_future: partition.is_future_key,
                    };
                    replicas.insert(at, replica);
                }
            }
            let error = ClientError::check(result.error_code, None).err();
            dirs.push(LogDir { path: result.log_dir.to_string(), error, replicas });
        }
        dirs.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(dirs)
    }

    /// Moves replicas of the broker `id` to the directories that are named with them.
    ///
    /// # Errors
    /// When the broker is not there or does not answer; what is wrong with single replicas is in the outcomes.
    pub async fn alter_replica_log_dirs(
        &mut self,
        id: BrokerId,
        moves: &BTreeMap<TopicPartition, String>,
    ) -> Result<Outcomes, ClientError> {
        let mut by_path: BTreeMap<&str, Vec<TopicPartition>> = BTreeMap::new();
        for (at, path) in moves {
            by_path.entry(path).or_default().push(at.clone());
        }
        let topic = |(name, partitions)| AlterReplicaLogDirTopic { name, partitions };
        let dir = |(path, all): (&str, Vec<TopicPartition>)| AlterReplicaLogDir {
            path: Str::from(path),
            topics: by_topic(&all).into_iter().map(topic).collect(),
        };
        let request = AlterReplicaLogDirsRequest { dirs: by_path.into_iter().map(dir).collect() };
        let response = self.broker(id, &request).await?;
        let mut outcomes = Outcomes::new();
        for topic in &response.results {
            for partition in &topic.partitions {
                let name = TopicName::new(topic.topic_name.as_str());
                let at = TopicPartition::new(name, PartitionId::new(partition.partition_index));
                outcomes.insert(at, ClientError::check(partition.error_code, None));
            }
        }
        Ok(outcomes)
    }
}
