//! Carries a plan out, in its order, and stops at the first action that fails: the next reconcile begins anew. Only objects of
//! listeners that Kubernetes refuses hold up nothing else.

use k8s_openapi::api::{
    apps::v1::StatefulSet,
    core::v1::{PersistentVolumeClaim, Pod},
};
use kube::{
    Api, ResourceExt as _,
    api::{ApiResource, DeleteParams, DynamicObject, Patch, PatchParams, Preconditions},
};
use operator_api::{ADVERTISED_ANNOTATION, CLUSTER_LABEL, ZONE_ANNOTATION};
use operator_plan::{
    manifest::Manifest,
    observed::Observed,
    plan::{Action, Plan},
};

use serde_json::json;

use super::{kafka, observe::resource};
use crate::{
    certificates::{Vault, carry_out as certify},
    context::{Context, FIELD_MANAGER},
    error::{ReconcileError, is_not_found},
};

/// Gives what Kubernetes refused of listeners.
pub(super) async fn carry_out(
    context: &Context,
    observed: &Observed,
    vault: &Vault,
    plan: &Plan,
) -> Result<Vec<String>, ReconcileError> {
    let namespace = observed.cluster.namespace().unwrap_or_default();
    let mut refusals = Vec::new();
    for action in &plan.actions {
        match action {
            Action::Apply(manifest) => match apply(context, observed, &namespace, manifest).await {
                Err(error) if manifest.is_of_listener() && error.is_refusal() => {
                    tracing::warn!(%error, "refused");
                    refusals.push(error.to_string());
                }
                applied => applied?,
            },
            Action::Certify(action) => certify(context, &observed.cluster, vault, action).await?,
            Action::TellZone { pod, zone } => {
                tracing::info!(pod, zone, "told");
                annotate(context, &namespace, pod, ZONE_ANNOTATION, zone).await?;
            }
            Action::TellAddresses { pod, advertised } => {
                tracing::info!(pod, advertised, "told");
                annotate(context, &namespace, pod, ADVERTISED_ANNOTATION, advertised).await?;
            }
            Action::Delete { .. }
            | Action::DeleteOrphaning { .. }
            | Action::DeletePod { .. }
            | Action::DeleteClaim { .. } => delete(context, &namespace, action).await?,
            Action::AlterSettings { set, unset } => {
                tracing::info!(?set, ?unset, "settings of all brokers changed");
                kafka::alter_settings(context, &observed.cluster, set, unset).await?;
            }
            Action::Reassign { moves } => {
                tracing::info!(partitions = moves.len(), "copies move to other brokers");
                kafka::reassign(context, &observed.cluster, moves).await?;
            }
            Action::CancelMoves { partitions } => {
                tracing::info!(partitions = partitions.len(), "copies stay where they were");
                kafka::cancel(context, &observed.cluster, partitions).await?;
            }
            Action::Cordon { broker, is_cordoned } => {
                tracing::info!(broker, is_cordoned, "whether it gets new copies");
                kafka::cordon(context, &observed.cluster, *broker, *is_cordoned).await?;
            }
            Action::Unregister { broker } => {
                tracing::info!(broker, "unregistered");
                kafka::unregister(context, &observed.cluster, *broker).await?;
            }
            Action::AddVoter { voter, at } => {
                tracing::info!(controller = voter.id, directory = voter.directory, "gets a vote");
                kafka::add_voter(context, &observed.cluster, voter, at).await?;
            }
            Action::RemoveVoter { voter } => {
                tracing::info!(controller = voter.id, directory = voter.directory, "loses its vote");
                kafka::remove_voter(context, &observed.cluster, voter).await?;
            }
        }
    }
    Ok(refusals)
}

async fn delete(context: &Context, namespace: &str, action: &Action) -> Result<(), ReconcileError> {
    let (resource, name, parameters, doing) = match action {
        Action::Delete { api_version, kind, name, uid } => {
            (resource(api_version, kind), name, only(uid.as_ref()), "deleting what is of a listener")
        }
        Action::DeleteOrphaning { name } => {
            (ApiResource::erase::<StatefulSet>(&()), name, DeleteParams::orphan(), "replacing a StatefulSet")
        }
        Action::DeletePod { name, uid } => {
            (ApiResource::erase::<Pod>(&()), name, only(uid.as_ref()), "restarting a pod")
        }
        Action::DeleteClaim { name, uid } => {
            let claims = ApiResource::erase::<PersistentVolumeClaim>(&());
            (claims, name, only(uid.as_ref()), "deleting a claim")
        }
        _ => return Ok(()),
    };
    tracing::info!(kind = resource.kind, name, "{doing}");
    context.metrics.wrote(&resource.kind);
    let api: Api<DynamicObject> = Api::namespaced_with(context.client.clone(), namespace, &resource);
    gone_is_done(api.delete(name, &parameters).await, doing)
}

async fn annotate(
    context: &Context,
    namespace: &str,
    pod: &str,
    annotation: &str,
    value: &str,
) -> Result<(), ReconcileError> {
    let pods: Api<Pod> = Api::namespaced(context.client.clone(), namespace);
    let patch = json!({"metadata": {"annotations": {annotation: value}}});
    context.metrics.wrote("Pod");
    let told = pods.patch_metadata(pod, &PatchParams::default(), &Patch::Merge(patch)).await;
    gone_is_done(told, "telling a pod where it is")
}

/// Deletes this one, and no other of its name.
fn only(uid: Option<&String>) -> DeleteParams {
    let preconditions = Preconditions { uid: uid.cloned(), resource_version: None };
    DeleteParams { preconditions: Some(preconditions), ..DeleteParams::default() }
}

fn gone_is_done<T>(result: Result<T, kube::Error>, doing: &str) -> Result<(), ReconcileError> {
    match result {
        Err(error) if is_not_found(&error) => Ok(()),
        result => result.map(drop).map_err(ReconcileError::api(doing)),
    }
}

async fn apply(
    context: &Context,
    observed: &Observed,
    namespace: &str,
    manifest: &Manifest,
) -> Result<(), ReconcileError> {
    let Manifest { api_version, kind, name, body } = manifest;
    let api: Api<DynamicObject> =
        Api::namespaced_with(context.client.clone(), namespace, &resource(api_version, kind));
    let doing = || format!("{kind} {name}");
    if observed.live.get(kind, name).is_none() {
        // What was not seen among the cluster's objects may be somebody else's of the same name.
        let there = api.get_opt(name).await.map_err(ReconcileError::api(doing()))?;
        let cluster = observed.cluster.name_any();
        if there.is_some_and(|object| object.labels().get(CLUSTER_LABEL) != Some(&cluster)) {
            return Err(ReconcileError::Foreign { kind, name: name.clone() });
        }
    }
    tracing::info!(kind, name, "applied");
    context.metrics.wrote(kind);
    let parameters = PatchParams::apply(FIELD_MANAGER).force();
    api.patch(name, &parameters, &Patch::Apply(body)).await.map(drop).map_err(ReconcileError::api(doing()))
}
