//! Who issues certificates for users of each cluster, and whom they are to trust.

use std::{collections::HashMap, fmt, sync::Arc};

use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Client};
use operator_pki::{Authority, Certificate, sha256};
use operator_plan::{
    certificates::{CertificateFacts, Which},
    names::Names,
};
use parking_lot::Mutex;

use super::{
    entries::{CERTIFICATE, KEY, PREVIOUS},
    facts::{all, issuer, of},
    kept::Vault,
};

/// Which cluster: namespace and name.
type Key = (String, String);

/// Who issues certificates for the users of a cluster, and whom they are to trust. Shows no key where it is printed.
#[derive(Default)]
pub(crate) struct Issuer {
    /// Tells material apart.
    pub(crate) digest: String,
    /// Who issues.
    pub(crate) authority: Option<Authority>,
    /// All who did, or do.
    pub(crate) known: Vec<Certificate>,
    /// What brokers trust of users, as PEM.
    pub(crate) clients: String,
    /// What users are to trust of brokers, as PEM.
    pub(crate) cluster: String,
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").field("authority", &self.authority).finish_non_exhaustive()
    }
}

impl Issuer {
    /// The certificate of the key that issues.
    pub(crate) fn facts(&self) -> Option<CertificateFacts> {
        self.authority.as_ref().map(|authority| of(authority.certificate()))
    }

    /// The key that signed a certificate, where that is known.
    pub(crate) fn signer(&self, certificate: &Certificate) -> Option<String> {
        let authority = self.known.iter().find(|authority| certificate.is_signed_by(authority))?;
        Some(authority.key_id.clone())
    }
}

/// Who issues for each cluster, by what its Secrets said last.
#[derive(Default)]
pub(crate) struct Issuers {
    known: Mutex<HashMap<Key, Arc<Issuer>>>,
}

impl fmt::Debug for Issuers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuers").field("clusters", &self.known.lock().len()).finish_non_exhaustive()
    }
}

fn key(names: &Names) -> Key {
    (names.namespace().to_owned(), names.cluster().to_owned())
}

impl Issuers {
    /// Takes up what the Secrets of a cluster say; whether that is something else than before.
    pub(crate) fn learn(&self, names: &Names, vault: &Vault) -> bool {
        let (private, public) = (
            vault.get(&names.authority_private(Which::Clients)),
            vault.get(&names.authority_public(Which::Clients)),
        );
        let text =
            |which| vault.get(&names.authority_public(which)).map_or("", |kept| kept.text(CERTIFICATE));
        let (clients, cluster) = (text(Which::Clients), text(Which::Cluster));
        let own = private.map_or("", |private| private.text(KEY));
        let older = private.map_or("", |private| private.text(PREVIOUS));
        let digest = sha256(format!("{own}\n{older}\n{clients}\n{cluster}").as_bytes());
        let mut known = self.known.lock();
        if known.get(&key(names)).is_some_and(|known| known.digest == digest) {
            return false;
        }
        let authority = private.and_then(|private| issuer(private, public).ok());
        let mut certificates = all(clients);
        certificates.extend(all(older));
        certificates.extend(authority.as_ref().map(|authority| authority.certificate().clone()));
        let issuer = Issuer {
            digest,
            authority,
            known: certificates,
            clients: clients.to_owned(),
            cluster: cluster.to_owned(),
        };
        known.insert(key(names), Arc::new(issuer)).is_some()
    }

    /// Forgets a cluster that is gone.
    pub(crate) fn forget(&self, names: &Names) {
        self.known.lock().remove(&key(names));
    }

    /// Who issues for a cluster; read from the Secrets where it is not known: a user may be looked at before its cluster is.
    pub(crate) async fn of_or_read(
        &self,
        client: &Client,
        names: &Names,
    ) -> Result<Arc<Issuer>, kube::Error> {
        if let Some(known) = self.of(names) {
            return Ok(known);
        }
        let secrets: Api<Secret> = Api::namespaced(client.clone(), names.namespace());
        let mut vault = Vault::default();
        let clients = [names.authority_public(Which::Clients), names.authority_private(Which::Clients)];
        for name in clients.into_iter().chain([names.authority_public(Which::Cluster)]) {
            secrets.get_opt(&name).await?.into_iter().for_each(|secret| vault.insert(secret));
        }
        self.learn(names, &vault);
        Ok(self.of(names).unwrap_or_default())
    }

    fn of(&self, names: &Names) -> Option<Arc<Issuer>> {
        self.known.lock().get(&key(names)).cloned()
    }
}
