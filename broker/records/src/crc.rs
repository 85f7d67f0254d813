//! CRC-32C (Castagnoli), the checksum of batches.
//!
//! With an operating system the `crc32c` crate uses the processor's instructions (tens of GB/s); a target
//! without one gets a table walk with the same results.

#[cfg(any(test, target_os = "none"))]
mod table;

/// The CRC-32C of `bytes`.
#[cfg(not(target_os = "none"))]
#[inline]
#[must_use]
pub fn crc32c(bytes: &[u8]) -> u32 {
    ::crc32c::crc32c(bytes)
}

/// The CRC-32C of `bytes`.
#[cfg(target_os = "none")]
#[inline]
#[must_use]
pub fn crc32c(bytes: &[u8]) -> u32 {
    table::crc32c(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_check_value_is_castagnolis() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(table::crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(b""), 0);
    }

    proptest! {
        #[test]
        fn the_table_agrees_with_the_instructions(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(table::crc32c(&bytes), crc32c(&bytes));
        }
    }
}
