//! Replicas, leadership and what waits for them.

use crate::Default::Null;
use crate::Support::Honoured;
use crate::check::Check::{Any, AtLeast};
use crate::def::{ConfigDef, keys, of};

pub(super) const KEYS: &[ConfigDef] = keys! {
    "auto.leader.rebalance.enable": Boolean = of("true"), Any, High, ReadOnly, Public, Honoured,
        "Whether leadership goes back to preferred replicas by itself.";
    "controlled.shutdown.enable": Boolean = of("true"), Any, Medium, ReadOnly, Public, Honoured,
        "Whether a stopping broker first hands its leaderships over.";
    "delete.records.purgatory.purge.interval.requests": Int = of("1"), Any,
        Medium, ReadOnly, Public, Honoured,
        "Requests after which waiting DeleteRecords requests are swept.";
    "fetch.purgatory.purge.interval.requests": Int = of("1000"), Any, Medium, ReadOnly, Public, Honoured,
        "Requests after which waiting fetches are swept.";
    "leader.imbalance.check.interval.seconds": Long = of("300"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Time between two checks whether leadership lies with preferred replicas.";
    "min.insync.replicas": Int = of("1"), AtLeast(1), High, ClusterWide, Public, Honoured,
        "Default of the topic's min.insync.replicas.";
    "num.replica.alter.log.dirs.threads": Int = Null, Any, High, ReadOnly, Public, Honoured,
        "Threads that move replicas between log directories; as many as there are directories when not set.";
    "num.replica.fetchers": Int = of("1"), AtLeast(1), High, ClusterWide, Public, Honoured,
        "Fetchers for each broker that is followed.";
    "producer.purgatory.purge.interval.requests": Int = of("1000"), Any, Medium, ReadOnly, Public, Honoured,
        "Requests after which waiting produce requests are swept.";
    "replica.fetch.backoff.ms": Int = of("1000"), AtLeast(0), Medium, ReadOnly, Public, Honoured,
        "Pause of a fetcher after an error of a partition.";
    "replica.fetch.max.bytes": Int = of("1048576"), AtLeast(0), Medium, ReadOnly, Public, Honoured,
        "Bytes that a follower asks for each partition; a larger batch comes all the same.";
    "replica.fetch.min.bytes": Int = of("1"), Any, High, ReadOnly, Public, Honoured,
        "Bytes that a leader gathers before it answers a follower.";
    "replica.fetch.response.max.bytes": Int = of("10485760"), AtLeast(0), Medium, ReadOnly, Public, Honoured,
        "Bytes that a follower asks for in one fetch.";
    "replica.fetch.wait.max.ms": Int = of("500"), Any, High, ReadOnly, Public, Honoured,
        "Longest wait of a follower's fetch.";
    "replica.high.watermark.checkpoint.interval.ms": Long = of("5000"), Any, High, ReadOnly, Public, Honoured,
        "Time between two writes of the high watermarks.";
    "replica.lag.time.max.ms": Long = of("30000"), Any, High, ReadOnly, Public, Honoured,
        "Time without having caught up after which a replica leaves the in-sync set.";
    "replica.selector.class": String = Null, Any,
        Medium, ReadOnly, Public, Honoured,
        "Class that chooses the replica that a consumer fetches from.";
    "replica.socket.receive.buffer.bytes": Int = of("65536"), Any, High, ReadOnly, Public, Honoured,
        "Receive buffer of a fetcher's socket.";
    "replica.socket.timeout.ms": Int = of("30000"), Any, High, ReadOnly, Public, Honoured,
        "Time after which a fetcher's request counts as failed.";
    "unclean.leader.election.enable": Boolean = of("false"), Any, High, ClusterWide, Public, Honoured,
        "Whether a replica out of sync may lead when no other is left, losing data.";
    "unclean.leader.election.interval.ms": Long = of("300000"), AtLeast(1),
        Medium, ReadOnly, Internal, Honoured,
        "Time between two looks for partitions that need an unclean election.";
};
