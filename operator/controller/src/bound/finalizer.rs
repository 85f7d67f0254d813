//! Our finalizer on a resource: there exactly while deletion has something to do.

use kube::{
    Api, ResourceExt as _,
    api::{Patch, PatchParams},
};
use serde_json::json;

use super::Kind;
use crate::{
    context::Context,
    error::{ReconcileError, is_not_found},
};

/// Puts it on. Gives the resource as it is then, unless it is gone.
pub(crate) async fn add<K: Kind>(context: &Context, object: &K) -> Result<Option<K>, ReconcileError> {
    let mut finalizers = object.finalizers().to_vec();
    finalizers.push(K::FINALIZER.to_owned());
    set_finalizers(context, object, &finalizers).await
}

/// Takes it off. Gives the resource as it is then, unless it is gone or had none.
pub(crate) async fn remove<K: Kind>(context: &Context, object: &K) -> Result<Option<K>, ReconcileError> {
    let (ours, others): (Vec<_>, Vec<_>) =
        object.finalizers().iter().cloned().partition(|name| name == K::FINALIZER);
    if ours.is_empty() {
        return Ok(None);
    }
    set_finalizers(context, object, &others).await
}

/// Finalizers are one list for all of their owners: it is replaced over the version that was read. Gives the resource
/// as it is then, unless it is gone.
async fn set_finalizers<K: Kind>(
    context: &Context,
    object: &K,
    finalizers: &[String],
) -> Result<Option<K>, ReconcileError> {
    let api: Api<K> = Api::namespaced(context.client.clone(), &object.namespace().unwrap_or_default());
    let patch = json!({"metadata": {"resourceVersion": object.resource_version(), "finalizers": finalizers}});
    let _turn = context.bound_writes.acquire().await;
    context.metrics.wrote("Finalizer");
    match api.patch(&object.name_any(), &PatchParams::default(), &Patch::Merge(patch)).await {
        Err(error) if is_not_found(&error) => Ok(None),
        result => result.map(Some).map_err(ReconcileError::api(format!("finalizer of a {}", K::kind(&())))),
    }
}
