//! Where partitions start and end, and which offset a time has.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use broker_protocol::{
    ErrorCode, Str,
    messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic},
};
use broker_types::{BrokerId, Offset, PartitionId, Timestamp, TopicName, TopicPartition};
use tokio::time::{Instant, sleep};

use crate::{client::Client, error::ClientError};

/// The pause before a leader is looked up again.
const PAUSE: Duration = Duration::from_millis(100);

/// Which offset is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetSpec {
    /// The first record that is kept.
    Earliest,
    /// Where the next record will be.
    Latest,
    /// The record with the largest timestamp.
    MaxTimestamp,
    /// The first record that the leader has on its own disks (KIP-405).
    EarliestLocal,
    /// The last record that was moved to tiered storage (KIP-1005).
    LatestTiered,
    /// The first record that is still to be moved to tiered storage (KIP-1023).
    EarliestPendingUpload,
    /// The first record at or after a time.
    At(Timestamp),
}

impl OffsetSpec {
    pub(super) fn code(self) -> i64 {
        match self {
            Self::Latest => -1,
            Self::Earliest => -2,
            Self::MaxTimestamp => -3,
            Self::EarliestLocal => -4,
            Self::LatestTiered => -5,
            Self::EarliestPendingUpload => -6,
            Self::At(time) => time.as_millis(),
        }
    }
}

impl Client {
    /// The offset of `spec` in a partition; `None` when no record fits.
    ///
    /// # Errors
    /// The leader's.
    pub async fn offset(
        &mut self,
        topic: &str,
        partition: PartitionId,
        spec: OffsetSpec,
    ) -> Result<Option<Offset>, ClientError> {
        let at = TopicPartition::new(TopicName::new(topic), partition);
        let leader = self.leader(topic, partition).await?;
        let mut found = self.offsets_of_leader(leader, &[&at], spec).await?;
        found
            .remove(&at)
            .unwrap_or(Err(ClientError::Broker { code: ErrorCode::UnknownServerError, message: None }))
    }

    /// The offsets of `spec` in many partitions, each leader asked once. A leader that is not there, or that moved, is
    /// waited for.
    ///
    /// # Errors
    /// When a leader cannot be asked; what is wrong with single partitions is in the answers.
    pub async fn offsets(
        &mut self,
        partitions: &[TopicPartition],
        spec: OffsetSpec,
    ) -> Result<BTreeMap<TopicPartition, Result<Option<Offset>, ClientError>>, ClientError> {
        let deadline = Instant::now() + self.patience();
        let mut pending: BTreeSet<&TopicPartition> = partitions.iter().collect();
        let mut answers = BTreeMap::new();
        loop {
            let mut by_leader: BTreeMap<BrokerId, Vec<&TopicPartition>> = BTreeMap::new();
            let mut round = BTreeMap::new();
            for at in &pending {
                match self.leader(at.topic.as_str(), at.partition).await {
                    Ok(leader) => by_leader.entry(leader).or_default().push(at),
                    Err(error @ ClientError::Broker { .. }) => drop(round.insert((*at).clone(), Err(error))),
                    Err(error) => return Err(error),
                }
            }
            for (leader, partitions) in by_leader {
                round.extend(self.offsets_of_leader(leader, &partitions, spec).await?);
            }
            let is_late = Instant::now() >= deadline;
            for (at, answer) in round {
                let may_come =
                    answer.as_ref().is_err_and(|error| error.code().is_some_and(ErrorCode::is_retriable));
                if is_late || !may_come {
                    pending.remove(&at);
                    answers.insert(at, answer);
                }
            }
            if is_late || pending.is_empty() {
                return Ok(answers);
            }
            self.forget_leaders();
            sleep(PAUSE).await;
        }
    }

    async fn offsets_of_leader(
        &mut self,
        leader: BrokerId,
        partitions: &[&TopicPartition],
        spec: OffsetSpec,
    ) -> Result<BTreeMap<TopicPartition, Result<Option<Offset>, ClientError>>, ClientError> {
        let mut topics: BTreeMap<&str, Vec<ListOffsetsPartition>> = BTreeMap::new();
        for at in partitions {
            topics.entry(at.topic.as_str()).or_default().push(ListOffsetsPartition {
                partition_index: at.partition.get(),
                timestamp: spec.code(),
                ..ListOffsetsPartition::default()
            });
        }
        let topic = |(name, partitions)| ListOffsetsTopic { name: Str::from(name), partitions };
        let request = ListOffsetsRequest {
            replica_id: -1,
            topics: topics.into_iter().map(topic).collect(),
            ..ListOffsetsRequest::default()
        };
        let response = self.broker(leader, &request).await?;
        let mut answers = BTreeMap::new();
        for topic in &response.topics {
            for result in &topic.partitions {
                if result.error_code == ErrorCode::NotLeaderOrFollower.code() {
                    self.forget_leaders();
                }
                let at = TopicPartition::new(
                    TopicName::new(&topic.name),
                    PartitionId::new(result.partition_index),
                );
                let answer = ClientError::check(result.error_code, None);
                answers.insert(at, answer.map(|()| Offset::from_wire(result.offset)));
            }
        }
        Ok(answers)
    }
}
