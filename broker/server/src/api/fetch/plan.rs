//! What a fetch will read, partition by partition, within its limits.

use std::sync::Arc;

use broker_log::{AbortedTxn, ReadSlice};
use broker_protocol::{
    ErrorCode,
    messages::{
        fetch_request::FetchPartition,
        fetch_response::{AbortedTransaction, LeaderIdAndEpoch, PartitionData},
    },
};
use broker_types::{BrokerId, LeaderEpoch, Offset};
use bytes::Bytes;

use crate::{
    broker::Broker,
    errors,
    partition::{Bounds, FetchError, Isolation, Partition},
};

/// One partition of a request.
#[derive(Debug)]
pub(super) struct Asked {
    partition: Result<Arc<Partition>, ErrorCode>,
    index: i32,
    offset: i64,
    bytes_max: u32,
    known_epoch: Option<LeaderEpoch>,
    last_fetched_epoch: Option<LeaderEpoch>,
}

impl Asked {
    pub(super) fn of(partition: Result<Arc<Partition>, ErrorCode>, wanted: &FetchPartition) -> Self {
        Self {
            partition,
            index: wanted.partition,
            offset: wanted.fetch_offset,
            bytes_max: u32::try_from(wanted.partition_max_bytes).unwrap_or(0),
            known_epoch: LeaderEpoch::from_wire(wanted.current_leader_epoch),
            last_fetched_epoch: LeaderEpoch::from_wire(wanted.last_fetched_epoch),
        }
    }

    pub(super) fn partition(&self) -> Option<&Arc<Partition>> {
        self.partition.as_ref().ok()
    }
}

/// The plan of a whole fetch.
pub(super) struct Plan {
    pub(super) topics: Vec<Vec<PlannedPartition>>,
    bytes: usize,
    bytes_max: u32,
    isolation: Isolation,
    answers_at_once: bool,
}

/// The plan of one partition.
pub(super) struct PlannedPartition {
    partition: Option<Arc<Partition>>,
    index: i32,
    outcome: Result<Readable, ErrorCode>,
}

struct Readable {
    slice: ReadSlice,
    bounds: Bounds,
    aborted: Option<Vec<AbortedTxn>>,
    /// The reader's log went another way than this one: where that epoch ends here.
    diverging: Option<(LeaderEpoch, Offset)>,
}

impl Plan {
    pub(super) fn new(bytes_max: u32, isolation: Isolation) -> Self {
        Self { topics: Vec::new(), bytes: 0, bytes_max, isolation, answers_at_once: false }
    }

    pub(super) fn add_topic(&mut self, topic: &[Asked]) {
        let planned = topic.iter().map(|asked| self.partition(asked)).collect();
        self.topics.push(planned);
    }

    /// Whether the client need not wait: enough bytes, or something that it must learn at once.
    pub(super) fn is_enough(&self, bytes_min: usize) -> bool {
        self.answers_at_once || self.bytes >= bytes_min
    }

    fn partition(&mut self, asked: &Asked) -> PlannedPartition {
        let outcome = match &asked.partition {
            Ok(partition) => self.readable(partition, asked).map_err(|error| errors::of_fetch(&error)),
            Err(error) => Err(*error),
        };
        match &outcome {
            Ok(readable) => {
                self.bytes += readable.slice.len();
                self.answers_at_once |= readable.diverging.is_some();
            }
            Err(_) => self.answers_at_once = true,
        }
        PlannedPartition { partition: asked.partition.as_ref().ok().cloned(), index: asked.index, outcome }
    }

    fn readable(&self, partition: &Partition, asked: &Asked) -> Result<Readable, FetchError> {
        let left = self.bytes_max.saturating_sub(u32::try_from(self.bytes).unwrap_or(u32::MAX));
        // The first batch of an answer comes whole, however large, or a reader would be stuck before it (KIP-74).
        let min_one = self.bytes == 0;
        let offset = Offset::from_wire(asked.offset).unwrap_or(Offset::MAX);
        let limit = asked.bytes_max.min(left);
        if let Some(diverging) = diverging(partition, asked)? {
            let (slice, bounds) =
                partition.plan_read(diverging.1, 0, self.isolation, false, asked.known_epoch)?;
            return Ok(Readable { slice, bounds, aborted: None, diverging: Some(diverging) });
        }
        let (slice, bounds) =
            partition.plan_read(offset, limit, self.isolation, min_one, asked.known_epoch)?;
        let aborted = match self.isolation {
            Isolation::ReadUncommitted => None,
            Isolation::ReadCommitted if slice.is_empty() => Some(Vec::new()),
            Isolation::ReadCommitted => {
                let aborted = partition.with_log(asked.known_epoch, |log| {
                    log.aborted_transactions(offset, bounds.last_stable)
                })?;
                Some(aborted.map_err(broker_log::ReadError::from)?)
            }
        };
        Ok(Readable { slice, bounds, aborted, diverging: None })
    }
}

/// Whether the epoch that the reader last saw ended here before the offset that it asks for (KIP-595).
fn diverging(partition: &Partition, asked: &Asked) -> Result<Option<(LeaderEpoch, Offset)>, FetchError> {
    let Some(last) = asked.last_fetched_epoch else { return Ok(None) };
    let end = partition.with_log(asked.known_epoch, |log| log.end_offset_for_epoch(last))?;
    Ok(end.filter(|end| end.epoch < last || end.end.get() < asked.offset).map(|end| (end.epoch, end.end)))
}

impl PlannedPartition {
    pub(super) fn len(&self) -> usize {
        self.outcome.as_ref().map_or(0, |readable| readable.slice.len())
    }

    pub(super) fn has_moved(&self) -> bool {
        matches!(self.outcome, Err(ErrorCode::NotLeaderOrFollower | ErrorCode::FencedLeaderEpoch))
    }

    pub(super) fn into_response(self, broker: &Broker, records: Bytes) -> PartitionData {
        let has_moved = self.has_moved();
        let mut response = PartitionData {
            partition_index: self.index,
            high_watermark: -1,
            records: Some(records),
            ..PartitionData::default()
        };
        match self.outcome {
            Ok(readable) => {
                response.high_watermark = readable.bounds.high_watermark.get();
                response.last_stable_offset = readable.bounds.last_stable.get();
                response.log_start_offset = readable.bounds.start.get();
                response.aborted_transactions =
                    readable.aborted.map(|aborted| aborted.iter().map(aborted_transaction).collect());
                if let Some((epoch, end)) = readable.diverging {
                    response.diverging_epoch.epoch = epoch.get();
                    response.diverging_epoch.end_offset = end.get();
                }
            }
            Err(error) => {
                response.error_code = error.code();
                if let Some(partition) = self.partition.filter(|_| has_moved) {
                    response.current_leader = leader(broker, &partition);
                }
            }
        }
        response
    }
}

fn leader(broker: &Broker, partition: &Partition) -> LeaderIdAndEpoch {
    let image = broker.image();
    let known = image.topics().partition(partition.topic_id(), partition.id().partition);
    known.map_or_else(LeaderIdAndEpoch::default, |known| LeaderIdAndEpoch {
        leader_id: known.leader.map_or(-1, BrokerId::get),
        leader_epoch: known.leader_epoch.get(),
    })
}

fn aborted_transaction(aborted: &AbortedTxn) -> AbortedTransaction {
    AbortedTransaction { producer_id: aborted.producer_id.get(), first_offset: aborted.first_offset.get() }
}

/// Reads every slice from memory, one after the other; `None` as soon as one is not in memory whole.
pub(super) fn read_warm(plans: &[Vec<PlannedPartition>], buffer: &mut [u8]) -> Option<Vec<usize>> {
    read_all(plans, buffer, |slice, place| match slice.try_read_into(place) {
        Ok(read) if read == slice.len() => Some(read),
        _ => None,
    })
}

/// Reads every slice, from the disk where it must be. A slice that cannot be read comes out empty; the next fetch
/// of the partition learns why.
pub(super) fn read_cold(plans: &[Vec<PlannedPartition>], buffer: &mut [u8]) -> Vec<usize> {
    let read = |slice: &ReadSlice, place: &mut [u8]| {
        Some(slice.read_into(place).unwrap_or_else(|error| {
            tracing::error!(%error, "a segment could not be read");
            0
        }))
    };
    read_all(plans, buffer, read).unwrap_or_default()
}

fn read_all(
    plans: &[Vec<PlannedPartition>],
    buffer: &mut [u8],
    read: impl Fn(&ReadSlice, &mut [u8]) -> Option<usize>,
) -> Option<Vec<usize>> {
    let mut at = 0;
    let mut lengths = Vec::with_capacity(plans.iter().map(Vec::len).sum());
    for planned in plans.iter().flatten() {
        let Ok(readable) = &planned.outcome else {
            lengths.push(0);
            continue;
        };
        let length = readable.slice.len();
        let place = buffer.get_mut(at..at + length)?;
        lengths.push(read(&readable.slice, place)?);
        at += length;
    }
    Some(lengths)
}
