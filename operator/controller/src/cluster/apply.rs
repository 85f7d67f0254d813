//! Carries a plan out, in its order, and stops at the first action that fails: the next reconcile begins anew.

use k8s_openapi::api::{apps::v1::StatefulSet, core::v1::Pod};
use kube::{
    Api, ResourceExt as _,
    api::{DeleteParams, DynamicObject, Patch, PatchParams},
};
use operator_api::CLUSTER_LABEL;
use operator_plan::{
    manifest::Manifest,
    observed::Observed,
    plan::{Action, Plan},
};

use super::observe::resource;
use crate::{
    context::{Context, FIELD_MANAGER},
    error::{ReconcileError, is_not_found},
};

pub(super) async fn carry_out(
    context: &Context,
    observed: &Observed,
    plan: &Plan,
) -> Result<(), ReconcileError> {
    let namespace = observed.cluster.namespace().unwrap_or_default();
    for action in &plan.actions {
        match action {
            Action::Apply(manifest) => apply(context, observed, &namespace, manifest).await?,
            Action::DeleteOrphaning { name } => {
                tracing::info!(stateful_set = name, "made anew, its pods stay");
                let sets: Api<StatefulSet> = Api::namespaced(context.client.clone(), &namespace);
                context.metrics.wrote("StatefulSet");
                gone_is_done(sets.delete(name, &DeleteParams::orphan()).await, "replacing a StatefulSet")?;
            }
            Action::DeletePod { name } => {
                tracing::info!(pod = name, "restarted");
                let pods: Api<Pod> = Api::namespaced(context.client.clone(), &namespace);
                context.metrics.wrote("Pod");
                gone_is_done(pods.delete(name, &DeleteParams::default()).await, "restarting a pod")?;
            }
        }
    }
    Ok(())
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
