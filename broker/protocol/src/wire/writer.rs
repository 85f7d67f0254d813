//! Writes primitives into one growing buffer; long byte strings stay where they are and become their own segment.
//!
//! Invariant: `cuts` are ascending positions in `buffer`, each with the bytes that belong there on the wire.

use alloc::vec::Vec;
use core::mem;

use broker_types::Uuid;
use bytes::Bytes;

use super::buffer::Buffer;
use super::error::{EncodeError, EncodeErrorKind as Kind};
use super::fixed::{Fixed, Run};
use super::{OWN_SEGMENT_BYTES_MIN, Piece, STRING_BYTES_MAX, Segments, varint};
use crate::{Records, Str};

/// Collects the bytes of one frame.
#[derive(Debug, Default)]
pub struct Writer {
    buffer: Buffer,
    cuts: Vec<(usize, Piece)>,
}

/// Arrays up to this long are written with their length in one go.
const SHORT: usize = 8;

type Written = Result<(), EncodeError>;

macro_rules! number {
    ($($(#[$doc:meta])* $name:ident: $ty:ty)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name(&mut self, value: $ty) {
            self.buffer.put(value.to_be_bytes());
        }
    )*};
}

impl Writer {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty writer with room for `bytes` bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { buffer: Buffer::with_capacity(bytes), cuts: Vec::new() }
    }

    /// The bytes written so far, segments included.
    #[must_use]
    pub fn len_bytes(&self) -> usize {
        self.buffer.len() + self.cuts.iter().map(|(_, piece)| piece.len_bytes()).sum::<usize>()
    }

    /// Ends writing.
    #[must_use]
    pub fn finish(self) -> Segments {
        let buffer = self.buffer.into_bytes();
        if self.cuts.is_empty() {
            return Segments::from(buffer);
        }
        let mut pieces = Vec::with_capacity(2 * self.cuts.len() + 1);
        let mut start = 0;
        for (at, piece) in self.cuts {
            if at > start {
                pieces.push(Piece::Bytes(buffer.slice(start..at)));
                start = at;
            }
            pieces.push(piece);
        }
        if start < buffer.len() {
            pieces.push(Piece::Bytes(buffer.slice(start..)));
        }
        Segments { pieces }
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

    /// One byte, 0 or 1.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        self.buffer.put([u8::from(value)]);
    }

    /// 16 bytes.
    #[inline]
    pub fn uuid(&mut self, value: Uuid) {
        self.buffer.put(*value.as_bytes());
    }

    /// An unsigned varint.
    #[inline]
    pub fn uvarint(&mut self, value: u32) {
        match u8::try_from(value) {
            Ok(byte) if byte < 0x80 => self.buffer.put([byte]),
            _ => self.long_uvarint(value),
        }
    }

    fn long_uvarint(&mut self, value: u32) {
        let (bytes, len) = varint::bytes_of(value);
        self.buffer.slice(&bytes[..len]);
    }

    /// A string.
    ///
    /// # Errors
    /// It is longer than 32,767 bytes.
    #[inline]
    pub fn str(&mut self, flexible: bool, value: &Str, field: &'static str) -> Written {
        let len = u16::try_from(value.len()).ok().filter(|len| usize::from(*len) <= STRING_BYTES_MAX);
        let len = len.ok_or(EncodeError::new(field, Kind::TooLong(value.len())))?;
        if flexible {
            self.uvarint(u32::from(len) + 1);
        } else {
            self.u16(len);
        }
        self.buffer.slice(value.as_bytes());
        Ok(())
    }

    /// A string or null.
    ///
    /// # Errors
    /// It is longer than 32,767 bytes.
    #[inline]
    pub fn nullable_str(&mut self, flexible: bool, value: Option<&Str>, field: &'static str) -> Written {
        match value {
            Some(value) => self.str(flexible, value, field)?,
            None if flexible => self.uvarint(0),
            None => self.i16(-1),
        }
        Ok(())
    }

    /// Bytes.
    ///
    /// # Errors
    /// They are 2 GiB or more.
    #[inline]
    pub fn bytes(&mut self, flexible: bool, value: &Bytes, field: &'static str) -> Written {
        self.len(flexible, value.len(), field)?;
        if value.len() < OWN_SEGMENT_BYTES_MIN {
            self.buffer.slice(value);
        } else {
            self.cuts.push((self.buffer.len(), Piece::Bytes(value.clone())));
        }
        Ok(())
    }

    /// Bytes or null.
    ///
    /// # Errors
    /// They are 2 GiB or more.
    #[inline]
    pub fn nullable_bytes(&mut self, flexible: bool, value: Option<&Bytes>, field: &'static str) -> Written {
        match value {
            Some(value) => self.bytes(flexible, value, field)?,
            None => self.null_len(flexible),
        }
        Ok(())
    }

    /// Record batches. What lies elsewhere is left out: the sender puts it in its place.
    ///
    /// # Errors
    /// They are 2 GiB or more.
    #[inline]
    pub fn records(&mut self, flexible: bool, value: &Records, field: &'static str) -> Written {
        let bytes = match value {
            Records::Bytes(bytes) => return self.bytes(flexible, bytes, field),
            Records::Elsewhere { bytes } => *bytes,
        };
        self.len(flexible, bytes, field)?;
        if bytes > 0 {
            self.cuts.push((self.buffer.len(), Piece::Elsewhere { bytes }));
        }
        Ok(())
    }

    /// Record batches or null.
    ///
    /// # Errors
    /// They are 2 GiB or more.
    #[inline]
    pub fn nullable_records(
        &mut self,
        flexible: bool,
        value: Option<&Records>,
        field: &'static str,
    ) -> Written {
        match value {
            Some(value) => self.records(flexible, value, field)?,
            None => self.null_len(flexible),
        }
        Ok(())
    }

    /// An array.
    ///
    /// # Errors
    /// It has 2^31 elements or more, or an element cannot be written.
    #[inline]
    pub fn array<T>(
        &mut self,
        flexible: bool,
        value: &[T],
        field: &'static str,
        mut element: impl FnMut(&mut Self, &T) -> Written,
    ) -> Written {
        self.len(flexible, value.len(), field)?;
        value.iter().try_for_each(|one| element(self, one))
    }

    /// An array of numbers or ids, written in one go.
    ///
    /// # Errors
    /// It has 2^31 elements or more.
    #[inline(always)]
    pub fn fixed_array<T: Fixed<N>, const N: usize>(
        &mut self,
        flexible: bool,
        value: &[T],
        field: &'static str,
    ) -> Written {
        if !flexible || value.len() > SHORT {
            return self.long_fixed_array(flexible, value, field);
        }
        // The usual array, of replicas, is short: its length and itself are one write.
        let Some((first, mut rest)) = self.buffer.room(1 + value.len() * N).split_first_mut() else {
            return Ok(());
        };
        *first = u8::try_from(value.len() + 1).unwrap_or(0);
        for one in value {
            let Some((chunk, after)) = mem::take(&mut rest).split_first_chunk_mut::<N>() else { break };
            *chunk = one.to_wire();
            rest = after;
        }
        Ok(())
    }

    fn long_fixed_array<T: Fixed<N>, const N: usize>(
        &mut self,
        flexible: bool,
        value: &[T],
        field: &'static str,
    ) -> Written {
        self.len(flexible, value.len(), field)?;
        let (places, _) = self.buffer.room(value.len() * N).as_chunks_mut::<N>();
        for (place, one) in places.iter_mut().zip(value) {
            *place = one.to_wire();
        }
        Ok(())
    }

    /// An array of numbers or ids, or null.
    ///
    /// # Errors
    /// It has 2^31 elements or more.
    pub fn nullable_fixed_array<T: Fixed<N>, const N: usize>(
        &mut self,
        flexible: bool,
        value: Option<&[T]>,
        field: &'static str,
    ) -> Written {
        match value {
            Some(value) => self.fixed_array(flexible, value, field)?,
            None => self.null_len(flexible),
        }
        Ok(())
    }

    /// The place for several numbers and ids that follow each other, `N` bytes together.
    #[inline]
    pub fn run<const N: usize>(&mut self) -> Run<'_, N> {
        Run::new(self.buffer.place())
    }

    /// An array or null.
    ///
    /// # Errors
    /// As [`Self::array`].
    #[inline]
    pub fn nullable_array<T>(
        &mut self,
        flexible: bool,
        value: Option<&[T]>,
        field: &'static str,
        element: impl FnMut(&mut Self, &T) -> Written,
    ) -> Written {
        match value {
            Some(value) => self.array(flexible, value, field, element)?,
            None => self.null_len(flexible),
        }
        Ok(())
    }

    /// A struct or null: one byte says which.
    ///
    /// # Errors
    /// The struct cannot be written.
    pub fn nullable_struct<T>(
        &mut self,
        value: Option<&T>,
        write: impl FnOnce(&mut Self, &T) -> Written,
    ) -> Written {
        match value {
            Some(value) => {
                self.i8(1);
                write(self, value)?;
            }
            None => self.i8(-1),
        }
        Ok(())
    }

    /// A struct or null in a tagged field: there a varint says which.
    ///
    /// # Errors
    /// The struct cannot be written.
    pub fn nullable_tagged_struct<T>(
        &mut self,
        value: Option<&T>,
        write: impl FnOnce(&mut Self, &T) -> Written,
    ) -> Written {
        self.uvarint(u32::from(value.is_some()));
        value.map_or(Ok(()), |value| write(self, value))
    }

    /// One tagged field: its number, the length of what `write` writes, and that.
    ///
    /// # Errors
    /// The content cannot be written or is 4 GiB or more.
    pub fn tag(
        &mut self,
        tag: u32,
        field: &'static str,
        write: impl FnOnce(&mut Self) -> Written,
    ) -> Written {
        self.uvarint(tag);
        let start = self.buffer.len();
        let cuts_before = self.cuts.len();
        // One byte is enough for nearly every length; where it is not, the content moves.
        self.buffer.put([0]);
        write(self)?;
        let cut_bytes: usize = self.cuts.iter().skip(cuts_before).map(|(_, piece)| piece.len_bytes()).sum();
        let len = self.buffer.len() - start - 1 + cut_bytes;
        let (bytes, width) =
            varint::bytes_of(u32::try_from(len).map_err(|_| EncodeError::new(field, Kind::TooLong(len)))?);
        self.buffer.replace_byte(start, &bytes[..width]);
        for (at, _) in self.cuts.iter_mut().skip(cuts_before) {
            *at += width - 1;
        }
        Ok(())
    }

    /// Writes `value` over four bytes at `at`; nothing happens where they are not there.
    pub(crate) fn overwrite_i32(&mut self, at: usize, value: i32) {
        self.buffer.overwrite(at, value.to_be_bytes());
    }

    /// Takes what was written, and leaves the writer empty.
    pub fn take(&mut self) -> Segments {
        mem::take(self).finish()
    }

    #[inline]
    fn len(&mut self, flexible: bool, len: usize, field: &'static str) -> Written {
        let signed = i32::try_from(len).map_err(|_| EncodeError::new(field, Kind::TooLong(len)))?;
        if flexible {
            // At most 2^31 here, so the sum fits.
            self.uvarint(signed.unsigned_abs() + 1);
        } else {
            self.i32(signed);
        }
        Ok(())
    }

    fn null_len(&mut self, flexible: bool) {
        if flexible {
            self.uvarint(0);
        } else {
            self.i32(-1);
        }
    }
}

/// The value of a field that may be null in other versions only.
#[inline]
pub(crate) fn required<'a, T>(value: &'a Option<T>, field: &'static str) -> Result<&'a T, EncodeError> {
    value.as_ref().ok_or(EncodeError::new(field, Kind::Null))
}

#[cfg(test)]
mod tests;
