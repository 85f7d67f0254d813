//! How a resource stands that is one thing of a cluster: a topic, a user.

use operator_api::ConditionType;

use crate::conditions::Wanted;

/// Why the cluster could not be asked, or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// A word in CamelCase: Kafka's error, or what is missing.
    pub reason: String,
    /// A sentence.
    pub message: String,
}

impl Failure {
    /// A failure.
    #[must_use]
    pub fn new(reason: &str, message: impl Into<String>) -> Self {
        Self { reason: reason.to_owned(), message: message.into() }
    }
}

/// How the resource stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Everything is, or after the actions will be, what the resource says.
    Managed,
    /// It is on its way to what the resource says.
    Changing {
        /// How far.
        message: String,
    },
    /// Part of it cannot be; the rest is.
    Refused {
        /// A word in CamelCase.
        reason: &'static str,
        /// What cannot be and why.
        message: String,
    },
    /// The pause annotation is set.
    Paused,
    /// It is marked as not managed.
    Unmanaged,
    /// It is going.
    Going,
}

impl Standing {
    /// Says that part of it cannot be. Of several parts the first gives the reason, and all are told.
    pub(crate) fn refuse(&mut self, reason: &'static str, why: String) {
        *self = match std::mem::replace(self, Self::Managed) {
            Self::Refused { reason, message } => {
                Self::Refused { reason, message: format!("{message}; {why}") }
            }
            _ => Self::Refused { reason, message: why },
        };
    }

    /// The condition that says so, or what kept it from being so. `changing` is the reason of one on its way.
    pub(crate) fn condition(&self, failure: Option<&Failure>, changing: &str) -> Wanted {
        match (self, failure) {
            (Self::Paused, _) => Wanted::yes(ConditionType::ReconciliationPaused, "Paused", ""),
            (Self::Unmanaged, _) => Wanted::yes(ConditionType::Unmanaged, "Unmanaged", ""),
            (_, Some(failure)) => Wanted::no(ConditionType::Ready, &failure.reason, failure.message.clone()),
            (Self::Refused { reason, message }, None) => {
                Wanted::no(ConditionType::Ready, reason, message.clone())
            }
            (Self::Changing { message }, None) => Wanted::no(ConditionType::Ready, changing, message.clone()),
            (Self::Going, None) => Wanted::no(ConditionType::Ready, "Deleting", ""),
            (Self::Managed, None) => Wanted::yes(ConditionType::Ready, "Ready", ""),
        }
    }
}
