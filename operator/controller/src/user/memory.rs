//! What is remembered of users while the operator runs: nothing depends on it but how often something is done.

use std::{collections::BTreeMap, time::Duration};

use operator_plan::claims::ObjectName;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::secrets::Secrets;

/// How often Kafka is given a password again that cannot be told from another one.
const ASSERT_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is remembered.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// When Kafka was given the password of a user last.
    asserted: Mutex<BTreeMap<ObjectName, Instant>>,
    /// What users' Secrets say.
    pub(super) secrets: Secrets,
}

impl Memory {
    /// Whether Kafka was given the password of this user not long ago.
    pub(super) fn is_asserted(&self, user: &ObjectName) -> bool {
        self.asserted.lock().get(user).is_some_and(|since| since.elapsed() < ASSERT_EVERY)
    }

    /// Kafka was given it now.
    pub(super) fn assert(&self, user: ObjectName) {
        self.asserted.lock().insert(user, Instant::now());
    }

    /// What Kafka was given is not the password any more.
    pub(super) fn retract(&self, user: &ObjectName) {
        self.asserted.lock().remove(user);
    }

    /// Forgets a user that is gone.
    pub(super) fn forget(&self, user: &ObjectName) {
        self.retract(user);
        self.secrets.forget(user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> ObjectName {
        ObjectName { namespace: "n".to_owned(), name: "alice".to_owned() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_password_is_given_again_after_a_day_and_after_a_start() {
        let memory = Memory::default();
        assert!(!memory.is_asserted(&user()), "nothing is known after a start");
        memory.assert(user());
        tokio::time::advance(ASSERT_EVERY - Duration::from_secs(1)).await;
        assert!(memory.is_asserted(&user()));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!memory.is_asserted(&user()));
        for forget in [Memory::forget, Memory::retract] {
            memory.assert(user());
            forget(&memory, &user());
            assert!(!memory.is_asserted(&user()));
        }
    }
}
