//! From the files to the machine and the image: the newest snapshot, then the log behind it.
//!
//! Invariant: only what is committed gets into the image. A quorum of one has committed all that it wrote; a member of a
//! larger one learns from its leader how much of its log is.

use std::sync::Arc;

use broker_log::LogDirectory;
use broker_metadata::Image;
use broker_raft::{Durable, EpochHistory, InvalidSnapshot, Raft, Timing, Voter, VoterHistory, read_snapshot};
use broker_records::batches;
use broker_types::{Offset, Timestamp};
use bytes::Bytes;

use super::{
    contents::{self, Contents, Unreadable},
    disk::{MetadataDisk, QuorumDiskError},
    snapshots::image_of,
};

/// How much of the log is read at a time.
const READ_BYTES: u32 = 8 * 1024 * 1024;

/// Why the metadata cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error(transparent)]
    Disk(#[from] QuorumDiskError),
    #[error("the snapshot {name}: {reason}")]
    Snapshot { name: String, reason: InvalidSnapshot },
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("the metadata record at offset {offset} does not fit: {reason}")]
    Replay { offset: Offset, reason: String },
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

impl LoadedQuorum {
    /// Makes the member join the voters by itself (`controller.quorum.auto.join.enable`), or not.
    pub(crate) fn joining(self, joins: bool) -> Self {
        Self { raft: self.raft.joining(joins), ..self }
    }
}

/// Opens the metadata log in `directory`, and replays what is committed for certain.
pub(crate) fn load(
    directory: Arc<LogDirectory>,
    me: Voter,
    segment_bytes: u32,
    timing: Timing,
    now: Timestamp,
) -> Result<LoadedQuorum, LoadError> {
    let mut disk = MetadataDisk::open(directory, segment_bytes, now)?;
    let (mut voters, mut epochs) = (VoterHistory::default(), EpochHistory::default());
    let (mut image, mut next) = (Image::default(), Offset::ZERO);
    let snapshot_id = disk.snapshots()?.pop();
    if let Some(id) = snapshot_id {
        let file = disk.read_snapshot(id)?;
        let snapshot =
            read_snapshot(&file).map_err(|reason| LoadError::Snapshot { name: id.to_string(), reason })?;
        voters.snapshot(id, &snapshot);
        epochs = EpochHistory::behind(id);
        image = image_of(id, &snapshot).map_err(|reason| LoadError::Replay { offset: id.end, reason })?;
        next = id.end;
        if disk.end() < id.end {
            // A crash came between a leader's snapshot and the new beginning of the log.
            disk.restart_behind(id, now)?;
        }
    }
    each(&disk, disk.start(), |_, bytes| {
        // The log may start inside of a batch.
        let contents = Contents::of(bytes, Offset::ZERO)?;
        contents.epochs.iter().for_each(|(epoch, offset)| epochs.assign(*epoch, *offset));
        contents.voters.into_iter().for_each(|(end, set)| voters.appended(end, set));
        Ok(contents.end)
    })?;
    let sole = voters.latest().len() == 1 && voters.latest().contains(me.key);
    if sole {
        next = each(&disk, next, |from, bytes| replay(&mut image, from, bytes))?;
    }
    let durable = Durable {
        state: disk.read_state()?,
        voters,
        epochs,
        snapshot: snapshot_id,
        log_start: disk.start(),
        end: disk.end(),
    };
    // It only spreads elections; the time is random enough for that, with the node's id.
    let seed = u64::try_from(now.as_millis()).unwrap_or_default()
        ^ (u64::from(me.key.id.get().unsigned_abs()) << 48);
    Ok(LoadedQuorum { next, image, raft: Raft::new(me, durable, timing, seed), disk })
}

/// Goes through the log from `from` on; gives its end.
fn each(
    disk: &MetadataDisk,
    from: Offset,
    mut take: impl FnMut(Offset, &Bytes) -> Result<Offset, LoadError>,
) -> Result<Offset, LoadError> {
    let mut next = from.max(disk.start());
    while next < disk.end() {
        let bytes = disk.read(next, disk.end(), READ_BYTES)?;
        let end = take(next, &bytes)?;
        if end <= next {
            return Err(Unreadable { offset: next, reason: "no whole batch is there".to_owned() }.into());
        }
        next = end;
    }
    Ok(next)
}

fn replay(image: &mut Image, from: Offset, bytes: &Bytes) -> Result<Offset, LoadError> {
    let mut next = from;
    for batch in batches(bytes).map_while(Result::ok) {
        for (offset, record) in contents::metadata(bytes, &batch)? {
            if offset >= from {
                let replayed = image.replay(offset, &record);
                replayed.map_err(|error| LoadError::Replay { offset, reason: error.to_string() })?;
            }
        }
        next = batch.header.next_offset();
        image.advance_to(Offset::new(next.get() - 1));
    }
    Ok(next)
}
