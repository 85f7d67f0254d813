//! Buffers for requests and answers that go back to a pool when the last slice of them was dropped.
//!
//! Why: a fresh buffer of a megabyte costs a page fault for each of its pages and a pass to zero them, together
//! more than the copy into it. Invariants: a buffer's size is one of a few classes, so that what comes back fits the
//! next who asks; the pool holds a bounded number of bytes, however many buffers come back at once, and what a crowd
//! needed for a moment goes back to the system when nobody asked for it from one [`BufferPool::trim`] to the next.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use parking_lot::Mutex;

/// The smallest class.
const CLASS_BYTES_MIN: usize = 4 * 1024;
/// How many classes there are, each double the one before: up to 2 MiB. What is larger goes back to the system.
const CLASSES: usize = 10;
/// The most bytes that wait in the pool.
const POOLED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A pool of buffers. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct BufferPool {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    free: [Mutex<Free>; CLASSES],
    bytes: AtomicUsize,
}

/// The buffers of one class that wait.
#[derive(Debug, Default)]
struct Free {
    buffers: Vec<Vec<u8>>,
    /// How few there were since the last trim: so many were not needed.
    fewest: usize,
}

struct Pooled {
    buffer: Vec<u8>,
    used: usize,
    pool: BufferPool,
}

impl BufferPool {
    /// A buffer of at least `bytes`; what is in it is left over from earlier.
    pub(crate) fn take(&self, bytes: usize) -> Vec<u8> {
        let Some(class) = class_of(bytes) else { return vec![0; bytes] };
        if let Some(buffer) = self.shared.free[class].lock().take() {
            self.shared.bytes.fetch_sub(buffer.len(), Ordering::Relaxed);
            return buffer;
        }
        vec![0; CLASS_BYTES_MIN << class]
    }

    /// Takes a buffer back that nobody slices.
    pub(crate) fn give(&self, buffer: Vec<u8>) {
        let bytes = buffer.len();
        let Some(class) = class_of(bytes).filter(|class| CLASS_BYTES_MIN << class == bytes) else { return };
        if self.shared.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > POOLED_BYTES_MAX {
            self.shared.bytes.fetch_sub(bytes, Ordering::Relaxed);
            return;
        }
        self.shared.free[class].lock().buffers.push(buffer);
    }

    /// Lets go of the buffers that waited since the last time.
    pub(crate) fn trim(&self) {
        for free in &self.shared.free {
            let idle = free.lock().take_idle();
            self.shared.bytes.fetch_sub(idle.iter().map(Vec::len).sum(), Ordering::Relaxed);
        }
    }

    /// Freezes the first `used` bytes; the buffer comes back to the pool when all slices of it are dropped.
    pub(crate) fn freeze(&self, buffer: Vec<u8>, used: usize) -> Bytes {
        let used = used.min(buffer.len());
        Bytes::from_owner(Pooled { buffer, used, pool: self.clone() })
    }
}

impl Free {
    fn take(&mut self) -> Option<Vec<u8>> {
        let buffer = self.buffers.pop();
        self.fewest = self.fewest.min(self.buffers.len());
        buffer
    }

    /// Those that nobody took: the first, as the last that came is the next to go.
    fn take_idle(&mut self) -> Vec<Vec<u8>> {
        let idle = self.buffers.drain(..self.fewest.min(self.buffers.len())).collect();
        self.fewest = self.buffers.len();
        self.buffers.shrink_to(self.fewest);
        idle
    }
}

impl AsRef<[u8]> for Pooled {
    fn as_ref(&self) -> &[u8] {
        &self.buffer[..self.used]
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        self.pool.give(std::mem::take(&mut self.buffer));
    }
}

/// The smallest class that holds so many bytes; `None` beyond the largest.
fn class_of(bytes: usize) -> Option<usize> {
    (0..CLASSES).find(|class| CLASS_BYTES_MIN << class >= bytes)
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
        assert_eq!(pool.shared.bytes.load(Ordering::Relaxed), 0, "a slice is still out");
        drop(slice);
        let again = pool.take(70_000);
        assert_eq!(again.as_ptr(), place);
        assert_eq!(pool.shared.bytes.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn what_is_asked_for_fits_whatever_came_back() {
        let pool = BufferPool::default();
        for bytes in [0, 1, 4096, 4097, 1 << 20, (1 << 21) + 1, 5_000_000] {
            let buffer = pool.take(bytes);
            assert!(buffer.len() >= bytes, "{bytes}");
            pool.give(buffer);
        }
        assert!(pool.take(4096).len() < pool.take(4097).len());
    }

    #[test]
    fn the_pool_is_bounded_in_bytes() {
        let pool = BufferPool::default();
        let many: Vec<_> = (0..64).map(|_| pool.take(1 << 20)).collect();
        many.into_iter().for_each(|buffer| pool.give(buffer));
        assert_eq!(pool.shared.bytes.load(Ordering::Relaxed), POOLED_BYTES_MAX);
        let kept: usize = pool
            .shared
            .free
            .iter()
            .flat_map(|free| free.lock().buffers.iter().map(Vec::len).collect::<Vec<_>>())
            .sum();
        assert_eq!(kept, POOLED_BYTES_MAX);
    }

    #[test]
    fn what_nobody_asks_for_between_two_trims_goes() {
        let pool = BufferPool::default();
        let many: Vec<_> = (0..8).map(|_| pool.take(4096)).collect();
        many.into_iter().for_each(|buffer| pool.give(buffer));
        let waiting = || pool.shared.bytes.load(Ordering::Relaxed) / CLASS_BYTES_MIN;
        // All of them came since the last one.
        pool.trim();
        assert_eq!(waiting(), 8);
        let (one, other) = (pool.take(4096), pool.take(4096));
        pool.give(one);
        pool.give(other);
        pool.trim();
        assert_eq!(waiting(), 2, "two at a time were needed");
        pool.trim();
        assert_eq!(waiting(), 0);
    }
}
