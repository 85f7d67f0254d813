//! One look at one topic: observe, decide, carry out, report.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::{Api, Resource as _, ResourceExt as _, runtime::controller::Action};
use operator_api::{Condition, ConditionStatus, ConditionType, KafkaTopic};
use operator_plan::{
    plan::{EventKind, PlanEvent},
    topics::{self, Failure, ObservedTopic, REPLICAS_CHANGE, Rules, Standing, TopicAction, TopicPlan},
};

use super::{
    Lookup,
    binding::{self, Binding},
    finalizer, vanishing,
};
use crate::{
    admin::{Desk, UNREACHABLE},
    clock,
    context::Context,
    error::ReconcileError,
    events,
    status::{self, Written},
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
    let binding = binding::find(lookup, topic);
    if topic.meta().deletion_timestamp.is_some()
        && matches!(binding, Binding::Gone(_) | Binding::NotAllowed(_))
    {
        // Its cluster is gone or going, and the topic with it, or it has nothing to say there.
        return let_go(context, topic).await;
    }
    let rival = binding::rival(lookup, topic);
    if !topics::concerns_kafka(topic, rival.as_deref()) {
        let plan = topics::plan(topic, None, rival.as_deref(), &Rules::default());
        if plan.actions.contains(&TopicAction::RemoveFinalizer) {
            finalizer::remove(context, topic).await?;
        }
        return finish(context, topic, Some(&plan), None, None).await;
    }
    let (bootstrap, since, rules) = match binding {
        Binding::Ready { bootstrap, since, rules } => (bootstrap, since, rules),
        // A broker that restarts says nothing about its topics: thousands of statuses need not say so and take it back.
        Binding::NotNow(failure) if failure.reason == binding::NOT_READY && is_settled(topic) => {
            return Ok(("steady", Action::requeue(context.resync)));
        }
        Binding::Gone(failure) | Binding::NotNow(failure) | Binding::NotAllowed(failure) => {
            return failed(context, topic, &failure).await;
        }
    };
    let desk = context.desks.at(&bootstrap);
    match with_kafka(context, &desk, topic, rival.as_deref(), &rules).await {
        Ok(Done { topic, plan, after }) => finish(context, &topic, Some(&plan), after.as_ref(), None).await,
        Err(Interrupted::Kafka(failure)) => {
            if failure.reason == UNREACHABLE {
                // The address may lead to another cluster by now.
                context.desks.forget(&bootstrap);
                if is_fresh(since.as_ref(), &clock::now()) {
                    return wait(context, topic).await;
                }
            }
            failed(context, topic, &failure).await
        }
        Err(Interrupted::Kubernetes(error)) => Err(error),
    }
}

/// Reports that nothing could be done now. One that goes with its namespace is not held back by that.
async fn failed(context: &Context, topic: &KafkaTopic, failure: &Failure) -> Result<Outcome, ReconcileError> {
    let is_going = topic.meta().deletion_timestamp.is_some();
    if is_going && vanishing::is_vanishing(context, &topic.namespace().unwrap_or_default()).await {
        tracing::warn!(
            topic = topic.topic_name(),
            reason = failure.reason,
            "left behind, its namespace goes"
        );
        return let_go(context, topic).await;
    }
    let (result, action) = finish(context, topic, None, None, Some(failure)).await?;
    Ok((result, if is_going { Action::requeue(RETRY) } else { action }))
}

/// Lets a resource go that has nothing to do any more.
async fn let_go(context: &Context, topic: &KafkaTopic) -> Result<Outcome, ReconcileError> {
    finalizer::remove(context, topic).await?;
    Ok(("changed", Action::await_change()))
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

/// Reads the topic, plans, carries out, and reads it again where it was made.
async fn with_kafka(
    context: &Context,
    desk: &Desk,
    topic: &KafkaTopic,
    rival: Option<&str>,
    rules: &Rules,
) -> Result<Done, Interrupted> {
    let mut topic = topic.clone();
    let name = topic.topic_name().to_owned();
    let mut after = desk.describe(&name).await?;
    let plan = topics::plan(&topic, after.as_ref(), rival, rules);
    if plan.actions.contains(&TopicAction::AddFinalizer) {
        topic = finalizer::add(context, &topic).await?.unwrap_or(topic);
    }
    if plan.changes_kafka() {
        tracing::info!(topic = name, actions = ?plan.actions, "changed");
        desk.carry_out(&name, &plan.actions).await?;
    }
    if plan.actions.iter().any(|action| matches!(action, TopicAction::Create { .. })) {
        after = seen_after_creation(desk, &name).await?;
    }
    if plan.actions.contains(&TopicAction::RemoveFinalizer) {
        topic = finalizer::remove(context, &topic).await?.unwrap_or(topic);
    }
    Ok(Done { topic, plan, after })
}

/// The topic that was just made. The broker that is asked may hear of it a little later than the controller that made it.
async fn seen_after_creation(desk: &Desk, name: &str) -> Result<Option<ObservedTopic>, Failure> {
    let mut after = desk.describe(name).await?;
    for _ in 0..LOOKS_AFTER_CREATION {
        if after.is_some() {
            break;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
        after = desk.describe(name).await?;
    }
    Ok(after)
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
    let turn = context.topic_writes.acquire().await;
    let written = status::write(context, &api, topic, topic.status.as_ref(), &status).await?;
    drop(turn);
    if written == Written::Outdated {
        return Ok(("changed", Action::requeue(SOON)));
    }
    tell(context, topic, &status.conditions).await;
    if status.replicas_change.is_some() && failure.is_none() {
        return Ok(("changed", Action::requeue(RETRY)));
    }
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
        UNREACHABLE
            | "NotController"
            | "ReassignmentInProgress"
            | "RequestTimedOut"
            | "ThrottlingQuotaExceeded"
            | "TopicAlreadyExists"
            | "UnknownServerError"
            | "UnknownTopicOrPartition"
    )
}

/// An event for each refusal that is news. Good news is in the status; thousands of topics would flood the events.
async fn tell(context: &Context, topic: &KafkaTopic, after: &[Condition]) {
    let before =
        topic.status.as_ref().and_then(|status| Condition::find(&status.conditions, ConditionType::Ready));
    let Some(ready) = Condition::find(after, ConditionType::Ready) else { return };
    let is_news =
        before.is_none_or(|before| before.reason != ready.reason || before.message != ready.message);
    let is_expected = [binding::NOT_READY, REPLICAS_CHANGE].contains(&ready.reason.as_str());
    let is_bad = ready.status == ConditionStatus::False && !is_expected;
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
