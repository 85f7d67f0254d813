//! The keys that tokens are signed with, as their issuer publishes them (RFC 7517).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;

use crate::{DOCUMENT_BYTES_MAX, algorithm::Algorithm, public_key::PublicKey};

/// The most keys of one document.
pub const KEYS_MAX: usize = 1_000;
/// The largest modulus of RSA: 8192 bits.
const MODULUS_BYTES_MAX: usize = 1024;
const MODULUS_BYTES_MIN: usize = 256;
const EXPONENT_BYTES_MAX: usize = 8;

/// The keys of a document that can be used; others are passed over, as is what a later version adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys(Vec<Key>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) id: Option<String>,
    /// The only algorithm that it is for.
    algorithm: Option<String>,
    pub(crate) public: PublicKey,
}

/// A document that holds no keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeys {
    /// More than is read.
    #[error("a document of keys of more than {DOCUMENT_BYTES_MAX} bytes")]
    TooLarge,
    /// Not a document of keys.
    #[error("no document of keys (JWKS): {0}")]
    Format(String),
    /// More keys than are taken.
    #[error("a document of {0} keys; {KEYS_MAX} are taken")]
    TooMany(usize),
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Entry {
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    kid: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Reads a document.
    ///
    /// # Errors
    /// When it is none, or more than is read.
    pub fn read(document: &[u8]) -> Result<Self, InvalidKeys> {
        if document.len() > DOCUMENT_BYTES_MAX {
            return Err(InvalidKeys::TooLarge);
        }
        let document: Document =
            serde_json::from_slice(document).map_err(|error| InvalidKeys::Format(error.to_string()))?;
        if document.keys.len() > KEYS_MAX {
            return Err(InvalidKeys::TooMany(document.keys.len()));
        }
        let entries = document.keys.into_iter().filter_map(|key| serde_json::from_value::<Entry>(key).ok());
        Ok(Self(entries.filter_map(key).collect()))
    }

    /// How many can be used.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none can be used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys that a token of this header may be signed with.
    pub(crate) fn of(
        &self,
        algorithm: Algorithm,
        name: &str,
        id: Option<&str>,
    ) -> impl Iterator<Item = &Key> {
        self.0.iter().filter(move |key| {
            id.is_none_or(|id| key.id.as_deref() == Some(id))
                && key.algorithm.as_deref().is_none_or(|only| only == name)
                && algorithm.is_for(&key.public)
        })
    }
}

fn key(entry: Entry) -> Option<Key> {
    let is_for_signatures = entry.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
        && entry.key_ops.as_ref().is_none_or(|operations| operations.iter().any(|one| one == "verify"));
    let public = is_for_signatures.then(|| public(&entry)).flatten()?;
    Some(Key { id: entry.kid, algorithm: entry.alg, public })
}

fn public(entry: &Entry) -> Option<PublicKey> {
    let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_ref()?.trim_end_matches('=')).ok();
    match (&*entry.kty, entry.crv.as_deref()) {
        ("RSA", _) => {
            let unsigned =
                |bytes: Vec<u8>| bytes.into_iter().skip_while(|byte| *byte == 0).collect::<Vec<_>>();
            let (modulus, exponent) = (unsigned(bytes(&entry.n)?), unsigned(bytes(&entry.e)?));
            let is_good = (MODULUS_BYTES_MIN..=MODULUS_BYTES_MAX).contains(&modulus.len())
                && (1..=EXPONENT_BYTES_MAX).contains(&exponent.len());
            is_good.then_some(PublicKey::Rsa { modulus, exponent })
        }
        ("EC", Some("P-256")) => point(bytes(&entry.x)?, bytes(&entry.y)?, 32).map(PublicKey::P256),
        ("EC", Some("P-384")) => point(bytes(&entry.x)?, bytes(&entry.y)?, 48).map(PublicKey::P384),
        ("OKP", Some("Ed25519")) => bytes(&entry.x).filter(|x| x.len() == 32).map(PublicKey::Ed25519),
        _ => None,
    }
}

fn point(x: Vec<u8>, y: Vec<u8>, length: usize) -> Option<Vec<u8>> {
    let is_good = x.len() == length && y.len() == length;
    is_good.then(|| [vec![4], x, y].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_document_is_refused_and_what_is_no_key_passed_over() {
        assert!(matches!(Keys::read(b"[]"), Err(InvalidKeys::Format(_))));
        assert!(matches!(Keys::read(b"{}"), Err(InvalidKeys::Format(_))));
        assert_eq!(Keys::read(&vec![b' '; DOCUMENT_BYTES_MAX + 1]), Err(InvalidKeys::TooLarge));
        let many = serde_json::json!({ "keys": vec![1; KEYS_MAX + 1] }).to_string();
        assert_eq!(Keys::read(many.as_bytes()), Err(InvalidKeys::TooMany(KEYS_MAX + 1)));
        let short = URL_SAFE_NO_PAD.encode([0xff; 128]);
        let long = URL_SAFE_NO_PAD.encode([0xff; 2000]);
        let good = URL_SAFE_NO_PAD.encode([&[0][..], &[0xff; 256]].concat());
        let document = serde_json::json!({ "keys": [
            1, {}, { "kty": "oct", "k": "c2VjcmV0" },
            { "kty": "RSA", "n": short, "e": "AQAB" }, { "kty": "RSA", "n": long, "e": "AQAB" },
            { "kty": "RSA", "n": good, "e": "AQAB", "use": "enc" },
            { "kty": "RSA", "n": good, "e": "AQAB", "key_ops": ["encrypt"] },
            { "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" },
            { "kty": "EC", "crv": "P-521", "x": good, "y": good },
            { "kty": "OKP", "crv": "Ed25519", "x": "AA" },
            { "kty": "RSA", "n": good, "e": "AQAB", "kid": "one", "use": "sig", "more": true },
        ] });
        let keys = Keys::read(document.to_string().as_bytes()).unwrap();
        assert_eq!((keys.len(), keys.0[0].id.as_deref()), (1, Some("one")));
    }
}
