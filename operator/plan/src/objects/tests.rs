//! Objects of listeners, whole: no controller of Ingresses or Gateways and no engine of policies runs in tests.

use serde_json::{Value, json};

use super::*;
use crate::{manifest::Manifest, validate::validate, world::World};

fn cluster(listeners: &Value) -> ValidatedCluster {
    let pool = json!({"replicas": 1, "roles": ["controller", "broker"], "storage": {"type": "ephemeral"}});
    let world = World::new(json!({"kafka": {"listeners": listeners}}), &[("p", pool)]);
    validate(&world.observed, &world.settings).unwrap_or_else(|error| panic!("{error}"))
}

/// The objects without what all of them have.
fn bare(all: Vec<Manifest>) -> Vec<Value> {
    let bare = |manifest: Manifest| {
        let mut body = manifest.body;
        let metadata = body["metadata"].as_object_mut().expect("metadata");
        assert_eq!(metadata.remove("ownerReferences").expect("an owner")[0]["kind"], "KafkaCluster");
        assert_eq!(metadata.remove("namespace"), Some(json!("ns")));
        let labels = metadata["labels"].as_object_mut().expect("labels");
        labels.retain(|key, _| !key.starts_with("app.kubernetes.io/"));
        assert_eq!(labels.remove("klamm.dev/cluster"), Some(json!("c")));
        let annotations = metadata["annotations"].as_object_mut().expect("annotations");
        annotations.remove("klamm.dev/applied").expect("a digest");
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
        body
    };
    all.into_iter().map(bare).collect()
}

fn any_broker() -> Value {
    json!({"klamm.dev/cluster": "c", "klamm.dev/broker-role": "true"})
}

fn only_broker() -> Value {
    json!({"klamm.dev/cluster": "c", "statefulset.kubernetes.io/pod-name": "c-p-0"})
}

fn service(name: &str, labels: &Value, spec: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": labels}, "spec": spec})
}

#[test]
fn services_inside() {
    let cluster = cluster(&json!([
        {"name": "plain", "port": 9092, "type": "internal", "tls": false},
        {"name": "ext", "port": 9094, "type": "cluster-ip", "tls": false, "configuration": {
            "ipFamilyPolicy": "PreferDualStack", "ipFamilies": ["IPv6", "IPv4"], "publishNotReadyAddresses": true
        }}
    ]));
    let spec = |selector: Value| {
        json!({
            "type": "ClusterIP", "selector": selector, "publishNotReadyAddresses": true,
            "ipFamilyPolicy": "PreferDualStack", "ipFamilies": ["IPv6", "IPv4"],
            "ports": [{"name": "tcp-ext", "port": 9094, "protocol": "TCP"}]
        })
    };
    let expected = [
        service("c-kafka-ext-bootstrap", &json!({"klamm.dev/listener": "ext"}), spec(any_broker())),
        service(
            "c-p-ext-0",
            &json!({"klamm.dev/listener": "ext", "klamm.dev/pool": "p"}),
            spec(only_broker()),
        ),
    ];
    assert_eq!(bare(listener_services(&cluster)), expected);
    let ports = bare(vec![bootstrap_service(&cluster)])[0]["spec"]["ports"].clone();
    let names: Vec<_> = ports.as_array().expect("ports").iter().map(|port| port["name"].clone()).collect();
    assert_eq!(names, ["tcp-replication", "tcp-plain"], "the others have Services of their own");
}

#[test]
fn services_on_machines() {
    let cluster = cluster(
        &json!([{"name": "ext", "port": 9094, "type": "nodeport", "tls": false, "configuration": {
            "externalTrafficPolicy": "Local",
            "bootstrap": {"nodePort": 31000, "externalIPs": ["192.0.2.1"], "annotations": {"a": "b"}, "labels": {"l": "m"}},
            "perBrokerAnnotationsTemplate": {"dns": "{nodePodName}-{nodeId}"},
            "brokers": [{"broker": 0, "nodePort": 31001, "externalIPs": ["192.0.2.2"], "labels": {"klamm.dev/cluster": "x", "n": "o"}}]
        }}]),
    );
    let spec = |selector: Value, ip: &str, port: i32| {
        json!({
            "type": "NodePort", "selector": selector, "externalTrafficPolicy": "Local", "externalIPs": [ip],
            "ports": [{"name": "tcp-ext", "port": 9094, "protocol": "TCP", "nodePort": port}]
        })
    };
    let mut expected = [
        service(
            "c-kafka-ext-bootstrap",
            &json!({"klamm.dev/listener": "ext", "l": "m"}),
            spec(any_broker(), "192.0.2.1", 31000),
        ),
        service(
            "c-p-ext-0",
            &json!({"klamm.dev/listener": "ext", "klamm.dev/pool": "p", "n": "o"}),
            spec(only_broker(), "192.0.2.2", 31001),
        ),
    ];
    expected[0]["metadata"]["annotations"] = json!({"a": "b"});
    expected[1]["metadata"]["annotations"] = json!({"dns": "c-p-0-0"});
    assert_eq!(bare(listener_services(&cluster)), expected);
}

#[test]
fn services_of_load_balancers() {
    let of = |bootstrap: bool| {
        cluster(&json!([{"name": "ext", "port": 9094, "type": "loadbalancer", "tls": true, "configuration": {
            "class": "fast", "loadBalancerSourceRanges": ["10.0.0.0/8"], "finalizers": ["a.b/c"],
            "allocateLoadBalancerNodePorts": false, "createBootstrapService": bootstrap,
            "bootstrap": {"loadBalancerIP": "192.0.2.1"},
            "brokers": [{"broker": 0, "loadBalancerIP": "192.0.2.2"}]
        }}]))
    };
    let all = bare(listener_services(&of(true)));
    let spec = |selector: Value, ip: &str| {
        json!({
            "type": "LoadBalancer", "selector": selector, "loadBalancerClass": "fast", "loadBalancerIP": ip,
            "loadBalancerSourceRanges": ["10.0.0.0/8"], "allocateLoadBalancerNodePorts": false,
            "ports": [{"name": "tcp-ext", "port": 9094, "protocol": "TCP"}]
        })
    };
    assert_eq!(all[0]["spec"], spec(any_broker(), "192.0.2.1"));
    assert_eq!(all[1]["spec"], spec(only_broker(), "192.0.2.2"));
    assert!(all.iter().all(|one| one["metadata"]["finalizers"] == json!(["a.b/c"])));
    let without: Vec<_> = listener_services(&of(false)).into_iter().map(|one| one.name).collect();
    assert_eq!(without, ["c-p-ext-0"]);
}

#[test]
fn ingresses_pass_tls_on() {
    let cluster =
        cluster(&json!([{"name": "ext", "port": 9094, "type": "ingress", "tls": true, "configuration": {
            "class": "nginx", "hostTemplate": "k{nodeId}.example.com",
            "bootstrap": {"host": "k.example.com", "annotations": {"a": "b"}}
        }}]));
    let ingress = |name: &str, labels: Value, annotations: &[(&str, &str)], host: &str| {
        let mut all = json!({
            "ingress.kubernetes.io/ssl-passthrough": "true",
            "nginx.ingress.kubernetes.io/backend-protocol": "HTTPS",
            "nginx.ingress.kubernetes.io/ssl-passthrough": "true"
        });
        annotations.iter().for_each(|(key, value)| all[*key] = json!(value));
        let backend = json!({"service": {"name": name, "port": {"number": 9094}}});
        let paths = json!([{"path": "/", "pathType": "Prefix", "backend": backend}]);
        json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
            "metadata": {"name": name, "labels": labels, "annotations": all},
            "spec": {
                "ingressClassName": "nginx", "tls": [{"hosts": [host]}],
                "rules": [{"host": host, "http": {"paths": paths}}]
            }
        })
    };
    let expected = [
        ingress(
            "c-kafka-ext-bootstrap",
            json!({"klamm.dev/listener": "ext"}),
            &[("a", "b")],
            "k.example.com",
        ),
        ingress(
            "c-p-ext-0",
            json!({"klamm.dev/listener": "ext", "klamm.dev/pool": "p"}),
            &[],
            "k0.example.com",
        ),
    ];
    assert_eq!(bare(ingresses(&cluster)), expected);
    let services: Vec<_> = listener_services(&cluster).into_iter().map(|one| one.name).collect();
    assert_eq!(services, ["c-kafka-ext-bootstrap", "c-p-ext-0"], "they lead to Services of the same names");
}

#[test]
fn routes_are_of_their_gateways() {
    let cluster =
        cluster(&json!([{"name": "ext", "port": 9094, "type": "tlsroute", "tls": true, "configuration": {
            "parentRefs": [{"name": "gw", "namespace": "gateways", "sectionName": "kafka", "port": 443}],
            "bootstrap": {"host": "k.example.com"}, "brokers": [{"broker": 0, "host": "k0.example.com"}]
        }}]));
    let spec = |name: &str, host: &str| {
        json!({
            "parentRefs": [{"name": "gw", "namespace": "gateways", "sectionName": "kafka", "port": 443}],
            "hostnames": [host], "rules": [{"backendRefs": [{"name": name, "port": 9094}]}]
        })
    };
    let all = bare(tls_routes(&cluster));
    assert_eq!(all[0]["apiVersion"], "gateway.networking.k8s.io/v1");
    let specs: Vec<_> = all.iter().map(|one| one["spec"].clone()).collect();
    assert_eq!(specs, [spec("c-kafka-ext-bootstrap", "k.example.com"), spec("c-p-ext-0", "k0.example.com")]);
}

#[test]
fn who_may_connect_is_said_for_each_listener() {
    let peers =
        json!([{"podSelector": {"matchLabels": {"app": "a"}}}, {"ipBlock": {"cidr": "192.0.2.0/24"}}]);
    let cluster = cluster(&json!([
        {"name": "plain", "port": 9092, "type": "internal", "tls": false, "networkPolicyPeers": peers},
        {"name": "ext", "port": 9094, "type": "nodeport", "tls": false}
    ]));
    let own = json!({"podSelector": {"matchLabels": {"klamm.dev/cluster": "c"}}});
    let operator =
        json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "klamm-system"}}});
    let port = |port: i32| json!([{"port": port, "protocol": "TCP"}]);
    let expected = json!({
        "podSelector": {"matchLabels": {"klamm.dev/cluster": "c"}}, "policyTypes": ["Ingress"],
        "ingress": [
            {"ports": port(9090), "from": [own]},
            {"ports": port(9091), "from": [own, operator]},
            {"ports": port(9092), "from": peers},
            {"ports": port(9094)},
            {"ports": port(9644)}
        ]
    });
    assert_eq!(bare(vec![network_policy(&cluster, "klamm-system")])[0]["spec"], expected);
}
