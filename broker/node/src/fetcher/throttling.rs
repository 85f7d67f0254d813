//! Partitions that are copied only as fast as a quota allows (KIP-73). The quota is the broker's, for all of its fetchers:
//! the shell keeps it, charges it with what was written, and tells how it is.

use broker_types::Mono;

use super::{Fetcher, message::Key};

impl Fetcher {
    /// Whether the quota concerns anything that is followed.
    #[must_use]
    pub fn has_throttled(&self) -> bool {
        !self.throttled.is_empty()
    }

    pub(super) fn throttle(&mut self, key: Key, is_throttled: bool) {
        let Some(followed) = self.partitions.get_mut(&key) else { return };
        followed.is_throttled = is_throttled;
        if is_throttled {
            self.throttled.insert(key);
        } else {
            self.throttled.remove(&key);
        }
        self.session.changed(key);
    }

    pub(super) fn set_exceeded(&mut self, until: Option<Mono>) {
        if self.exceeded_until.is_some() != until.is_some() {
            self.throttled.iter().for_each(|key| self.session.changed(*key));
        }
        self.exceeded_until = until;
    }

    pub(super) fn end_throttling(&mut self, now: Mono) {
        if self.exceeded_until.is_some_and(|until| until <= now) {
            self.set_exceeded(None);
        }
    }

    /// When those that were left out are asked for again.
    pub(super) fn quota_deadline(&self) -> Option<Mono> {
        self.exceeded_until.filter(|_| self.has_throttled())
    }
}
