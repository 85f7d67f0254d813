//! The schema says what the definitions inside Apache Kafka's jars say, field by field.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use broker_protocol::{ApiKey, ErrorCode};
use broker_schema::{Field, Message, Schema};
use serde_json::{Value, json};
use tests_codec::definition;
use tests_codec::oracle::Oracle;

#[test]
fn every_message_is_as_defined() -> Result<()> {
    let schema = Schema::load(&Schema::folder())?;
    let definitions = Oracle::start()?.json("definitions")?;
    let mut theirs = BTreeMap::new();
    for definition in definitions.as_array().context("an array")? {
        let message = definition::message(definition)?;
        theirs.insert(message.name.clone(), message);
    }
    let mut ours: BTreeMap<_, _> = schema.messages().map(|message| (message.name.clone(), message)).collect();
    let mut wrong = Vec::new();
    for (name, theirs) in &theirs {
        match ours.remove(name) {
            Some(ours) => compare(ours, theirs, &mut wrong),
            None => wrong.push(format!("{name} is missing")),
        }
    }
    wrong.extend(ours.keys().map(|name| format!("{name} is not Apache Kafka's")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(theirs.len(), 280);
    Ok(())
}

fn compare(ours: &Message, theirs: &Message, wrong: &mut Vec<String>) {
    let without_fields =
        |message: &Message| Message { fields: Vec::new(), structs: Vec::new(), ..message.clone() };
    if without_fields(ours) != without_fields(theirs) {
        wrong.push(format!(
            "{}: ours {:?}, theirs {:?}",
            ours.name,
            without_fields(ours),
            without_fields(theirs)
        ));
    }
    compare_fields(&ours.name, &ours.fields, &theirs.fields, wrong);
    let names = |message: &Message| -> Vec<_> {
        message.structs.iter().map(|one| (one.name.clone(), one.versions)).collect()
    };
    if names(ours) != names(theirs) {
        wrong.push(format!("{}: ours {:?}, theirs {:?}", ours.name, names(ours), names(theirs)));
    }
    for (ours, theirs) in ours.structs.iter().zip(&theirs.structs) {
        compare_fields(&ours.name, &ours.fields, &theirs.fields, wrong);
    }
}

fn compare_fields(place: &str, ours: &[Field], theirs: &[Field], wrong: &mut Vec<String>) {
    if ours.len() != theirs.len() {
        wrong.push(format!("{place}: {} fields, theirs {}", ours.len(), theirs.len()));
    }
    for (ours, theirs) in ours.iter().zip(theirs) {
        let place = format!("{place}.{}", theirs.name);
        let alone = |field: &Field| Field { fields: Vec::new(), ..field.clone() };
        if alone(ours) != alone(theirs) {
            wrong.push(format!("{place}: ours {:?}, theirs {:?}", alone(ours), alone(theirs)));
        }
        compare_fields(&place, &ours.fields, &theirs.fields, wrong);
    }
}

#[test]
fn errors_are_apaches() -> Result<()> {
    let theirs = Oracle::start()?.json("errors")?;
    let ours: Vec<Value> = ErrorCode::ALL
        .iter()
        .map(|error| json!([error.code(), error.name(), error.message(), error.is_retriable()]))
        .collect();
    assert_eq!(theirs, Value::Array(ours));
    Ok(())
}

#[test]
fn api_keys_and_header_versions_are_apaches() -> Result<()> {
    let theirs = Oracle::start()?.json("keys")?;
    let ours: Vec<Value> = ApiKey::ALL.iter().map(|key| row(*key)).collect();
    assert_eq!(theirs, Value::Array(ours));
    Ok(())
}

fn row(key: ApiKey) -> Value {
    let versions = key.valid_versions();
    if versions.is_empty() {
        return json!([key.code(), key.name()]);
    }
    let (low, high) = (*versions.start(), *versions.end());
    let newest = high + i16::from(key.latest_version_unstable());
    let headers: Vec<Value> = (low..=newest)
        .map(|version| json!([key.request_header_version(version), key.response_header_version(version)]))
        .collect();
    json!([key.code(), key.name(), low, high, headers])
}
