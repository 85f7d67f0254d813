//! The keys of groups: a group inherits from its brokers' `group.*` keys, which also say how far it may go.

use alloc::format;
use alloc::string::{String, ToString};
use core::ops::RangeInclusive;

use crate::Support::Honoured;
use crate::check::Check::{Any, AtLeast, OneOf, ShareOffsetReset};
use crate::def::{find_in, keys, of};
use crate::layers::Texts;
use crate::{ConfigDef, InvalidValue, Layers, Value, Values, broker};

/// Every key of a group, sorted by name.
pub const KEYS: &[ConfigDef] = keys! {
    "consumer.assignment.interval.ms": Int = of("1000"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Least time between two assignments of the consumer group.";
    "consumer.heartbeat.interval.ms": Int = of("5000"), AtLeast(1), Medium, ClusterWide, Public, Honoured,
        "Heartbeat interval given to members of the consumer group.";
    "consumer.session.timeout.ms": Int = of("45000"), AtLeast(1), Medium, ClusterWide, Public, Honoured,
        "Time without a heartbeat after which a member leaves the consumer group.";
    "share.assignment.interval.ms": Int = of("1000"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Least time between two assignments of the share group.";
    "share.auto.offset.reset": String = of("latest"), ShareOffsetReset, Medium, ClusterWide, Public, Honoured,
        "Where a share group starts in a partition it has not read.";
    "share.delivery.count.limit": Int = of("5"), AtLeast(2), Medium, ClusterWide, Public, Honoured,
        "Times that a record is delivered to the share group at most.";
    "share.heartbeat.interval.ms": Int = of("5000"), AtLeast(1), Medium, ClusterWide, Public, Honoured,
        "Heartbeat interval given to members of the share group.";
    "share.isolation.level": String = of("read_uncommitted"), OneOf(&["read_committed", "read_uncommitted"]),
        Medium, ClusterWide, Public, Honoured,
        "Whether a share group sees records of open and aborted transactions.";
    "share.partition.max.record.locks": Int = of("2000"), AtLeast(100), Medium, ClusterWide, Public, Honoured,
        "Records of one partition that the share group may have locked at once.";
    "share.record.lock.duration.ms": Int = of("30000"), AtLeast(1_000), Medium, ClusterWide, Public, Honoured,
        "Time that a record stays with the member that got it.";
    "share.renew.acknowledge.enable": Boolean = of("true"), Any, Medium, ClusterWide, Public, Honoured,
        "Whether members may renew the lock of a record.";
    "share.session.timeout.ms": Int = of("45000"), AtLeast(1), Medium, ClusterWide, Public, Honoured,
        "Time without a heartbeat after which a member leaves the share group.";
    "streams.assignment.interval.ms": Int = of("1000"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Least time between two assignments of the streams group.";
    "streams.heartbeat.interval.ms": Int = of("5000"), AtLeast(1), Medium, ClusterWide, Public, Honoured,
        "Heartbeat interval given to members of the streams group.";
    "streams.initial.rebalance.delay.ms": Int = of("3000"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Time that a new streams group waits for more members before its first assignment.";
    "streams.num.standby.replicas": Int = of("0"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Standby replicas of each task of the streams group.";
    "streams.session.timeout.ms": Int = of("45000"), AtLeast(1), Medium, ClusterWide, Public, Honoured,
        "Time without a heartbeat after which a member leaves the streams group.";
};

/// The key of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static ConfigDef> {
    find_in(KEYS, name)
}

/// The keys with bounds that brokers set (`group.<kind>.min.<key>` and `.max.`), in the order in which Kafka looks.
const BOUNDED: [&str; 12] = [
    "consumer.heartbeat.interval.ms",
    "consumer.session.timeout.ms",
    "consumer.assignment.interval.ms",
    "share.heartbeat.interval.ms",
    "share.session.timeout.ms",
    "share.record.lock.duration.ms",
    "share.delivery.count.limit",
    "share.partition.max.record.locks",
    "share.assignment.interval.ms",
    "streams.heartbeat.interval.ms",
    "streams.session.timeout.ms",
    "streams.assignment.interval.ms",
];
/// Bounded above only, by a key that is named otherwise.
const STANDBYS: (&str, &str) = ("streams.num.standby.replicas", "group.streams.max.standby.replicas");
/// Kinds of groups, whose sessions last longer than the time between two heartbeats.
const KINDS: [&str; 3] = ["consumer", "share", "streams"];

/// Why a group cannot have these values; INVALID_CONFIG, in Kafka's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGroupConfig {
    /// No such key.
    #[error("Unknown group config name: {0}")]
    Unknown(String),
    /// A value is wrong by itself.
    #[error(transparent)]
    Value(#[from] InvalidValue),
    /// A value is less than brokers allow.
    #[error("{key} must be greater than or equal to {bound}")]
    BelowMin {
        /// The key.
        key: &'static str,
        /// The broker's key that says how little it may be.
        bound: &'static str,
    },
    /// A value is more than brokers allow.
    #[error("{key} must be less than or equal to {bound}")]
    AboveMax {
        /// The key.
        key: &'static str,
        /// The broker's key that says how much it may be.
        bound: &'static str,
    },
    /// Members would be gone before they come again.
    #[error("{0}.session.timeout.ms must be greater than {0}.heartbeat.interval.ms")]
    SessionTooShort(&'static str),
}

/// The broker's key that a group inherits; `None` where only groups have one.
#[must_use]
pub fn broker_name(name: &str) -> Option<&'static str> {
    broker::find(&format!("group.{name}")).map(|def| def.name)
}

/// What holds for a key: the group's own value, else the broker's, else Kafka's.
#[must_use]
pub(crate) fn effective(def: &'static ConfigDef, values: &Values, own: &Texts) -> Option<Value> {
    let parsed = own.get(def.name).and_then(|text| def.parse(text).ok());
    parsed.or_else(|| values.get(broker_name(def.name)?).cloned()).or_else(|| def.default_value())
}

/// Checks all that a group will have of its own.
///
/// # Errors
/// The first thing that is wrong.
pub fn validate(layers: &Layers<'_>, own: &Texts) -> Result<(), InvalidGroupConfig> {
    if let Some(unknown) = own.keys().find(|name| find(name).is_none()) {
        return Err(InvalidGroupConfig::Unknown(unknown.to_string()));
    }
    let (values, _) = Values::read(&layers.merged());
    for def in KEYS {
        if let Some(text) = own.get(def.name) {
            def.parse(text)?;
        }
    }
    let number = |key: &str| find(key).and_then(|def| effective(def, &values, own)?.as_i64()).unwrap_or(0);
    for key in BOUNDED {
        // The broker's own default of this key need not lie within the bounds.
        if key.ends_with(".assignment.interval.ms") && !own.contains_key(key) {
            continue;
        }
        let (min, max) = bounds(key);
        check_bounds(key, number(key), &values, min, max)?;
    }
    let (standbys, most) = STANDBYS;
    check_bounds(standbys, number(standbys), &values, None, broker::find(most))?;
    let is_too_short = |kind: &&&str| {
        number(&format!("{kind}.session.timeout.ms")) <= number(&format!("{kind}.heartbeat.interval.ms"))
    };
    match KINDS.iter().find(is_too_short) {
        Some(kind) => Err(InvalidGroupConfig::SessionTooShort(kind)),
        None => Ok(()),
    }
}

fn bounds(key: &str) -> (Option<&'static ConfigDef>, Option<&'static ConfigDef>) {
    let Some((kind, rest)) = key.split_once('.') else { return (None, None) };
    let bound = |which| broker::find(&format!("group.{kind}.{which}.{rest}"));
    (bound("min"), bound("max"))
}

fn check_bounds(
    key: &'static str,
    value: i64,
    values: &Values,
    min: Option<&'static ConfigDef>,
    max: Option<&'static ConfigDef>,
) -> Result<(), InvalidGroupConfig> {
    match (min, max) {
        (Some(min), _) if value < values.number(min.name) => {
            Err(InvalidGroupConfig::BelowMin { key, bound: min.name })
        }
        (_, Some(max)) if value > values.number(max.name) => {
            Err(InvalidGroupConfig::AboveMax { key, bound: max.name })
        }
        _ => Ok(()),
    }
}

/// What brokers allow a group to set for a number; values of before that lie beyond it are brought within.
#[must_use]
pub fn allowed(values: &Values, key: &str) -> RangeInclusive<i64> {
    let (min, max) = bounds(key);
    let bound = |def: Option<&ConfigDef>| def.map(|def| values.number(def.name));
    bound(min).unwrap_or(i64::MIN)..=bound(max).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pairs: &[(&str, &str)]) -> Texts {
        pairs.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect()
    }

    fn checked(file: &[(&str, &str)], own: &[(&str, &str)]) -> String {
        let (file, none) = (texts(file), Texts::new());
        let layers = Layers { file: &file, cluster: &none, broker: &none };
        validate(&layers, &texts(own)).map_or_else(|error| error.to_string(), |()| String::from("fine"))
    }

    #[test]
    fn a_group_stays_within_what_brokers_allow() {
        let session = "consumer.session.timeout.ms";
        let heartbeat = "consumer.heartbeat.interval.ms";
        assert_eq!(checked(&[], &[]), "fine");
        assert_eq!(checked(&[], &[(session, "50000"), (heartbeat, "6000")]), "fine");
        assert_eq!(checked(&[], &[("odd", "1")]), "Unknown group config name: odd");
        assert_eq!(
            checked(&[], &[(session, "44999")]),
            "consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms"
        );
        assert_eq!(
            checked(&[], &[(heartbeat, "15001")]),
            "consumer.heartbeat.interval.ms must be less than or equal to group.consumer.max.heartbeat.interval.ms"
        );
        assert_eq!(
            checked(&[], &[("streams.num.standby.replicas", "3")]),
            "streams.num.standby.replicas must be less than or equal to group.streams.max.standby.replicas"
        );
        let short = [("group.consumer.min.session.timeout.ms", "1000")];
        assert_eq!(checked(&short, &[(session, "5001")]), "fine");
        assert_eq!(
            checked(&short, &[(session, "5000")]),
            "consumer.session.timeout.ms must be greater than consumer.heartbeat.interval.ms"
        );
    }

    #[test]
    fn all_bounds_are_keys() {
        for key in BOUNDED {
            assert!(find(key).is_some() && matches!(bounds(key), (Some(_), Some(_))), "{key}");
        }
        assert!(find(STANDBYS.0).is_some() && broker::find(STANDBYS.1).is_some());
        let (values, _) = Values::read(&Texts::new());
        assert_eq!(allowed(&values, "consumer.session.timeout.ms"), 45_000..=60_000);
        assert_eq!(allowed(&values, "share.renew.acknowledge.enable"), i64::MIN..=i64::MAX);
    }
}
