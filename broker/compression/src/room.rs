//! Output that grows step by step up to a limit.

use broker_records::{Codec, DecompressError};

/// The first step when nothing is known of the size: records compress to about a quarter.
const EXPANSION: usize = 4;
const STEP_BYTES_MIN: usize = 4 << 10;

/// How far one decompression may grow its output.
pub(crate) struct Room {
    codec: Codec,
    limit_bytes: usize,
    /// The length that `out` must not pass.
    end: usize,
}

impl Room {
    pub(crate) fn new(codec: Codec, limit_bytes: usize, out: &[u8]) -> Self {
        Self { codec, limit_bytes, end: out.len().saturating_add(limit_bytes) }
    }

    pub(crate) fn too_large(&self) -> DecompressError {
        DecompressError::TooLarge { codec: self.codec, limit_bytes: self.limit_bytes }
    }

    pub(crate) fn corrupt(&self, reason: &'static str) -> DecompressError {
        DecompressError::Corrupt { codec: self.codec, reason }
    }

    /// How much more may come out.
    pub(crate) fn left(&self, out: &[u8]) -> usize {
        self.end.saturating_sub(out.len())
    }

    /// Makes room for more output: `hint` bytes if given, else a step that doubles what there is; never past the
    /// limit but for one byte, so that "exactly the limit" and "more" can be told apart.
    pub(crate) fn grow(
        &self,
        out: &mut Vec<u8>,
        input_len: usize,
        hint: Option<usize>,
    ) -> Result<(), DecompressError> {
        self.finish(out)?;
        let step = hint.unwrap_or_else(|| out.capacity().max(input_len.saturating_mul(EXPANSION)));
        let allowed = self.left(out).saturating_add(1);
        out.reserve_exact(step.max(STEP_BYTES_MIN).min(allowed));
        Ok(())
    }

    /// Appends `bytes` zeros, of which the caller knows that they fit the limit; grows by doubling as a vector
    /// does, but not past the limit.
    pub(crate) fn extend_zeroed(&self, out: &mut Vec<u8>, bytes: usize) {
        if out.capacity() - out.len() < bytes {
            out.reserve_exact(bytes.max(out.capacity().min(self.left(out))));
        }
        out.resize(out.len() + bytes, 0);
    }

    /// The end of the data was reached: did it fit?
    pub(crate) fn finish(&self, out: &mut Vec<u8>) -> Result<(), DecompressError> {
        if out.len() > self.end {
            out.truncate(self.end);
            return Err(self.too_large());
        }
        Ok(())
    }
}
