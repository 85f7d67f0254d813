//! Offsets for times (ListOffsets): which batch to look into, and which of its records.
//!
//! The log finds the batch; its records may be compressed, so the caller reads and decompresses it without the
//! log's lock and asks [`record_at_time`] or [`record_of_max_time`].

use broker_records::{BatchHeader, RecordError, Records, TimestampType};
use broker_types::{LeaderEpoch, Offset, Timestamp};

use crate::{
    disk::{Disk, FsDisk},
    index::AbortedTxn,
    log::Log,
    read::{ReadError, ReadSlice},
    segment::{Found, Home},
    storage_error::StorageError,
};

/// A batch that holds the answer.
#[derive(Debug)]
pub struct TimedBatch<D: Disk = FsDisk> {
    /// Its bytes.
    pub slice: ReadSlice<D>,
    /// Its header.
    pub header: BatchHeader,
}

/// A record's place in the log and in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedRecord {
    /// Its offset.
    pub offset: Offset,
    /// Its timestamp.
    pub timestamp: Timestamp,
    /// The epoch of the leader that appended it.
    pub leader_epoch: Option<LeaderEpoch>,
}

fn timed(header: &BatchHeader, offset_delta: i32, timestamp: i64) -> TimedRecord {
    TimedRecord {
        offset: header.first_offset().plus(i64::from(offset_delta.max(0))),
        timestamp: Timestamp::from_millis(timestamp),
        leader_epoch: LeaderEpoch::from_wire(header.leader_epoch),
    }
}

/// Offset deltas and timestamps of a batch's records.
fn times(
    header: &BatchHeader,
    records: Records<'_>,
) -> impl Iterator<Item = Result<TimedRecord, RecordError>> {
    let header = *header;
    records.map(move |record| {
        let record = record?;
        let timestamp = match header.attributes.timestamp_type() {
            TimestampType::LogAppend => header.max_timestamp,
            TimestampType::Create => header.base_timestamp.saturating_add(record.timestamp_delta),
        };
        Ok(timed(&header, record.offset_delta, timestamp))
    })
}

/// The first record at or after `start` with `timestamp` or a later one. `records` are the batch's, decompressed.
///
/// # Errors
/// When the records do not read.
pub fn record_at_time(
    header: &BatchHeader,
    records: Records<'_>,
    timestamp: Timestamp,
    start: Offset,
) -> Result<Option<TimedRecord>, RecordError> {
    for record in times(header, records) {
        let record = record?;
        if record.timestamp >= timestamp && record.offset >= start {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

/// The first record that has the batch's largest timestamp. `records` are the batch's, decompressed.
///
/// # Errors
/// When the records do not read.
pub fn record_of_max_time(
    header: &BatchHeader,
    records: Records<'_>,
) -> Result<Option<TimedRecord>, RecordError> {
    let max = header.max_time();
    for record in times(header, records) {
        let record = record?;
        if Some(record.timestamp) == max {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

impl<D: Disk> Log<D> {
    /// The first batch with a record at or after `timestamp`; `None` when all are older.
    ///
    /// # Errors
    /// As [`Log::read`]'s.
    pub fn batch_for_time(&mut self, timestamp: Timestamp) -> Result<Option<TimedBatch<D>>, ReadError> {
        for index in self.segment_of(self.start)..self.segments.len() {
            let home = Home { disk: &self.disk, folder: &self.folder };
            let segment = &mut self.segments[index];
            let found = match segment.newest(home) {
                Ok(newest) if newest.is_none_or(|newest| newest.timestamp < timestamp) => continue,
                Ok(_) => segment.find_time(home, timestamp, self.start),
                Err(error) => Err(error),
            };
            match found.map_err(StorageError::at("search a segment in", &self.folder))? {
                Found::Batch(batch) => {
                    let slice = self.slice_of(index, &batch)?;
                    return Ok(Some(TimedBatch { slice, header: batch.header }));
                }
                Found::Beyond => {}
                Found::Damage(position) => {
                    return Err(ReadError::Damaged { segment: segment.base, position });
                }
            }
        }
        Ok(None)
    }

    /// The batch with the largest timestamp of all (KIP-734); `None` when no record has one.
    ///
    /// # Errors
    /// As [`Log::read`]'s.
    pub fn batch_of_max_time(&mut self) -> Result<Option<TimedBatch<D>>, ReadError> {
        let mut best = None;
        for index in self.segment_of(self.start)..self.segments.len() {
            let home = Home { disk: &self.disk, folder: &self.folder };
            let newest = self.segments[index].newest(home);
            let newest = newest.map_err(StorageError::at("read an index in", &self.folder))?;
            if let Some(newest) = newest
                && best.is_none_or(|(_, best)| newest.timestamp > best)
            {
                best = Some((index, newest.timestamp));
            }
        }
        // The earliest batch that has it: the index may name a later one.
        match best {
            Some((_, timestamp)) => self.batch_for_time(timestamp),
            None => Ok(None),
        }
    }

    /// The aborted transactions that may have records in what is read from `from` on, by their markers' order: what a reader
    /// of committed data must skip. There may be some of shortly behind it, as the index of offsets allows.
    ///
    /// # Errors
    /// The disk's.
    pub fn aborted_transactions_in(
        &self,
        from: Offset,
        slice: &ReadSlice<D>,
    ) -> Result<Vec<AbortedTxn>, StorageError> {
        let index = self.segment_of(slice.first_offset());
        let Some(segment) = self.segments.get(index) else { return Ok(Vec::new()) };
        let behind = segment.offsets.first_from(&self.disk, &self.folder, slice.end_position());
        let behind = behind.map_err(StorageError::at("read an index in", &self.folder))?;
        let next = || self.segments.get(index + 1).map_or(self.end, |next| next.base);
        self.aborted_transactions(from, behind.map_or_else(next, |entry| entry.offset))
    }

    /// The aborted transactions with records in `[from, to)`, by their markers' order.
    ///
    /// # Errors
    /// The disk's.
    pub fn aborted_transactions(&self, from: Offset, to: Offset) -> Result<Vec<AbortedTxn>, StorageError> {
        let mut aborted = Vec::new();
        for segment in &self.segments[self.segment_of(from)..] {
            let entries = segment.aborted.all(&self.disk, &self.folder);
            for txn in entries.map_err(StorageError::at("read an index in", &self.folder))? {
                if txn.last_offset >= from && txn.first_offset < to {
                    aborted.push(txn);
                }
                if txn.last_stable_offset >= to {
                    return Ok(aborted);
                }
            }
        }
        Ok(aborted)
    }
}
