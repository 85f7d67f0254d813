//! Carries out what was decided of certificates. Each Secret is written over the version that was read, or not at all.

use k8s_openapi::{
    ByteString,
    api::core::v1::Secret,
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference},
};
use kube::{
    Api, Resource as _, ResourceExt as _,
    api::{Patch, PatchParams, PostParams},
};
use operator_api::{
    CERTIFICATES_COMPONENT, CLUSTER_LABEL, COMPONENT_LABEL, KafkaCluster, Listener, POOL_LABEL,
};
use operator_plan::{
    certificates::{CertificateAction, Leaves},
    names::Names,
};
use serde_json::{Value, json};

use super::{
    change,
    content::Content,
    given,
    kept::{Kept, Vault},
    own,
};
use crate::{
    clock,
    context::{Context, FIELD_MANAGER},
    error::ReconcileError,
};

/// Whose a Secret is.
struct Place<'a> {
    cluster: &'a KafkaCluster,
    name: String,
    pool: Option<&'a str>,
    has_owner: bool,
}

/// Does what was decided.
pub(crate) async fn carry_out(
    context: &Context,
    cluster: &KafkaCluster,
    vault: &Vault,
    action: &CertificateAction,
) -> Result<(), ReconcileError> {
    let namespace = cluster.namespace().unwrap_or_default();
    let names = Names::new(&cluster.name_any(), &namespace, &context.settings.cluster_domain);
    let now = clock::now().0;
    let secrets = |which| change::Secrets {
        private: vault.get(&names.authority_private(which)),
        public: vault.get(&names.authority_public(which)),
        given: given::named(cluster, which).and_then(|name| vault.given(name)),
    };
    let gone = |name: String| ReconcileError::SecretGone { name };
    let (place, content) = match action {
        CertificateAction::Change { which, change, validity_days, has_owner, why } => {
            tracing::info!(authority = which.word(), why, "changed");
            let name = names.authority_private(*which);
            let content = change::private(secrets(*which), *which, change, *validity_days, now);
            (Place { cluster, name, pool: None, has_owner: *has_owner }, content)
        }
        CertificateAction::Publish { which, has_owner, is_apart } => {
            let change::Secrets { private, public, .. } = secrets(*which);
            let private = private.ok_or_else(|| gone(names.authority_private(*which)))?;
            let name = names.authority_public(*which);
            let content = change::public(private, public, *is_apart, now);
            (Place { cluster, name, pool: None, has_owner: *has_owner }, content)
        }
        CertificateAction::Issue(leaves) => {
            tracing::info!(secret = leaves.secret, why = leaves.why, count = leaves.issue.len(), "issued");
            let which = operator_plan::certificates::Which::Cluster;
            let change::Secrets { private, public, .. } = secrets(which);
            let private = private.ok_or_else(|| gone(names.authority_private(which)))?;
            let content = change::leaves((private, public), vault.get(&leaves.secret), leaves, now);
            let content = content.map(|content| with_own(content, cluster, vault, leaves));
            let (name, pool) = (leaves.secret.clone(), leaves.pool.as_deref());
            (Place { cluster, name, pool, has_owner: true }, content)
        }
    };
    let content =
        content.map_err(|source| ReconcileError::Certificate { name: place.name.clone(), source })?;
    let secrets: Api<Secret> = Api::namespaced(context.client.clone(), &namespace);
    context.metrics.wrote("Secret");
    match vault.get(&place.name) {
        Some(kept) => replace(&secrets, &place, kept, content).await,
        None => create(&secrets, &place, content).await,
    }
}

/// The certificates that are taken over from users, beside those that are issued. One that was taken away meanwhile is
/// seen at the next look.
fn with_own(mut content: Content, cluster: &KafkaCluster, vault: &Vault, leaves: &Leaves) -> Content {
    for (listener, entry) in &leaves.copy {
        let mut listeners = cluster.spec.kafka.listeners.iter();
        let source = listeners.find(|one| one.name == *listener).and_then(Listener::certificate_source);
        if let Some(file) = source.and_then(|source| own::file(vault, source).ok()) {
            content.data.insert(entry.clone(), file.into_bytes());
        }
    }
    content
}

async fn create(secrets: &Api<Secret>, place: &Place<'_>, content: Content) -> Result<(), ReconcileError> {
    let data = content.data.into_iter().map(|(entry, bytes)| (entry, ByteString(bytes)));
    let annotations = content.annotations.into_iter();
    let annotations = annotations.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let secret = Secret {
        metadata: ObjectMeta {
            name: Some(place.name.clone()),
            labels: Some(place.labels().into_iter().collect()),
            annotations: Some(annotations.collect()),
            owner_references: place.has_owner.then(|| vec![place.owner()]),
            ..ObjectMeta::default()
        },
        data: Some(data.collect()),
        ..Secret::default()
    };
    let parameters = PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
    match secrets.create(&parameters, &secret).await {
        // What was not seen among the cluster's Secrets is somebody else's of the same name.
        Err(kube::Error::Api(status)) if status.code == 409 => {
            Err(ReconcileError::Foreign { kind: "Secret", name: place.name.clone() })
        }
        result => result.map(drop).map_err(ReconcileError::api(format!("Secret {}", place.name))),
    }
}

async fn replace(
    secrets: &Api<Secret>,
    place: &Place<'_>,
    kept: &Kept,
    content: Content,
) -> Result<(), ReconcileError> {
    let mut data: serde_json::Map<String, Value> =
        kept.data.keys().map(|entry| (entry.clone(), Value::Null)).collect();
    for (entry, bytes) in content.data {
        data.insert(entry, json!(ByteString(bytes)));
    }
    let others = kept.metadata.owner_references.iter().flatten();
    let mut owners: Vec<_> =
        others.filter(|owner| Some(&owner.uid) != place.cluster.metadata.uid.as_ref()).cloned().collect();
    owners.extend(place.has_owner.then(|| place.owner()));
    let labels: std::collections::BTreeMap<_, _> = place.labels().into_iter().collect();
    let patch = json!({
        "metadata": {
            // Over what was read, or not at all.
            "resourceVersion": kept.metadata.resource_version,
            "labels": labels,
            "annotations": content.annotations,
            "ownerReferences": owners,
        },
        "data": data,
    });
    let parameters = PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
    match secrets.patch(&place.name, &parameters, &Patch::Merge(patch)).await {
        // It changed since it was read: what it says now is decided about at the next look, which is at once.
        Err(kube::Error::Api(status)) if status.code == 409 => {
            tracing::info!(secret = place.name, "changed meanwhile");
            Ok(())
        }
        result => result.map(drop).map_err(ReconcileError::api(format!("Secret {}", place.name))),
    }
}

impl Place<'_> {
    fn labels(&self) -> Vec<(String, String)> {
        let cluster = self.cluster.name_any();
        let mut labels = vec![
            (CLUSTER_LABEL.to_owned(), cluster.clone()),
            (COMPONENT_LABEL.to_owned(), CERTIFICATES_COMPONENT.to_owned()),
            ("app.kubernetes.io/name".to_owned(), "kafka".to_owned()),
            ("app.kubernetes.io/instance".to_owned(), cluster),
            ("app.kubernetes.io/managed-by".to_owned(), "klamm".to_owned()),
        ];
        labels.extend(self.pool.map(|pool| (POOL_LABEL.to_owned(), pool.to_owned())));
        labels
    }

    fn owner(&self) -> OwnerReference {
        let owner = self.cluster.controller_owner_ref(&()).unwrap_or_default();
        OwnerReference { block_owner_deletion: Some(false), ..owner }
    }
}
