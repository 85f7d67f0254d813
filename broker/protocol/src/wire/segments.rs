//! What a writer made: bytes in several pieces, for one vectored write.

use alloc::vec::Vec;

use bytes::{Bytes, BytesMut};

/// Pieces in wire order. Record bytes are pieces of their own, not copies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segments {
    /// The pieces; none is empty.
    pub pieces: Vec<Piece>,
}

/// A piece of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// In memory.
    Bytes(Bytes),
    /// The record batches of a [`Records::Elsewhere`](crate::Records::Elsewhere), in the order of the message.
    Elsewhere {
        /// Their length.
        bytes: usize,
    },
}

impl Piece {
    /// Its length.
    #[must_use]
    pub fn len_bytes(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Elsewhere { bytes } => *bytes,
        }
    }
}

impl Segments {
    /// The length of all pieces together, in bytes.
    #[must_use]
    pub fn len_bytes(&self) -> usize {
        self.pieces.iter().map(Piece::len_bytes).sum()
    }

    /// Everything in one piece: a copy unless there is only one. What lies elsewhere is zeros.
    #[must_use]
    pub fn into_bytes(mut self) -> Bytes {
        if let [Piece::Bytes(only)] = self.pieces.as_mut_slice() {
            return core::mem::take(only);
        }
        let mut whole = BytesMut::with_capacity(self.len_bytes());
        for piece in &self.pieces {
            match piece {
                Piece::Bytes(bytes) => whole.extend_from_slice(bytes),
                Piece::Elsewhere { bytes } => whole.resize(whole.len() + bytes, 0),
            }
        }
        whole.freeze()
    }
}

impl From<Bytes> for Segments {
    fn from(bytes: Bytes) -> Self {
        let pieces = if bytes.is_empty() { Vec::new() } else { Vec::from([Piece::Bytes(bytes)]) };
        Self { pieces }
    }
}
