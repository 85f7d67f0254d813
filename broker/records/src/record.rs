//! The records inside a batch's payload.
//!
//! ```text
//! record = size varint | attributes i8 | timestamp delta varlong | offset delta varint
//!        | key size varint (negative: null) key | value size varint (negative: null) value
//!        | header count varint | headers: key size varint, key, value size varint (negative: null), value
//! ```

use alloc::vec::Vec;

use crate::varint;

/// A payload that does not hold what its batch says. Kafka answers INVALID_RECORD.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The payload is compressed: decompress it first.
    #[error("the records are compressed")]
    Compressed,
    /// The batch says it holds a negative number of records.
    #[error("the record count {0} is negative")]
    Count(i32),
    /// The payload ends inside a record.
    #[error("the payload ends inside a record")]
    Truncated,
    /// A variable-length integer inside a record does not end where it must.
    #[error("a record holds an integer of too many bytes")]
    Varint,
    /// A record's size is negative or past the payload's end.
    #[error("a record says its size is {declared} bytes and {left} are left")]
    Size {
        /// What it says.
        declared: i32,
        /// What is left of the payload.
        left: usize,
    },
    /// A record's fields do not fill its size.
    #[error("a record has {0} bytes after its last field")]
    Unread(usize),
    /// A negative number of headers, or more than there are bytes.
    #[error("a record says it has {0} headers")]
    HeaderCount(i32),
    /// A header without a key.
    #[error("a header's key has the size {0}")]
    HeaderKey(i32),
    /// Bytes after the last record.
    #[error("{0} bytes follow the last record")]
    Trailing(usize),
}

impl From<varint::BadVarint> for RecordError {
    fn from(_: varint::BadVarint) -> Self {
        Self::Varint
    }
}

/// One record, borrowed from its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordView<'a> {
    /// Offset relative to the batch's first.
    pub offset_delta: i32,
    /// Milliseconds after the batch's base timestamp.
    pub timestamp_delta: i64,
    /// `None`: null.
    pub key: Option<&'a [u8]>,
    /// `None`: null, a tombstone in a compacted topic.
    pub value: Option<&'a [u8]>,
    /// In order, with duplicates.
    pub headers: HeadersView<'a>,
}

impl RecordView<'_> {
    /// Appends the record without its size.
    pub(crate) fn write_body(&self, out: &mut Vec<u8>) {
        out.push(0);
        varint::write_i64(self.timestamp_delta, out);
        varint::write_i32(self.offset_delta, out);
        write_nullable(self.key, out);
        write_nullable(self.value, out);
        varint::write_i32(i32::try_from(self.headers.count).unwrap_or(i32::MAX), out);
        out.extend_from_slice(self.headers.bytes);
    }
}

/// Appends a size and that many bytes; size -1 for null. Callers keep sizes within `i32`.
pub(crate) fn write_nullable(bytes: Option<&[u8]>, out: &mut Vec<u8>) {
    match bytes {
        None => varint::write_i32(-1, out),
        Some(bytes) => {
            varint::write_i32(i32::try_from(bytes.len()).unwrap_or(i32::MAX), out);
            out.extend_from_slice(bytes);
        }
    }
}

/// The headers of one record, already checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct HeadersView<'a> {
    bytes: &'a [u8],
    count: usize,
}

/// One header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderView<'a> {
    /// UTF-8 by convention; kept as bytes, whatever they are.
    pub key: &'a [u8],
    /// `None`: null.
    pub value: Option<&'a [u8]>,
}

impl<'a> HeaderView<'a> {
    /// Joins the two.
    #[must_use]
    pub const fn new(key: &'a [u8], value: Option<&'a [u8]>) -> Self {
        Self { key, value }
    }
}

impl<'a> HeadersView<'a> {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The headers in order, duplicates included.
    pub fn iter(&self) -> impl Iterator<Item = HeaderView<'a>> + use<'a> {
        let mut rest = self.bytes;
        (0..self.count).map_while(move |_| read_header(&mut rest).ok())
    }
}

/// The records of one payload, as many as its batch says: bytes left after the last are an error, and after
/// an error nothing follows.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    rest: &'a [u8],
    left: i32,
    failed: Option<RecordError>,
}

impl<'a> Records<'a> {
    /// Reads `count` records of an uncompressed (or decompressed) payload.
    #[must_use]
    pub const fn new(payload: &'a [u8], count: i32) -> Self {
        let failed = if count < 0 { Some(RecordError::Count(count)) } else { None };
        Self { rest: payload, left: count, failed }
    }

    pub(crate) const fn compressed() -> Self {
        Self { rest: &[], left: 0, failed: Some(RecordError::Compressed) }
    }

    /// How many are still to come; nothing to size an allocation by.
    #[must_use]
    pub const fn left(&self) -> i32 {
        self.left
    }

    #[inline]
    fn read(&mut self) -> Result<RecordView<'a>, RecordError> {
        if self.rest.is_empty() {
            return Err(RecordError::Truncated);
        }
        let declared = varint::read_i32(&mut self.rest)?;
        let out_of_range = RecordError::Size { declared, left: self.rest.len() };
        let size = usize::try_from(declared).map_err(|_| out_of_range)?;
        let (body, rest) = self.rest.split_at_checked(size).ok_or(out_of_range)?;
        self.rest = rest;
        read_body(body)
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<RecordView<'a>, RecordError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let result = if let Some(error) = self.failed.take() {
            Err(error)
        } else if self.left > 0 {
            self.left -= 1;
            self.read()
        } else if self.rest.is_empty() {
            return None;
        } else {
            Err(RecordError::Trailing(self.rest.len()))
        };
        if result.is_err() {
            self.left = 0;
            self.rest = &[];
        }
        Some(result)
    }
}

/// Reads the fields of one record, which must fill `body` exactly.
#[inline]
fn read_body(body: &[u8]) -> Result<RecordView<'_>, RecordError> {
    // The first byte is the record's attributes: unused in format v2, ignored by every reader.
    let [_attributes, rest @ ..] = body else { return Err(RecordError::Truncated) };
    let mut rest = rest;
    let timestamp_delta = varint::read_i64(&mut rest)?;
    let offset_delta = varint::read_i32(&mut rest)?;
    let key = read_nullable(&mut rest)?;
    let value = read_nullable(&mut rest)?;
    let declared = varint::read_i32(&mut rest)?;
    let count = usize::try_from(declared).map_err(|_| RecordError::HeaderCount(declared))?;
    let bytes = rest;
    if count > 0 {
        if count > rest.len() {
            return Err(RecordError::HeaderCount(declared));
        }
        for _ in 0..count {
            read_header(&mut rest)?;
        }
    }
    if !rest.is_empty() {
        return Err(RecordError::Unread(rest.len()));
    }
    Ok(RecordView { offset_delta, timestamp_delta, key, value, headers: HeadersView { bytes, count } })
}

#[inline]
fn read_nullable<'a>(rest: &mut &'a [u8]) -> Result<Option<&'a [u8]>, RecordError> {
    let size = varint::read_i32(rest)?;
    match usize::try_from(size) {
        Ok(size) => take(rest, size).map(Some),
        Err(_) => Ok(None),
    }
}

#[inline]
fn take<'a>(rest: &mut &'a [u8], size: usize) -> Result<&'a [u8], RecordError> {
    let (taken, after) = rest.split_at_checked(size).ok_or(RecordError::Truncated)?;
    *rest = after;
    Ok(taken)
}

fn read_header<'a>(rest: &mut &'a [u8]) -> Result<HeaderView<'a>, RecordError> {
    let size = varint::read_i32(rest)?;
    let size = usize::try_from(size).map_err(|_| RecordError::HeaderKey(size))?;
    let key = take(rest, size)?;
    let value = read_nullable(rest)?;
    Ok(HeaderView { key, value })
}
