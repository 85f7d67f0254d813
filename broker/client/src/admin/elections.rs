//! Leaders by request (KIP-460).

use broker_protocol::messages::elect_leaders_request::{ElectLeadersRequest, TopicPartitions};
use broker_types::{PartitionId, TopicName, TopicPartition};

use super::{CHANGE_TIMEOUT, by_topic, millis, reassignments::Outcomes};
use crate::{client::Client, error::ClientError};

/// Which replica is to lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElectionType {
    /// The first of the list, when it is in sync.
    Preferred,
    /// Any that lives, when none in sync does: what the others do not have is lost.
    Unclean,
}

impl ElectionType {
    fn code(self) -> i8 {
        match self {
            Self::Preferred => 0,
            Self::Unclean => 1,
        }
    }
}

impl Client {
    /// Elects leaders of `partitions`; `None`: of all, and then those that need none are not in the outcomes.
    ///
    /// # Errors
    /// When nothing can be elected at all; what is wrong with single partitions is in the outcomes.
    pub async fn elect_leaders(
        &mut self,
        kind: ElectionType,
        partitions: Option<&[TopicPartition]>,
    ) -> Result<Outcomes, ClientError> {
        let topic = |(topic, partitions)| TopicPartitions { topic, partitions };
        let request = ElectLeadersRequest {
            election_type: kind.code(),
            topic_partitions: partitions.map(|all| by_topic(all).into_iter().map(topic).collect()),
            timeout_ms: millis(CHANGE_TIMEOUT),
        };
        let response = self.controller(&request).await?;
        ClientError::check(response.error_code, None)?;
        let mut outcomes = Outcomes::new();
        for topic in &response.replica_election_results {
            for partition in &topic.partition_result {
                let name = TopicName::new(topic.topic.as_str());
                let at = TopicPartition::new(name, PartitionId::new(partition.partition_id));
                let outcome = ClientError::check(partition.error_code, partition.error_message.as_deref());
                outcomes.insert(at, outcome);
            }
        }
        self.forget_leaders();
        Ok(outcomes)
    }
}
