//! Moving replicas between brokers (KIP-455).

use std::collections::BTreeMap;

use broker_protocol::{
    Str,
    messages::{
        alter_partition_reassignments_request::{
            AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
        },
        list_partition_reassignments_request::{
            ListPartitionReassignmentsRequest, ListPartitionReassignmentsTopics,
        },
    },
};
use broker_types::{BrokerId, PartitionId, TopicName, TopicPartition};

use super::{CHANGE_TIMEOUT, by_topic, millis};
use crate::{client::Client, error::ClientError};

/// A move that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reassignment {
    /// All that hold it now, those that come included.
    pub replicas: Vec<BrokerId>,
    /// Those that come.
    pub adding: Vec<BrokerId>,
    /// Those that go once the others are in sync.
    pub removing: Vec<BrokerId>,
}

/// Whether a move may leave a partition with more or fewer replicas than it had (KIP-860).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorChange {
    /// It may.
    Allowed,
    /// It is refused. Clusters before Kafka 4.1 cannot be asked for that.
    Refused,
}

/// What came of each partition.
pub type Outcomes = BTreeMap<TopicPartition, Result<(), ClientError>>;

impl Client {
    /// The moves that go on among `partitions`; `None`: all of the cluster.
    ///
    /// # Errors
    /// The cluster's.
    pub async fn list_reassignments(
        &mut self,
        partitions: Option<&[TopicPartition]>,
    ) -> Result<BTreeMap<TopicPartition, Reassignment>, ClientError> {
        let topics = partitions.map(|all| {
            let topic =
                |(name, partition_indexes)| ListPartitionReassignmentsTopics { name, partition_indexes };
            by_topic(all).into_iter().map(topic).collect()
        });
        let request = ListPartitionReassignmentsRequest { timeout_ms: millis(CHANGE_TIMEOUT), topics };
        let response = self.controller(&request).await?;
        ClientError::check(response.error_code, response.error_message.as_deref())?;
        let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId::new).collect();
        let mut found = BTreeMap::new();
        for topic in &response.topics {
            for partition in &topic.partitions {
                let name = TopicName::new(topic.name.as_str());
                let at = TopicPartition::new(name, PartitionId::new(partition.partition_index));
                let reassignment = Reassignment {
                    replicas: ids(&partition.replicas),
                    adding: ids(&partition.adding_replicas),
                    removing: ids(&partition.removing_replicas),
                };
                found.insert(at, reassignment);
            }
        }
        Ok(found)
    }

    /// Moves each partition to its replicas, or ends the move that it is in (`None`).
    ///
    /// # Errors
    /// When all are refused; what is wrong with single ones is in the outcomes.
    pub async fn alter_reassignments(
        &mut self,
        changes: &BTreeMap<TopicPartition, Option<Vec<BrokerId>>>,
        factor: FactorChange,
    ) -> Result<Outcomes, ClientError> {
        let mut topics: BTreeMap<&str, Vec<ReassignablePartition>> = BTreeMap::new();
        for (at, replicas) in changes {
            let replicas = replicas.as_ref().map(|ids| ids.iter().map(|id| id.get()).collect());
            let partition = ReassignablePartition { partition_index: at.partition.get(), replicas };
            topics.entry(at.topic.as_str()).or_default().push(partition);
        }
        let request = AlterPartitionReassignmentsRequest {
            timeout_ms: millis(CHANGE_TIMEOUT),
            allow_replication_factor_change: factor == FactorChange::Allowed,
            topics: topics
                .into_iter()
                .map(|(name, partitions)| ReassignableTopic { name: Str::from(name), partitions })
                .collect(),
        };
        let response = self.controller(&request).await?;
        ClientError::check(response.error_code, response.error_message.as_deref())?;
        let mut outcomes = Outcomes::new();
        for topic in &response.responses {
            for partition in &topic.partitions {
                let name = TopicName::new(topic.name.as_str());
                let at = TopicPartition::new(name, PartitionId::new(partition.partition_index));
                let outcome = ClientError::check(partition.error_code, partition.error_message.as_deref());
                outcomes.insert(at, outcome);
            }
        }
        Ok(outcomes)
    }
}
