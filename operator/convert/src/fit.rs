//! A value cut to a schema: what the schema has is kept, what it has not is a note, what it refuses as well.

use serde_json::{Map, Value};

use crate::{
    note::{Effect, Notes, below},
    reasons,
};

/// Cuts `value`, which stands at `path` of a Strimzi resource of `kind`, to `schema`. Null says nothing, and goes.
pub(crate) fn fit(kind: &str, schema: &Value, value: Value, path: &str, notes: &mut Notes) -> Value {
    let is_number_or_text = is_true(schema, "x-kubernetes-int-or-string");
    match value {
        // Kubernetes takes both for a quantity; as text it is what it is in every program.
        Value::Number(number) if is_number_or_text => Value::String(number.to_string()),
        value if !is_of_type(schema, &value) => {
            let wanted = schema.get("type").and_then(Value::as_str).unwrap_or("number or text");
            notes.add(Effect::Invalid, path, format!("{value} is not of type {wanted}"));
            value
        }
        Value::Object(fields) => fit_fields(kind, schema, fields, path, notes),
        Value::Array(items) => {
            let null = Value::Null;
            let of_item = schema.get("items").unwrap_or(&null);
            let items = items.into_iter().enumerate().filter(|(_, item)| !item.is_null());
            let fitted = items.map(|(at, item)| fit(kind, of_item, item, &format!("{path}[{at}]"), notes));
            let fitted: Vec<_> = fitted.collect();
            within(schema, "items", fitted.len(), path, notes);
            Value::Array(fitted)
        }
        value => {
            scalar(schema, &value, path, notes);
            value
        }
    }
}

fn fit_fields(
    kind: &str,
    schema: &Value,
    fields: Map<String, Value>,
    path: &str,
    notes: &mut Notes,
) -> Value {
    let is_open = is_true(schema, "x-kubernetes-preserve-unknown-fields");
    let mut kept = Map::new();
    for (name, value) in fields {
        let own = schema.get("properties").and_then(|known| known.get(&name));
        let path = below(path, &name);
        match own.or_else(|| schema.get("additionalProperties").filter(|schema| schema.is_object())) {
            Some(_) if value.is_null() => {}
            Some(schema) => {
                let value = fit(kind, schema, value, &path, notes);
                kept.insert(name, value);
            }
            None if is_open => drop(kept.insert(name, value)),
            None => left_out(kind, &path, &value, notes),
        }
    }
    for required in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        if let Some(name) = required.as_str().filter(|name| !kept.contains_key(*name)) {
            notes.add(Effect::Invalid, below(path, name), "is needed");
        }
    }
    Value::Object(kept)
}

/// Says why the field at `path` is left out, part by part where its parts have reasons of their own.
pub(crate) fn left_out(kind: &str, path: &str, value: &Value, notes: &mut Notes) {
    if value.is_null() {
        return;
    }
    if let Some((effect, why)) = reasons::of(kind, path) {
        notes.add(effect, path, why);
    } else if reasons::are_below(kind, path) && !is_empty(value) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| left_out(kind, &below(path, name), value, notes));
            }
            Value::Array(items) => items
                .iter()
                .enumerate()
                .for_each(|(at, item)| left_out(kind, &format!("{path}[{at}]"), item, notes)),
            _ => notes.add(Effect::Unknown, path, "is no map"),
        }
    } else if !is_empty(value) || !reasons::are_below(kind, path) {
        notes.add(
            Effect::Unknown,
            path,
            "neither Klamm nor Strimzi, as far as is known here, has this field",
        );
    }
}

fn is_empty(value: &Value) -> bool {
    matches!(value, Value::Object(fields) if fields.is_empty())
}

fn is_true(schema: &Value, key: &str) -> bool {
    schema.get(key).and_then(Value::as_bool) == Some(true)
}

fn is_of_type(schema: &Value, value: &Value) -> bool {
    if is_true(schema, "x-kubernetes-int-or-string") {
        return value.is_string();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    }
}

fn scalar(schema: &Value, value: &Value, path: &str, notes: &mut Notes) {
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        let allowed: Vec<_> = allowed.iter().filter_map(Value::as_str).collect();
        notes.add(Effect::Invalid, path, format!("{value} is none of {}", allowed.join(", ")));
    }
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    if let Some(number) = value.as_f64() {
        if let Some(least) = bound("minimum").filter(|least| number < *least) {
            notes.add(Effect::Invalid, path, format!("{value} is less than {least}"));
        }
        if let Some(most) = bound("maximum").filter(|most| number > *most) {
            notes.add(Effect::Invalid, path, format!("{value} is more than {most}"));
        }
    }
    if let Some(text) = value.as_str() {
        within(schema, "length", text.chars().count(), path, notes);
        let pattern = schema.get("pattern").and_then(Value::as_str);
        let pattern = pattern.and_then(|pattern| Some((pattern, regex_lite::Regex::new(pattern).ok()?)));
        if let Some((pattern, _)) = pattern.filter(|(_, regex)| !regex.is_match(text)) {
            notes.add(Effect::Invalid, path, format!("'{text}' does not match {pattern}"));
        }
    }
}

/// Holds the length of a list or text to what the schema says of it.
fn within(schema: &Value, what: &str, length: usize, path: &str, notes: &mut Notes) {
    let (least, most) = if what == "items" { ("minItems", "maxItems") } else { ("minLength", "maxLength") };
    let bound = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    if let Some(least) = bound(least).filter(|least| length < *least) {
        notes.add(Effect::Invalid, path, format!("has {length}, and at least {least} are needed"));
    }
    if let Some(most) = bound(most).filter(|most| length > *most) {
        notes.add(Effect::Invalid, path, format!("has {length}, and at most {most} are taken"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Schemas;

    fn fitted(kind: &str, spec: Value) -> (Value, Vec<String>) {
        let mut notes = Notes::of("x".to_owned());
        let schemas = Schemas::ours();
        let value = fit(kind, schemas.of(kind).expect("a schema"), spec, "spec", &mut notes);
        (value, notes.all.iter().map(|note| format!("{} {}", note.effect, note.path)).collect())
    }

    #[test]
    fn what_the_schema_has_goes_as_it_is_and_the_rest_is_noted() {
        let spec = json!({"partitions": 3, "topicName": null, "colour": "red", "config": {"retention.ms": 5, "x": null}});
        let (value, notes) = fitted("KafkaTopic", spec);
        assert_eq!(value, json!({"partitions": 3, "config": {"retention.ms": 5, "x": null}}));
        assert_eq!(notes, ["unknown spec.colour"]);
    }

    #[test]
    fn what_the_schema_refuses_is_noted() {
        let cases = [
            (json!({"partitions": "3"}), "spec.partitions"),
            (json!({"partitions": 0}), "spec.partitions"),
            (json!({"replicas": 40_000}), "spec.replicas"),
            (json!({"topicName": "a b"}), "spec.topicName"),
            (json!({"topicName": ""}), "spec.topicName"),
            (json!({"deletionPolicy": "Keep"}), "spec.deletionPolicy"),
            (json!({"clusterRef": {}}), "spec.clusterRef.name"),
        ];
        for (spec, path) in cases {
            let (_, notes) = fitted("KafkaTopic", spec.clone());
            assert!(notes.contains(&format!("invalid {path}")), "{spec}: {notes:?}");
        }
    }

    #[test]
    fn quantities_become_text() {
        let (value, notes) = fitted(
            "KafkaNodePool",
            json!({"replicas": 1, "roles": ["broker"], "storage": {"type": "ephemeral"},
                "resources": {"limits": {"cpu": 2, "memory": "8Gi"}, "requests": {"cpu": 0.5}}}),
        );
        assert_eq!(
            value["resources"],
            json!({"limits": {"cpu": "2", "memory": "8Gi"}, "requests": {"cpu": "0.5"}})
        );
        assert_eq!(notes, Vec::<String>::new());
    }
}
