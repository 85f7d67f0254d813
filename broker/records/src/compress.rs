//! The interface of the codecs. Implemented by `broker-compression`; simulators bring their own.

use alloc::vec::Vec;

use crate::Codec;

/// Why bytes were not compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompressError {
    /// This implementation does not have the codec.
    #[error("the codec {0} is not supported")]
    Unsupported(Codec),
    /// The codec has no such level.
    #[error("the codec {codec} has no level {level}")]
    Level {
        /// The codec.
        codec: Codec,
        /// What was asked for.
        level: i32,
    },
    /// The codec's library failed.
    #[error("compressing with {codec} failed: {reason}")]
    Failed {
        /// The codec.
        codec: Codec,
        /// What it said.
        reason: &'static str,
    },
}

/// Why bytes were not decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecompressError {
    /// This implementation does not have the codec.
    #[error("the codec {0} is not supported")]
    Unsupported(Codec),
    /// More would come out than the limit.
    #[error("the {codec} data expands to more than {limit_bytes} bytes")]
    TooLarge {
        /// The codec.
        codec: Codec,
        /// The limit that was given.
        limit_bytes: usize,
    },
    /// Not data of this codec, or damaged, or cut off.
    #[error("the {codec} data is damaged: {reason}")]
    Corrupt {
        /// The codec.
        codec: Codec,
        /// What is wrong.
        reason: &'static str,
    },
}

/// Compresses payloads.
pub trait Compress {
    /// Appends `input`, compressed, to `out`. `level` is Kafka's for the codec; `None` is its default.
    /// [`Codec::None`] copies.
    ///
    /// # Errors
    /// Says what the codec lacks. `out` may then hold a part of the data.
    fn compress(
        &self,
        codec: Codec,
        level: Option<i32>,
        input: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError>;
}

/// Decompresses payloads within a limit.
pub trait Decompress {
    /// Appends `input`, decompressed, to `out`: at most `limit_bytes` more. [`Codec::None`] copies.
    ///
    /// # Errors
    /// When the data is damaged or would expand past the limit. `out` may then hold a part of the data; it
    /// never grew by more than the limit.
    fn decompress(
        &self,
        codec: Codec,
        input: &[u8],
        limit_bytes: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError>;
}
