//! Formatting: the identity of the directories, and the first snapshots of a quorum.
//!
//! Who may write a voter set: only a node that was told that it is the bootstrap. An emptied volume that would
//! write one for itself would elect itself from nothing and forget what the cluster knows.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use broker_controller::fresh_cluster;
use broker_log::METADATA_TOPIC;
use broker_metadata::MetadataVersion;
use broker_raft::{SnapshotId, SnapshotTooLarge, Voters, write_snapshot};
use broker_types::{LeaderEpoch, Offset, Timestamp};
use bytes::Bytes;

/// The first feature records, where Kafka's controllers look for them.
const BOOTSTRAP: &str = "bootstrap.checkpoint";

/// Why a directory could not be formatted.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The disk's.
    #[error("{}: {source}", path.display())]
    Disk {
        /// Which file.
        path: PathBuf,
        /// What failed.
        source: io::Error,
    },
    /// A record could not be written.
    #[error(transparent)]
    Record(#[from] SnapshotTooLarge),
}

/// Whether `metadata_directory` holds metadata already: a log or a snapshot.
pub(crate) fn has_metadata(metadata_directory: &Path) -> bool {
    let folder = metadata_directory.join(format!("{METADATA_TOPIC}-0"));
    fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.ends_with(".log") || name.ends_with(".checkpoint")
        })
    })
}

/// Writes what formatting writes into a directory that has its identity: the first voter set as the snapshot at offset 0,
/// and the cluster's first records.
///
/// # Errors
/// The disk's.
pub(crate) fn write_first_voters(
    metadata_directory: &Path,
    voters: &Voters,
    now: Timestamp,
) -> Result<(), FormatError> {
    let folder = metadata_directory.join(format!("{METADATA_TOPIC}-0"));
    fs::create_dir_all(&folder).map_err(|source| FormatError::Disk { path: folder.clone(), source })?;
    let id = SnapshotId { end: Offset::ZERO, epoch: LeaderEpoch::ZERO };
    let none = std::iter::empty::<Result<Bytes, SnapshotTooLarge>>();
    let voters = write_snapshot(id, voters, none, now, now)?;
    write(&folder.join(id.to_string()), &voters)?;
    let version = MetadataVersion::LATEST;
    let first = fresh_cluster(version).into_iter().map(|record| {
        let encoded = record.encode(version.record_version(&record)).map_err(SnapshotTooLarge::from)?;
        Ok::<_, SnapshotTooLarge>(encoded.into_bytes())
    });
    let bootstrap = write_snapshot(id, &Voters::default(), first, Timestamp::from_millis(0), now)?;
    write(&metadata_directory.join(BOOTSTRAP), &bootstrap)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), FormatError> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        match path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    };
    write().map_err(|source| FormatError::Disk { path: path.to_owned(), source })
}
