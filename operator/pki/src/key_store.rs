//! PKCS12 files of a key with its certificate, as Java's clients want them.

use p12_keystore::{Certificate as Entry, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};

use crate::{Pair, PkiError, certificates, pair};

/// How often the password is hashed: what OpenSSL does. A key store is one of thousands, and who guesses passwords of 100 random
/// bits is not kept from it by hashing them more often.
const ITERATIONS: u32 = 2048;

/// A PKCS12 file of `pair`, called `alias` in it, that `password` opens.
///
/// # Errors
/// When it cannot be made.
pub fn key_store(pair: &Pair, alias: &str, password: &str) -> Result<Vec<u8>, PkiError> {
    let cannot = |error: p12_keystore::error::Error| PkiError::TrustStore(error.to_string());
    let key = PrivateKey::from_der(&pair::key(pair.reveal())?.serialize_der()).map_err(cannot)?;
    let chain = certificates(pair.reveal())?;
    let chain: Result<Vec<_>, _> = chain.iter().map(|one| Entry::from_der(one.der())).collect();
    let entry = PrivateKeyChain::new(alias.as_bytes(), key, chain.map_err(cannot)?);
    let mut store = KeyStore::new();
    store.add_entry(alias, KeyStoreEntry::PrivateKeyChain(entry));
    let writer = store.writer(password).encryption_iterations(ITERATIONS).mac_iterations(ITERATIONS);
    writer.write().map_err(cannot)
}
