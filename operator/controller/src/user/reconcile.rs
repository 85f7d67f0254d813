//! One look at one user: observe, decide, carry out, report.

use operator_api::KafkaUser;
use operator_plan::{
    claims::{Bound as _, cluster_of, object_name},
    names::Names,
    users::{self, Failure, Standing, UserAction, UserPlan},
};

use super::kafka::{Done, bring_about};
use crate::{
    admin::UNREACHABLE,
    bound::{
        self, Again, Interrupted, Lookup, Outcome,
        binding::{self, Binding},
        finalizer,
    },
    clock,
    context::Context,
    error::ReconcileError,
};

pub(super) async fn reconcile(lookup: &Lookup, user: &KafkaUser) -> Result<Outcome, ReconcileError> {
    let context = &lookup.context;
    let binding = binding::find(lookup, user);
    if user.is_going() && matches!(binding, Binding::Gone(_) | Binding::NotAllowed(_)) {
        // Its cluster is gone or going, and the user with it, or it has nothing to say there.
        forget(context, user);
        return bound::let_go(context, user).await;
    }
    let rival = binding::rival(lookup, user);
    if let Some(plan) = users::plan_without_kafka(user, rival.as_deref()) {
        if plan.actions.contains(&UserAction::RemoveFinalizer) {
            finalizer::remove(context, user).await?;
        }
        return finish(context, user, Some(&plan), None).await;
    }
    let (bootstrap, since, terms) = match binding {
        Binding::Ready { bootstrap, since, rules } => (bootstrap, since, rules),
        // A broker that restarts says nothing about its users: thousands of statuses need not say so and take it back.
        Binding::NotNow(failure) if failure.reason == binding::NOT_READY && bound::is_settled(user) => {
            return Ok(("steady", Again::InTurn));
        }
        Binding::Gone(failure) | Binding::NotNow(failure) | Binding::NotAllowed(failure) => {
            return failed(context, user, &failure).await;
        }
    };
    let of = cluster_of(user);
    let of = of.as_ref().map_or(("", ""), |of| (of.name.as_str(), of.namespace.as_str()));
    let names = Names::new(of.0, of.1, &context.settings.cluster_domain);
    let issuer = context.issuers.of_or_read(&context.client, &names).await;
    let issuer = issuer.map_err(ReconcileError::api("reading the authorities of a cluster"))?;
    let desk = context.user_desks.at(&bootstrap);
    match bring_about(context, &desk, user, &terms, issuer).await {
        Ok(Done { is_outdated: true, .. }) => Ok(bound::waits()),
        Ok(Done { user, plan, .. }) => finish(context, &user, Some(&plan), None).await,
        Err(Interrupted::Kafka(failure)) => {
            if failure.reason == UNREACHABLE {
                // The address may lead to another cluster by now.
                context.user_desks.forget(&bootstrap);
                if bound::is_fresh(since.as_ref(), &clock::now()) {
                    if !bound::is_settled(user) {
                        finish(context, user, None, Some(&binding::not_ready(user))).await?;
                    }
                    return Ok(bound::waits());
                }
            }
            failed(context, user, &failure).await
        }
        Err(Interrupted::Kubernetes(error)) => Err(error),
    }
}

/// Forgets a user that is gone, or whose cluster is.
fn forget(context: &Context, user: &KafkaUser) {
    context.memory.forget(&object_name(user));
    context.metrics.user_certificates.note(&object_name(user), None, None);
}

/// Reports that nothing could be done now.
async fn failed(context: &Context, user: &KafkaUser, failure: &Failure) -> Result<Outcome, ReconcileError> {
    if bound::is_left_behind(context, user, failure).await {
        forget(context, user);
        return bound::let_go(context, user).await;
    }
    bound::failed(user, finish(context, user, None, Some(failure)).await?)
}

/// Reports, and says when to look again.
async fn finish(
    context: &Context,
    user: &KafkaUser,
    plan: Option<&UserPlan>,
    failure: Option<&Failure>,
) -> Result<Outcome, ReconcileError> {
    let is_gone = plan.is_some_and(|plan| plan.standing == Standing::Going);
    if is_gone && failure.is_none() {
        forget(context, user);
        return Ok(("changed", Again::AtNews));
    }
    // Of one that is paused or refused what was known stays known.
    let is_looked_at = |plan: &&UserPlan| matches!(plan.standing, Standing::Managed | Standing::Unmanaged);
    if let Some(plan) = plan.filter(is_looked_at).filter(|_| failure.is_none()) {
        context.metrics.user_certificates.note(&object_name(user), cluster_of(user), plan.certificate);
    }
    let status = users::status(user, plan, failure, &clock::now());
    let told = (user.status.as_ref(), &status);
    if let Some(outdated) = bound::report(context, user, told, &status.conditions).await? {
        return Ok(outdated);
    }
    Ok(bound::outcome(failure, plan.is_some_and(|plan| !plan.actions.is_empty())))
}
