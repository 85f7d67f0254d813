//! The addresses of the machines that pods run on: listeners of type `nodeport` need them, and nobody else reads them.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Node;
use kube::Api;
use operator_api::{KafkaCluster, ListenerType, NodeAddressType};
use operator_plan::observed::PodState;

use crate::{context::Context, error::ReconcileError};

/// Addresses by machine and kind; those of machines that are gone or may not be read are not there.
pub(super) async fn read(
    context: &Context,
    cluster: &KafkaCluster,
    pods: &[PodState],
) -> Result<BTreeMap<String, BTreeMap<NodeAddressType, String>>, ReconcileError> {
    let mut known = BTreeMap::new();
    if cluster.spec.kafka.listeners.iter().all(|listener| listener.kind != ListenerType::NodePort) {
        return Ok(known);
    }
    let nodes: Api<Node> = Api::all(context.client.clone());
    let machines: BTreeSet<_> = pods.iter().filter_map(|pod| pod.node.as_ref()).collect();
    for machine in machines {
        match nodes.get(machine).await {
            Err(kube::Error::Api(status)) if matches!(status.code, 403 | 404) => {}
            Err(error) => return Err(ReconcileError::api("reading a Node")(error)),
            Ok(node) => drop(known.insert(machine.clone(), addresses(&node))),
        }
    }
    Ok(known)
}

/// The first address of each kind.
fn addresses(node: &Node) -> BTreeMap<NodeAddressType, String> {
    let all = node.status.iter().flat_map(|status| status.addresses.iter().flatten());
    let mut known = BTreeMap::new();
    for one in all {
        let Ok(kind) = serde_json::from_value::<NodeAddressType>(one.type_.clone().into()) else { continue };
        known.entry(kind).or_insert_with(|| one.address.clone());
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_has_addresses_of_several_kinds() {
        let node: Node = serde_json::from_value(serde_json::json!({
            "metadata": {"name": "n"},
            "status": {"addresses": [
                {"type": "InternalIP", "address": "10.0.0.1"},
                {"type": "InternalIP", "address": "fd00::1"},
                {"type": "Hostname", "address": "n"},
                {"type": "Odd", "address": "x"}
            ]}
        }))
        .expect("a node");
        let expected = [(NodeAddressType::InternalIp, "10.0.0.1"), (NodeAddressType::Hostname, "n")];
        assert_eq!(addresses(&node), expected.map(|(kind, text)| (kind, text.to_owned())).into());
    }
}
