//! The keys of groups.

use crate::ConfigDef;
use crate::Support::Honoured;
use crate::check::Check::{Any, AtLeast, OneOf, ShareOffsetReset};
use crate::def::{find_in, keys, of};

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
