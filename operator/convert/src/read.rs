//! YAML documents of several texts, lists taken apart.

use serde::Deserialize as _;
use serde_json::Value;

/// A text with documents.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Its name, for errors.
    pub name: &'a str,
    /// The documents.
    pub text: &'a str,
}

/// A text that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{name}, document {document}: {why}")]
pub struct ReadError {
    /// Of which source.
    pub name: String,
    /// Which document of it, from 1.
    pub document: usize,
    /// What is wrong.
    pub why: String,
}

/// All objects, in order. `kubectl get -o yaml` gives a list of them in one document.
pub(crate) fn objects(sources: &[Source<'_>]) -> Result<Vec<Value>, ReadError> {
    let mut objects = Vec::new();
    for source in sources {
        for (at, document) in serde_yaml::Deserializer::from_str(source.text).enumerate() {
            let error = |why: String| ReadError { name: source.name.to_owned(), document: at + 1, why };
            // By way of YAML's own values: they refuse a key that is there twice, which JSON's would swallow.
            let mut document =
                serde_yaml::Value::deserialize(document).map_err(|wrong| error(wrong.to_string()))?;
            document.apply_merge().map_err(|wrong| error(wrong.to_string()))?;
            let object = serde_json::to_value(document).map_err(|wrong| error(wrong.to_string()))?;
            add(object, &mut objects).map_err(error)?;
        }
    }
    Ok(objects)
}

fn add(object: Value, objects: &mut Vec<Value>) -> Result<(), String> {
    match object {
        Value::Null => Ok(()),
        Value::Object(mut map) => {
            let is_list = map.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
            match map.remove("items") {
                Some(Value::Array(items)) if is_list => {
                    items.into_iter().try_for_each(|item| add(item, objects))
                }
                Some(other) => {
                    map.insert("items".to_owned(), other);
                    objects.push(Value::Object(map));
                    Ok(())
                }
                None => {
                    objects.push(Value::Object(map));
                    Ok(())
                }
            }
        }
        _ => Err("is no object of Kubernetes".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Value>, ReadError> {
        objects(&[Source { name: "a.yaml", text }])
    }

    #[test]
    fn lists_and_empty_documents_are_taken_apart() {
        let text = "---\n# nothing\n---\nkind: A\n---\nkind: List\nitems: [{kind: B}, {kind: CList, items: [{kind: D}]}]\n";
        let kinds: Vec<_> = read(text).expect("readable").iter().map(|o| o["kind"].clone()).collect();
        assert_eq!(kinds, ["A", "B", "D"]);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, expected) in [
            ("kind: A\n---\nkind: {", "a.yaml, document 2: "),
            ("- a", "a.yaml, document 1: is no object of Kubernetes"),
            ("kind: A\nkind: B", "a.yaml, document 1: duplicate entry"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.starts_with(expected), "{text}: {error}");
        }
    }

    #[test]
    fn anchors_and_merges_are_resolved() {
        let text = "kind: A\nx: &x {a: 1}\ny: {<<: *x, b: 2}\n";
        assert_eq!(read(text).expect("readable")[0]["y"], serde_json::json!({"a": 1, "b": 2}));
    }
}
