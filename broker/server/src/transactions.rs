//! The transactional ids that this broker coordinates, and the way to them for the APIs.
//!
//! ```text
//! EndTxn ─► shard: Prepare… ─► markers: one outbox for each leader ─► WriteTxnMarkers, or write: partitions led here
//!             ▲                                                            │
//!             └──────────────────── MarkersWritten ◄───────────────────────┘
//!                                        └─► completions ─► who begins the next transaction here
//! Produce, TxnOffsetCommit ─► verify: one queue for each coordinator ─► AddPartitionsToTxn ─► shard
//! ```
//!
//! What decides is `broker_txn`; what keeps it in a partition of `__transaction_state` is `coordinators`.

mod ask;
mod completions;
mod markers;
mod shard;
mod verify;
mod write;

use broker_protocol::{ErrorCode, Str};
use broker_types::{BrokerId, PartitionId, TransactionalId};

pub(crate) use self::{
    ask::{Adding, add_partitions, begin_add, describe, end, init_producer_id},
    markers::Markers,
    verify::{Asker, Refusals, Verification, Verifier, verify},
    write::{EndAt, write},
};
use crate::{
    broker::Broker,
    coordinators::{Coordinators, partition_of},
};

/// Where transactional ids are kept.
pub(crate) const TRANSACTION_TOPIC: &str = "__transaction_state";

/// The shards of this broker.
pub(crate) type Transactions = Coordinators<broker_txn::TransactionCoordinator>;

impl Broker {
    /// The partition that keeps a transactional id, and who leads it; `None` while nobody does.
    pub(crate) fn coordinator_of_transaction(&self, id: &str) -> Option<(PartitionId, BrokerId)> {
        let image = self.image();
        let topic = image.topics().find(TRANSACTION_TOPIC)?;
        let index = partition_of(id, i32::try_from(topic.partitions().size()).ok()?)?;
        Some((index, topic.partition(index)?.leader?))
    }

    /// The partition that keeps a transactional id; `None` while the topic is not there.
    pub(crate) fn partition_of_transaction(&self, id: &str) -> Option<PartitionId> {
        let image = self.image();
        let partitions = image.topics().find(TRANSACTION_TOPIC)?.partitions().size();
        partition_of(id, i32::try_from(partitions).ok()?)
    }
}

/// A transactional id by its name on the wire.
pub(crate) fn transactional_id(name: &Str) -> TransactionalId {
    TransactionalId::new(name)
}

/// Clients that are older than PRODUCER_FENCED know another code for it.
pub(crate) fn fenced_below(version: i16, since: i16, error: ErrorCode) -> ErrorCode {
    if error == ErrorCode::ProducerFenced && version < since {
        ErrorCode::InvalidProducerEpoch
    } else {
        error
    }
}
