//! Snappy in xerial's framing (snappy-java's SnappyOutputStream), and raw.
//!
//! ```text
//! 82 'S' 'N' 'A' 'P' 'P' 'Y' 00 | version i32 | compatible version i32 | blocks: size i32, raw snappy
//! ```
//! Streams may be joined: a header may stand where a block could.

use broker_records::{Codec, CompressError, DecompressError};

use crate::room::Room;

const MAGIC: [u8; 8] = [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0];
const HEADER_BYTES: usize = 16;
const VERSION: i32 = 1;
const BLOCK_BYTES: usize = 32 << 10;
/// Three bytes of input say at most 64 of output; rounded up.
const EXPANSION_MAX: usize = 32;

pub(crate) fn compress(
    encoder: &mut snap::raw::Encoder,
    input: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), CompressError> {
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&VERSION.to_be_bytes());
    out.extend_from_slice(&VERSION.to_be_bytes());
    let failed = |reason| CompressError::Failed { codec: Codec::Snappy, reason };
    for block in input.chunks(BLOCK_BYTES) {
        let size_at = out.len();
        let block_at = size_at + 4;
        out.resize(block_at + snap::raw::max_compress_len(block.len()), 0);
        let room = out.get_mut(block_at..).unwrap_or_default();
        let written = encoder.compress(block, room).map_err(|_| failed("the block was not compressed"))?;
        out.truncate(block_at + written);
        let size = i32::try_from(written).map_err(|_| failed("the block is too large"))?;
        if let Some(field) = out.get_mut(size_at..block_at) {
            field.copy_from_slice(&size.to_be_bytes());
        }
    }
    Ok(())
}

pub(crate) fn decompress(input: &[u8], limit_bytes: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
    let room = Room::new(Codec::Snappy, limit_bytes, out);
    if !input.starts_with(&MAGIC) {
        return raw(input, &room, out);
    }
    let mut rest = input;
    while !rest.is_empty() {
        if rest.starts_with(&MAGIC) {
            rest = rest.get(HEADER_BYTES..).ok_or_else(|| room.corrupt("the header is cut off"))?;
            continue;
        }
        let (size, after) =
            rest.split_first_chunk::<4>().ok_or_else(|| room.corrupt("a block's size is cut off"))?;
        let size = usize::try_from(i32::from_be_bytes(*size))
            .map_err(|_| room.corrupt("a block's size is negative"))?;
        let (block, after) =
            after.split_at_checked(size).ok_or_else(|| room.corrupt("a block is cut off"))?;
        raw(block, &room, out)?;
        rest = after;
    }
    Ok(())
}

fn raw(block: &[u8], room: &Room, out: &mut Vec<u8>) -> Result<(), DecompressError> {
    let size = snap::raw::decompress_len(block).map_err(|_| room.corrupt("a block says no size"))?;
    if size > room.left(out) {
        return Err(room.too_large());
    }
    if size > block.len().saturating_mul(EXPANSION_MAX) {
        return Err(room.corrupt("a block says more than it can hold"));
    }
    let start = out.len();
    room.extend_zeroed(out, size);
    let target = out.get_mut(start..).unwrap_or_default();
    let written = snap::raw::Decoder::new().decompress(block, target);
    match written {
        Ok(written) if written == size => Ok(()),
        _ => {
            out.truncate(start);
            Err(room.corrupt("a block is not snappy"))
        }
    }
}
