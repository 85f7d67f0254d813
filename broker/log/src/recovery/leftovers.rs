//! What an interrupted run left in a partition's folder, and what becomes of it, as in Kafka.
//!
//! `.deleted` files are unlinked. `.cleaned` files are an unfinished compaction: unlinked, and any `.swap` at or
//! after them with them. The other `.swap` files are a finished one: the segments that they replace are unlinked
//! and they take their place. A replaced segment that begins after the new one's last batch has no record in that: it
//! stays, and is compacted again.
//!
//! Beyond Kafka: a `.swap` is only written down as such when it is synced; one that does not read whole all the same is
//! given up as long as the first segment that it replaces is there, for then all of them are.

use std::{io, path::Path};

use broker_records::HEADER_BYTES;
use broker_types::Offset;

use crate::{
    disk::{Disk, OpenMode, remove_if_present},
    names::{Ending, FileKind, SWAP, file_path_with, parse_file_name},
    scan::{Next, Scan},
};

/// The memory in which a new segment is verified.
const VERIFY_BUFFER_BYTES: usize = 64 << 10;

/// A file of the folder.
#[derive(Clone, Copy)]
struct Named<'a> {
    name: &'a str,
    base: Offset,
    kind: FileKind,
    ending: Ending,
}

/// Clears away what of `names` does not belong to the log.
pub(super) fn clear_leftovers<D: Disk>(disk: &D, folder: &Path, names: &[String]) -> io::Result<()> {
    let named: Vec<Named<'_>> = names
        .iter()
        .filter_map(|name| {
            let (base, kind, ending) = parse_file_name(name)?;
            Some(Named { name, base, kind, ending })
        })
        .collect();
    let with = |ending| named.iter().filter(move |file| file.ending == ending);
    let first_cleaned = with(Ending::Cleaned).map(|file| file.base).min();
    let is_unfinished = |swap: &Named<'_>| first_cleaned.is_some_and(|first| swap.base >= first);
    let unlink = |file: &Named<'_>| remove_if_present(disk, &folder.join(file.name));
    with(Ending::Deleted).chain(with(Ending::Cleaned)).try_for_each(unlink)?;
    with(Ending::Swap).filter(|swap| is_unfinished(swap)).try_for_each(unlink)?;
    let mut swaps: Vec<Named<'_>> = with(Ending::Swap).filter(|swap| !is_unfinished(swap)).copied().collect();
    let in_use: Vec<Named<'_>> = with(Ending::None).copied().collect();
    for new in swaps.clone().iter().filter(|swap| swap.kind == FileKind::Log) {
        let (end, is_whole) = verify(disk, &folder.join(new.name), new.base)?;
        let is_first = |old: &Named<'_>| old.base == new.base && old.kind == FileKind::Log;
        if !is_whole && in_use.iter().any(is_first) {
            tracing::warn!(folder = %folder.display(), segment = %new.base, "a compacted segment is damaged; the old ones stay");
            swaps.iter().filter(|swap| swap.base == new.base).try_for_each(unlink)?;
            swaps.retain(|swap| swap.base != new.base);
            continue;
        }
        let is_replaced = |old: &&Named<'_>| old.base == new.base || (old.base > new.base && old.base < end);
        in_use.iter().filter(is_replaced).try_for_each(unlink)?;
    }
    // The `.log` first, so that a start after this one does not take the new indexes for old ones.
    swaps.sort_unstable_by_key(|swap| (swap.base, swap.kind));
    for swap in swaps {
        let path = folder.join(swap.name);
        debug_assert_eq!(path, file_path_with(folder, swap.base, swap.kind, SWAP));
        disk.rename(&path, &crate::names::file_path(folder, swap.base, swap.kind))?;
    }
    Ok(())
}

/// The offset after the last batch of a file, and whether all of the file is good batches.
fn verify<D: Disk>(disk: &D, path: &Path, base: Offset) -> io::Result<(Offset, bool)> {
    let file = disk.open(path, OpenMode::Read)?;
    let mut buffer = vec![0; HEADER_BYTES.max(VERIFY_BUFFER_BYTES)];
    let mut scan = Scan::new(&file, &mut buffer, 0, disk.file_size(path)?);
    let mut end = base;
    loop {
        match scan.advance()? {
            Next::Batch(batch) if batch.header.first_offset() >= end && scan.crc_is_valid(&batch)? => {
                end = batch.header.next_offset();
            }
            Next::End => return Ok((end, true)),
            Next::Batch(_) | Next::Damage => return Ok((end, false)),
        }
    }
}
