//! One look at one topic: observe, decide, carry out, report.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::{
    Api, Resource as _, ResourceExt as _,
    api::{Patch, PatchParams},
    runtime::controller::Action,
};
use operator_api::{Condition, ConditionStatus, ConditionType, KafkaTopic, TOPIC_FINALIZER};
use operator_plan::{
    plan::{EventKind, PlanEvent},
    topics::{self, Failure, ObservedTopic, Standing, TopicAction, TopicPlan},
};
use serde_json::json;

use super::{
    Lookup,
    binding::{self, Binding},
};
use crate::{
    admin::{Admin, Origin, UNREACHABLE, carry_out},
    clock,
    context::Context,
    error::{ReconcileError, is_not_found},
    events, status,
};

/// How soon a topic that could not be done is tried again.
pub(super) const RETRY: Duration = Duration::from_secs(5);

/// For how long after a cluster became Ready nobody need hear that it cannot be reached, and how soon it is tried again.
const FRESH_SECONDS: i64 = 15;
const SOON: Duration = Duration::from_millis(500);

/// How often a topic that was just made is looked for.
const LOOKS_AFTER_CREATION: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// What came of a look: a word for the metrics, and when to look again.
pub(super) type Outcome = (&'static str, Action);

pub(super) async fn reconcile(lookup: &Lookup, topic: &KafkaTopic) -> Result<Outcome, ReconcileError> {
    let context = &lookup.context;
    if topic.meta().deletion_timestamp.is_some() && matches!(binding::find(lookup, topic), Binding::Gone(_)) {
        // Its cluster is gone or going, and the topic with it: nothing may hold the resource back, not even a pause.
        remove_finalizer(context, topic).await?;
        return Ok(("changed", Action::await_change()));
    }
    let rival = binding::rival(lookup, topic);
    if !topics::concerns_kafka(topic, rival.as_deref()) {
        let plan = topics::plan(topic, None, rival.as_deref());
        if plan.actions.contains(&TopicAction::RemoveFinalizer) {
            remove_finalizer(context, topic).await?;
        }
        return finish(context, topic, Some(&plan), None, None).await;
    }
    let (bootstrap, since) = match binding::find(lookup, topic) {
        Binding::Ready { bootstrap, since } => (bootstrap, since),
        // A broker that restarts says nothing about its topics: thousands of statuses need not say so and take it back.
        Binding::NotNow(failure) if failure.reason == binding::NOT_READY && is_settled(topic) => {
            return Ok(("steady", Action::requeue(context.resync)));
        }
        Binding::Gone(failure) | Binding::NotNow(failure) => {
            return finish(context, topic, None, None, Some(&failure)).await;
        }
    };
    match with_kafka(context, topic, &bootstrap, rival.as_deref()).await {
        Ok(Done { topic, plan, after }) => finish(context, &topic, Some(&plan), after.as_ref(), None).await,
        Err(Interrupted::Kafka(failure)) => {
            // The address may lead to another cluster by now.
            context.admins.forget(&bootstrap);
            if failure.reason == UNREACHABLE && is_fresh(since.as_ref(), &clock::now()) {
                return wait(context, topic).await;
            }
            finish(context, topic, None, None, Some(&failure)).await
        }
        Err(Interrupted::Kubernetes(error)) => Err(error),
    }
}

/// Whether a cluster is Ready for so short a time that its Service may not lead to it yet on every node.
fn is_fresh(since: Option<&Time>, now: &Time) -> bool {
    since.is_some_and(|since| now.0.as_second() - since.0.as_second() < FRESH_SECONDS)
}

/// Says no more of the topic than that its cluster does not serve yet, and looks again at once.
async fn wait(context: &Context, topic: &KafkaTopic) -> Result<Outcome, ReconcileError> {
    if !is_settled(topic) {
        finish(context, topic, None, None, Some(&binding::not_ready(topic))).await?;
    }
    Ok(("waits", Action::requeue(SOON)))
}

/// What was done, and the resource as it is since.
struct Done {
    topic: KafkaTopic,
    plan: TopicPlan,
    after: Option<ObservedTopic>,
}

/// Whether the topic was what its resource says when it was last looked at.
fn is_settled(topic: &KafkaTopic) -> bool {
    let conditions = topic.status.iter().flat_map(|status| &status.conditions);
    let mut ready = conditions.filter(|condition| condition.kind == ConditionType::Ready);
    let is_current = |ready: &Condition| {
        ready.status == ConditionStatus::True && ready.observed_generation == topic.metadata.generation
    };
    topic.metadata.deletion_timestamp.is_none() && ready.any(is_current)
}

enum Interrupted {
    Kafka(Failure),
    Kubernetes(ReconcileError),
}

impl From<Failure> for Interrupted {
    fn from(failure: Failure) -> Self {
        Self::Kafka(failure)
    }
}

impl From<ReconcileError> for Interrupted {
    fn from(error: ReconcileError) -> Self {
        Self::Kubernetes(error)
    }
}

/// Reads the topic, plans, carries out, and reads it again where it was changed.
async fn with_kafka(
    context: &Context,
    topic: &KafkaTopic,
    bootstrap: &str,
    rival: Option<&str>,
) -> Result<Done, Interrupted> {
    let mut topic = topic.clone();
    let name = topic.topic_name().to_owned();
    let (mut admin, mut after) = describe(context, bootstrap, &name).await?;
    let plan = topics::plan(&topic, after.as_ref(), rival);
    if plan.actions.contains(&TopicAction::AddFinalizer) {
        topic = add_finalizer(context, &topic).await?.unwrap_or(topic);
    }
    if plan.changes_kafka() {
        tracing::info!(topic = name, actions = ?plan.actions, "changed");
        carry_out(admin.as_mut(), &name, &plan.actions).await?;
        after = seen_after(admin.as_mut(), &name, &plan).await?;
    }
    context.admins.give_back(bootstrap, admin);
    if plan.actions.contains(&TopicAction::RemoveFinalizer) {
        topic = remove_finalizer(context, &topic).await?.unwrap_or(topic);
    }
    Ok(Done { topic, plan, after })
}

/// The topic as it is after its plan. The broker that is asked may hear of a new topic a little later than the
/// controller that made it.
async fn seen_after(
    admin: &mut dyn Admin,
    name: &str,
    plan: &TopicPlan,
) -> Result<Option<ObservedTopic>, Failure> {
    let is_made = plan.actions.iter().any(|action| matches!(action, TopicAction::Create { .. }));
    let mut after = admin.describe(name).await?;
    for _ in 0..LOOKS_AFTER_CREATION {
        if after.is_some() || !is_made {
            break;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
        after = admin.describe(name).await?;
    }
    Ok(after)
}

/// The topic as it is, and the connection that told it. One that was kept may be dead: a fresh one is tried then.
async fn describe(
    context: &Context,
    bootstrap: &str,
    name: &str,
) -> Result<(Box<dyn Admin>, Option<ObservedTopic>), Failure> {
    loop {
        let (mut admin, origin) = context.admins.take(bootstrap).await?;
        match admin.describe(name).await {
            Ok(observed) => return Ok((admin, observed)),
            Err(_) if origin == Origin::Kept => {}
            Err(failure) => return Err(failure),
        }
    }
}

/// Reports, and says when to look again.
async fn finish(
    context: &Context,
    topic: &KafkaTopic,
    plan: Option<&TopicPlan>,
    after: Option<&ObservedTopic>,
    failure: Option<&Failure>,
) -> Result<Outcome, ReconcileError> {
    let is_gone = plan.is_some_and(|plan| plan.standing == Standing::Going);
    if is_gone && failure.is_none() {
        return Ok(("changed", Action::await_change()));
    }
    let status = topics::status(topic, plan, after, failure, &clock::now());
    let api: Api<KafkaTopic> =
        Api::namespaced(context.client.clone(), &topic.namespace().unwrap_or_default());
    status::write(context, &api, topic, topic.status.as_ref(), &status).await?;
    tell(context, topic, &status.conditions).await;
    Ok(match (failure, plan.is_none_or(|plan| plan.actions.is_empty())) {
        (Some(failure), _) => {
            ("failed", Action::requeue(if may_pass(failure) { RETRY } else { context.resync }))
        }
        (None, true) => ("steady", Action::requeue(context.resync)),
        (None, false) => ("changed", Action::requeue(context.resync)),
    })
}

/// Whether a failure may pass without anybody changing the resource. What Kafka refuses it refuses again, and a
/// cluster that appears is heard of.
fn may_pass(failure: &Failure) -> bool {
    matches!(
        failure.reason.as_str(),
        UNREACHABLE | "NotController" | "RequestTimedOut" | "UnknownServerError"
    )
}

/// An event for each refusal that is news. Good news is in the status; thousands of topics would flood the events.
async fn tell(context: &Context, topic: &KafkaTopic, after: &[Condition]) {
    let before =
        topic.status.as_ref().and_then(|status| Condition::find(&status.conditions, ConditionType::Ready));
    let Some(ready) = Condition::find(after, ConditionType::Ready) else { return };
    let is_news =
        before.is_none_or(|before| before.reason != ready.reason || before.message != ready.message);
    let is_bad = ready.status == ConditionStatus::False && ready.reason != binding::NOT_READY;
    if !is_news || !is_bad {
        return;
    }
    let event = PlanEvent {
        kind: EventKind::Warning,
        reason: ready.reason.clone(),
        note: if ready.message.is_empty() { ready.reason.clone() } else { ready.message.clone() },
        pod: None,
    };
    events::publish(context, &topic.object_ref(&()), &[event]).await;
}

async fn add_finalizer(context: &Context, topic: &KafkaTopic) -> Result<Option<KafkaTopic>, ReconcileError> {
    let mut finalizers = topic.finalizers().to_vec();
    finalizers.push(TOPIC_FINALIZER.to_owned());
    set_finalizers(context, topic, &finalizers).await
}

async fn remove_finalizer(
    context: &Context,
    topic: &KafkaTopic,
) -> Result<Option<KafkaTopic>, ReconcileError> {
    let (ours, others): (Vec<_>, Vec<_>) =
        topic.finalizers().iter().cloned().partition(|name| name == TOPIC_FINALIZER);
    if ours.is_empty() {
        return Ok(None);
    }
    set_finalizers(context, topic, &others).await
}

/// Finalizers are one list for all of their owners: it is replaced over the version that was read. Gives the resource
/// as it is then, unless it is gone.
async fn set_finalizers(
    context: &Context,
    topic: &KafkaTopic,
    finalizers: &[String],
) -> Result<Option<KafkaTopic>, ReconcileError> {
    let api: Api<KafkaTopic> =
        Api::namespaced(context.client.clone(), &topic.namespace().unwrap_or_default());
    let patch = json!({"metadata": {"resourceVersion": topic.resource_version(), "finalizers": finalizers}});
    context.metrics.wrote("Finalizer");
    match api.patch(&topic.name_any(), &PatchParams::default(), &Patch::Merge(patch)).await {
        Err(error) if is_not_found(&error) => Ok(None),
        result => result.map(Some).map_err(ReconcileError::api("finalizer of a KafkaTopic")),
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::jiff::Timestamp;

    use super::*;

    #[test]
    fn a_cluster_is_fresh_for_a_quarter_of_a_minute() {
        let at = |second| Time(Timestamp::from_second(second).expect("a time"));
        assert!(is_fresh(Some(&at(100)), &at(114)));
        assert!(!is_fresh(Some(&at(100)), &at(115)));
        assert!(!is_fresh(None, &at(100)), "it serves, but it is not Ready: nobody knows since when");
    }
}
