//! Labels and annotations: what steers Strimzi steers Klamm by its own names.

use operator_api::{
    CLUSTER_LABEL, MANAGED_ANNOTATION, NEXT_NODE_IDS_ANNOTATION, PAUSE_ANNOTATION, REMOVE_NODE_IDS_ANNOTATION,
};
use serde_json::{Map, Value};

use crate::note::{Effect, Notes, below};

/// Labels and annotations of Strimzi begin with this.
const DOMAIN: &str = "strimzi.io/";
/// The label that binds to a cluster.
pub(crate) const STRIMZI_CLUSTER: &str = "strimzi.io/cluster";

/// Those that have a name of ours.
const NAMES: [(&str, &str); 5] = [
    (STRIMZI_CLUSTER, CLUSTER_LABEL),
    ("strimzi.io/pause-reconciliation", PAUSE_ANNOTATION),
    ("strimzi.io/managed", MANAGED_ANNOTATION),
    ("strimzi.io/next-node-ids", NEXT_NODE_IDS_ANNOTATION),
    ("strimzi.io/remove-node-ids", REMOVE_NODE_IDS_ANNOTATION),
];

/// Those that say what is so anyway.
const UNNEEDED: [(&str, &str); 4] = [
    ("strimzi.io/node-pools", "nodes are always stated in KafkaNodePools"),
    ("kubectl.kubernetes.io/last-applied-configuration", "it is kubectl's memory of the original"),
    ("strimzi.io/kraft", "there is nothing but KRaft"),
    ("strimzi.io/kraft-migration-state", "there is nothing but KRaft"),
];

/// What Kubernetes and Strimzi write.
const NOT_OURS: [&str; 10] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// The metadata of the object that is to be.
pub(crate) fn convert(metadata: Map<String, Value>, notes: &mut Notes) -> Value {
    let mut kept = Map::new();
    for (name, value) in metadata {
        let path = below("metadata", &name);
        match (name.as_str(), value) {
            (_, Value::Null) => {}
            ("name" | "namespace", value) => drop(kept.insert(name, value)),
            ("labels" | "annotations", Value::Object(entries)) => {
                let entries = steer(entries, &path, notes);
                if !entries.is_empty() {
                    kept.insert(name, Value::Object(entries));
                }
            }
            (own, _) if NOT_OURS.contains(&own) => {
                notes.add(Effect::Unneeded, path, "it belongs to the object in Strimzi's hands");
            }
            _ => notes.add(
                Effect::Unknown,
                path,
                "only name, namespace, labels and annotations are carried over",
            ),
        }
    }
    Value::Object(kept)
}

fn steer(entries: Map<String, Value>, path: &str, notes: &mut Notes) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in entries {
        let path = below(path, &name);
        let own = NAMES.iter().find(|(theirs, _)| *theirs == name);
        let unneeded = UNNEEDED.iter().find(|(theirs, _)| *theirs == name);
        match (own, unneeded) {
            (Some((_, ours)), _) => drop(kept.insert((*ours).to_owned(), value)),
            (None, Some(_)) if is_zookeeper(&name, &value) => notes.add(
                Effect::Missing,
                path,
                "the cluster's metadata is in ZooKeeper, or on its way out of it: it is not taken over",
            ),
            (None, Some((_, why))) => notes.add(Effect::Unneeded, path, *why),
            (None, None) if name.contains(DOMAIN) => {
                notes.add(Effect::Missing, path, "it steers Strimzi, and nothing in Klamm");
            }
            (None, None) => drop(kept.insert(name, value)),
        }
    }
    kept
}

fn is_zookeeper(name: &str, value: &Value) -> bool {
    name.starts_with("strimzi.io/kraft") && !matches!(value.as_str(), Some("enabled" | "KRaft"))
}

/// The text of an entry of the labels or annotations of `object`.
pub(crate) fn entry<'a>(object: &'a Value, of: &str, name: &str) -> Option<&'a str> {
    object.get("metadata")?.get(of)?.get(name)?.as_str()
}

/// The text of a field of the metadata of `object`; empty when it has none.
pub(crate) fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get("metadata").and_then(|metadata| metadata.get(name)).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_that_steer_are_translated_and_others_are_noted() {
        let mut notes = Notes::of("x".to_owned());
        let metadata = json!({
            "name": "a", "uid": "1", "colour": "red", "labels": {"strimzi.io/cluster": "c", "team": "t"},
            "annotations": {
                "strimzi.io/kraft": "migration", "strimzi.io/node-pools": "enabled", "strimzi.io/managed": "false",
                "strimzi.io/skip-broker-scaledown-check": "true"
            },
        });
        let Value::Object(metadata) = metadata else { panic!("an object") };
        let expected = json!({
            "name": "a", "labels": {"klamm.dev/cluster": "c", "team": "t"}, "annotations": {"klamm.dev/managed": "false"}
        });
        assert_eq!(convert(metadata, &mut notes), expected);
        let said: Vec<_> = notes.all.iter().map(|note| format!("{} {}", note.effect, note.path)).collect();
        let expected = [
            "missing metadata.annotations['strimzi.io/kraft']",
            "not needed metadata.annotations['strimzi.io/node-pools']",
            "missing metadata.annotations['strimzi.io/skip-broker-scaledown-check']",
            "unknown metadata.colour",
            "not needed metadata.uid",
        ];
        assert_eq!(said, expected);
    }
}
