//! The offset checkpoints of a directory, and the rule that a recovery point on the disk never promises too much.
//!
//! A log whose recovery will write indexes anew, unsynced, lowers it too.
//! A log that is cut below its checkpointed recovery point lowers that first: otherwise a start after a crash
//! would trust what was written after the cut. A partition that is created anew under an old name has its
//! predecessor's offsets removed first. Both wait while a checkpoint is being written, and hold against offsets
//! that were collected before them.
//!
//! How far logs were compacted is kept beside: it changes with each round of cleaning, not with the others.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    io,
    path::{Path, PathBuf},
};

use broker_types::{Offset, TopicPartition};
use parking_lot::Mutex;

use super::METADATA_TOPIC;
use crate::{
    checkpoint::{
        CHECKPOINT_BYTES_MAX,
        offsets::{self, OffsetCheckpoint, Offsets},
    },
    disk::{Disk, read_file, replace_file},
    log::Log,
    storage_error::StorageError,
};

/// The files, and what is in them.
#[derive(Debug)]
pub(crate) struct Checkpoints<D> {
    disk: D,
    path: PathBuf,
    state: Mutex<State>,
    cleaned: Mutex<Offsets>,
}

#[derive(Debug, Default)]
struct State {
    written: Round,
    /// Cut since the last round began: recovery points and starts may not be above.
    lowered: BTreeMap<TopicPartition, Offset>,
    lowered_starts: BTreeMap<TopicPartition, Offset>,
}

/// Offsets collected for the next checkpoint, log by log.
#[derive(Clone, Debug, Default)]
pub struct Round {
    recovery_points: Offsets,
    high_watermarks: Offsets,
    log_starts: Offsets,
}

impl Round {
    /// Adds a log; the metadata quorum's is not checkpointed.
    pub fn add<D: Disk>(&mut self, log: &Log<D>) {
        let tp = log.topic_partition();
        if tp.topic.as_str() != METADATA_TOPIC {
            self.recovery_points.insert(tp.clone(), log.recovery_point());
            self.high_watermarks.insert(tp.clone(), log.high_watermark());
            self.log_starts.insert(tp.clone(), log.start_offset());
        }
    }

    pub(super) fn get(&self, tp: &TopicPartition) -> Checkpointed {
        let offset = |offsets: &Offsets| offsets.get(tp).copied().unwrap_or_default();
        Checkpointed {
            recovery_point: offset(&self.recovery_points),
            high_watermark: offset(&self.high_watermarks),
            log_start: offset(&self.log_starts),
        }
    }

    fn remove(&mut self, tp: &TopicPartition) -> bool {
        let removed =
            [self.recovery_points.remove(tp), self.high_watermarks.remove(tp), self.log_starts.remove(tp)];
        removed.iter().any(Option::is_some)
    }
}

/// What the files say of one partition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checkpointed {
    pub(super) recovery_point: Offset,
    pub(super) high_watermark: Offset,
    pub(super) log_start: Offset,
}

impl<D: Disk> Checkpoints<D> {
    pub(super) fn read(disk: &D, path: &Path) -> io::Result<Self> {
        let written = Round {
            recovery_points: read_checkpoint(disk, path, OffsetCheckpoint::RecoveryPoint)?,
            high_watermarks: read_checkpoint(disk, path, OffsetCheckpoint::HighWatermark)?,
            log_starts: read_checkpoint(disk, path, OffsetCheckpoint::LogStart)?,
        };
        let state = Mutex::new(State { written, ..State::default() });
        let cleaned = Mutex::new(read_checkpoint(disk, path, OffsetCheckpoint::Cleaner)?);
        Ok(Self { disk: disk.clone(), path: path.to_owned(), state, cleaned })
    }

    /// What the files hold.
    pub(super) fn found(&self) -> Round {
        self.state.lock().written.clone()
    }

    fn write(&self, checkpoint: OffsetCheckpoint, offsets: &Offsets) -> Result<(), StorageError> {
        let path = self.path.join(checkpoint.file_name());
        replace_file(&self.disk, &path, offsets::encode(offsets).as_bytes())
            .map_err(StorageError::at("replace", &path))
    }

    fn write_all(&self, round: &Round) -> Result<(), StorageError> {
        self.write(OffsetCheckpoint::RecoveryPoint, &round.recovery_points)?;
        self.write(OffsetCheckpoint::LogStart, &round.log_starts)?;
        self.write(OffsetCheckpoint::HighWatermark, &round.high_watermarks)
    }

    pub(super) fn begin(&self) -> Round {
        let mut state = self.state.lock();
        state.lowered.clear();
        state.lowered_starts.clear();
        Round::default()
    }

    pub(super) fn finish(&self, mut round: Round) -> Result<(), StorageError> {
        let mut state = self.state.lock();
        lower_all(&mut round.recovery_points, &state.lowered);
        lower_all(&mut round.log_starts, &state.lowered_starts);
        self.write_all(&round)?;
        state.written = round;
        Ok(())
    }

    /// Makes sure that no checkpoint says that more than `limit` of the log is synced.
    pub(crate) fn lower(&self, tp: &TopicPartition, limit: Offset) -> Result<(), StorageError> {
        let mut state = self.state.lock();
        let lowered = state.lowered.entry(tp.clone()).or_insert(limit);
        *lowered = limit.min(*lowered);
        match state.written.recovery_points.get_mut(tp) {
            Some(point) if *point > limit => *point = limit,
            _ => return Ok(()),
        }
        self.write(OffsetCheckpoint::RecoveryPoint, &state.written.recovery_points)
    }

    /// Makes sure that the checkpoint says of everything before `point` that it is synced. It is, and whoever lowers the
    /// point waits for the log's lock, which the caller holds.
    pub(crate) fn raise(&self, tp: &TopicPartition, point: Offset) -> Result<(), StorageError> {
        let mut state = self.state.lock();
        let known = state.written.recovery_points.entry(tp.clone()).or_default();
        if *known >= point {
            return Ok(());
        }
        *known = point;
        self.write(OffsetCheckpoint::RecoveryPoint, &state.written.recovery_points)
    }

    /// As [`Checkpoints::lower`] for many logs, with one write.
    pub(super) fn lower_many(&self, limits: BTreeMap<TopicPartition, Offset>) -> Result<(), StorageError> {
        let mut state = self.state.lock();
        let is_above = |(tp, limit): (&TopicPartition, &Offset)| {
            state.written.recovery_points.get(tp).is_some_and(|point| point > limit)
        };
        let needs_write = limits.iter().any(is_above);
        lower_all(&mut state.written.recovery_points, &limits);
        if needs_write {
            self.write(OffsetCheckpoint::RecoveryPoint, &state.written.recovery_points)?;
        }
        Ok(())
    }

    /// Makes sure that no checkpoint says that a log starts after `limit`: it was cut to before its start.
    pub(crate) fn lower_start(&self, tp: &TopicPartition, limit: Offset) -> Result<(), StorageError> {
        let mut state = self.state.lock();
        let lowered = state.lowered_starts.entry(tp.clone()).or_insert(limit);
        *lowered = limit.min(*lowered);
        match state.written.log_starts.get_mut(tp) {
            Some(start) if *start > limit => *start = limit,
            _ => return Ok(()),
        }
        self.write(OffsetCheckpoint::LogStart, &state.written.log_starts)
    }

    /// Makes sure that no checkpoint says anything of a partition that is about to be created.
    pub(super) fn forget(&self, tp: &TopicPartition) -> Result<(), StorageError> {
        let mut state = self.state.lock();
        state.lowered.insert(tp.clone(), Offset::ZERO);
        state.lowered_starts.insert(tp.clone(), Offset::ZERO);
        if state.written.remove(tp) {
            self.write_all(&state.written)?;
        }
        drop(state);
        self.lower_cleaned(tp, Offset::ZERO)
    }
}

/// How far logs were compacted.
impl<D: Disk> Checkpoints<D> {
    /// What the file says, or what was noted since.
    pub(crate) fn cleaned_to(&self, tp: &TopicPartition) -> Option<Offset> {
        self.cleaned.lock().get(tp).copied()
    }

    /// Notes it; [`Checkpoints::write_cleaned`] writes it down.
    pub(crate) fn cleaned(&self, tp: &TopicPartition, to: Offset) {
        self.cleaned.lock().insert(tp.clone(), to);
    }

    /// Writes down what was noted.
    pub(crate) fn write_cleaned(&self) -> Result<(), StorageError> {
        let cleaned = self.cleaned.lock();
        self.write(OffsetCheckpoint::Cleaner, &cleaned)
    }

    /// Makes sure that the file does not say of more than what lies before `limit` that it was compacted.
    pub(crate) fn lower_cleaned(&self, tp: &TopicPartition, limit: Offset) -> Result<(), StorageError> {
        let mut cleaned = self.cleaned.lock();
        match cleaned.get_mut(tp) {
            Some(to) if *to > limit => *to = limit,
            _ => return Ok(()),
        }
        self.write(OffsetCheckpoint::Cleaner, &cleaned)
    }

    /// Notes nothing of a partition any more.
    pub(crate) fn forget_cleaned(&self, tp: &TopicPartition) {
        self.cleaned.lock().remove(tp);
    }

    /// Notes nothing of partitions that are not there.
    pub(super) fn keep_cleaned(&self, is_there: impl Fn(&TopicPartition) -> bool) {
        self.cleaned.lock().retain(|tp, _| is_there(tp));
    }
}

fn lower_all(offsets: &mut Offsets, limits: &BTreeMap<TopicPartition, Offset>) {
    for (tp, &limit) in limits {
        if let Some(offset) = offsets.get_mut(tp) {
            *offset = limit.min(*offset);
        }
    }
}

/// A checkpoint that does not read counts as empty: recovery then does more than it must.
fn read_checkpoint<D: Disk>(disk: &D, path: &Path, checkpoint: OffsetCheckpoint) -> io::Result<Offsets> {
    let path = path.join(checkpoint.file_name());
    let content = match read_file(disk, &path, CHECKPOINT_BYTES_MAX) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Offsets::new()),
        other => other?,
    };
    Ok(offsets::decode(&content).unwrap_or_else(|error| {
        tracing::warn!(path = %path.display(), %error, "the checkpoint is malformed and not used");
        Offsets::new()
    }))
}
