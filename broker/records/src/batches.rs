//! Walking the batches of a buffer.

use crate::header::{LENGTH_AT, LENGTH_MIN, MAGIC_AT};
use crate::{BatchError, BatchView, LENGTH_PREFIX_BYTES, MAGIC};

/// The batches of a buffer, one after the other. Ends at the buffer's end or at a trailing partial batch, as a
/// fetch may leave one; after an error nothing follows.
#[derive(Clone, Debug)]
pub struct Batches<'a> {
    bytes: &'a [u8],
    consumed: usize,
    failed: bool,
}

/// Walks the batches of `bytes`.
#[must_use]
pub const fn batches(bytes: &[u8]) -> Batches<'_> {
    Batches { bytes, consumed: 0, failed: false }
}

impl Batches<'_> {
    /// How many bytes the batches yielded so far cover: where a trailing partial batch or the error begins.
    #[must_use]
    pub const fn consumed(&self) -> usize {
        self.consumed
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<BatchView<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let rest = self.bytes.get(self.consumed..)?;
        let result = check_prefix(rest).and_then(|()| BatchView::parse(rest));
        match result {
            Ok(batch) => {
                self.consumed += batch.bytes.len();
                Some(Ok(batch))
            }
            Err(BatchError::Truncated { .. }) => None,
            Err(error) => {
                self.failed = true;
                Some(Err(error))
            }
        }
    }
}

/// Nonsense at the start is an error even where the rest of the header is missing.
fn check_prefix(rest: &[u8]) -> Result<(), BatchError> {
    if let Some(magic) = rest.get(MAGIC_AT) {
        let magic = i8::from_be_bytes([*magic]);
        if magic != MAGIC {
            return Err(BatchError::Magic(magic));
        }
    }
    if let Some([_, _, _, _, _, _, _, _, a, b, c, d]) = rest.first_chunk::<LENGTH_PREFIX_BYTES>() {
        let length = i32::from_be_bytes([*a, *b, *c, *d]);
        if length < LENGTH_MIN {
            return Err(BatchError::Length(length));
        }
    }
    Ok(())
}

const _: () = assert!(LENGTH_AT + 4 == LENGTH_PREFIX_BYTES);
