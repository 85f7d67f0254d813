//! Kafka's settings as people write them in YAML, and as Kafka reads them.

use serde_json::Value;

/// The text of a setting: numbers and booleans as written, lists joined by commas. `None` for null, which sets nothing.
///
/// # Errors
/// When the value is a map, which no setting of Kafka is.
pub fn to_text(value: &Value) -> Result<Option<String>, NotASetting> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Bool(flag) => Ok(Some(flag.to_string())),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Array(items) => {
            let texts: Result<Vec<_>, _> = items.iter().map(to_text).collect();
            Ok(Some(texts?.into_iter().flatten().collect::<Vec<_>>().join(",")))
        }
        Value::Object(_) => Err(NotASetting),
    }
}

/// A map where a setting should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a text, a number, a boolean or a list of these")]
pub struct NotASetting;

/// Whether two texts are one value to Kafka, which trims, and prints booleans and lists its own way.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    fn parts(text: &str) -> impl Iterator<Item = &str> {
        text.split(',').map(str::trim)
    }
    let is_boolean = |text: &str| text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
    if is_boolean(one.trim()) && is_boolean(other.trim()) {
        return one.trim().eq_ignore_ascii_case(other.trim());
    }
    parts(one).eq(parts(other))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_are_written_as_people_write_them() {
        let cases = [
            (json!(7_200_000), Some("7200000")),
            (json!(0.5), Some("0.5")),
            (json!(true), Some("true")),
            (json!("compact"), Some("compact")),
            (json!(["compact", "delete"]), Some("compact,delete")),
            (json!(null), None),
        ];
        for (value, text) in cases {
            assert_eq!(to_text(&value), Ok(text.map(str::to_owned)), "{value}");
        }
        assert_eq!(to_text(&json!({"a": 1})), Err(NotASetting));
    }

    #[test]
    fn kafka_prints_some_values_its_own_way() {
        assert!(is_same("compact, delete", "compact,delete"));
        assert!(is_same("TRUE", "true"));
        assert!(!is_same("Gzip", "gzip"));
        assert!(!is_same("1", "true"));
    }
}
