//! The task of one leader: it writes markers where that is this broker, and has them written elsewhere.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use broker_client::{ClientError, Connection};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        WriteTxnMarkersRequest, WriteTxnMarkersResponse,
        write_txn_markers_request::{WritableTxnMarker, WritableTxnMarkerTopic},
    },
};
use broker_txn::{MarkersWritten, Partitions};
use broker_types::{BrokerId, PartitionId, TopicName, TopicPartition, TransactionResult};
use tokio_util::sync::CancellationToken;

use super::{
    Owed,
    outbox::{Outbox, Taken},
    route, say_written,
};
use crate::{
    broker::Broker,
    coordinators::Place,
    links,
    partition::TransactionEnd,
    transactions::write::{EndAt, write},
};

/// What a leader said of the partitions of each transaction of a request.
type Codes = Vec<HashMap<TopicPartition, ErrorCode>>;

/// Serves one leader until the broker drains.
pub(super) async fn run(
    broker: Arc<Broker>,
    leader: BrokerId,
    outbox: Arc<Outbox>,
    draining: CancellationToken,
) {
    tokio::select! {
        biased;
        () = draining.cancelled() => {}
        () = serve(&broker, leader, &outbox) => {}
    }
}

async fn serve(broker: &Arc<Broker>, leader: BrokerId, outbox: &Outbox) {
    let mut connection = None;
    let mut is_cut_off = false;
    loop {
        let Taken { batch, rerouted } = outbox.take().await;
        for owed in rerouted {
            if broker.transactions.is_led(owed.place) {
                route(broker, owed);
            }
        }
        if batch.is_empty() {
            continue;
        }
        let codes = if leader == broker.id() {
            Ok(write_here(broker, &batch).await)
        } else {
            send(broker, leader, &mut connection, &batch).await
        };
        // Said once, however long it lasts.
        if let Err(error) = &codes
            && !is_cut_off
        {
            tracing::info!(%leader, %error, "a leader does not answer; the ends of transactions wait for it");
        }
        is_cut_off = codes.is_err();
        settle(broker, outbox, batch, &codes.unwrap_or_default());
    }
}

async fn write_here(broker: &Broker, batch: &[Owed]) -> Codes {
    let ends: Vec<_> = batch.iter().map(end_of).collect();
    let outcomes = write(broker, &ends, broker.settings().config.network.request_timeout).await;
    let paired = |(end, codes): (EndAt, Vec<ErrorCode>)| end.partitions.into_iter().zip(codes).collect();
    ends.into_iter().zip(outcomes).map(paired).collect()
}

fn end_of(owed: &Owed) -> EndAt {
    let markers = &owed.markers;
    let end = TransactionEnd {
        producer: markers.producer,
        result: markers.result,
        coordinator_epoch: markers.coordinator_epoch.get(),
        version: markers.client_version,
    };
    let partitions = owed.partitions.iter().map(|(topic, index)| TopicPartition::new(topic.clone(), index));
    EndAt { end, partitions: partitions.collect() }
}

async fn send(
    broker: &Broker,
    leader: BrokerId,
    connection: &mut Option<Connection>,
    batch: &[Owed],
) -> Result<Codes, ClientError> {
    let patience = broker.settings().config.network.request_timeout;
    // One that fails is not used again.
    let mut open = links::reuse_or_connect(broker, leader, connection.take(), patience).await?;
    let request = WriteTxnMarkersRequest { markers: batch.iter().map(on_the_wire).collect() };
    let response = open.send(&request).await?;
    *connection = Some(open);
    Ok(read(&response, batch))
}

fn on_the_wire(owed: &Owed) -> WritableTxnMarker {
    let markers = &owed.markers;
    let topics = owed.partitions.by_topic().map(|(name, indexes)| WritableTxnMarkerTopic {
        name: Str::from(name.as_str()),
        partition_indexes: indexes.iter().map(|index| index.get()).collect(),
    });
    WritableTxnMarker {
        producer_id: markers.producer.id.get(),
        producer_epoch: markers.producer.epoch.get(),
        transaction_result: markers.result == TransactionResult::Commit,
        topics: topics.collect(),
        coordinator_epoch: markers.coordinator_epoch.get(),
        transaction_version: i8::try_from(markers.client_version.level()).unwrap_or(0),
    }
}

fn read(response: &WriteTxnMarkersResponse, batch: &[Owed]) -> Codes {
    let mut by_producer: HashMap<i64, HashMap<_, _>> = HashMap::new();
    for result in &response.markers {
        let codes = by_producer.entry(result.producer_id).or_default();
        for topic in &result.topics {
            let name = TopicName::new(&topic.name);
            for partition in &topic.partitions {
                let at = TopicPartition::new(name.clone(), PartitionId::new(partition.partition_index));
                let code = ErrorCode::from_code(partition.error_code);
                codes.insert(at, code.unwrap_or(ErrorCode::UnknownServerError));
            }
        }
    }
    batch.iter().map(|owed| by_producer.remove(&owed.markers.producer.id.get()).unwrap_or_default()).collect()
}

/// Notes what was written, and puts back what was not. Without an answer nothing was.
fn settle(broker: &Arc<Broker>, outbox: &Outbox, batch: Vec<Owed>, codes: &Codes) {
    let mut all_written: BTreeMap<Place, Vec<MarkersWritten>> = BTreeMap::new();
    let nothing = HashMap::new();
    for (at, owed) in batch.into_iter().enumerate() {
        let codes = codes.get(at).unwrap_or(&nothing);
        let (mut written, mut again) = (Partitions::default(), Partitions::default());
        for (topic, index) in owed.partitions.iter() {
            match codes.get(&TopicPartition::new(topic.clone(), index)) {
                Some(ErrorCode::None | ErrorCode::UnsupportedForMessageFormat) => {
                    written.insert(topic, index)
                }
                Some(error @ (ErrorCode::InvalidProducerEpoch | ErrorCode::TransactionCoordinatorFenced)) => {
                    let id = owed.markers.id.as_str();
                    tracing::info!(id, ?error, "a marker is not taken: the transaction is another's by now");
                }
                // Whatever else it is passes: leaders move, replicas come back, a topic is known to be gone.
                _ => again.insert(topic, index),
            }
        }
        if !written.is_empty() {
            all_written.entry(owed.place).or_default().push(owed.written(written));
        }
        if !again.is_empty() {
            outbox.put_later(Owed { partitions: again, ..owed });
        }
    }
    for (place, written) in all_written {
        say_written(broker, place, written);
    }
}
