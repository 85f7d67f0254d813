//! Tiered storage.

use super::JVM;
use crate::Default::Null;
use crate::Support::{Honoured, Ignored, OnlyDefault};
use crate::check::Check::{Any, AtLeast, DoubleBetween, NonEmpty};
use crate::def::{ConfigDef, keys, of};

pub(super) const KEYS: &[ConfigDef] = keys! {
    "follower.fetch.last.tiered.offset.enable": Boolean = of("false"), Any,
        Medium, ClusterWide, Public, Honoured,
        "Whether an empty follower starts after what is in remote storage.";
    "log.local.retention.bytes": Long = of("-2"), AtLeast(-2), Medium, ClusterWide, Public, Honoured,
        "Default of the topic's local.retention.bytes.";
    "log.local.retention.ms": Long = of("-2"), AtLeast(-2), Medium, ClusterWide, Public, Honoured,
        "Default of the topic's local.retention.ms.";
    "remote.fetch.max.wait.ms": Int = of("500"), AtLeast(1), Medium, ClusterWide, Public, Honoured,
        "Longest wait of a fetch for remote storage.";
    "remote.list.offsets.request.timeout.ms": Long = of("30000"), AtLeast(1),
        Medium, ClusterWide, Public, Honoured,
        "Longest wait of a ListOffsets for remote storage.";
    "remote.log.index.file.cache.total.size.bytes": Long = of("1073741824"), AtLeast(1),
        Low, ClusterWide, Public, Honoured,
        "Space for indexes of remote segments kept locally.";
    "remote.log.index.file.cache.ttl.ms": Long = of("900000"), AtLeast(-1), Low, ReadOnly, Internal, Honoured,
        "Idle time after which such an index is dropped.";
    "remote.log.manager.copier.thread.pool.size": Int = of("10"), AtLeast(1),
        Medium, ClusterWide, Public, Honoured,
        "Threads that copy segments to remote storage.";
    "remote.log.manager.copy.max.bytes.per.second": Long = of("9223372036854775807"), AtLeast(1),
        Medium, ClusterWide, Public, Honoured,
        "Most bytes copied to remote storage a second.";
    "remote.log.manager.copy.quota.window.num": Int = of("11"), AtLeast(1),
        Medium, ReadOnly, Public, Honoured,
        "Windows kept to measure copies to remote storage.";
    "remote.log.manager.copy.quota.window.size.seconds": Int = of("1"), AtLeast(1),
        Medium, ReadOnly, Public, Honoured,
        "Length of one such window.";
    "remote.log.manager.expiration.thread.pool.size": Int = of("10"), AtLeast(1),
        Medium, ClusterWide, Public, Honoured,
        "Threads that delete from remote storage.";
    "remote.log.manager.fetch.max.bytes.per.second": Long = of("9223372036854775807"), AtLeast(1),
        Medium, ClusterWide, Public, Honoured,
        "Most bytes fetched from remote storage a second.";
    "remote.log.manager.fetch.quota.window.num": Int = of("11"), AtLeast(1),
        Medium, ReadOnly, Public, Honoured,
        "Windows kept to measure fetches from remote storage.";
    "remote.log.manager.fetch.quota.window.size.seconds": Int = of("1"), AtLeast(1),
        Medium, ReadOnly, Public, Honoured,
        "Length of one such window.";
    "remote.log.manager.follower.thread.pool.size": Int = of("2"), AtLeast(1),
        Medium, ClusterWide, Public, Honoured,
        "Threads that follow remote storage for followers.";
    "remote.log.manager.task.interval.ms": Long = of("30000"), AtLeast(1), Low, ReadOnly, Public, Honoured,
        "Time between two rounds of copying and deleting.";
    "remote.log.manager.task.retry.backoff.max.ms": Long = of("30000"), AtLeast(1),
        Low, ReadOnly, Internal, Honoured,
        "Longest pause before such a round is tried again.";
    "remote.log.manager.task.retry.backoff.ms": Long = of("500"), AtLeast(1),
        Low, ReadOnly, Internal, Honoured,
        "First pause before such a round is tried again.";
    "remote.log.manager.task.retry.jitter": Double = of("0.2"), DoubleBetween(0.0, 0.5),
        Low, ReadOnly, Internal, Honoured,
        "Randomness of that pause.";
    "remote.log.manager.thread.pool.size": Int = of("2"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Threads of the remote log manager; replaced by the sizes of each kind.";
    "remote.log.metadata.custom.metadata.max.bytes": Int = of("128"), AtLeast(0),
        Low, ReadOnly, Public, Honoured,
        "Largest note that remote storage may attach to a segment.";
    "remote.log.metadata.manager.class.name": String = of("org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager"), NonEmpty,
        Medium, ReadOnly, Public, Honoured,
        "Class that keeps the metadata of remote segments.";
    "remote.log.metadata.manager.class.path": String = Null, Any, Medium, ReadOnly, Public, Ignored(JVM),
        "Class path of that class.";
    "remote.log.metadata.manager.impl.prefix": String = of("rlmm.config."), NonEmpty,
        Medium, ReadOnly, Public, Honoured,
        "Prefix of the keys that are handed to that class.";
    "remote.log.metadata.manager.listener.name": String = Null, NonEmpty, Medium, ReadOnly, Public, Honoured,
        "Listener that the metadata of remote segments is reached by.";
    "remote.log.reader.max.pending.tasks": Int = of("100"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Waiting reads of remote storage above which more are refused.";
    "remote.log.reader.threads": Int = of("10"), AtLeast(1), Medium, ClusterWide, Public, Honoured,
        "Threads that read remote storage.";
    "remote.log.storage.manager.class.name": String = Null, NonEmpty, Medium, ReadOnly, Public, Honoured,
        "Class that stores remote segments.";
    "remote.log.storage.manager.class.path": String = Null, Any, Medium, ReadOnly, Public, Ignored(JVM),
        "Class path of that class.";
    "remote.log.storage.manager.impl.prefix": String = of("rsm.config."), NonEmpty,
        Medium, ReadOnly, Public, Honoured,
        "Prefix of the keys that are handed to that class.";
    "remote.log.storage.system.enable": Boolean = of("false"), Any,
        Medium, ReadOnly, Public, OnlyDefault("tiered storage is not built"),
        "Whether tiered storage is on.";
};
