//! Writing a status: by server-side apply, only when it says something else, only over the object that was read.

use std::fmt::Debug;

use kube::{
    Api, Resource, ResourceExt as _,
    api::{Patch, PatchParams},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::{
    context::{Context, FIELD_MANAGER},
    error::ReconcileError,
};

/// What came of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// It is what it was, or is written.
    Done,
    /// The object is gone, or changed since it was read.
    Outdated,
}

/// Writes `after` as the status of `object` unless it is `before`.
pub(crate) async fn write<K, S>(
    context: &Context,
    api: &Api<K>,
    object: &K,
    before: Option<&S>,
    after: &S,
) -> Result<Written, ReconcileError>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug,
    S: Serialize + PartialEq,
{
    if before == Some(after) {
        return Ok(Written::Done);
    }
    let name = object.name_any();
    // The version that was read: a status is never laid over an object that changed meanwhile.
    let metadata = json!({"name": name, "resourceVersion": object.resource_version()});
    let patch = json!({
        "apiVersion": K::api_version(&()), "kind": K::kind(&()), "metadata": metadata, "status": after
    });
    context.metrics.wrote("Status");
    let parameters = PatchParams::apply(FIELD_MANAGER).force();
    match api.patch_status(&name, &parameters, &Patch::Apply(patch)).await {
        // It is gone, or it changed since it was read: that is heard of, and looked at again.
        Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Ok(Written::Outdated),
        result => result
            .map(|_| Written::Done)
            .map_err(ReconcileError::api(format!("status of {} {name}", K::kind(&())))),
    }
}
