//! Cuts a connection's bytes into request frames: a 4-byte length, then that many bytes.
//!
//! Invariants: memory grows with what has arrived, not with what a length claims, except that a connection whose
//! frames were large gets room for the next one at once; a large frame is read in place into one buffer of its own,
//! and only a small part of it is ever moved; without bytes there is no buffer; a small request that waits for its answer
//! keeps its own bytes alone.

use bytes::{Buf as _, Bytes};

use crate::buffers::BufferPool;

/// The bytes of a length.
const LENGTH_BYTES: usize = 4;
/// The smallest request: key, version and correlation id.
const FRAME_BYTES_MIN: usize = 8;
/// The buffer of a connection that is not known for large frames.
const FIRST_BYTES: usize = 4 * 1024;
/// The first read of a frame takes no more, so that little of the next frame lands in a large buffer.
const FIRST_READ_BYTES: usize = 64 * 1024;
/// Requests of so few bytes are copied out of their buffer: many may wait at once, for others of their group or for records.
const COPIED_BYTES_MAX: usize = 1024;
/// What a buffer that is full grows by.
const GROWTH: usize = 4;
/// The most room that a connection gets before the bytes are there, because its frames were so large before.
const TRUST_BYTES_MAX: usize = 2 * 1024 * 1024;

/// How large frames may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) bytes_min: usize,
    pub(crate) bytes_max: u32,
}

impl Bounds {
    /// Of requests.
    pub(crate) const fn of_requests(bytes_max: u32) -> Self {
        Self { bytes_min: FRAME_BYTES_MIN, bytes_max }
    }
}

/// Why a connection's bytes cannot be frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    /// A negative length, or one that leaves no room for a header.
    #[error("a request of {0} bytes cannot hold a header")]
    TooSmall(i32),
    /// Larger than `socket.request.max.bytes`, or `sasl.server.max.receive.size` before authentication.
    #[error("a request of {bytes} bytes is larger than the limit of {limit}")]
    TooLarge { bytes: i32, limit: u32 },
}

/// What arrived on one connection and was not taken yet.
#[derive(Debug)]
pub(crate) struct Inbox {
    pool: BufferPool,
    bounds: Bounds,
    state: State,
    /// About how many bytes the frames of this connection have, with their lengths.
    usual: usize,
}

#[derive(Debug)]
enum State {
    /// Nothing.
    Empty,
    /// Less than one frame.
    Filling { buffer: Vec<u8>, filled: usize },
    /// Whole frames, and perhaps the beginning of another.
    Arrived(Bytes),
}

impl Inbox {
    /// Without bytes or buffer; frames out of `bounds` are an error.
    pub(crate) fn new(pool: BufferPool, bounds: Bounds) -> Self {
        Self { pool, bounds, state: State::Empty, usual: FIRST_BYTES }
    }

    /// From the next frame on.
    pub(crate) fn bound(&mut self, bounds: Bounds) {
        self.bounds = bounds;
    }

    /// The length of the frame at hand, once it is known.
    pub(crate) fn promised(&self) -> Result<Option<usize>, FrameError> {
        let bytes = match &self.state {
            State::Empty => return Ok(None),
            State::Filling { buffer, filled } => &buffer[..*filled],
            State::Arrived(bytes) => bytes,
        };
        claimed(bytes, self.bounds)
    }

    /// Takes the next whole frame (without its length); `None` while it is incomplete.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, FrameError> {
        let Some(length) = self.promised()? else {
            self.carry_over();
            return Ok(None);
        };
        let whole = LENGTH_BYTES + length;
        if self.len() < whole {
            self.carry_over();
            return Ok(None);
        }
        self.usual = whole.max(self.usual - self.usual / 8).clamp(FIRST_BYTES, TRUST_BYTES_MAX);
        let mut bytes = match std::mem::replace(&mut self.state, State::Empty) {
            State::Empty => return Ok(None),
            State::Filling { buffer, filled } if filled <= COPIED_BYTES_MAX => {
                let copied = Bytes::copy_from_slice(&buffer[..filled]);
                self.pool.give(buffer);
                copied
            }
            State::Filling { buffer, filled } => self.pool.freeze(buffer, filled),
            State::Arrived(bytes) => bytes,
        };
        bytes.advance(LENGTH_BYTES);
        let frame = bytes.split_to(length);
        if !bytes.is_empty() {
            self.state = State::Arrived(bytes);
        }
        Ok(Some(frame))
    }

    /// Where the next bytes go. Never empty.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        self.carry_over();
        let wanted = self.wanted();
        match &mut self.state {
            State::Filling { buffer, filled } if buffer.len() < wanted => {
                let mut larger = self.pool.take(wanted);
                larger[..*filled].copy_from_slice(&buffer[..*filled]);
                self.pool.give(std::mem::replace(buffer, larger));
            }
            State::Filling { .. } => {}
            empty => *empty = State::Filling { buffer: self.pool.take(wanted), filled: 0 },
        }
        let State::Filling { buffer, filled } = &mut self.state else { return &mut [] };
        let frame_end =
            claimed(&buffer[..*filled], self.bounds).ok().flatten().map(|bytes| LENGTH_BYTES + bytes);
        // Never beyond a large frame: what follows it gets a buffer of its own. One of the usual size comes in one read.
        let end = frame_end.unwrap_or(self.usual).max(FIRST_READ_BYTES).min(buffer.len());
        &mut buffer[*filled..end]
    }

    /// So many bytes were read into the room. None: the buffer goes back if it holds nothing.
    pub(crate) fn received(&mut self, bytes: usize) {
        if let State::Filling { filled, .. } = &mut self.state {
            *filled += bytes;
            if *filled > 0 {
                return;
            }
        }
        if let State::Filling { buffer, .. } = std::mem::replace(&mut self.state, State::Empty) {
            self.pool.give(buffer);
        }
    }

    fn len(&self) -> usize {
        match &self.state {
            State::Empty => 0,
            State::Filling { filled, .. } => *filled,
            State::Arrived(bytes) => bytes.len(),
        }
    }

    /// How large the buffer has to be for the next read.
    fn wanted(&self) -> usize {
        let State::Filling { buffer, filled } = &self.state else { return self.usual };
        let frame = claimed(&buffer[..*filled], self.bounds).ok().flatten();
        let whole = frame.map_or(FIRST_BYTES, |bytes| LENGTH_BYTES + bytes);
        if *filled < buffer.len() && whole > self.usual {
            // Not earned yet, and there is room still.
            return buffer.len();
        }
        whole.min(self.usual.max(filled.saturating_mul(GROWTH)))
    }

    /// Moves the beginning of a frame, which is left after whole ones, into a buffer of its own.
    fn carry_over(&mut self) {
        let State::Arrived(rest) = &self.state else { return };
        let mut buffer = self.pool.take(rest.len().max(FIRST_BYTES));
        let filled = rest.len();
        buffer[..filled].copy_from_slice(rest);
        self.state = State::Filling { buffer, filled };
    }
}

/// The length that the first four bytes claim; `None` before they are there.
fn claimed(received: &[u8], bounds: Bounds) -> Result<Option<usize>, FrameError> {
    let Some(length) = received.first_chunk::<LENGTH_BYTES>() else { return Ok(None) };
    let length = i32::from_be_bytes(*length);
    let bytes = usize::try_from(length).map_err(|_| FrameError::TooSmall(length))?;
    if bytes < bounds.bytes_min {
        return Err(FrameError::TooSmall(length));
    }
    let limit = bounds.bytes_max;
    if u64::from(limit) < u64::try_from(bytes).unwrap_or(u64::MAX) {
        return Err(FrameError::TooLarge { bytes: length, limit });
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests;
