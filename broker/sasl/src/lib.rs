//! SASL as Apache Kafka speaks it (KIP-12, KIP-43, KIP-84, KIP-152, KIP-368).
//!
//! ```text
//! frames of a connection ─► Authenticator ─► Action: reply, let in, refuse, close
//!                              │ tokens
//!                              ▼
//!                           Exchange (PLAIN, SCRAM, OAUTHBEARER) ◄─ Credentials
//!
//! Login (of a JAAS line) ─► Client (PLAIN, SCRAM, OAUTHBEARER) ─► tokens for the other side
//! ```
//! Invariants: nothing but a proven password, or a token that whoever checks tokens takes, lets anybody in; secrets are compared in constant time and never shown;
//! what an exchange allocates is bounded by the token at hand; a failed exchange stays failed.
#![no_std]

extern crate alloc;

mod authenticator;
mod bearer;
mod client;
mod credential;
mod exchange;
mod jaas;
mod mechanism;
mod plain;
mod scram;
mod secret;
#[cfg(test)]
mod testing;
mod token;

pub use authenticator::{Action, Asked, Authenticator, EnabledMechanism, Reply, Session};
pub use bearer::{BearerLogin, BearerRefused};
pub use client::{Client, ClientFailure};
pub use credential::{ITERATIONS, InvalidCredential, ScramCredential, ScramMechanism, salted_password};
pub use exchange::{Credentials, Exchange, Failure, Proven, Step};
pub use jaas::{Jaas, JaasError, Login};
pub use mechanism::Mechanism;
pub use scram::{NONCE_BYTES, nonce};
pub use secret::Secret;
pub use token::{TokenKey, TokenLogin, fingerprint};
