//! What a client knows of topics: who leads their partitions.

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        metadata_request::{MetadataRequest, MetadataRequestTopic},
        metadata_response::MetadataResponse,
    },
};
use broker_types::{BrokerId, PartitionId};

use super::Client;
use crate::error::ClientError;

impl Client {
    /// The metadata of `topics` (`None`: all), which is also remembered. Creates nothing.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn metadata(&mut self, topics: Option<&[&str]>) -> Result<MetadataResponse, ClientError> {
        self.metadata_with(topics, false).await
    }

    /// Looks a topic up as a producer does: a cluster that creates topics when they are asked for creates it. Whether
    /// it is there already.
    ///
    /// # Errors
    /// When nobody answers, or the topic cannot be.
    pub async fn find_or_create_topic(&mut self, topic: &str) -> Result<bool, ClientError> {
        let response = self.metadata_with(Some(&[topic]), true).await?;
        let code = response.topics.first().map_or(0, |topic| topic.error_code);
        let on_its_way = [ErrorCode::UnknownTopicOrPartition, ErrorCode::LeaderNotAvailable];
        if on_its_way.iter().any(|expected| expected.code() == code) {
            return Ok(false);
        }
        ClientError::check(code, Some(&format!("topic '{topic}'")))?;
        Ok(true)
    }

    async fn metadata_with(
        &mut self,
        topics: Option<&[&str]>,
        allow_auto_topic_creation: bool,
    ) -> Result<MetadataResponse, ClientError> {
        let request = MetadataRequest {
            topics: topics.map(|names| {
                names
                    .iter()
                    .map(|name| MetadataRequestTopic { name: Some(Str::from(*name)), ..Default::default() })
                    .collect()
            }),
            allow_auto_topic_creation,
            ..MetadataRequest::default()
        };
        let response = self.any(&request).await?;
        self.brokers = response
            .brokers
            .iter()
            .map(|broker| (BrokerId::new(broker.node_id), format!("{}:{}", broker.host, broker.port)))
            .collect();
        for topic in &response.topics {
            let Some(name) = &topic.name else { continue };
            for partition in &topic.partitions {
                let key = (name.to_string(), PartitionId::new(partition.partition_index));
                match BrokerId::from_wire(partition.leader_id) {
                    Some(leader) => self.leaders.insert(key, leader),
                    None => self.leaders.remove(&key),
                };
            }
        }
        Ok(response)
    }

    /// The leader of a partition; looks again when it is not known.
    ///
    /// # Errors
    /// `LEADER_NOT_AVAILABLE` or the topic's own error when there is none.
    pub async fn leader(&mut self, topic: &str, partition: PartitionId) -> Result<BrokerId, ClientError> {
        let key = (topic.to_owned(), partition);
        if let Some(leader) = self.leaders.get(&key) {
            return Ok(*leader);
        }
        let response = self.metadata(Some(&[topic])).await?;
        if let Some(topic) = response.topics.first() {
            ClientError::check(topic.error_code, None)?;
        }
        self.leaders
            .get(&key)
            .copied()
            .ok_or(ClientError::Broker { code: ErrorCode::LeaderNotAvailable, message: None })
    }

    /// Forgets what is known of leaders, after an error that says it is stale.
    pub fn forget_leaders(&mut self) {
        self.leaders.clear();
    }
}
