//! One whole batch, borrowed.

use crate::header::ATTRIBUTES_AT;
use crate::{BatchError, BatchHeader, Codec, HEADER_BYTES, Records, crc32c};

/// A batch and its bytes, neither copied nor changed. `bytes` is exactly the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchView<'a> {
    /// The decoded header.
    pub header: BatchHeader,
    /// All bytes of the batch, header included.
    pub bytes: &'a [u8],
}

impl<'a> BatchView<'a> {
    /// Views the batch at the start of `bytes`, all of which must be there; more may follow.
    /// The checksum is not looked at: see [`BatchView::crc_is_valid`].
    ///
    /// # Errors
    /// As [`BatchHeader::parse`], and when the batch's end is missing.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, BatchError> {
        let header = BatchHeader::parse(bytes)?;
        let need = header.size_bytes();
        match bytes.get(..need) {
            Some(bytes) => Ok(Self { header, bytes }),
            None => Err(BatchError::Truncated { have: bytes.len(), need }),
        }
    }

    /// Whether the stored checksum is that of the bytes.
    #[must_use]
    pub fn crc_is_valid(&self) -> bool {
        self.computed_crc() == self.header.crc
    }

    /// The checksum of the bytes as they are.
    #[must_use]
    pub fn computed_crc(&self) -> u32 {
        crc32c(self.bytes.get(ATTRIBUTES_AT..).unwrap_or_default())
    }

    /// What follows the header: records, compressed when the attributes name a codec.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        self.bytes.get(HEADER_BYTES..).unwrap_or_default()
    }

    /// The records of an uncompressed batch. A compressed one yields [`crate::RecordError::Compressed`]:
    /// decompress [`BatchView::payload`] and read it with [`Records::new`] and the header's record count.
    #[must_use]
    pub fn records(&self) -> Records<'a> {
        match self.header.attributes.codec() {
            Some(Codec::None) => Records::new(self.payload(), self.header.record_count),
            _ => Records::compressed(),
        }
    }
}
