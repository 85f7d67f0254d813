//! What of a `Kafka` resource becomes something else than a field of the same name.

use serde_json::{Map, Value, json};

use crate::{
    listeners, metadata,
    note::{Effect, Notes},
};

/// The label of nodes that the operator takes zones from.
const ZONE_LABEL: &str = "topology.kubernetes.io/zone";

/// Changes `spec` of the `Kafka` resource `object` in place before it is cut to the schema.
pub(crate) fn change(object: &Value, schema: &Value, spec: &mut Map<String, Value>, notes: &mut Notes) {
    zones(spec, notes);
    topic_namespaces(object, spec, notes);
    listeners::leave_out(schema, spec, notes);
}

fn zones(spec: &mut Map<String, Value>, notes: &mut Notes) {
    let Some(kafka) = spec.get_mut("kafka").and_then(Value::as_object_mut) else { return };
    let key = kafka.get("rack").and_then(|rack| rack.get("topologyKey")).and_then(Value::as_str);
    if key == Some(ZONE_LABEL) {
        kafka.remove("rack");
        let why = "brokers always know their node's zone";
        notes.add(Effect::Unneeded, "spec.kafka.rack", why);
    }
}

/// The namespace that Strimzi's topic operator watches is one that may have topics of this cluster.
fn topic_namespaces(object: &Value, spec: &mut Map<String, Value>, notes: &mut Notes) {
    let Some(watched) = watched(object) else { return };
    if watched == metadata::text(object, "namespace") {
        return;
    }
    if let Some(operator) = spec
        .get_mut("entityOperator")
        .and_then(|operator| operator.get_mut("topicOperator"))
        .and_then(Value::as_object_mut)
    {
        operator.remove("watchedNamespace");
    }
    spec.insert("topicNamespaces".to_owned(), json!([watched]));
    let path = "spec.entityOperator.topicOperator.watchedNamespace";
    notes.add(
        Effect::Changed,
        path,
        "it is spec.topicNamespaces: topics there name the cluster by spec.clusterRef",
    );
}

/// The namespace in which the topics of the `Kafka` resource `object` are, where it says so.
pub(crate) fn watched(object: &Value) -> Option<&str> {
    object.pointer("/spec/entityOperator/topicOperator/watchedNamespace")?.as_str()
}

/// Nodes that a `Kafka` resource of v1beta2 states itself, as a pool of Strimzi's. They are no part of `spec` then.
pub(crate) fn pool(
    object: &Value,
    spec: &mut Map<String, Value>,
    name: &str,
    notes: &mut Notes,
) -> Option<Value> {
    let kafka = spec.get_mut("kafka")?.as_object_mut()?;
    if !kafka.contains_key("replicas") || !kafka.contains_key("storage") {
        return None;
    }
    let mut nodes = Map::from_iter([("roles".to_owned(), json!(["controller", "broker"]))]);
    let why = format!(
        "nodes are stated in KafkaNodePools: it is the new pool {name}'s, of controllers that are brokers"
    );
    for field in ["replicas", "storage", "resources"] {
        if let Some(value) = kafka.remove(field) {
            nodes.insert(field.to_owned(), value);
            notes.add(Effect::Changed, format!("spec.kafka.{field}"), why.clone());
        }
    }
    let labels = json!({metadata::STRIMZI_CLUSTER: metadata::text(object, "name")});
    let namespace = object.pointer("/metadata/namespace");
    let metadata = json!({"name": name, "namespace": namespace, "labels": labels});
    let api = object.get("apiVersion")?;
    Some(json!({"apiVersion": api, "kind": "KafkaNodePool", "metadata": metadata, "spec": nodes}))
}
