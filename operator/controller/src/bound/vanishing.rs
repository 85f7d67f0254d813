//! Whether a namespace is on its way out: nothing may hold it back then.

use k8s_openapi::{
    api::{core::v1::ObjectReference, events::v1::Event},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{Api, api::PostParams};

use crate::{clock, context::Context};

/// The cause of a refusal that Kubernetes gives for whatever is made in such a namespace.
const TERMINATING: &str = "NamespaceTerminating";

/// Whether `namespace` is being deleted. Told by what Kubernetes would say to one more Event in it, so that no right to
/// read namespaces is needed; nothing is written. When nobody can tell, it is not.
pub(crate) async fn is_vanishing(context: &Context, namespace: &str) -> bool {
    let events: Api<Event> = Api::namespaced(context.client.clone(), namespace);
    let event = Event {
        metadata: ObjectMeta {
            generate_name: Some("klamm-".to_owned()),
            namespace: Some(namespace.to_owned()),
            ..ObjectMeta::default()
        },
        action: Some("Reconcile".to_owned()),
        event_time: Some(clock::now_micros()),
        reason: Some("Deleting".to_owned()),
        regarding: Some(ObjectReference {
            namespace: Some(namespace.to_owned()),
            ..ObjectReference::default()
        }),
        reporting_controller: Some("klamm-operator".to_owned()),
        reporting_instance: Some("klamm-operator".to_owned()),
        type_: Some("Normal".to_owned()),
        ..Event::default()
    };
    let only_asks = PostParams { dry_run: true, ..PostParams::default() };
    matches!(events.create(&only_asks, &event).await, Err(error) if says_so(&error))
}

fn says_so(error: &kube::Error) -> bool {
    let kube::Error::Api(status) = error else { return false };
    let mut causes = status.details.iter().flat_map(|details| &details.causes);
    causes.any(|cause| cause.reason == TERMINATING)
}

#[cfg(test)]
mod tests {
    use kube::core::Status;
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_cause_that_kubernetes_names_counts() {
        let refused = |causes: serde_json::Value| {
            let status = json!({"status": "Failure", "code": 403, "reason": "Forbidden", "details": {"causes": causes}});
            let status: Status = serde_json::from_value(status).expect("a status");
            kube::Error::Api(Box::new(status))
        };
        assert!(says_so(&refused(json!([{"reason": "NamespaceTerminating", "message": "", "field": ""}]))));
        assert!(!says_so(&refused(json!([]))), "rights that are missing are another refusal");
    }
}
