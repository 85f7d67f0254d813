//! Consumer, share and streams groups, and offsets.

use super::JVM;
use crate::Support::{Honoured, Ignored};
use crate::check::Check::{Any, AtLeast, Between, List, OneOfAnyCase};
use crate::check::Empty::Refused;
use crate::def::{ConfigDef, keys, of};

pub(super) const KEYS: &[ConfigDef] = keys! {
    "group.consumer.assignment.interval.ms": Int = of("1000"), AtLeast(0),
        Medium, ClusterWide, Public, Honoured,
        "Least time between two assignments of a consumer group.";
    "group.consumer.assignors": List = of("uniform,range"), List(&[], Refused),
        Medium, ReadOnly, Public, Honoured,
        "Assignors of consumer groups, the first is the default.";
    "group.consumer.heartbeat.interval.ms": Int = of("5000"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Heartbeat interval given to members of consumer groups.";
    "group.consumer.max.assignment.interval.ms": Int = of("15000"), AtLeast(0),
        Medium, ReadOnly, Public, Honoured,
        "Largest assignment interval that a consumer group may set.";
    "group.consumer.max.heartbeat.interval.ms": Int = of("15000"), AtLeast(1),
        Medium, ReadOnly, Public, Honoured,
        "Largest heartbeat interval that a consumer group may set.";
    "group.consumer.max.session.timeout.ms": Int = of("60000"), AtLeast(1),
        Medium, ReadOnly, Public, Honoured,
        "Largest session timeout that a consumer group may set.";
    "group.consumer.max.size": Int = of("2147483647"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Most members of a consumer group.";
    "group.consumer.migration.policy": String = of("bidirectional"), OneOfAnyCase(&["DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL"]),
        Medium, ReadOnly, Public, Honoured,
        "Which conversions between classic and consumer groups are allowed while members are online.";
    "group.consumer.min.assignment.interval.ms": Int = of("0"), AtLeast(0),
        Medium, ReadOnly, Public, Honoured,
        "Smallest assignment interval that a consumer group may set.";
    "group.consumer.min.heartbeat.interval.ms": Int = of("5000"), AtLeast(1),
        Medium, ReadOnly, Public, Honoured,
        "Smallest heartbeat interval that a consumer group may set.";
    "group.consumer.min.session.timeout.ms": Int = of("45000"), AtLeast(1),
        Medium, ReadOnly, Public, Honoured,
        "Smallest session timeout that a consumer group may set.";
    "group.consumer.regex.refresh.interval.ms": Int = of("600000"), AtLeast(10_000),
        Medium, ReadOnly, Internal, Honoured,
        "Time between two matches of a subscription pattern against the topics.";
    "group.consumer.session.timeout.ms": Int = of("45000"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Time without a heartbeat after which a member leaves its consumer group.";
    "group.coordinator.append.linger.ms": Int = of("-1"), AtLeast(-1), Medium, ReadOnly, Public, Honoured,
        "Time that the group coordinator gathers records before it writes them; -1: as long as it is busy.";
    "group.coordinator.background.threads": Int = of("2"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Threads for the slow work of the group coordinator.";
    "group.coordinator.cached.buffer.max.bytes": Int = of("1048588"), AtLeast(524_288),
        Medium, ClusterWide, Public, Honoured,
        "Largest write buffer that the group coordinator keeps for reuse.";
    "group.coordinator.rebalance.protocols": List = of("classic,consumer,streams"), List(&["consumer", "classic", "share", "streams"], Refused),
        Medium, ReadOnly, Public, Honoured,
        "Group protocols that are on.";
    "group.coordinator.threads": Int = of("4"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Threads of the group coordinator.";
    "group.initial.rebalance.delay.ms": Int = of("3000"), Any, Medium, ReadOnly, Public, Honoured,
        "Time that a new classic group waits for more members before its first rebalance.";
    "group.max.session.timeout.ms": Int = of("1800000"), Any, Medium, ReadOnly, Public, Honoured,
        "Largest session timeout that a member of a classic group may ask for.";
    "group.max.size": Int = of("2147483647"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Most members of a classic group.";
    "group.min.session.timeout.ms": Int = of("6000"), Any, Medium, ReadOnly, Public, Honoured,
        "Smallest session timeout that a member of a classic group may ask for.";
    "group.share.assignment.interval.ms": Int = of("1000"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Least time between two assignments of a share group.";
    "group.share.assignors": List = of("simple"), List(&[], Refused), Medium, ReadOnly, Public, Honoured,
        "Assignors of share groups.";
    "group.share.delivery.count.limit": Int = of("5"), Between(2, 10), Medium, ReadOnly, Public, Honoured,
        "Times that a record is delivered to a share group at most.";
    "group.share.heartbeat.interval.ms": Int = of("5000"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Heartbeat interval given to members of share groups.";
    "group.share.initialize.retry.interval.ms": Int = of("30000"), AtLeast(1),
        Low, ReadOnly, Internal, Honoured,
        "Pause before the state of a share group's partition is initialized again.";
    "group.share.max.assignment.interval.ms": Int = of("15000"), AtLeast(0),
        Medium, ReadOnly, Public, Honoured,
        "Largest assignment interval that a share group may set.";
    "group.share.max.delivery.count.limit": Int = of("10"), Between(5, 25),
        Medium, ReadOnly, Public, Honoured,
        "Largest delivery limit that a share group may set.";
    "group.share.max.heartbeat.interval.ms": Int = of("15000"), AtLeast(1),
        Medium, ReadOnly, Public, Honoured,
        "Largest heartbeat interval that a share group may set.";
    "group.share.max.partition.max.record.locks": Int = of("4000"), Between(2_000, 10_000),
        Medium, ReadOnly, Public, Honoured,
        "Largest number of locked records that a share group may set.";
    "group.share.max.record.lock.duration.ms": Int = of("60000"), Between(30_000, 3_600_000),
        Medium, ReadOnly, Public, Honoured,
        "Longest lock that a share group may set.";
    "group.share.max.session.timeout.ms": Int = of("60000"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Largest session timeout that a share group may set.";
    "group.share.max.share.sessions": Int = of("2000"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Most share sessions of a broker.";
    "group.share.max.size": Int = of("200"), Between(1, 1_000), Medium, ReadOnly, Public, Honoured,
        "Most members of a share group.";
    "group.share.min.assignment.interval.ms": Int = of("0"), AtLeast(0), Medium, ReadOnly, Public, Honoured,
        "Smallest assignment interval that a share group may set.";
    "group.share.min.delivery.count.limit": Int = of("2"), Between(2, 5), Medium, ReadOnly, Public, Honoured,
        "Smallest delivery limit that a share group may set.";
    "group.share.min.heartbeat.interval.ms": Int = of("5000"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Smallest heartbeat interval that a share group may set.";
    "group.share.min.partition.max.record.locks": Int = of("100"), Between(100, 2_000),
        Medium, ReadOnly, Public, Honoured,
        "Smallest number of locked records that a share group may set.";
    "group.share.min.record.lock.duration.ms": Int = of("15000"), Between(1_000, 30_000),
        Medium, ReadOnly, Public, Honoured,
        "Shortest lock that a share group may set.";
    "group.share.min.session.timeout.ms": Int = of("45000"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Smallest session timeout that a share group may set.";
    "group.share.partition.max.record.locks": Int = of("2000"), Between(100, 10_000),
        Medium, ReadOnly, Public, Honoured,
        "Records of one partition that a share group may have locked at once.";
    "group.share.persister.class.name": String = of("org.apache.kafka.server.share.persister.DefaultStatePersister"), Any,
        Medium, ReadOnly, Internal, Ignored(JVM),
        "Class that keeps the state of share groups.";
    "group.share.record.lock.duration.ms": Int = of("30000"), Between(1_000, 3_600_000),
        Medium, ReadOnly, Public, Honoured,
        "Time that a record stays with the member of a share group that got it.";
    "group.share.session.timeout.ms": Int = of("45000"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Time without a heartbeat after which a member leaves its share group.";
    "group.streams.assignment.interval.ms": Int = of("1000"), AtLeast(0),
        Medium, ClusterWide, Public, Honoured,
        "Least time between two assignments of a streams group.";
    "group.streams.heartbeat.interval.ms": Int = of("5000"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Heartbeat interval given to members of streams groups.";
    "group.streams.initial.rebalance.delay.ms": Int = of("3000"), AtLeast(0),
        Medium, ReadOnly, Public, Honoured,
        "Time that a new streams group waits for more members before its first assignment.";
    "group.streams.max.assignment.interval.ms": Int = of("15000"), AtLeast(0),
        Medium, ReadOnly, Public, Honoured,
        "Largest assignment interval that a streams group may set.";
    "group.streams.max.heartbeat.interval.ms": Int = of("15000"), AtLeast(1),
        Medium, ReadOnly, Public, Honoured,
        "Largest heartbeat interval that a streams group may set.";
    "group.streams.max.session.timeout.ms": Int = of("60000"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Largest session timeout that a streams group may set.";
    "group.streams.max.size": Int = of("2147483647"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Most members of a streams group.";
    "group.streams.max.standby.replicas": Int = of("2"), AtLeast(0), Medium, ReadOnly, Public, Honoured,
        "Largest number of standby replicas that a streams group may set.";
    "group.streams.min.assignment.interval.ms": Int = of("0"), AtLeast(0), Medium, ReadOnly, Public, Honoured,
        "Smallest assignment interval that a streams group may set.";
    "group.streams.min.heartbeat.interval.ms": Int = of("5000"), AtLeast(1),
        Medium, ReadOnly, Public, Honoured,
        "Smallest heartbeat interval that a streams group may set.";
    "group.streams.min.session.timeout.ms": Int = of("45000"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Smallest session timeout that a streams group may set.";
    "group.streams.num.standby.replicas": Int = of("0"), AtLeast(0), Medium, ReadOnly, Public, Honoured,
        "Standby replicas of each task of a streams group.";
    "group.streams.session.timeout.ms": Int = of("45000"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Time without a heartbeat after which a member leaves its streams group.";
    "offset.metadata.max.bytes": Int = of("4096"), Any, High, ReadOnly, Public, Honoured,
        "Largest note that a consumer may commit with an offset.";
    "offsets.commit.timeout.ms": Int = of("5000"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Time that a commit of offsets waits for its replicas.";
    "offsets.load.buffer.size": Int = of("5242880"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Bytes read at once when a coordinator loads groups and offsets.";
    "offsets.retention.check.interval.ms": Long = of("600000"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Time between two looks for expired offsets.";
    "offsets.retention.minutes": Int = of("10080"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Minutes that offsets outlive their group's last member or their topic's subscription.";
    "offsets.topic.compression.codec": Int = of("0"), Any, High, ReadOnly, Public, Honoured,
        "Codec of the offsets topic, as its number.";
    "offsets.topic.num.partitions": Int = of("50"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Partitions of the offsets topic; not to be changed later.";
    "offsets.topic.replication.factor": Short = of("3"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Replicas of the offsets topic.";
    "offsets.topic.segment.bytes": Int = of("104857600"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Segment size of the offsets topic.";
    "share.coordinator.append.linger.ms": Int = of("-1"), AtLeast(-1), Medium, ReadOnly, Public, Honoured,
        "Time that the share coordinator gathers records before it writes them; -1: as long as it is busy.";
    "share.coordinator.cached.buffer.max.bytes": Int = of("1048588"), AtLeast(524_288),
        Medium, ClusterWide, Public, Honoured,
        "Largest write buffer that the share coordinator keeps for reuse.";
    "share.coordinator.cold.partition.snapshot.interval.ms": Int = of("300000"), AtLeast(1),
        Low, ReadOnly, Internal, Honoured,
        "Time after which the state of an idle share partition is written anew.";
    "share.coordinator.load.buffer.size": Int = of("5242880"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Bytes read at once when a share coordinator loads its state.";
    "share.coordinator.snapshot.update.records.per.snapshot": Int = of("500"), Between(0, 500),
        Medium, ReadOnly, Public, Honoured,
        "Updates between two full states of a share partition.";
    "share.coordinator.state.topic.compression.codec": Int = of("0"), Any, High, ReadOnly, Public, Honoured,
        "Codec of the share state topic, as its number.";
    "share.coordinator.state.topic.min.isr": Short = of("2"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "In-sync replicas that the share state topic needs.";
    "share.coordinator.state.topic.num.partitions": Int = of("50"), AtLeast(1),
        High, ReadOnly, Public, Honoured,
        "Partitions of the share state topic; not to be changed later.";
    "share.coordinator.state.topic.prune.interval.ms": Int = of("300000"), AtLeast(1),
        Low, ReadOnly, Internal, Honoured,
        "Time between two deletions of old records of the share state topic.";
    "share.coordinator.state.topic.replication.factor": Short = of("3"), AtLeast(1),
        High, ReadOnly, Public, Honoured,
        "Replicas of the share state topic.";
    "share.coordinator.state.topic.segment.bytes": Int = of("104857600"), AtLeast(1),
        High, ReadOnly, Public, Honoured,
        "Segment size of the share state topic.";
    "share.coordinator.threads": Int = of("1"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Threads of the share coordinator.";
    "share.coordinator.write.timeout.ms": Int = of("5000"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Time that a write of the share coordinator waits for its replicas.";
    "share.fetch.purgatory.purge.interval.requests": Int = of("1000"), Any,
        Medium, ReadOnly, Public, Honoured,
        "Requests after which waiting share fetches are swept.";
};
