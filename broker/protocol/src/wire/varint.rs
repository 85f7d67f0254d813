//! Unsigned variable-length integers (KIP-482): seven bits a byte, lowest first.

/// What the start of some bytes says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Varint {
    /// A value, and how many bytes it took.
    Value(u32, usize),
    /// The bytes end within it.
    Truncated,
    /// It has more than 32 bits.
    TooLong,
}

/// Reads an unsigned varint of at most 32 bits.
pub(crate) fn read(bytes: &[u8]) -> Varint {
    let mut value = 0_u32;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        let bits = u32::from(byte & 0x7f);
        if index == 4 && *byte > 0x0f {
            return Varint::TooLong;
        }
        value |= bits << (7 * index);
        if byte & 0x80 == 0 {
            return Varint::Value(value, index + 1);
        }
    }
    if bytes.len() >= 5 { Varint::TooLong } else { Varint::Truncated }
}

/// The bytes of an unsigned varint, and how many of them count.
pub(crate) fn bytes_of(mut value: u32) -> ([u8; 5], usize) {
    let mut bytes = [0; 5];
    let mut len = 0;
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            bytes[len] = low & 0x7f;
            return (bytes, len + 1);
        }
        bytes[len] = low | 0x80;
        len += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_round_trips() {
        for value in
            [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455, 268_435_456, u32::MAX]
        {
            let (bytes, len) = bytes_of(value);
            assert_eq!(read(&bytes[..len]), Varint::Value(value, len), "{value}");
            assert_eq!(read(&bytes[..len - 1]), Varint::Truncated, "{value} cut");
        }
    }

    #[test]
    fn more_than_32_bits_are_refused() {
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0x1f]), Varint::TooLong);
        assert_eq!(read(&[0x80; 9]), Varint::TooLong);
        assert_eq!(read(&[0x80; 4]), Varint::Truncated);
    }
}
