//! Which users look again because somebody else changed their Secrets.

use std::collections::BTreeSet;

use futures::{Stream, StreamExt as _, stream};
use k8s_openapi::api::core::v1::Secret;
use kube::{
    ResourceExt as _,
    core::PartialObjectMeta,
    runtime::{
        WatchStreamExt as _,
        watcher::{self, Event},
    },
};
use operator_api::{COMPONENT_LABEL, USER_COMPONENT};
use operator_plan::claims::ObjectName;

use super::secrets::Secrets;
use crate::{context::Context, watch};

/// A Secret without what is in it.
type Seen = PartialObjectMeta<Secret>;

/// The users of one namespace, or of all, whose Secrets change or go. What we write ourselves wakes nobody.
pub(super) fn secrets(
    context: &Context,
    namespace: Option<&str>,
) -> impl Stream<Item = ObjectName> + Send + 'static + use<> {
    let (memory, scope) = (context.memory.clone(), namespace.map(str::to_owned));
    let of_users = watcher::Config::default().labels(&format!("{COMPONENT_LABEL}={USER_COMPONENT}"));
    let mut listed = BTreeSet::new();
    watcher::watcher(watch::api::<Seen>(&context.client, namespace), of_users)
        .default_backoff()
        .flat_map(move |event| {
            // Who does not answer is asked again.
            let woken = event.map(|event| hear(&memory.secrets, scope.as_deref(), &mut listed, &event));
            stream::iter(woken.unwrap_or_default())
        })
        .boxed()
}

/// Takes in what was heard. Gives the users that are to look again.
fn hear(
    secrets: &Secrets,
    scope: Option<&str>,
    listed: &mut BTreeSet<ObjectName>,
    event: &Event<Seen>,
) -> Vec<ObjectName> {
    let (Event::Apply(secret) | Event::InitApply(secret) | Event::Delete(secret)) = event else {
        let before = std::mem::take(listed);
        return if matches!(event, Event::InitDone) { secrets.listed(scope, &before) } else { Vec::new() };
    };
    let of = ObjectName { namespace: secret.namespace().unwrap_or_default(), name: secret.name_any() };
    let version = secret.resource_version().unwrap_or_default();
    let is_going = secret.metadata.deletion_timestamp.is_some();
    let is_news = match event {
        Event::Delete(_) => {
            secrets.gone(&of);
            true
        }
        Event::InitApply(_) => {
            listed.insert(of.clone());
            secrets.hear_listed(&of, version)
        }
        _ => secrets.hear(&of, version) || is_going,
    };
    is_news.then_some(of).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(name: &str, version: &str) -> Seen {
        let mut secret = Seen::default();
        secret.metadata.namespace = Some("n".to_owned());
        secret.metadata.name = Some(name.to_owned());
        secret.metadata.resource_version = Some(version.to_owned());
        secret
    }

    #[test]
    fn users_look_again_when_their_secrets_change_or_go() {
        let (secrets, mut listed) = (Secrets::default(), BTreeSet::new());
        let mut woken = |event: Event<Seen>| {
            let woken = hear(&secrets, None, &mut listed, &event);
            woken.into_iter().map(|of| of.name).collect::<Vec<_>>()
        };
        let nobody: [&str; 0] = [];
        assert_eq!(woken(Event::Init), nobody);
        assert_eq!(woken(Event::InitApply(secret("a", "1"))), nobody, "all are looked at anyway");
        assert_eq!(woken(Event::InitApply(secret("b", "2"))), nobody);
        assert_eq!(woken(Event::InitDone), nobody);
        assert_eq!(woken(Event::Apply(secret("a", "3"))), ["a"]);
        assert_eq!(woken(Event::Delete(secret("a", "4"))), ["a"]);
        assert_eq!(woken(Event::Init), nobody, "the watch begins anew");
        assert_eq!(woken(Event::InitDone), ["b"], "what went meanwhile");
    }
}
