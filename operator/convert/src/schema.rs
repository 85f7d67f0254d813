//! The schemas of our own resources, as the definitions that Kubernetes gets have them.

use std::collections::BTreeMap;

use serde_json::Value;

/// The schema of each kind's `spec`.
#[derive(Debug)]
pub(crate) struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    /// Those of this release.
    pub(crate) fn ours() -> Self {
        let definitions = operator_api::crds();
        let schemas = definitions.iter().filter_map(|definition| {
            let definition = serde_json::to_value(definition).ok()?;
            let kind = definition.pointer("/spec/names/kind")?.as_str()?.to_owned();
            let spec = definition.pointer("/spec/versions/0/schema/openAPIV3Schema/properties/spec")?.clone();
            Some((kind, spec))
        });
        Self(schemas.collect())
    }

    /// That of `kind`; `None` when there is no such resource.
    pub(crate) fn of(&self, kind: &str) -> Option<&Value> {
        self.0.get(kind)
    }
}

/// The schema of one listener, within that of a `KafkaCluster`.
pub(crate) fn listener(cluster: &Value) -> Option<&Value> {
    cluster.pointer("/properties/kafka/properties/listeners/items")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `listeners` asks of the schema is there to be asked.
    #[test]
    fn the_schemas_are_found() {
        let schemas = Schemas::ours();
        let listener = listener(schemas.of("KafkaCluster").expect("a schema")).expect("a listener's");
        assert!(listener.pointer("/properties/type/enum").is_some_and(Value::is_array));
        assert!(schemas.of("KafkaNodePool").is_some() && schemas.of("KafkaTopic").is_some());
        assert!(schemas.of("StrimziPodSet").is_none());
    }
}
