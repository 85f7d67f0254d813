//! Authorities that somebody else keeps in a Secret, as cert-manager writes it.

use operator_api::{CertificateAuthority, KafkaCluster};
use operator_pki::{Authority, Certificate, NotGiven};
use operator_plan::certificates::{GivenFacts, Which};

use super::{
    facts::{fingerprint, of},
    kept::{Kept, Vault},
};

/// The certificate, and those between it and the root.
const CHAIN: &str = "tls.crt";
/// Its key.
const KEY: &str = "tls.key";
/// The root, or whoever vouches for it.
const ROOT: &str = "ca.crt";

/// The Secret that is stated to have this authority.
pub(super) fn named(cluster: &KafkaCluster, which: Which) -> Option<&str> {
    stated(cluster, which)?.secret_name.as_deref()
}

/// Whether the user keeps the Secrets of this authority.
pub(super) fn is_users(cluster: &KafkaCluster, which: Which) -> bool {
    stated(cluster, which).is_some_and(|stated| {
        stated.generate_certificate_authority == Some(false) && stated.secret_name.is_none()
    })
}

fn stated(cluster: &KafkaCluster, which: Which) -> Option<&CertificateAuthority> {
    match which {
        Which::Cluster => cluster.spec.cluster_ca.as_ref(),
        Which::Clients => cluster.spec.clients_ca.as_ref(),
    }
}

/// What can be used, or why it cannot; `None` where nobody is stated to keep it.
pub(super) fn facts(
    vault: &Vault,
    cluster: &KafkaCluster,
    which: Which,
) -> Option<Result<GivenFacts, String>> {
    let kept = vault.given(named(cluster, which)?);
    Some(kept.ok_or_else(|| "it is missing".to_owned()).and_then(|kept| {
        if let Some(missing) = [CHAIN, KEY].into_iter().find(|entry| kept.text(entry).trim().is_empty()) {
            return Err(format!("it has no entry {missing}"));
        }
        let (authority, above) = read(kept).map_err(|error| error.to_string())?;
        let last = above.last().unwrap_or_else(|| authority.certificate());
        Ok(GivenFacts {
            certificate: of(authority.certificate()),
            above: above.iter().map(fingerprint).collect(),
            keys_above: above.iter().map(|one| one.key_id.clone()).collect(),
            has_root: last.is_self_signed(),
        })
    }))
}

/// The authority, and who vouches for it, the nearest first.
pub(super) fn read(kept: &Kept) -> Result<(Authority, Vec<Certificate>), NotGiven> {
    Authority::given(kept.text(CHAIN), kept.text(KEY), kept.text(ROOT))
}
