//! YAML as every parser reads it: kubectl's is of version 1.1, where a bare `on`, `Off` or `y` is a boolean and `1_0` a
//! number, so a text stands in quotes unless it can be nothing else.

use std::fmt::Write as _;

use serde_json::Value;

/// One object as a document, without the line that parts documents.
pub(crate) fn document(value: &Value) -> String {
    let mut text = String::new();
    if is_block(value) {
        block(value, 0, &mut text)
    } else {
        text = leaf(value) + "\n"
    }
    text
}

/// Words that are not texts in some version of YAML.
const WORDS: [&str; 10] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan"];

fn block(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(fields) => {
            for (at, (name, value)) in fields.iter().enumerate() {
                // The first field of an item stands behind its dash.
                if at > 0 || !text.ends_with("- ") {
                    indent(depth, text);
                }
                text.push_str(&scalar(name));
                text.push(':');
                nested(value, depth + 1, text);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 || !text.ends_with("- ") {
                    indent(depth, text);
                }
                text.push_str("- ");
                if is_block(item) {
                    block(item, depth + 1, text);
                } else {
                    text.push_str(&leaf(item));
                    text.push('\n');
                }
            }
        }
        leaf_value => {
            text.push_str(&leaf(leaf_value));
            text.push('\n');
        }
    }
}

fn nested(value: &Value, depth: usize, text: &mut String) {
    if is_block(value) {
        text.push('\n');
        block(value, depth, text);
    } else {
        let _ = writeln!(text, " {}", leaf(value));
    }
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

fn leaf(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        // Empty maps and lists, numbers, booleans and null: YAML knows JSON's.
        other => other.to_string(),
    }
}

/// A text, in JSON's quotes where it could be taken for something else.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    if is_plain || is_size(text) { text.to_owned() } else { Value::from(text).to_string() }
}

/// `100Gi` is a text to everybody.
fn is_size(text: &str) -> bool {
    let count = text.strip_suffix('i').and_then(|text| text.strip_suffix(|c| "KMGTPE".contains(c)));
    count.is_some_and(|count| !count.is_empty() && count.chars().all(|c| c.is_ascii_digit()))
}

fn indent(depth: usize, text: &mut String) {
    text.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn it_reads_as_people_write_it() {
        let value = json!({
            "kind": "K", "spec": {"roles": ["broker"], "none": {}, "port": 9092, "mode": "Off", "version": "4.3",
            "size": "100Gi", "cpu": "2", "volumes": [{"id": 0, "peers": [{"a": "b"}]}, [1, [2]]]}
        });
        let expected = "kind: K\nspec:\n  cpu: \"2\"\n  mode: \"Off\"\n  none: {}\n  port: 9092\n  roles:\n    - broker\n  size: 100Gi\n  version: \"4.3\"\n  \
                        volumes:\n    - id: 0\n      peers:\n        - a: b\n    - - 1\n      - - 2\n";
        assert_eq!(document(&value), expected);
    }

    fn values() -> impl Strategy<Value = Value> {
        let text = prop_oneof!["[a-z0-9.:#'\" \\n-]{0,8}", Just("on".to_owned()), Just("1_0".to_owned())];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(text.clone(), inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(value in values()) {
            let text = document(&value);
            let read: Value = serde_yaml::from_str(&text).map_err(|e| TestCaseError::fail(format!("{e}: {text}")))?;
            prop_assert_eq!(read, value, "{}", text);
        }
    }
}
