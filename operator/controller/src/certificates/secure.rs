//! How the operator connects to its clusters: with its own certificate, believing the authority of each.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use broker_client::Security;
use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Client};
use operator_plan::{certificates::Which, names::Names};
use parking_lot::Mutex;

use super::{
    entries::{CERTIFICATE, ISSUERS, OPERATOR},
    kept::Vault,
};

/// Which cluster: namespace and name.
type Key = (String, String);

/// What connections to each cluster are made with, by what its Secrets said last.
#[derive(Default)]
pub(crate) struct Securities {
    known: Mutex<HashMap<Key, Known>>,
}

struct Known {
    /// Tells material apart.
    digest: String,
    security: Security,
}

impl fmt::Debug for Securities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Securities").field("clusters", &self.known.lock().len()).finish_non_exhaustive()
    }
}

impl Securities {
    /// Takes up what the Secrets of a cluster say; whether that is something else than before.
    pub(crate) fn learn(&self, names: &Names, vault: &Vault) -> bool {
        let text = |secret: &str, entry: &str| {
            vault.get(secret).map(|kept| kept.text(entry).to_owned()).unwrap_or_default()
        };
        let own = text(&names.operator_certificates(), OPERATOR);
        let public = names.authority_public(Which::Cluster);
        // As nodes do: who issues for them, and nobody above it.
        let issuers = Some(text(&public, ISSUERS)).filter(|issuers| !issuers.is_empty());
        let trusted = issuers.unwrap_or_else(|| text(&public, CERTIFICATE));
        let digest = operator_pki::sha256(format!("{own}\n{trusted}").as_bytes());
        let key = (names.namespace().to_owned(), names.cluster().to_owned());
        let mut known = self.known.lock();
        if known.get(&key).is_some_and(|known| known.digest == digest) {
            return false;
        }
        match security(&own, &trusted) {
            Ok(security) => known.insert(key, Known { digest, security }).is_some(),
            // What cannot be used changes nothing: it is put right by the decisions that follow.
            Err(error) => {
                tracing::debug!(cluster = names.cluster(), %error, "the operator's own certificate");
                false
            }
        }
    }

    /// Forgets a cluster that is gone.
    pub(crate) fn forget(&self, names: &Names) {
        self.known.lock().remove(&(names.namespace().to_owned(), names.cluster().to_owned()));
    }

    /// How to connect to a cluster. Of one whose certificates are not there yet nothing runs that would answer.
    pub(crate) fn of(&self, namespace: &str, cluster: &str) -> Option<Security> {
        let key = (namespace.to_owned(), cluster.to_owned());
        self.known.lock().get(&key).map(|known| known.security.clone())
    }

    /// The same, read from the Secrets where it is not known: a topic may be looked at before its cluster is.
    pub(crate) async fn of_or_read(&self, client: &Client, bootstrap: &str) -> Option<Security> {
        let (cluster, namespace) = Names::of_bootstrap(bootstrap)?;
        if let Some(known) = self.of(namespace, cluster) {
            return Some(known);
        }
        let names = Names::new(cluster, namespace, "");
        let secrets: Api<Secret> = Api::namespaced(client.clone(), namespace);
        let mut vault = Vault::default();
        for name in [names.operator_certificates(), names.authority_public(Which::Cluster)] {
            match secrets.get_opt(&name).await {
                Ok(found) => found.into_iter().for_each(|secret| vault.insert(secret)),
                Err(error) => tracing::debug!(secret = name, %error, "cannot be read"),
            }
        }
        self.learn(&names, &vault);
        self.of(namespace, cluster)
    }
}

fn security(own: &str, trusted: &str) -> Result<Security, broker_client::SecurityError> {
    let properties: BTreeMap<_, _> = [
        ("security.protocol", "SSL"),
        ("ssl.keystore.type", "PEM"),
        ("ssl.keystore.key", own),
        ("ssl.keystore.certificate.chain", own),
        ("ssl.truststore.type", "PEM"),
        ("ssl.truststore.certificates", trusted),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    Security::from_properties(&properties)
}
