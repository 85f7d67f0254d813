//! Listeners that Klamm has not yet are left out as a whole: without its encryption or its authentication, a listener
//! would let in whom it kept out.

use operator_api::ListenerAuthentication;
use serde_json::{Map, Value};

use crate::{
    note::{Effect, Notes},
    schema,
};

/// The authentication that is built.
const BUILT: [&str; 2] = [ListenerAuthentication::TLS, ListenerAuthentication::SCRAM_SHA_512];

/// Takes out of `spec.kafka.listeners` those that cannot be. Their places stay, as nulls, so that paths tell the places
/// of the original.
pub(crate) fn leave_out(cluster_schema: &Value, spec: &mut Map<String, Value>, notes: &mut Notes) {
    let Some(listener) = schema::listener(cluster_schema) else { return };
    let Some(Value::Object(kafka)) = spec.get_mut("kafka") else { return };
    let Some(Value::Array(listeners)) = kafka.get_mut("listeners") else { return };
    let mut left = 0_usize;
    for (at, stated) in listeners.iter_mut().enumerate() {
        let path = format!("spec.kafka.listeners[{at}]");
        let before = notes.all.len();
        refuse(listener, stated, &path, notes);
        if notes.all.len() > before {
            *stated = Value::Null;
        } else {
            left += 1;
        }
    }
    if left == 0 && !listeners.is_empty() {
        kafka.remove("listeners");
        let why = "none is left: the cluster has the listener 'plain' on port 9092 instead, without encryption or \
                   authentication, inside the Kubernetes cluster";
        notes.add(Effect::Missing, "spec.kafka.listeners", why);
    }
}

fn refuse(schema: &Value, stated: &Value, path: &str, notes: &mut Notes) {
    let kinds = schema.pointer("/properties/type/enum").and_then(Value::as_array);
    let kind = stated.get("type").and_then(Value::as_str);
    if let Some(kind) =
        kind.filter(|kind| kinds.is_some_and(|known| !known.iter().any(|known| known.as_str() == Some(kind))))
    {
        let why = format!("there are no listeners of type {kind}: the listener is left out");
        notes.add(Effect::Missing, format!("{path}.type"), why);
    }
    let authentication = stated.get("authentication").filter(|stated| !stated.is_null());
    let kind =
        authentication.map(|stated| stated.get("type").and_then(Value::as_str).unwrap_or("without a type"));
    if let Some(kind) = kind.filter(|kind| !BUILT.contains(kind)) {
        let why = format!("authentication ({kind}) arrives with a later release: the listener is left out");
        notes.add(Effect::Missing, format!("{path}.authentication"), why);
    }
}
