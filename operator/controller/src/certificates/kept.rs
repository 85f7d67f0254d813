//! The Secrets as they are.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use k8s_openapi::api::core::v1::Secret;
use kube::{
    Api, ResourceExt as _,
    api::{ListParams, ObjectMeta},
};
use operator_api::{CERTIFICATES_COMPONENT, CLUSTER_LABEL, COMPONENT_LABEL, KafkaCluster, Listener};
use operator_plan::{certificates::Which, names::Names};

use super::{entries::ISSUERS, given};
use crate::{context::Context, error::ReconcileError};

/// The data of a Secret.
pub(crate) type Data = BTreeMap<String, Vec<u8>>;

/// A Secret. Shows nothing of its data where it is printed.
pub(crate) struct Kept {
    pub(crate) metadata: ObjectMeta,
    pub(crate) data: Data,
}

impl Kept {
    /// An entry as text; empty where there is none, or it is no text.
    pub(crate) fn text(&self, entry: &str) -> &str {
        text(&self.data, entry)
    }

    pub(crate) fn annotation(&self, name: &str) -> Option<&str> {
        self.metadata.annotations.as_ref()?.get(name).map(String::as_str)
    }

    pub(crate) fn is_owned_by(&self, owner: &impl kube::Resource) -> bool {
        let owners = self.metadata.owner_references.iter().flatten();
        owners.into_iter().any(|one| Some(&one.uid) == owner.meta().uid.as_ref())
    }
}

impl From<Secret> for Kept {
    fn from(secret: Secret) -> Self {
        let data = secret.data.unwrap_or_default().into_iter().map(|(entry, bytes)| (entry, bytes.0));
        Self { metadata: secret.metadata, data: data.collect() }
    }
}

/// An entry as text; empty where there is none, or it is no text.
pub(super) fn text<'a>(data: &'a Data, entry: &str) -> &'a str {
    data.get(entry).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}

/// The Secrets of one cluster, by name.
#[derive(Default)]
pub(crate) struct Vault {
    secrets: BTreeMap<String, Kept>,
    /// What users give to listeners, and authorities that somebody else keeps, by the name of the Secret.
    given: BTreeMap<String, Kept>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("secrets", &self.secrets.keys()).finish()
    }
}

impl Vault {
    pub(super) fn get(&self, name: &str) -> Option<&Kept> {
        self.secrets.get(name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Kept)> {
        self.secrets.iter()
    }

    /// A Secret that a listener names, or an authority.
    pub(super) fn given(&self, name: &str) -> Option<&Kept> {
        self.given.get(name)
    }

    pub(super) fn give(&mut self, secret: Secret) {
        let (name, kept) = keep(secret);
        self.given.insert(name, kept);
    }

    /// What was told apart to nodes is not what the user keeps.
    fn forget_issuers(&mut self, name: &str) {
        if let Some(kept) = self.secrets.get_mut(name) {
            kept.data.remove(ISSUERS);
        }
    }

    pub(super) fn insert(&mut self, secret: Secret) {
        let (name, kept) = keep(secret);
        self.secrets.insert(name, kept);
    }
}

fn keep(secret: Secret) -> (String, Kept) {
    let kept = Kept::from(secret);
    (kept.metadata.name.clone().unwrap_or_default(), kept)
}

/// Reads the Secrets of a cluster: those that were made here by their labels, those of others by name.
pub(crate) async fn read(
    context: &Context,
    cluster: &KafkaCluster,
    names: &Names,
) -> Result<Vault, ReconcileError> {
    let secrets: Api<Secret> = Api::namespaced(context.client.clone(), names.namespace());
    let labels = format!("{CLUSTER_LABEL}={},{COMPONENT_LABEL}={CERTIFICATES_COMPONENT}", cluster.name_any());
    let ours = ListParams::default().labels(&labels);
    let mut vault = Vault::default();
    for secret in secrets.list(&ours).await.map_err(ReconcileError::api("reading the Secrets"))? {
        vault.insert(secret);
    }
    let stated = [(Which::Cluster, &cluster.spec.cluster_ca), (Which::Clients, &cluster.spec.clients_ca)];
    for (which, stated) in stated {
        let is_given =
            stated.as_ref().is_some_and(|stated| stated.generate_certificate_authority == Some(false));
        for name in [names.authority_public(which), names.authority_private(which)] {
            if is_given && vault.get(&name).is_none() {
                let doing = || format!("reading Secret {name}");
                let found = secrets.get_opt(&name).await.map_err(ReconcileError::api(doing()))?;
                found.into_iter().for_each(|secret| vault.insert(secret));
            }
        }
        if given::is_users(cluster, which) {
            vault.forget_issuers(&names.authority_public(which));
        }
    }
    let listeners = cluster.spec.kafka.listeners.iter().filter_map(Listener::certificate_source);
    let authorities = Which::ALL.into_iter().filter_map(|which| given::named(cluster, which));
    let named: BTreeSet<_> = listeners.map(|source| source.secret_name.as_str()).chain(authorities).collect();
    for name in named {
        let doing = || format!("reading Secret {name}");
        let found = secrets.get_opt(name).await.map_err(ReconcileError::api(doing()))?;
        found.into_iter().for_each(|secret| vault.give(secret));
    }
    Ok(vault)
}
