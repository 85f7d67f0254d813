//! What a fetch will read, partition by partition, within its limits.

use std::cell::OnceCell;

use broker_log::{AbortedTxn, EpochEnd, ReadSlice};
use broker_protocol::ErrorCode;
use broker_replication::FollowerPosition;
use broker_types::{BrokerId, Now, Offset};

use super::{
    asked::Asked,
    near::Near,
    reader::{Consumer, Reader, Replica},
};
use crate::{
    errors,
    partition::{Bounds, ConsumerRead, ConsumerSlice, FetchError, Partition, ReplicaRead},
    throttles::Throttle,
};

/// Shorter slices are copied: a system call for each costs more than the copy.
const SENT_FROM_FILE_MIN: usize = 32 * 1024;

/// The plan of a whole fetch.
pub(super) struct Plan<'a> {
    /// One for each that was asked.
    pub(super) partitions: Vec<PlannedPartition>,
    bytes: usize,
    bytes_max: u32,
    reader: Reader,
    /// Who is near to a consumer that says where it is.
    near: Option<&'a Near>,
    /// The request was not looked at before: what a replica says of itself is taken once.
    is_new: bool,
    now: Now,
    /// Some partition of the plan may get records, now or later.
    is_worth_waiting: bool,
    answers_at_once: bool,
    /// More is committed than the replica knows.
    has_news: bool,
    throttle: &'a Throttle,
    /// Whether the quota of throttled partitions is used up; looked at when there is one.
    is_exceeded: OnceCell<bool>,
}

/// The plan of one partition.
pub(super) struct PlannedPartition {
    pub(super) outcome: Result<Readable, ErrorCode>,
    /// Its bytes go from the file to the socket.
    pub(super) stays_in_file: bool,
}

pub(super) struct Readable {
    pub(super) slice: ReadSlice,
    pub(super) bounds: Bounds,
    pub(super) aborted: Option<Vec<AbortedTxn>>,
    /// The reader's log went another way than this one: where that epoch ends here.
    pub(super) diverging: Option<EpochEnd>,
    /// Where the consumer had better read.
    pub(super) preferred: Option<BrokerId>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        throttle: &'a Throttle,
        reader: Reader,
        near: Option<&'a Near>,
        is_new: bool,
        now: Now,
        bytes_max: u32,
        partitions: usize,
    ) -> Self {
        Self {
            partitions: Vec::with_capacity(partitions),
            bytes: 0,
            bytes_max,
            reader,
            near,
            is_new,
            now,
            is_worth_waiting: false,
            answers_at_once: false,
            has_news: false,
            throttle,
            is_exceeded: OnceCell::new(),
        }
    }

    /// Whether the client need not wait: enough bytes, nothing to wait for, or something that it must learn at once.
    pub(super) fn is_enough(&self, bytes_min: usize) -> bool {
        self.answers_at_once || !self.is_worth_waiting || self.bytes >= bytes_min
    }

    /// Whether a replica is to learn soon what is committed, also without records.
    pub(super) fn has_news(&self) -> bool {
        self.has_news
    }

    pub(super) fn add(&mut self, asked: &Asked) {
        let planned = self.planned(asked);
        self.partitions.push(planned);
    }

    /// Plans one partition anew.
    pub(super) fn look_again(&mut self, slot: usize, asked: &Asked) {
        let Some(planned) = self.partitions.get_mut(slot) else { return };
        self.bytes -= planned.len();
        let again = self.planned(asked);
        if let Some(planned) = self.partitions.get_mut(slot) {
            *planned = again;
        }
    }

    fn planned(&mut self, asked: &Asked) -> PlannedPartition {
        let outcome = match &asked.partition {
            Ok(partition) => self.readable(partition, asked).map_err(|error| errors::of_fetch(&error)),
            Err(error) => Err(*error),
        };
        self.is_worth_waiting |= asked.is_known();
        match &outcome {
            Ok(readable) => {
                self.bytes += readable.slice.len();
                self.answers_at_once |= readable.diverging.is_some() || readable.preferred.is_some();
                // Who cannot say what it knows waits for records; so does who has nothing of what is new: a throttled one.
                let high_watermark = readable.bounds.high_watermark.get().min(asked.wanted.fetch_offset);
                self.has_news |=
                    matches!(self.reader, Reader::Replica(_)) && high_watermark > asked.known_high_watermark;
            }
            Err(_) => self.answers_at_once |= asked.is_known(),
        }
        PlannedPartition { outcome, stays_in_file: false }
    }

    fn readable(&self, partition: &Partition, asked: &Asked) -> Result<Readable, FetchError> {
        let left = self.bytes_max.saturating_sub(u32::try_from(self.bytes).unwrap_or(u32::MAX));
        let limit = u32::try_from(asked.wanted.max_bytes).unwrap_or(0).min(left);
        match self.reader {
            Reader::Consumer(consumer) => self.for_consumer(partition, asked, consumer, limit),
            Reader::Replica(replica) => self.for_replica(partition, asked, replica, limit),
        }
    }

    /// The first batch of an answer comes whole, however large, or a reader would be stuck before it (KIP-74).
    fn min_one(&self) -> bool {
        self.bytes == 0
    }

    fn is_exceeded(&self) -> bool {
        *self.is_exceeded.get_or_init(|| self.throttle.exceeded_until(self.now.mono).is_some())
    }

    fn for_replica(
        &self,
        partition: &Partition,
        asked: &Asked,
        replica: Replica,
        bytes_max: u32,
    ) -> Result<Readable, FetchError> {
        if replica.is_stale {
            return Err(FetchError::StaleReplica);
        }
        let at = FollowerPosition {
            broker: replica.broker,
            broker_epoch: replica.epoch,
            log_end: offset(asked),
            log_start: Offset::from_wire(asked.wanted.log_start_offset).unwrap_or(Offset::ZERO),
        };
        let read = ReplicaRead {
            at,
            known_epoch: asked.wanted.leader_epoch,
            last_fetched_epoch: asked.wanted.last_fetched_epoch,
            bytes_max,
            min_one: self.min_one(),
            is_new: self.is_new,
            is_throttled: partition.is_throttled_as_leader() && self.is_exceeded(),
        };
        let read = partition.plan_replica_read(self.now, &read)?;
        let diverging = read.diverging;
        Ok(Readable { slice: read.slice, bounds: read.bounds, aborted: None, diverging, preferred: None })
    }

    fn for_consumer(
        &self,
        partition: &Partition,
        asked: &Asked,
        consumer: Consumer,
        bytes_max: u32,
    ) -> Result<Readable, FetchError> {
        let is_near = self.near.map(|near| move |broker| near.has(broker));
        let read = ConsumerRead {
            offset: offset(asked),
            known_epoch: asked.wanted.leader_epoch,
            last_fetched_epoch: asked.wanted.last_fetched_epoch,
            isolation: consumer.isolation,
            answering: consumer.answering,
            is_near: is_near.as_ref().map(|is_near| is_near as &dyn Fn(BrokerId) -> bool),
            bytes_max,
            min_one: self.min_one(),
        };
        let ConsumerSlice { slice, bounds, aborted, diverging, preferred } = partition.plan_read(&read)?;
        Ok(Readable { slice, bounds, aborted, diverging, preferred })
    }
}

fn offset(asked: &Asked) -> Offset {
    Offset::from_wire(asked.wanted.fetch_offset).unwrap_or(Offset::MAX)
}

impl PlannedPartition {
    /// Bytes of records that it gives, wherever they are.
    pub(super) fn bytes(&self) -> usize {
        self.outcome.as_ref().map_or(0, |readable| readable.slice.len())
    }

    /// Leaves a long slice that is in memory where it is: copying it twice costs more than sending its pages.
    pub(super) fn leave_in_file(&mut self) {
        let readable = self.outcome.as_ref().ok();
        let slice =
            readable.map(|readable| &readable.slice).filter(|slice| slice.len() >= SENT_FROM_FILE_MIN);
        self.stays_in_file = slice.is_some_and(ReadSlice::is_in_memory);
    }

    /// The slice to be read into memory.
    fn wanted(&self) -> Option<&ReadSlice> {
        self.outcome.as_ref().ok().map(|readable| &readable.slice).filter(|_| !self.stays_in_file)
    }

    /// Bytes to be read into memory.
    pub(super) fn len(&self) -> usize {
        self.wanted().map_or(0, ReadSlice::len)
    }
}

/// Reads every slice from memory, one after the other; `None` as soon as one is not in memory whole.
pub(super) fn read_warm(plans: &[PlannedPartition], buffer: &mut [u8]) -> Option<Vec<usize>> {
    read_all(plans, buffer, |slice, place| match slice.try_read_into(place) {
        Ok(read) if read == slice.len() => Some(read),
        _ => None,
    })
}

/// Reads every slice, from the disk where it must be. A slice that cannot be read comes out empty; the next fetch
/// of the partition learns why.
pub(super) fn read_cold(plans: &[PlannedPartition], buffer: &mut [u8]) -> Vec<usize> {
    let read = |slice: &ReadSlice, place: &mut [u8]| {
        Some(slice.read_into(place).unwrap_or_else(|error| {
            tracing::error!(%error, "a segment could not be read");
            0
        }))
    };
    read_all(plans, buffer, read).unwrap_or_default()
}

fn read_all(
    plans: &[PlannedPartition],
    buffer: &mut [u8],
    read: impl Fn(&ReadSlice, &mut [u8]) -> Option<usize>,
) -> Option<Vec<usize>> {
    let mut at = 0;
    let mut lengths = Vec::with_capacity(plans.len());
    for planned in plans {
        let Some(slice) = planned.wanted() else {
            lengths.push(0);
            continue;
        };
        let length = slice.len();
        let place = buffer.get_mut(at..at + length)?;
        lengths.push(read(slice, place)?);
        at += length;
    }
    Some(lengths)
}
