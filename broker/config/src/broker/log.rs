//! Log directories, segments, retention, flushing, compaction, and the defaults of topics.

use super::CLASS;
use crate::Default::Null;
use crate::Support::{Honoured, OnlyDefault};
use crate::check::Check::{Any, AtLeast, Between, DoubleBetween, GzipLevel, List, OneOf};
use crate::check::Empty::{Allowed, Refused};
use crate::def::{ConfigDef, keys, of};

pub(super) const KEYS: &[ConfigDef] = keys! {
    "alter.config.policy.class.name": Class = Null, Any, Low, ReadOnly, Public, OnlyDefault(CLASS),
        "Class that judges changes of configurations.";
    "auto.create.topics.enable": Boolean = of("true"), Any, High, ReadOnly, Public, Honoured,
        "Whether asking for the metadata of a topic that does not exist creates it.";
    "compression.gzip.level": Int = of("-1"), GzipLevel, Medium, ClusterWide, Public, Honoured,
        "Level of gzip where the broker compresses; -1 is the codec's default.";
    "compression.lz4.level": Int = of("9"), Between(1, 17), Medium, ClusterWide, Public, Honoured,
        "Level of lz4 where the broker compresses.";
    "compression.type": String = of("producer"), OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
        High, ClusterWide, Public, Honoured,
        "Codec of the log: producer keeps what producers sent, uncompressed undoes it.";
    "compression.zstd.level": Int = of("3"), Between(-131_072, 22), Medium, ClusterWide, Public, Honoured,
        "Level of zstd where the broker compresses.";
    "cordoned.log.dirs": List = of(""), List(&[], Allowed), Medium, PerBroker, Public, Honoured,
        "Log directories that get no new partitions; * cordons all.";
    "create.topic.policy.class.name": Class = Null, Any, Low, ReadOnly, Public, OnlyDefault(CLASS),
        "Class that judges requests to create topics.";
    "default.replication.factor": Int = of("1"), Any, Medium, ReadOnly, Public, Honoured,
        "Replicas of a topic that does not say how many.";
    "delete.topic.enable": Boolean = of("true"), Any, High, ReadOnly, Public, Honoured,
        "Whether topics can be deleted.";
    "log.cleaner.backoff.ms": Long = of("15000"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Pause of the cleaner when nothing is to be compacted.";
    "log.cleaner.dedupe.buffer.size": Long = of("134217728"), Any, Medium, ClusterWide, Public, Honoured,
        "Memory of all cleaner threads for the keys of a compaction.";
    "log.cleaner.delete.retention.ms": Long = of("86400000"), AtLeast(0),
        Medium, ClusterWide, Public, Honoured,
        "Default of the topic's delete.retention.ms.";
    "log.cleaner.enable": Boolean = of("true"), Any, Medium, ReadOnly, Public, Honoured,
        "Whether compaction runs; off is deprecated.";
    "log.cleaner.io.buffer.load.factor": Double = of("0.9"), Any, Medium, ClusterWide, Public, Honoured,
        "How full the cleaner's key map may become.";
    "log.cleaner.io.buffer.size": Int = of("524288"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Memory of all cleaner threads for reading and writing.";
    "log.cleaner.io.max.bytes.per.second": Double = of("1.7976931348623157E308"), Any,
        Medium, ClusterWide, Public, Honoured,
        "Most bytes that the cleaner reads and writes a second.";
    "log.cleaner.max.compaction.lag.ms": Long = of("9223372036854775807"), AtLeast(1),
        Medium, ClusterWide, Public, Honoured,
        "Default of the topic's max.compaction.lag.ms.";
    "log.cleaner.min.cleanable.ratio": Double = of("0.5"), DoubleBetween(0.0, 1.0),
        Medium, ClusterWide, Public, Honoured,
        "Default of the topic's min.cleanable.dirty.ratio.";
    "log.cleaner.min.compaction.lag.ms": Long = of("0"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Default of the topic's min.compaction.lag.ms.";
    "log.cleaner.threads": Int = of("1"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Threads that compact.";
    "log.cleanup.policy": List = of("delete"), List(&["compact", "delete"], Allowed),
        Medium, ClusterWide, Public, Honoured,
        "Default of the topic's cleanup.policy.";
    "log.dir": List = of("/tmp/kafka-logs"), List(&[], Refused), High, ReadOnly, Public, Honoured,
        "Directories of the logs where log.dirs is not set.";
    "log.dir.failure.timeout.ms": Long = of("30000"), AtLeast(1), Low, ReadOnly, Public, Honoured,
        "Time in which the controller must learn of a failed directory, or the broker stops.";
    "log.dirs": List = Null, List(&[], Refused), High, ReadOnly, Public, Honoured,
        "Directories of the logs; partitions are spread over them.";
    "log.flush.interval.messages": Long = of("9223372036854775807"), AtLeast(1),
        High, ClusterWide, Public, Honoured,
        "Default of the topic's flush.messages.";
    "log.flush.interval.ms": Long = Null, Any, High, ClusterWide, Public, Honoured,
        "Default of the topic's flush.ms; log.flush.scheduler.interval.ms when not set.";
    "log.flush.offset.checkpoint.interval.ms": Int = of("60000"), AtLeast(0),
        High, ReadOnly, Public, Honoured,
        "Time between two writes of the recovery points.";
    "log.flush.scheduler.interval.ms": Long = of("9223372036854775807"), Any,
        High, ReadOnly, Public, Honoured,
        "Time between two looks for logs that are to be flushed.";
    "log.flush.start.offset.checkpoint.interval.ms": Int = of("60000"), AtLeast(0),
        High, ReadOnly, Public, Honoured,
        "Time between two writes of the logs' start offsets.";
    "log.index.interval.bytes": Int = of("4096"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Default of the topic's index.interval.bytes.";
    "log.index.size.max.bytes": Int = of("10485760"), AtLeast(4), Medium, ClusterWide, Public, Honoured,
        "Default of the topic's segment.index.bytes.";
    "log.initial.task.delay.ms": Long = of("30000"), AtLeast(0), Low, ReadOnly, Internal, Honoured,
        "Time after the start before the logs' periodic work begins.";
    "log.message.timestamp.after.max.ms": Long = of("3600000"), AtLeast(0),
        Medium, ClusterWide, Public, Honoured,
        "Default of the topic's message.timestamp.after.max.ms.";
    "log.message.timestamp.before.max.ms": Long = of("9223372036854775807"), AtLeast(0),
        Medium, ClusterWide, Public, Honoured,
        "Default of the topic's message.timestamp.before.max.ms.";
    "log.message.timestamp.type": String = of("CreateTime"), OneOf(&["CreateTime", "LogAppendTime"]),
        Medium, ClusterWide, Public, Honoured,
        "Default of the topic's message.timestamp.type.";
    "log.preallocate": Boolean = of("false"), Any, Medium, ClusterWide, Public, Honoured,
        "Default of the topic's preallocate.";
    "log.retention.bytes": Long = of("-1"), Any, High, ClusterWide, Public, Honoured,
        "Default of the topic's retention.bytes.";
    "log.retention.check.interval.ms": Long = of("300000"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Time between two looks for segments to delete.";
    "log.retention.hours": Int = of("168"), Any, High, ReadOnly, Public, Honoured,
        "Default of the topic's retention.ms in hours, where neither log.retention.ms nor \
         log.retention.minutes is set.";
    "log.retention.minutes": Int = Null, Any, High, ReadOnly, Public, Honoured,
        "Default of the topic's retention.ms in minutes, where log.retention.ms is not set.";
    "log.retention.ms": Long = Null, Any, High, ClusterWide, Public, Honoured,
        "Default of the topic's retention.ms; -1: for ever.";
    "log.roll.hours": Int = of("168"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Default of the topic's segment.ms in hours, where log.roll.ms is not set.";
    "log.roll.jitter.hours": Int = of("0"), AtLeast(0), High, ReadOnly, Public, Honoured,
        "Default of the topic's segment.jitter.ms in hours, where log.roll.jitter.ms is not set.";
    "log.roll.jitter.ms": Long = Null, Any, High, ClusterWide, Public, Honoured,
        "Default of the topic's segment.jitter.ms.";
    "log.roll.ms": Long = Null, Any, High, ClusterWide, Public, Honoured,
        "Default of the topic's segment.ms.";
    "log.segment.bytes": Int = of("1073741824"), AtLeast(1_048_576), High, ClusterWide, Public, Honoured,
        "Default of the topic's segment.bytes.";
    "log.segment.delete.delay.ms": Long = of("60000"), AtLeast(0), High, ClusterWide, Public, Honoured,
        "Default of the topic's file.delete.delay.ms.";
    "message.max.bytes": Int = of("1048588"), AtLeast(0), High, ClusterWide, Public, Honoured,
        "Default of the topic's max.message.bytes.";
    "num.partitions": Int = of("1"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Partitions of a topic that does not say how many.";
    "num.recovery.threads.per.data.dir": Int = of("2"), AtLeast(1), High, ClusterWide, Public, Honoured,
        "Threads for each log directory that recover logs at start and flush them at stop.";
};
