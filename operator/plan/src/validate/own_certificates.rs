//! `brokerCertChainAndKey`: certificates of the user's. One that cannot be used is a Warning: the listener shows what it
//! showed before, or the broker's own certificate.

use std::collections::BTreeSet;

use crate::{certificates::own_entry, conditions::Warning, observed::Observed, validated::ValidatedCluster};

/// The listeners that have one: now, or taken over before.
pub(super) fn usable(cluster: &ValidatedCluster, observed: &Observed) -> BTreeSet<String> {
    let all = cluster.listeners.iter().filter(|listener| listener.certificate_source().is_some());
    let is_usable = |name: &str| {
        let entry = own_entry(name);
        let is_taken = |secret: &str| {
            let found = observed.certificates.issued.get(secret);
            found.is_some_and(|found| matches!(found.leaves.get(&entry), Some(Some(_))))
        };
        matches!(observed.certificates.own.get(name), Some(Ok(_)))
            || cluster.pools.iter().any(|pool| is_taken(&cluster.names.pool_certificates(&pool.name)))
    };
    all.filter(|listener| is_usable(&listener.name)).map(|listener| listener.name.clone()).collect()
}

/// Warns of those that cannot be used.
pub(super) fn check(cluster: &mut ValidatedCluster, observed: &Observed) {
    for (at, listener) in cluster.listeners.iter().enumerate() {
        let Some(source) = listener.certificate_source() else { continue };
        let why = match observed.certificates.own.get(&listener.name) {
            Some(Ok(_)) => continue,
            Some(Err(why)) => why.clone(),
            // Nothing but manifests is known.
            None => continue,
        };
        let shows = if cluster.own_certificates.contains(&listener.name) {
            "the one that was taken over before"
        } else {
            "the brokers' own certificates"
        };
        let message = format!(
            "spec.kafka.listeners[{at}].configuration.brokerCertChainAndKey: Secret {}: {why}; listener {} shows {shows}",
            source.secret_name, listener.name
        );
        cluster.warnings.push(Warning::new("ListenerCertificate", message));
    }
}
