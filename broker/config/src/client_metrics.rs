//! The keys of client metrics subscriptions (KIP-714).

use crate::ConfigDef;
use crate::Support::Honoured;
use crate::check::Check::{Any, List};
use crate::check::Empty::Allowed;
use crate::def::{find_in, keys, of};

/// Every key of a subscription, sorted by name.
pub const KEYS: &[ConfigDef] = keys! {
    "interval.ms": Int = of("300000"), Any, Medium, ClusterWide, Public, Honoured,
        "Time between two reports of a client.";
    "match": List = of(""), List(&[], Allowed), Medium, ClusterWide, Public, Honoured,
        "Which clients report, as attribute=pattern pairs; empty: all.";
    "metrics": List = of(""), List(&[], Allowed), Medium, ClusterWide, Public, Honoured,
        "Prefixes of the metrics that clients report; empty: none, *: all.";
};

/// The key of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static ConfigDef> {
    find_in(KEYS, name)
}
