//! AllocateProducerIds (KIP-730): blocks of ids that brokers hand out.

use broker_metadata::Image;
use broker_protocol::records::metadata::{MetadataRecord, ProducerIdsRecord};
use broker_types::{BrokerEpoch, BrokerId, ProducerId};

use crate::brokers::{StaleBroker, registered};

/// How many ids a block has.
const BLOCK: i64 = 1_000;

/// A broker asks for a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllocateProducerIds {
    /// The broker.
    pub broker: BrokerId,
    /// The epoch of its registration.
    pub epoch: BrokerEpoch,
}

/// A block of producer ids that nobody else gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerIdBlock {
    /// The first.
    pub first: ProducerId,
    /// How many.
    pub length: i32,
}

/// Why there is no block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProducerIdError {
    /// The request comes from a former life of the broker.
    #[error(transparent)]
    Stale(#[from] StaleBroker),
    /// All 63 bits are used up.
    #[error("Exhausted all producerIds as the next block's end producerId has exceeded the int64 type limit")]
    Exhausted,
}

/// Hands out the next block.
pub(crate) fn allocate(
    image: &Image,
    request: AllocateProducerIds,
) -> Result<(MetadataRecord, ProducerIdBlock), ProducerIdError> {
    registered(image, request.broker, request.epoch)?;
    let first = image.producer_ids().next().unwrap_or(ProducerId::new(0));
    let next_producer_id = first.get().checked_add(BLOCK).ok_or(ProducerIdError::Exhausted)?;
    let record = ProducerIdsRecord {
        broker_id: request.broker.get(),
        broker_epoch: request.epoch.get(),
        next_producer_id,
    };
    let length = i32::try_from(BLOCK).unwrap_or(i32::MAX);
    Ok((MetadataRecord::ProducerIds(record), ProducerIdBlock { first, length }))
}
