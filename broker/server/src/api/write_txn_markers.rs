//! WriteTxnMarkers: a coordinator of transactions, or an administrator, has transactions ended in partitions that are led
//! here.

use std::sync::Arc;

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        WriteTxnMarkersRequest, WriteTxnMarkersResponse,
        write_txn_markers_request::WritableTxnMarker,
        write_txn_markers_response::{
            WritableTxnMarkerPartitionResult, WritableTxnMarkerResult, WritableTxnMarkerTopicResult,
        },
    },
};
use broker_types::{
    PartitionId, Producer, ProducerEpoch, ProducerId, TopicName, TopicPartition, TransactionResult,
    TransactionVersion,
};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    partition::TransactionEnd,
    transactions::{self, EndAt},
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: WriteTxnMarkersRequest,
) -> WriteTxnMarkersResponse {
    let allows = |operation| broker.authorizer().allows(context, operation, Resource::Cluster);
    let ends: Vec<_> = request.markers.iter().map(translate).collect();
    let codes = if allows(Operation::Alter) || allows(Operation::ClusterAction) {
        let timeout = broker.settings().config.network.request_timeout;
        transactions::write(broker, &ends, timeout).await
    } else {
        ends.iter().map(|end| vec![ErrorCode::ClusterAuthorizationFailed; end.partitions.len()]).collect()
    };
    let mut response = WriteTxnMarkersResponse::default();
    for (marker, codes) in request.markers.iter().zip(codes) {
        merge(&mut response, marker, codes);
    }
    response
}

fn translate(marker: &WritableTxnMarker) -> EndAt {
    let end = TransactionEnd {
        producer: Producer {
            id: ProducerId::new(marker.producer_id),
            epoch: ProducerEpoch::new(marker.producer_epoch),
        },
        result: if marker.transaction_result { TransactionResult::Commit } else { TransactionResult::Abort },
        coordinator_epoch: marker.coordinator_epoch,
        version: TransactionVersion::from_level(marker.transaction_version.into()).unwrap_or_default(),
    };
    let partitions = marker.topics.iter().flat_map(|topic| {
        let name = TopicName::new(&topic.name);
        let at = move |index: &i32| TopicPartition::new(name.clone(), PartitionId::new(*index));
        topic.partition_indexes.iter().map(at)
    });
    EndAt { end, partitions: partitions.collect() }
}

/// Answers name a producer once, and in it a topic once.
fn merge(response: &mut WriteTxnMarkersResponse, marker: &WritableTxnMarker, codes: Vec<ErrorCode>) {
    let mut codes = codes.into_iter();
    let known = response.markers.iter().position(|one| one.producer_id == marker.producer_id);
    let at = known.unwrap_or(response.markers.len());
    if known.is_none() {
        let producer_id = marker.producer_id;
        response.markers.push(WritableTxnMarkerResult { producer_id, topics: Vec::new() });
    }
    let Some(result) = response.markers.get_mut(at) else { return };
    for topic in &marker.topics {
        let partitions = topic.partition_indexes.iter().zip(&mut codes).map(|(index, code)| {
            WritableTxnMarkerPartitionResult { partition_index: *index, error_code: code.code() }
        });
        let partitions: Vec<_> = partitions.collect();
        match result.topics.iter_mut().find(|known| known.name == topic.name) {
            Some(known) => known.partitions.extend(partitions),
            None => result.topics.push(topic_result(topic.name.clone(), partitions)),
        }
    }
}

fn topic_result(
    name: Str,
    partitions: Vec<WritableTxnMarkerPartitionResult>,
) -> WritableTxnMarkerTopicResult {
    WritableTxnMarkerTopicResult { name, partitions }
}
