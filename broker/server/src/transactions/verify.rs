//! Leaders ask the coordinator of a transaction before it begins in one of their partitions (KIP-890): whether the partition
//! is in the transaction, or, for clients that leave it to the leader, to take it in.
//!
//! One task for each broker that coordinates asks for all that wait, in one request. Invariant: a queue is bounded; whoever
//! asks more waits with its connection.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    sync::Arc,
};

use broker_client::{ClientError, Connection};
use broker_protocol::{
    ApiKey, ErrorCode, Str,
    messages::{
        AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
        add_partitions_to_txn_request::{AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction},
    },
};
use broker_txn::{AddPartitions, Partitions};
use broker_types::{
    BrokerId, PartitionId, Producer, TopicName, TopicPartition, TransactionVersion, TransactionalId,
};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::add_partitions;
use crate::{broker::Broker, links, tasks::TaskKind};

/// How many transactions wait for one coordinator's broker at most.
const QUEUE_MAX: usize = 1_000;
/// Since this version the request is of brokers, and of many transactions.
const BATCHED_SINCE: i16 = 4;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verification {
    pub(crate) id: TransactionalId,
    pub(crate) producer: Producer,
    pub(crate) partitions: Partitions,
    /// Only whether they are in the transaction; else they are taken in.
    pub(crate) verify_only: bool,
}

/// The partitions that may not be written to, with Kafka's code; all others may.
pub(crate) type Refusals = HashMap<TopicPartition, ErrorCode>;

/// What the client understands that a leader asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker {
    pub(crate) knows_abortable: bool,
}

impl Asker {
    /// The code that the client is told.
    pub(crate) const fn code(self, error: ErrorCode) -> ErrorCode {
        match error {
            ErrorCode::ProducerFenced => ErrorCode::InvalidProducerEpoch,
            ErrorCode::TransactionAbortable if !self.knows_abortable => ErrorCode::InvalidTxnState,
            other => other,
        }
    }
}

/// The queues, one for each broker that coordinates.
#[derive(Debug, Default)]
pub(crate) struct Verifier {
    queues: Mutex<BTreeMap<BrokerId, mpsc::Sender<Queued>>>,
}

#[derive(Debug)]
struct Queued {
    verification: Verification,
    reply: oneshot::Sender<Refusals>,
}

/// Asks the coordinator, wherever it is.
pub(crate) async fn verify(broker: &Arc<Broker>, verification: Verification) -> Refusals {
    let Some((_, coordinator)) = broker.coordinator_of_transaction(verification.id.as_str()) else {
        return verification.all(ErrorCode::CoordinatorNotAvailable);
    };
    if coordinator == broker.id() {
        return ask_here(broker, verification).await;
    }
    let lost = verification.all(ErrorCode::NetworkException);
    let (reply, answer) = oneshot::channel();
    let queue = queue(broker, coordinator);
    if queue.send(Queued { verification, reply }).await.is_err() {
        return lost;
    }
    answer.await.unwrap_or(lost)
}

async fn ask_here(broker: &Broker, verification: Verification) -> Refusals {
    let Verification { id, producer, partitions, verify_only } = verification.clone();
    let add = AddPartitions { id, producer, partitions, client_version: TransactionVersion::V2 };
    match add_partitions(broker, add, verify_only).await {
        Ok(missing) => missing.into_iter().map(|at| (at, ErrorCode::TransactionAbortable)).collect(),
        Err(error) => verification.all(error),
    }
}

fn queue(broker: &Arc<Broker>, coordinator: BrokerId) -> mpsc::Sender<Queued> {
    let mut queues = broker.verifier.queues.lock();
    let queue = queues.entry(coordinator).or_insert_with(|| {
        let (queue, asked) = mpsc::channel(QUEUE_MAX);
        let task = run(Arc::clone(broker), coordinator, asked, broker.tasks().draining());
        broker.tasks().spawn(TaskKind::Verifier, task);
        queue
    });
    queue.clone()
}

async fn run(
    broker: Arc<Broker>,
    coordinator: BrokerId,
    asked: mpsc::Receiver<Queued>,
    draining: CancellationToken,
) {
    tokio::select! {
        biased;
        () = draining.cancelled() => {}
        () = serve(&broker, coordinator, asked) => {}
    }
}

async fn serve(broker: &Broker, coordinator: BrokerId, mut asked: mpsc::Receiver<Queued>) {
    let mut connection = None;
    let mut waiting = VecDeque::new();
    loop {
        if waiting.is_empty() {
            let Some(first) = asked.recv().await else { return };
            waiting.push_back(first);
        }
        while waiting.len() < QUEUE_MAX
            && let Ok(next) = asked.try_recv()
        {
            waiting.push_back(next);
        }
        // The answer names transactions, so a request has each once.
        let mut named = HashSet::new();
        let (batch, rest): (Vec<_>, Vec<_>) =
            waiting.drain(..).partition(|queued| named.insert(queued.verification.id.clone()));
        waiting.extend(rest);
        let answered = send(broker, coordinator, &mut connection, &batch).await;
        if let Err(error) = &answered {
            tracing::info!(%coordinator, %error, "a coordinator of transactions does not answer");
        }
        for (at, Queued { verification, reply }) in batch.into_iter().enumerate() {
            let refusals = match &answered {
                Ok(Ok(refusals)) => {
                    let lost = || verification.all(ErrorCode::NetworkException);
                    refusals.get(at).cloned().flatten().unwrap_or_else(lost)
                }
                Ok(Err(error)) => verification.all(*error),
                Err(_) => verification.all(ErrorCode::NetworkException),
            };
            // Whoever asked may be gone: a closed connection.
            let _ = reply.send(refusals);
        }
    }
}

/// Gives the answer of each transaction, or that of all.
async fn send(
    broker: &Broker,
    coordinator: BrokerId,
    connection: &mut Option<Connection>,
    batch: &[Queued],
) -> Result<Result<Vec<Option<Refusals>>, ErrorCode>, ClientError> {
    let patience = broker.settings().config.network.request_timeout;
    // One that fails is not used again.
    let mut open = links::reuse_or_connect(broker, coordinator, connection.take(), patience).await?;
    if open.version(ApiKey::AddPartitionsToTxn).is_none_or(|version| version < BATCHED_SINCE) {
        // An older broker cannot be asked; as in Kafka its transactions begin unverified.
        *connection = Some(open);
        return Ok(Ok(vec![Some(Refusals::new()); batch.len()]));
    }
    let transactions = batch.iter().map(|queued| queued.verification.on_the_wire()).collect();
    let request = AddPartitionsToTxnRequest { transactions, ..AddPartitionsToTxnRequest::default() };
    let response = open.send(&request).await?;
    *connection = Some(open);
    Ok(read(&response, batch))
}

fn read(response: &AddPartitionsToTxnResponse, batch: &[Queued]) -> Result<Vec<Option<Refusals>>, ErrorCode> {
    let code = |code| ErrorCode::from_code(code).unwrap_or(ErrorCode::UnknownServerError);
    match code(response.error_code) {
        ErrorCode::None => {}
        // Clients know nothing of what brokers may do among themselves.
        ErrorCode::ClusterAuthorizationFailed => return Err(ErrorCode::InvalidTxnState),
        error => return Err(error),
    }
    let mut by_id: HashMap<&str, Refusals> = HashMap::new();
    for result in &response.results_by_transaction {
        let refusals = by_id.entry(&result.transactional_id).or_default();
        for topic in &result.topic_results {
            let name = TopicName::new(&topic.name);
            for partition in topic.results_by_partition.iter().filter(|one| one.partition_error_code != 0) {
                let at = TopicPartition::new(name.clone(), PartitionId::new(partition.partition_index));
                refusals.insert(at, code(partition.partition_error_code));
            }
        }
    }
    Ok(batch.iter().map(|queued| by_id.remove(queued.verification.id.as_str())).collect())
}

impl Verification {
    fn all(&self, error: ErrorCode) -> Refusals {
        let all = self.partitions.iter();
        all.map(|(topic, index)| (TopicPartition::new(topic.clone(), index), error)).collect()
    }

    fn on_the_wire(&self) -> AddPartitionsToTxnTransaction {
        let topics = self.partitions.by_topic().map(|(name, indexes)| AddPartitionsToTxnTopic {
            name: Str::from(name.as_str()),
            partitions: indexes.iter().map(|index| index.get()).collect(),
        });
        AddPartitionsToTxnTransaction {
            transactional_id: Str::from(self.id.as_str()),
            producer_id: self.producer.id.get(),
            producer_epoch: self.producer.epoch.get(),
            verify_only: self.verify_only,
            topics: topics.collect(),
        }
    }
}
