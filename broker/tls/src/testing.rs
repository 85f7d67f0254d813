//! An authority and what it issues.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};

use crate::options::Options;

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
pub(crate) struct Issued {
    pub(crate) certificate: rcgen::Certificate,
    pub(crate) key: KeyPair,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = params("authority", &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(crate) fn issue(&self, name: &str, hosts: &[&str]) -> Issued {
        let key = KeyPair::generate().unwrap();
        let certificate = params(name, hosts).signed_by(&key, &self.0).unwrap();
        Issued { certificate, key }
    }

    /// One whose time was over years ago.
    pub(crate) fn issue_expired(&self, name: &str) -> Issued {
        let key = KeyPair::generate().unwrap();
        let mut params = params(name, &["localhost"]);
        params.not_after = date_time_ymd(2021, 1, 1);
        Issued { certificate: params.signed_by(&key, &self.0).unwrap(), key }
    }
}

impl Issued {
    pub(crate) fn self_signed(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params(name, &["localhost"]).self_signed(&key).unwrap();
        Self { certificate, key }
    }

    /// The certificate with its key.
    pub(crate) fn pem(&self) -> String {
        format!("{}{}", self.certificate.pem(), self.key.serialize_pem())
    }
}

fn params(name: &str, hosts: &[&str]) -> CertificateParams {
    let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// Settings as properties give them.
pub(crate) fn options(entries: &[(&str, &str)]) -> Options {
    Options::read(|key| {
        let found = entries.iter().rev().find(|(name, _)| *name == key);
        found.map(|(_, value)| (*value).to_owned())
    })
    .unwrap()
}

/// The settings of an end that has `own` and trusts `trusted`, and more.
pub(crate) fn pem_options(own: Option<&Issued>, trusted: &str, more: &[(&str, &str)]) -> Options {
    let mut entries = vec![
        ("ssl.truststore.type", "PEM"),
        ("ssl.keystore.type", "PEM"),
        ("ssl.truststore.certificates", trusted),
    ];
    let texts = own.map(|own| (own.certificate.pem(), own.key.serialize_pem()));
    if let Some((chain, key)) = &texts {
        entries.extend([("ssl.keystore.certificate.chain", chain.as_str()), ("ssl.keystore.key", key)]);
    }
    entries.extend(more);
    options(&entries)
}
