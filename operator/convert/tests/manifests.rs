//! Manifests of Strimzi and what they become: `tests/manifests/<name>.yaml` beside `<name>.klamm.yaml`, which has the
//! report as comments. `KLAMM_WRITE_CONVERTED=1 cargo test -p operator-convert` writes the latter.

use std::path::{Path, PathBuf};

use operator_api::{KafkaCluster, KafkaNodePool, KafkaTopic};
use operator_convert::{Converted, Effect, Source, convert};
use operator_plan::{
    observed::{Observed, Settings},
    standing::Standing,
    topics::{self, Rules},
    validate::validate,
};
use serde_json::Value;
use tests_tidy::manifest::{Definitions, documents};

const CONVERTED: &str = ".klamm.yaml";

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests");
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| !path.to_string_lossy().ends_with(CONVERTED));
    paths.sort();
    paths
}

fn converted(path: &Path) -> Converted {
    let text = std::fs::read_to_string(path).expect("an example is readable");
    convert(&[Source { name: &path.to_string_lossy(), text: &text }]).expect("YAML")
}

#[test]
fn examples_become_what_stands_beside_them() {
    let examples = examples();
    assert!(examples.len() >= 25, "{}", examples.len());
    for path in examples {
        let converted = converted(&path);
        let report: String = converted.notes.iter().map(|note| format!("# {note}\n")).collect();
        let text = report + &converted.yaml();
        let beside = path.with_extension(&CONVERTED[1..]);
        if std::env::var_os("KLAMM_WRITE_CONVERTED").is_some() {
            std::fs::write(&beside, &text).expect("the file can be written");
        }
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(text, expected, "{}", path.display());
    }
}

/// What is printed is read again, is what the definitions take, and makes sense to the operator, or a note says that it
/// does not.
#[test]
fn what_comes_out_is_ours_or_a_note_says_why_not() {
    let definitions = Definitions::read();
    let mut seen = (0, 0, 0);
    for path in examples() {
        let converted = converted(&path);
        let text = converted.yaml();
        let read = documents(&text);
        assert_eq!(read, converted.documents, "{}", path.display());
        if converted.notes.iter().any(|note| note.effect == Effect::Invalid) {
            continue;
        }
        assert_eq!(definitions.problems(&text), Vec::<String>::new(), "{}", path.display());
        let (clusters, pools, topics) = makes_sense(&read, &path);
        seen = (seen.0 + clusters, seen.1 + pools, seen.2 + topics);
    }
    assert!(seen.0 >= 15 && seen.1 >= 15 && seen.2 >= 5, "{seen:?}");
}

/// Asks the operator's judgement of every cluster with its pools, and of every topic.
fn makes_sense(documents: &[Value], path: &Path) -> (usize, usize, usize) {
    let of_kind =
        |kind: &'static str| documents.iter().filter(move |document| document["kind"] == kind).cloned();
    let pools: Vec<KafkaNodePool> =
        of_kind("KafkaNodePool").map(|pool| serde_json::from_value(pool).expect("a pool")).collect();
    let mut clusters = 0;
    for cluster in of_kind("KafkaCluster") {
        let cluster: KafkaCluster = serde_json::from_value(cluster).expect("a cluster");
        let now = serde_json::from_value("2026-01-01T00:00:00Z".into()).expect("a time");
        let observed = Observed::of_manifests(cluster, pools.clone(), now);
        let settings = Settings {
            image: "klamm:dev".to_owned(),
            version: "0.1.0".to_owned(),
            cluster_domain: "cluster.local".to_owned(),
            operator_namespace: "klamm-system".to_owned(),
        };
        validate(&observed, &settings).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        clusters += 1;
    }
    let mut topics = 0;
    for topic in of_kind("KafkaTopic") {
        let topic: KafkaTopic = serde_json::from_value(topic).expect("a topic");
        let standing = topics::plan(&topic, None, None, &Rules::default()).standing;
        assert!(!matches!(standing, Standing::Refused { .. }), "{}: {standing:?}", path.display());
        topics += 1;
    }
    (clusters, pools.len(), topics)
}

/// Every field that an example states is in what came out, or a note names it or something around it.
#[test]
fn nothing_is_left_out_without_a_note() {
    for path in examples() {
        let text = std::fs::read_to_string(&path).expect("an example is readable");
        let converted = converted(&path);
        for original in documents(&text).iter().flat_map(flattened) {
            let kind = original["kind"].as_str().unwrap_or_default();
            let name = &original["metadata"]["name"];
            let target = if kind == "Kafka" { "KafkaCluster" } else { kind };
            let result =
                converted.documents.iter().find(|d| d["kind"] == target && d["metadata"]["name"] == *name);
            let notes: Vec<_> = converted.notes.iter().map(|note| note.path.as_str()).collect();
            let spec = result.map_or(&Value::Null, |result| &result["spec"]);
            if notes.contains(&"kind") || notes.contains(&"apiVersion") || notes.contains(&"spec") {
                continue;
            }
            let mut lost = Vec::new();
            compare(&original["spec"], spec, "spec", &notes, &mut lost);
            assert_eq!(lost, Vec::<String>::new(), "{}: {kind}/{name}", path.display());
        }
    }
}

fn flattened(document: &Value) -> Vec<Value> {
    match document["items"].as_array() {
        Some(items) => items.clone(),
        None => vec![document.clone()],
    }
}

fn compare(original: &Value, result: &Value, path: &str, notes: &[&str], lost: &mut Vec<String>) {
    let is_told = notes.iter().any(|note| *note == path || note.starts_with(&format!("{path}.")))
        || original.is_null()
        || original == &serde_json::json!({});
    if original == result || (is_told && !result.is_object()) {
        return;
    }
    match (original, result) {
        (Value::Object(original), _) => {
            for (name, value) in original {
                let is_word = !path.ends_with(".config") && name.chars().all(|c| c.is_ascii_alphanumeric());
                let path = if is_word { format!("{path}.{name}") } else { format!("{path}['{name}']") };
                compare(value, &result[name], &path, notes, lost);
            }
        }
        // Listeners that are left out move the others up: each is found somewhere.
        (Value::Array(items), Value::Array(kept)) => {
            for (at, item) in items.iter().enumerate() {
                let path = format!("{path}[{at}]");
                if !kept.iter().any(|kept| without_nothing(item) == without_nothing(kept))
                    && !notes.iter().any(|note| note.starts_with(&path))
                {
                    lost.push(path);
                }
            }
        }
        (Value::Number(number), Value::String(text)) if number.to_string() == *text => {}
        _ if is_told => {}
        _ => lost.push(path.to_owned()),
    }
}

/// The item without fields that say nothing.
fn without_nothing(item: &Value) -> Value {
    match item {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null() && **value != serde_json::json!({}))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        other => other.clone(),
    }
}
