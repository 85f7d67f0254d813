//! Zigzag variable-length integers inside records, as protobuf's `sint32` and `sint64`.
//!
//! Reading is as lenient as Kafka's: overlong forms pass, at most 5 (10) bytes, and bits past the type's width
//! are dropped.

use alloc::vec::Vec;

/// The integer does not end within its 5 (10) bytes, or the bytes end first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadVarint;

/// Reads an `i32` and moves `bytes` past it.
#[inline]
pub(crate) fn read_i32(bytes: &mut &[u8]) -> Result<i32, BadVarint> {
    // The common case: one byte.
    let [first, rest @ ..] = *bytes else { return Err(BadVarint) };
    if *first < 0x80 {
        *bytes = rest;
        let raw = u32::from(*first);
        return Ok(unzigzag32(raw));
    }
    let mut raw = u32::from(*first & 0x7f);
    let mut shift = 7;
    let mut rest = rest;
    loop {
        let [byte, after @ ..] = rest else { return Err(BadVarint) };
        raw |= u32::from(*byte & 0x7f) << shift;
        rest = after;
        if *byte < 0x80 {
            *bytes = rest;
            return Ok(unzigzag32(raw));
        }
        shift += 7;
        if shift > 28 {
            return Err(BadVarint);
        }
    }
}

/// Reads an `i64` and moves `bytes` past it.
#[inline]
pub(crate) fn read_i64(bytes: &mut &[u8]) -> Result<i64, BadVarint> {
    let mut raw = 0u64;
    let mut shift = 0;
    let mut rest = *bytes;
    loop {
        let [byte, after @ ..] = rest else { return Err(BadVarint) };
        raw |= u64::from(*byte & 0x7f) << shift;
        rest = after;
        if *byte < 0x80 {
            *bytes = rest;
            return Ok((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed());
        }
        shift += 7;
        if shift > 63 {
            return Err(BadVarint);
        }
    }
}

#[inline]
const fn unzigzag32(raw: u32) -> i32 {
    (raw >> 1).cast_signed() ^ -(raw & 1).cast_signed()
}

/// Appends an `i32`.
pub(crate) fn write_i32(value: i32, out: &mut Vec<u8>) {
    write_raw(u64::from(((value << 1) ^ (value >> 31)).cast_unsigned()), out);
}

/// Appends an `i64`.
pub(crate) fn write_i64(value: i64, out: &mut Vec<u8>) {
    write_raw(((value << 1) ^ (value >> 63)).cast_unsigned(), out);
}

fn write_raw(mut raw: u64, out: &mut Vec<u8>) {
    while raw >= 0x80 {
        let [low, ..] = raw.to_le_bytes();
        out.push(low | 0x80);
        raw >>= 7;
    }
    let [low, ..] = raw.to_le_bytes();
    out.push(low);
}

/// How many bytes [`write_i32`] takes.
pub(crate) fn size_i32(value: i32) -> usize {
    size_raw(u64::from(((value << 1) ^ (value >> 31)).cast_unsigned()))
}

/// How many bytes [`write_i64`] takes.
pub(crate) fn size_i64(value: i64) -> usize {
    size_raw(((value << 1) ^ (value >> 63)).cast_unsigned())
}

fn size_raw(raw: u64) -> usize {
    let bits = (u64::BITS - raw.leading_zeros()).max(1);
    usize::try_from(bits.div_ceil(7)).unwrap_or(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(a in any::<i32>(), b in any::<i64>()) {
            let mut out = Vec::new();
            write_i32(a, &mut out);
            prop_assert_eq!(out.len(), size_i32(a));
            write_i64(b, &mut out);
            prop_assert_eq!(out.len(), size_i32(a) + size_i64(b));
            let mut bytes = out.as_slice();
            prop_assert_eq!(read_i32(&mut bytes), Ok(a));
            prop_assert_eq!(read_i64(&mut bytes), Ok(b));
            prop_assert!(bytes.is_empty());
            for end in 0..size_i32(a) {
                prop_assert_eq!(read_i32(&mut &out[..end]), Err(BadVarint));
            }
        }
    }

    #[test]
    fn extremes_have_their_known_bytes() {
        let mut out = Vec::new();
        write_i32(i32::MIN, &mut out);
        assert_eq!(out, [0xff, 0xff, 0xff, 0xff, 0x0f]);
        out.clear();
        write_i64(i64::MIN, &mut out);
        assert_eq!(out, [0xff; 9].into_iter().chain([1]).collect::<Vec<u8>>());
    }

    #[test]
    fn an_endless_integer_is_refused() {
        assert_eq!(read_i32(&mut &[0x80; 9][..]), Err(BadVarint));
        assert_eq!(read_i64(&mut &[0x80; 19][..]), Err(BadVarint));
    }
}
