//! Which protocols all members know, and which they prefer.

use alloc::collections::{BTreeMap, BTreeSet};

use broker_protocol::Str;

use super::member::Member;
use crate::Protocol;

/// How many members know each protocol. A name that a member gives twice counts once.
#[derive(Debug, Default)]
pub(crate) struct Supported(BTreeMap<Str, usize>);

impl Supported {
    pub(crate) fn add(&mut self, protocols: &[Protocol]) {
        for name in names(protocols) {
            *self.0.entry(name.detached()).or_default() += 1;
        }
    }

    pub(crate) fn remove(&mut self, protocols: &[Protocol]) {
        for name in names(protocols) {
            if let Some(count) = self.0.get_mut(name) {
                *count -= 1;
                if *count == 0 {
                    self.0.remove(name);
                }
            }
        }
    }

    /// Whether all of that many members know it.
    pub(crate) fn by_all(&self, name: &Str, members: usize) -> bool {
        self.0.get(name).copied().unwrap_or_default() == members
    }

    /// The protocol that all members know and most would take first; of equals the first by name.
    pub(crate) fn select<'a>(&self, members: impl ExactSizeIterator<Item = &'a Member>) -> Option<Str> {
        let count = members.len();
        let mut votes = BTreeMap::<Str, usize>::new();
        for member in members {
            let vote = member.protocols.iter().find(|protocol| self.by_all(&protocol.name, count));
            if let Some(vote) = vote {
                *votes.entry(vote.name.clone()).or_default() += 1;
            }
        }
        let best = votes.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map(|(name, _)| name.detached())
    }
}

fn names(protocols: &[Protocol]) -> BTreeSet<&Str> {
    protocols.iter().map(|protocol| &protocol.name).collect()
}
