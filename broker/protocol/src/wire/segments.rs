//! What a writer made: bytes in several pieces, for one vectored write.

use alloc::vec::Vec;

use bytes::{Bytes, BytesMut};

/// Pieces in wire order. Record bytes are pieces of their own, not copies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segments {
    /// The pieces; none is empty.
    pub parts: Vec<Bytes>,
}

impl Segments {
    /// The length of all pieces together, in bytes.
    #[must_use]
    pub fn len_bytes(&self) -> usize {
        self.parts.iter().map(Bytes::len).sum()
    }

    /// Everything in one piece: a copy unless there is only one.
    #[must_use]
    pub fn into_bytes(mut self) -> Bytes {
        if self.parts.len() <= 1 {
            return self.parts.pop().unwrap_or_default();
        }
        let mut whole = BytesMut::with_capacity(self.len_bytes());
        for part in &self.parts {
            whole.extend_from_slice(part);
        }
        whole.freeze()
    }
}

impl From<Bytes> for Segments {
    fn from(bytes: Bytes) -> Self {
        let parts = if bytes.is_empty() { Vec::new() } else { Vec::from([bytes]) };
        Self { parts }
    }
}
