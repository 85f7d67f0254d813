//! What one end is made of, loaded; and whether the files are still those.

use std::{os::unix::fs::MetadataExt as _, path::Path, sync::Arc};

use rustls::{
    SupportedProtocolVersion,
    crypto::{CryptoProvider, ring},
    version::{TLS12, TLS13},
};

use crate::{
    error::TlsError,
    options::Options,
    store::{self, Keys, Trusted},
};

/// Everything that the settings name.
#[derive(Clone)]
pub(crate) struct Material {
    pub(crate) keys: Option<Keys>,
    pub(crate) trusted: Option<Trusted>,
    pub(crate) provider: Arc<CryptoProvider>,
    pub(crate) versions: Vec<&'static SupportedProtocolVersion>,
}

impl Material {
    pub(crate) fn load(options: &Options) -> Result<Self, TlsError> {
        let keys = options.keys.as_ref().map(|source| store::keys(source, options.key_password.as_deref()));
        let trusted = options.trust.as_ref().map(store::trusted);
        let (tls12, tls13) = (options.versions.tls12, options.versions.tls13);
        let versions = [(tls13, &TLS13), (tls12, &TLS12)];
        Ok(Self {
            keys: keys.transpose().map_err(TlsError::Keys)?,
            trusted: trusted.transpose().map_err(TlsError::Trust)?,
            provider: Arc::new(provider(&options.suites)?),
            versions: versions.into_iter().filter_map(|(is_on, version)| is_on.then_some(version)).collect(),
        })
    }
}

/// The cipher suites that are named, by Java's names, or all. Those that are not built are passed over.
fn provider(names: &[String]) -> Result<CryptoProvider, TlsError> {
    let mut provider = ring::default_provider();
    if names.is_empty() {
        return Ok(provider);
    }
    provider.cipher_suites.retain(|suite| {
        let name = format!("{:?}", suite.suite()).replacen("TLS13_", "TLS_", 1);
        names.contains(&name)
    });
    if provider.cipher_suites.is_empty() {
        let reason = format!("none of {} is supported", names.join(","));
        return Err(TlsError::Value { key: "ssl.cipher.suites", reason });
    }
    Ok(provider)
}

/// What a file was when it was read. A link that leads to another file, as Kubernetes swaps them, is another file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    inode: u64,
    modified: (i64, i64),
    bytes: u64,
}

impl Stamp {
    /// `None` while there is no file.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        Some(Self { inode: found.ino(), modified: (found.mtime(), found.mtime_nsec()), bytes: found.len() })
    }
}
