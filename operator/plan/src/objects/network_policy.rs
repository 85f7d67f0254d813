//! The NetworkPolicy: control plane for the cluster's own pods, replication for them and the operator, listeners for
//! the peers that they name, the admin port (read-only in plain) for everybody.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::networking::v1::{
        NetworkPolicy, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec,
    },
    apimachinery::pkg::util::intstr::IntOrString,
};

use super::{ADMIN, CONTROL_PLANE, REPLICATION};
use crate::{manifest::Manifest, validated::ValidatedCluster};

pub(crate) fn network_policy(cluster: &ValidatedCluster, operator_namespace: &str) -> Manifest {
    let name = cluster.names.shared();
    let own = || NetworkPolicyPeer {
        pod_selector: Some(super::selector(super::cluster_selector(cluster))),
        ..NetworkPolicyPeer::default()
    };
    let namespace = ("kubernetes.io/metadata.name".to_owned(), operator_namespace.to_owned());
    let operator = NetworkPolicyPeer {
        namespace_selector: Some(super::selector(BTreeMap::from([namespace]))),
        ..NetworkPolicyPeer::default()
    };
    let mut ingress =
        vec![rule(CONTROL_PLANE.1, Some(vec![own()])), rule(REPLICATION.1, Some(vec![own(), operator]))];
    let users = cluster.listeners.iter();
    ingress.extend(users.map(|listener| rule(listener.port, listener.network_policy_peers.clone())));
    ingress.push(rule(ADMIN.1, None));
    let policy = NetworkPolicy {
        metadata: super::owned(cluster, &name, None, None),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(super::selector(super::cluster_selector(cluster))),
            policy_types: Some(vec!["Ingress".to_owned()]),
            ingress: Some(ingress),
            ..NetworkPolicySpec::default()
        }),
    };
    Manifest::new("networking.k8s.io/v1", "NetworkPolicy", &name, &policy)
}

fn rule(port: i32, from: Option<Vec<NetworkPolicyPeer>>) -> NetworkPolicyIngressRule {
    let port = NetworkPolicyPort {
        port: Some(IntOrString::Int(port)),
        protocol: Some("TCP".to_owned()),
        ..NetworkPolicyPort::default()
    };
    NetworkPolicyIngressRule { from, ports: Some(vec![port]) }
}
