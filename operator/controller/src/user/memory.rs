//! What is remembered of users while the operator runs: nothing depends on it but how often something is done.

use std::{collections::BTreeMap, time::Duration};

use operator_plan::claims::ObjectName;
use parking_lot::Mutex;
use tokio::time::Instant;

/// How often Kafka is given a password again that cannot be told from another one.
const ASSERT_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is remembered.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// When Kafka was given the password of a user last.
    asserted: Mutex<BTreeMap<ObjectName, Instant>>,
    /// The last version of each user's Secret that was written here.
    written: Mutex<BTreeMap<ObjectName, String>>,
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

    /// Forgets a user that is gone.
    pub(super) fn forget(&self, user: &ObjectName) {
        self.asserted.lock().remove(user);
        self.written.lock().remove(user);
    }

    /// Notes which version of a user's Secret was written here.
    pub(super) fn wrote(&self, user: ObjectName, version: Option<String>) {
        self.written.lock().extend(version.map(|version| (user, version)));
    }

    /// Whether this version of a user's Secret was written here.
    pub(super) fn is_own_write(&self, user: &ObjectName, version: Option<&String>) -> bool {
        version.is_some() && self.written.lock().get(user) == version
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
        memory.assert(user());
        memory.forget(&user());
        assert!(!memory.is_asserted(&user()));
    }

    #[test]
    fn the_version_that_was_written_last_is_known_until_the_user_goes() {
        let memory = Memory::default();
        for version in ["1", "2"] {
            memory.wrote(user(), Some(version.to_owned()));
        }
        let is_own = |version: &str| memory.is_own_write(&user(), Some(&version.to_owned()));
        assert_eq!(["1", "2", "2", "3"].map(is_own), [false, true, true, false]);
        memory.forget(&user());
        assert!(!is_own("2"));
    }
}
