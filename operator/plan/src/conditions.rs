//! Conditions: wanted ones are laid over those that were, so that a status that says the same is the same.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use operator_api::{Condition, ConditionStatus, ConditionType};

/// A condition to be, without its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which aspect.
    pub kind: ConditionType,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// A word in CamelCase.
    pub reason: String,
    /// A sentence.
    pub message: String,
}

impl Wanted {
    /// A condition that holds.
    #[must_use]
    pub fn yes(kind: ConditionType, reason: &str, message: impl Into<String>) -> Self {
        Self { kind, status: ConditionStatus::True, reason: reason.to_owned(), message: message.into() }
    }

    /// A condition that does not hold.
    #[must_use]
    pub fn no(kind: ConditionType, reason: &str, message: impl Into<String>) -> Self {
        Self { kind, status: ConditionStatus::False, reason: reason.to_owned(), message: message.into() }
    }

    /// A warning.
    #[must_use]
    pub fn warning(warning: &Warning) -> Self {
        Self::yes(ConditionType::Warning, warning.reason, warning.message.clone())
    }
}

/// Something doubtful that stops nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// A word in CamelCase.
    pub reason: &'static str,
    /// What is doubtful, and what to do.
    pub message: String,
}

impl Warning {
    pub(crate) fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

/// The `wanted` conditions with their times: one that was there with the same status keeps its time.
#[must_use]
pub fn merge(old: &[Condition], wanted: &[Wanted], generation: Option<i64>, now: &Time) -> Vec<Condition> {
    let mut merged = Vec::with_capacity(wanted.len());
    for wanted in wanted {
        let before = old.iter().find(|old| {
            let is_same_warning = wanted.kind != ConditionType::Warning || old.reason == wanted.reason;
            old.kind == wanted.kind && old.status == wanted.status && is_same_warning
        });
        merged.push(Condition {
            kind: wanted.kind,
            status: wanted.status,
            reason: wanted.reason.clone(),
            message: wanted.message.clone(),
            last_transition_time: before
                .map_or_else(|| now.clone(), |before| before.last_transition_time.clone()),
            observed_generation: generation,
        });
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time(k8s_openapi::jiff::Timestamp::from_second(seconds).expect("a time"))
    }

    #[test]
    fn a_condition_that_says_the_same_keeps_its_time() {
        let wanted = [Wanted::yes(ConditionType::Ready, "Ready", "")];
        let first = merge(&[], &wanted, Some(1), &at(10));
        let second = merge(&first, &wanted, Some(2), &at(20));
        assert_eq!(second[0].last_transition_time, at(10));
        assert_eq!(second[0].observed_generation, Some(2));
        let third = merge(&second, &[Wanted::no(ConditionType::Ready, "Gone", "")], Some(2), &at(30));
        assert_eq!(third[0].last_transition_time, at(30));
    }

    #[test]
    fn warnings_are_told_apart_by_their_reason() {
        let warnings = ["A", "B"].map(|reason| Wanted::yes(ConditionType::Warning, reason, ""));
        let first = merge(&[], &warnings[..1], None, &at(10));
        let second = merge(&first, &warnings, None, &at(20));
        assert_eq!((&second[0].last_transition_time, &second[1].last_transition_time), (&at(10), &at(20)));
    }
}
