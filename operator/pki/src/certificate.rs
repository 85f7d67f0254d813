//! What a certificate says.

use std::{collections::BTreeSet, net::IpAddr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use x509_parser::{
    extensions::GeneralName,
    parse_x509_certificate,
    pem::Pem,
    prelude::{FromDer as _, X509Certificate},
};

use crate::{PkiError, UnixSeconds, sha256, validity::SKEW_SECONDS};

/// The PEM label of a certificate.
const LABEL: &str = "CERTIFICATE";
/// How long lines of base64 are (RFC 7468).
const LINE_LETTERS: usize = 64;

/// What a certificate says.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Which key it is of: SHA-256 of its public key in hex.
    pub key_id: String,
    /// Its subject, such as `O=klamm.dev, CN=c-kafka`.
    pub subject: String,
    /// The hosts that it is for.
    pub names: BTreeSet<String>,
    /// It does not hold before this.
    pub not_before: UnixSeconds,
    /// It does not hold after this.
    pub not_after: UnixSeconds,
    /// Whether it may sign others.
    pub is_authority: bool,
    /// Whether what it may sign are certificates, as far as it says.
    pub(crate) signs_certificates: bool,
    /// How many authorities may be below it, as far as it says.
    pub(crate) path_length: Option<usize>,
    der: Vec<u8>,
    pem: String,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificate").field("subject", &self.subject).finish_non_exhaustive()
    }
}

impl Certificate {
    /// When it was made, of one that was made here.
    #[must_use]
    pub fn made_at(&self) -> UnixSeconds {
        self.not_before.plus(SKEW_SECONDS)
    }

    /// Its common name; empty where it has none.
    #[must_use]
    pub fn common_name(&self) -> String {
        let Ok((_, own)) = X509Certificate::from_der(&self.der) else { return String::new() };
        let name = own.subject().iter_common_name().find_map(|name| name.as_str().ok());
        name.unwrap_or_default().to_owned()
    }

    /// Its text.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether the key of `authority` signed it, whatever the time.
    #[must_use]
    pub fn is_signed_by(&self, authority: &Self) -> bool {
        let own = X509Certificate::from_der(&self.der);
        let other = X509Certificate::from_der(&authority.der);
        let (Ok((_, own)), Ok((_, other))) = (own, other) else { return false };
        own.issuer().as_raw() == other.subject().as_raw()
            && own.verify_signature(Some(other.public_key())).is_ok()
    }

    /// Whether it is its own authority.
    #[must_use]
    pub fn is_self_signed(&self) -> bool {
        self.is_signed_by(self)
    }

    fn read(der: Vec<u8>) -> Result<Self, PkiError> {
        let (_, x509) = parse_x509_certificate(&der).map_err(|_| PkiError::Certificate)?;
        let names = x509.subject_alternative_name().map_err(|_| PkiError::Certificate)?;
        let names = names.iter().flat_map(|names| &names.value.general_names).filter_map(|name| match name {
            GeneralName::DNSName(host) => Some((*host).to_owned()),
            GeneralName::IPAddress(bytes) => address(bytes),
            _ => None,
        });
        let constraints = x509.basic_constraints().map_err(|_| PkiError::Certificate)?;
        let constraints = constraints.map(|constraints| constraints.value);
        let usage = x509.key_usage().map_err(|_| PkiError::Certificate)?;
        let below = constraints.and_then(|constraints| constraints.path_len_constraint);
        Ok(Self {
            key_id: sha256(&x509.public_key().subject_public_key.data),
            subject: x509.subject().to_string(),
            names: names.collect(),
            not_before: UnixSeconds::new(x509.validity().not_before.timestamp()),
            not_after: UnixSeconds::new(x509.validity().not_after.timestamp()),
            is_authority: constraints.is_some_and(|constraints| constraints.ca),
            signs_certificates: usage.is_none_or(|usage| usage.value.key_cert_sign()),
            path_length: below.map(|below| usize::try_from(below).unwrap_or(usize::MAX)),
            pem: encode(&der),
            der,
        })
    }
}

/// Who vouches for `own` among `known`: the nearest first, up to a root or to one for which nobody known vouches.
#[must_use]
pub fn above(own: &Certificate, known: &[Certificate]) -> Vec<Certificate> {
    let mut all: Vec<Certificate> = Vec::new();
    let mut last = own;
    while !last.is_self_signed() {
        let is_new = |one: &&Certificate| *one != own && !all.contains(one);
        let Some(next) = known.iter().find(|one| is_new(one) && last.is_signed_by(one)) else { break };
        all.push(next.clone());
        last = next;
    }
    all
}

/// An address of four or sixteen bytes as text.
fn address(bytes: &[u8]) -> Option<String> {
    let v4 = || <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from);
    let v6 = || <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from);
    v4().or_else(v6).map(|address| address.to_string())
}

/// The certificates of a text, in their order; what else is in it is passed over.
///
/// # Errors
/// When there is none, or one does not read.
pub fn certificates(text: &str) -> Result<Vec<Certificate>, PkiError> {
    let mut all = Vec::new();
    for block in Pem::iter_from_buffer(text.as_bytes()) {
        let block = block.map_err(|_| PkiError::Certificate)?;
        if block.label == LABEL {
            all.push(Certificate::read(block.contents)?);
        }
    }
    if all.is_empty() { Err(PkiError::NoCertificate) } else { Ok(all) }
}

/// One certificate as text. What was between blocks, and how lines were broken, is not kept: the same certificate is
/// always the same text.
fn encode(der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {LABEL}-----\n");
    for line in base64.as_bytes().chunks(LINE_LETTERS) {
        text.extend(line.iter().copied().map(char::from));
        text.push('\n');
    }
    text.push_str(&format!("-----END {LABEL}-----\n"));
    text
}
