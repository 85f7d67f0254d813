//! Bearer tokens of OAuth 2 (KIP-255, KIP-768): whom a JWT lets in, by whose keys, and where clients get theirs.
//!
//! ```text
//! token ─► Jws (read) ─► Keys (found, signature checked) ─► Expectations (claims) ─► Bearer
//! url, file ─► Keys                url, file ─► TokenSource ─► token
//! ```
//! Invariants: a token without a signature of a key of the document lets nobody in, but where [`Unsecured`] is asked; what is read is bounded
//! ([`TOKEN_BYTES_MAX`], [`DOCUMENT_BYTES_MAX`], [`KEYS_MAX`]); secrets and tokens are in no error.

mod algorithm;
mod claims;
mod http;
mod invalid;
mod jwks;
mod jws;
mod place;
mod public_key;
mod source;
#[cfg(test)]
mod testing;
mod unsecured;

pub use claims::{Bearer, Expectations};
pub use http::{DOCUMENT_BYTES_MAX, HttpError};
pub use invalid::Invalid;
pub use jwks::{InvalidKeys, KEYS_MAX, Keys};
pub use jws::TOKEN_BYTES_MAX;
pub use place::{InvalidPlace, Place, Unfetched};
pub use source::{Credentials, SourceError, TokenSource, TokenSourceSettings};
pub use unsecured::{NotTaken, TokenMaker, Unmakable, Unsecured};
