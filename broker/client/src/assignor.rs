//! Who reads what: the leader of a classic group decides, by the assignor that all members have.

mod range;
mod sticky;

use std::collections::{BTreeMap, BTreeSet};

use broker_protocol::Str;
use broker_types::{TopicName, TopicPartition};

/// What everybody gets, by member id.
pub(crate) type Assignment = BTreeMap<Str, BTreeSet<TopicPartition>>;

/// A member as the leader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscriber {
    pub(crate) member: Str,
    /// A static member's id, which it keeps.
    pub(crate) instance: Option<Str>,
    pub(crate) topics: BTreeSet<TopicName>,
    /// What it still has.
    pub(crate) owned: BTreeSet<TopicPartition>,
    /// Of which generation what it has is.
    pub(crate) generation: i32,
}

/// How partitions are shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assignor {
    /// Each topic in ranges.
    Range,
    /// In equal numbers, and members keep what they have (KIP-429).
    CooperativeSticky,
}

impl Assignor {
    /// What the Java client offers when nobody says otherwise.
    pub(crate) const OFFERED: [Self; 2] = [Self::Range, Self::CooperativeSticky];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::OFFERED.into_iter().find(|assignor| assignor.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::CooperativeSticky => "cooperative-sticky",
        }
    }
}

/// Shares the partitions of topics out among members; topics that are not in `counts` are not there.
pub(crate) fn assign(
    assignor: Assignor,
    members: &[Subscriber],
    counts: &BTreeMap<TopicName, i32>,
) -> Assignment {
    let mut assignment: Assignment =
        members.iter().map(|member| (member.member.clone(), BTreeSet::new())).collect();
    match assignor {
        Assignor::Range => range::assign(members, counts, &mut assignment),
        Assignor::CooperativeSticky => sticky::assign(members, counts, &mut assignment),
    }
    assignment
}
