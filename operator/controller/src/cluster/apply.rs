//! Carries a plan out, in its order, and stops at the first action that fails: the next reconcile begins anew.

use k8s_openapi::api::{
    apps::v1::StatefulSet,
    core::v1::{PersistentVolumeClaim, Pod},
};
use kube::{
    Api, ResourceExt as _,
    api::{DeleteParams, DynamicObject, Patch, PatchParams, Preconditions},
};
use operator_api::{CLUSTER_LABEL, ZONE_ANNOTATION};
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

pub(super) async fn carry_out(
    context: &Context,
    observed: &Observed,
    vault: &Vault,
    plan: &Plan,
) -> Result<(), ReconcileError> {
    let namespace = observed.cluster.namespace().unwrap_or_default();
    for action in &plan.actions {
        match action {
            Action::Apply(manifest) => apply(context, observed, &namespace, manifest).await?,
            Action::Certify(action) => certify(context, &observed.cluster, vault, action).await?,
            Action::TellZone { pod, zone } => {
                tracing::info!(pod, zone, "told");
                let pods: Api<Pod> = Api::namespaced(context.client.clone(), &namespace);
                let patch = json!({"metadata": {"annotations": {ZONE_ANNOTATION: zone}}});
                context.metrics.wrote("Pod");
                let told = pods.patch_metadata(pod, &PatchParams::default(), &Patch::Merge(patch)).await;
                gone_is_done(told, "telling a pod its zone")?;
            }
            Action::DeleteOrphaning { name } => {
                tracing::info!(stateful_set = name, "made anew, its pods stay");
                let sets: Api<StatefulSet> = Api::namespaced(context.client.clone(), &namespace);
                context.metrics.wrote("StatefulSet");
                gone_is_done(sets.delete(name, &DeleteParams::orphan()).await, "replacing a StatefulSet")?;
            }
            Action::DeletePod { name, uid } => {
                tracing::info!(pod = name, "restarted");
                let pods: Api<Pod> = Api::namespaced(context.client.clone(), &namespace);
                context.metrics.wrote("Pod");
                gone_is_done(pods.delete(name, &only(uid.as_ref())).await, "restarting a pod")?;
            }
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
            Action::DeleteClaim { name, uid } => {
                tracing::info!(claim = name, "goes with its node");
                let claims: Api<PersistentVolumeClaim> = Api::namespaced(context.client.clone(), &namespace);
                context.metrics.wrote("PersistentVolumeClaim");
                gone_is_done(claims.delete(name, &only(uid.as_ref())).await, "deleting a claim")?;
            }
        }
    }
    Ok(())
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
