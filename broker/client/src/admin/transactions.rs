//! Transactions: which there are and where they stand, who writes to a partition, and ending those that hang (KIP-664).

use std::collections::{BTreeMap, BTreeSet};

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DescribeProducersRequest, DescribeTransactionsRequest, DescribeTransactionsResponse,
        InitProducerIdRequest, InitProducerIdResponse, ListTransactionsRequest, WriteTxnMarkersRequest,
        describe_producers_request::TopicRequest,
        describe_producers_response::ProducerState as WireProducer,
        describe_transactions_response::TransactionState,
        write_txn_markers_request::{WritableTxnMarker, WritableTxnMarkerTopic},
    },
};
use broker_types::{BrokerId, Offset, PartitionId, ProducerEpoch, ProducerId, TopicName, TopicPartition};

use super::{CHANGE_TIMEOUT, by_topic, millis, of_topic};
use crate::{Client, ClientError, CoordinatorKind, coordinator::Answers};

/// Which transactional ids are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransactionFilter {
    /// Of these producers; none: of all.
    pub producers: Vec<ProducerId>,
    /// Whose transaction goes on for longer than so many milliseconds (KIP-994).
    pub longer_than_ms: Option<i64>,
    /// Whose name fits the expression (KIP-1152).
    pub pattern: Option<String>,
}

/// A transactional id in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionListing {
    /// Who coordinates it.
    pub coordinator: BrokerId,
    /// Its name.
    pub id: String,
    /// Its producer.
    pub producer: ProducerId,
    /// Where it stands: `Empty`, `Ongoing`, `PrepareCommit`, …
    pub state: String,
}

/// A transactional id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionDescription {
    /// Who coordinates it.
    pub coordinator: BrokerId,
    /// Its producer.
    pub producer: ProducerId,
    /// The producer's epoch.
    pub epoch: ProducerEpoch,
    /// Where it stands.
    pub state: String,
    /// How long a transaction may go on, in milliseconds.
    pub timeout_ms: i32,
    /// When the transaction began that goes on, in milliseconds since 1970.
    pub start_ms: Option<i64>,
    /// What it wrote to.
    pub partitions: BTreeSet<TopicPartition>,
}

/// A producer that wrote to a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveProducer {
    /// Its id.
    pub id: ProducerId,
    /// Its epoch.
    pub epoch: i32,
    /// The epoch of the coordinator that wrote its last marker.
    pub coordinator_epoch: Option<i32>,
    /// The sequence of its last record; -1 when there is none.
    pub last_sequence: i32,
    /// The time of its last record, in milliseconds since 1970; -1 when there is none.
    pub last_timestamp_ms: i64,
    /// Where its open transaction begins.
    pub transaction_start: Option<Offset>,
}

/// What each partition's broker said of its producers.
pub type ActiveProducers = BTreeMap<TopicPartition, Result<Vec<ActiveProducer>, ClientError>>;

impl Client {
    /// The transactional ids of all coordinators.
    ///
    /// # Errors
    /// When a broker cannot be asked; `INVALID_REGULAR_EXPRESSION`.
    pub async fn list_transactions(
        &mut self,
        filter: &TransactionFilter,
    ) -> Result<Vec<TransactionListing>, ClientError> {
        let request = ListTransactionsRequest {
            state_filters: Vec::new(),
            producer_id_filters: filter.producers.iter().map(|id| id.get()).collect(),
            duration_filter: filter.longer_than_ms.unwrap_or(-1),
            transactional_id_pattern: filter.pattern.as_deref().map(Str::from),
        };
        let mut listed = Vec::new();
        for coordinator in self.broker_ids().await? {
            let response = self.broker(coordinator, &request).await?;
            ClientError::check(response.error_code, None)?;
            listed.extend(response.transaction_states.iter().map(|state| TransactionListing {
                coordinator,
                id: state.transactional_id.to_string(),
                producer: ProducerId::new(state.producer_id),
                state: state.transaction_state.to_string(),
            }));
        }
        Ok(listed)
    }

    /// Describes transactional ids.
    ///
    /// # Errors
    /// When a broker cannot be asked; what is wrong with single ids is in the answers:
    /// `TRANSACTIONAL_ID_NOT_FOUND`.
    pub async fn describe_transactions(
        &mut self,
        ids: &[&str],
    ) -> Result<BTreeMap<String, Result<TransactionDescription, ClientError>>, ClientError> {
        let ids = ids.iter().map(|id| Str::from(*id)).collect();
        let request = |transactional_ids| DescribeTransactionsRequest { transactional_ids };
        let read = |coordinator, response: DescribeTransactionsResponse| -> Answers<TransactionDescription> {
            let one =
                |state: &TransactionState| (state.transactional_id.clone(), described(coordinator, state));
            response.transaction_states.iter().map(one).collect()
        };
        let answers = self.ask_coordinators(CoordinatorKind::Transaction, ids, request, read).await?;
        Ok(answers.into_iter().map(|(id, answer)| (id.to_string(), answer)).collect())
    }

    /// The producers of partitions, as their leaders know them, or one broker that has replicas.
    ///
    /// # Errors
    /// When a broker cannot be asked; what is wrong with single partitions is in the answers.
    pub async fn describe_producers(
        &mut self,
        partitions: &[TopicPartition],
        broker: Option<BrokerId>,
    ) -> Result<ActiveProducers, ClientError> {
        let mut by_broker: BTreeMap<BrokerId, Vec<TopicPartition>> = BTreeMap::new();
        let mut answers = ActiveProducers::new();
        for at in partitions {
            let found = match broker {
                Some(id) => Ok(id),
                None => self.leader(at.topic.as_str(), at.partition).await,
            };
            match found {
                Ok(id) => by_broker.entry(id).or_default().push(at.clone()),
                Err(error @ ClientError::Broker { .. }) => drop(answers.insert(at.clone(), Err(error))),
                Err(error) => return Err(error),
            }
        }
        for (id, partitions) in by_broker {
            let topic = |(name, partition_indexes)| TopicRequest { name, partition_indexes };
            let topics = by_topic(&partitions).into_iter().map(topic).collect();
            let response = self.broker(id, &DescribeProducersRequest { topics }).await?;
            for topic in &response.topics {
                let name = TopicName::new(&topic.name);
                for partition in &topic.partitions {
                    let at = TopicPartition::new(name.clone(), PartitionId::new(partition.partition_index));
                    let checked =
                        ClientError::check(partition.error_code, partition.error_message.as_deref());
                    answers.insert(
                        at,
                        checked.map(|()| partition.active_producers.iter().map(active).collect()),
                    );
                }
            }
        }
        Ok(answers)
    }

    /// Ends the transaction of a producer in one partition by a marker of an abort, whatever its coordinator says.
    ///
    /// # Errors
    /// The leader's.
    pub async fn abort_transaction(
        &mut self,
        at: &TopicPartition,
        producer: (ProducerId, ProducerEpoch),
        coordinator_epoch: i32,
    ) -> Result<(), ClientError> {
        let topic = WritableTxnMarkerTopic {
            name: Str::from(at.topic.as_str()),
            partition_indexes: vec![at.partition.get()],
        };
        let marker = WritableTxnMarker {
            producer_id: producer.0.get(),
            producer_epoch: producer.1.get(),
            transaction_result: false,
            topics: vec![topic],
            coordinator_epoch,
            ..WritableTxnMarker::default()
        };
        let leader = self.leader(at.topic.as_str(), at.partition).await?;
        let response = self.broker(leader, &WriteTxnMarkersRequest { markers: vec![marker] }).await?;
        let mut results = response.markers.iter().flat_map(|marker| &marker.topics);
        let result = results.next().and_then(|topic| topic.partitions.first());
        match result {
            Some(result) => ClientError::check(result.error_code, None),
            None => Err(ClientError::Broker { code: ErrorCode::UnknownServerError, message: None }),
        }
    }

    /// Ends the transaction of a transactional id as its own producer would that starts anew: the one before it is
    /// fenced (KIP-939).
    ///
    /// # Errors
    /// The coordinator's.
    pub async fn terminate_transaction(&mut self, id: &str) -> Result<(), ClientError> {
        let request = InitProducerIdRequest {
            transactional_id: Some(Str::from(id)),
            transaction_timeout_ms: millis(CHANGE_TIMEOUT),
            ..InitProducerIdRequest::default()
        };
        let outcome = |response: &InitProducerIdResponse| ErrorCode::from_code(response.error_code);
        let key = (CoordinatorKind::Transaction, id);
        let response = self.ask_coordinator(key, &request, TWO_PHASES_SINCE - 1, outcome).await?;
        ClientError::check(response.error_code, None)
    }
}

/// Since this version of InitProducerId it speaks of two-phase commit, which nobody asks for here.
const TWO_PHASES_SINCE: i16 = 6;

fn described(coordinator: BrokerId, state: &TransactionState) -> Result<TransactionDescription, ClientError> {
    ClientError::check(state.error_code, None)?;
    let mut partitions = BTreeSet::new();
    for topic in &state.topics {
        partitions.extend(of_topic(&topic.topic, &topic.partitions));
    }
    Ok(TransactionDescription {
        coordinator,
        producer: ProducerId::new(state.producer_id),
        epoch: ProducerEpoch::new(state.producer_epoch),
        state: state.transaction_state.to_string(),
        timeout_ms: state.transaction_timeout_ms,
        start_ms: Some(state.transaction_start_time_ms).filter(|start| *start >= 0),
        partitions,
    })
}

fn active(producer: &WireProducer) -> ActiveProducer {
    ActiveProducer {
        id: ProducerId::new(producer.producer_id),
        epoch: producer.producer_epoch,
        coordinator_epoch: Some(producer.coordinator_epoch).filter(|epoch| *epoch >= 0),
        last_sequence: producer.last_sequence,
        last_timestamp_ms: producer.last_timestamp,
        transaction_start: Offset::from_wire(producer.current_txn_start_offset),
    }
}
