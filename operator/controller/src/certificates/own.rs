//! Certificates that users give to listeners: a Secret of two entries becomes one file for brokers, so that none sees half
//! of a change.

use std::collections::BTreeMap;

use operator_api::{CertificateSource, Listener};
use operator_pki::{Certificate, Pair, short_digest};
use operator_plan::certificates::OwnFacts;

use super::{
    facts::all,
    kept::{Kept, Vault},
};

/// What can be used, by listener, or why it cannot.
pub(super) fn facts(vault: &Vault, listeners: &[Listener]) -> BTreeMap<String, Result<OwnFacts, String>> {
    let with = listeners.iter().filter_map(|listener| Some((listener, listener.certificate_source()?)));
    let of = |(listener, source): (&Listener, &CertificateSource)| {
        let facts = file(vault, source).map(|file| OwnFacts {
            chain: all(&file).iter().map(Certificate::pem).collect(),
            digest: short_digest(file.as_bytes()),
        });
        (listener.name.clone(), facts)
    };
    with.map(of).collect()
}

/// The certificate with its key, as brokers read it. It is a secret.
pub(super) fn file(vault: &Vault, source: &CertificateSource) -> Result<String, String> {
    let kept = vault.given(&source.secret_name).ok_or("it is missing")?;
    let (certificate, key) = (entry(kept, &source.certificate)?, entry(kept, &source.key)?);
    let file = format!("{}\n{}\n", certificate.trim_end(), key.trim_end());
    let pair = Pair::read(&file);
    pair.map(|_| file).map_err(|error| format!("{} and {}: {error}", source.certificate, source.key))
}

fn entry<'a>(kept: &'a Kept, name: &str) -> Result<&'a str, String> {
    let text = kept.text(name);
    if text.trim().is_empty() { Err(format!("it has no entry {name}")) } else { Ok(text) }
}
