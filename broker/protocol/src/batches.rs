//! Record batches in a message.

use core::fmt;

use bytes::Bytes;

/// Record batches as a message carries them. A decoded message has them as bytes; a message that is to be encoded may
/// leave them where they are, in a file say, so that they go to the socket without a copy in between.
#[derive(Clone, PartialEq, Eq)]
pub enum Records {
    /// In memory.
    Bytes(Bytes),
    /// Somewhere else: who sends the frame puts so many bytes in the place that the encoder leaves out.
    Elsewhere {
        /// Their length.
        bytes: usize,
    },
}

impl Records {
    /// Their length, in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Elsewhere { bytes } => *bytes,
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is in memory: everything, in a message that was decoded.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Elsewhere { .. } => Bytes::new(),
        }
    }
}

impl Default for Records {
    fn default() -> Self {
        Self::Bytes(Bytes::new())
    }
}

impl From<Bytes> for Records {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => bytes.fmt(f),
            Self::Elsewhere { bytes } => write!(f, "({bytes} bytes elsewhere)"),
        }
    }
}
