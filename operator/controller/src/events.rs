//! Events: what people see in `kubectl describe`. One that cannot be written is not worth a failure.

use k8s_openapi::api::core::v1::ObjectReference;
use kube::runtime::events::{Event, EventType};
use operator_plan::plan::{EventKind, PlanEvent};

use crate::{context::Context, error::brief};

/// What Kubernetes takes at most.
const NOTE_BYTES_MAX: usize = 1000;

/// Tells people about `regarding`.
pub(crate) async fn publish(context: &Context, regarding: &ObjectReference, events: &[PlanEvent]) {
    for event in events {
        let note = event.note.chars().scan(0, |bytes, c| {
            *bytes += c.len_utf8();
            (*bytes <= NOTE_BYTES_MAX).then_some(c)
        });
        let published = Event {
            type_: match event.kind {
                EventKind::Normal => EventType::Normal,
                EventKind::Warning => EventType::Warning,
            },
            reason: event.reason.clone(),
            note: Some(note.collect()),
            action: "Reconcile".to_owned(),
            secondary: event.pod.clone().map(|name| ObjectReference {
                api_version: Some("v1".to_owned()),
                kind: Some("Pod".to_owned()),
                name: Some(name),
                namespace: regarding.namespace.clone(),
                ..ObjectReference::default()
            }),
        };
        context.metrics.wrote("Event");
        if let Err(error) = context.recorder.publish(&published, regarding).await {
            tracing::warn!(error = brief(&error), reason = event.reason, "an event could not be written");
        }
    }
}
