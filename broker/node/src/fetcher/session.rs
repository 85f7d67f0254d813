//! The fetcher's side of a fetch session (KIP-227): what the leader knows already, and what it must be told.
//!
//! Invariant: what the leader is held to know is what the last request told it.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use super::{
    message::{Key, Request, Wanted},
    partition::Followed,
};

/// Asks for a session, and names everything.
const NEW: i32 = 0;

/// A session with one leader.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    /// 0: none.
    id: i32,
    /// Of the next request; 0: a full fetch.
    epoch: i32,
    /// What the leader is asked for.
    known: BTreeMap<Key, Wanted>,
    /// What may differ from what it knows.
    changed: BTreeSet<Key>,
}

impl Session {
    /// The partition is not what it was.
    pub(super) fn changed(&mut self, key: Key) {
        self.changed.insert(key);
    }

    /// What the request under way asks of a partition.
    pub(super) fn known(&self, key: Key) -> Option<&Wanted> {
        self.known.get(&key)
    }

    /// The next request is full; it closes the session if there is one.
    pub(super) fn start_over(&mut self) {
        self.epoch = NEW;
    }

    /// As [`Session::start_over`], with no session to be closed.
    pub(super) fn forget(&mut self) {
        (self.id, self.epoch) = (0, NEW);
    }

    /// Takes the session that an answer names.
    pub(super) fn answered(&mut self, id: i32) {
        if id == 0 || (self.epoch != NEW && id != self.id) {
            return self.forget();
        }
        self.id = id;
        // From 1, and from 1 again after the largest.
        self.epoch = self.epoch.checked_add(1).unwrap_or(1);
    }

    /// The next request, for all partitions that are ready and within the quota.
    pub(super) fn request(&mut self, partitions: &BTreeMap<Key, Followed>, is_exceeded: bool) -> Request {
        let (session_id, session_epoch) = (self.id, self.epoch);
        let mut forgotten = Vec::new();
        let mut asked = Vec::new();
        if session_epoch == NEW {
            self.known.clear();
            self.changed.clear();
            let ready = partitions.iter().filter(|(_, followed)| followed.is_asked(is_exceeded));
            asked.extend(ready.map(|(key, followed)| (followed.turn, *key)));
        } else {
            for key in core::mem::take(&mut self.changed) {
                match partitions.get(&key).filter(|followed| followed.is_asked(is_exceeded)) {
                    Some(followed) if self.known.get(&key) == Some(&followed.wanted()) => {}
                    Some(followed) => asked.push((followed.turn, key)),
                    None if self.known.remove(&key).is_some() => forgotten.push(key),
                    None => {}
                }
            }
        }
        // Who got records last is served last.
        asked.sort_unstable();
        let mut told = Vec::with_capacity(asked.len());
        for (_, key) in asked {
            let Some(followed) = partitions.get(&key) else { continue };
            self.known.insert(key, followed.wanted());
            told.push((key, followed.wanted(), followed.log.high_watermark));
        }
        Request { session_id, session_epoch, partitions: told, forgotten }
    }
}
