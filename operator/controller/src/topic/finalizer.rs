//! Our finalizer on a topic's resource: there exactly while deletion has something to do.

use kube::{
    Api, ResourceExt as _,
    api::{Patch, PatchParams},
};
use operator_api::{KafkaTopic, TOPIC_FINALIZER};
use serde_json::json;

use crate::{
    context::Context,
    error::{ReconcileError, is_not_found},
};

/// Puts it on. Gives the resource as it is then, unless it is gone.
pub(super) async fn add(context: &Context, topic: &KafkaTopic) -> Result<Option<KafkaTopic>, ReconcileError> {
    let mut finalizers = topic.finalizers().to_vec();
    finalizers.push(TOPIC_FINALIZER.to_owned());
    set_finalizers(context, topic, &finalizers).await
}

/// Takes it off. Gives the resource as it is then, unless it is gone or had none.
pub(super) async fn remove(
    context: &Context,
    topic: &KafkaTopic,
) -> Result<Option<KafkaTopic>, ReconcileError> {
    let (ours, others): (Vec<_>, Vec<_>) =
        topic.finalizers().iter().cloned().partition(|name| name == TOPIC_FINALIZER);
    if ours.is_empty() {
        return Ok(None);
    }
    set_finalizers(context, topic, &others).await
}

/// Finalizers are one list for all of their owners: it is replaced over the version that was read. Gives the resource
/// as it is then, unless it is gone.
async fn set_finalizers(
    context: &Context,
    topic: &KafkaTopic,
    finalizers: &[String],
) -> Result<Option<KafkaTopic>, ReconcileError> {
    let api: Api<KafkaTopic> =
        Api::namespaced(context.client.clone(), &topic.namespace().unwrap_or_default());
    let patch = json!({"metadata": {"resourceVersion": topic.resource_version(), "finalizers": finalizers}});
    let _turn = context.topic_writes.acquire().await;
    context.metrics.wrote("Finalizer");
    match api.patch(&topic.name_any(), &PatchParams::default(), &Patch::Merge(patch)).await {
        Err(error) if is_not_found(&error) => Ok(None),
        result => result.map(Some).map_err(ReconcileError::api("finalizer of a KafkaTopic")),
    }
}
