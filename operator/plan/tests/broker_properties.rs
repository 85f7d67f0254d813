//! The properties file that the operator writes is one that a broker takes, without a warning.

use std::collections::BTreeMap;

use broker_config::{BrokerConfig, properties};
use k8s_openapi::jiff::Timestamp;
use operator_plan::{
    certificates::{AuthorityFacts, CertificateFacts, Certificates, LeafFacts, LeafSecretFacts, PublicFacts},
    observed::{Observed, Settings},
    plan::{Action, decide},
};
use serde_json::{Value, json};

/// Plans a new cluster of this spec and gives the objects of its first real plan.
fn objects(spec: &Value) -> Vec<Value> {
    let cluster = json!({
        "apiVersion": "klamm.dev/v1alpha1", "kind": "KafkaCluster",
        "metadata": {"name": "c", "namespace": "ns", "uid": "u"}, "spec": spec
    });
    let now = serde_json::from_value("2026-01-01T00:00:00Z".into()).expect("a time");
    let cluster = serde_json::from_value(cluster).expect("a cluster");
    let mut observed = Observed::of_manifests(cluster, Vec::new(), now);
    observed.certificates = certificates();
    observed.fresh_cluster_id = "AAAAAAAAAAAAAAAAAAAAAQ".to_owned();
    let settings = Settings {
        image: "klamm:dev".to_owned(),
        version: "0.1.0".to_owned(),
        cluster_domain: "cluster.local".to_owned(),
        operator_namespace: "klamm-system".to_owned(),
    };
    observed.cluster.status = Some(decide(&observed, &settings).status);
    let plan = decide(&observed, &settings);
    let applied = plan.actions.into_iter().filter_map(|action| match action {
        Action::Apply(manifest) => Some(manifest.body),
        _ => None,
    });
    applied.collect()
}

/// Authorities and the certificate of the first node, as far as a pod needs them to start.
fn certificates() -> Certificates {
    let now = Timestamp::UNIX_EPOCH;
    let certificate = CertificateFacts {
        fingerprint: "f".to_owned(),
        key_id: "k".to_owned(),
        subject: "CN=c".to_owned(),
        names: [].into(),
        made_at: now,
        not_after: Timestamp::MAX,
    };
    let public = PublicFacts { bundle: vec![certificate.clone()], ..PublicFacts::default() };
    let authority = AuthorityFacts { public: Some(public), ..AuthorityFacts::default() };
    let leaf = LeafFacts { certificate, signed_by: None, digest: "d".to_owned() };
    let leaves = LeafSecretFacts { leaves: [("c-default-0.pem".to_owned(), Some(leaf))].into() };
    Certificates {
        cluster: authority.clone(),
        clients: authority,
        issued: [("c-default-certs".to_owned(), leaves)].into(),
        own: [].into(),
    }
}

/// What the broker of the first pod reads: the file, and over it what its arguments say.
fn properties_of(objects: &[Value]) -> BTreeMap<String, String> {
    let of = |kind: &str| objects.iter().find(|object| object["kind"] == kind).expect("an object");
    let file = of("ConfigMap")["data"]["server.properties"].as_str().expect("a file");
    let mut properties = properties::parse(file).unwrap_or_else(|error| panic!("{error:?}"));
    let arguments = of("StatefulSet").pointer("/spec/template/spec/containers/0/args").expect("arguments");
    let arguments: Vec<_> = arguments.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    for pair in arguments.windows(2).filter(|pair| pair[0] == "--override") {
        let (key, value) = pair[1].split_once('=').expect("KEY=VALUE");
        let value = value.replace("$(NODE_ID)", "0").replace("$(POD_NAME)", "c-default-0");
        properties.insert(key.to_owned(), value);
    }
    properties
}

#[test]
fn a_broker_takes_what_the_operator_writes() {
    let volume = |id: i32| json!({"id": id, "type": "persistent-claim", "size": "1Gi"});
    let cases = [
        json!({}),
        json!({"storage": {"type": "jbod", "volumes": [volume(0), volume(1)]}}),
        json!({"kafka": {
            "listeners": [
                {"name": "plain", "port": 9092, "type": "internal", "tls": false},
                {"name": "other", "port": 9095, "type": "internal", "tls": true},
                {"name": "mutual", "port": 9096, "type": "internal", "tls": true, "authentication": {"type": "tls"}},
                {"name": "scram", "port": 9097, "type": "internal", "tls": false, "authentication": {"type": "scram-sha-512"}},
                {"name": "both", "port": 9098, "type": "internal", "tls": true, "authentication": {"type": "scram-sha-512"}}
            ],
            "authorization": {"type": "simple", "superUsers": ["CN=admin", "root"]},
            "config": {"num.partitions": 6, "log.retention.hours": 24, "min.insync.replicas": 2}
        }}),
    ];
    let own = json!({"secretName": "s", "certificate": "c", "key": "k"});
    let outside = json!({"kafka": {"listeners": [
        {"name": "ext", "port": 9094, "type": "nodeport", "tls": true, "configuration": {
            "maxConnections": 5, "maxConnectionCreationRate": 7, "brokerCertChainAndKey": own
        }},
        {"name": "inside", "port": 9095, "type": "internal", "tls": false, "configuration": {"useServiceDnsDomain": false}}
    ]}});
    for spec in cases.into_iter().chain([outside]) {
        let properties = properties_of(&objects(&spec));
        // Our own keys are read by the broker's shell, not as Kafka's.
        let (own, kafkas): (BTreeMap<_, _>, BTreeMap<_, _>) =
            properties.into_iter().partition(|(key, _)| key.starts_with("klamm."));
        assert_eq!(own.into_keys().collect::<Vec<_>>(), ["klamm.admin.listener"]);
        match BrokerConfig::from_properties(&kafkas) {
            Ok((config, warnings)) => {
                assert!(warnings.is_empty(), "{spec}: {warnings:?}");
                assert_eq!(config.node_id.get(), 0);
            }
            Err(errors) => panic!("{spec}: {errors:?}"),
        }
    }
}
