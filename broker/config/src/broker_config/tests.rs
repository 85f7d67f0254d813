use alloc::string::ToString;
use alloc::vec;
use core::time::Duration;

use super::*;
use crate::{Compression, HostPort, SecurityProtocol, TimestampType, TopicConfig, properties};

const COMBINED: &str = "
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
controller.quorum.bootstrap.servers=localhost:9093
log.dirs=/data
";

fn texts(properties: &str) -> Texts {
    properties::parse(properties).expect("well formed")
}

fn read(more: &str) -> Result<(BrokerConfig, Vec<Warning>), Vec<ConfigError>> {
    BrokerConfig::from_properties(&texts(&format!("{COMBINED}{more}")))
}

fn config(more: &str) -> BrokerConfig {
    read(more).expect("a good file").0
}

/// The only fault of a file.
fn fault(more: &str) -> String {
    let mut errors = read(more).expect_err("a bad file");
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0).to_string()
}

#[test]
fn a_plain_file_is_read() {
    let (config, warnings) = read("").expect("a good file");
    assert_eq!(warnings, []);
    assert_eq!(config.roles, Roles::Combined);
    assert_eq!(config.node_id, BrokerId::new(1));
    assert_eq!(config.log.dirs, ["/data"]);
    assert_eq!(config.quorum.bootstrap_servers, [HostPort { host: "localhost".into(), port: 9093 }]);
    let names: Vec<_> = config.network.listeners.iter().map(|listener| listener.name.as_str()).collect();
    assert_eq!(names, ["PLAINTEXT", "CONTROLLER"]);
    assert_eq!(config.network.listeners[1].protocol, SecurityProtocol::Plaintext, "mapped without a word");
    assert_eq!(config.network.advertised, config.network.listeners);
    assert_eq!(config.network.inter_broker_listener, "PLAINTEXT");
    assert_eq!(config.network.connections.idle_max, Some(Duration::from_secs(600)));
    assert_eq!(config.log.flush_check_interval, None);
    assert_eq!(config.metadata_log.retention_bytes, Some(100 << 20));
}

#[test]
fn every_fault_is_found_and_each_names_its_key() {
    let errors = read("num.io.threads=0\nlog.segment.bytes=x\nzookeeper.connect=z:2181").expect_err("bad");
    let shown: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "Invalid value x for configuration log.segment.bytes: Not a number of type INT",
            "Invalid value 0 for configuration num.io.threads: Value must be at least 1",
            "zookeeper.connect: there is no ZooKeeper mode: this node would found a cluster of its own",
        ]
    );
    let errors = BrokerConfig::from_properties(&Texts::new()).expect_err("nothing is set");
    let shown: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(shown.len(), 3);
    assert!(shown.contains(
        &"Missing required configuration \"process.roles\" which has no default value.".to_string()
    ));
}

#[test]
fn what_has_no_effect_is_warned_of() {
    let more = "made.up=1\nmetric.reporters=x\nlog.message.format.version=3.0\nauthorizer.class.name=";
    let (_, warnings) = read(more).expect("a good file");
    let shown: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "log.message.format.version: removed in Kafka 4.0, without effect",
            "made.up: unknown, without effect",
            "metric.reporters: without effect: it speaks of the JVM, and there is none here",
        ]
    );
}

#[test]
fn what_would_weaken_the_cluster_is_refused() {
    assert!(fault("authorizer.class.name=a.B").starts_with("authorizer.class.name: a.B is not supported"));
    assert!(fault("create.topic.policy.class.name=a.B").contains("Java classes cannot be loaded"));
    assert!(fault("remote.log.storage.system.enable=true").contains("tiered storage"));
    assert!(read("remote.log.storage.system.enable=false").is_ok());
}

#[test]
fn replicas_are_selected_by_what_kafka_brings() {
    let selector = |class| config(&format!("replica.selector.class={class}")).replication.selector;
    assert_eq!(config("").replication.selector, ReplicaSelector::Leader);
    let kafkas = "org.apache.kafka.common.replica";
    assert_eq!(selector(format!("{kafkas}.RackAwareReplicaSelector")), ReplicaSelector::RackAware);
    assert_eq!(selector(format!("{kafkas}.LeaderSelector")), ReplicaSelector::Leader);
    let own = fault("replica.selector.class=a.B");
    assert!(own.starts_with("replica.selector.class: a.B is not supported: classes of Java"), "{own}");
}

#[test]
fn the_authorizer_that_kafka_brings_is_taken_with_its_own_keys() {
    let standard = "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n";
    let without = config("super.users=User:a");
    assert_eq!((without.access, &*without.acl_keepers), (None, "User:a"), "who may keep entries for one");
    let more = format!("{standard}super.users=User:a;User:b\nallow.everyone.if.no.acl.found=true");
    let (config, warnings) = read(&more).expect("a good file");
    assert_eq!(warnings, []);
    let access = config.access.expect("an authorizer");
    assert_eq!((&*access.super_users, &*access.allow_everyone), ("User:a;User:b", "true"));
    assert_eq!(config.acl_keepers, "");
    assert_eq!(
        fault(&format!("{standard}super.users=User:a;bob")),
        "super.users: expected a string in format principalType:principalName but got bob"
    );
}

#[test]
fn listeners_are_named_protected_and_distinct() {
    let more = "listeners=internal://[::1]:19092,EXT://0.0.0.0:19092,CONTROLLER://:0\n\
                listener.security.protocol.map=INTERNAL:PLAINTEXT,EXT:SASL_SSL,CONTROLLER:SSL\n\
                advertised.listeners=INTERNAL://[::1]:19092,EXT://kafka.example:443\n\
                inter.broker.listener.name=internal\nlistener.name.ext.max.connections=5";
    let network = config(more).network;
    let shown: Vec<_> = network.advertised.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["INTERNAL://[::1]:19092", "EXT://kafka.example:443", "CONTROLLER://:0"]);
    assert_eq!(network.advertised[1].protocol, SecurityProtocol::SaslSsl);
    assert_eq!(network.inter_broker_listener, "INTERNAL");
    assert_eq!(network.connections.per_listener_max.get("EXT"), Some(&5));
    assert_eq!(network.connections.per_listener_max.len(), 1);

    assert_eq!(
        fault("listeners=A://:1,CONTROLLER://:2"),
        "listeners: Error creating broker listeners from 'A://:1,CONTROLLER://:2': No security protocol defined for \
         listener A"
    );
    assert!(fault("listeners=PLAINTEXT:1").contains("Unable to parse PLAINTEXT:1 to a broker endpoint"));
    assert!(fault("listeners=PLAINTEXT://:1,CONTROLLER://:1").contains("different port"));
    assert!(fault("listeners=PLAINTEXT://:1,PLAINTEXT://:2").contains("different name"));
    assert!(fault("listeners=PLAINTEXT://0.0.0.0:1,CONTROLLER://:2").contains("0.0.0.0"));
    assert!(fault("security.inter.broker.protocol=SSL").starts_with("inter.broker.listener.name must be"));
    assert!(
        fault("inter.broker.listener.name=PLAINTEXT\nsecurity.inter.broker.protocol=PLAINTEXT")
            .starts_with("Only one of")
    );
    assert!(
        fault("advertised.listeners=OTHER://h:1").contains("No security protocol defined for listener OTHER")
    );
    assert!(fault("advertised.listeners=SSL://h:1\ninter.broker.listener.name=SSL").contains("subset"));
    assert!(fault("listener.security.protocol.map=A:B").contains("Invalid security protocol `B`"));
    assert!(
        read("listeners=PLAINTEXT://127.0.0.1:1,CONTROLLER://[::1]:1").is_ok(),
        "IPv4 and IPv6 share a port"
    );
}

#[test]
fn listeners_of_controllers_start_early_unless_others_are_named() {
    assert_eq!(config("").network.early_start, ["CONTROLLER"]);
    assert_eq!(
        config("early.start.listeners=PLAINTEXT, CONTROLLER").network.early_start,
        ["PLAINTEXT", "CONTROLLER"]
    );
    assert!(config("early.start.listeners=").network.early_start.is_empty());
    assert_eq!(
        fault("early.start.listeners=INTERNAL"),
        "early.start.listeners contains listener INTERNAL, but this is not contained in listeners or \
         controller.listener.names"
    );
}

#[test]
fn roles_and_quorum_go_together() {
    assert!(
        fault("controller.quorum.voters=2@h:1").contains("node id 1 must be included in the set of voters")
    );
    assert!(read("controller.quorum.voters=1@h:1,2@h:2").is_ok());
    assert!(fault("controller.quorum.voters=1-h:1").contains("`{id}@{host}:{port}`"));
    assert!(fault("controller.quorum.bootstrap.servers=").contains("controller.quorum.bootstrap.servers"));
    let broker = "process.roles=broker\nlisteners=PLAINTEXT://:1\nlistener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT";
    let config = config(broker);
    assert_eq!(config.roles, Roles::Broker);
    assert_eq!(config.network.advertised.len(), 1);
    assert!(
        fault(&format!("{broker}\ncontroller.quorum.voters=1@h:1"))
            .contains("must not be included in the set of voters")
    );
    assert!(fault("process.roles=broker").contains("must not contain a value appearing in the 'listeners'"));
    assert!(fault("process.roles=controller").contains("must only contain KRaft controller listeners"));
    assert!(read("process.roles=controller\nlisteners=CONTROLLER://0.0.0.0:1").is_ok());
    assert!(fault("process.roles=observer").contains("String must be one of: broker, controller"));
    assert_eq!(fault("broker.id=2"), "You must set `node.id` to the same value as `broker.id`.");
}

#[test]
fn keys_that_contradict_each_other_are_named() {
    for (more, says) in [
        ("log.retention.ms=0", "log.retention.ms must be unlimited"),
        ("replica.fetch.wait.max.ms=40000", "replica.socket.timeout.ms"),
        ("queued.max.request.bytes=10", "queued.max.request.bytes must be larger"),
        ("max.connections.per.ip=0", "max.connections.per.ip can be set to zero only if"),
        ("connections.max.idle.ms=100", "connection.failed.authentication.delay.ms=100"),
        ("broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms (2000 ms)"),
        ("log.cleaner.threads=1000", "log.cleaner.dedupe.buffer.size"),
        ("cordoned.log.dirs=*,/data", "must not contain other values"),
        ("max.connections.per.ip.overrides=h:x", "h:x is not of the form"),
    ] {
        let errors = read(more).expect_err("bad");
        assert!(errors[0].to_string().contains(says), "{more}: {errors:?}");
    }
}

#[test]
fn milliseconds_beat_minutes_beat_hours_within_a_layer_and_dynamic_beats_the_file() {
    let retention = |file: &str, cluster: &str, topic: &str| {
        let (file, cluster, topic) = (texts(file), texts(cluster), texts(topic));
        let layers = Layers { file: &file, cluster: &cluster, broker: &Texts::new() };
        TopicConfig::resolve(&layers, &topic).retention_age
    };
    let hours = |hours: u64| Some(Duration::from_secs(hours * 3600));
    assert_eq!(retention("", "", ""), hours(168));
    assert_eq!(retention("log.retention.hours=2", "", ""), hours(2));
    assert_eq!(retention("log.retention.hours=2\nlog.retention.minutes=180", "", ""), hours(3));
    let all = "log.retention.hours=2\nlog.retention.minutes=180\nlog.retention.ms=14400000";
    assert_eq!(retention(all, "", ""), hours(4));
    assert_eq!(retention(all, "log.retention.ms=18000000", ""), hours(5));
    assert_eq!(retention(all, "log.retention.ms=18000000", "retention.ms=21600000"), hours(6));
    assert_eq!(retention("log.retention.hours=-1", "", ""), None);
    assert_eq!(retention(all, "", "retention.ms=-1"), None);
    assert_eq!(retention("log.retention.ms=bad\nlog.retention.hours=2", "", ""), hours(2));
}

#[test]
fn a_topics_configuration_is_typed() {
    let file = texts("log.segment.bytes=2000000\ncompression.zstd.level=7");
    let none = Texts::new();
    let layers = Layers { file: &file, cluster: &none, broker: &none };
    let plain = TopicConfig::resolve(&layers, &none);
    assert_eq!(plain.segment_bytes, 2_000_000);
    assert_eq!((plain.retention_bytes, plain.flush_messages, plain.flush_age), (None, None, None));
    assert_eq!(plain.timestamp_before_max, None);
    assert_eq!(plain.timestamp_after_max, Some(Duration::from_secs(3600)));
    assert_eq!(plain.compression, Compression::Producer);
    assert!(plain.cleanup.deletes && !plain.cleanup.compacts);
    let set = texts(
        "compression.type=zstd\ncleanup.policy=compact, delete\nmessage.timestamp.type=LogAppendTime\n\
         min.insync.replicas=2\nleader.replication.throttled.replicas=0:1,1:2\nflush.messages=1",
    );
    let set = TopicConfig::resolve(&layers, &set);
    assert_eq!(set.compression, Compression::Zstd(7));
    assert!(set.cleanup.deletes && set.cleanup.compacts);
    assert_eq!(set.timestamp_type, TimestampType::LogAppend);
    assert_eq!(set.min_insync_replicas.get(), 2);
    assert_eq!(set.flush_messages, Some(1));
    assert_eq!(set.leader_throttled_replicas, vec!["0:1", "1:2"]);
}

#[test]
fn tables_are_sorted_and_their_defaults_are_valid() {
    let mut count = 0;
    for def in broker::all() {
        count += 1;
        assert!(core::ptr::eq(broker::find(def.name).expect("found"), def), "{}", def.name);
        assert!(def.doc.ends_with('.'), "{}: {}", def.name, def.doc);
    }
    assert_eq!(count, 360);
    for def in crate::topic::KEYS {
        assert_eq!(crate::topic::find(def.name), Some(def));
        for (name, _) in crate::topic::broker_names(def.name) {
            assert!(broker::find(name).is_some(), "{name}");
        }
    }
    for def in crate::group::KEYS.iter().chain(crate::client_metrics::KEYS).chain(crate::topic::KEYS) {
        assert!(def.doc.ends_with('.'), "{}", def.name);
    }
    for def in broker::all().chain(crate::topic::KEYS).chain(crate::group::KEYS) {
        if let Some(text) = def.default_text() {
            assert_eq!(def.parse(text).ok(), def.default_value(), "{}", def.name);
        }
    }
}
