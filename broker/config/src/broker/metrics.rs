//! Metrics, of the broker and of clients.

use super::JVM;
use crate::Support::{Honoured, Ignored};
use crate::check::Check::{Any, AtLeast, List};
use crate::check::Empty::Allowed;
use crate::def::{ConfigDef, keys, of};

pub(super) const KEYS: &[ConfigDef] = keys! {
    "kafka.metrics.polling.interval.secs": Int = of("10"), AtLeast(1), Low, ReadOnly, Public, Ignored(JVM),
        "Time between two rounds of the JVM's metrics reporters.";
    "kafka.metrics.reporters": List = of(""), List(&[], Allowed), Low, ReadOnly, Public, Ignored(JVM),
        "Classes that the JVM's metrics are reported to.";
    "metric.reporters": List = of("org.apache.kafka.common.metrics.JmxReporter"), List(&[], Allowed),
        Low, ClusterWide, Public, Ignored(JVM),
        "Classes that metrics are reported to.";
    "metrics.num.samples": Int = of("2"), AtLeast(1), Low, ReadOnly, Public, Ignored(JVM),
        "Samples kept for each metric.";
    "metrics.recording.level": String = of("INFO"), Any, Low, ReadOnly, Public, Ignored(JVM),
        "Most detailed level of metrics that is recorded.";
    "metrics.sample.window.ms": Long = of("30000"), AtLeast(1), Low, ReadOnly, Public, Ignored(JVM),
        "Length of one sample of a metric.";
    "telemetry.max.bytes": Int = of("1048576"), AtLeast(1), Low, ReadOnly, Public, Honoured,
        "Largest report of metrics that a client may send, uncompressed.";
};
