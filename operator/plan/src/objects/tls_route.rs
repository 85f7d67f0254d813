//! The TLSRoutes of listeners: Gateways lead each host to its Service. The Gateway API may not be there.

use operator_api::{Listener, ListenerType};
use serde_json::json;

use crate::{manifest::Manifest, validated::ValidatedCluster};

/// The API version of TLSRoutes.
pub(super) const VERSION: &str = "gateway.networking.k8s.io/v1";

/// All of them.
pub(crate) fn tls_routes(cluster: &ValidatedCluster) -> Vec<Manifest> {
    let listeners = cluster.listeners.iter().filter(|listener| listener.kind == ListenerType::TlsRoute);
    let of = |listener: &Listener| {
        let hosts = super::by_host(cluster, listener).into_iter();
        hosts.map(|one| route(cluster, listener, one)).collect::<Vec<_>>()
    };
    listeners.flat_map(of).collect()
}

fn route(
    cluster: &ValidatedCluster,
    listener: &Listener,
    super::ByHost { name, host, pool, metadata }: super::ByHost,
) -> Manifest {
    let parents = listener.configuration.as_ref().map(|stated| stated.parent_refs.clone());
    let route = json!({
        "metadata": super::of_listener(cluster, listener, &name, pool.as_deref(), metadata),
        "spec": {
            "parentRefs": parents.unwrap_or_default(),
            "hostnames": [host],
            // The Service of the same name.
            "rules": [{"backendRefs": [{"name": name, "port": listener.port}]}],
        },
    });
    Manifest::new(VERSION, "TLSRoute", &name, &route)
}
