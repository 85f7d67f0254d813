//! What a log may hold, told by what was asked of it.
//!
//! Rules, after any stop: what is there is a prefix of what was appended, byte for byte, in order, once. After a
//! clean stop or the end of the process alone nothing is missing. After a loss of power nothing that a completed
//! flush covered is missing. Producers, epochs, aborted transactions and times are those of the batches that are
//! there.

use std::{collections::BTreeMap, fmt};

use broker_log::{Log, SimDisk};
use broker_records::{BatchHeader, BatchView, ControlKey, ControlType, batches};
use broker_types::{Offset, Timestamp};
use bytes::Bytes;

/// How a run of the process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Closed in order.
    Clean,
    /// Only the process ended.
    Killed,
    /// The power went.
    PowerLost,
}

/// What the oracle cannot accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(pub String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A batch that was handed to the log, and where it must be.
#[derive(Clone, Debug)]
struct Expected {
    first: Offset,
    next: Offset,
    leader_epoch: i32,
    /// What the leader does not change: all after the first 16 bytes.
    body: Bytes,
}

/// Everything that was asked of one log.
#[derive(Debug, Default)]
pub struct Oracle {
    history: Vec<Expected>,
    /// Handed over in a call that has not come back well.
    unsure: Vec<Expected>,
    durable_end: Offset,
    start: Offset,
    durable_start: Offset,
}

macro_rules! ensure {
    ($holds:expr, $($text:tt)*) => {
        if !$holds {
            return Err(Violation(format!($($text)*)));
        }
    };
}

impl Oracle {
    /// Where the log must end.
    #[must_use]
    pub fn end(&self) -> Offset {
        self.history.last().map_or(self.start, |last| last.next)
    }

    /// Batches are being appended; `stamped` has them as the log will, or with offsets to be given.
    pub fn appending(&mut self, bytes: &Bytes, leader_epoch: i32) {
        let mut next = self.end();
        for batch in batches(bytes).flatten() {
            let first = next;
            next = first.plus(i64::from(batch.header.last_offset_delta)).next();
            let body = bytes.slice_ref(&batch.bytes[16..]);
            self.unsure.push(Expected { first, next, leader_epoch, body });
        }
    }

    /// The append came back well.
    pub fn appended(&mut self) {
        self.history.append(&mut self.unsure);
    }

    /// The append was refused: nothing of it may ever be there.
    pub fn refused(&mut self) {
        self.unsure.clear();
    }

    /// A flush up to `offset` came back well.
    pub fn flushed(&mut self, offset: Offset) {
        self.durable_end = self.durable_end.max(offset);
    }

    /// The log is being cut to `offset`: what lies behind may be there or not until that comes back well.
    pub fn truncating(&mut self, offset: Offset) {
        self.durable_end = self.durable_end.min(offset);
        self.durable_start = self.durable_start.min(offset);
    }

    /// The cut came back well.
    pub fn truncated(&mut self, end: Offset) {
        self.history.retain(|batch| batch.next <= end);
    }

    /// Records before `offset` are gone.
    pub fn started_at(&mut self, offset: Offset) {
        self.start = offset;
    }

    /// The start was checkpointed.
    pub fn start_is_durable(&mut self) {
        self.durable_start = self.start;
    }

    /// Compares a log that was just opened, and takes over what it has.
    ///
    /// # Errors
    /// What is not as it must be.
    pub fn reopened(&mut self, log: &mut Log<SimDisk>, stop: Stop) -> Result<(), Violation> {
        let (start, end) = (log.start_offset(), log.end_offset());
        ensure!(end >= self.durable_end, "flushed up to {}, and the log ends at {end}", self.durable_end);
        ensure!(start <= self.start, "the log starts at {start}, after {}", self.start);
        ensure!(start >= self.durable_start, "the log starts at {start}, before {}", self.durable_start);
        if stop != Stop::PowerLost {
            ensure!(
                end >= self.end(),
                "the log ended at {}, and ends at {end} without a loss of power",
                self.end()
            );
        }
        self.history.append(&mut self.unsure);
        self.history.retain(|batch| batch.next <= end);
        if end == start && self.end() < start {
            // The deletion of records was durable, and the records before it were not.
            self.history.clear();
        }
        self.start = start;
        ensure!(self.end() == end, "the log ends at {end}, inside a batch or after the last");
        self.check(log)
    }

    /// Compares a log with all that it must hold.
    ///
    /// # Errors
    /// What is not as it must be.
    pub fn check(&self, log: &mut Log<SimDisk>) -> Result<(), Violation> {
        ensure!(
            log.end_offset() == self.end(),
            "the log ends at {}, not at {}",
            log.end_offset(),
            self.end()
        );
        let kept: Vec<&Expected> =
            self.history.iter().filter(|batch| batch.next > log.start_offset()).collect();
        let headers = self.check_bytes(log, &kept)?;
        self.check_epochs(log, &kept)?;
        self.check_aborted(log, &headers)?;
        self.check_times(log, &headers)
    }

    fn check_bytes(&self, log: &Log<SimDisk>, kept: &[&Expected]) -> Result<Vec<Batch>, Violation> {
        let mut found = Vec::new();
        let mut next = log.start_offset();
        let mut wanted = kept.iter();
        while next < log.end_offset() {
            let read =
                log.read(next, 4096, log.end_offset(), true).map_err(|error| Violation(error.to_string()))?;
            let bytes = read.read_to_vec().map_err(|error| Violation(error.to_string()))?;
            let before = next;
            for batch in batches(&bytes) {
                let batch = batch.map_err(|error| Violation(format!("at {next}: {error}")))?;
                let Some(expected) = wanted.next() else {
                    return Err(Violation(format!("a batch too many: {next}")));
                };
                let first = batch.header.first_offset();
                ensure!(first == expected.first, "the batch at {} begins at {first}", expected.first);
                ensure!(batch.bytes[16..] == expected.body, "the batch at {first} has other bytes");
                let epoch = batch.header.leader_epoch;
                ensure!(epoch == expected.leader_epoch, "the batch at {first} has the epoch {epoch}");
                ensure!(batch.crc_is_valid(), "the batch at {first} fails its checksum");
                next = batch.header.next_offset();
                found.push(Batch::of(&batch));
            }
            ensure!(next > before, "nothing to read at {next}");
        }
        ensure!(wanted.next().is_none(), "batches are missing after {next}");
        Ok(found)
    }

    fn check_epochs(&self, log: &Log<SimDisk>, kept: &[&Expected]) -> Result<(), Violation> {
        for batch in kept {
            let at = batch.first.max(log.start_offset());
            let epoch = log.epoch_of(at).map(|epoch| epoch.get());
            ensure!(
                epoch == Some(batch.leader_epoch),
                "the epoch at {at} is {epoch:?}, not {}",
                batch.leader_epoch
            );
        }
        Ok(())
    }

    fn check_aborted(&self, log: &mut Log<SimDisk>, found: &[Batch]) -> Result<(), Violation> {
        let mut open = BTreeMap::new();
        let mut expected = Vec::new();
        for Batch { header, marker } in found {
            match marker {
                None if header.attributes.is_transactional() => {
                    open.entry(header.producer_id).or_insert(header.base_offset);
                }
                None => {}
                Some(kind) => {
                    let first = open.remove(&header.producer_id);
                    if let (Some(first), ControlType::Abort) = (first, kind) {
                        expected.push((header.producer_id, first, header.base_offset));
                    }
                }
            }
        }
        let told = log.aborted_transactions(log.start_offset(), log.end_offset());
        let told: Vec<_> = told
            .map_err(|error| Violation(error.to_string()))?
            .iter()
            .map(|txn| (txn.producer_id.get(), txn.first_offset.get(), txn.last_offset.get()))
            .collect();
        // A transaction that began before the start shows its later part only.
        let same = |told: &(i64, i64, i64), txn: &(i64, i64, i64)| {
            (told.0, told.2) == (txn.0, txn.2)
                && (told.1 == txn.1 || Offset::new(told.1) < log.start_offset())
        };
        let missing: Vec<_> =
            expected.iter().filter(|txn| !told.iter().any(|told| same(told, txn))).collect();
        ensure!(missing.is_empty(), "aborted transactions are not told: {missing:?}");
        let invented = told.iter().find(|told| {
            Offset::new(told.1) >= log.start_offset() && !expected.iter().any(|txn| same(told, txn))
        });
        ensure!(invented.is_none(), "told as aborted: {invented:?}");
        log.set_high_watermark(log.end_offset());
        if let Some(first) = open.values().min() {
            let stable = log.last_stable_offset();
            ensure!(
                stable <= Offset::new(*first).max(log.start_offset()),
                "stable up to {stable}, and a transaction is open from {first}"
            );
        }
        Ok(())
    }

    fn check_times(&self, log: &mut Log<SimDisk>, found: &[Batch]) -> Result<(), Violation> {
        for wanted in found.iter().step_by(7) {
            let time = Timestamp::from_millis(wanted.header.max_timestamp);
            let expected = found.iter().find(|batch| batch.header.max_timestamp >= time.as_millis());
            let told = log.batch_for_time(time).map_err(|error| Violation(error.to_string()))?;
            let (told, expected) =
                (told.map(|batch| batch.header.base_offset), expected.map(|batch| batch.header.base_offset));
            ensure!(told == expected, "the time {time:?} is at {told:?}, not at {expected:?}");
        }
        Ok(())
    }
}

/// A batch that was read.
struct Batch {
    header: BatchHeader,
    marker: Option<ControlType>,
}

impl Batch {
    fn of(batch: &BatchView<'_>) -> Self {
        let is_control = batch.header.attributes.is_control();
        let marker = is_control.then(|| {
            let record = batch.records().next()?.ok()?;
            ControlKey::parse(record.key?)?.control_type()
        });
        Self { header: batch.header, marker: marker.flatten() }
    }
}
