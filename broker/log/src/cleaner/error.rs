//! Why a round of cleaning ends early.

use std::{io, path::Path};

use broker_records::{DecompressError, RecordError, compacted::CompactedError};
use broker_types::Offset;

use crate::storage_error::{StorageError, is_full};

/// Why a round did not come to its end. What it had not swapped in by then is as it was.
#[derive(Debug, thiserror::Error)]
pub enum CleanError {
    /// The log was cut, deleted or closed meanwhile, or the pace said so. The next round begins where this one did.
    #[error("the round of cleaning was given up")]
    Aborted,
    /// The log cannot be cleaned: bytes in it are no batches. Nothing is thrown away for that.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// There was no room for the new segment; there may be later.
    #[error("the volume has no room for the new segment")]
    DiskFull,
    /// The disk failed; its directory must go offline.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl CleanError {
    /// What an error of the disk means here.
    pub(super) fn at<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + 'a {
        move |error| {
            if is_full(&error) { Self::DiskFull } else { StorageError::at(action, path)(error).into() }
        }
    }
}

/// Where a log cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the segment at {segment} cannot be cleaned at byte {position}: {reason}")]
pub struct Damage {
    /// Its base offset.
    pub segment: Offset,
    /// Where in its file the batch begins.
    pub position: u64,
    /// What is wrong there.
    pub reason: DamageReason,
}

/// What is wrong with the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DamageReason {
    /// No header, or one that leads out of the segment.
    #[error("the bytes are no batch")]
    NotABatch,
    /// The checksum is another one.
    #[error("the batch fails its checksum")]
    Checksum,
    /// Offsets that go back or leave the segment.
    #[error("the batch's offsets are not those of its place")]
    Offsets,
    /// A codec that nobody knows.
    #[error("the batch is compressed with the unknown codec {0}")]
    Codec(u8),
    /// The payload does not decompress, or not within the limit.
    #[error(transparent)]
    Decompress(#[from] DecompressError),
    /// The payload holds no records.
    #[error(transparent)]
    Records(#[from] RecordError),
    /// The records that stay cannot be written.
    #[error(transparent)]
    Rewrite(#[from] CompactedError),
    /// The new segment would pass 2 GiB.
    #[error("the new segment would be larger than one can be")]
    TooLarge,
}
