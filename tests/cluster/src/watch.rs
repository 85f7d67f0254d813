//! Waiting without polling: follows objects as the API server tells of their changes.

use std::process::{Child, Stdio};

use serde_json::{Deserializer, Value};

use crate::kube::Kube;

/// One change that a watch told of.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// `ADDED`, `MODIFIED` or `DELETED`; the objects that are there at the start come as `ADDED`.
    pub kind: String,
    /// The object after the change.
    pub object: Value,
}

/// Ends the watching process when the test has seen enough, or has failed.
struct Watching(Child);

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Kube {
    /// Follows the objects of `kind` that `selection` chooses (flags of kubectl, such as `--field-selector=…`) until a
    /// change satisfies `wanted`, and returns that change's object. Panics with the last one seen after `seconds`.
    pub fn watch_until(
        &self,
        namespace: &str,
        kind: &str,
        selection: &[&str],
        seconds: u32,
        mut wanted: impl FnMut(&Change) -> bool,
    ) -> Value {
        let limit = format!("--request-timeout={seconds}s");
        let mut args =
            vec!["kubectl", "get", kind, "--namespace", namespace, "--watch", "--output-watch-events"];
        args.extend(["--output", "json", limit.as_str()]);
        args.extend(selection);
        let child =
            self.command(&args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("kubectl starts");
        let mut watching = Watching(child);
        let changes = watching.0.stdout.take().expect("a pipe");
        let mut last = Value::Null;
        for change in Deserializer::from_reader(changes).into_iter::<Value>() {
            let Ok(mut change) = change else { break };
            let kind = change["type"].as_str().unwrap_or_default().to_owned();
            let change = Change { kind, object: change["object"].take() };
            if wanted(&change) {
                return change.object;
            }
            last = change.object;
        }
        panic!("{kind} {selection:?} in {namespace}: not within {seconds} s; last seen: {last:#}");
    }

    /// Follows one object by its name.
    pub fn watch_one(
        &self,
        namespace: &str,
        kind: &str,
        name: &str,
        seconds: u32,
        wanted: impl FnMut(&Change) -> bool,
    ) -> Value {
        self.watch_until(
            namespace,
            kind,
            &[&format!("--field-selector=metadata.name={name}")],
            seconds,
            wanted,
        )
    }
}

/// The condition of that type in an object's status, if it has one.
pub fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object["status"]["conditions"].as_array()?.iter().find(|condition| condition["type"] == kind)
}

/// Whether the condition is `True`.
pub fn condition_is_true(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|condition| condition["status"] == "True")
}

/// Whether the condition is `True` and speaks of the object's current generation.
pub fn is_current(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|condition| {
        condition["status"] == "True" && condition["observedGeneration"] == object["metadata"]["generation"]
    })
}
