//! What is told of a resource after a look, and when to look again.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::{Api, ResourceExt as _};
use operator_api::{Condition, ConditionStatus, ConditionType};
use operator_plan::{
    plan::{EventKind, PlanEvent},
    standing::Failure,
};
use serde::Serialize;

use super::{Kind, binding, finalizer, vanishing};
use crate::{
    admin::UNREACHABLE,
    context::Context,
    error::ReconcileError,
    events,
    status::{self, Written},
};

/// How soon one that could not be done is tried again.
pub(crate) const RETRY: Duration = Duration::from_secs(5);

/// For how long after a cluster became Ready nobody need hear that it cannot be reached, and how soon it is tried again.
const FRESH_SECONDS: i64 = 15;
const SOON: Duration = Duration::from_millis(500);

/// When one is looked at again. News of it is looked at at once in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// When there is news of it.
    AtNews,
    /// After so long.
    After(Duration),
    /// When its cluster has its turn.
    InTurn,
}

/// What came of a look: a word for the metrics, and when to look again.
pub(crate) type Outcome = (&'static str, Again);

/// What a look ends by before its end.
pub(crate) enum Interrupted {
    /// The cluster's answer, or that there was none.
    Kafka(Failure),
    /// The API server's.
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

/// Whether a resource goes with its namespace, which nothing may hold back: what could not be done is left.
pub(crate) async fn is_left_behind<K: Kind>(context: &Context, object: &K, failure: &Failure) -> bool {
    let is_left =
        object.is_going() && vanishing::is_vanishing(context, &object.namespace().unwrap_or_default()).await;
    if is_left {
        let (kind, name) = (K::kind(&()), object.claimed());
        tracing::warn!(%kind, name, reason = failure.reason, "left behind, its namespace goes");
    }
    is_left
}

/// The outcome of a look that came to nothing: one that is to go is tried again soon.
pub(crate) fn failed<K: Kind>(object: &K, (result, again): Outcome) -> Result<Outcome, ReconcileError> {
    Ok((result, if object.is_going() { Again::After(RETRY) } else { again }))
}

/// Lets a resource go that has nothing to do any more.
pub(crate) async fn let_go<K: Kind>(context: &Context, object: &K) -> Result<Outcome, ReconcileError> {
    finalizer::remove(context, object).await?;
    Ok(("changed", Again::AtNews))
}

/// Whether a cluster is Ready for so short a time that its Service may not lead to it yet on every node.
pub(crate) fn is_fresh(since: Option<&Time>, now: &Time) -> bool {
    since.is_some_and(|since| now.0.as_second() - since.0.as_second() < FRESH_SECONDS)
}

/// The outcome where a cluster does not serve yet: it is looked at again at once.
pub(crate) fn waits() -> Outcome {
    ("waits", Again::After(SOON))
}

/// Whether it was what its resource says when it was last looked at.
pub(crate) fn is_settled<K: Kind>(object: &K) -> bool {
    let generation = object.meta().generation;
    let mut ready = object.conditions().iter().filter(|condition| condition.kind == ConditionType::Ready);
    let is_current =
        |ready: &Condition| ready.status == ConditionStatus::True && ready.observed_generation == generation;
    !object.is_going() && ready.any(is_current)
}

/// Writes a status where it says something new, and an event for a refusal that is news. The outcome of a look whose object
/// changed meanwhile: it is looked at again at once.
pub(crate) async fn report<K: Kind, S: Serialize + PartialEq>(
    context: &Context,
    object: &K,
    (before, after): (Option<&S>, &S),
    conditions: &[Condition],
) -> Result<Option<Outcome>, ReconcileError> {
    let api: Api<K> = Api::namespaced(context.client.clone(), &object.namespace().unwrap_or_default());
    let turn = context.bound_writes.acquire().await;
    let written = status::write(context, &api, object, before, after).await?;
    drop(turn);
    if written == Written::Outdated {
        return Ok(Some(("changed", Again::After(SOON))));
    }
    tell(context, object, conditions).await;
    Ok(None)
}

/// The outcome of a look that was reported.
pub(crate) fn outcome(failure: Option<&Failure>, is_changed: bool) -> Outcome {
    match failure {
        Some(failure) if may_pass(failure) => ("failed", Again::After(RETRY)),
        Some(_) => ("failed", Again::InTurn),
        None => (if is_changed { "changed" } else { "steady" }, Again::InTurn),
    }
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
            | "SecurityDisabled"
            | "ThrottlingQuotaExceeded"
            | "TopicAlreadyExists"
            | "UnknownServerError"
            | "UnknownTopicOrPartition"
    )
}

/// An event for each refusal that is news. Good news is in the status; thousands of them would flood the events.
async fn tell<K: Kind>(context: &Context, object: &K, after: &[Condition]) {
    let before = Condition::find(object.conditions(), ConditionType::Ready);
    let Some(ready) = Condition::find(after, ConditionType::Ready) else { return };
    let is_news =
        before.is_none_or(|before| before.reason != ready.reason || before.message != ready.message);
    let is_expected = [binding::NOT_READY, K::ON_ITS_WAY].contains(&ready.reason.as_str());
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
    events::publish(context, &object.object_ref(&()), &[event]).await;
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
