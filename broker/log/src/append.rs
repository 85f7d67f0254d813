//! Appending batches: offsets and epochs are stamped into the first bytes, the rest is written as it came.
//!
//! Order: check everything, roll if needed, write, then remember (indexes, epochs, producers, end offset). A
//! failed write is cut off again and leaves no trace.
//!
//! Durability point: none; see [`Log::needs_flush`](crate::Log::needs_flush).

mod run;

use std::{io, path::PathBuf};

use broker_records::{BatchView, batches};
use broker_types::{LeaderEpoch, Offset, Timestamp};

use crate::{
    checkpoint::partition_metadata,
    disk::{Disk, DiskFile as _, OpenMode},
    log::Log,
    producers::{AppendOrigin, Marker, ProducerBatch, ProducerError, Terms, Verdict},
    storage_error::{StorageError, given_up, is_full},
};

/// Where batches went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppendInfo {
    /// Offset of the first record.
    pub first_offset: Offset,
    /// Offset of the last record.
    pub last_offset: Offset,
    /// The time of the append where `message.timestamp.type` is LogAppendTime, and that of a duplicate's first append.
    pub log_append_time: Option<Timestamp>,
    /// The log's first offset at that moment.
    pub log_start_offset: Offset,
    /// The batch was there already (the producer sent it again): nothing was written, and the offsets and the
    /// time are those of the first time.
    pub is_duplicate: bool,
}

/// Why batches were not appended. The log is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// There was no whole batch.
    #[error("there is no batch")]
    Empty,
    /// CORRUPT_MESSAGE: the bytes are not whole batches, or a replicated one fails its checksum.
    #[error("the bytes at {0} are not a batch")]
    Corrupt(usize),
    /// RECORD_LIST_TOO_LARGE: no segment can hold the batch.
    #[error("a batch of {size_bytes} bytes is larger than a segment of {segment_bytes}")]
    TooLarge {
        /// The batch.
        size_bytes: u64,
        /// `segment.bytes`.
        segment_bytes: u32,
    },
    /// A replicated batch does not begin at or after the end of the log.
    #[error("a replicated batch begins at {first}, before the end of the log at {end}")]
    OutOfOrder {
        /// Its first offset.
        first: i64,
        /// Where the log ends.
        end: Offset,
    },
    /// The producer may not append this.
    #[error(transparent)]
    Producer(#[from] ProducerError),
    /// The volume is full. The log goes on when there is room again.
    #[error("the volume of {} is full", .0.display())]
    DiskFull(PathBuf),
    /// KAFKA_STORAGE_ERROR: the disk failed; its directory must go offline.
    #[error(transparent)]
    Storage(StorageError),
    /// KAFKA_STORAGE_ERROR: the disk failed before.
    #[error("the log has failed before")]
    Failed,
}

/// What is written into the headers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stamp {
    /// The next offsets and the leader's epoch; and the time, where the log's clock counts.
    Leader { epoch: LeaderEpoch, append_time: Option<Timestamp> },
    /// Nothing: another leader has stamped them.
    Verbatim,
}

/// The outcome of the checks.
enum Checked {
    Fresh { first: Offset, last: Offset },
    Duplicate(ProducerBatch),
}

impl<D: Disk> Log<D> {
    /// Appends one or more whole batches as the leader of `epoch`: gives them the next offsets, whatever offsets
    /// they come with. The caller has validated them; where LogAppendTime is set they are given `now` and
    /// a fresh checksum.
    ///
    /// # Errors
    /// See [`AppendError`]; nothing is appended then.
    pub fn append_as_leader(
        &mut self,
        bytes: &[u8],
        epoch: LeaderEpoch,
        now: Timestamp,
        terms: impl Into<Terms>,
    ) -> Result<AppendInfo, AppendError> {
        let append_time = match self.config.timestamp_type {
            broker_records::TimestampType::LogAppend => Some(now),
            broker_records::TimestampType::Create => None,
        };
        self.append(bytes, Stamp::Leader { epoch, append_time }, &terms.into(), now)
    }

    /// Appends whole batches as they are, with the offsets and epochs that they carry: what a follower fetched,
    /// or the quorum's leader stamped itself. Gaps are fine, going back is not. Checksums are verified.
    ///
    /// # Errors
    /// See [`AppendError`]; nothing is appended then.
    pub fn append_as_follower(&mut self, bytes: &[u8], now: Timestamp) -> Result<AppendInfo, AppendError> {
        self.append(bytes, Stamp::Verbatim, &AppendOrigin::Replication.into(), now)
    }

    fn append(
        &mut self,
        bytes: &[u8],
        stamp: Stamp,
        terms: &Terms,
        now: Timestamp,
    ) -> Result<AppendInfo, AppendError> {
        if self.is_failed {
            return Err(AppendError::Failed);
        }
        let log_append_time = match stamp {
            Stamp::Leader { append_time, .. } => append_time,
            Stamp::Verbatim => None,
        };
        let (first_offset, last_offset) = match self.check(bytes, stamp, terms)? {
            Checked::Fresh { first, last } => (first, last),
            Checked::Duplicate(known) => {
                return Ok(AppendInfo {
                    first_offset: known.first_offset(),
                    last_offset: known.last_offset,
                    log_append_time: Some(known.timestamp),
                    log_start_offset: self.start,
                    is_duplicate: true,
                });
            }
        };
        self.sync_topic_id().map_err(AppendError::Storage)?;
        let before = self.end;
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.append_run(rest, stamp, now) {
                Ok(appended) => rest = rest.get(appended..).unwrap_or_default(),
                Err(error) => return Err(self.undo(before, now, error)),
            }
        }
        let log_start_offset = self.start;
        Ok(AppendInfo { first_offset, last_offset, log_append_time, log_start_offset, is_duplicate: false })
    }

    /// Looks at every batch before anything is written.
    fn check(&self, bytes: &[u8], stamp: Stamp, terms: &Terms) -> Result<Checked, AppendError> {
        let mut next = self.end;
        let mut first = None;
        let mut walk = batches(bytes);
        let mut before: Option<BatchView<'_>> = None;
        loop {
            let at = walk.consumed();
            let Some(batch) = walk.next() else { break };
            let batch = batch.map_err(|_| AppendError::Corrupt(at))?;
            let header = &batch.header;
            let size_bytes = header.size_bytes() as u64;
            let segment_bytes = self.config.segment_bytes;
            if size_bytes > u64::from(segment_bytes) && matches!(stamp, Stamp::Leader { .. }) {
                return Err(AppendError::TooLarge { size_bytes, segment_bytes });
            }
            if header.last_offset_delta < 0 || header.base_offset > OFFSET_MAX {
                return Err(AppendError::Corrupt(at));
            }
            if matches!(stamp, Stamp::Verbatim) {
                if header.base_offset < next.get() {
                    return Err(AppendError::OutOfOrder { first: header.base_offset, end: next });
                }
                if !batch.crc_is_valid() {
                    return Err(AppendError::Corrupt(at));
                }
                next = header.first_offset();
            }
            if header.producer_id >= 0 {
                let marker = Marker::of(&batch);
                let chained = before.as_ref().map(|before| &before.header);
                let verifies = self.config.verifies_transactions;
                let verdict = self.producers.check(header, marker, terms, chained, verifies)?;
                if let Verdict::Duplicate(known) = verdict {
                    return Ok(Checked::Duplicate(known));
                }
            }
            first.get_or_insert(next);
            next = next.plus(i64::from(header.last_offset_delta)).next();
            before = Some(batch);
        }
        if walk.consumed() < bytes.len() {
            return Err(AppendError::Corrupt(walk.consumed()));
        }
        let first = first.ok_or(AppendError::Empty)?;
        Ok(Checked::Fresh { first, last: Offset::new(next.get() - 1) })
    }

    /// Puts the log back to where it was before an append that failed half way.
    fn undo(&mut self, before: Offset, now: Timestamp, error: AppendError) -> AppendError {
        if !self.is_failed
            && self.end != before
            && let Err(error) = self.truncate_to(before, now)
        {
            self.is_failed = true;
            return AppendError::Storage(error);
        }
        error
    }

    /// The topic's id must not be lost while records are kept (KIP-516): synced before the first of them.
    fn sync_topic_id(&mut self) -> Result<(), StorageError> {
        if !self.topic_id_unsynced {
            return Ok(());
        }
        let path = self.folder.join(partition_metadata::FILE_NAME);
        let synced = self.disk.open(&path, OpenMode::Write).and_then(|file| file.sync_data());
        synced.map_err(|source| {
            self.is_failed = true;
            StorageError { action: "sync", path, source: given_up(source) }
        })?;
        self.topic_id_unsynced = false;
        Ok(())
    }

    /// A write at the end of the active segment failed: cuts off what it left, for good: after a loss of power it
    /// must not stand before batches that were written later.
    pub(crate) fn write_failed(&mut self, source: io::Error) -> AppendError {
        let home = self.home();
        let cut = self.segments.last().map_or(Ok(()), |active| {
            active.cut_to_size(home)?;
            active.file(home)?.sync_data()
        });
        self.is_failed = !is_full(&source) || cut.is_err();
        if !self.is_failed {
            return AppendError::DiskFull(self.folder.clone());
        }
        AppendError::Storage(StorageError {
            action: "append to the log in",
            path: self.folder.clone(),
            source,
        })
    }
}

impl AppendError {
    fn from_storage(error: StorageError) -> Self {
        if is_full(&error.source) { Self::DiskFull(error.path) } else { Self::Storage(error) }
    }
}

/// No batch begins beyond: its last offset must still be one.
const OFFSET_MAX: i64 = i64::MAX - (1 << 32);
