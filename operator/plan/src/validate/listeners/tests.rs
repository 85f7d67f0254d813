//! Each field goes with the types that it has an effect on, and is refused with its path elsewhere.

use serde_json::{Value, json};

use crate::{
    validate::{Invalid, validate},
    world::World,
};

fn check(listeners: &Value) -> Result<Vec<String>, Invalid> {
    let nodes = |replicas: i32, role: &str| json!({"replicas": replicas, "roles": [role], "storage": {"type": "persistent-claim", "size": "1Gi"}});
    let pools = [("b", nodes(2, "broker")), ("k", nodes(1, "controller"))];
    let world = World::new(json!({"kafka": {"listeners": listeners}}), &pools);
    let cluster = validate(&world.observed, &world.settings)?;
    Ok(cluster
        .warnings
        .into_iter()
        .map(|warning| format!("{}: {}", warning.reason, warning.message))
        .collect())
}

fn one(kind: &str, configuration: &Value) -> Result<Vec<String>, Invalid> {
    let mut configuration = configuration.clone();
    if kind == "ingress" || kind == "tlsroute" {
        let bootstrap = &mut configuration["bootstrap"];
        bootstrap["host"] = json!("b.example.com");
        if configuration["brokers"].is_null() {
            configuration["hostTemplate"] = json!("b{nodeId}.example.com");
        }
    }
    if kind == "tlsroute" {
        configuration["parentRefs"] = json!([{"name": "gw"}]);
    }
    check(&json!([{"name": "ext", "port": 9094, "type": kind, "tls": true, "configuration": configuration}]))
}

const ALL: [&str; 6] = ["internal", "cluster-ip", "nodeport", "loadbalancer", "ingress", "tlsroute"];
const OUTSIDE: &[&str] = &["cluster-ip", "nodeport", "loadbalancer", "ingress", "tlsroute"];
const PORTS: &[&str] = &["nodeport", "loadbalancer"];
const BALANCED: &[&str] = &["loadbalancer"];

#[test]
fn fields_go_with_the_types_that_they_have_an_effect_on() {
    let certificate = json!({"secretName": "s", "certificate": "c", "key": "k"});
    let cases: Vec<(&str, Value, &[&str])> = vec![
        ("class", json!("x"), &["loadbalancer", "ingress"]),
        ("preferredNodePortAddressType", json!("InternalDNS"), &["nodeport"]),
        ("externalTrafficPolicy", json!("Local"), PORTS),
        ("loadBalancerSourceRanges", json!(["10.0.0.0/8"]), BALANCED),
        ("finalizers", json!(["service.kubernetes.io/load-balancer-cleanup"]), BALANCED),
        ("allocateLoadBalancerNodePorts", json!(false), BALANCED),
        ("createBootstrapService", json!(false), BALANCED),
        ("createBootstrapService", json!(true), &ALL),
        ("useServiceDnsDomain", json!(true), &["internal", "cluster-ip"]),
        ("ipFamilyPolicy", json!("PreferDualStack"), OUTSIDE),
        ("ipFamilies", json!(["IPv6"]), OUTSIDE),
        ("publishNotReadyAddresses", json!(true), OUTSIDE),
        ("maxConnections", json!(10), &ALL),
        ("maxConnectionCreationRate", json!(10), &ALL),
        ("advertisedHostTemplate", json!("h{nodeId}"), &ALL),
        ("advertisedPortTemplate", json!("9000 + {nodeId}"), &ALL),
        ("hostTemplate", json!("h{nodeId}"), &["ingress", "tlsroute"]),
        ("perBrokerAnnotationsTemplate", json!({"a/b": "{nodePodName}"}), OUTSIDE),
        ("perBrokerLabelsTemplate", json!({"a": "{nodeId}"}), OUTSIDE),
        ("parentRefs", json!([{"name": "gw", "sectionName": "kafka"}]), &["tlsroute"]),
        ("brokerCertChainAndKey", certificate, &ALL),
        ("bootstrap.alternativeNames", json!(["x.example.com"]), &ALL),
        ("bootstrap.host", json!("x.example.com"), &["ingress", "tlsroute"]),
        ("bootstrap.nodePort", json!(31000), PORTS),
        ("bootstrap.loadBalancerIP", json!("192.0.2.1"), BALANCED),
        ("bootstrap.externalIPs", json!(["192.0.2.1"]), &["nodeport"]),
        ("bootstrap.annotations", json!({"a": "any thing"}), OUTSIDE),
        ("bootstrap.labels", json!({"a": "b"}), OUTSIDE),
        ("brokers[0].advertisedHost", json!("x"), &ALL),
        ("brokers[0].advertisedPort", json!(1), &ALL),
        ("brokers[0].nodePort", json!(31000), PORTS),
        ("brokers[0].loadBalancerIP", json!("192.0.2.1"), BALANCED),
        ("brokers[0].externalIPs", json!(["192.0.2.1"]), &["nodeport"]),
        ("brokers[0].annotations", json!({"a": "b"}), OUTSIDE),
        ("brokers[0].labels", json!({"a": "b"}), OUTSIDE),
    ];
    for (field, value, kinds) in cases {
        for kind in ALL {
            let configuration = match field.split_once('.') {
                None => json!({field: value}),
                Some(("bootstrap", name)) => json!({"bootstrap": {name: value}}),
                Some((_, name)) if kind == "ingress" || kind == "tlsroute" => {
                    let (mut first, second) =
                        (json!({"broker": 0, "host": "a"}), json!({"broker": 1, "host": "b"}));
                    first[name] = value.clone();
                    json!({"brokers": [first, second]})
                }
                Some((_, name)) => json!({"brokers": [{"broker": 0, name: value}]}),
            };
            let expected = if kinds.contains(&kind) {
                Ok(Vec::new())
            } else {
                Err(format!("spec.kafka.listeners[0].configuration.{field}"))
            };
            let found = one(kind, &configuration).map_err(|error| error.field);
            assert_eq!(found, expected, "{kind} {field}");
        }
    }
}

#[test]
fn values_are_what_kubernetes_takes() {
    let cases = [
        (
            "loadbalancer",
            json!({"loadBalancerSourceRanges": ["10.0.0.0/8", "10.0.0.0/33"]}),
            "loadBalancerSourceRanges[1]",
        ),
        ("loadbalancer", json!({"finalizers": ["word"]}), "finalizers[0]"),
        ("loadbalancer", json!({"bootstrap": {"loadBalancerIP": "x"}}), "bootstrap.loadBalancerIP"),
        ("nodeport", json!({"bootstrap": {"externalIPs": ["x"]}}), "bootstrap.externalIPs[0]"),
        ("nodeport", json!({"ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv4", "IPv6"]}), "ipFamilies"),
        ("nodeport", json!({"perBrokerLabelsTemplate": {"a": "{pod}"}}), "perBrokerLabelsTemplate['a']"),
        (
            "nodeport",
            json!({"perBrokerAnnotationsTemplate": {"a b": "c"}}),
            "perBrokerAnnotationsTemplate['a b']",
        ),
        ("nodeport", json!({"advertisedHostTemplate": "a,b"}), "advertisedHostTemplate"),
        ("nodeport", json!({"advertisedPortTemplate": "65535 + {nodeId}"}), "advertisedPortTemplate"),
        (
            "nodeport",
            json!({"brokers": [{"broker": 0, "advertisedHost": "a b"}]}),
            "brokers[0].advertisedHost",
        ),
        ("nodeport", json!({"brokers": [{"broker": 0}, {"broker": 0}]}), "brokers[1].broker"),
        (
            "nodeport",
            json!({"bootstrap": {"nodePort": 31000}, "brokers": [{"broker": 0, "nodePort": 31000}]}),
            "brokers[0].nodePort",
        ),
        ("internal", json!({"bootstrap": {"alternativeNames": ["a b"]}}), "bootstrap.alternativeNames[0]"),
        ("ingress", json!({"brokers": [{"broker": 0, "host": "x"}]}), "brokers"),
        ("ingress", json!({"brokers": [{"broker": 0, "host": "x"}, {"broker": 1, "host": "x"}]}), "brokers"),
    ];
    for (kind, configuration, field) in cases {
        let error = one(kind, &configuration).expect_err("it is wrong");
        assert_eq!(error.field, format!("spec.kafka.listeners[0].configuration.{field}"), "{error}");
    }
}

#[test]
fn an_ingress_needs_hosts_and_tls_and_a_route_its_gateway() {
    let listener = |kind: &str, tls: bool, configuration: &Value| json!([{"name": "ext", "port": 9094, "type": kind, "tls": tls, "configuration": configuration}]);
    let cases = [
        (listener("ingress", false, &json!({})), "spec.kafka.listeners[0].tls"),
        (listener("ingress", true, &json!({})), "spec.kafka.listeners[0].configuration.bootstrap.host"),
        (
            listener("ingress", true, &json!({"bootstrap": {"host": "a"}})),
            "spec.kafka.listeners[0].configuration.brokers",
        ),
        (listener("tlsroute", true, &json!({})), "spec.kafka.listeners[0].configuration.parentRefs"),
        (
            listener(
                "nodeport",
                false,
                &json!({"brokerCertChainAndKey": {"secretName": "s", "certificate": "c", "key": "k"}}),
            ),
            "spec.kafka.listeners[0].configuration.brokerCertChainAndKey",
        ),
    ];
    for (listeners, field) in cases {
        assert_eq!(check(&listeners).expect_err("it is wrong").field, field, "{listeners}");
    }
}

#[test]
fn settings_of_brokers_that_there_are_not_are_a_warning() {
    let warnings = one("nodeport", &json!({"brokers": [{"broker": 7, "nodePort": 31000}]}));
    let expected = "ListenerBrokers: spec.kafka.listeners[0].configuration.brokers: listener ext has settings of brokers that \
                    there are not: 7";
    assert_eq!(warnings, Ok(vec![expected.to_owned()]));
}
