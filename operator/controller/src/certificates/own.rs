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

#[cfg(test)]
mod tests {
    use k8s_openapi::{ByteString, api::core::v1::Secret};
    use operator_pki::{Authority, Request, UnixSeconds, Validity};
    use serde_json::json;

    use super::*;

    fn listener() -> Listener {
        let source = json!({"secretName": "s", "certificate": "tls.crt", "key": "tls.key"});
        let configuration = json!({"brokerCertChainAndKey": source});
        let listener = json!({
            "name": "ext", "port": 9094, "type": "internal", "tls": true, "configuration": configuration
        });
        serde_json::from_value(listener).expect("a listener")
    }

    /// The certificates and the key of a pair, apart.
    fn pair() -> (String, String) {
        let validity = Validity::starting(UnixSeconds::new(0), 1_000_000);
        let authority = Authority::new("a", validity).expect("an authority");
        let request = Request { name: "n".to_owned(), hosts: vec!["h".to_owned()] };
        let pair = authority.issue(&request, validity).expect("a pair");
        let (chain, key) = pair.reveal().split_once("-----BEGIN PRIVATE").expect("a key");
        (chain.to_owned(), format!("-----BEGIN PRIVATE{key}"))
    }

    fn vault(entries: &[(&str, &str)]) -> Vault {
        let mut secret = Secret::default();
        secret.metadata.name = Some("s".to_owned());
        let data =
            entries.iter().map(|(name, text)| ((*name).to_owned(), ByteString(text.as_bytes().to_vec())));
        secret.data = Some(data.collect());
        let mut vault = Vault::default();
        vault.give(secret);
        vault
    }

    #[test]
    fn what_a_user_gives_is_one_file_or_says_what_is_wrong() {
        let ((chain, key), (_, other)) = (pair(), pair());
        let of = |vault: &Vault| facts(vault, &[listener()]).remove("ext").expect("a listener");
        let good = of(&vault(&[("tls.crt", &chain), ("tls.key", &key)])).expect("it can be used");
        assert_eq!(good.chain, chain);
        let file = file(&vault(&[("tls.crt", &chain), ("tls.key", &key)]), &source()).expect("a file");
        assert_eq!(good.digest, short_digest(file.as_bytes()));
        assert!(file.contains("BEGIN CERTIFICATE") && file.contains("PRIVATE KEY"));
        let cases: [(Vault, &str); 5] = [
            (Vault::default(), "it is missing"),
            (vault(&[("tls.crt", &chain)]), "it has no entry tls.key"),
            (vault(&[("tls.key", &key)]), "it has no entry tls.crt"),
            (vault(&[("tls.crt", &chain), ("tls.key", &other)]), "tls.crt and tls.key: "),
            (vault(&[("tls.crt", "x"), ("tls.key", &key)]), "tls.crt and tls.key: "),
        ];
        for (vault, expected) in cases {
            let why = of(&vault).expect_err("it cannot be used");
            assert!(why.starts_with(expected) && !why.contains("BEGIN"), "{expected}: {why}");
        }
    }

    fn source() -> CertificateSource {
        listener().certificate_source().expect("a source").clone()
    }
}
