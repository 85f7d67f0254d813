//! Where partitions start and end, and which offset a time has.

use broker_protocol::{
    ErrorCode, Str,
    messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic},
};
use broker_types::{Offset, PartitionId, Timestamp};

use crate::{client::Client, error::ClientError};

/// Which offset is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetSpec {
    /// The first record that is kept.
    Earliest,
    /// Where the next record will be.
    Latest,
    /// The record with the largest timestamp.
    MaxTimestamp,
    /// The first record at or after a time.
    At(Timestamp),
}

impl OffsetSpec {
    pub(super) fn code(self) -> i64 {
        match self {
            Self::Latest => -1,
            Self::Earliest => -2,
            Self::MaxTimestamp => -3,
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
        let leader = self.leader(topic, partition).await?;
        let request = ListOffsetsRequest {
            replica_id: -1,
            topics: vec![ListOffsetsTopic {
                name: Str::from(topic),
                partitions: vec![ListOffsetsPartition {
                    partition_index: partition.get(),
                    timestamp: spec.code(),
                    ..ListOffsetsPartition::default()
                }],
            }],
            ..ListOffsetsRequest::default()
        };
        let response = self.broker(leader, &request).await?;
        let Some(result) = response.topics.first().and_then(|topic| topic.partitions.first()) else {
            return Err(ClientError::Broker { code: ErrorCode::UnknownServerError, message: None });
        };
        if result.error_code == ErrorCode::NotLeaderOrFollower.code() {
            self.forget_leaders();
        }
        ClientError::check(result.error_code, None)?;
        Ok(Offset::from_wire(result.offset))
    }
}
