//! SCRAM (RFC 5802) as Kafka speaks it: no channel binding, names and nonces in ASCII, passwords as they are.

mod client;
pub(crate) mod hash;
mod message;
mod server;
#[cfg(test)]
mod tests;

use alloc::string::String;

pub(crate) use client::ScramClient;
pub(crate) use server::Server;

/// Random bytes that a nonce is made of.
pub const NONCE_BYTES: usize = 26;

/// A nonce: 130 bits as text. Both sides of an exchange, and salts, take it from fresh randomness.
#[must_use]
pub fn nonce(random: &[u8; NONCE_BYTES]) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    random.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect()
}
