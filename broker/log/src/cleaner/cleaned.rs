//! A new segment that is whole and waits to take its place, and what a round did.

use broker_types::{Offset, Timestamp};

/// What a round has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bytes of batches read for the map.
    pub map_bytes_read: u64,
    /// Keys in the map.
    pub keys: u64,
    /// How full the map's memory was.
    pub map_percent: u64,
    /// Bytes of batches read to be cleaned.
    pub bytes_read: u64,
    /// Bytes of batches written.
    pub bytes_written: u64,
    /// Records in them.
    pub records_read: u64,
    /// Records that stayed.
    pub records_kept: u64,
    /// Records that had no key and went for it.
    pub records_without_key: u64,
}

/// A new segment, written and synced under names that end in `.cleaned`.
#[derive(Debug)]
#[must_use = "a new segment is swapped in or discarded"]
pub struct Cleaned {
    pub(super) base: Offset,
    /// The base offsets of the segments that it replaces; the first is its own.
    pub(super) replaces: Vec<Offset>,
    pub(super) has_txn_index: bool,
    pub(super) size: u64,
    /// What its last old segment had.
    pub(super) created: Timestamp,
}

impl Cleaned {
    /// Its first offset.
    #[must_use]
    pub const fn base(&self) -> Offset {
        self.base
    }

    /// Bytes of batches.
    #[must_use]
    pub const fn size_bytes(&self) -> u64 {
        self.size
    }
}
