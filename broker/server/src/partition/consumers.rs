//! What consumers read: from the leader, or from a replica that follows (KIP-392).
//!
//! Invariant: nobody reads past the high watermark that this replica knows, which on one that follows is behind the
//! leader's. An offset between it and the end of the log is no error: the records are there, and will be committed.

use broker_log::{AbortedTxn, EpochEnd, ReadError, ReadSlice};
use broker_types::{BrokerId, LeaderEpoch, Offset};
use parking_lot::{MappedMutexGuard, MutexGuard};

use super::{Bounds, FetchError, Isolation, Partition, State, bounds};

/// Who may answer a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answering {
    /// The leader only.
    Leader,
    /// Any replica.
    Any,
}

/// What a consumer asks for.
#[derive(Clone, Copy)]
pub(crate) struct ConsumerRead<'a> {
    pub(crate) offset: Offset,
    /// The leadership that it knows.
    pub(crate) known_epoch: Option<LeaderEpoch>,
    /// The epoch of the last record that it read (KIP-320).
    pub(crate) last_fetched_epoch: Option<LeaderEpoch>,
    pub(crate) isolation: Isolation,
    pub(crate) answering: Answering,
    /// Which brokers are near to it, if it says where it is: it is sent to one of them, where that is better.
    pub(crate) is_near: Option<&'a dyn Fn(BrokerId) -> bool>,
    pub(crate) bytes_max: u32,
    /// The first batch comes whole, however large.
    pub(crate) min_one: bool,
}

/// What it gets.
#[derive(Debug)]
pub(crate) struct ConsumerSlice {
    pub(crate) slice: ReadSlice,
    pub(crate) bounds: Bounds,
    /// Where it asks for committed records.
    pub(crate) aborted: Option<Vec<AbortedTxn>>,
    /// What it read went another way than this log; nothing is read then.
    pub(crate) diverging: Option<EpochEnd>,
    /// Where it had better read; nothing is read then.
    pub(crate) preferred: Option<BrokerId>,
}

impl Partition {
    /// Plans a read for a consumer.
    pub(crate) fn plan_read(&self, read: &ConsumerRead<'_>) -> Result<ConsumerSlice, FetchError> {
        let state = self.lock_as(read.answering, read.known_epoch)?;
        let bounds = bounds(&state);
        let nothing = |preferred, diverging| {
            let slice = ReadSlice::empty(read.offset);
            ConsumerSlice { slice, bounds, aborted: None, diverging, preferred }
        };
        let preferred = read.is_near.and_then(|near| state.replica.preferred_reader(read.offset, near));
        if preferred.is_some() {
            return Ok(nothing(preferred, None));
        }
        if let Some(end) = diverging(&state, read) {
            return Ok(nothing(None, Some(end)));
        }
        let end = read.isolation.end(&bounds);
        let slice = state.log.read(read.offset, read.bytes_max, end, read.min_one)?;
        let aborted = match read.isolation {
            Isolation::ReadUncommitted | Isolation::LogEnd => None,
            Isolation::ReadCommitted if slice.is_empty() => Some(Vec::new()),
            Isolation::ReadCommitted => {
                let aborted = state.log.aborted_transactions_in(read.offset, &slice);
                Some(aborted.map_err(ReadError::from)?)
            }
        };
        Ok(ConsumerSlice { slice, bounds, aborted, diverging: None, preferred: None })
    }

    /// Locks for a reader, as Kafka in this order: offline, another epoch than the reader knows, not led here.
    pub(super) fn lock_as(
        &self,
        answering: Answering,
        known_epoch: Option<LeaderEpoch>,
    ) -> Result<MappedMutexGuard<'_, State>, FetchError> {
        self.check_online().map_err(|()| FetchError::Offline)?;
        let state =
            MutexGuard::try_map(self.state.lock(), Option::as_mut).map_err(|_| FetchError::NotLeader)?;
        let present = state.replica.epoch().ok_or(FetchError::NotLeader)?;
        match known_epoch {
            Some(given) if given < present => return Err(FetchError::FencedEpoch { given, present }),
            Some(given) if given > present => return Err(FetchError::UnknownEpoch { given, present }),
            _ => {}
        }
        match answering {
            Answering::Leader if state.replica.leads().is_none() => Err(FetchError::NotLeader),
            Answering::Leader | Answering::Any => Ok(state),
        }
    }
}

/// Whether the epoch that the consumer last saw ended here before the offset that it asks for (KIP-595).
fn diverging(state: &State, read: &ConsumerRead<'_>) -> Option<EpochEnd> {
    let last = read.last_fetched_epoch?;
    let end = state.log.end_offset_for_epoch(last)?;
    (end.epoch < last || end.end < read.offset).then_some(end)
}
