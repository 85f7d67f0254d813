//! The bytes under a writer.
//!
//! Invariant: `at <= bytes.len()`; what is behind `at` is zeros and not written yet. A write is then one check and one
//! store.

use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;

/// A growing row of bytes.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    at: usize,
}

impl Buffer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: vec![0; bytes], at: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.at
    }

    pub(super) fn into_bytes(mut self) -> Bytes {
        self.bytes.truncate(self.at);
        Bytes::from(self.bytes)
    }

    /// Puts `by`, which is not empty, in the place of the one byte at `at`; what follows moves.
    pub(super) fn replace_byte(&mut self, at: usize, by: &[u8]) {
        let end = self.at;
        self.room(by.len() - 1);
        self.bytes.copy_within(at + 1..end, at + by.len());
        self.bytes[at..at + by.len()].copy_from_slice(by);
    }

    /// Writes over bytes that are there already; nothing happens where they are not.
    pub(super) fn overwrite<const N: usize>(&mut self, at: usize, by: [u8; N]) {
        if let Some(place) = self.bytes.get_mut(at..at + N) {
            place.copy_from_slice(&by);
        }
    }

    #[inline]
    pub(super) fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        *self.place() = bytes;
    }

    /// The next `N` bytes of the buffer, for the caller to fill.
    #[inline]
    pub(super) fn place<const N: usize>(&mut self) -> &mut [u8; N] {
        let start = self.at;
        if self.bytes.len() - start < N {
            self.grow(N);
        }
        self.at = start + N;
        self.bytes[start..].first_chunk_mut().expect("grown")
    }

    pub(super) fn slice(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
    }

    /// The next `len` bytes of the buffer, for the caller to fill.
    #[inline]
    pub(super) fn room(&mut self, len: usize) -> &mut [u8] {
        let start = self.at;
        if self.bytes.len() - start < len {
            self.grow(len);
        }
        self.at = start + len;
        &mut self.bytes[start..start + len]
    }

    #[cold]
    fn grow(&mut self, len: usize) {
        const BYTES_MIN: usize = 256;
        let wanted = (self.at + len).max(2 * self.bytes.len()).max(BYTES_MIN);
        // Fresh zeros come from the system for nothing where the allocator asks it for the block.
        let mut larger = vec![0; wanted];
        larger[..self.at].copy_from_slice(&self.bytes[..self.at]);
        self.bytes = larger;
    }
}
