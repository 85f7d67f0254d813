//! What people are told: each disruption with its reason, and each change of a condition once.

use operator_api::{
    Condition, ConditionStatus, ConditionType, RollPhase, RollStatus, VoterChange, VoterChangeStatus,
};

use super::{Action, Steps};
use crate::{
    certificates::{AuthorityChange, CertificateAction, Leaves, Origin},
    observed::Observed,
};

/// Whether an event is good or bad news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Expected.
    Normal,
    /// To be looked at.
    Warning,
}

/// One event about the KafkaCluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanEvent {
    /// Good or bad news.
    pub kind: EventKind,
    /// A word in CamelCase.
    pub reason: String,
    /// A sentence.
    pub note: String,
    /// The pod that it concerns: like events about different pods are not taken for one that repeats itself.
    pub pod: Option<String>,
}

impl PlanEvent {
    pub(super) fn new(kind: EventKind, reason: &str, note: impl Into<String>) -> Self {
        Self { kind, reason: reason.to_owned(), note: note.into(), pod: None }
    }

    /// Expected news of one pod.
    pub(super) fn of_pod(pod: &str, reason: &str, note: String) -> Self {
        Self { pod: Some(pod.to_owned()), ..Self::new(EventKind::Normal, reason, note) }
    }
}

pub(super) fn of_action(action: &Action) -> Option<PlanEvent> {
    match action {
        Action::Certify(action) => of_certificates(action),
        Action::DeleteOrphaning { name } => {
            let note = format!("StatefulSet {name} is made anew for its other volumes; its pods stay");
            Some(PlanEvent::new(EventKind::Normal, "StatefulSetReplaced", note))
        }
        Action::Reassign { moves } => {
            let note = format!("{} partitions get a copy on other brokers", moves.len());
            Some(PlanEvent::new(EventKind::Normal, "Rebalancing", note))
        }
        Action::CancelMoves { partitions } => {
            let note = format!("copies of {} partitions stay where they were", partitions.len());
            Some(PlanEvent::new(EventKind::Normal, "MovesCancelled", note))
        }
        Action::AlterSettings { set, unset } => {
            let names: Vec<_> = set.keys().chain(unset).map(String::as_str).collect();
            let note = format!("changed without a restart: {}", names.join(", "));
            Some(PlanEvent::new(EventKind::Normal, "SettingsChanged", note))
        }
        Action::Delete { kind, name, .. } => {
            let note = format!("{kind} {name} is deleted: its listener or its broker is gone");
            Some(PlanEvent::new(EventKind::Normal, "Deleted", note))
        }
        // What is to be told of the others, their steps tell.
        Action::Apply(_)
        | Action::TellZone { .. }
        | Action::TellAddresses { .. }
        | Action::DeletePod { .. }
        | Action::Cordon { .. }
        | Action::Unregister { .. }
        | Action::AddVoter { .. }
        | Action::RemoveVoter { .. }
        | Action::DeleteClaim { .. } => None,
    }
}

fn of_certificates(action: &CertificateAction) -> Option<PlanEvent> {
    let news = |reason, note: String| Some(PlanEvent::new(EventKind::Normal, reason, note));
    match action {
        CertificateAction::Change { which, change, why, .. } => {
            let ca = which.word();
            match change {
                AuthorityChange::Create { from: Origin::Made { .. } } => {
                    news("AuthorityCreated", format!("the {ca} CA is made: {why}"))
                }
                AuthorityChange::Create { from: Origin::Given } => {
                    news("AuthorityTaken", format!("the {ca} CA is taken over: {why}"))
                }
                AuthorityChange::Begin { .. } => news(
                    "KeyReplacementBegins",
                    format!("the {ca} CA gets a new key, which all learn to trust: {why}"),
                ),
                AuthorityChange::Promote => news(
                    "KeyReplacementIssues",
                    format!("the new key of the {ca} CA issues certificates: {why}"),
                ),
                AuthorityChange::Forget { .. } => news(
                    "KeyReplacementEnds",
                    format!("older keys of the {ca} CA are trusted no more: {why}"),
                ),
                AuthorityChange::Renew | AuthorityChange::TakeOver => {
                    news("AuthorityRenewed", format!("the {ca} CA gets a new certificate of its key: {why}"))
                }
                AuthorityChange::Tend => None,
            }
        }
        CertificateAction::Publish { .. } => None,
        CertificateAction::Issue(Leaves { secret, issue, copy, .. })
            if issue.is_empty() && !copy.is_empty() =>
        {
            let listeners: Vec<_> = copy.iter().map(|(listener, _)| listener.as_str()).collect();
            let note =
                format!("own certificates are taken over to Secret {secret}: {}", listeners.join(", "));
            news("ListenerCertificatesTaken", note)
        }
        CertificateAction::Issue(Leaves { secret, issue, why, .. }) => {
            let note = format!("{} certificates of Secret {secret} are issued: {why}", issue.len());
            (!issue.is_empty()).then_some(note).and_then(|note| news("CertificatesIssued", note))
        }
    }
}

/// What comes of the steps that are under way.
pub(super) fn of_steps(observed: &Observed, steps: &Steps) -> Vec<PlanEvent> {
    let mut events = steps.leaving.events.clone();
    let actions = steps.dynamic.action.iter().chain(&steps.voters.action);
    let actions = actions.chain(&steps.leaving.actions).chain(&steps.balance.actions);
    events.extend(actions.filter_map(of_action));
    events.extend(of_voters(observed, steps));
    events.extend(of_roll(observed, steps));
    for id in &steps.balance.done {
        let note = format!("broker {id} has its share of the partitions");
        events.push(PlanEvent::new(EventKind::Normal, "Rebalanced", note));
    }
    events
}

fn of_voters(observed: &Observed, steps: &Steps) -> Option<PlanEvent> {
    let VoterChangeStatus { node_id: id, pod, change, reason, waits_for } = steps.voters.status.as_ref()?;
    let before = observed.cluster.status.as_ref().and_then(|status| status.voter_change.as_ref());
    let told = match (waits_for, change) {
        (None, VoterChange::Add) => ("VoterAdded", format!("controller {id} gets a vote: {reason}")),
        (None, VoterChange::Remove) => ("VoterRemoved", format!("controller {id} votes no longer: {reason}")),
        (Some(why), _) => {
            before.is_none_or(|before| before.waits_for.is_none() || before.node_id != *id).then_some(())?;
            ("VoterChangeWaits", format!("the vote of controller {id} is not changed yet: {why}"))
        }
    };
    Some(PlanEvent::of_pod(pod, told.0, told.1))
}

fn of_roll(observed: &Observed, steps: &Steps) -> Vec<PlanEvent> {
    let mut events = Vec::new();
    if let Some(stop) = &steps.roll.stop {
        let note = format!("pod {} is restarted: {}", stop.pod, stop.why);
        events.push(PlanEvent::of_pod(&stop.pod, "PodRestart", note));
    }
    let waited = observed.cluster.status.as_ref().and_then(|status| status.roll.as_ref());
    let waited = waited.is_some_and(|roll| roll.phase == RollPhase::Waiting);
    if let Some(RollStatus { pod, waits_for: Some(why), .. }) = steps.roll.status.as_ref().filter(|_| !waited)
    {
        let note = format!("pod {pod} is not restarted yet: {why}");
        events.push(PlanEvent::of_pod(pod, "RestartWaits", note));
    }
    events
}

pub(super) fn of_conditions(before: &[Condition], after: &[Condition]) -> Vec<PlanEvent> {
    let is_news = |condition: &&Condition| {
        !before.iter().any(|old| {
            let is_same_warning =
                condition.kind != ConditionType::Warning || old.message == condition.message;
            old.kind == condition.kind
                && old.status == condition.status
                && old.reason == condition.reason
                && is_same_warning
        })
    };
    after.iter().filter(is_news).filter_map(event).collect()
}

fn event(condition: &Condition) -> Option<PlanEvent> {
    let is_true = condition.status == ConditionStatus::True;
    let kind = match condition.kind {
        ConditionType::Ready if is_true => EventKind::Normal,
        ConditionType::Ready if is_progress(&condition.reason) => EventKind::Normal,
        ConditionType::Ready | ConditionType::Warning => EventKind::Warning,
        ConditionType::ReconciliationPaused => EventKind::Normal,
        ConditionType::Quiesced | ConditionType::Unmanaged => return None,
    };
    let note =
        if condition.message.is_empty() { condition.reason.as_str() } else { condition.message.as_str() };
    Some(PlanEvent::new(kind, &condition.reason, note))
}

/// Reasons that a cluster is not ready yet, as against not any more.
fn is_progress(reason: &str) -> bool {
    matches!(reason, "Creating" | "Applying" | "Restarting")
}
