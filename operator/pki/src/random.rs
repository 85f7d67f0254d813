//! Randomness, ring's.

use rcgen::SerialNumber;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::PkiError;

/// Letters of a password: those that nobody confuses with another, 32 of them.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const PASSWORD_LETTERS: usize = 20;
/// A serial number is positive and has at most 20 bytes (RFC 5280).
const SERIAL_BYTES: usize = 16;

/// A password of 100 bits.
///
/// # Errors
/// When the system gives no randomness.
pub fn password() -> Result<String, PkiError> {
    let bytes = bytes::<PASSWORD_LETTERS>()?;
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().map(char::from);
    Ok(bytes.iter().filter_map(letter).collect())
}

/// A serial number that no other certificate has.
pub(crate) fn serial() -> Result<SerialNumber, PkiError> {
    let mut bytes = bytes::<SERIAL_BYTES>()?;
    // Positive, and never with zeros in front.
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

fn bytes<const N: usize>() -> Result<[u8; N], PkiError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| PkiError::Random)?;
    Ok(bytes)
}
