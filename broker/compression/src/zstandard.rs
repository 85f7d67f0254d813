//! Zstandard (RFC 8878).

use broker_records::{Codec, CompressError, DecompressError};
use zstd::zstd_safe::{self, CCtx, DCtx, InBuffer, OutBuffer, ResetDirective};

use crate::room::Room;

pub(crate) fn compress(
    encoder: &mut CCtx<'static>,
    input: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), CompressError> {
    let failed = |code| CompressError::Failed { codec: Codec::Zstd, reason: zstd_safe::get_error_name(code) };
    let start = out.len();
    let bound = zstd_safe::compress_bound(input.len());
    out.reserve(bound);
    let mut target = OutBuffer::around_pos(out, start);
    let mut source = InBuffer::around(input);
    encoder.set_pledged_src_size(u64::try_from(input.len()).ok()).map_err(failed)?;
    let left = encoder
        .compress_stream2(&mut target, &mut source, zstd_safe::zstd_sys::ZSTD_EndDirective::ZSTD_e_end)
        .map_err(failed);
    if !matches!(left, Ok(0)) {
        // A session that was not finished must not leak into the next.
        encoder.reset(ResetDirective::SessionOnly).map_err(failed)?;
    }
    match left? {
        0 => Ok(()),
        _ => Err(CompressError::Failed { codec: Codec::Zstd, reason: "the bound was too small" }),
    }
}

pub(crate) fn decompress(
    decoder: &mut DCtx<'static>,
    input: &[u8],
    limit_bytes: usize,
    out: &mut Vec<u8>,
) -> Result<(), DecompressError> {
    let room = Room::new(Codec::Zstd, limit_bytes, out);
    let failed = |code| room.corrupt(zstd_safe::get_error_name(code));
    let said = zstd_safe::get_frame_content_size(input).map_err(|_| room.corrupt("not a zstd frame"))?;
    let said = said.map(|size| usize::try_from(size).unwrap_or(usize::MAX));
    if said.is_some_and(|size| size > limit_bytes) {
        return Err(room.too_large());
    }
    // One byte more than said, so that the end is seen without growing.
    room.grow(out, input.len(), said.map(|size| size.saturating_add(1)))?;
    let mut source = InBuffer::around(input);
    loop {
        let (read, written) = (source.pos(), out.len());
        let mut target = OutBuffer::around_pos(out, written);
        let hint = decoder.decompress_stream(&mut target, &mut source).map_err(failed)?;
        let is_stuck = source.pos() == read && out.len() == written;
        if source.pos() == input.len() && hint == 0 {
            return room.finish(out);
        }
        if out.len() == out.capacity() {
            room.grow(out, input.len(), None)?;
        } else if is_stuck || source.pos() == input.len() {
            return Err(room.corrupt("the frame is cut off"));
        }
    }
}
