//! Cuts a connection's bytes into request frames: a 4-byte length, then that many bytes.
//!
//! Invariant: memory grows with what has arrived, not with what a length claims.

use bytes::{Buf as _, Bytes, BytesMut};

/// The smallest request: key, version and correlation id.
const FRAME_BYTES_MIN: usize = 8;
/// How much room one read asks for while a frame is incomplete.
const READ_BYTES: usize = 64 * 1024;
/// The most room that one read asks for.
const READ_BYTES_MAX: usize = 1024 * 1024;

/// Why a connection's bytes cannot be frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    /// A negative length, or one that leaves no room for a header.
    #[error("a request of {0} bytes cannot hold a header")]
    TooSmall(i32),
    /// Larger than `socket.request.max.bytes`.
    #[error("a request of {bytes} bytes is larger than socket.request.max.bytes = {limit}")]
    TooLarge { bytes: i32, limit: u32 },
}

/// Takes the next whole frame (without its length) off `received`; `None` while it is incomplete.
pub(crate) fn split(received: &mut BytesMut, limit: u32) -> Result<Option<Bytes>, FrameError> {
    let Some(bytes) = claimed(received)? else { return Ok(None) };
    let claimed = i32::try_from(bytes).unwrap_or(i32::MAX);
    if u64::from(limit) < u64::try_from(bytes).unwrap_or(u64::MAX) {
        return Err(FrameError::TooLarge { bytes: claimed, limit });
    }
    if received.len() < 4 + bytes {
        return Ok(None);
    }
    received.advance(4);
    Ok(Some(received.split_to(bytes).freeze()))
}

/// Makes room for the next read: what the frame at hand still lacks, within bounds.
pub(crate) fn make_room(received: &mut BytesMut) {
    let lacking = match claimed(received) {
        Ok(Some(bytes)) => (4 + bytes).saturating_sub(received.len()),
        _ => 0,
    };
    // At least double what is there, so that a large frame is moved a bounded number of times.
    let wanted = lacking.clamp(READ_BYTES, READ_BYTES_MAX.max(received.len()));
    if received.capacity() - received.len() < wanted.min(READ_BYTES)
        || lacking > received.capacity() - received.len()
    {
        received.reserve(wanted);
    }
}

/// The length that the first four bytes claim; `None` before they are there.
fn claimed(received: &[u8]) -> Result<Option<usize>, FrameError> {
    let Some(length) = received.first_chunk::<4>() else { return Ok(None) };
    let length = i32::from_be_bytes(*length);
    match usize::try_from(length) {
        Ok(bytes) if bytes >= FRAME_BYTES_MIN => Ok(Some(bytes)),
        _ => Err(FrameError::TooSmall(length)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u32 = 1024 * 1024;

    fn framed(body: &[u8]) -> BytesMut {
        let mut bytes = BytesMut::from(&u32::try_from(body.len()).unwrap().to_be_bytes()[..]);
        bytes.extend_from_slice(body);
        bytes
    }

    #[test]
    fn two_frames_in_one_read_come_out_one_by_one() {
        let mut received = framed(b"01234567");
        received.extend_from_slice(&framed(b"abcdefgh"));
        assert_eq!(split(&mut received, LIMIT), Ok(Some(Bytes::from_static(b"01234567"))));
        assert_eq!(split(&mut received, LIMIT), Ok(Some(Bytes::from_static(b"abcdefgh"))));
        assert_eq!(split(&mut received, LIMIT), Ok(None));
    }

    #[test]
    fn a_frame_is_whole_only_with_its_last_byte() {
        let whole = framed(b"01234567");
        for cut in 0..whole.len() {
            let mut received = BytesMut::from(&whole[..cut]);
            assert_eq!(split(&mut received, LIMIT), Ok(None), "cut at {cut}");
        }
    }

    #[test]
    fn lengths_that_cannot_be_are_refused() {
        for length in [-1_i32, 0, 7, i32::MIN] {
            let mut received = BytesMut::from(&length.to_be_bytes()[..]);
            assert_eq!(split(&mut received, LIMIT), Err(FrameError::TooSmall(length)));
        }
        let mut received = BytesMut::from(&i32::MAX.to_be_bytes()[..]);
        assert_eq!(split(&mut received, LIMIT), Err(FrameError::TooLarge { bytes: i32::MAX, limit: LIMIT }));
    }

    #[test]
    fn a_claim_alone_reserves_little() {
        let mut received = BytesMut::from(&(100_000_000_i32).to_be_bytes()[..]);
        make_room(&mut received);
        assert!(received.capacity() <= 2 * READ_BYTES_MAX, "{}", received.capacity());
    }
}
