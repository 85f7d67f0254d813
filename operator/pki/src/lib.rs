//! The operator's certificates: authorities, what they issue, and what a certificate says.
//!
//! Time is passed in; randomness is ring's. Invariant: keys are in no error and no `Debug` output. Everything is PEM, as
//! Secrets and brokers have it.
//!
//! * [`Authority`] is made, renewed with the same key, read back, taken from somebody else, and issues certificates.
//! * [`Certificate`] is what one says, and who signed it; [`Pair`] one with its key in one text.
//! * [`trust_store`] makes a PKCS12 file of what is trusted, for clients in Java; [`key_store`] one of a user's own.

mod authority;
mod certificate;
mod error;
mod given;
mod key_store;
mod pair;
mod random;
#[cfg(test)]
mod tests;
mod trust_store;
mod validity;

pub use authority::{Authority, Request};
pub use certificate::{Certificate, above, certificates};
pub use error::PkiError;
pub use given::NotGiven;
pub use key_store::key_store;
pub use pair::Pair;
pub use random::password;
pub use trust_store::trust_store;
pub use validity::{UnixSeconds, Validity};

/// How many bytes of a digest are shown: enough to tell files apart.
const SHORT: usize = 8;

/// SHA-256 of `bytes` in hex.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref())
}

/// The first 16 hex digits of SHA-256 of `bytes`, as brokers tell it of the files that they use.
#[must_use]
pub fn short_digest(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    hex(digest.as_ref().get(..SHORT).unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
