//! One look at one topic: observe, decide, carry out, report.

use std::time::Duration;

use kube::Resource as _;
use operator_api::KafkaTopic;
use operator_plan::topics::{self, Failure, ObservedTopic, Rules, Standing, TopicAction, TopicPlan};

use crate::{
    admin::{Desk, Topics, UNREACHABLE},
    bound::{
        self, Again, Interrupted, Lookup, Outcome, RETRY,
        binding::{self, Binding},
        finalizer,
    },
    clock,
    context::Context,
    error::ReconcileError,
};

/// How often a topic that was just made is looked for.
const LOOKS_AFTER_CREATION: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

pub(super) async fn reconcile(lookup: &Lookup, topic: &KafkaTopic) -> Result<Outcome, ReconcileError> {
    let context = &lookup.context;
    let binding = binding::find(lookup, topic);
    if topic.meta().deletion_timestamp.is_some()
        && matches!(binding, Binding::Gone(_) | Binding::NotAllowed(_))
    {
        // Its cluster is gone or going, and the topic with it, or it has nothing to say there.
        return bound::let_go(context, topic).await;
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
        Binding::NotNow(failure) if failure.reason == binding::NOT_READY && bound::is_settled(topic) => {
            return Ok(("steady", Again::InTurn));
        }
        Binding::Gone(failure) | Binding::NotNow(failure) | Binding::NotAllowed(failure) => {
            return failed(context, topic, &failure).await;
        }
    };
    let desk = context.topic_desks.at(&bootstrap);
    match with_kafka(context, &desk, topic, rival.as_deref(), &rules).await {
        Ok(Done { topic, plan, after }) => finish(context, &topic, Some(&plan), after.as_ref(), None).await,
        Err(Interrupted::Kafka(failure)) => {
            if failure.reason == UNREACHABLE {
                // The address may lead to another cluster by now.
                context.topic_desks.forget(&bootstrap);
                if bound::is_fresh(since.as_ref(), &clock::now()) {
                    if !bound::is_settled(topic) {
                        finish(context, topic, None, None, Some(&binding::not_ready(topic))).await?;
                    }
                    return Ok(bound::waits());
                }
            }
            failed(context, topic, &failure).await
        }
        Err(Interrupted::Kubernetes(error)) => Err(error),
    }
}

/// Reports that nothing could be done now.
async fn failed(context: &Context, topic: &KafkaTopic, failure: &Failure) -> Result<Outcome, ReconcileError> {
    if bound::is_left_behind(context, topic, failure).await {
        return bound::let_go(context, topic).await;
    }
    bound::failed(topic, finish(context, topic, None, None, Some(failure)).await?)
}

/// What was done, and the resource as it is since.
struct Done {
    topic: KafkaTopic,
    plan: TopicPlan,
    after: Option<ObservedTopic>,
}

/// Reads the topic, plans, carries out, and reads it again where it was made.
async fn with_kafka(
    context: &Context,
    desk: &Desk<Topics>,
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
async fn seen_after_creation(desk: &Desk<Topics>, name: &str) -> Result<Option<ObservedTopic>, Failure> {
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
        return Ok(("changed", Again::AtNews));
    }
    let status = topics::status(topic, plan, after, failure, &clock::now());
    let told = (topic.status.as_ref(), &status);
    if let Some(outdated) = bound::report(context, topic, told, &status.conditions).await? {
        return Ok(outdated);
    }
    if status.replicas_change.is_some() && failure.is_none() {
        return Ok(("changed", Again::After(RETRY)));
    }
    Ok(bound::outcome(failure, plan.is_some_and(|plan| !plan.actions.is_empty())))
}
