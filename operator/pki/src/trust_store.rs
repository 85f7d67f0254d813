//! PKCS12 files of what is trusted, as Java's clients want them.

use p12_keystore::{Certificate as Entry, KeyStore, KeyStoreEntry};

use crate::{Certificate, PkiError};

/// A PKCS12 file of `trusted` that `password` opens.
///
/// # Errors
/// When it cannot be made.
pub fn trust_store(trusted: &[Certificate], password: &str) -> Result<Vec<u8>, PkiError> {
    let cannot = |error: p12_keystore::error::Error| PkiError::TrustStore(error.to_string());
    let mut store = KeyStore::new();
    for (number, certificate) in trusted.iter().enumerate() {
        let entry = Entry::from_der(certificate.der()).map_err(cannot)?;
        store.add_entry(&format!("ca-{number}"), KeyStoreEntry::Certificate(entry));
    }
    store.writer(password).write().map_err(cannot)
}
