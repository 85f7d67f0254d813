//! What a round of cleaning works with: the codecs, its limits, and who says how fast it may go.

use std::{fmt, ops::ControlFlow};

use broker_records::{Compress, Decompress};

use super::{error::CleanError, key_hash::HashKey};

/// Reads and writes compressed batches.
pub trait Recode: Compress + Decompress {}

impl<T: Compress + Decompress> Recode for T {}

/// The limits of one round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CleanLimits {
    /// Memory of the map of keys (`log.cleaner.dedupe.buffer.size`, this round's part).
    pub map_bytes: u64,
    /// How full the map may become (`log.cleaner.io.buffer.load.factor`).
    pub load_factor: f64,
    /// The read and the write buffer, each (`log.cleaner.io.buffer.size`, this round's part). A batch that is larger
    /// is read whole all the same.
    pub io_bytes: usize,
    /// The most that a compressed batch may expand to; a log with a larger one cannot be cleaned.
    pub decompressed_bytes_max: usize,
}

impl Default for CleanLimits {
    /// Kafka's defaults for one thread; a batch expands as far as the leader lets it.
    fn default() -> Self {
        Self {
            map_bytes: 128 << 20,
            load_factor: 0.9,
            io_bytes: 512 << 10,
            decompressed_bytes_max: 256 << 20,
        }
    }
}

/// The tools of one round.
pub struct Tools<'a> {
    /// All codecs.
    pub codecs: &'a dyn Recode,
    /// The secret of the map's hash.
    pub key: HashKey,
    /// What the round may use.
    pub limits: CleanLimits,
    /// Told of bytes that were read or written; it may wait, so that the disks have time for others. `Break` ends the
    /// round.
    pub pace: &'a mut dyn FnMut(u64) -> ControlFlow<()>,
}

impl fmt::Debug for Tools<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tools").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Tools<'_> {
    pub(super) fn moved(&mut self, bytes: u64) -> Result<(), CleanError> {
        match (self.pace)(bytes) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(CleanError::Aborted),
        }
    }
}
