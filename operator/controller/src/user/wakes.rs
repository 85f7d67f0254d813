//! Which users look again because somebody else changed their Secrets.

use futures::{Stream, StreamExt as _};
use k8s_openapi::api::core::v1::Secret;
use kube::{
    ResourceExt as _,
    core::PartialObjectMeta,
    runtime::{WatchStreamExt as _, reflector::ObjectRef, watcher},
};
use operator_api::{COMPONENT_LABEL, KafkaUser, USER_COMPONENT};
use operator_plan::claims::ObjectName;

use crate::{bound::Guarded, context::Context, watch};

/// The users of one namespace, or of all, whose Secrets change or go. What we write ourselves wakes nobody.
pub(super) fn secrets(
    context: &Context,
    namespace: Option<&str>,
) -> impl Stream<Item = ObjectRef<Guarded<KafkaUser>>> + Send + 'static + use<> {
    let memory = context.memory.clone();
    let of_users = watcher::Config::default().labels(&format!("{COMPONENT_LABEL}={USER_COMPONENT}"));
    watcher(watch::api::<PartialObjectMeta<Secret>>(&context.client, namespace), of_users)
        .default_backoff()
        .touched_objects()
        .filter_map(move |secret| {
            let user = secret.ok().and_then(|secret| {
                let name = secret.name_any();
                let of = ObjectName { namespace: secret.namespace().unwrap_or_default(), name };
                let is_going = secret.metadata.deletion_timestamp.is_some();
                let is_own = memory.is_own_write(&of, secret.metadata.resource_version.as_ref());
                (is_going || !is_own).then(|| ObjectRef::new(&of.name).within(&of.namespace))
            });
            std::future::ready(user)
        })
        .boxed()
}
