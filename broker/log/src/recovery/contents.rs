//! What lies in a partition's folder, after the leftovers of an interrupted run are cleared away.
//!
//! `.deleted` files are unlinked. `.cleaned` files are an unfinished compaction: unlinked, and any `.swap` at or
//! after them with them. The other `.swap` files are a finished one: the segments that they replace are unlinked
//! and they take their place. Indexes without a log are unlinked.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use broker_records::HEADER_BYTES;
use broker_types::{Offset, TopicId};

use crate::{
    checkpoint::{CHECKPOINT_BYTES_MAX, epochs, partition_metadata},
    disk::{Disk, OpenMode, read_file, remove_if_present},
    epochs::EpochStart,
    names::{Ending, FileKind, SWAP, parse_file_name},
    scan::{Next, Scan},
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

fn clear_leftovers<D: Disk>(disk: &D, folder: &Path, names: &[String]) -> io::Result<()> {
    let parsed = || names.iter().filter_map(|name| Some((name, parse_file_name(name)?)));
    let first_cleaned =
        parsed().filter(|(_, (_, _, ending))| *ending == Ending::Cleaned).map(|(_, (base, ..))| base).min();
    let mut swaps = Vec::new();
    for (name, (base, _, ending)) in parsed() {
        match ending {
            Ending::None => {}
            Ending::Deleted | Ending::Cleaned => remove_if_present(disk, &folder.join(name))?,
            Ending::Swap if first_cleaned.is_some_and(|first| base >= first) => {
                remove_if_present(disk, &folder.join(name))?;
            }
            Ending::Swap => swaps.push(name),
        }
    }
    let mut replaced: Option<(Offset, Offset)> = None;
    for name in &swaps {
        if let Some((base, FileKind::Log, _)) = parse_file_name(name) {
            let end = end_of(disk, &folder.join(name), base)?;
            let (low, high) = replaced.unwrap_or((base, end));
            replaced = Some((low.min(base), high.max(end)));
        }
    }
    for (name, (base, _, ending)) in parsed() {
        if ending == Ending::None && replaced.is_some_and(|(low, high)| base >= low && base < high) {
            remove_if_present(disk, &folder.join(name))?;
        }
    }
    for name in swaps {
        let target: PathBuf = folder.join(name.strip_suffix(SWAP).unwrap_or(name));
        disk.rename(&folder.join(name), &target)?;
    }
    Ok(())
}

/// The offset after the last batch of a file.
fn end_of<D: Disk>(disk: &D, path: &Path, base: Offset) -> io::Result<Offset> {
    let file = disk.open(path, OpenMode::Read)?;
    let mut buffer = vec![0; HEADER_BYTES.max(64 << 10)];
    let size = disk.file_size(path)?;
    let mut scan = Scan::new(&file, &mut buffer, 0, size);
    let mut end = base;
    while let Next::Batch(batch) = scan.advance()? {
        end = batch.header.next_offset();
    }
    Ok(end)
}
