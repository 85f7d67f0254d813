//! A certificate, what is between it and its authority, and its key: one text, so that no reader sees half of it.

use rcgen::KeyPair;
use x509_parser::pem::Pem;

use crate::{Certificate, PkiError, certificates, sha256};

/// A certificate with its key.
#[derive(Clone, PartialEq, Eq)]
pub struct Pair {
    certificate: Certificate,
    pem: String,
}

impl std::fmt::Debug for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pair").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl Pair {
    pub(crate) fn new(chain: &str, key: &str) -> Result<Self, PkiError> {
        Self::read(&format!("{chain}{key}"))
    }

    /// Reads such a text: the certificates, of which the first is the pair's own, and one key.
    ///
    /// # Errors
    /// When either does not read, or they do not fit.
    pub fn read(pem: &str) -> Result<Self, PkiError> {
        let certificate = certificates(pem)?.into_iter().next().ok_or(PkiError::NoCertificate)?;
        let key = key(pem)?;
        if sha256(key.public_key_raw()) != certificate.key_id {
            return Err(PkiError::Mismatch);
        }
        Ok(Self { certificate, pem: pem.to_owned() })
    }

    /// What it says.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The certificates as text: its own, and what is between it and its authority.
    #[must_use]
    pub fn chain(&self) -> String {
        certificates(&self.pem).unwrap_or_default().iter().map(Certificate::pem).collect()
    }

    /// The key as text (PKCS#8). It is a secret.
    #[must_use]
    pub fn reveal_key(&self) -> String {
        key(&self.pem).map(|key| key.serialize_pem()).unwrap_or_default()
    }

    /// All of it as text. It is a secret.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.pem
    }
}

/// The key of a text; what else is in it is passed over.
pub(crate) fn key(pem: &str) -> Result<KeyPair, PkiError> {
    let mut blocks = Pem::iter_from_buffer(pem.as_bytes()).filter_map(Result::ok);
    let key = blocks.find(|block| block.label.ends_with("PRIVATE KEY")).ok_or(PkiError::Key)?;
    KeyPair::try_from(key.contents.as_slice()).map_err(|_| PkiError::Key)
}
