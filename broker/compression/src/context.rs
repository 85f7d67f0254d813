//! The working memory of the codecs, made when first needed and reused.

use broker_records::{Codec, CompressError, DecompressError};
use zstd::zstd_safe::{CCtx, CParameter, DCtx, DParameter, ResetDirective};

/// A codec state larger than this is not kept: high levels of Zstandard take hundreds of MB.
const KEPT_BYTES_MAX: usize = 4 << 20;
/// The largest window that a decoder of Zstandard takes by default (level 22 asks for it).
const ZSTD_WINDOW_LOG_MAX: u32 = 27;
/// The window that every decoder has to take (RFC 8878 recommends 8 MB).
const ZSTD_WINDOW_LOG_MIN: u32 = 23;

#[derive(Default)]
pub(crate) struct Context {
    deflater: Option<(u32, flate2::Compress)>,
    snappy: Option<snap::raw::Encoder>,
    zstd_encoder: Option<CCtx<'static>>,
    zstd_decoder: Option<DCtx<'static>>,
}

impl Context {
    pub(crate) fn deflater(&mut self, level: u32) -> Result<&mut flate2::Compress, CompressError> {
        if self.deflater.as_ref().is_some_and(|(kept, _)| *kept != level) {
            self.deflater = None;
        }
        let (_, deflater) = self
            .deflater
            .get_or_insert_with(|| (level, flate2::Compress::new_gzip(flate2::Compression::new(level), 15)));
        deflater.reset();
        Ok(deflater)
    }

    pub(crate) fn snappy(&mut self) -> &mut snap::raw::Encoder {
        self.snappy.get_or_insert_with(snap::raw::Encoder::new)
    }

    pub(crate) fn zstd_encoder(&mut self, level: i32) -> Result<&mut CCtx<'static>, CompressError> {
        let failed = |reason| CompressError::Failed {
            codec: Codec::Zstd,
            reason: zstd::zstd_safe::get_error_name(reason),
        };
        if self.zstd_encoder.is_none() {
            self.zstd_encoder = CCtx::try_create();
        }
        let encoder = self
            .zstd_encoder
            .as_mut()
            .ok_or(CompressError::Failed { codec: Codec::Zstd, reason: "out of memory" })?;
        encoder.set_parameter(CParameter::CompressionLevel(level)).map_err(failed)?;
        Ok(encoder)
    }

    pub(crate) fn zstd_decoder(&mut self, limit_bytes: usize) -> Result<&mut DCtx<'static>, DecompressError> {
        let failed = |reason| DecompressError::Corrupt { codec: Codec::Zstd, reason };
        if self.zstd_decoder.is_none() {
            self.zstd_decoder = DCtx::try_create();
        }
        let decoder = self.zstd_decoder.as_mut().ok_or_else(|| failed("out of memory"))?;
        // The window is memory of its own, as large as the data says: no more of it than of output.
        let window_log = limit_bytes.max(1).ilog2().clamp(ZSTD_WINDOW_LOG_MIN, ZSTD_WINDOW_LOG_MAX);
        decoder
            .reset(ResetDirective::SessionOnly)
            .and_then(|_| decoder.set_parameter(DParameter::WindowLogMax(window_log)))
            .map_err(|code| failed(zstd::zstd_safe::get_error_name(code)))?;
        Ok(decoder)
    }

    /// Drops what is too large to keep.
    pub(crate) fn shrink(&mut self) {
        if self.zstd_encoder.as_ref().is_some_and(|encoder| encoder.sizeof() > KEPT_BYTES_MAX) {
            self.zstd_encoder = None;
        }
        if self.zstd_decoder.as_ref().is_some_and(|decoder| decoder.sizeof() > KEPT_BYTES_MAX) {
            self.zstd_decoder = None;
        }
    }
}
