//! Kafka's levels (KIP-390).

use broker_records::{Codec, CompressError};

/// Deflate's level: -1 and `None` are 6.
pub(crate) fn gzip(level: Option<i32>) -> Result<u32, CompressError> {
    match level {
        None | Some(-1) => Ok(6),
        Some(level @ 1..=9) => Ok(level.unsigned_abs()),
        Some(level) => Err(CompressError::Level { codec: Codec::Gzip, level }),
    }
}

/// Checked only.
pub(crate) fn lz4(level: Option<i32>) -> Result<(), CompressError> {
    match level {
        None | Some(1..=17) => Ok(()),
        Some(level) => Err(CompressError::Level { codec: Codec::Lz4, level }),
    }
}

/// Zstandard's level: `None` is 3.
pub(crate) fn zstd(level: Option<i32>) -> Result<i32, CompressError> {
    match level {
        None => Ok(3),
        Some(level @ -131_072..=22) => Ok(level),
        Some(level) => Err(CompressError::Level { codec: Codec::Zstd, level }),
    }
}
