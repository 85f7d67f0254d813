//! An object that is to be applied, and whether the live one is so already.
//!
//! Invariant: an object is applied only when the live one lacks something that we want, or was applied by us from
//! something else. At steady state that is never.

use operator_api::{APPLIED_ANNOTATION, LISTENER_LABEL};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::quantity::Bytes;

/// An object to be applied, with exactly the fields that are ours.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// Such as `apps/v1`.
    pub api_version: &'static str,
    /// Such as `StatefulSet`.
    pub kind: &'static str,
    /// The object's name; its namespace is that of the cluster.
    pub name: String,
    /// All of it.
    pub body: Value,
}

/// Lists that others may add to: theirs stay theirs.
const SHARED_LISTS: [&str; 9] = [
    "ownerReferences",
    "finalizers",
    "containers",
    "initContainers",
    "env",
    "volumes",
    "volumeMounts",
    "ports",
    "ipFamilies",
];

/// Maps that are one value to Kubernetes: applying them replaces what others added.
const WHOLE_MAPS: [&str; 2] = ["selector", "matchLabels"];

impl Manifest {
    /// The manifest of `object`, stamped with a digest of what it says.
    pub(crate) fn new(
        api_version: &'static str,
        kind: &'static str,
        name: &str,
        object: &impl Serialize,
    ) -> Self {
        // Objects of Kubernetes are plain data, which always has a JSON form.
        let mut body = serde_json::to_value(object).unwrap_or_default();
        if let Some(map) = body.as_object_mut() {
            map.insert("apiVersion".to_owned(), api_version.into());
            map.insert("kind".to_owned(), kind.into());
        }
        let digest = digest(&body.to_string());
        let metadata = entry(&mut body, "metadata");
        entry(metadata, "annotations")[APPLIED_ANNOTATION] = digest.into();
        Self { api_version, kind, name: name.to_owned(), body }
    }

    /// Whether it is of a listener: the cluster goes on without it.
    #[must_use]
    pub fn is_of_listener(&self) -> bool {
        let labels = self.body.pointer("/metadata/labels");
        labels.is_some_and(|labels| labels.get(LISTENER_LABEL).is_some())
    }

    /// Whether `live` has all that this says, and was applied from exactly this.
    #[must_use]
    pub fn is_in(&self, live: &Value) -> bool {
        let is_said_elsewhere = |key: &str| matches!(key, "apiVersion" | "kind");
        self.body.as_object().into_iter().flatten().all(|(key, wanted)| {
            // Objects of a list do not repeat what they are.
            let found = live.get(key).unwrap_or(&Value::Null);
            is_said_elsewhere(key) || covers(found, wanted, self.kind != "NetworkPolicy")
        })
    }

    /// The same of a part of it; a part that neither has is no difference.
    #[must_use]
    pub(crate) fn is_in_at(&self, live: &Value, pointer: &str) -> bool {
        match (live.pointer(pointer), self.body.pointer(pointer)) {
            (Some(live), Some(wanted)) => covers(live, wanted, self.kind != "NetworkPolicy"),
            (None, None) => true,
            (Some(other), None) | (None, Some(other)) => is_empty(other),
        }
    }
}

fn entry<'a>(value: &'a mut Value, key: &str) -> &'a mut Value {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    &mut value[key]
}

fn covers(live: &Value, wanted: &Value, has_shared_lists: bool) -> bool {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => wanted.iter().all(|(key, wanted)| {
            let Some(live) = live.get(key) else { return is_empty(wanted) };
            match (live, wanted) {
                (Value::Array(live), Value::Array(wanted))
                    if has_shared_lists && SHARED_LISTS.contains(&key.as_str()) =>
                {
                    wanted.iter().all(|wanted| live.iter().any(|live| covers(live, wanted, has_shared_lists)))
                }
                // A selector that somebody added to selects something else.
                _ if WHOLE_MAPS.contains(&key.as_str()) && is_flat(wanted) => live == wanted,
                _ => covers(live, wanted, has_shared_lists),
            }
        }),
        (Value::Array(live), Value::Array(wanted)) => {
            live.len() == wanted.len()
                && live.iter().zip(wanted).all(|(live, wanted)| covers(live, wanted, has_shared_lists))
        }
        (Value::String(live), Value::String(wanted)) => live == wanted || is_same_quantity(live, wanted),
        _ => live == wanted,
    }
}

fn is_flat(value: &Value) -> bool {
    value.as_object().is_some_and(|map| map.values().all(Value::is_string))
}

/// Kubernetes does not keep some empty values.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// Kubernetes writes quantities its own way: 1024Mi comes back as 1Gi.
fn is_same_quantity(live: &str, wanted: &str) -> bool {
    matches!((live.parse::<Bytes>(), wanted.parse::<Bytes>()), (Ok(live), Ok(wanted)) if live == wanted)
}

/// A digest of text: FNV-1a of 64 bits. It tells two versions of our own text apart; it guards against nobody.
#[must_use]
pub fn digest(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn manifest(body: &Value) -> Manifest {
        Manifest::new("apps/v1", "StatefulSet", "x", body)
    }

    #[test]
    fn what_kubernetes_adds_is_no_difference() {
        let wanted =
            manifest(&json!({"spec": {"replicas": 1, "env": [{"name": "A"}], "cpu": "1000m", "none": []}}));
        let mut live = wanted.body.clone();
        live["spec"]["defaulted"] = json!(true);
        live["spec"]["env"] = json!([{"name": "injected"}, {"name": "A", "more": 1}]);
        live["spec"]["cpu"] = json!("1");
        live["spec"].as_object_mut().expect("a map").remove("none");
        live["metadata"]["resourceVersion"] = json!("7");
        live.as_object_mut().expect("a map").retain(|key, _| key != "kind" && key != "apiVersion");
        assert!(wanted.is_in(&live));
    }

    #[test]
    fn what_others_change_is_a_difference() {
        let spec = json!({"replicas": 1, "args": ["a"], "env": [{"name": "A"}], "selector": {"a": "b"}});
        let wanted = manifest(&json!({ "spec": spec }));
        let changes = [
            ("/spec/selector", json!({"a": "b", "c": "d"})),
            ("/spec/replicas", json!(2)),
            ("/spec/args", json!(["a", "b"])),
            ("/spec/env", json!([])),
            ("/metadata/annotations", json!({})),
        ];
        for (path, value) in changes {
            let mut live = wanted.body.clone();
            *live.pointer_mut(path).expect("a path") = value;
            assert!(!wanted.is_in(&live), "{path}");
        }
    }

    #[test]
    fn a_field_that_we_take_out_is_a_difference() {
        let before = manifest(&json!({"spec": {"replicas": 1, "old": 1}}));
        let after = manifest(&json!({"spec": {"replicas": 1}}));
        assert!(!after.is_in(&before.body));
    }

    #[test]
    fn in_a_network_policy_every_list_is_ours() {
        let wanted =
            Manifest::new("networking.k8s.io/v1", "NetworkPolicy", "x", &json!({"ports": [{"port": 1}]}));
        let mut live = wanted.body.clone();
        live["ports"] = json!([{"port": 1}, {"port": 2}]);
        assert!(!wanted.is_in(&live));
    }
}
