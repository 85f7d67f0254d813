//! Who issues tokens of OAuth 2: signed by OpenSSL.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::clock::wall_ms;
use crate::program::Program;

/// A key of RSA, by its id.
#[derive(Debug)]
pub struct Issuer {
    folder: tempfile::TempDir,
    id: String,
    modulus: Vec<u8>,
}

impl Issuer {
    /// With a key of its own.
    ///
    /// # Errors
    /// When OpenSSL makes none.
    pub fn new(id: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let key = folder.path().join("key.pem").display().to_string();
        Program::new("openssl").args(["genrsa", "-out", &key, "2048"]).stdout()?;
        let said = Program::new("openssl").args(["rsa", "-in", &key, "-noout", "-modulus"]).stdout()?;
        let hex = said.trim().strip_prefix("Modulus=").context("no modulus")?;
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16);
        let modulus = (0..hex.len()).step_by(2).map(byte).collect::<Result<_, _>>()?;
        Ok(Self { folder, id: id.to_owned(), modulus })
    }

    /// Its public key, as documents of keys have it.
    #[must_use]
    pub fn key(&self) -> Value {
        json!({ "kty": "RSA", "use": "sig", "kid": self.id, "n": url_base64(&self.modulus), "e": "AQAB" })
    }

    /// A token of these claims.
    ///
    /// # Errors
    /// When OpenSSL does not sign it.
    pub fn token(&self, claims: &Value) -> Result<String> {
        self.signed(&json!({ "alg": "RS256", "typ": "JWT", "kid": self.id }), claims)
    }

    /// The same with this header, whose algorithm is RS256 or a lie.
    ///
    /// # Errors
    /// When OpenSSL does not sign it.
    pub fn signed(&self, header: &Value, claims: &Value) -> Result<String> {
        let text = |value: &Value| url_base64(value.to_string().as_bytes());
        let signed = format!("{}.{}", text(header), text(claims));
        let at = |name: &str| self.folder.path().join(name);
        std::fs::write(at("text"), &signed)?;
        let words = ["key.pem", "signature", "text"].map(|name| at(name).display().to_string());
        let [key, signature, message] = &words;
        Program::new("openssl")
            .args(["dgst", "-sha256", "-sign", key, "-out", signature, message])
            .stdout()?;
        Ok(format!("{signed}.{}", url_base64(&std::fs::read(at("signature"))?)))
    }
}

/// A document of these keys.
#[must_use]
pub fn key_document(issuers: &[&Issuer]) -> String {
    json!({ "keys": issuers.iter().map(|issuer| issuer.key()).collect::<Vec<_>>() }).to_string()
}

/// Seconds since 1970, so far from now.
#[must_use]
pub fn seconds_from_now(seconds: i64) -> i64 {
    wall_ms() / 1000 + seconds
}

/// An unsecured token, or what looks like one: header and claims as they are, with an empty signature.
#[must_use]
pub fn unsecured_token(header: &str, claims: &str) -> String {
    format!("{}.{}.", url_base64(header.as_bytes()), url_base64(claims.as_bytes()))
}

fn url_base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for letter in 0..=three.len() {
            let index = bits >> (18 - 6 * letter) & 63;
            text.push(char::from(LETTERS[index as usize]));
        }
    }
    text
}
