//! Describing and altering, against what Apache Kafka 4.3.1 answered.
//!
//! `fixtures/describe.jsonl` is its DescribeConfigs of a topic, a broker and the default broker with the file and
//! the dynamic values that are written below; of the broker only entries that are not plain defaults.

use std::collections::BTreeMap;

use broker_config::alter::{self, AlterError, BrokerScope, Change, Operation, Resource};
use broker_config::describe::{self, Entry};
use broker_config::{BrokerConfig, Layers, Source, Texts, TopicConfig, Warning, broker, properties};
use serde_json::{Value, json};

const FILE: &str = "
process.roles=broker,controller
node.id=7
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:39092,CONTROLLER://127.0.0.1:39093
controller.quorum.bootstrap.servers=127.0.0.1:39093
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=/data/a,/data/b
log.retention.hours=100
log.roll.hours=24
log.flush.scheduler.interval.ms=5000
log.segment.bytes=2097152
ssl.keystore.password=secret
unknown.key=7
offsets.topic.replication.factor=1
num.io.threads=2
num.network.threads=1
listener.name.plaintext.max.connections=77
log.cleanup.policy=compact, delete
log.message.timestamp.type=LogAppendTime
";
const CLUSTER: &str = "
log.retention.ms=5000000
message.max.bytes=2000000
log.cleaner.threads=1
max.connections=500
min.insync.replicas=1
";
const BROKER: &str = "
log.index.interval.bytes=8192
message.max.bytes=3000000
listener.name.plaintext.num.network.threads=2
";
const TOPIC: &str = "retention.bytes=1000000\ncleanup.policy=compact";

fn texts(properties: &str) -> Texts {
    properties::parse(properties).expect("well formed")
}

fn with_layers<T>(work: impl FnOnce(&Layers<'_>) -> T) -> T {
    let (file, cluster, broker) = (texts(FILE), texts(CLUSTER), texts(BROKER));
    work(&Layers { file: &file, cluster: &cluster, broker: &broker })
}

fn source(source: Source) -> &'static str {
    match source {
        Source::DynamicTopic => "DYNAMIC_TOPIC_CONFIG",
        Source::DynamicBroker => "DYNAMIC_BROKER_CONFIG",
        Source::DynamicDefaultBroker => "DYNAMIC_DEFAULT_BROKER_CONFIG",
        Source::StaticBroker => "STATIC_BROKER_CONFIG",
        Source::Default => "DEFAULT_CONFIG",
        Source::DynamicGroup => "DYNAMIC_GROUP_CONFIG",
    }
}

fn shown(resource: &str, entry: &Entry) -> Value {
    let synonyms: Vec<_> =
        entry.synonyms.iter().map(|s| json!([s.name, s.value, source(s.source)])).collect();
    json!({
        "resource": resource,
        "name": entry.name,
        "value": entry.value,
        "source": source(entry.source),
        "type": entry.kind.map_or("UNKNOWN", broker_config::Kind::name),
        "readOnly": entry.is_read_only,
        "sensitive": entry.is_sensitive,
        "synonyms": synonyms,
    })
}

fn kafkas(resource: &str) -> BTreeMap<String, Value> {
    let lines = include_str!("fixtures/describe.jsonl").lines();
    let rows = lines.map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    rows.filter(|row| row["resource"] == resource)
        .map(|row| (row["name"].as_str().expect("a name").to_owned(), row))
        .collect()
}

fn ours(resource: &str, entries: &[Entry]) -> BTreeMap<String, Value> {
    entries.iter().map(|entry| (entry.name.clone(), shown(resource, entry))).collect()
}

#[test]
fn a_topic_is_described_as_kafka_does() {
    let entries = with_layers(|layers| describe::topic(layers, &texts(TOPIC)));
    assert_eq!(ours("TOPIC:t", &entries), kafkas("TOPIC:t"));
    assert!(entries.iter().all(|entry| entry.doc.is_some()));
}

#[test]
fn the_default_broker_is_described_as_kafka_does() {
    let entries = with_layers(describe::cluster);
    assert_eq!(ours("BROKER:", &entries), kafkas("BROKER:"));
}

#[test]
fn a_broker_is_described_as_kafka_does() {
    let entries = with_layers(describe::broker);
    let (kafkas, ours) = (kafkas("BROKER:7"), ours("BROKER:7", &entries));
    for (name, row) in &kafkas {
        assert_eq!(ours.get(name), Some(row));
    }
    for entry in entries.iter().filter(|entry| !kafkas.contains_key(&entry.name)) {
        let def = broker::find(&entry.name).expect("a key");
        assert_eq!(entry.source, Source::Default, "{}", entry.name);
        assert_eq!(entry.synonyms.len(), usize::from(def.default_text().is_some()), "{}", entry.name);
    }
    assert_eq!(entries.len(), 343);
}

#[test]
fn a_secret_is_never_described() {
    let entries = with_layers(describe::broker);
    assert!(!format!("{entries:?}").contains("\"secret\""));
}

fn topic_error(name: &str, value: &str) -> String {
    let overrides = Texts::from([(name.to_owned(), value.to_owned())]);
    with_layers(|layers| TopicConfig::validate(layers, &overrides))
        .map_or_else(|e| e.to_string(), |()| "ok".into())
}

/// What Apache Kafka says to each.
const WRONG_TOPIC_VALUES: &[(&str, &str, &str)] = &[
    ("retention.ms", "x", "Invalid value x for configuration retention.ms: Not a number of type LONG"),
    (
        "cleanup.policy",
        "foo",
        "Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete",
    ),
    ("cleanup.policy", "delete,delete", "ok"),
    ("segment.bytes", "5", "Invalid value 5 for configuration segment.bytes: Value must be at least 1048576"),
    ("nope", "1", "Unknown topic config name: nope"),
    (
        "message.timestamp.type",
        "foo",
        "Invalid value foo for configuration message.timestamp.type: String must be one of: CreateTime, LogAppendTime",
    ),
    (
        "compression.type",
        "foo",
        "Invalid value foo for configuration compression.type: String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer",
    ),
    (
        "preallocate",
        "maybe",
        "Invalid value maybe for configuration preallocate: Expected value to be either true or false",
    ),
    (
        "min.cleanable.dirty.ratio",
        "1.5",
        "Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1",
    ),
    (
        "compression.gzip.level",
        "10",
        "Invalid value 10 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1",
    ),
    (
        "leader.replication.throttled.replicas",
        "a:b",
        "Invalid value [a:b] for configuration leader.replication.throttled.replicas: leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
    ),
    ("retention.ms", "-2", "Invalid value -2 for configuration retention.ms: Value must be at least -1"),
    (
        "min.insync.replicas",
        "",
        "Invalid value  for configuration min.insync.replicas: Not a number of type INT",
    ),
    (
        "compression.zstd.level",
        "23",
        "Invalid value 23 for configuration compression.zstd.level: Value must be no more than 22",
    ),
    ("cleanup.policy", "", "ok"),
    ("min.compaction.lag.ms", "9223372036854775807", "ok"),
    (
        "max.compaction.lag.ms",
        "0",
        "Invalid value 0 for configuration max.compaction.lag.ms: Value must be at least 1",
    ),
    (
        "segment.bytes",
        "99999999999",
        "Invalid value 99999999999 for configuration segment.bytes: Not a number of type INT",
    ),
    ("leader.replication.throttled.replicas", "*", "ok"),
    ("leader.replication.throttled.replicas", "1:1,2:2", "ok"),
    (
        "cleanup.policy",
        "none",
        "Invalid value none for configuration cleanup.policy: String must be one of: compact, delete",
    ),
    ("internal.segment.bytes", "5000000", "ok"),
    ("cleanup.policy", "delete,,compact", "Configuration 'cleanup.policy' values must not be empty."),
    ("retention.bytes", " 5 ", "ok"),
];

#[test]
fn wrong_topic_values_are_named_in_kafkas_words() {
    for (name, value, kafkas) in WRONG_TOPIC_VALUES.iter().copied() {
        assert_eq!(topic_error(name, value), kafkas, "{name}={value}");
    }
    assert!(topic_error("remote.storage.enable", "true").contains("tiered storage is not built"));
    let lags = texts("min.compaction.lag.ms=9\nmax.compaction.lag.ms=8");
    assert!(with_layers(|layers| TopicConfig::validate(layers, &lags)).is_err());
}

fn broker_error(scope: BrokerScope, name: &str, value: &str) -> String {
    let mut set = texts(if scope == BrokerScope::One { BROKER } else { CLUSTER });
    set.insert(name.to_owned(), value.to_owned());
    let (config, _) = BrokerConfig::from_properties(&texts(FILE)).expect("a good file");
    let checked = alter::validate_broker(scope, &set).and_then(|()| {
        let (cluster, broker) =
            if scope == BrokerScope::One { (texts(CLUSTER), set) } else { (set, texts(BROKER)) };
        Ok(config.check_dynamic(&cluster, &broker)?)
    });
    checked.map_or_else(|error| error.to_string(), |()| "ok".to_owned())
}

use BrokerScope::{Cluster, One};

/// What Apache Kafka says to each.
const WRONG_BROKER_VALUES: &[(BrokerScope, &str, &str, &str)] = &[
    (One, "num.partitions", "3", "Cannot update these configs dynamically: [num.partitions]"),
    (
        Cluster,
        "listeners",
        "PLAINTEXT://:1",
        "Cannot update these configs at default cluster level, broker id must be specified: [listeners]",
    ),
    (
        One,
        "log.retention.ms",
        "x",
        "Invalid value x for configuration log.retention.ms: Not a number of type LONG",
    ),
    (
        Cluster,
        "ssl.keystore.location",
        "x",
        "These security configs can be dynamically updated only per-listener using the listener prefix: [ssl.keystore.location]",
    ),
    (
        One,
        "ssl.keystore.location",
        "x",
        "These security configs can be dynamically updated only per-listener using the listener prefix: [ssl.keystore.location]",
    ),
    (
        One,
        "num.io.threads",
        "0",
        "Invalid value 0 for configuration num.io.threads: Value must be at least 1",
    ),
    (
        Cluster,
        "log.retention.ms",
        "0",
        "log.retention.ms must be unlimited (-1) or, greater than or equal to 1",
    ),
    (One, "whatever", "1", "ok"),
    (Cluster, "min.insync.replicas", "2", "ok"),
    (Cluster, "listener.name.plaintext.max.connections", "3", "ok"),
    (
        Cluster,
        "listener.name.plaintext.ssl.keystore.location",
        "x",
        "Cannot update these configs at default cluster level, broker id must be specified: [listener.name.plaintext.ssl.keystore.location]",
    ),
    (One, "log.roll.hours", "3", "Cannot update these configs dynamically: [log.roll.hours]"),
    (One, "log.retention.hours", "3", "Cannot update these configs dynamically: [log.retention.hours]"),
    (
        Cluster,
        "compression.type",
        "foo",
        "Invalid value foo for configuration compression.type: String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer",
    ),
    (One, "leader.replication.throttled.rate", "5", "ok"),
    (
        One,
        "leader.replication.throttled.rate",
        "-5",
        "Invalid value -5 for configuration leader.replication.throttled.rate: Value must be at least 0",
    ),
    (Cluster, "leader.replication.throttled.rate", "5", "ok"),
    (
        One,
        "max.connections.per.ip",
        "0",
        "max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.",
    ),
    (
        One,
        "cordoned.log.dirs",
        "/x",
        "All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries : /x",
    ),
    (
        One,
        "unclean.leader.election.enable",
        "x",
        "Invalid value x for configuration unclean.leader.election.enable: Expected value to be either true or false",
    ),
    (
        One,
        "log.segment.bytes",
        "5",
        "Invalid value 5 for configuration log.segment.bytes: Value must be at least 1048576",
    ),
];

#[test]
fn wrong_broker_values_are_named_in_kafkas_words() {
    for (scope, name, value, kafkas) in WRONG_BROKER_VALUES.iter().copied() {
        assert_eq!(broker_error(scope, name, value), kafkas, "{name}={value}");
    }
}

fn change<'a>(name: &'a str, operation: Operation, value: &'a str) -> Change<'a> {
    Change { name, operation, value: Some(value) }
}

#[test]
fn operations_edit_what_is_set() {
    let set = texts(TOPIC);
    let apply = |changes: &[Change<'_>]| alter::apply(Resource::Topic, &set, changes);
    let policy = |result: Result<Texts, AlterError>| result.expect("applies").remove("cleanup.policy");
    assert_eq!(
        policy(apply(&[change("cleanup.policy", Operation::Append, "delete")])),
        Some("compact,delete".into())
    );
    assert_eq!(
        policy(apply(&[change("cleanup.policy", Operation::Append, "compact")])),
        Some("compact".into())
    );
    assert_eq!(
        policy(apply(&[change("cleanup.policy", Operation::Subtract, "compact")])),
        Some(String::new())
    );
    assert_eq!(policy(apply(&[change("cleanup.policy", Operation::Delete, "")])), None);
    let from_default = alter::apply(
        Resource::Topic,
        &Texts::new(),
        &[change("cleanup.policy", Operation::Append, "compact")],
    );
    assert_eq!(policy(from_default), Some("delete,compact".into()), "an unset list starts from its default");
    let error = apply(&[change("retention.ms", Operation::Append, "5")]).expect_err("not a list");
    assert_eq!(error.to_string(), "Can't APPEND to key retention.ms because its type is not LIST.");
    let error = apply(&[change("nope", Operation::Subtract, "5")]).expect_err("unknown");
    assert_eq!(error.to_string(), "Can't SUBTRACT to key nope because its type is not LIST.");
    assert!(apply(&[change("nope", Operation::Delete, "5")]).is_ok());
    let null = Change { name: "retention.ms", operation: Operation::Set, value: None };
    assert_eq!(apply(&[null]).expect_err("null").to_string(), "Null value not supported for : retention.ms");
    let twice = [change("retention.ms", Operation::Set, "1"), change("retention.ms", Operation::Delete, "")];
    assert_eq!(apply(&twice), Err(AlterError::DuplicateKeys));
}

#[test]
fn dynamic_values_take_effect_and_bad_ones_are_left_out() {
    let (config, _) = BrokerConfig::from_properties(&texts(FILE)).expect("a good file");
    let cluster = texts("num.io.threads=4\nnum.partitions=9\nmax.connections=x\nlog.cleaner.threads=2");
    let (changed, warnings) = config.reconfigured(&cluster, &texts("num.io.threads=5"));
    assert_eq!(changed.network.io_threads, 5);
    assert_eq!(changed.cleaner.threads, 2);
    assert_eq!(
        (changed.log.partitions_default, changed.network.connections.max),
        (1, i32::MAX.unsigned_abs())
    );
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings.iter().all(|warning| matches!(warning, Warning::Dynamic(_))));
    assert_eq!(changed.reconfigured(&Texts::new(), &Texts::new()).0, config);
}
