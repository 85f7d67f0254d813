//! OffsetFetch below version 8: one group, in fields of its own.

use broker_protocol::{
    ErrorCode,
    messages::{
        OffsetFetchRequest, OffsetFetchResponse,
        offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
        offset_fetch_response::{
            OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponseTopic,
        },
    },
};

use super::nothing;

/// Since this version there is an error for the whole answer.
const GROUP_ERROR_SINCE: i16 = 2;

/// The group that is asked for.
pub(super) fn single(request: OffsetFetchRequest) -> OffsetFetchRequestGroup {
    let topics = request.topics.map(|topics| {
        let topic = |topic: broker_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic| {
            OffsetFetchRequestTopics {
                name: topic.name,
                partition_indexes: topic.partition_indexes,
                ..Default::default()
            }
        };
        topics.into_iter().map(topic).collect()
    });
    OffsetFetchRequestGroup { group_id: request.group_id, topics, member_epoch: -1, ..Default::default() }
}

/// Its answer.
pub(super) fn single_response(
    version: i16,
    asked: &OffsetFetchRequestGroup,
    answered: OffsetFetchResponseGroup,
) -> OffsetFetchResponse {
    let tells_each = version < GROUP_ERROR_SINCE && answered.error_code != 0;
    let topics = if tells_each {
        let error = ErrorCode::from_code(answered.error_code).unwrap_or(ErrorCode::UnknownServerError);
        let topic = |topic: &OffsetFetchRequestTopics| OffsetFetchResponseTopic {
            name: topic.name.clone(),
            partitions: topic.partition_indexes.iter().map(|at| flat(nothing(*at, error))).collect(),
        };
        asked.topics.iter().flatten().map(topic).collect()
    } else {
        let topic = |topic: broker_protocol::messages::offset_fetch_response::OffsetFetchResponseTopics| {
            OffsetFetchResponseTopic {
                name: topic.name,
                partitions: topic.partitions.into_iter().map(flat).collect(),
            }
        };
        answered.topics.into_iter().map(topic).collect()
    };
    OffsetFetchResponse { topics, error_code: answered.error_code, ..Default::default() }
}

fn flat(
    partition: broker_protocol::messages::offset_fetch_response::OffsetFetchResponsePartitions,
) -> OffsetFetchResponsePartition {
    OffsetFetchResponsePartition {
        partition_index: partition.partition_index,
        committed_offset: partition.committed_offset,
        committed_leader_epoch: partition.committed_leader_epoch,
        metadata: partition.metadata,
        error_code: partition.error_code,
    }
}
