//! Gzip (RFC 1952).

use broker_records::{Codec, CompressError, DecompressError};
use flate2::{FlushCompress, FlushDecompress, Status};

use crate::room::Room;

const STEP_BYTES: usize = 64 << 10;

pub(crate) fn compress(
    deflater: &mut flate2::Compress,
    input: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), CompressError> {
    let failed = |reason| CompressError::Failed { codec: Codec::Gzip, reason };
    let mut rest = input;
    // Deflate stores what it cannot shrink: a step of the input's size is nearly always enough.
    out.reserve(input.len() / 2 + 64);
    loop {
        let before = deflater.total_in();
        let status =
            deflater.compress_vec(rest, out, FlushCompress::Finish).map_err(|_| failed("deflate failed"))?;
        rest = advance(rest, deflater.total_in() - before);
        match status {
            Status::StreamEnd => return Ok(()),
            Status::Ok | Status::BufError => out.reserve(STEP_BYTES),
        }
    }
}

pub(crate) fn decompress(input: &[u8], limit_bytes: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
    let room = Room::new(Codec::Gzip, limit_bytes, out);
    let mut rest = input;
    // At least one member, as many as there are.
    loop {
        rest = member(rest, &room, out)?;
        if rest.is_empty() {
            return room.finish(out);
        }
    }
}

/// Decompresses one member; returns what follows it.
fn member<'a>(input: &'a [u8], room: &Room, out: &mut Vec<u8>) -> Result<&'a [u8], DecompressError> {
    // A reset would forget that the format is gzip.
    let inflater = &mut flate2::Decompress::new_gzip(15);
    let mut rest = input;
    loop {
        if out.len() == out.capacity() {
            room.grow(out, rest.len(), None)?;
        }
        let (read, written) = (inflater.total_in(), out.len());
        let status = inflater
            .decompress_vec(rest, out, FlushDecompress::None)
            .map_err(|_| room.corrupt("not a deflate stream"))?;
        let read = inflater.total_in() - read;
        rest = advance(rest, read);
        match status {
            Status::StreamEnd => return Ok(rest),
            Status::Ok | Status::BufError => {
                let stuck = read == 0 && out.len() == written && out.len() < out.capacity();
                if stuck {
                    return Err(room.corrupt("the stream is cut off"));
                }
            }
        }
        if out.len() == out.capacity() {
            room.grow(out, rest.len(), None)?;
        }
    }
}

fn advance(bytes: &[u8], by: u64) -> &[u8] {
    let by = usize::try_from(by).unwrap_or(usize::MAX);
    bytes.get(by..).unwrap_or_default()
}
