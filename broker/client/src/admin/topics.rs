//! Topics: list, describe, create, grow, delete.

use std::collections::BTreeMap;

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        create_partitions_request::{
            CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
        },
        create_topics_request::{
            CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
        },
        delete_records_request::{DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic},
        delete_topics_request::{DeleteTopicState, DeleteTopicsRequest},
    },
};
use broker_types::{BrokerId, LeaderEpoch, Offset, PartitionId, TopicId, Uuid};

use super::{CHANGE_TIMEOUT, millis};
use crate::{client::Client, error::ClientError};

/// A topic as its clients see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Its id, from brokers that tell it.
    pub id: Option<TopicId>,
    /// Whether it belongs to Kafka itself.
    pub is_internal: bool,
    /// Its partitions, by index.
    pub partitions: Vec<Partition>,
}

/// A partition as its clients see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its index.
    pub id: PartitionId,
    /// Who leads; `None` when nobody does.
    pub leader: Option<BrokerId>,
    /// The leadership's epoch.
    pub leader_epoch: Option<LeaderEpoch>,
    /// Who holds a replica, preferred leader first.
    pub replicas: Vec<BrokerId>,
    /// Who is in sync.
    pub isr: Vec<BrokerId>,
    /// Whose replica is offline.
    pub offline: Vec<BrokerId>,
}

/// A topic to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// How many partitions; `None`: the cluster's default.
    pub partitions: Option<i32>,
    /// How many replicas of each; `None`: the cluster's default.
    pub replication_factor: Option<i16>,
    /// Replicas by partition, instead of the two counts.
    pub assignment: Vec<Vec<BrokerId>>,
    /// Its configuration, where it differs from the cluster's.
    pub configs: BTreeMap<String, String>,
}

impl Client {
    /// Describes `names` (`None`: all topics), sorted by name.
    ///
    /// # Errors
    /// `UNKNOWN_TOPIC_OR_PARTITION` names a topic that is not there.
    pub async fn describe_topics(&mut self, names: Option<&[&str]>) -> Result<Vec<Topic>, ClientError> {
        let response = self.metadata(names).await?;
        let brokers = |ids: &[i32]| ids.iter().map(|id| BrokerId::new(*id)).collect::<Vec<_>>();
        let mut topics = Vec::with_capacity(response.topics.len());
        for topic in &response.topics {
            let name = topic.name.as_ref().map(ToString::to_string).unwrap_or_default();
            let said = format!("topic '{name}'");
            ClientError::check(topic.error_code, Some(&said))?;
            let mut partitions: Vec<_> = topic
                .partitions
                .iter()
                .map(|partition| Partition {
                    id: PartitionId::new(partition.partition_index),
                    leader: BrokerId::from_wire(partition.leader_id),
                    leader_epoch: LeaderEpoch::from_wire(partition.leader_epoch),
                    replicas: brokers(&partition.replica_nodes),
                    isr: brokers(&partition.isr_nodes),
                    offline: brokers(&partition.offline_replicas),
                })
                .collect();
            partitions.sort_by_key(|partition| partition.id);
            let id = TopicId::from_wire(topic.topic_id);
            topics.push(Topic { name, id, is_internal: topic.is_internal, partitions });
        }
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(topics)
    }

    /// Describes one topic; `None` when there is no such topic.
    ///
    /// # Errors
    /// Whatever else the cluster answers.
    pub async fn describe_topic(&mut self, name: &str) -> Result<Option<Topic>, ClientError> {
        match self.describe_topics(Some(&[name])).await {
            Ok(topics) => Ok(topics.into_iter().next()),
            Err(error) if error.code() == Some(ErrorCode::UnknownTopicOrPartition) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Creates a topic and gives its id. With `validate_only` it is only checked.
    ///
    /// # Errors
    /// The cluster's, in its own words.
    pub async fn create_topic(
        &mut self,
        topic: &NewTopic,
        validate_only: bool,
    ) -> Result<Option<TopicId>, ClientError> {
        let assignments: Vec<_> = (0..)
            .zip(&topic.assignment)
            .map(|(partition_index, replicas)| CreatableReplicaAssignment {
                partition_index,
                broker_ids: replicas.iter().map(|id| id.get()).collect(),
            })
            .collect();
        let is_manual = !assignments.is_empty();
        let wanted = CreatableTopic {
            name: Str::from(topic.name.as_str()),
            num_partitions: if is_manual { -1 } else { topic.partitions.unwrap_or(-1) },
            replication_factor: if is_manual { -1 } else { topic.replication_factor.unwrap_or(-1) },
            assignments,
            configs: topic
                .configs
                .iter()
                .map(|(name, value)| CreatableTopicConfig {
                    name: Str::from(name.as_str()),
                    value: Some(Str::from(value.as_str())),
                })
                .collect(),
        };
        let request =
            CreateTopicsRequest { topics: vec![wanted], timeout_ms: millis(CHANGE_TIMEOUT), validate_only };
        let response = self.any(&request).await?;
        let Some(result) = response.topics.first() else { return Ok(None) };
        ClientError::check(result.error_code, result.error_message.as_deref())?;
        Ok(TopicId::from_wire(result.topic_id))
    }

    /// Deletes a topic.
    ///
    /// # Errors
    /// The cluster's, in its own words.
    pub async fn delete_topic(&mut self, name: &str) -> Result<(), ClientError> {
        let request = DeleteTopicsRequest {
            topics: vec![DeleteTopicState { name: Some(Str::from(name)), topic_id: Uuid::ZERO }],
            topic_names: vec![Str::from(name)],
            timeout_ms: millis(CHANGE_TIMEOUT),
        };
        let response = self.any(&request).await?;
        self.forget_leaders();
        response
            .responses
            .first()
            .map_or(Ok(()), |result| ClientError::check(result.error_code, result.error_message.as_deref()))
    }

    /// Grows a topic to `count` partitions.
    ///
    /// # Errors
    /// The cluster's, in its own words: a topic never shrinks.
    pub async fn create_partitions(&mut self, name: &str, count: i32) -> Result<(), ClientError> {
        self.create_partitions_on(name, count, None).await
    }

    /// Grows a topic to `count` partitions, each new one on the brokers of its place in `assignments`.
    ///
    /// # Errors
    /// The cluster's, in its own words: a topic never shrinks, and every new partition needs its brokers.
    pub async fn create_partitions_on(
        &mut self,
        name: &str,
        count: i32,
        assignments: Option<&[Vec<BrokerId>]>,
    ) -> Result<(), ClientError> {
        let assignment = |brokers: &Vec<BrokerId>| CreatePartitionsAssignment {
            broker_ids: brokers.iter().map(|id| id.get()).collect(),
        };
        let assignments = assignments.map(|all| all.iter().map(assignment).collect());
        let request = CreatePartitionsRequest {
            topics: vec![CreatePartitionsTopic { name: Str::from(name), count, assignments }],
            timeout_ms: millis(CHANGE_TIMEOUT),
            validate_only: false,
        };
        let response = self.any(&request).await?;
        response
            .results
            .first()
            .map_or(Ok(()), |result| ClientError::check(result.error_code, result.error_message.as_deref()))
    }

    /// Deletes the records of a partition before `before` (`None`: all there are) and gives its new start.
    ///
    /// # Errors
    /// The leader's.
    pub async fn delete_records(
        &mut self,
        topic: &str,
        partition: PartitionId,
        before: Option<Offset>,
    ) -> Result<Offset, ClientError> {
        let leader = self.leader(topic, partition).await?;
        let request = DeleteRecordsRequest {
            topics: vec![DeleteRecordsTopic {
                name: Str::from(topic),
                partitions: vec![DeleteRecordsPartition {
                    partition_index: partition.get(),
                    offset: before.map_or(-1, Offset::get),
                }],
            }],
            timeout_ms: millis(CHANGE_TIMEOUT),
        };
        let response = self.broker(leader, &request).await?;
        let Some(result) = response.topics.first().and_then(|topic| topic.partitions.first()) else {
            return Err(ClientError::Broker { code: ErrorCode::UnknownServerError, message: None });
        };
        ClientError::check(result.error_code, None)?;
        Ok(Offset::from_wire(result.low_watermark).unwrap_or(Offset::ZERO))
    }
}
