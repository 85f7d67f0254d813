//! What of a `Kafka` resource becomes something else than a field of the same name.

use operator_api::KafkaAuthorization;
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
    other_namespaces(object, spec, notes);
    secret_prefix(spec, notes);
    authorization(spec, notes);
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

/// Namespaces that Strimzi's topic and user operators watch are ones that may have topics and users of this cluster.
fn other_namespaces(object: &Value, spec: &mut Map<String, Value>, notes: &mut Notes) {
    let own = metadata::text(object, "namespace");
    for (operator, kind, what, grant) in [
        ("topicOperator", "KafkaTopic", "topics", "topicNamespaces"),
        ("userOperator", "KafkaUser", "users", "userNamespaces"),
    ] {
        let Some(watched) = watched(object, kind).filter(|watched| *watched != own) else { continue };
        let stated = spec.get_mut("entityOperator").and_then(|entity| entity.get_mut(operator));
        if let Some(stated) = stated.and_then(Value::as_object_mut) {
            stated.remove("watchedNamespace");
        }
        spec.insert(grant.to_owned(), json!([watched]));
        let path = format!("spec.entityOperator.{operator}.watchedNamespace");
        let why = format!("it is in spec.{grant}: {what} there name the cluster by spec.clusterRef");
        notes.add(Effect::Changed, path, why);
    }
}

/// The namespace in which the resources of `kind` of the `Kafka` resource `object` are, where it says so.
pub(crate) fn watched<'a>(object: &'a Value, kind: &str) -> Option<&'a str> {
    let operator = if kind == "KafkaUser" { "userOperator" } else { "topicOperator" };
    object.pointer(&format!("/spec/entityOperator/{operator}/watchedNamespace"))?.as_str()
}

/// Where the Secrets of users have a prefix, those who mount them name them anew.
fn secret_prefix(spec: &mut Map<String, Value>, notes: &mut Notes) {
    let stated = spec.get_mut("entityOperator").and_then(|entity| entity.get_mut("userOperator"));
    let prefix = stated.and_then(Value::as_object_mut).and_then(|stated| stated.remove("secretPrefix"));
    if prefix.is_some_and(|prefix| prefix.as_str().is_some_and(|prefix| !prefix.is_empty())) {
        let why = "the Secret of a user is called as the user, without a prefix";
        notes.add(Effect::Missing, "spec.entityOperator.userOperator.secretPrefix", why);
    }
}

/// An authorizer that is not Kafka's own is left out as a whole.
fn authorization(spec: &mut Map<String, Value>, notes: &mut Notes) {
    let Some(kafka) = spec.get_mut("kafka").and_then(Value::as_object_mut) else { return };
    let kind = kafka.get("authorization").and_then(|stated| stated.get("type")).and_then(Value::as_str);
    if let Some(kind) = kind.filter(|kind| *kind != KafkaAuthorization::SIMPLE) {
        let why = format!("authorization of type {kind} is not there: whoever can connect may do everything");
        notes.add(Effect::Missing, "spec.kafka.authorization", why);
        kafka.remove("authorization");
    }
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
