//! Certificates for tests: authorities, and what they issue, in the forms in which Kafka takes them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;

use crate::wire::Trust;

/// The password of every PKCS12 store.
pub const STORE_PASSWORD: &str = "test-password";

/// Who vouches for others.
#[derive(Debug)]
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
#[derive(Debug)]
pub struct Issued {
    certificate: rcgen::Certificate,
    key: KeyPair,
    authority: String,
}

/// Whether a certificate still holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Validity {
    /// For decades.
    Holds,
    /// It was over years ago.
    Expired,
}

impl Authority {
    /// An authority of this name, with a key of its own.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new(name: &str) -> Result<Self> {
        let mut params = params(name, &[], Validity::Holds)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(Self(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?))
    }

    /// Its certificate.
    #[must_use]
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for loopback.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn issue(&self, name: &str) -> Result<Issued> {
        self.issue_for(name, &["localhost", "127.0.0.1"], Validity::Holds)
    }

    /// A certificate for these hosts.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn issue_for(&self, name: &str, hosts: &[&str], validity: Validity) -> Result<Issued> {
        let key = KeyPair::generate()?;
        let certificate = params(name, hosts, validity)?.signed_by(&key, &self.0)?;
        Ok(Issued { certificate, key, authority: self.pem() })
    }

    /// Belief in it, for [`crate::Connection::open_tls`].
    ///
    /// # Errors
    /// When its certificate is not one that is believed.
    pub fn trust(&self) -> Result<Trust> {
        Trust::in_authority(self.0.der().clone())
    }

    /// The same as somebody who shows a certificate.
    ///
    /// # Errors
    /// When one of them is not one that is believed.
    pub fn trust_as(&self, own: &Issued) -> Result<Trust> {
        let key = PrivatePkcs8KeyDer::from(own.key.serialized_der().to_vec());
        Trust::new(self.0.der().clone(), Some((own.certificate.der().clone(), key.into())))
    }

    /// Its certificate in a trust store.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn pkcs12(&self) -> Result<Vec<u8>> {
        let mut store = KeyStore::new();
        store.add_entry("ca", KeyStoreEntry::Certificate(Certificate::from_der(self.0.der())?));
        Ok(store.writer(STORE_PASSWORD).write()?)
    }
}

impl Issued {
    /// The certificate, that of its authority, and the key.
    #[must_use]
    pub fn pem(&self) -> String {
        format!("{}{}{}", self.certificate.pem(), self.authority, self.key.serialize_pem())
    }

    /// The certificate with that of its authority.
    #[must_use]
    pub fn chain(&self) -> String {
        format!("{}{}", self.certificate.pem(), self.authority)
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> String {
        self.key.serialize_pem()
    }

    /// A server that has it.
    pub(crate) fn server(&self) -> Result<Arc<ServerConfig>> {
        let key = PrivatePkcs8KeyDer::from(self.key.serialized_der().to_vec());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let chain = vec![self.certificate.der().clone()];
        Ok(Arc::new(builder.with_no_client_auth().with_single_cert(chain, key.into())?))
    }

    /// All of it in a key store.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn pkcs12(&self) -> Result<Vec<u8>> {
        let key = PrivateKey::from_der(self.key.serialized_der())?;
        let certificate = Certificate::from_der(self.certificate.der())?;
        let mut store = KeyStore::new();
        store.add_entry(
            "own",
            KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new("own", key, [certificate])),
        );
        Ok(store.writer(STORE_PASSWORD).write()?)
    }
}

fn params(name: &str, hosts: &[&str], validity: Validity) -> Result<CertificateParams> {
    let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Klamm");
    params.distinguished_name.push(DnType::OrganizationalUnitName, "Tests");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = match validity {
        Validity::Holds => date_time_ymd(2090, 1, 1),
        Validity::Expired => date_time_ymd(2021, 1, 1),
    };
    Ok(params)
}

/// A folder of stores, and the properties that name them.
#[derive(Debug)]
pub struct Stores(tempfile::TempDir);

impl Stores {
    /// An empty folder.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new() -> Result<Self> {
        Ok(Self(tempfile::Builder::new().prefix("klamm-stores-").tempdir()?))
    }

    /// Writes a file, whole: who reads it sees the old one or the new one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<PathBuf> {
        let (path, beside) = (self.0.path().join(name), self.0.path().join(format!("{name}.new")));
        fs::write(&beside, content)?;
        fs::rename(&beside, &path)?;
        Ok(path)
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes the properties of a client that trusts `authority` and is `own`, with its stores as PEM; gives their file.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn client(&self, name: &str, authority: &Authority, own: Option<&Issued>) -> Result<PathBuf> {
        let trusted = self.write(&format!("{name}-trust.pem"), authority.pem())?;
        let mut text = format!(
            "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location={}\n",
            trusted.display()
        );
        if let Some(own) = own {
            let keys = self.write(&format!("{name}.pem"), own.pem())?;
            text.push_str(&format!("ssl.keystore.type=PEM\nssl.keystore.location={}\n", keys.display()));
        }
        self.write(&format!("{name}.properties"), text)
    }

    /// The same with PKCS12 stores.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn client_pkcs12(&self, name: &str, authority: &Authority, own: &Issued) -> Result<PathBuf> {
        let trusted = self.write(&format!("{name}-trust.p12"), authority.pkcs12()?)?;
        let keys = self.write(&format!("{name}.p12"), own.pkcs12()?)?;
        let text = format!(
            "security.protocol=SSL\n\
             ssl.truststore.type=PKCS12\nssl.truststore.location={}\nssl.truststore.password={STORE_PASSWORD}\n\
             ssl.keystore.type=PKCS12\nssl.keystore.location={}\nssl.keystore.password={STORE_PASSWORD}\n\
             ssl.key.password={STORE_PASSWORD}\n",
            trusted.display(),
            keys.display()
        );
        self.write(&format!("{name}.properties"), text)
    }

    /// A file in the folder, as text.
    ///
    /// # Errors
    /// When the name is no text.
    pub fn named(&self, name: &str) -> Result<String> {
        Ok(self.0.path().join(name).to_str().context("a folder of text")?.to_owned())
    }
}
