//! What of a `KafkaUser` becomes something else than a field of the same name.

use serde_json::{Map, Value, json};

use crate::note::{Effect, Notes};

/// Changes `spec` in place before it is cut to the schema: an ACL of v1beta2 may name one operation alone.
pub(crate) fn change(spec: &mut Map<String, Value>, notes: &mut Notes) {
    let acls = spec.get_mut("authorization").and_then(|stated| stated.get_mut("acls"));
    let acls = acls.and_then(Value::as_array_mut).into_iter().flatten();
    for (at, acl) in (0_usize..).zip(acls).filter_map(|(at, acl)| Some((at, acl.as_object_mut()?))) {
        if acl.contains_key("operations") {
            continue;
        }
        if let Some(operation) = acl.remove("operation").filter(|operation| !operation.is_null()) {
            acl.insert("operations".to_owned(), json!([operation]));
            let path = format!("spec.authorization.acls[{at}].operation");
            notes.add(Effect::Changed, path, "it is the one of operations, as in Strimzi's v1");
        }
    }
}
