//! LZ4 frames of independent blocks.
//!
//! ```text
//! magic u32 le | FLG | BD | content size u64 le, if said | HC: second byte of xxh32(FLG..)
//! blocks: size u32 le (top bit: stored as it is), data, xxh32 of data, if said | 0 u32 | xxh32 of content, if said
//! ```
//! Written as Java's client does: FLG 0x60, BD 0x40 (64 KB), no checksums: the batch has its own.

use broker_records::{Codec, CompressError, DecompressError};
use twox_hash::XxHash32;

use crate::room::Room;

const MAGIC: [u8; 4] = 0x184d_2204_u32.to_le_bytes();
const FLG: u8 = 0x60;
const BD: u8 = 0x40;
const BLOCK_BYTES: usize = 64 << 10;
const STORED: u32 = 1 << 31;

const VERSION_MASK: u8 = 0xc0;
const VERSION: u8 = 0x40;
const INDEPENDENT: u8 = 0x20;
const BLOCK_CHECKSUM: u8 = 0x10;
const CONTENT_SIZE: u8 = 0x08;
const CONTENT_CHECKSUM: u8 = 0x04;
const FLG_RESERVED: u8 = 0x03;
const BD_RESERVED: u8 = 0x8f;

pub(crate) fn compress(input: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
    let failed = |reason| CompressError::Failed { codec: Codec::Lz4, reason };
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[FLG, BD, header_checksum(&[FLG, BD])]);
    for block in input.chunks(BLOCK_BYTES) {
        let size_at = out.len();
        let block_at = size_at + 4;
        out.resize(block_at + lz4_flex::block::get_maximum_output_size(block.len()), 0);
        let room = out.get_mut(block_at..).unwrap_or_default();
        let written = lz4_flex::block::compress_into(block, room)
            .map_err(|_| failed("the block was not compressed"))?;
        let size = if written < block.len() {
            out.truncate(block_at + written);
            u32::try_from(written)
        } else {
            out.truncate(block_at);
            out.extend_from_slice(block);
            u32::try_from(block.len()).map(|size| size | STORED)
        };
        let size = size.map_err(|_| failed("the block is too large"))?;
        if let Some(field) = out.get_mut(size_at..block_at) {
            field.copy_from_slice(&size.to_le_bytes());
        }
    }
    out.extend_from_slice(&0u32.to_le_bytes());
    Ok(())
}

/// What a frame says of itself.
struct Frame {
    block_bytes_max: usize,
    has_block_checksums: bool,
    has_content_checksum: bool,
    content_size: Option<u64>,
}

pub(crate) fn decompress(input: &[u8], limit_bytes: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
    let room = Room::new(Codec::Lz4, limit_bytes, out);
    let mut rest = input;
    let frame = header(&mut rest, &room)?;
    if frame.content_size.is_some_and(|size| usize::try_from(size).map_or(true, |size| size > limit_bytes)) {
        return Err(room.too_large());
    }
    let start = out.len();
    loop {
        let size = u32::from_le_bytes(take(&mut rest, &room)?);
        if size == 0 {
            break;
        }
        block(size, &frame, &mut rest, &room, out)?;
    }
    let content = out.get(start..).unwrap_or_default();
    if frame.has_content_checksum && u32::from_le_bytes(take(&mut rest, &room)?) != checksum(content) {
        return Err(room.corrupt("the content's checksum is wrong"));
    }
    if frame.content_size.is_some_and(|size| usize::try_from(size) != Ok(content.len())) {
        return Err(room.corrupt("the content's size is wrong"));
    }
    if !rest.is_empty() {
        return Err(room.corrupt("bytes follow the frame"));
    }
    Ok(())
}

fn header(rest: &mut &[u8], room: &Room) -> Result<Frame, DecompressError> {
    if take::<4>(rest, room)? != MAGIC {
        return Err(room.corrupt("not an lz4 frame"));
    }
    let descriptor = *rest;
    let [flg, bd] = take(rest, room)?;
    if flg & VERSION_MASK != VERSION {
        return Err(room.corrupt("an unknown version of the frame"));
    }
    if flg & FLG_RESERVED != 0 || bd & BD_RESERVED != 0 {
        return Err(room.corrupt("reserved bits are set, or a dictionary is asked for"));
    }
    if flg & INDEPENDENT == 0 {
        return Err(room.corrupt("the blocks depend on each other"));
    }
    let block_bytes_max = match bd >> 4 {
        4 => 64 << 10,
        5 => 256 << 10,
        6 => 1 << 20,
        7 => 4 << 20,
        _ => return Err(room.corrupt("an unknown block size")),
    };
    let content_size =
        if flg & CONTENT_SIZE == 0 { None } else { Some(u64::from_le_bytes(take(rest, room)?)) };
    let described = descriptor.get(..descriptor.len() - rest.len()).unwrap_or_default();
    let [stored] = take(rest, room)?;
    if stored != header_checksum(described) {
        return Err(room.corrupt("the header's checksum is wrong"));
    }
    Ok(Frame {
        block_bytes_max,
        has_block_checksums: flg & BLOCK_CHECKSUM != 0,
        has_content_checksum: flg & CONTENT_CHECKSUM != 0,
        content_size,
    })
}

fn block(
    size: u32,
    frame: &Frame,
    rest: &mut &[u8],
    room: &Room,
    out: &mut Vec<u8>,
) -> Result<(), DecompressError> {
    let len = usize::try_from(size & !STORED).unwrap_or(usize::MAX);
    if len > frame.block_bytes_max {
        return Err(room.corrupt("a block is larger than the frame allows"));
    }
    let (data, after) = rest.split_at_checked(len).ok_or_else(|| room.corrupt("a block is cut off"))?;
    *rest = after;
    if frame.has_block_checksums && u32::from_le_bytes(take(rest, room)?) != checksum(data) {
        return Err(room.corrupt("a block's checksum is wrong"));
    }
    if size & STORED != 0 {
        if data.len() > room.left(out) {
            return Err(room.too_large());
        }
        let start = out.len();
        room.extend_zeroed(out, data.len());
        out.get_mut(start..).unwrap_or_default().copy_from_slice(data);
        return Ok(());
    }
    // A byte says at most 255: a small block gets small room.
    let possible = data.len().saturating_mul(255).min(frame.block_bytes_max);
    let allowed = possible.min(room.left(out));
    let start = out.len();
    room.extend_zeroed(out, allowed);
    let target = out.get_mut(start..).unwrap_or_default();
    match lz4_flex::block::decompress_into(data, target) {
        Ok(written) => {
            out.truncate(start + written);
            Ok(())
        }
        Err(error) => {
            out.truncate(start);
            let is_full = matches!(error, lz4_flex::block::DecompressError::OutputTooSmall { .. });
            Err(if is_full && allowed < possible {
                room.too_large()
            } else {
                room.corrupt("a block is not lz4")
            })
        }
    }
}

fn take<const N: usize>(rest: &mut &[u8], room: &Room) -> Result<[u8; N], DecompressError> {
    let (field, after) = rest.split_first_chunk::<N>().ok_or_else(|| room.corrupt("the frame is cut off"))?;
    *rest = after;
    Ok(*field)
}

fn checksum(bytes: &[u8]) -> u32 {
    XxHash32::oneshot(0, bytes)
}

fn header_checksum(described: &[u8]) -> u8 {
    let [_, second, ..] = checksum(described).to_le_bytes();
    second
}
