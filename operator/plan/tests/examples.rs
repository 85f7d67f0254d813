//! The examples that people copy make sense to the operator.

use std::path::Path;

use operator_api::{KafkaCluster, KafkaNodePool, KafkaTopic};
use operator_plan::{
    observed::{Observed, Settings},
    topics::{self, Rules, Standing},
    validate::validate,
};
use serde::Deserialize as _;
use serde_json::Value;

fn documents(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("an example is readable");
    serde_yaml::Deserializer::from_str(&text)
        .map(|document| Value::deserialize(document).expect("YAML"))
        .collect()
}

fn all<T: serde::de::DeserializeOwned>(documents: &[Value], kind: &str) -> Vec<T> {
    let of_kind = documents.iter().filter(|document| document["kind"] == kind);
    of_kind.map(|document| serde_json::from_value(document.clone()).expect("the schema")).collect()
}

fn settings() -> Settings {
    Settings {
        image: "klamm:dev".to_owned(),
        version: "0.1.0".to_owned(),
        cluster_domain: "cluster.local".to_owned(),
        operator_namespace: "klamm-system".to_owned(),
    }
}

#[test]
fn every_example_is_valid_and_without_warnings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let documents = documents(&entry.path());
        let name = entry.file_name();
        for cluster in all::<KafkaCluster>(&documents, "KafkaCluster") {
            let now = serde_json::from_value("2026-01-01T00:00:00Z".into()).expect("a time");
            let pools = all::<KafkaNodePool>(&documents, "KafkaNodePool");
            let observed = Observed::of_manifests(cluster, pools, now);
            let cluster =
                validate(&observed, &settings()).unwrap_or_else(|error| panic!("{name:?}: {error}"));
            assert_eq!(cluster.warnings, [], "{name:?}");
            seen += 1;
        }
        for topic in all::<KafkaTopic>(&documents, "KafkaTopic") {
            assert_eq!(
                topics::plan(&topic, None, None, &Rules::default()).standing,
                Standing::Managed,
                "{name:?}"
            );
            seen += 1;
        }
    }
    assert!(seen >= 2, "the quickstart is there");
}

/// The lists of listeners that the documentation shows: each is one of a cluster of three brokers.
#[test]
fn the_listeners_of_the_documentation_are_valid_and_without_warnings() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/listeners.md");
    let text = std::fs::read_to_string(path).expect("the page is readable");
    let blocks: Vec<_> =
        text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 4, "{}", blocks.len());
    for block in blocks {
        let kafka: Value = serde_yaml::from_str(block).unwrap_or_else(|error| panic!("{error}: {block}"));
        let metadata = |name: &str| serde_json::json!({"name": name, "labels": {"klamm.dev/cluster": "c"}});
        let of = |kind: &str, name: &str, spec: Value| {
            serde_json::json!({
                "apiVersion": "klamm.dev/v1alpha1", "kind": kind, "metadata": metadata(name), "spec": spec
            })
        };
        let storage = serde_json::json!({"type": "persistent-claim", "size": "1Gi"});
        let nodes = |role: &str| serde_json::json!({"replicas": 3, "roles": [role], "storage": storage});
        let cluster = of("KafkaCluster", "c", serde_json::json!({ "kafka": kafka }));
        let pools =
            [of("KafkaNodePool", "b", nodes("broker")), of("KafkaNodePool", "k", nodes("controller"))];
        let pools = pools.map(|pool| serde_json::from_value(pool).expect("the schema")).to_vec();
        let now = serde_json::from_value("2026-01-01T00:00:00Z".into()).expect("a time");
        let cluster = serde_json::from_value(cluster).unwrap_or_else(|error| panic!("{error}: {block}"));
        let cluster = validate(&Observed::of_manifests(cluster, pools, now), &settings());
        let cluster = cluster.unwrap_or_else(|error| panic!("{error}: {block}"));
        assert_eq!(cluster.warnings, [], "{block}");
    }
}
