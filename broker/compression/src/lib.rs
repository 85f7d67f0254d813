//! The codecs of record batches behind the bounded interface of `broker-records`.
//!
//! - gzip: any number of members is read; one is written.
//! - snappy: xerial's framing, as Java clients write it, and raw blocks, as librdkafka does, are read; xerial's
//!   framing in blocks of 32 KB is written.
//! - lz4: one frame of independent blocks. Frames of dependent blocks are refused, as Kafka's own readers
//!   refuse them: a log must not hold what its consumers cannot read.
//! - zstd: any number of frames is read; one is written, with its content size.
//!
//! Invariant: decompression never puts more than its limit into `out`, and what it allocates besides is bounded
//! by the limit and the input. Damaged or cut data is an error, never a shorter result.
//!
//! Levels are Kafka's: gzip -1 (default) and 1 to 9, lz4 1 to 17 (checked, but the encoder has one strength),
//! zstd -131072 to 22. Snappy has none.

mod context;
mod gzip;
mod level;
mod lz4;
mod room;
mod snappy;
mod zstandard;

use std::sync::{Mutex, PoisonError};

use broker_records::{Codec, Compress, CompressError, Decompress, DecompressError};

use context::Context;

/// How many sets of codec states are kept for reuse when no one uses them.
const IDLE_CONTEXTS_MAX: usize = 8;

/// All codecs. Share one: it keeps the codecs' working memory for reuse, as many sets as were in use at once
/// (at most eight idle ones).
#[derive(Default)]
pub struct Codecs {
    idle: Mutex<Vec<Context>>,
}

impl Codecs {
    /// All codecs, no working memory yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { idle: Mutex::new(Vec::new()) }
    }

    fn with_context<T>(&self, work: impl FnOnce(&mut Context) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut context = idle().pop().unwrap_or_default();
        let result = work(&mut context);
        context.shrink();
        let mut idle = idle();
        if idle.len() < IDLE_CONTEXTS_MAX {
            idle.push(context);
        }
        result
    }
}

impl std::fmt::Debug for Codecs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Codecs").finish_non_exhaustive()
    }
}

impl Compress for Codecs {
    fn compress(
        &self,
        codec: Codec,
        level: Option<i32>,
        input: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError> {
        match codec {
            Codec::None => {
                out.extend_from_slice(input);
                Ok(())
            }
            Codec::Gzip => {
                let level = level::gzip(level)?;
                self.with_context(|context| gzip::compress(context.deflater(level)?, input, out))
            }
            Codec::Snappy => self.with_context(|context| snappy::compress(context.snappy(), input, out)),
            Codec::Lz4 => {
                level::lz4(level)?;
                lz4::compress(input, out)
            }
            Codec::Zstd => {
                let level = level::zstd(level)?;
                self.with_context(|context| zstandard::compress(context.zstd_encoder(level)?, input, out))
            }
        }
    }
}

impl Decompress for Codecs {
    fn decompress(
        &self,
        codec: Codec,
        input: &[u8],
        limit_bytes: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        match codec {
            Codec::None if input.len() > limit_bytes => Err(DecompressError::TooLarge { codec, limit_bytes }),
            Codec::None => {
                out.extend_from_slice(input);
                Ok(())
            }
            Codec::Gzip => gzip::decompress(input, limit_bytes, out),
            Codec::Snappy => snappy::decompress(input, limit_bytes, out),
            Codec::Lz4 => lz4::decompress(input, limit_bytes, out),
            Codec::Zstd => self.with_context(|context| {
                zstandard::decompress(context.zstd_decoder(limit_bytes)?, input, limit_bytes, out)
            }),
        }
    }
}
