//! The small files beside the segments, one module each.
//!
//! All are replaced whole: written to `<name>.tmp`, synced, renamed, and the folder synced, so that a reader
//! finds the old or the new content. A content that does not decode is an error of its reader, who decides
//! whether the file can be done without.

pub(crate) mod clean_shutdown;
pub(crate) mod epochs;
pub(crate) mod meta_properties;
pub(crate) mod offsets;
pub(crate) mod partition_metadata;

use std::{
    io::{self, IoSlice},
    path::Path,
};

use crate::disk::{Disk, DiskFile as _, OpenMode};

/// The most bytes a checkpoint file is read to.
pub(crate) const CHECKPOINT_BYTES_MAX: u64 = 64 << 20;

/// A checkpoint file whose content is not of its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedCheckpoint {
    /// The bytes are not UTF-8 text.
    #[error("it is not text")]
    NotText,
    /// The first line is not the version that we know.
    #[error("its version is not 0")]
    Version,
    /// A line does not read as an entry.
    #[error("line {0} is malformed")]
    Line(usize),
    /// Its second line promises another number of entries.
    #[error("it has {found} entries instead of {promised}")]
    Count {
        /// By the second line.
        promised: usize,
        /// Lines that follow.
        found: usize,
    },
}

/// `0`, the number of lines, the lines.
pub(crate) fn encode_lines(lines: impl ExactSizeIterator<Item = String>) -> String {
    let mut text = format!("0\n{}\n", lines.len());
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// The entries of a file of that form. An empty file has none, as Kafka creates them.
pub(crate) fn decode_lines<T>(
    bytes: &[u8],
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, MalformedCheckpoint> {
    let text = std::str::from_utf8(bytes).map_err(|_| MalformedCheckpoint::NotText)?;
    let mut lines = text.lines();
    let (Some(version), Some(promised)) = (lines.next(), lines.next()) else { return Ok(Vec::new()) };
    if version != "0" {
        return Err(MalformedCheckpoint::Version);
    }
    let promised: usize = promised.parse().map_err(|_| MalformedCheckpoint::Line(2))?;
    let mut entries = Vec::new();
    for (index, line) in lines.enumerate() {
        entries.push(parse(line).ok_or(MalformedCheckpoint::Line(index + 3))?);
    }
    let found = entries.len();
    if found == promised { Ok(entries) } else { Err(MalformedCheckpoint::Count { promised, found }) }
}

/// As [`replace_file`](crate::disk::replace_file) without the syncs: for what is synced with all else later.
pub(crate) fn replace_unsynced<D: Disk>(disk: &D, path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    let file = disk.open(&temporary, OpenMode::Replace)?;
    file.write_at(&mut [IoSlice::new(content)], 0)?;
    drop(file);
    disk.rename(&temporary, path)
}
