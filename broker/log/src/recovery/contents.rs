//! What lies in a partition's folder, after the leftovers of an interrupted run are cleared away: see `leftovers.rs`.
//! Indexes without a log are unlinked.

use std::{collections::BTreeMap, io, path::Path};

use broker_types::{Offset, TopicId};

use super::leftovers::clear_leftovers;
use crate::{
    checkpoint::{CHECKPOINT_BYTES_MAX, epochs, partition_metadata},
    disk::{Disk, read_file, remove_if_present},
    epochs::EpochStart,
    names::{Ending, FileKind, parse_file_name},
};

/// The files of one log.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Base offsets of the `.log` files, rising.
    pub(super) bases: Vec<Offset>,
    /// Offsets of the producer snapshots.
    pub(super) snapshots: Vec<Offset>,
    /// Which of the companions each segment has.
    companions: BTreeMap<Offset, Vec<FileKind>>,
    has_epochs: bool,
    has_topic_id: bool,
}

impl Contents {
    /// Lists `folder`, clears it, and says what is left.
    pub(super) fn tidy<D: Disk>(disk: &D, folder: &Path) -> io::Result<Self> {
        let names = list(disk, folder)?;
        if names
            .iter()
            .any(|name| matches!(parse_file_name(name), Some((_, _, ending)) if ending != Ending::None))
        {
            clear_leftovers(disk, folder, &names)?;
            return Self::of(disk, folder, list(disk, folder)?);
        }
        Self::of(disk, folder, names)
    }

    fn of<D: Disk>(disk: &D, folder: &Path, names: Vec<String>) -> io::Result<Self> {
        let mut contents = Self::default();
        for name in names {
            match parse_file_name(&name) {
                Some((base, FileKind::Log, Ending::None)) => contents.bases.push(base),
                Some((base, FileKind::Snapshot, Ending::None)) => contents.snapshots.push(base),
                Some((base, kind, Ending::None)) => contents.companions.entry(base).or_default().push(kind),
                Some(_) => {}
                None if name == epochs::FILE_NAME => contents.has_epochs = true,
                None if name == partition_metadata::FILE_NAME => contents.has_topic_id = true,
                None => {}
            }
        }
        contents.bases.sort_unstable();
        for (&base, kinds) in &contents.companions {
            if contents.bases.binary_search(&base).is_err() {
                for &kind in kinds {
                    remove_if_present(disk, &crate::names::file_path(folder, base, kind))?;
                }
            }
        }
        Ok(contents)
    }

    pub(super) fn has(&self, base: Offset, kind: FileKind) -> bool {
        self.companions.get(&base).is_some_and(|kinds| kinds.contains(&kind))
    }

    /// Whether a segment has both of the indexes that every segment has.
    pub(super) fn has_indexes(&self, base: Offset) -> bool {
        self.has(base, FileKind::OffsetIndex) && self.has(base, FileKind::TimeIndex)
    }

    /// The topic's id. A file that does not read was torn before the first append: there is no id, as without it.
    pub(super) fn read_topic_id<D: Disk>(&self, disk: &D, folder: &Path) -> io::Result<Option<TopicId>> {
        if !self.has_topic_id {
            return Ok(None);
        }
        let path = folder.join(partition_metadata::FILE_NAME);
        let decoded = partition_metadata::decode(&read_file(disk, &path, CHECKPOINT_BYTES_MAX)?);
        Ok(decoded.unwrap_or_else(|error| {
            tracing::warn!(path = %path.display(), %error, "the file is malformed; the topic's id is unknown");
            None
        }))
    }

    /// The checkpointed epochs; `None` when they must be learned from the batches.
    pub(super) fn read_epochs<D: Disk>(
        &self,
        disk: &D,
        folder: &Path,
    ) -> io::Result<Option<Vec<EpochStart>>> {
        if !self.has_epochs {
            return Ok(None);
        }
        let path = folder.join(epochs::FILE_NAME);
        match epochs::decode(&read_file(disk, &path, CHECKPOINT_BYTES_MAX)?) {
            Ok(entries) => Ok(Some(entries)),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "the file is malformed; epochs are learned from the log");
                Ok(None)
            }
        }
    }
}

fn list<D: Disk>(disk: &D, folder: &Path) -> io::Result<Vec<String>> {
    Ok(disk.list(folder)?.into_iter().filter(|entry| !entry.is_dir).map(|entry| entry.name).collect())
}
