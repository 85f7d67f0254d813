//! The keys of brokers and controllers, one file per family.

mod groups;
mod identity;
mod log;
mod metrics;
mod network;
mod quotas;
mod replication;
mod security;
mod tiered;
mod transactions;

use crate::check::Check::AtLeast;
use crate::def::{find_in, keys, of};
use crate::{ConfigDef, Support, UpdateMode};

const JVM: &str = "it speaks of the JVM, and there is none here";
pub(crate) const CLASS: &str = "Java classes cannot be loaded here";

const FAMILIES: [&[ConfigDef]; 10] = [
    groups::KEYS,
    identity::KEYS,
    log::KEYS,
    metrics::KEYS,
    network::KEYS,
    quotas::KEYS,
    replication::KEYS,
    security::KEYS,
    tiered::KEYS,
    transactions::KEYS,
];

/// Keys that exist as dynamic ones only: no file sets them, DescribeConfigs lists them only where they are set.
pub const DYNAMIC_ONLY: &[ConfigDef] = keys! {
    "follower.replication.throttled.rate": Long = of("9223372036854775807"), AtLeast(0),
        Medium, PerBroker, Internal, Support::Honoured,
        "Most bytes that throttled replicas fetch a second.";
    "leader.replication.throttled.rate": Long = of("9223372036854775807"), AtLeast(0),
        Medium, PerBroker, Internal, Support::Honoured,
        "Most bytes that are sent to throttled replicas a second.";
    "replica.alter.log.dirs.io.max.bytes.per.second": Long = of("9223372036854775807"), AtLeast(0),
        Medium, PerBroker, Internal, Support::Honoured,
        "Most bytes moved between log directories a second.";
};

/// Keys of earlier releases whose presence says that the file means something else than it would do here.
const REFUSED: [(&str, &str); 3] = [
    ("zookeeper.connect", "there is no ZooKeeper mode: this node would found a cluster of its own"),
    (
        "zookeeper.metadata.migration.enable",
        "a migration from ZooKeeper ends in Apache Kafka 3.9, before this",
    ),
    ("control.plane.listener.name", "it belongs to ZooKeeper mode; name controller.listener.names"),
];

/// Keys of earlier releases without effect since 4.0.
const REMOVED: [&str; 14] = [
    "auto.include.jmx.reporter",
    "broker.id.generation.enable",
    "controlled.shutdown.max.retries",
    "controlled.shutdown.retry.backoff.ms",
    "inter.broker.protocol.version",
    "log.message.downconversion.enable",
    "log.message.format.version",
    "log.message.timestamp.difference.max.ms",
    "offsets.commit.required.acks",
    "password.encoder.secret",
    "replica.high.watermark.checkpoint.interval",
    "reserved.broker.max.id",
    "sasl.server.max.receive.bytes",
    "zookeeper.session.timeout.ms",
];

/// Every key that a file may set, family by family.
pub fn all() -> impl Iterator<Item = &'static ConfigDef> {
    FAMILIES.into_iter().flatten()
}

/// The key of a name; listener prefixes are not looked through, see [`scoped`].
#[must_use]
pub fn find(name: &str) -> Option<&'static ConfigDef> {
    FAMILIES.into_iter().find_map(|table| find_in(table, name)).or_else(|| find_in(DYNAMIC_ONLY, name))
}

/// A key set for one listener: `listener.name.<listener>.[<mechanism>.]<key>`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scoped<'a> {
    /// The listener, lower case.
    pub listener: &'a str,
    /// The key's own name.
    pub key: &'a str,
    /// The key; `None` when there is none of the name.
    pub def: Option<&'static ConfigDef>,
}

/// Keys that are set for one SASL mechanism of one listener.
const OF_MECHANISMS: [&str; 5] = [
    "sasl.jaas.config",
    "sasl.login.callback.handler.class",
    "sasl.login.class",
    "sasl.server.callback.handler.class",
    "connections.max.reauth.ms",
];

/// Looks through a listener's prefix; `None` when the name has none.
#[must_use]
pub fn scoped(name: &str) -> Option<Scoped<'_>> {
    let (listener, rest) = name.strip_prefix("listener.name.")?.split_once('.')?;
    let key = OF_MECHANISMS.into_iter().find(|key| rest.ends_with(key)).unwrap_or_else(|| {
        // The keys of the mechanism itself may have its name before theirs.
        rest.strip_prefix("oauthbearer.").unwrap_or(rest)
    });
    Some(Scoped { listener, key, def: find(key) })
}

/// Why a file with this key is refused, whatever its value.
#[must_use]
pub fn refusal(name: &str) -> Option<&'static str> {
    REFUSED.into_iter().find(|(refused, _)| *refused == name).map(|(_, reason)| reason)
}

/// Whether this was a key before 4.0 that has no effect any more.
#[must_use]
pub fn was_removed(name: &str) -> bool {
    REMOVED.contains(&name) || name.starts_with("zookeeper.") || name.starts_with("password.encoder.")
}

/// Keys that say the same in other units, the strongest first; just the key itself where it has no others.
#[must_use]
pub fn synonyms(name: &str) -> &'static [&'static str] {
    const GROUPS: [(&[&str], &[&str]); 4] = [
        (&["log.roll.ms", "log.roll.hours"], &["log.roll.ms", "log.roll.hours"]),
        (&["log.roll.jitter.ms", "log.roll.jitter.hours"], &["log.roll.jitter.ms", "log.roll.jitter.hours"]),
        (&["log.flush.interval.ms"], &["log.flush.interval.ms", "log.flush.scheduler.interval.ms"]),
        (
            &["log.retention.ms", "log.retention.minutes", "log.retention.hours"],
            &["log.retention.ms", "log.retention.minutes", "log.retention.hours"],
        ),
    ];
    match GROUPS.into_iter().find(|(names, _)| names.contains(&name)) {
        Some((_, group)) => group,
        None => find(name).map_or(&[], |def| core::slice::from_ref(&def.name)),
    }
}

/// Whether a dynamic value can be set for this broker key at all.
#[must_use]
pub fn is_dynamic(def: &ConfigDef) -> bool {
    def.update != UpdateMode::ReadOnly
}

/// Whether a dynamic value must name its listener: `listener.name.<listener>.<key>`.
#[must_use]
pub fn needs_listener(name: &str) -> bool {
    find(name).is_some_and(|def| name.starts_with("ssl.") && def.update == UpdateMode::PerBroker)
}

/// Listener keys that may be set for all brokers at once.
pub(crate) const CLUSTER_LISTENER_KEYS: [&str; 3] =
    ["max.connections", "max.connection.creation.rate", "num.network.threads"];
