//! What travels between nodes and clients.

use std::sync::Arc;

use broker_controller::{Request, Response};
use broker_node::fetcher::{Answer as FetchAnswer, Key, LogBounds, Request as FetchRequest};
use broker_raft as raft;
use broker_types::{BrokerEpoch, BrokerId, LeaderEpoch};

use super::{
    log::Record,
    metadata_log::{Batch, SnapshotFile},
};

/// Who asks, and where the answer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Caller {
    pub(super) from: usize,
    pub(super) life: u32,
    pub(super) call: u64,
}

/// Bytes beside an answer of the quorum.
#[derive(Clone, Debug)]
pub(super) enum Payload {
    None,
    Batches(Vec<Arc<Batch>>),
    Chunk { file: Arc<SnapshotFile>, length: u64 },
}

/// Why a produce request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProduceError {
    NotLeader,
    NotEnoughReplicas,
    TimedOut,
    DiskFull,
    OutOfOrder,
}

/// A request or an answer.
#[derive(Clone, Debug)]
pub(super) enum Body {
    Raft(raft::Request),
    RaftAnswer(raft::Answer, Payload),
    Ask(Box<Request>),
    /// `None`: not the active controller, or no longer.
    Told(Option<Box<Response>>),
    Fetch {
        replica: BrokerId,
        epoch: Option<BrokerEpoch>,
        request: FetchRequest,
    },
    Fetched {
        answer: FetchAnswer,
        records: Vec<Vec<Record>>,
    },
    Bounds {
        key: Key,
        epoch: LeaderEpoch,
    },
    BoundsAre(Option<LogBounds>),
    Produce {
        key: Key,
        producer: u64,
        sequence: u32,
        value: u64,
    },
    Produced(Result<i64, ProduceError>),
    Read {
        key: Key,
        from: i64,
    },
    /// The records, and the high watermark.
    ReadAnswer(Option<(Vec<Record>, i64)>),
    WhoLeads,
    /// Every partition's leader, and the active controller, as the node knows them.
    Leaders {
        leaders: Vec<(Key, Option<BrokerId>)>,
        controller: Option<BrokerId>,
    },
}

/// A message on its way.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) to: usize,
    pub(super) sender: usize,
    pub(super) caller: Caller,
    pub(super) is_answer: bool,
    pub(super) body: Body,
}
