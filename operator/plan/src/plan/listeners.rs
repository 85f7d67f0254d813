//! What is reported of where clients connect.

use operator_api::{Listener, ListenerAddress, ListenerStatus};

use crate::{listeners::Addresses, observed::Observed, validated::ValidatedCluster};

/// Where clients of each listener begin, and what vouches for it.
pub(super) fn of(
    cluster: &ValidatedCluster,
    observed: &Observed,
    addresses: &Addresses,
) -> Vec<ListenerStatus> {
    let status = |listener: &Listener| {
        let bootstrap = addresses.get(&listener.name).bootstrap;
        let servers: Vec<_> = bootstrap.iter().map(ToString::to_string).collect();
        let addresses = bootstrap.into_iter();
        ListenerStatus {
            name: listener.name.clone(),
            addresses: addresses.map(|one| ListenerAddress { host: one.host, port: one.port }).collect(),
            bootstrap_servers: servers.join(","),
            certificates: certificates(cluster, observed, listener),
        }
    };
    cluster.listeners.iter().map(status).collect()
}

fn certificates(cluster: &ValidatedCluster, observed: &Observed, listener: &Listener) -> Vec<String> {
    if !listener.tls {
        return Vec::new();
    }
    if cluster.own_certificates.contains(&listener.name) {
        return match observed.certificates.own.get(&listener.name) {
            Some(Ok(own)) => vec![own.chain.clone()],
            // It shows what it showed before.
            _ => before(observed, &listener.name),
        };
    }
    let trusted = observed.certificates.cluster.public.as_ref();
    trusted.map(|public| public.pem.clone()).into_iter().collect()
}

fn before(observed: &Observed, listener: &str) -> Vec<String> {
    let status = observed.cluster.status.iter().flat_map(|status| &status.listeners);
    status.filter(|one| one.name == listener).flat_map(|one| one.certificates.clone()).collect()
}
