//! What nodes say that they have loaded.

use std::collections::BTreeMap;

use operator_api::{Listener, ListenerAuthentication};

use crate::{names::Names, objects::upper, observed::PodState, validated::ValidatedCluster};

/// What one end of a listener's connections uses, by digests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InUse {
    /// The listener, as the node calls it.
    pub listener: String,
    /// Of its key and certificate.
    pub keystore: String,
    /// Of what it trusts.
    pub truststore: String,
}

/// What pods said, by name; `None` for one that did not answer.
pub type NodesTold = BTreeMap<String, Option<Vec<InUse>>>;

/// Whether every pod that runs says that `is_so` of what it uses. A pod without an address reads the files as they are
/// when it starts.
///
/// # Errors
/// Which does not, for people.
pub(super) fn all(
    pods: &[PodState],
    told: &NodesTold,
    what: &str,
    is_so: impl Fn(&str, &[InUse]) -> bool,
) -> Result<(), String> {
    for pod in pods.iter().filter(|pod| pod.ip.is_some()) {
        match told.get(&pod.name) {
            Some(Some(in_use)) if is_so(&pod.name, in_use) => {}
            Some(Some(_)) => return Err(format!("pod {} {what}", pod.name)),
            Some(None) | None => return Err(format!("pod {} does not say what it uses", pod.name)),
        }
    }
    Ok(())
}

/// The listeners on which nodes trust the cluster's authority.
pub(super) fn is_own(listener: &str) -> bool {
    crate::objects::OWN_LISTENERS.iter().any(|own| upper(own) == listener)
}

/// The listeners on which clients show a certificate.
pub(super) fn asks_clients(cluster: &ValidatedCluster, listener: &str) -> bool {
    let asks = |one: &Listener| one.asks_for(ListenerAuthentication::TLS);
    cluster.listeners.iter().any(|one| asks(one) && upper(&one.name) == listener)
}

/// Whether a listener shows a certificate of its own, and not the node's.
pub(super) fn has_own(cluster: &ValidatedCluster, listener: &str) -> bool {
    cluster.own_certificates.iter().any(|one| upper(one) == listener)
}

/// The entry of the operator's own certificate.
pub(super) const OPERATOR_ENTRY: &str = "cluster-operator.pem";

/// The entry of a pod's certificate.
pub(crate) fn entry(pod: &str) -> String {
    format!("{pod}.pem")
}

/// The entry of the certificate of a listener's own.
pub(crate) fn own_entry(listener: &str) -> String {
    format!("listener-{listener}.pem")
}

/// The hosts by which the pod is reached from inside of Kubernetes.
pub(super) fn hosts(names: &Names, pod: &str) -> Vec<String> {
    let own = format!("{pod}.{}", names.brokers_service());
    [own, names.bootstrap_service()].iter().flat_map(|host| names.forms(host)).collect()
}
