//! What is checked of the definitions without a Kubernetes: the files are in step, the schemas are structural, and the
//! fields are the ones that manifests of today use.

use std::path::{Path, PathBuf};

use operator_api::{CRD_FILES, KafkaCluster, KafkaNodePool, KafkaTopic, crd_yaml, crds};
use serde_json::Value;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("two below the top").to_path_buf()
}

fn as_json() -> Vec<Value> {
    crds().iter().map(|definition| serde_json::to_value(definition).expect("plain data")).collect()
}

/// `KLAMM_WRITE_CRDS=1 cargo test -p operator-api` writes the files instead.
#[test]
fn the_files_are_what_the_types_say() {
    for (definition, file) in crds().iter().zip(CRD_FILES) {
        let text = crd_yaml(definition).expect("plain data");
        for folder in ["crds", "charts/klamm/crds"] {
            let path = repository().join(folder).join(file);
            if std::env::var_os("KLAMM_WRITE_CRDS").is_some() {
                std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
                std::fs::write(&path, &text).expect("the file can be written");
            }
            let found = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                found == text,
                "{folder}/{file} is out of step: KLAMM_WRITE_CRDS=1 cargo test -p operator-api"
            );
        }
    }
}

#[test]
fn names_and_subresources_are_as_designed() {
    let expected =
        [("KafkaCluster", "kkc"), ("KafkaNodePool", "kknp"), ("KafkaTopic", "kkt"), ("KafkaUser", "kku")];
    for (definition, (kind, short)) in as_json().iter().zip(expected) {
        let names = &definition["spec"]["names"];
        assert_eq!(names["kind"], kind);
        assert_eq!(names["shortNames"][0], short);
        assert_eq!(names["categories"][0], "klamm");
        assert_eq!(definition["spec"]["group"], "klamm.dev");
        assert_eq!(definition["spec"]["scope"], "Namespaced");
        let version = &definition["spec"]["versions"][0];
        assert_eq!(version["name"], "v1alpha1");
        assert!(version["subresources"]["status"].is_object(), "{kind} has a status");
        assert_eq!(version["subresources"]["scale"].is_object(), kind == "KafkaNodePool");
    }
}

/// Kubernetes refuses a schema with a field that has no type, or with a nested default of null.
#[test]
fn schemas_are_structural() {
    fn check(schema: &Value, path: &str) {
        let map = schema.as_object().unwrap_or_else(|| panic!("{path}: a schema is an object"));
        let is_open = ["x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields"]
            .iter()
            .any(|key| map.get(*key) == Some(&Value::Bool(true)));
        assert!(map.contains_key("type") || is_open, "{path} has no type: {schema}");
        assert!(!map.contains_key("$ref"), "{path} has a $ref");
        if let Some(default) = map.get("default") {
            assert!(!default.to_string().contains("null"), "{path}: null in a default");
        }
        let format = map.get("format").and_then(Value::as_str).unwrap_or("int32");
        assert!(["int32", "int64", "double", "date-time"].contains(&format), "{path}: format {format}");
        for (name, child) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
            check(child, &format!("{path}.{name}"));
        }
        for key in ["items", "additionalProperties"] {
            if let Some(child) = map.get(key).filter(|child| child.is_object()) {
                check(child, &format!("{path}[]"));
            }
        }
    }
    for definition in as_json() {
        let kind = definition["spec"]["names"]["kind"].as_str().expect("a kind");
        check(&definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"], kind);
    }
}

/// A client-side apply keeps the whole object in an annotation of at most 256 KiB.
#[test]
fn definitions_can_be_applied_by_any_client() {
    for definition in as_json() {
        let bytes = definition.to_string().len();
        assert!(bytes < 200_000, "{}: {bytes} bytes", definition["metadata"]["name"]);
    }
}

#[test]
fn a_manifest_of_strimzi_ports_by_its_version_and_label() {
    let pool: KafkaNodePool = serde_yaml::from_str(
        "apiVersion: klamm.dev/v1alpha1\nkind: KafkaNodePool\nmetadata: {name: dual, labels: {klamm.dev/cluster: c}}\n\
         spec:\n  replicas: 1\n  roles: [controller, broker]\n  storage:\n    type: jbod\n    volumes:\n    - {id: 0, \
         type: persistent-claim, size: 100Gi, deleteClaim: false, kraftMetadata: shared}\n",
    )
    .expect("a pool");
    assert_eq!(pool.spec.storage.volumes.expect("volumes")[0].size.as_deref(), Some("100Gi"));
    let topic: KafkaTopic = serde_yaml::from_str(
        "apiVersion: klamm.dev/v1alpha1\nkind: KafkaTopic\nmetadata: {name: t, labels: {klamm.dev/cluster: c}}\n\
         spec: {partitions: 3, replicas: 1, config: {retention.ms: 7200000, cleanup.policy: delete}}\n",
    )
    .expect("a topic");
    assert_eq!((topic.topic_name(), topic.spec.config["retention.ms"].as_i64()), ("t", Some(7_200_000)));
    let cluster: KafkaCluster = serde_yaml::from_str(
        "apiVersion: klamm.dev/v1alpha1\nkind: KafkaCluster\nmetadata: {name: c}\nspec:\n  kafka:\n    version: 4.3.0\n    \
         metadataVersion: 4.3-IV0\n    listeners: [{name: plain, port: 9092, type: internal, tls: false}]\n    \
         config: {offsets.topic.replication.factor: 3}\n",
    )
    .expect("a cluster");
    assert_eq!(cluster.spec.kafka.listeners[0].port, 9092);
    let bare: KafkaCluster = serde_yaml::from_str(
        "apiVersion: klamm.dev/v1alpha1\nkind: KafkaCluster\nmetadata: {name: c}\nspec: {}\n",
    )
    .expect("a bare cluster");
    assert_eq!(bare.spec.kafka.listeners[0].name, "plain");
}
