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
    /// The last version of each Secret, by uid, that was written here.
    written: Mutex<BTreeMap<String, String>>,
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
    }

    /// Notes what was written here.
    pub(super) fn wrote(&self, uid: Option<String>, version: Option<String>) {
        if let (Some(uid), Some(version)) = (uid, version) {
            self.written.lock().insert(uid, version);
        }
    }

    /// Whether this version of a Secret was written here. It is told once.
    pub(super) fn is_own_write(&self, uid: Option<&String>, version: Option<String>) -> bool {
        let Some((uid, version)) = uid.zip(version) else { return false };
        let mut written = self.written.lock();
        let is_own = written.get(uid) == Some(&version);
        if is_own {
            written.remove(uid);
        }
        is_own
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
    fn a_version_that_was_written_here_is_known_once() {
        let memory = Memory::default();
        let version = |version: &str| Some(version.to_owned());
        let uid = "u".to_owned();
        memory.wrote(Some(uid.clone()), version("1"));
        memory.wrote(Some(uid.clone()), version("2"));
        let heard = ["3", "2", "2"].map(|one| memory.is_own_write(Some(&uid), version(one)));
        assert_eq!(heard, [false, true, false]);
    }
}
