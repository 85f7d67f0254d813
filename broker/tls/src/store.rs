//! Keys and certificates, from wherever the settings say.

use std::{fs::File, io::Read as _, path::Path};

use p12_keystore::{KeyStore as Pkcs12, KeyStoreEntry, Pkcs12ImportPolicy};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::{
    digest::Digest,
    error::StoreError,
    options::{FileSource, KeySource, TrustSource},
    pem,
};

/// The most of a file that is read: a bundle of all public authorities has a quarter of it.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// A key with its certificate, and those that vouch for it.
pub(crate) struct Keys {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
    /// Of the file's bytes, or of the certificates that the settings say.
    pub(crate) digest: Digest,
}

impl Clone for Keys {
    fn clone(&self) -> Self {
        Self { chain: self.chain.clone(), key: self.key.clone_key(), digest: self.digest }
    }
}

/// The trusted certificates.
#[derive(Clone)]
pub(crate) struct Trusted {
    pub(crate) certificates: Vec<CertificateDer<'static>>,
    pub(crate) digest: Digest,
}

/// The key and its certificates.
///
/// # Errors
/// When the file does not read, or has none.
pub(crate) fn keys(source: &KeySource, key_password: Option<&str>) -> Result<Keys, StoreError> {
    match source {
        KeySource::Inline { key, chain } => {
            let digest = Digest::of(chain.as_bytes());
            Ok(Keys { chain: pem::certificates(chain)?, key: pem::private_key(key, key_password)?, digest })
        }
        KeySource::File(file) if file.is_pem => {
            let text = text(&file.path)?;
            let in_file = |error| in_file(&file.path, &error);
            Ok(Keys {
                chain: pem::certificates(&text).map_err(in_file)?,
                key: pem::private_key(&text, key_password).map_err(in_file)?,
                digest: Digest::of(text.as_bytes()),
            })
        }
        KeySource::File(file) => {
            let (store, digest) = pkcs12(file)?;
            let chains = store.entries().filter_map(|(_, entry)| match entry {
                KeyStoreEntry::PrivateKeyChain(chain) => Some(chain),
                _ => None,
            });
            let mut chains = chains.collect::<Vec<_>>().into_iter();
            let chain = chains.next().ok_or_else(|| in_file(&file.path, &StoreError::NoKey))?;
            if chains.len() > 0 {
                return Err(in_file(&file.path, &StoreError::ManyKeys(chains.len() + 1)));
            }
            let certificates = chain.certs().iter().map(|one| CertificateDer::from(one.as_der().to_vec()));
            Ok(Keys {
                chain: certificates.collect(),
                key: PrivateKeyDer::Pkcs8(chain.key().as_der().to_vec().into()),
                digest,
            })
        }
    }
}

/// The trusted certificates.
///
/// # Errors
/// When the file does not read, or has none.
pub(crate) fn trusted(source: &TrustSource) -> Result<Trusted, StoreError> {
    match source {
        TrustSource::Inline(text) => {
            let digest = Digest::of(text.as_bytes());
            Ok(Trusted { certificates: pem::certificates(text)?, digest })
        }
        TrustSource::File(file) if file.is_pem => {
            let text = text(&file.path)?;
            let certificates = pem::certificates(&text).map_err(|error| in_file(&file.path, &error))?;
            Ok(Trusted { certificates, digest: Digest::of(text.as_bytes()) })
        }
        TrustSource::File(file) => {
            let (store, digest) = pkcs12(file)?;
            let mut certificates = Vec::new();
            for (_, entry) in store.entries() {
                // Java trusts the certificates of keys in a trust store, too.
                match entry {
                    KeyStoreEntry::Certificate(one) => certificates.push(one.as_der().to_vec().into()),
                    KeyStoreEntry::PrivateKeyChain(chain) => {
                        certificates.extend(chain.certs().first().map(|one| one.as_der().to_vec().into()));
                    }
                    _ => {}
                }
            }
            if certificates.is_empty() {
                return Err(in_file(&file.path, &StoreError::NoCertificate));
            }
            Ok(Trusted { certificates, digest })
        }
    }
}

fn pkcs12(file: &FileSource) -> Result<(Pkcs12, Digest), StoreError> {
    let bytes = bytes(&file.path)?;
    let format = match bytes.first_chunk::<4>() {
        Some([0xfe, 0xed, 0xfe, 0xed]) => Some("JKS"),
        Some([0xce, 0xce, 0xce, 0xce]) => Some("JCEKS"),
        _ => None,
    };
    if let Some(format) = format {
        return Err(StoreError::Java { path: file.path.display().to_string(), format });
    }
    let password = file.password.as_deref().unwrap_or_default();
    let store = Pkcs12::from_pkcs12(&bytes, password, Pkcs12ImportPolicy::Relaxed).map_err(|error| {
        let reason = format!("it is no PKCS12 store, or its password is another one ({error})");
        StoreError::File { path: file.path.display().to_string(), reason }
    })?;
    Ok((store, Digest::of(&bytes)))
}

fn text(path: &Path) -> Result<String, StoreError> {
    String::from_utf8(bytes(path)?).map_err(|_| StoreError::File {
        path: path.display().to_string(),
        reason: "it is no text".to_owned(),
    })
}

fn bytes(path: &Path) -> Result<Vec<u8>, StoreError> {
    let failed = |error: std::io::Error| StoreError::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(StoreError::TooLarge { path: path.display().to_string(), max: FILE_BYTES_MAX });
    }
    Ok(bytes)
}

fn in_file(path: &Path, error: &StoreError) -> StoreError {
    StoreError::File { path: path.display().to_string(), reason: error.to_string() }
}

#[cfg(test)]
mod tests;
