//! Which fields go with which type of listener.

use operator_api::{
    Listener, ListenerConfiguration, ListenerObjects,
    ListenerType::{self, ClusterIp, Ingress, Internal, LoadBalancer, NodePort, TlsRoute},
};

use crate::validate::Invalid;

const BALANCED: &[ListenerType] = &[LoadBalancer];
const ON_MACHINES: &[ListenerType] = &[NodePort];
const WITH_NODE_PORTS: &[ListenerType] = &[NodePort, LoadBalancer];
const WITH_CLASS: &[ListenerType] = &[LoadBalancer, Ingress];
const BY_HOST: &[ListenerType] = &[Ingress, TlsRoute];
const INSIDE: &[ListenerType] = &[Internal, ClusterIp];
const WITH_OBJECTS: &[ListenerType] = &[ClusterIp, NodePort, LoadBalancer, Ingress, TlsRoute];

/// A field, whether it is stated, and the types that it goes with.
type Field = (&'static str, bool, &'static [ListenerType]);

/// Checks what is stated against the listener's type.
pub(super) fn check(listener: &Listener, stated: &ListenerConfiguration, path: &str) -> Result<(), Invalid> {
    if stated.broker_cert_chain_and_key.is_some() && !listener.tls {
        let reason = "a certificate needs tls: true";
        return Err(Invalid::new(format!("{path}.brokerCertChainAndKey"), reason));
    }
    fit(listener, &whole(stated), path)?;
    if let Some(bootstrap) = &stated.bootstrap {
        fit(listener, &of_objects(&bootstrap.objects), &format!("{path}.bootstrap"))?;
    }
    for (at, broker) in stated.brokers.iter().enumerate() {
        fit(listener, &of_objects(&broker.objects), &format!("{path}.brokers[{at}]"))?;
    }
    Ok(())
}

fn fit(listener: &Listener, fields: &[Field], path: &str) -> Result<(), Invalid> {
    let mut wrong =
        fields.iter().filter(|(_, is_stated, kinds)| *is_stated && !kinds.contains(&listener.kind));
    let Some((name, _, kinds)) = wrong.next() else { return Ok(()) };
    let kinds: Vec<_> = kinds.iter().map(|kind| word(*kind)).collect();
    let reason = format!("goes with {}, and not with {}", kinds.join(", "), word(listener.kind));
    Err(Invalid::new(format!("{path}.{name}"), reason))
}

fn whole(stated: &ListenerConfiguration) -> [Field; 15] {
    [
        ("class", stated.class.is_some(), WITH_CLASS),
        ("preferredNodePortAddressType", stated.preferred_node_port_address_type.is_some(), ON_MACHINES),
        ("externalTrafficPolicy", stated.external_traffic_policy.is_some(), WITH_NODE_PORTS),
        ("loadBalancerSourceRanges", !stated.load_balancer_source_ranges.is_empty(), BALANCED),
        ("finalizers", !stated.finalizers.is_empty(), BALANCED),
        ("allocateLoadBalancerNodePorts", stated.allocate_load_balancer_node_ports.is_some(), BALANCED),
        ("createBootstrapService", stated.create_bootstrap_service == Some(false), BALANCED),
        ("useServiceDnsDomain", stated.use_service_dns_domain.is_some(), INSIDE),
        ("ipFamilyPolicy", stated.ip_family_policy.is_some(), WITH_OBJECTS),
        ("ipFamilies", !stated.ip_families.is_empty(), WITH_OBJECTS),
        ("publishNotReadyAddresses", stated.publish_not_ready_addresses.is_some(), WITH_OBJECTS),
        ("hostTemplate", stated.host_template.is_some(), BY_HOST),
        ("perBrokerAnnotationsTemplate", !stated.per_broker_annotations_template.is_empty(), WITH_OBJECTS),
        ("perBrokerLabelsTemplate", !stated.per_broker_labels_template.is_empty(), WITH_OBJECTS),
        ("parentRefs", !stated.parent_refs.is_empty(), &[TlsRoute]),
    ]
}

fn of_objects(stated: &ListenerObjects) -> [Field; 6] {
    [
        ("host", stated.host.is_some(), BY_HOST),
        ("nodePort", stated.node_port.is_some(), WITH_NODE_PORTS),
        ("loadBalancerIP", stated.load_balancer_ip.is_some(), BALANCED),
        ("externalIPs", !stated.external_ips.is_empty(), ON_MACHINES),
        ("annotations", !stated.annotations.is_empty(), WITH_OBJECTS),
        ("labels", !stated.labels.is_empty(), WITH_OBJECTS),
    ]
}

fn word(kind: ListenerType) -> &'static str {
    match kind {
        Internal => "internal",
        ClusterIp => "cluster-ip",
        NodePort => "nodeport",
        LoadBalancer => "loadbalancer",
        Ingress => "ingress",
        TlsRoute => "tlsroute",
    }
}
