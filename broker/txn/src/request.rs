//! What the coordinator is asked. The shell authorizes, and translates versions and sentinels.

use alloc::vec::Vec;
use core::time::Duration;

use broker_protocol::Str;
use broker_types::{
    LeaderEpoch, Producer, ProducerId, TransactionResult, TransactionVersion, TransactionalId,
};

use crate::{MarkerNumber, Partitions};

/// A request to a shard. Each is answered by the [`crate::Response`] of the same name.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Become the producer of a transactional id; whoever was it before is fenced.
    InitProducerId(InitProducerId),
    /// Take partitions into the transaction, which begins with the first. `AddPartitionsToTxn` asks once for each
    /// of its transactions; `AddOffsetsToTxn` asks for the group's partition of `__consumer_offsets`.
    AddPartitions(AddPartitions),
    /// Say whether partitions are in the transaction (KIP-890): `AddPartitionsToTxn` with `verifyOnly`.
    VerifyPartitions(AddPartitions),
    /// Commit or abort.
    EndTransaction(EndTransaction),
    /// Describe transactional ids.
    Describe(Vec<TransactionalId>),
    /// List the transactional ids of this shard.
    List(ListTransactions),
    /// Say which markers are to be written. The reply is kept until there are some; of two that wait, the first is
    /// answered with none. Asked by the broker itself.
    AwaitMarkers(AwaitMarkers),
    /// Markers are written. Asked by the broker itself.
    MarkersWritten(MarkersWritten),
}

/// `InitProducerId` with a transactional id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitProducerId {
    /// The transactional id.
    pub id: TransactionalId,
    /// How long a transaction may take; zero for what the wire has as zero or less.
    pub timeout: Duration,
    /// Who asks to go on after an error (KIP-360), from version 3 on.
    pub expected: Option<Producer>,
    /// Two-phase commit, from version 6 on (KIP-939): transactions without a timeout.
    pub two_phase_commit: bool,
    /// Keep what is prepared, from version 6 on (KIP-939).
    pub keep_prepared: bool,
    /// A producer id that nobody has.
    pub spare: Option<ProducerId>,
}

/// `AddPartitionsToTxn` of one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddPartitions {
    /// The transactional id.
    pub id: TransactionalId,
    /// Who asks.
    pub producer: Producer,
    /// What it writes to.
    pub partitions: Partitions,
    /// 2 from version 4 on; 0 below, and always for `AddOffsetsToTxn`.
    pub client_version: TransactionVersion,
}

/// `EndTxn`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndTransaction {
    /// The transactional id.
    pub id: TransactionalId,
    /// Who asks.
    pub producer: Producer,
    /// How it ends.
    pub result: TransactionResult,
    /// 2 from version 5 on, 0 below.
    pub client_version: TransactionVersion,
    /// A producer id that nobody has; only needed when the producer's epochs are exhausted.
    pub spare: Option<ProducerId>,
}

/// `ListTransactions`. The pattern of version 2 is the shell's matter: it matches the ids listed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ListTransactions {
    /// Names of states, whether there are such or not; all when empty.
    pub states: Vec<Str>,
    /// All when empty.
    pub producer_ids: Vec<ProducerId>,
    /// Only transactions that began longer ago; `None` for the wire's negative numbers.
    pub longer_than: Option<Duration>,
}

/// The markers that this node has heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AwaitMarkers {
    /// The epoch in which this node leads the shard: the coordinator epoch of the markers.
    pub epoch: LeaderEpoch,
    /// The last markers heard of in this epoch.
    pub after: Option<MarkerNumber>,
}

/// Partitions of one transaction that have their markers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkersWritten {
    /// The markers.
    pub number: MarkerNumber,
    /// Their coordinator epoch: those of another are passed by.
    pub epoch: LeaderEpoch,
    /// Whose.
    pub id: TransactionalId,
    /// Where they are written.
    pub partitions: Partitions,
}
