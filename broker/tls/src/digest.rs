//! What tells files of keys and certificates apart without showing them.

use std::fmt;

/// How many bytes of SHA-256 are kept.
const BYTES: usize = 8;

/// The beginning of the SHA-256 of a file's bytes; printed as 16 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest([u8; BYTES]);

impl Digest {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let whole = ring::digest::digest(&ring::digest::SHA256, bytes);
        Self(whole.as_ref().first_chunk().copied().unwrap_or_default())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_beginning_of_sha_256() {
        assert_eq!(Digest::of(b"abc").to_string(), "ba7816bf8f01cfea");
    }
}
