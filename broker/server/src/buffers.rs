//! Read buffers that go back to a pool when the last slice of them was sent.
//!
//! Why: a fresh buffer of a megabyte costs a page fault for each of its pages and a pass to zero them, together
//! more than the copy into it.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

/// The most buffers that wait in the pool.
const POOLED_MAX: usize = 8;
/// A buffer larger than this is given back to the system.
const POOLED_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A pool of read buffers. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct BufferPool {
    free: Arc<Mutex<Vec<Vec<u8>>>>,
}

struct Pooled {
    buffer: Vec<u8>,
    used: usize,
    pool: BufferPool,
}

impl BufferPool {
    /// A buffer of at least `bytes`; what is in it is left over from earlier.
    pub(crate) fn take(&self, bytes: usize) -> Vec<u8> {
        let mut buffer = self.free.lock().pop().unwrap_or_default();
        if buffer.len() < bytes {
            buffer.resize(bytes, 0);
        }
        buffer
    }

    /// Freezes the first `used` bytes; the buffer comes back to the pool when all slices of it are dropped.
    pub(crate) fn freeze(&self, buffer: Vec<u8>, used: usize) -> Bytes {
        let used = used.min(buffer.len());
        Bytes::from_owner(Pooled { buffer, used, pool: self.clone() })
    }
}

impl AsRef<[u8]> for Pooled {
    fn as_ref(&self) -> &[u8] {
        &self.buffer[..self.used]
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        if self.buffer.len() > POOLED_BYTES_MAX {
            return;
        }
        let mut free = self.pool.free.lock();
        if free.len() < POOLED_MAX {
            free.push(std::mem::take(&mut self.buffer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_with_its_last_slice() {
        let pool = BufferPool::default();
        let buffer = pool.take(100_000);
        let place = buffer.as_ptr();
        let whole = pool.freeze(buffer, 3);
        assert_eq!(whole.len(), 3);
        let slice = whole.slice(1..2);
        drop(whole);
        assert!(pool.free.lock().is_empty(), "a slice is still out");
        drop(slice);
        let again = pool.take(10);
        assert_eq!(again.as_ptr(), place);
    }
}
