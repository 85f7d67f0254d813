//! Services, Ingresses and TLSRoutes go with the listener or the broker that they were made for.

use operator_api::LISTENER_LABEL;
use serde_json::Value;

use super::Action;
use crate::{manifest::Manifest, objects::KINDS_OF_LISTENERS, observed::Observed};

/// What is there of listeners and no longer `wanted`.
pub(super) fn delete(observed: &Observed, wanted: &[Manifest]) -> Vec<Action> {
    let mut actions = Vec::new();
    for (api_version, kind) in KINDS_OF_LISTENERS {
        for (name, object) in observed.live.of_kind(kind) {
            let labels = object.pointer("/metadata/labels");
            let is_ours = labels.is_some_and(|labels| labels.get(LISTENER_LABEL).is_some());
            let is_going = object.pointer("/metadata/deletionTimestamp").is_some();
            let is_wanted = wanted.iter().any(|one| one.kind == kind && one.name == name);
            if is_ours && !is_going && !is_wanted {
                let uid = object.pointer("/metadata/uid").and_then(Value::as_str).map(str::to_owned);
                actions.push(Action::Delete { api_version, kind, name: name.to_owned(), uid });
            }
        }
    }
    actions
}
