//! Manifests held against the definitions of their resources, as Kubernetes does it: types, required and unknown fields,
//! enums, bounds. (Rules in CEL are left to a real API server.)

use serde::Deserialize as _;
use serde_json::Value;

use crate::repository;

/// The definitions of `crds/`, by kind.
#[derive(Debug)]
pub struct Definitions(Vec<Value>);

impl Definitions {
    /// Reads them.
    ///
    /// # Panics
    /// When they are not there or are not YAML.
    #[must_use]
    pub fn read() -> Self {
        let files = crate::files_below(&repository().join("crds"), ".yaml");
        let texts = files.iter().map(|path| std::fs::read_to_string(path).expect("a definition is readable"));
        Self(texts.flat_map(|text| documents(&text)).collect())
    }

    /// What is wrong with each manifest of `text`, as `field: why`. A resource that is none of ours is wrong as well.
    #[must_use]
    pub fn problems(&self, text: &str) -> Vec<String> {
        let mut problems = Vec::new();
        for manifest in documents(text) {
            let kind = manifest["kind"].as_str().unwrap_or("a manifest without a kind");
            let api = manifest["apiVersion"].as_str().unwrap_or_default();
            let version =
                self.0.iter().find(|found| found["spec"]["names"]["kind"] == kind).and_then(|found| {
                    let group = found["spec"]["group"].as_str()?;
                    let version = api.strip_prefix(group)?.strip_prefix('/')?;
                    found["spec"]["versions"].as_array()?.iter().find(|served| served["name"] == version)
                });
            let Some(version) = version else {
                problems.push(format!("{kind} of '{api}' is not defined"));
                continue;
            };
            if !manifest["metadata"]["name"].is_string() {
                problems.push(format!("{kind}.metadata.name: required"));
            }
            for part in ["spec", "status"] {
                if let Some(value) = manifest.get(part) {
                    let schema = &version["schema"]["openAPIV3Schema"]["properties"][part];
                    check(schema, value, &format!("{kind}.{part}"), &mut problems);
                }
            }
        }
        problems
    }
}

/// The documents of a YAML text that say something.
///
/// # Panics
/// When it is not YAML.
#[must_use]
pub fn documents(text: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).expect("YAML"))
        .filter(|document| !document.is_null())
        .collect()
}

fn check(schema: &Value, value: &Value, path: &str, problems: &mut Vec<String>) {
    let mut wrong = |why: String| problems.push(format!("{path}: {why}"));
    if value.is_null() && schema["nullable"] == true {
        return;
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        wrong(format!("{value} is none of {}", schema["enum"]));
    }
    let is_number_or_text = schema["x-kubernetes-int-or-string"] == true;
    let fits = match schema["type"].as_str() {
        _ if is_number_or_text => value.is_i64() || value.is_string(),
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        _ => schema["x-kubernetes-preserve-unknown-fields"] == true,
    };
    if !fits {
        return wrong(format!("{value} is not of type {}", schema["type"]));
    }
    if let Some(number) = value.as_f64() {
        if schema["minimum"].as_f64().is_some_and(|least| number < least) {
            wrong(format!("{value} is less than {}", schema["minimum"]));
        }
        if schema["maximum"].as_f64().is_some_and(|most| number > most) {
            wrong(format!("{value} is more than {}", schema["maximum"]));
        }
    }
    if let Some(items) = value.as_array() {
        for (at, item) in items.iter().enumerate() {
            check(&schema["items"], item, &format!("{path}[{at}]"), problems);
        }
    }
    check_fields(schema, value, path, problems);
}

fn check_fields(schema: &Value, value: &Value, path: &str, problems: &mut Vec<String>) {
    let Some(fields) = value.as_object() else { return };
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(required) {
            problems.push(format!("{path}.{required}: required"));
        }
    }
    let is_open = schema["x-kubernetes-preserve-unknown-fields"] == true;
    for (name, value) in fields {
        let path = format!("{path}.{name}");
        match (schema["properties"].get(name), schema.get("additionalProperties")) {
            (Some(schema), _) | (None, Some(schema)) if schema.is_object() => {
                check(schema, value, &path, problems)
            }
            _ if is_open => {}
            _ => problems.push(format!("{path}: no such field")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubernetes_would_refuse_is_named() {
        let topic = |spec: &str| {
            format!("apiVersion: klamm.dev/v1alpha1\nkind: KafkaTopic\nmetadata:\n  name: t\nspec: {spec}\n")
        };
        let definitions = Definitions::read();
        let good = "{partitions: 3, replicas: 1, topicName: null, config: {retention.ms: 1, x: [a]}}";
        assert_eq!(definitions.problems(&topic(good)), Vec::<String>::new());
        for (bad, field) in [
            ("{partition: 3}", "KafkaTopic.spec.partition: no such field"),
            ("{partitions: three}", "KafkaTopic.spec.partitions: \"three\" is not of type"),
            ("{partitions: 0}", "KafkaTopic.spec.partitions: 0 is less than 1"),
            ("{clusterRef: {}}", "KafkaTopic.spec.clusterRef.name: required"),
            ("{deletionPolicy: Keep}", "KafkaTopic.spec.deletionPolicy: \"Keep\" is none of"),
        ] {
            let problems = definitions.problems(&topic(bad));
            assert!(problems.iter().any(|problem| problem.starts_with(field)), "{bad}: {problems:?}");
        }
        assert_eq!(definitions.problems("kind: KafkaTopic").len(), 1);
    }
}
