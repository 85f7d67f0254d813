//! Formatting: the identity of the directories, and the first snapshots of a quorum.
//!
//! Who may write a voter set: only a node that was told that it is the bootstrap. An emptied volume that would
//! write one for itself would elect itself from nothing and forget what the cluster knows.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use broker_controller::FirstFeatures;
use broker_log::METADATA_TOPIC;
use broker_protocol::records::metadata::MetadataRecord;
use broker_raft::{SnapshotId, SnapshotTooLarge, Voters, read_snapshot, write_snapshot};
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
    /// What formatting left does not read.
    #[error("{}: {reason}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
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
    features: &FirstFeatures,
    now: Timestamp,
) -> Result<(), FormatError> {
    let folder = metadata_directory.join(format!("{METADATA_TOPIC}-0"));
    fs::create_dir_all(&folder).map_err(|source| FormatError::Disk { path: folder.clone(), source })?;
    let id = SnapshotId { end: Offset::ZERO, epoch: LeaderEpoch::ZERO };
    let none = std::iter::empty::<Result<Bytes, SnapshotTooLarge>>();
    let voters = write_snapshot(id, voters, none, now, now)?;
    write(&folder.join(id.to_string()), &voters)?;
    let first = features.records().into_iter().map(|record| {
        let encoded =
            record.encode(features.version.record_version(&record)).map_err(SnapshotTooLarge::from)?;
        Ok::<_, SnapshotTooLarge>(encoded.into_bytes())
    });
    let bootstrap = write_snapshot(id, &Voters::default(), first, Timestamp::from_millis(0), now)?;
    write(&metadata_directory.join(BOOTSTRAP), &bootstrap)
}

/// The first records of the cluster that this node may found, as formatting left them; `None` when it left none.
///
/// # Errors
/// Why they cannot be read.
pub(crate) fn first_records(metadata_directory: &Path) -> Result<Option<Vec<MetadataRecord>>, FormatError> {
    let path = metadata_directory.join(BOOTSTRAP);
    let file = match fs::read(&path) {
        Ok(file) => Bytes::from(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(FormatError::Disk { path, source }),
    };
    let invalid = |reason: String| FormatError::Invalid { path: path.clone(), reason };
    let snapshot = read_snapshot(&file).map_err(|error| invalid(error.to_string()))?;
    let records = snapshot.values.into_iter().map(MetadataRecord::decode).collect::<Result<_, _>>();
    records.map(Some).map_err(|error| invalid(error.to_string()))
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
