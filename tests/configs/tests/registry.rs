//! Name, type, default, importance, limits, update mode and synonyms of every key, field by field, as the jars of
//! Apache Kafka 4.3.1 define them.
//!
//! Needs a JVM and the jars: `KLAMM_KAFKA_LIBS` names their directory. Without it the printed definitions of an earlier
//! run, `fixtures/definitions.jsonl`, stand in; with it they must also be what that file says.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use broker_config::{
    Check, ConfigDef, Default, Importance, UpdateMode, Visibility, broker, client_metrics, group, topic,
};
use serde_json::Value;

fn fixture() -> String {
    include_str!("fixtures/definitions.jsonl").to_owned()
}

fn rows(text: &str) -> BTreeMap<(String, String), Value> {
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let key = |row: &Value| {
        let field = |name: &str| row[name].as_str().expect("a text").to_owned();
        (field("family"), field("name"))
    };
    rows.map(|row| (key(&row), row)).collect()
}

fn families() -> [(&'static str, Vec<&'static ConfigDef>); 4] {
    [
        ("broker", broker::all().collect()),
        ("topic", topic::KEYS.iter().collect()),
        ("group", group::KEYS.iter().collect()),
        ("client-metrics", client_metrics::KEYS.iter().collect()),
    ]
}

#[test]
fn the_printed_definitions_are_those_of_the_jars() {
    let Some(libs) = std::env::var_os("KLAMM_KAFKA_LIBS") else { return };
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("java/ConfigDump.java");
    let class_path = Path::new(&libs).join("*");
    let output = Command::new("java").arg("-cp").arg(class_path).arg(program).output().expect("a JVM");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).expect("UTF-8"), fixture());
}

#[test]
fn every_key_is_there_and_no_other() {
    let kafkas: Vec<_> = rows(&fixture()).into_keys().collect();
    let mut ours = Vec::new();
    for (family, defs) in families() {
        ours.extend(defs.iter().map(|def| (family.to_owned(), def.name.to_owned())));
    }
    ours.sort();
    assert_eq!(ours, kafkas);
}

#[test]
fn every_key_agrees_field_by_field() {
    let kafkas = rows(&fixture());
    let mut wrong = Vec::new();
    for (family, defs) in families() {
        for def in defs {
            let row = &kafkas[&(family.to_owned(), def.name.to_owned())];
            for (field, ours) in fields(family, def) {
                if row[field] != ours {
                    wrong.push(format!("{family} {}: {field} is {ours}, Kafka's {}", def.name, row[field]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn fields(family: &str, def: &ConfigDef) -> Vec<(&'static str, Value)> {
    let importance = match def.importance {
        Importance::High => "HIGH",
        Importance::Medium => "MEDIUM",
        Importance::Low => "LOW",
    };
    let mode = match def.update {
        UpdateMode::ReadOnly => "read-only",
        UpdateMode::PerBroker => "per-broker",
        UpdateMode::ClusterWide => "cluster-wide",
    };
    let mut fields = vec![
        ("type", Value::from(def.kind.name())),
        ("required", Value::from(def.default == Default::Required)),
        ("default", def.default_text().map_or(Value::Null, Value::from)),
        ("importance", Value::from(importance)),
        ("internal", Value::from(def.visibility == Visibility::Internal)),
        ("mode", Value::from(mode)),
    ];
    match family {
        "broker" => fields.push(("synonyms", Value::from(broker::synonyms(def.name).to_vec()))),
        "topic" => {
            let names: Vec<_> = topic::broker_names(def.name).iter().map(|(name, _)| *name).collect();
            fields.push(("synonyms", Value::from(names)));
        }
        _ => {}
    }
    if let Some(valid) = valid(def.check) {
        fields.push(("valid", Value::from(valid)));
    }
    fields
}

/// Kafka's text of a limit, where it has one that says it all.
fn valid(check: Check) -> Option<String> {
    match check {
        Check::AtLeast(min) => Some(format!("[{min},...]")),
        Check::Between(min, max) => Some(format!("[{min},...,{max}]")),
        Check::DoubleBetween(min, max) => Some(format!("[{min},...,{max}]")),
        Check::OneOf(allowed) => Some(format!("[{}]", allowed.join(", "))),
        Check::OneOfAnyCase(allowed) => Some(format!("(case insensitive) [{}]", allowed.join(", "))),
        Check::List(allowed, _) if !allowed.is_empty() => Some(format!("[{}]", allowed.join(", "))),
        Check::GzipLevel => Some("[1,...,9] or -1".to_owned()),
        Check::NonEmpty => Some("non-empty string".to_owned()),
        _ => None,
    }
}
