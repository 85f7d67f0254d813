//! What the Secrets say, as facts.

use k8s_openapi::jiff::Timestamp;
use operator_api::{
    CONTENT_ANNOTATION, FORCE_FORGET_ANNOTATION, FORCE_RENEW_ANNOTATION, FORCE_REPLACE_ANNOTATION,
    KafkaCluster, TRUSTED_SINCE_ANNOTATION,
};
use operator_pki::{Authority, Certificate, Pair, UnixSeconds, certificates, sha256, short_digest};
use operator_plan::{
    certificates::{
        AuthorityFacts, CertificateFacts, Certificates, LeafFacts, LeafSecretFacts, PrivateFacts,
        PublicFacts, Which,
    },
    names::Names,
};

use super::{
    content::digest_of_content,
    entries::{CERTIFICATE, CHAIN, ISSUERS, KEY, NEXT_CERTIFICATE, NEXT_KEY, PREVIOUS},
    given,
    kept::{Kept, Vault},
    own,
};

/// How entries with a certificate and its key end.
const PAIR: &str = ".pem";

/// What the Secrets of `cluster` say.
pub(crate) fn facts(vault: &Vault, cluster: &KafkaCluster, names: &Names) -> Certificates {
    let authority = |which| authority(vault, cluster, names, which);
    let known = known(vault, names);
    let authorities: Vec<_> = Which::ALL
        .iter()
        .flat_map(|which| [names.authority_public(*which), names.authority_private(*which)])
        .collect();
    let issued = vault.iter().filter(|(name, _)| !authorities.contains(name));
    Certificates {
        cluster: authority(Which::Cluster),
        clients: authority(Which::Clients),
        own: own::facts(vault, &cluster.spec.kafka.listeners),
        issued: issued.map(|(name, kept)| (name.clone(), leaves(kept, &known))).collect(),
    }
}

fn authority(vault: &Vault, cluster: &KafkaCluster, names: &Names, which: Which) -> AuthorityFacts {
    let (public, private) =
        (vault.get(&names.authority_public(which)), vault.get(&names.authority_private(which)));
    AuthorityFacts {
        public: public.map(|kept| public_facts(kept, cluster)),
        private: private.map(|kept| private_facts(kept, public, cluster)),
        given: given::facts(vault, cluster, which),
    }
}

fn public_facts(kept: &Kept, cluster: &KafkaCluster) -> PublicFacts {
    let pem = kept.text(CERTIFICATE).to_owned();
    let is_apart = kept.data.contains_key(ISSUERS);
    let issuers = if is_apart { kept.text(ISSUERS) } else { &pem };
    let (bundle, trusted) = (all(issuers), all(&pem));
    PublicFacts {
        above: trusted.iter().filter(|one| !bundle.contains(one)).map(fingerprint).collect(),
        bundle: bundle.iter().map(of).collect(),
        is_apart,
        digest: short_digest(issuers.as_bytes()),
        digest_of_clients: short_digest(pem.as_bytes()),
        is_untouched: kept.annotation(CONTENT_ANNOTATION) == Some(&digest_of_content(&kept.data)),
        since: kept.annotation(TRUSTED_SINCE_ANNOTATION).and_then(|text| text.parse().ok()),
        renew_asked: kept.annotation(FORCE_RENEW_ANNOTATION) == Some("true"),
        has_owner: kept.is_owned_by(cluster),
        pem,
    }
}

fn private_facts(kept: &Kept, public: Option<&Kept>, cluster: &KafkaCluster) -> PrivateFacts {
    let (issuer, problem) = match issuer(kept, public) {
        Ok(issuer) => (Some(issuer), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let next = Authority::read(kept.text(NEXT_CERTIFICATE), kept.text(NEXT_KEY)).ok();
    let lonely = || all(kept.text(CERTIFICATE)).first().map(of);
    PrivateFacts {
        has_key: issuer.is_some(),
        current: issuer.map(|issuer| of(issuer.certificate())).or_else(lonely),
        next: next.map(|next| of(next.certificate())),
        previous: all(kept.text(PREVIOUS)).iter().map(of).collect(),
        above: all(kept.text(CHAIN)).iter().map(fingerprint).collect(),
        replace_asked: kept.annotation(FORCE_REPLACE_ANNOTATION) == Some("true"),
        forget_asked: kept.annotation(FORCE_FORGET_ANNOTATION) == Some("true"),
        has_owner: kept.is_owned_by(cluster),
        problem,
    }
}

/// Who issues, below whoever vouches for it. The certificate of a key that the user gives is in the public Secret, as Strimzi
/// has it.
pub(super) fn issuer(private: &Kept, public: Option<&Kept>) -> Result<Authority, operator_pki::PkiError> {
    let trusted = public.map(|public| public.text(CERTIFICATE)).unwrap_or_default();
    let candidates = format!("{}\n{trusted}", private.text(CERTIFICATE));
    let issuer = Authority::read(&candidates, private.text(KEY))?;
    Ok(issuer.below(&all(private.text(CHAIN))))
}

/// All authorities that the Secrets name.
fn known(vault: &Vault, names: &Names) -> Vec<Certificate> {
    let (public, private) = (names.authority_public(Which::Cluster), names.authority_private(Which::Cluster));
    let entries =
        [(&private, CERTIFICATE), (&private, NEXT_CERTIFICATE), (&private, PREVIOUS), (&public, CERTIFICATE)];
    let texts = entries.iter().filter_map(|(name, entry)| Some(vault.get(name)?.text(entry)));
    texts.flat_map(all).collect()
}

fn leaves(kept: &Kept, known: &[Certificate]) -> LeafSecretFacts {
    let leaf = |bytes: &Vec<u8>| {
        let pair = Pair::read(std::str::from_utf8(bytes).ok()?).ok()?;
        let certificate = pair.certificate();
        let authority = known.iter().find(|authority| certificate.is_signed_by(authority));
        Some(LeafFacts {
            certificate: of(certificate),
            signed_by: authority.map(|authority| authority.key_id.clone()),
            digest: short_digest(bytes),
        })
    };
    let pairs = kept.data.iter().filter(|(entry, _)| entry.ends_with(PAIR));
    LeafSecretFacts { leaves: pairs.map(|(entry, bytes)| (entry.clone(), leaf(bytes))).collect() }
}

/// The certificates of a text; none where it does not read.
pub(super) fn all(text: &str) -> Vec<Certificate> {
    certificates(text).unwrap_or_default()
}

/// What tells certificates apart.
pub(super) fn fingerprint(certificate: &Certificate) -> String {
    sha256(certificate.pem().as_bytes())
}

/// What a certificate says, as a fact.
pub(crate) fn of(certificate: &Certificate) -> CertificateFacts {
    CertificateFacts {
        fingerprint: fingerprint(certificate),
        key_id: certificate.key_id.clone(),
        subject: certificate.subject.clone(),
        names: certificate.names.clone(),
        made_at: timestamp(certificate.made_at()),
        not_after: timestamp(certificate.not_after),
    }
}

fn timestamp(seconds: UnixSeconds) -> Timestamp {
    Timestamp::from_second(seconds.get()).unwrap_or(Timestamp::MAX)
}
