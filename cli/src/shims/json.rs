//! JSON files that people hand to Kafka's scripts, and what is wrong with them in the scripts' words.

use anyhow::{Result, bail};
use serde_json::{Map, Value};

/// Reads the file at `path`.
pub(super) fn read_file(path: &str) -> Result<String> {
    std::fs::read_to_string(path).or_else(|_| bail!("Unable to read file {path}"))
}

/// The first JSON value of `text`, as Kafka's parser takes it: what comes after it is not looked at. `None` for blanks.
pub(super) fn parse(text: &str) -> Result<Option<Value>, serde_json::Error> {
    serde_json::Deserializer::from_str(text).into_iter().next().transpose()
}

/// The object that `value` must be.
pub(super) fn object(value: Option<&Value>) -> Result<&Map<String, Value>> {
    match value {
        Some(Value::Object(fields)) => Ok(fields),
        Some(other) => bail!("Expected JSON object, received {other}"),
        None => bail!("Expected JSON object, received "),
    }
}

/// The array that `value` must be.
pub(super) fn array(value: &Value) -> Result<&[Value]> {
    match value {
        Value::Array(items) => Ok(items),
        other => bail!("Expected JSON array, received {other}"),
    }
}

/// A field that must be there.
pub(super) fn field<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a Value> {
    fields.get(name).ok_or_else(|| anyhow::anyhow!("No such field exists: `{name}`"))
}

/// The number that `value` must be.
pub(super) fn integer(value: &Value) -> Result<i32> {
    match value.as_i64().map(i32::try_from) {
        Some(Ok(number)) => Ok(number),
        _ => bail!("Expected `Integer` value, received {value}"),
    }
}

/// The text that `value` must be.
pub(super) fn string(value: &Value) -> Result<&str> {
    value.as_str().ok_or_else(|| anyhow::anyhow!("Expected `String` value, received {value}"))
}

/// The version that a file says it is of; 1 when it says none.
pub(super) fn check_version(fields: &Map<String, Value>) -> Result<()> {
    match fields.get("version").map(integer).transpose()? {
        None | Some(1) => Ok(()),
        Some(other) => bail!("Not supported version field value {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<T>(result: Result<T>) -> String {
        result.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_is_wrong_is_said_in_kafkas_words() {
        let value = parse(r#"{"a":[1],"b":"2","c":5000000000} and more"#).unwrap();
        let fields = object(value.as_ref()).unwrap();
        assert_eq!(said(object(fields.get("a"))), "Expected JSON object, received [1]");
        assert_eq!(said(array(&fields["b"])), "Expected JSON array, received \"2\"");
        assert_eq!(said(integer(&fields["b"])), "Expected `Integer` value, received \"2\"");
        assert_eq!(said(integer(&fields["c"])), "Expected `Integer` value, received 5000000000");
        assert_eq!(said(string(&fields["a"])), "Expected `String` value, received [1]");
        assert_eq!(said(field(fields, "d")), "No such field exists: `d`");
        assert_eq!(parse(" \n").unwrap(), None);
        assert!(parse("{").is_err());
    }
}
