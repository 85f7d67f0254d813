//! What goes over the network.

use broker_group as group;
use broker_txn as txn;
use broker_types::{Offset, Producer, Sequence, TransactionResult, TransactionVersion, TransactionalId};
use bytes::Bytes;

/// Who asks, and what the answer is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// A client, by one of its connections.
    Client { client: usize, life: u32, lane: usize, call: u64 },
    /// A node.
    Node { node: usize, life: u32, call: u64 },
    /// The node itself, which waits for markers.
    Shell,
    /// The node itself, which waits for nothing.
    Nobody,
}

/// A request.
#[derive(Clone, Debug)]
pub(super) enum Ask {
    Group {
        part: usize,
        request: Box<group::Request>,
    },
    /// Offsets of a transaction: verified first.
    Offsets {
        part: usize,
        request: Box<group::TxnOffsetCommit>,
        of: Of,
    },
    Txn {
        part: usize,
        request: Box<txn::Request>,
    },
    Produce(Produce),
    Fetch {
        part: usize,
        from: Offset,
        is_committed: bool,
    },
    Mark {
        part: usize,
        marker: Mark,
    },
}

/// Whose transaction, and how its client speaks.
#[derive(Clone, Debug)]
pub(super) struct Of {
    pub(super) id: TransactionalId,
    pub(super) version: TransactionVersion,
}

/// A batch of a producer.
#[derive(Clone, Debug)]
pub(super) struct Produce {
    pub(super) part: usize,
    pub(super) bytes: Bytes,
    pub(super) producer: Producer,
    pub(super) first: Sequence,
    pub(super) of: Option<Of>,
}

/// A transaction marker for one partition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) producer: Producer,
    pub(super) result: TransactionResult,
    pub(super) coordinator_epoch: i32,
    pub(super) version: TransactionVersion,
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Group(Box<group::Response>),
    Txn(Box<txn::Response>),
    Produced(Result<Offset, ProduceError>),
    /// Offsets of a transaction were not verified.
    Unverified(txn::TxnError),
    Fetched(Fetched),
    /// The marker is written, or refused for good.
    Marked {
        is_written: bool,
    },
    /// Not here.
    Elsewhere,
    /// Not now.
    Unavailable,
}

/// Why a batch is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProduceError {
    OutOfOrder,
    Fenced,
    /// Not in the transaction.
    Invalid,
    Txn(txn::TxnError),
}

/// What was read.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    pub(super) bytes: Bytes,
    /// Producer and first offset of what was aborted.
    pub(super) aborted: Vec<(i64, i64)>,
}
