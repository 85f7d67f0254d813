//! An object that the API server took and that we cannot read: it says so in its status, and stops nobody else.

use kube::{
    Api, Client, Resource,
    api::{ApiResource, DynamicObject, Patch, PatchParams},
    core::error_boundary::InvalidObject,
};
use operator_api::{Condition, ConditionType};
use operator_plan::conditions::{Wanted, merge};
use serde_json::{Value, json};

use crate::{
    clock,
    context::Context,
    error::{ReconcileError, is_not_found},
};

/// Reports an object of kind `K` that cannot be read.
pub(crate) async fn report<K>(context: &Context, invalid: &InvalidObject) -> Result<(), ReconcileError>
where
    K: Resource<DynamicType = ()>,
{
    let name = invalid.metadata.name.clone().unwrap_or_default();
    let api = raw_api::<K>(&context.client, invalid.metadata.namespace.as_deref().unwrap_or_default());
    let doing = || format!("{} {name}", K::kind(&()));
    let object = match api.get(&name).await {
        Err(error) if is_not_found(&error) => return Ok(()),
        object => object.map_err(ReconcileError::api(doing()))?,
    };
    let before: Vec<Condition> = object
        .data
        .pointer("/status/conditions")
        .cloned()
        .and_then(|conditions: Value| serde_json::from_value(conditions).ok())
        .unwrap_or_default();
    let wanted =
        [Wanted::no(ConditionType::Ready, "Malformed", format!("cannot be read: {}", invalid.error))];
    let after = merge(&before, &wanted, object.metadata.generation, &clock::now());
    if before == after {
        return Ok(());
    }
    tracing::warn!(kind = %K::kind(&()), name, error = invalid.error, "malformed");
    // A merge: the rest of the status, which we do not know now, must not go.
    let patch = json!({"status": {"conditions": after}});
    context.metrics.wrote("Status");
    let patched = api.patch_status(&name, &PatchParams::default(), &Patch::Merge(patch)).await;
    patched.map(drop).map_err(ReconcileError::api(doing()))
}

fn raw_api<K: Resource<DynamicType = ()>>(client: &Client, namespace: &str) -> Api<DynamicObject> {
    Api::namespaced_with(client.clone(), namespace, &ApiResource::erase::<K>(&()))
}
