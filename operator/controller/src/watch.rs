//! Watching a kind: what cannot be read is kept as such, and fields that nobody needs are not kept at all.

use std::fmt::Debug;

use futures::{Stream, StreamExt as _, TryStreamExt as _};
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
use tokio_util::sync::CancellationToken;

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

/// All objects that a watch has seen.
pub(crate) struct Seen<K: Resource<DynamicType = ()> + Clone + 'static> {
    /// The objects.
    pub(crate) store: Store<Guarded<K>>,
    /// Cancelled once the first list is complete. The store's own readiness wakes only one of those who wait for it.
    pub(crate) is_complete: CancellationToken,
}

impl<K: Resource<DynamicType = ()> + Clone + 'static> Clone for Seen<K> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), is_complete: self.is_complete.clone() }
    }
}

/// Watches `api`: a stream of changed objects, and all that were seen. `hears` is told of each event once it is among
/// them.
pub(crate) fn watch<K>(
    api: Api<Guarded<K>>,
    hears: impl Fn(&watcher::Event<Guarded<K>>, &Store<Guarded<K>>) + Send + 'static,
) -> (impl Stream<Item = Result<Guarded<K>, watcher::Error>> + Send + 'static, Seen<K>)
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
{
    let (store, writer) = reflector::store();
    let seen = Seen { store, is_complete: CancellationToken::new() };
    let (is_complete, all) = (seen.is_complete.clone(), seen.store.clone());
    let stream = watcher(api, watcher::Config::default())
        .default_backoff()
        .modify(|object: &mut Guarded<K>| object.managed_fields_mut().clear())
        .reflect(writer)
        .inspect_ok(move |event| {
            hears(event, &all);
            if matches!(event, watcher::Event::InitDone) {
                is_complete.cancel();
            }
        })
        .applied_objects()
        .boxed();
    (stream, seen)
}
