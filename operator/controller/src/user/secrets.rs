//! What is known of users' Secrets without reading them: a watch of their metadata tells which version of each there is, and
//! what a version says does not change. Nothing depends on it but how often one is read.
//!
//! Invariants: what is remembered is of the version that was heard of last, and of the same resource, listener and authority;
//! a version that was written here is no news, also when it is heard of before the API server has answered.

use std::collections::{BTreeMap, BTreeSet};

use operator_plan::{claims::ObjectName, users::SecretFacts};
use parking_lot::Mutex;

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Namespaces whose list was complete; `None` for all.
    complete: BTreeSet<Option<String>>,
    known: BTreeMap<ObjectName, Known>,
}

/// What is known of one.
#[derive(Debug, Default, PartialEq)]
struct Known {
    /// The version that was heard of last; `None` where there is none that is labelled as a user's.
    heard: Option<String>,
    /// The version that was written here last.
    written: Option<String>,
    /// Whether one is being written, and what was heard of meanwhile.
    writing: Option<Option<String>>,
    /// Whether there is one without our label.
    is_hidden: bool,
    /// What one that was read says.
    read: Option<Read>,
}

/// What a version says.
#[derive(Debug, PartialEq)]
struct Read {
    version: String,
    /// A number of all that this depends on beside the Secret.
    basis: u64,
    facts: SecretFacts,
}

impl Secrets {
    /// Takes in a version that there is now. Whether that is news.
    pub(super) fn hear(&self, of: &ObjectName, version: String) -> bool {
        let mut inner = self.inner.lock();
        let known = inner.known.entry(of.clone()).or_default();
        known.heard = Some(version.clone());
        known.is_hidden = false;
        match &mut known.writing {
            Some(meanwhile) => {
                *meanwhile = Some(version);
                false
            }
            None => known.written.as_ref() != Some(&version),
        }
    }

    /// Takes in a version that a list names. Whether that is news to somebody who looked before.
    pub(super) fn hear_listed(&self, of: &ObjectName, version: String) -> bool {
        let seen = {
            let inner = self.inner.lock();
            let known = inner.known.get(of);
            known.and_then(|known| known.read.as_ref()).map(|read| read.version.clone())
        };
        let is_other = seen.is_some_and(|seen| seen != version);
        self.hear(of, version) && is_other
    }

    /// There is none any more, or none that is labelled as a user's.
    pub(super) fn gone(&self, of: &ObjectName) {
        let mut inner = self.inner.lock();
        let writing = inner.known.remove(of).and_then(|known| known.writing);
        if writing.is_some() {
            inner.known.insert(of.clone(), Known { writing, ..Known::default() });
        }
    }

    /// A list of a namespace, or of all, is complete. Gives those that it does not name.
    pub(super) fn listed(&self, scope: Option<&str>, listed: &BTreeSet<ObjectName>) -> Vec<ObjectName> {
        let missing: Vec<_> = {
            let mut inner = self.inner.lock();
            inner.complete.insert(scope.map(str::to_owned));
            let is_in = |of: &ObjectName| scope.is_none_or(|scope| scope == of.namespace);
            let heard = inner.known.iter().filter(|(_, known)| known.heard.is_some()).map(|(of, _)| of);
            heard.filter(|of| is_in(of) && !listed.contains(of)).cloned().collect()
        };
        missing.iter().for_each(|of| self.gone(of));
        missing
    }

    /// What the Secret of this name says on this basis, where that is known: `Some(None)` is that there is none.
    pub(super) fn remembered(&self, of: &ObjectName, basis: u64) -> Option<Option<SecretFacts>> {
        let inner = self.inner.lock();
        let is_complete =
            inner.complete.contains(&None) || inner.complete.contains(&Some(of.namespace.clone()));
        let known = inner.known.get(of);
        let Some(heard) = known.and_then(|known| known.heard.as_ref()) else {
            let is_known = known.is_none_or(|known| !known.is_hidden && known.written.is_none());
            return (is_complete && is_known).then_some(None);
        };
        let read = known.and_then(|known| known.read.as_ref());
        let read = read.filter(|read| is_complete && read.version == *heard && read.basis == basis)?;
        Some(Some(read.facts.clone()))
    }

    /// Remembers what a version says on this basis.
    pub(super) fn remember(&self, of: &ObjectName, version: String, basis: u64, facts: SecretFacts) {
        let mut inner = self.inner.lock();
        inner.known.entry(of.clone()).or_default().read = Some(Read { version, basis, facts });
    }

    /// One is being written.
    pub(super) fn begin_to_write(&self, of: &ObjectName) {
        self.inner.lock().known.entry(of.clone()).or_default().writing = Some(None);
    }

    /// It was written as this version, or was not. Whether another was heard of meanwhile.
    pub(super) fn wrote(&self, of: &ObjectName, version: Option<String>) -> bool {
        let mut inner = self.inner.lock();
        let Some(known) = inner.known.get_mut(of) else { return false };
        let meanwhile = known.writing.take().flatten();
        let is_other = meanwhile.is_some() && meanwhile != version;
        known.written = version.or_else(|| known.written.take());
        is_other
    }

    /// There is one that no watch tells of.
    pub(super) fn hidden(&self, of: &ObjectName) {
        self.inner.lock().known.entry(of.clone()).or_default().is_hidden = true;
    }

    /// Forgets a user that is gone; of its Secret, if that stays, the watch told.
    pub(super) fn forget(&self, of: &ObjectName) {
        let mut inner = self.inner.lock();
        let heard = inner.known.remove(of).and_then(|known| known.heard);
        if heard.is_some() {
            inner.known.insert(of.clone(), Known { heard, ..Known::default() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> ObjectName {
        ObjectName { namespace: "n".to_owned(), name: "alice".to_owned() }
    }

    fn facts() -> SecretFacts {
        SecretFacts { is_ours: true, ..SecretFacts::default() }
    }

    /// After the first list, which named nothing.
    fn watched() -> Secrets {
        let secrets = Secrets::default();
        assert!(secrets.listed(None, &BTreeSet::new()).is_empty());
        secrets
    }

    fn hear(secrets: &Secrets, version: &str) -> bool {
        secrets.hear(&alice(), version.to_owned())
    }

    fn write(secrets: &Secrets, version: &str, heard: &[&str]) -> bool {
        secrets.begin_to_write(&alice());
        assert!(!heard.iter().any(|version| hear(secrets, version)), "who writes is not disturbed");
        secrets.wrote(&alice(), Some(version.to_owned()))
    }

    #[test]
    fn what_was_written_here_is_no_news_whenever_it_is_heard_of() {
        let secrets = watched();
        assert!(!write(&secrets, "1", &[]), "nothing else was heard of");
        assert!(!hear(&secrets, "1"), "after the answer");
        assert!(!write(&secrets, "2", &["2"]), "before the answer");
        assert!(hear(&secrets, "3"), "somebody else's");
        assert!(write(&secrets, "4", &["4", "5"]), "somebody else's over it");
        secrets.begin_to_write(&alice());
        assert!(!hear(&secrets, "6"));
        assert!(secrets.wrote(&alice(), None), "it was not written because somebody else wrote");
    }

    #[test]
    fn a_secret_is_read_again_when_it_or_what_is_wanted_of_it_changes() {
        let secrets = Secrets::default();
        assert_eq!(secrets.remembered(&alice(), 1), None, "who is not watched is read");
        secrets.listed(None, &BTreeSet::new());
        assert_eq!(secrets.remembered(&alice(), 1), Some(None), "there is none");
        hear(&secrets, "1");
        assert_eq!(secrets.remembered(&alice(), 1), None, "nobody has read it");
        secrets.remember(&alice(), "1".to_owned(), 1, facts());
        assert_eq!(secrets.remembered(&alice(), 1), Some(Some(facts())));
        assert_eq!(secrets.remembered(&alice(), 2), None, "something else is wanted");
        hear(&secrets, "2");
        assert_eq!(secrets.remembered(&alice(), 1), None, "it changed");
        secrets.gone(&alice());
        assert_eq!(secrets.remembered(&alice(), 1), Some(None));
        secrets.hidden(&alice());
        assert_eq!(secrets.remembered(&alice(), 1), None, "there is one that is not labelled");
    }

    #[test]
    fn one_that_was_written_and_not_heard_of_yet_is_read() {
        let secrets = watched();
        write(&secrets, "1", &[]);
        secrets.remember(&alice(), "1".to_owned(), 1, facts());
        assert_eq!(secrets.remembered(&alice(), 1), None, "somebody may have deleted it meanwhile");
        hear(&secrets, "1");
        assert_eq!(secrets.remembered(&alice(), 1), Some(Some(facts())));
    }

    #[test]
    fn a_list_tells_what_went_and_what_changed_while_nobody_watched() {
        let secrets = watched();
        hear(&secrets, "1");
        secrets.remember(&alice(), "1".to_owned(), 1, facts());
        assert!(!secrets.hear_listed(&alice(), "1".to_owned()));
        assert!(secrets.hear_listed(&alice(), "2".to_owned()));
        let bob = ObjectName { name: "bob".to_owned(), ..alice() };
        assert!(!secrets.hear_listed(&bob, "1".to_owned()), "nobody has looked at it");
        assert!(secrets.listed(Some("m"), &BTreeSet::new()).is_empty(), "another namespace");
        assert_eq!(secrets.listed(Some("n"), &BTreeSet::from([bob])), [alice()]);
        assert_eq!(secrets.remembered(&alice(), 1), Some(None));
    }

    #[test]
    fn a_user_that_goes_is_forgotten_and_its_secret_is_not() {
        let secrets = watched();
        write(&secrets, "1", &["1"]);
        secrets.forget(&alice());
        assert_eq!(secrets.remembered(&alice(), 1), None, "it is still there");
        secrets.gone(&alice());
        secrets.forget(&alice());
        assert!(secrets.inner.lock().known.is_empty());
    }
}
