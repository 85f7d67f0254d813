//! The keys of topics.
//!
//! A topic that does not set a key takes it from the broker, where it has other names, one of them or several of
//! different units: see [`broker_names`].

use crate::ConfigDef;
use crate::Default::Null;
use crate::Support::{Honoured, OnlyDefault};
use crate::check::Check::{Any, AtLeast, Between, DoubleBetween, GzipLevel, List, OneOf, ThrottledReplicas};
use crate::check::Empty::Allowed;
use crate::def::{find_in, keys, of};

/// Every key of a topic, sorted by name.
pub const KEYS: &[ConfigDef] = keys! {
    "cleanup.policy": List = of("delete"), List(&["compact", "delete"], Allowed),
        Medium, ClusterWide, Public, Honoured,
        "What happens to old segments: delete, compact or both; empty keeps them for ever.";
    "compression.gzip.level": Int = of("-1"), GzipLevel, Medium, ClusterWide, Public, Honoured,
        "Level of gzip where compression.type is gzip; -1 is the codec's default.";
    "compression.lz4.level": Int = of("9"), Between(1, 17), Medium, ClusterWide, Public, Honoured,
        "Level of lz4 where compression.type is lz4.";
    "compression.type": String = of("producer"), OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
        Medium, ClusterWide, Public, Honoured,
        "Codec of the log: producer keeps what producers sent, uncompressed undoes it.";
    "compression.zstd.level": Int = of("3"), Between(-131_072, 22), Medium, ClusterWide, Public, Honoured,
        "Level of zstd where compression.type is zstd.";
    "delete.retention.ms": Long = of("86400000"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Time that tombstones stay readable in a compacted topic.";
    "file.delete.delay.ms": Long = of("60000"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Time between the removal of a segment and the removal of its files.";
    "flush.messages": Long = of("9223372036854775807"), AtLeast(1), Medium, ClusterWide, Public, Honoured,
        "Records after which a log is flushed to disk; by default replication is the durability.";
    "flush.ms": Long = of("9223372036854775807"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Time after which a log is flushed to disk; by default replication is the durability.";
    "follower.replication.throttled.replicas": List = of(""), ThrottledReplicas,
        Medium, ClusterWide, Public, Honoured,
        "Replicas whose replication is throttled on the follower's side: partition:broker pairs or *.";
    "index.interval.bytes": Int = of("4096"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Bytes of records between two entries of the offset index.";
    "internal.segment.bytes": Int = Null, Any, Medium, ClusterWide, Internal, Honoured,
        "Size of a segment without a lower limit, for tests.";
    "leader.replication.throttled.replicas": List = of(""), ThrottledReplicas,
        Medium, ClusterWide, Public, Honoured,
        "Replicas whose replication is throttled on the leader's side: partition:broker pairs or *.";
    "local.retention.bytes": Long = of("-2"), AtLeast(-2), Medium, ClusterWide, Public, Honoured,
        "Size of a tiered log that stays local; -2: as retention.bytes.";
    "local.retention.ms": Long = of("-2"), AtLeast(-2), Medium, ClusterWide, Public, Honoured,
        "Time that segments of a tiered log stay local; -2: as retention.ms.";
    "max.compaction.lag.ms": Long = of("9223372036854775807"), AtLeast(1),
        Medium, ClusterWide, Public, Honoured,
        "Longest time before a record becomes eligible for compaction.";
    "max.message.bytes": Int = of("1048588"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Largest batch of records, after compression.";
    "message.timestamp.after.max.ms": Long = of("3600000"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "How far a record's timestamp may lie after the broker's clock.";
    "message.timestamp.before.max.ms": Long = of("9223372036854775807"), AtLeast(0),
        Medium, ClusterWide, Public, Honoured,
        "How far a record's timestamp may lie before the broker's clock.";
    "message.timestamp.type": String = of("CreateTime"), OneOf(&["CreateTime", "LogAppendTime"]),
        Medium, ClusterWide, Public, Honoured,
        "Whose time records carry: the producer's or that of the append.";
    "min.cleanable.dirty.ratio": Double = of("0.5"), DoubleBetween(0.0, 1.0),
        Medium, ClusterWide, Public, Honoured,
        "Part of a log that must be uncompacted before it is compacted.";
    "min.compaction.lag.ms": Long = of("0"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Time that a record stays uncompacted at least.";
    "min.insync.replicas": Int = of("1"), AtLeast(1), Medium, ClusterWide, Public, Honoured,
        "Replicas that must have a record before acks=all is answered.";
    "preallocate": Boolean = of("false"), Any, Medium, ClusterWide, Public, Honoured,
        "Whether a new segment's space is taken at once.";
    "remote.log.copy.disable": Boolean = of("false"), Any, Medium, ClusterWide, Public, Honoured,
        "Whether a tiered topic is read-only in remote storage.";
    "remote.log.delete.on.disable": Boolean = of("false"), Any, Medium, ClusterWide, Public, Honoured,
        "Whether turning tiered storage off deletes what is remote.";
    "remote.storage.enable": Boolean = of("false"), Any,
        Medium, ClusterWide, Public, OnlyDefault("tiered storage is not built"),
        "Whether the topic uses tiered storage.";
    "retention.bytes": Long = of("-1"), Any, Medium, ClusterWide, Public, Honoured,
        "Size of a partition above which old segments are deleted; -1: no limit.";
    "retention.ms": Long = of("604800000"), AtLeast(-1), Medium, ClusterWide, Public, Honoured,
        "Age above which segments are deleted; -1: no limit.";
    "segment.bytes": Int = of("1073741824"), AtLeast(1_048_576), Medium, ClusterWide, Public, Honoured,
        "Size of a segment file.";
    "segment.index.bytes": Int = of("10485760"), AtLeast(4), Medium, ClusterWide, Public, Honoured,
        "Size of the index of offsets to positions.";
    "segment.jitter.ms": Long = of("0"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Randomness of the moment at which segments roll, so that they do not roll together.";
    "segment.ms": Long = of("604800000"), AtLeast(1), Medium, ClusterWide, Public, Honoured,
        "Age at which a segment rolls even when it is not full.";
    "unclean.leader.election.enable": Boolean = of("false"), Any, Medium, ClusterWide, Public, Honoured,
        "Whether a replica out of sync may lead when no other is left, losing data.";
};

/// What a broker's key counts, next to the topic's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// The same.
    Same,
    /// Minutes, where the topic has milliseconds.
    Minutes,
    /// Hours, where the topic has milliseconds.
    Hours,
}

/// The broker's names of topic keys, the strongest first.
const BROKER_NAMES: &[(&str, &[(&str, Unit)])] = &[
    ("cleanup.policy", &[("log.cleanup.policy", Unit::Same)]),
    ("compression.gzip.level", &[("compression.gzip.level", Unit::Same)]),
    ("compression.lz4.level", &[("compression.lz4.level", Unit::Same)]),
    ("compression.type", &[("compression.type", Unit::Same)]),
    ("compression.zstd.level", &[("compression.zstd.level", Unit::Same)]),
    ("delete.retention.ms", &[("log.cleaner.delete.retention.ms", Unit::Same)]),
    ("file.delete.delay.ms", &[("log.segment.delete.delay.ms", Unit::Same)]),
    ("flush.messages", &[("log.flush.interval.messages", Unit::Same)]),
    ("flush.ms", &[("log.flush.interval.ms", Unit::Same), ("log.flush.scheduler.interval.ms", Unit::Same)]),
    ("index.interval.bytes", &[("log.index.interval.bytes", Unit::Same)]),
    ("local.retention.bytes", &[("log.local.retention.bytes", Unit::Same)]),
    ("local.retention.ms", &[("log.local.retention.ms", Unit::Same)]),
    ("max.compaction.lag.ms", &[("log.cleaner.max.compaction.lag.ms", Unit::Same)]),
    ("max.message.bytes", &[("message.max.bytes", Unit::Same)]),
    ("message.timestamp.after.max.ms", &[("log.message.timestamp.after.max.ms", Unit::Same)]),
    ("message.timestamp.before.max.ms", &[("log.message.timestamp.before.max.ms", Unit::Same)]),
    ("message.timestamp.type", &[("log.message.timestamp.type", Unit::Same)]),
    ("min.cleanable.dirty.ratio", &[("log.cleaner.min.cleanable.ratio", Unit::Same)]),
    ("min.compaction.lag.ms", &[("log.cleaner.min.compaction.lag.ms", Unit::Same)]),
    ("min.insync.replicas", &[("min.insync.replicas", Unit::Same)]),
    ("preallocate", &[("log.preallocate", Unit::Same)]),
    ("retention.bytes", &[("log.retention.bytes", Unit::Same)]),
    (
        "retention.ms",
        &[
            ("log.retention.ms", Unit::Same),
            ("log.retention.minutes", Unit::Minutes),
            ("log.retention.hours", Unit::Hours),
        ],
    ),
    ("segment.bytes", &[("log.segment.bytes", Unit::Same)]),
    ("segment.index.bytes", &[("log.index.size.max.bytes", Unit::Same)]),
    ("segment.jitter.ms", &[("log.roll.jitter.ms", Unit::Same), ("log.roll.jitter.hours", Unit::Hours)]),
    ("segment.ms", &[("log.roll.ms", Unit::Same), ("log.roll.hours", Unit::Hours)]),
    ("unclean.leader.election.enable", &[("unclean.leader.election.enable", Unit::Same)]),
];

/// The key of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static ConfigDef> {
    find_in(KEYS, name)
}

/// The broker's names of a topic's key, the strongest first, with their units; none for keys that only topics have.
#[must_use]
pub fn broker_names(name: &str) -> &'static [(&'static str, Unit)] {
    BROKER_NAMES.iter().find(|(topic, _)| *topic == name).map_or(&[], |(_, names)| names)
}
