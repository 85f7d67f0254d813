//! Groups of KIP-848, in which the broker assigns.

use anyhow::Result;
use tests_compat::{Broker, Kind, Spec};

mod franz_go;
mod java;
mod librdkafka;
mod migration;
mod tool;

pub(super) use librdkafka::modern;

/// A broker whose members come often and are missed soon.
fn broker() -> Result<Broker> {
    quick(Spec::new(Kind::under_test()?)).start()
}

/// How brokers are told so.
pub(super) fn quick(spec: Spec) -> Spec {
    [
        ("group.consumer.min.heartbeat.interval.ms", "200"),
        ("group.consumer.heartbeat.interval.ms", "200"),
        ("group.consumer.min.session.timeout.ms", "3000"),
        ("group.consumer.session.timeout.ms", "3000"),
        ("group.consumer.assignment.interval.ms", "100"),
        ("group.consumer.regex.refresh.interval.ms", "10000"),
    ]
    .into_iter()
    .fold(spec, |spec, (key, value)| spec.set(key, value))
}
