//! From the files to the image: the newest snapshot, then the log behind it.

use std::sync::Arc;

use broker_log::LogDirectory;
use broker_metadata::Image;
use broker_protocol::records::metadata::MetadataRecord;
use broker_raft::{Durable, EpochHistory, InvalidSnapshot, Raft, Timing, Voter, VoterHistory, read_snapshot};
use broker_records::{BatchView, Codec, ControlKey, batches};
use broker_types::{Offset, Timestamp};
use bytes::Bytes;

use super::disk::{MetadataDisk, QuorumDiskError};

/// How much of the log is read at a time.
const READ_BYTES: u32 = 8 * 1024 * 1024;

/// Why the metadata cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error(transparent)]
    Disk(#[from] QuorumDiskError),
    #[error("the snapshot {name}: {reason}")]
    Snapshot { name: String, reason: InvalidSnapshot },
    #[error("the metadata record at offset {offset} does not read: {reason}")]
    Record { offset: Offset, reason: String },
    #[error("the metadata record at offset {offset} does not fit: {reason}")]
    Replay { offset: Offset, reason: String },
    #[error("the metadata quorum has {0} voters; quorums of more than one arrive with a later release")]
    Quorum(usize),
}

/// What the files say.
#[derive(Debug)]
pub(crate) struct LoadedQuorum {
    pub(crate) disk: MetadataDisk,
    pub(crate) image: Image,
    pub(crate) raft: Raft,
    /// The offset after the last replayed record.
    pub(crate) next: Offset,
}

/// Opens the metadata log in `directory` and replays it. As the only voter of the quorum, this node has
/// committed everything that is in its log.
pub(crate) fn load(
    directory: Arc<LogDirectory>,
    me: Voter,
    segment_bytes: u32,
    now: Timestamp,
) -> Result<LoadedQuorum, LoadError> {
    let disk = MetadataDisk::open(directory, segment_bytes, now)?;
    let mut replay = Replay::default();
    let snapshot_id = disk.snapshots()?.pop();
    if let Some(id) = snapshot_id {
        let file = disk.read_snapshot(id)?;
        let snapshot =
            read_snapshot(&file).map_err(|reason| LoadError::Snapshot { name: id.to_string(), reason })?;
        replay.voters.snapshot(id, &snapshot);
        replay.epochs = EpochHistory::behind(id);
        for value in snapshot.values {
            replay.record(id.end, value)?;
        }
        replay.next = id.end;
        if id.end > Offset::ZERO {
            replay.image.advance_to(Offset::new(id.end.get() - 1));
        }
    }
    replay.log(&disk)?;
    let durable = Durable {
        state: disk.read_state()?,
        voters: replay.voters,
        epochs: replay.epochs,
        snapshot: snapshot_id,
        log_start: disk.log.start_offset(),
        end: disk.end(),
    };
    let voters = durable.voters.latest().len();
    if voters > 1 {
        return Err(LoadError::Quorum(voters));
    }
    // It only spreads elections; the time is random enough for that.
    let seed = u64::try_from(now.as_millis()).unwrap_or_default();
    let raft = Raft::new(me, durable, Timing::default(), seed);
    Ok(LoadedQuorum { next: replay.next.max(disk.end()), image: replay.image, raft, disk })
}

#[derive(Default)]
struct Replay {
    image: Image,
    voters: VoterHistory,
    next: Offset,
    epochs: EpochHistory,
}

impl Replay {
    fn log(&mut self, disk: &MetadataDisk) -> Result<(), LoadError> {
        let end = disk.log.end_offset();
        while self.next < end {
            let from = self.next.max(disk.log.start_offset());
            let slice = disk.log.read(from, READ_BYTES, end, true).map_err(QuorumDiskError::from)?;
            let unreadable =
                |source| QuorumDiskError::File { action: "read", path: disk.log.folder().to_owned(), source };
            let bytes = Bytes::from(slice.read_to_vec().map_err(unreadable)?);
            let before = self.next;
            for batch in batches(&bytes) {
                let batch = batch
                    .map_err(|error| LoadError::Record { offset: self.next, reason: error.to_string() })?;
                self.batch(&bytes, &batch)?;
            }
            if self.next == before {
                return Err(LoadError::Record {
                    offset: before,
                    reason: "no whole batch is there".to_owned(),
                });
            }
        }
        Ok(())
    }

    fn batch(&mut self, bytes: &Bytes, batch: &BatchView<'_>) -> Result<(), LoadError> {
        let offset = batch.header.first_offset();
        let malformed = |reason: String| LoadError::Record { offset, reason };
        if batch.header.attributes.codec() != Some(Codec::None) {
            return Err(malformed("it is compressed, which metadata never is".to_owned()));
        }
        for record in batch.records() {
            let record = record.map_err(|error| malformed(error.to_string()))?;
            let offset = offset.plus(i64::from(record.offset_delta));
            let value = bytes.slice_ref(record.value.unwrap_or_default());
            if offset < self.next {
                continue;
            }
            if batch.header.attributes.is_control() {
                self.control(offset, record.key.unwrap_or_default(), &value)?;
                self.image.advance_to(offset);
            } else {
                self.record(offset, value)?;
            }
        }
        self.next = self.next.max(batch.header.next_offset());
        self.epochs.assign(batch.header.epoch(), batch.header.first_offset());
        Ok(())
    }

    fn control(&mut self, offset: Offset, key: &[u8], value: &Bytes) -> Result<(), LoadError> {
        let kind = ControlKey::parse(key).and_then(ControlKey::control_type);
        self.voters
            .control(offset, kind, value)
            .map_err(|error| LoadError::Record { offset, reason: error.to_string() })
    }

    fn record(&mut self, offset: Offset, value: Bytes) -> Result<(), LoadError> {
        let record = MetadataRecord::decode(value)
            .map_err(|error| LoadError::Record { offset, reason: error.to_string() })?;
        self.image
            .replay(offset, &record)
            .map_err(|error| LoadError::Replay { offset, reason: error.to_string() })?;
        Ok(())
    }
}
