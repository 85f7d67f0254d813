//! A signed token in its compact form (RFC 7515, section 7.1).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::invalid::Invalid;

/// The largest token that is read.
pub const TOKEN_BYTES_MAX: usize = 64 * 1024;

/// What a token says of its signature.
#[derive(Debug, Deserialize)]
pub(crate) struct Header {
    pub(crate) alg: String,
    pub(crate) kid: Option<String>,
    /// What must be understood; nothing is.
    crit: Option<Value>,
}

/// A token that was read, and not believed yet.
#[derive(Debug)]
pub(crate) struct Jws<'a> {
    pub(crate) header: Header,
    pub(crate) claims: Map<String, Value>,
    /// What the signature is of.
    pub(crate) signed: &'a [u8],
    pub(crate) signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    pub(crate) fn read(token: &'a str) -> Result<Self, Invalid> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Invalid::TooLarge(token.len()));
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Invalid::Format)?;
        let (header, payload) = signed.split_once('.').ok_or(Invalid::Format)?;
        if [header, payload, signature].iter().any(|part| part.is_empty()) {
            return Err(Invalid::Format);
        }
        let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| Invalid::Format)?;
        if header.crit.is_some() {
            return Err(Invalid::Critical);
        }
        let claims = serde_json::from_slice(&decoded(payload)?).map_err(|_| Invalid::Format)?;
        Ok(Self { header, claims, signed: signed.as_bytes(), signature: decoded(signature)? })
    }
}

pub(crate) fn decoded(part: &str) -> Result<Vec<u8>, Invalid> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Invalid::Format)
}
