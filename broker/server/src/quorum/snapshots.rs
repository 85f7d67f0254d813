//! The snapshots of the metadata log on the disk: those written here, and those that come from a leader part by part.
//!
//! Durability points: a snapshot is durable under its own name, or it is not there. One that comes from a leader has
//! another name until it is whole; only then does the log begin anew behind it.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::FileExt as _,
    path::PathBuf,
};

use broker_metadata::Image;
use broker_protocol::records::metadata::MetadataRecord;
use broker_raft::{Snapshot, SnapshotId, Voters, read_snapshot, write_snapshot};
use broker_types::Timestamp;
use bytes::Bytes;

use super::disk::{MetadataDisk, QuorumDiskError, at, replace};

/// How many snapshots are kept: the newest, and the one before it in case it was being read.
const SNAPSHOTS_KEPT: usize = 2;
/// The end of a name while not all parts are there.
const PART: &str = ".part";

/// The image that a snapshot holds.
pub(super) fn image_of(id: SnapshotId, snapshot: &Snapshot) -> Result<Image, String> {
    let decoded = snapshot.values.iter().map(|value| MetadataRecord::decode(value.clone()));
    let records = decoded.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    Image::from_snapshot(id.end, &records).map_err(|error| error.to_string())
}

impl MetadataDisk {
    /// The snapshots, oldest first.
    pub(crate) fn snapshots(&self) -> Result<Vec<SnapshotId>, QuorumDiskError> {
        let entries = fs::read_dir(&self.folder).map_err(at("list", &self.folder))?;
        let mut found: Vec<SnapshotId> =
            entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        found.sort_unstable();
        Ok(found)
    }

    /// A snapshot's bytes.
    pub(crate) fn read_snapshot(&self, id: SnapshotId) -> Result<Bytes, QuorumDiskError> {
        let path = self.folder.join(id.to_string());
        fs::read(&path).map(Bytes::from).map_err(at("read", &path))
    }

    /// Writes a snapshot, then lets go of the log and the snapshots before it.
    pub(crate) fn write_snapshot(
        &mut self,
        id: SnapshotId,
        voters: &Voters,
        values: impl Iterator<Item = Result<Bytes, QuorumDiskError>>,
        now: Timestamp,
    ) -> Result<(), QuorumDiskError> {
        let bytes = write_snapshot(id, voters, values, now, now)?;
        replace(&self.folder.join(id.to_string()), &bytes)?;
        if self.log.advance_start_offset(id.end).is_ok() {
            self.log.retain(now)?;
        }
        let mut all = self.snapshots()?;
        all.truncate(all.len().saturating_sub(SNAPSHOTS_KEPT));
        for old in all {
            let path = self.folder.join(old.to_string());
            fs::remove_file(&path).map_err(at("remove", &path))?;
        }
        while let Some(job) = self.log.take_due_deletes(now) {
            job.run()?;
        }
        Ok(())
    }

    /// A part of a snapshot, and the size of the whole.
    pub(super) fn read_snapshot_part(
        &self,
        id: SnapshotId,
        position: u64,
        max_bytes: u32,
    ) -> Result<(Bytes, u64), QuorumDiskError> {
        let path = self.folder.join(id.to_string());
        let read = || {
            let file = File::open(&path)?;
            let size = file.metadata()?.len();
            let wanted = size.saturating_sub(position).min(u64::from(max_bytes));
            let mut part = vec![0; usize::try_from(wanted).unwrap_or(0)];
            file.read_exact_at(&mut part, position)?;
            Ok((Bytes::from(part), size))
        };
        read().map_err(at("read", &path))
    }

    /// Keeps a part of a snapshot that comes from a leader.
    pub(super) fn write_snapshot_part(
        &self,
        id: SnapshotId,
        position: u64,
        part: &[u8],
    ) -> Result<(), QuorumDiskError> {
        let path = self.part(id);
        let write = || {
            let file = OpenOptions::new().write(true).create(true).truncate(position == 0).open(&path)?;
            file.write_all_at(part, position)
        };
        write().map_err(at("write", &path))
    }

    /// Puts a whole snapshot that came from a leader in the place of the log.
    pub(super) fn install_snapshot(
        &mut self,
        id: SnapshotId,
        now: Timestamp,
    ) -> Result<(Image, Voters), QuorumDiskError> {
        let path = self.part(id);
        let file = fs::read(&path).map(Bytes::from).map_err(at("read", &path))?;
        let refused = |reason: String| QuorumDiskError::Received { name: id.to_string(), reason };
        let read = read_snapshot(&file).map_err(|error| error.to_string());
        let found = read.and_then(|snapshot| Ok((image_of(id, &snapshot)?, snapshot.voters)));
        if found.is_err() {
            // The next start asks for it anew.
            fs::remove_file(&path).map_err(at("remove", &path))?;
        }
        let found = found.map_err(refused)?;
        replace(&self.folder.join(id.to_string()), &file)?;
        fs::remove_file(&path).map_err(at("remove", &path))?;
        self.restart_behind(id, now)?;
        Ok(found)
    }

    /// Lets the log begin behind a snapshot that says more than the log does.
    pub(super) fn restart_behind(&mut self, id: SnapshotId, now: Timestamp) -> Result<(), QuorumDiskError> {
        self.log.truncate_fully_and_start_at(id.end, now)?;
        Ok(())
    }

    fn part(&self, id: SnapshotId) -> PathBuf {
        self.folder.join(format!("{id}{PART}"))
    }
}
