//! What people are told: each disruption with its reason, and each change of a condition once.

use operator_api::{Condition, ConditionStatus, ConditionType, RollPhase, RollStatus};

use super::{Action, Steps};
use crate::observed::Observed;

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
}

impl PlanEvent {
    pub(super) fn new(kind: EventKind, reason: &str, note: impl Into<String>) -> Self {
        Self { kind, reason: reason.to_owned(), note: note.into() }
    }
}

pub(super) fn of_action(action: &Action) -> Option<PlanEvent> {
    match action {
        Action::DeleteOrphaning { name } => {
            let note = format!("StatefulSet {name} is made anew for its other volumes; its pods stay");
            Some(PlanEvent::new(EventKind::Normal, "StatefulSetReplaced", note))
        }
        Action::Reassign { moves } => {
            let note = format!("{} partitions get a copy on the new brokers", moves.len());
            Some(PlanEvent::new(EventKind::Normal, "Rebalancing", note))
        }
        Action::AlterSettings { set, unset } => {
            let names: Vec<_> = set.keys().chain(unset).map(String::as_str).collect();
            let note = format!("changed without a restart: {}", names.join(", "));
            Some(PlanEvent::new(EventKind::Normal, "SettingsChanged", note))
        }
        Action::Apply(_) | Action::TellZone { .. } | Action::DeletePod { .. } => None,
    }
}

/// What comes of the steps of a roll and of a balance.
pub(super) fn of_steps(observed: &Observed, steps: &Steps) -> Vec<PlanEvent> {
    let before = observed.cluster.status.as_ref();
    let mut events: Vec<_> =
        [&steps.dynamic.action, &steps.balance.action].into_iter().flatten().filter_map(of_action).collect();
    if let Some(stop) = &steps.roll.stop {
        let note = format!("pod {} is restarted: {}", stop.pod, stop.why);
        events.push(PlanEvent::new(EventKind::Normal, "PodRestart", note));
    }
    let waited = before.and_then(|status| status.roll.as_ref());
    let waited = waited.is_some_and(|roll| roll.phase == RollPhase::Waiting);
    if let Some(RollStatus { pod, waits_for: Some(why), .. }) = steps.roll.status.as_ref().filter(|_| !waited)
    {
        let note = format!("pod {pod} is not restarted yet: {why}");
        events.push(PlanEvent::new(EventKind::Normal, "RestartWaits", note));
    }
    for id in &steps.balance.done {
        let note = format!("broker {id} has its share of the partitions");
        events.push(PlanEvent::new(EventKind::Normal, "Rebalanced", note));
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
