//! The Ingresses of listeners: one host for the first connection, and one for each broker, with TLS passed on.

use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule, IngressServiceBackend,
    IngressSpec, IngressTLS, ServiceBackendPort,
};
use operator_api::{Listener, ListenerType, MetadataTemplate};

use crate::{listeners::Stated, manifest::Manifest, validated::ValidatedCluster};

/// What controllers of Ingresses are told by, for want of a field: they pass TLS on instead of ending it.
const PASS_THROUGH: [(&str, &str); 3] = [
    ("ingress.kubernetes.io/ssl-passthrough", "true"),
    ("nginx.ingress.kubernetes.io/backend-protocol", "HTTPS"),
    ("nginx.ingress.kubernetes.io/ssl-passthrough", "true"),
];

/// All of them.
pub(crate) fn ingresses(cluster: &ValidatedCluster) -> Vec<Manifest> {
    let listeners = cluster.listeners.iter().filter(|listener| listener.kind == ListenerType::Ingress);
    let of = |listener: &Listener| {
        let stated = Stated::of(listener);
        let hosts = super::by_host(cluster, listener);
        let class = stated.get(|all| all.class.clone());
        let one = |one: super::ByHost| ingress(cluster, listener, class.clone(), one);
        hosts.into_iter().map(one).collect::<Vec<_>>()
    };
    listeners.flat_map(of).collect()
}

fn ingress(
    cluster: &ValidatedCluster,
    listener: &Listener,
    class: Option<String>,
    super::ByHost { name, host, pool, metadata }: super::ByHost,
) -> Manifest {
    let mut annotations: std::collections::BTreeMap<_, _> =
        PASS_THROUGH.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    annotations.extend(metadata.annotations);
    let metadata = MetadataTemplate { annotations, labels: metadata.labels };
    let port = ServiceBackendPort { number: Some(listener.port), name: None };
    // The Service of the same name.
    let backend = IngressServiceBackend { name: name.clone(), port: Some(port) };
    let path = HTTPIngressPath {
        path: Some("/".to_owned()),
        path_type: "Prefix".to_owned(),
        backend: IngressBackend { service: Some(backend), resource: None },
    };
    let ingress = Ingress {
        metadata: super::of_listener(cluster, listener, &name, pool.as_deref(), metadata),
        spec: Some(IngressSpec {
            ingress_class_name: class,
            rules: Some(vec![IngressRule {
                host: Some(host.clone()),
                http: Some(HTTPIngressRuleValue { paths: vec![path] }),
            }]),
            tls: Some(vec![IngressTLS { hosts: Some(vec![host]), secret_name: None }]),
            ..IngressSpec::default()
        }),
        ..Ingress::default()
    };
    Manifest::new("networking.k8s.io/v1", "Ingress", &name, &ingress)
}
