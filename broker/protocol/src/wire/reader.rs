//! Reads primitives from one frame, and believes no length before the bytes are there.
//!
//! Invariants: strings and bytes are slices of the frame; an array is refused when the frame has too few bytes left
//! for its smallest elements, or when all arrays together would take far more memory than the frame; unknown tagged
//! fields are counted and skipped.

use alloc::vec::Vec;

use broker_types::Uuid;
use bytes::Bytes;

use super::Fixed;
use super::error::{DecodeError, DecodeErrorKind as Kind};
use super::varint::{self, Varint};
use super::{
    ARRAY_MEMORY_BYTES_BASE, ARRAY_MEMORY_PER_FRAME_BYTE, INITIAL_ELEMENTS_MAX, STRING_BYTES_MAX,
    UNKNOWN_TAGS_MAX,
};
use crate::{Records, Str};

/// A position in a frame.
#[derive(Debug)]
pub struct Reader {
    frame: Bytes,
    at: usize,
    unknown_tags_left: u32,
    array_bytes_left: usize,
}

type Read<T> = Result<T, DecodeError>;

macro_rules! number {
    ($($(#[$doc:meta])* $name:ident: $ty:ty)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// The frame ends.
        #[inline]
        pub fn $name(&mut self, field: &'static str) -> Read<$ty> {
            Ok(<$ty>::from_be_bytes(self.fixed(field)?))
        }
    )*};
}

impl Reader {
    /// Starts at the first byte of `frame`.
    #[must_use]
    pub fn new(frame: Bytes) -> Self {
        let array_bytes_left =
            frame.len().saturating_mul(ARRAY_MEMORY_PER_FRAME_BYTE).saturating_add(ARRAY_MEMORY_BYTES_BASE);
        Self { frame, at: 0, unknown_tags_left: UNKNOWN_TAGS_MAX, array_bytes_left }
    }

    /// Bytes that were not read yet.
    #[must_use]
    #[inline]
    pub fn remaining(&self) -> usize {
        self.frame.len() - self.at
    }

    /// What was not read yet, as a slice of the frame.
    #[must_use]
    pub fn rest(&self) -> Bytes {
        self.frame.slice(self.at..)
    }

    number! {
        /// A signed byte.
        i8: i8
        /// 16 bits, big-endian.
        i16: i16
        /// 16 bits without sign, big-endian.
        u16: u16
        /// 32 bits, big-endian.
        i32: i32
        /// 32 bits without sign, big-endian.
        u32: u32
        /// 64 bits, big-endian.
        i64: i64
        /// An IEEE 754 double, big-endian.
        f64: f64
    }

    /// One byte; anything but 0 is true.
    ///
    /// # Errors
    /// The frame ends.
    #[inline]
    pub fn bool(&mut self, field: &'static str) -> Read<bool> {
        Ok(self.i8(field)? != 0)
    }

    /// 16 bytes.
    ///
    /// # Errors
    /// The frame ends.
    #[inline]
    pub fn uuid(&mut self, field: &'static str) -> Read<Uuid> {
        Ok(Uuid::from_bytes(self.fixed(field)?))
    }

    /// An unsigned varint of at most 32 bits.
    ///
    /// # Errors
    /// The frame ends, or the varint does not.
    #[inline]
    pub fn uvarint(&mut self, field: &'static str) -> Read<u32> {
        match self.frame.get(self.at) {
            Some(&byte) if byte < 0x80 => {
                self.at += 1;
                Ok(u32::from(byte))
            }
            _ => self.long_uvarint(field),
        }
    }

    fn long_uvarint(&mut self, field: &'static str) -> Read<u32> {
        match varint::read(self.frame.get(self.at..).unwrap_or_default()) {
            Varint::Value(value, len) => {
                self.at += len;
                Ok(value)
            }
            Varint::Truncated => Err(DecodeError::new(field, Kind::Truncated)),
            Varint::TooLong => Err(DecodeError::new(field, Kind::VarintTooLong)),
        }
    }

    /// A string that is not null.
    ///
    /// # Errors
    /// The frame ends, the string is null, longer than 32,767 bytes or not UTF-8.
    #[inline]
    pub fn str(&mut self, flexible: bool, field: &'static str) -> Read<Str> {
        self.nullable_str(flexible, field)?.ok_or(DecodeError::new(field, Kind::NegativeLength))
    }

    /// A string or null.
    ///
    /// # Errors
    /// As [`Self::str`].
    #[inline]
    pub fn nullable_str(&mut self, flexible: bool, field: &'static str) -> Read<Option<Str>> {
        let len = if flexible { self.compact_len(field)? } else { plain_len(i32::from(self.i16(field)?)) };
        let Some(len) = len else { return Ok(None) };
        if len > STRING_BYTES_MAX {
            return Err(too_long(field, len));
        }
        let bytes = self.slice(len, field)?;
        Str::from_utf8(bytes).map(Some).ok_or(DecodeError::new(field, Kind::NotUtf8))
    }

    /// Bytes that are not null.
    ///
    /// # Errors
    /// The frame ends, or the bytes are null.
    #[inline]
    pub fn bytes(&mut self, flexible: bool, field: &'static str) -> Read<Bytes> {
        self.nullable_bytes(flexible, field)?.ok_or(DecodeError::new(field, Kind::NegativeLength))
    }

    /// Bytes or null.
    ///
    /// # Errors
    /// The frame ends.
    #[inline]
    pub fn nullable_bytes(&mut self, flexible: bool, field: &'static str) -> Read<Option<Bytes>> {
        let len = self.len(flexible, field)?;
        len.map(|len| self.slice(len, field)).transpose()
    }

    /// Record batches that are not null.
    ///
    /// # Errors
    /// The frame ends, or they are null.
    #[inline]
    pub fn records(&mut self, flexible: bool, field: &'static str) -> Read<Records> {
        self.bytes(flexible, field).map(Records::Bytes)
    }

    /// Record batches or null.
    ///
    /// # Errors
    /// The frame ends.
    #[inline]
    pub fn nullable_records(&mut self, flexible: bool, field: &'static str) -> Read<Option<Records>> {
        Ok(self.nullable_bytes(flexible, field)?.map(Records::Bytes))
    }

    /// An array that is not null. `min_bytes` is the least that an element takes on the wire.
    ///
    /// # Errors
    /// The frame is too short for so many elements, they would take too much memory, the array is null, or an
    /// element is wrong.
    #[inline]
    pub fn array<T>(
        &mut self,
        flexible: bool,
        min_bytes: usize,
        field: &'static str,
        element: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<Vec<T>> {
        match self.len(flexible, field)? {
            Some(len) => self.elements(len, min_bytes, field, element),
            None => Err(DecodeError::new(field, Kind::NegativeLength)),
        }
    }

    /// An array or null.
    ///
    /// # Errors
    /// As [`Self::array`].
    #[inline]
    pub fn nullable_array<T>(
        &mut self,
        flexible: bool,
        min_bytes: usize,
        field: &'static str,
        element: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<Option<Vec<T>>> {
        let len = self.len(flexible, field)?;
        len.map(|len| self.elements(len, min_bytes, field, element)).transpose()
    }

    /// An array of numbers or ids that is not null.
    ///
    /// # Errors
    /// The frame is too short for so many elements, or the array is null.
    #[inline]
    pub fn fixed_array<T: Fixed<N>, const N: usize>(
        &mut self,
        flexible: bool,
        field: &'static str,
    ) -> Read<Vec<T>> {
        self.nullable_fixed_array(flexible, field)?.ok_or(DecodeError::new(field, Kind::NegativeLength))
    }

    /// An array of numbers or ids, or null.
    ///
    /// # Errors
    /// As [`Self::fixed_array`].
    #[inline]
    pub fn nullable_fixed_array<T: Fixed<N>, const N: usize>(
        &mut self,
        flexible: bool,
        field: &'static str,
    ) -> Read<Option<Vec<T>>> {
        let Some(len) = self.len(flexible, field)? else { return Ok(None) };
        let bytes = len.checked_mul(N).and_then(|bytes| self.frame.get(self.at..)?.get(..bytes));
        let Some(bytes) = bytes else { return Err(too_long(field, len)) };
        let (chunks, _) = bytes.as_chunks::<N>();
        // The elements take no more memory than their bytes.
        let elements = chunks.iter().map(|chunk| T::from_wire(*chunk)).collect();
        self.at += bytes.len();
        Ok(Some(elements))
    }

    fn elements<T>(
        &mut self,
        len: usize,
        min_bytes: usize,
        field: &'static str,
        mut element: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<Vec<T>> {
        self.charge(len, min_bytes, size_of::<T>(), field)?;
        let mut elements = Vec::with_capacity(len.min(INITIAL_ELEMENTS_MAX));
        for _ in 0..len {
            elements.push(element(self)?);
        }
        Ok(elements)
    }

    fn charge(&mut self, len: usize, min_bytes: usize, size_bytes: usize, field: &'static str) -> Read<()> {
        if len > self.remaining() / min_bytes.max(1) {
            return Err(too_long(field, len));
        }
        let memory = len.saturating_mul(size_bytes);
        let left = self.array_bytes_left.checked_sub(memory);
        self.array_bytes_left = left.ok_or(DecodeError::new(field, Kind::TooMuchMemory))?;
        Ok(())
    }

    /// A struct or null: one byte says which.
    ///
    /// # Errors
    /// The frame ends, or the struct is wrong.
    pub fn nullable_struct<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut Self) -> Read<T>,
    ) -> Read<Option<T>> {
        if self.i8(field)? < 0 { Ok(None) } else { read(self).map(Some) }
    }

    /// A struct or null in a tagged field: there a varint says which.
    ///
    /// # Errors
    /// The frame ends, or the struct is wrong.
    pub fn nullable_tagged_struct<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut Self) -> Read<T>,
    ) -> Read<Option<T>> {
        if self.uvarint(field)? == 0 { Ok(None) } else { read(self).map(Some) }
    }

    /// Skips the tagged fields of a struct that knows none.
    ///
    /// # Errors
    /// As [`Self::tags`].
    #[inline]
    pub fn no_tags(&mut self) -> Read<()> {
        self.tags(|_, _| Ok(false))
    }

    /// Reads tagged fields. `known` reads the content of one and says true, or says false to have it skipped.
    ///
    /// # Errors
    /// The frame ends, a field is not as long as it says, or there are too many unknown ones.
    #[inline]
    pub fn tags(&mut self, known: impl FnMut(&mut Self, u32) -> Read<bool>) -> Read<()> {
        let count = self.uvarint(TAGS)?;
        if count == 0 { Ok(()) } else { self.some_tags(count, known) }
    }

    fn some_tags(&mut self, count: u32, mut known: impl FnMut(&mut Self, u32) -> Read<bool>) -> Read<()> {
        for _ in 0..count {
            let tag = self.uvarint(TAGS)?;
            let len = self.uvarint(TAGS)?;
            let end =
                usize::try_from(len).ok().filter(|len| *len <= self.remaining()).map(|len| self.at + len);
            let end = end.ok_or(DecodeError::new(TAGS, Kind::TooLong(len)))?;
            if known(self, tag)? {
                if self.at != end {
                    return Err(DecodeError::new(TAGS, Kind::TagLength));
                }
                continue;
            }
            let left = self.unknown_tags_left.checked_sub(1);
            self.unknown_tags_left = left.ok_or(DecodeError::new(TAGS, Kind::TooManyTags))?;
            self.at = end;
        }
        Ok(())
    }

    #[inline]
    fn len(&mut self, flexible: bool, field: &'static str) -> Read<Option<usize>> {
        if flexible { self.compact_len(field) } else { Ok(plain_len(self.i32(field)?)) }
    }

    /// A compact length is one more than it means; 0 means null.
    #[inline]
    fn compact_len(&mut self, field: &'static str) -> Read<Option<usize>> {
        match self.uvarint(field)?.checked_sub(1) {
            None => Ok(None),
            Some(len) => match i32::try_from(len) {
                Ok(signed) => Ok(plain_len(signed)),
                Err(_) => Err(DecodeError::new(field, Kind::TooLong(len))),
            },
        }
    }

    #[inline]
    fn fixed<const N: usize>(&mut self, field: &'static str) -> Read<[u8; N]> {
        match self.frame.get(self.at..).and_then(|rest| rest.first_chunk::<N>()) {
            Some(chunk) => {
                self.at += N;
                Ok(*chunk)
            }
            None => Err(DecodeError::new(field, Kind::Truncated)),
        }
    }

    #[inline]
    fn slice(&mut self, len: usize, field: &'static str) -> Read<Bytes> {
        if len > self.remaining() {
            return Err(too_long(field, len));
        }
        let start = self.at;
        self.at += len;
        Ok(self.frame.slice(start..self.at))
    }
}

/// What errors of the tagged section name instead of a field.
const TAGS: &str = "tagged fields";

#[cold]
fn too_long(field: &'static str, len: usize) -> DecodeError {
    DecodeError::new(field, Kind::TooLong(u32::try_from(len).unwrap_or(u32::MAX)))
}

/// Any negative length means null, as in Kafka.
#[inline]
fn plain_len(len: i32) -> Option<usize> {
    usize::try_from(len).ok()
}

#[cfg(test)]
mod tests;
