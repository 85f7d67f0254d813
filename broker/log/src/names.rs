//! Names of files and folders in a log directory, and what they say.
//!
//! `<20-digit base offset>.log` and its companions, temporary endings, `<topic>-<partition>` folders and their
//! endings while they are being deleted, moved or are not known to the cluster.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use broker_types::{Offset, PartitionId, TopicName, TopicPartition};

/// What a segment's file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FileKind {
    /// Batches.
    Log,
    /// Offset to position.
    OffsetIndex,
    /// Timestamp to offset.
    TimeIndex,
    /// Aborted transactions.
    TxnIndex,
    /// Producer state at the offset in the name.
    Snapshot,
}

/// The ending of a file that is not in regular use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// In use.
    None,
    /// Waits for its removal.
    Deleted,
    /// Compaction had not finished writing it.
    Cleaned,
    /// Compaction had finished it and was about to put it in place.
    Swap,
}

pub(crate) const DELETED: &str = ".deleted";
pub(crate) const CLEANED: &str = ".cleaned";
pub(crate) const SWAP: &str = ".swap";

impl FileKind {
    pub(crate) const SEGMENT: [Self; 4] = [Self::Log, Self::OffsetIndex, Self::TimeIndex, Self::TxnIndex];

    const fn suffix(self) -> &'static str {
        match self {
            Self::Log => ".log",
            Self::OffsetIndex => ".index",
            Self::TimeIndex => ".timeindex",
            Self::TxnIndex => ".txnindex",
            Self::Snapshot => ".snapshot",
        }
    }
}

/// `00000000000000000042.log`.
pub(crate) fn file_name(base: Offset, kind: FileKind) -> String {
    format!("{:020}{}", base.get(), kind.suffix())
}

/// The path of a segment's file in `folder`.
pub(crate) fn file_path(folder: &Path, base: Offset, kind: FileKind) -> PathBuf {
    folder.join(file_name(base, kind))
}

/// The path of a segment's file that has this ending: `00000000000000000042.log.swap`.
pub(crate) fn file_path_with(folder: &Path, base: Offset, kind: FileKind, ending: &str) -> PathBuf {
    folder.join(file_name(base, kind) + ending)
}

/// What a name in a partition's folder says; `None` for names that are not of this scheme.
pub(crate) fn parse_file_name(name: &str) -> Option<(Offset, FileKind, Ending)> {
    let (digits, rest) = name.split_at_checked(20)?;
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let base = Offset::from_wire(digits.parse().ok()?)?;
    let (kind, ending) = match rest.rsplit_once('.')? {
        ("", _) => (rest, Ending::None),
        (kind, "deleted") => (kind, Ending::Deleted),
        (kind, "cleaned") => (kind, Ending::Cleaned),
        (kind, "swap") => (kind, Ending::Swap),
        _ => return None,
    };
    let kinds =
        [FileKind::Log, FileKind::OffsetIndex, FileKind::TimeIndex, FileKind::TxnIndex, FileKind::Snapshot];
    let kind = kinds.into_iter().find(|known| known.suffix() == kind)?;
    Some((base, kind, ending))
}

/// What a folder in a log directory is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FolderKind {
    /// A partition in use.
    Partition(TopicPartition),
    /// A partition whose removal has begun: `<topic>-<p>.<uuid>-delete`.
    Deleted,
    /// A copy that was being moved in from another directory: `<topic>-<p>.<uuid>-future`.
    Future(TopicPartition),
    /// A partition that the cluster did not know when a broker started: `<topic>-<p>.<uuid>-stray`.
    Stray,
}

/// Which ending a partition's folder gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FolderEnding {
    Delete,
    Stray,
}

impl fmt::Display for FolderEnding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delete => "-delete",
            Self::Stray => "-stray",
        })
    }
}

/// A file name's longest length.
pub(crate) const NAME_LENGTH_MAX: usize = 255;

/// `<topic>-<p>.<32 hex digits>-delete`; a long topic is cut so that the name fits, as Kafka does.
pub(crate) fn folder_name_with_ending(tp: &TopicPartition, unique: u128, ending: FolderEnding) -> String {
    let tail = format!("-{}.{unique:032x}{ending}", tp.partition.get());
    let topic = tp.topic.as_str();
    let room = NAME_LENGTH_MAX.saturating_sub(tail.len()).min(topic.len());
    format!("{}{tail}", topic.get(..room).unwrap_or_default())
}

/// `<topic>-<p>.<32 hex digits>-future`; not cut, as the partition is read from it again. Longer than a name may be for the
/// longest topics.
pub(crate) fn future_folder_name(tp: &TopicPartition, unique: u128) -> String {
    format!("{tp}.{unique:032x}-future")
}

/// What the folder called `name` is; `None` when it is no partition's.
#[must_use]
pub fn parse_folder_name(name: &str) -> Option<FolderKind> {
    for (ending, kind) in [("-delete", 0), ("-future", 1), ("-stray", 2)] {
        let Some(rest) = name.strip_suffix(ending) else { continue };
        // A topic may itself be called `a-delete`; the ending counts only with its id before it.
        let Some((partition, unique)) = rest.rsplit_once('.') else { continue };
        let Some(tp) = parse_partition(partition) else { continue };
        if unique.is_empty() || unique.contains('-') {
            continue;
        }
        return Some(match kind {
            0 => FolderKind::Deleted,
            1 => FolderKind::Future(tp),
            _ => FolderKind::Stray,
        });
    }
    parse_partition(name).map(FolderKind::Partition)
}

fn parse_partition(name: &str) -> Option<TopicPartition> {
    let (topic, partition) = name.rsplit_once('-')?;
    if partition.is_empty() || !partition.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let partition = PartitionId::new(partition.parse().ok()?);
    let tp = TopicPartition::new(TopicName::checked(topic).ok()?, partition);
    // `a-01` is not a name that we give.
    (tp.to_string() == name).then_some(tp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tp(topic: &str, partition: i32) -> TopicPartition {
        TopicPartition::new(TopicName::new(topic), PartitionId::new(partition))
    }

    #[test]
    fn file_names_read_back() {
        let base = Offset::new(42);
        assert_eq!(file_name(base, FileKind::Log), "00000000000000000042.log");
        assert_eq!(
            parse_file_name("00000000000000000042.timeindex"),
            Some((base, FileKind::TimeIndex, Ending::None))
        );
        assert_eq!(
            parse_file_name("00000000000000000042.log.swap"),
            Some((base, FileKind::Log, Ending::Swap))
        );
        assert_eq!(
            parse_file_name("00000000000000000042.snapshot.deleted"),
            Some((base, FileKind::Snapshot, Ending::Deleted))
        );
        for other in
            ["leader-epoch-checkpoint", "42.log", "00000000000000000042.logs", "0000000000000000004é.log"]
        {
            assert_eq!(parse_file_name(other), None, "{other}");
        }
        assert_eq!(parse_file_name("99999999999999999999.log"), None, "beyond the largest offset");
    }

    #[test]
    fn folder_names_read_back() {
        assert_eq!(parse_folder_name("a-b-3"), Some(FolderKind::Partition(tp("a-b", 3))));
        assert_eq!(parse_folder_name("a-3.0123abcd-delete"), Some(FolderKind::Deleted));
        assert_eq!(parse_folder_name("a-3.0123abcd-future"), Some(FolderKind::Future(tp("a", 3))));
        assert_eq!(parse_folder_name("a-3.0123abcd-stray"), Some(FolderKind::Stray));
        assert_eq!(parse_folder_name("x.y-delete-0"), Some(FolderKind::Partition(tp("x.y-delete", 0))));
        for other in ["lost+found", "a-01", "a-", "-1", "a-3.-delete", "a b-1"] {
            assert_eq!(parse_folder_name(other), None, "{other}");
        }
    }

    #[test]
    fn a_futures_name_reads_back_whole() {
        let tp = tp("a-b.c", 12);
        let name = future_folder_name(&tp, 0xabc);
        assert_eq!(name, "a-b.c-12.00000000000000000000000000000abc-future");
        assert_eq!(parse_folder_name(&name), Some(FolderKind::Future(tp)));
    }

    #[test]
    fn a_deleted_folders_name_always_fits() {
        let long = tp(&"t".repeat(249), i32::MAX);
        let name = folder_name_with_ending(&long, 7, FolderEnding::Delete);
        assert_eq!(name.len(), NAME_LENGTH_MAX);
        assert_eq!(parse_folder_name(&name), Some(FolderKind::Deleted));
    }
}
