//! What of a Produce request belongs to a transaction: who may write it, and whether its partitions are in the
//! transaction (KIP-890).

use std::{collections::BTreeMap, pin::pin, sync::Arc};

use broker_log::VerificationGuard;
use broker_protocol::{
    ErrorCode, Records, Str,
    messages::{ProduceRequest, produce_request::PartitionProduceData},
};
use broker_records::BatchHeader;
use broker_txn::Partitions;
use broker_types::{
    Now, PartitionId, Producer, Sequence, TopicId, TopicName, TopicPartition, TransactionVersion,
};

use super::TOPIC_IDS_SINCE;
use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    errors,
    partition::ProduceError,
    partitions::HostedTopic,
    transactions::{self, Asker, Refusals, Verification, verify},
};

/// Since this version clients know TRANSACTION_ABORTABLE.
const ABORTABLE_SINCE: i16 = 11;
/// Since this version a leader takes its partition into the transaction.
const ADDS_SINCE: i16 = 12;

/// Which topic and which partition of the request.
pub(super) type Place = (usize, usize);

/// What is known of a request's transaction before anything is appended. Empty for whoever has none.
#[derive(Debug, Default)]
pub(super) struct Begun {
    guards: BTreeMap<Place, VerificationGuard>,
    refusals: BTreeMap<Place, Refusal>,
}

/// Why a partition may not be written to.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) code: ErrorCode,
    pub(super) message: Option<Str>,
}

impl Begun {
    pub(super) fn guard(&self, place: Place) -> Option<VerificationGuard> {
        self.guards.get(&place).copied()
    }

    pub(super) fn refusal(&self, place: Place) -> Option<&Refusal> {
        self.refusals.get(&place)
    }
}

/// Whether any batch says that it belongs to a transaction: a look at one byte of each.
pub(super) fn has_any(request: &ProduceRequest) -> bool {
    let mut all = request.topic_data.iter().flat_map(|topic| &topic.partition_data);
    all.any(|data| bytes_of(data).is_some_and(is_transactional))
}

/// Asks for what must be asked for. An error is that of the whole request.
pub(super) async fn begin(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: &ProduceRequest,
    now: Now,
) -> Result<Begun, ErrorCode> {
    let id = request
        .transactional_id
        .as_ref()
        .filter(|id| broker.authorizer().allows(context, Operation::Write, Resource::TransactionalId(id)));
    let id = id.ok_or(ErrorCode::TransactionalIdAuthorizationFailed)?;
    let adds = context.api_version >= ADDS_SINCE;
    let version = if adds { TransactionVersion::V2 } else { TransactionVersion::V0 };
    let (mut begun, mut asked) = (Begun::default(), BTreeMap::new());
    let mut producer = None;
    for (place, topic, partition, header) in found(broker, context, request) {
        let own = header.producer_and_epoch().map(|(id, epoch)| Producer { id, epoch });
        let Some(own) = own.filter(|_| header.attributes.is_transactional()) else { continue };
        if *producer.get_or_insert(own) != own {
            return Err(ErrorCode::InvalidProducerIdMapping);
        }
        let partition = topic.as_ref().and_then(|topic| topic.partition(partition));
        let Some(partition) = partition else { continue };
        let first = Sequence::from_wire(header.base_sequence);
        match partition.begin_verification(own, first, version, now) {
            Ok(Some(guard)) => {
                begun.guards.insert(place, guard);
                asked.insert(partition.id().clone(), place);
            }
            Ok(None) => {}
            Err(error @ ProduceError::Append(_)) => {
                begun.refusals.insert(place, refusal(errors::of_produce(&error)));
            }
            // It is told when it is appended.
            Err(_) => {}
        }
    }
    let Some(producer) = producer.filter(|_| !asked.is_empty()) else { return Ok(begun) };
    let id = transactions::transactional_id(id);
    let partitions = asked.keys().cloned().collect();
    let verification = Verification { id, producer, partitions, verify_only: !adds };
    let asker = Asker { knows_abortable: context.api_version >= ABORTABLE_SINCE };
    for (partition, error) in ask(broker, verification).await {
        if let Some(place) = asked.get(&partition) {
            begun.refusals.insert(*place, refusal(asker.code(error)));
        }
    }
    Ok(begun)
}

/// Asks again for a while where the transaction before is still being ended, which takes a moment: as soon as that is
/// done, where this broker coordinates it, and after a pause where it does not hear of it.
async fn ask(broker: &Arc<Broker>, mut verification: Verification) -> Vec<(TopicPartition, ErrorCode)> {
    let transactions = &broker.settings().config.transactions;
    let (patience, pause) = (transactions.add_retry_max, transactions.add_retry_pause);
    let (mut refused, mut again) = (Vec::new(), Partitions::default());
    sort(verify(broker, verification.clone()).await, &mut refused, &mut again);
    if !again.is_empty() && !verification.verify_only {
        let until = broker.clock().mono().plus(patience);
        let waiting = broker.markers.completions.wait_for(&verification.id);
        loop {
            // Listening begins before the question: what is told between the two is heard.
            let mut news = pin!(waiting.news());
            news.as_mut().enable();
            verification.partitions = std::mem::take(&mut again);
            sort(verify(broker, verification.clone()).await, &mut refused, &mut again);
            if again.is_empty() || broker.clock().mono() >= until {
                break;
            }
            tokio::select! {
                biased;
                () = news => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
    let late = |(topic, index): (&TopicName, _)| TopicPartition::new(topic.clone(), index);
    refused.extend(again.iter().map(late).map(|at| (at, ErrorCode::ConcurrentTransactions)));
    refused
}

/// Sorts by whether it is worth asking again.
fn sort(refusals: Refusals, refused: &mut Vec<(TopicPartition, ErrorCode)>, again: &mut Partitions) {
    for (at, error) in refusals {
        match error {
            ErrorCode::ConcurrentTransactions => again.insert(&at.topic, at.partition),
            error => refused.push((at, error)),
        }
    }
}

/// Clients of before KIP-890 may not try again after errors of a coordinator that they did not ask: theirs is one that
/// makes them try again, and not look for another leader.
fn refusal(code: ErrorCode) -> Refusal {
    match code {
        ErrorCode::InvalidTxnState => {
            Refusal { code, message: Some(Str::from_static("Partition was not added to the transaction")) }
        }
        ErrorCode::ConcurrentTransactions
        | ErrorCode::NetworkException
        | ErrorCode::CoordinatorLoadInProgress
        | ErrorCode::CoordinatorNotAvailable
        | ErrorCode::NotCoordinator => {
            let message = format!(
                "Unable to verify the partition has been added to the transaction. Underlying error: {}",
                code.name()
            );
            Refusal { code: ErrorCode::NotEnoughReplicas, message: Some(Str::from(message)) }
        }
        code => Refusal { code, message: None },
    }
}

type Found = (Place, Option<Arc<HostedTopic>>, PartitionId, BatchHeader);

/// The first batch of each partition whose topic may be written to.
fn found<'a>(
    broker: &'a Broker,
    context: &'a RequestContext,
    request: &'a ProduceRequest,
) -> impl Iterator<Item = Found> + 'a {
    let by_id = context.api_version >= TOPIC_IDS_SINCE;
    request.topic_data.iter().enumerate().flat_map(move |(topic_at, topic)| {
        let hosted = if by_id {
            TopicId::from_wire(topic.topic_id).and_then(|id| broker.partitions().topic_by_id(id))
        } else {
            broker.partitions().topic(&topic.name)
        };
        let named = hosted.as_ref().map_or(topic.name.as_str(), |hosted| hosted.name().as_str());
        let hosted = hosted
            .clone()
            .filter(|_| broker.authorizer().allows(context, Operation::Write, Resource::Topic(named)));
        topic.partition_data.iter().enumerate().filter_map(move |(at, data)| {
            let header = BatchHeader::parse(bytes_of(data)?).ok()?;
            Some(((topic_at, at), hosted.clone(), PartitionId::new(data.index), header))
        })
    })
}

fn bytes_of(data: &PartitionProduceData) -> Option<&[u8]> {
    match data.records.as_ref()? {
        Records::Bytes(bytes) => Some(bytes),
        Records::Elsewhere { .. } => None,
    }
}

/// By the place of the attributes in a batch of the present format.
fn is_transactional(batch: &[u8]) -> bool {
    const MAGIC_AT: usize = 16;
    const ATTRIBUTES_LOW_AT: usize = 22;
    const TRANSACTIONAL: u8 = 1 << 4;
    batch.get(MAGIC_AT) == Some(&2)
        && batch.get(ATTRIBUTES_LOW_AT).is_some_and(|attributes| attributes & TRANSACTIONAL != 0)
}
