//! Watching a kind: what cannot be read is kept as such, and fields that nobody needs are not kept at all.

use std::fmt::Debug;

use futures::{Stream, StreamExt as _};
use kube::{
    Api, Client, Resource, ResourceExt as _,
    core::DeserializeGuard,
    runtime::{
        WatchStreamExt as _,
        reflector::{self, Store},
        watcher,
    },
};
use serde::de::DeserializeOwned;

/// The objects of one kind and place.
pub(crate) type Guarded<K> = DeserializeGuard<K>;

/// The API for `K` in `namespace`, or in all of them.
pub(crate) fn api<K>(client: &Client, namespace: Option<&str>) -> Api<K>
where
    K: Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
{
    match namespace {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    }
}

/// Watches `api`: a stream of changed objects, and all that were seen.
pub(crate) fn watch<K>(
    api: Api<Guarded<K>>,
) -> (impl Stream<Item = Result<Guarded<K>, watcher::Error>> + Send + 'static, Store<Guarded<K>>)
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
{
    let (store, writer) = reflector::store();
    let stream = watcher(api, watcher::Config::default())
        .default_backoff()
        .modify(|object: &mut Guarded<K>| object.managed_fields_mut().clear())
        .reflect(writer)
        .applied_objects()
        .boxed();
    (stream, store)
}
