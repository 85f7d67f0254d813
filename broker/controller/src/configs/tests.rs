use alloc::{string::String, string::ToString, vec, vec::Vec};

use broker_protocol::ErrorCode;
use broker_types::BrokerId;

use super::*;
use crate::{Request, Response, testing::Cluster};

fn change(operation: ConfigOperation, name: &str, value: Option<&str>) -> ConfigChange {
    ConfigChange { name: Str::from(name), operation, value: value.map(Str::from) }
}

fn alter(
    cluster: &mut Cluster,
    resource: ConfigResource,
    changes: Vec<ConfigChange>,
) -> (usize, Result<(), (ErrorCode, String)>) {
    let request = IncrementalAlterConfigs { resources: vec![(resource, changes)], validate_only: false };
    let (records, response) = cluster.ask(Request::IncrementalAlterConfigs(request));
    let Response::IncrementalAlterConfigs(results) = response else { panic!("{response:?}") };
    let result = results[0].1.clone().map_err(|error| (error.code(), error.to_string()));
    (records.len(), result)
}

fn value<'a>(cluster: &'a Cluster, resource: &ConfigResource, name: &str) -> Option<&'a str> {
    cluster.image.configs().get(resource, name).map(|value| &**value)
}

fn cluster_with_topic() -> (Cluster, ConfigResource) {
    let mut cluster = Cluster::with_brokers(&[1]);
    cluster.create("t", &[&[1]]);
    (cluster, ConfigResource::topic("t"))
}

#[test]
fn values_are_set_and_deleted_and_written_only_when_they_differ() {
    let (mut cluster, topic) = cluster_with_topic();
    let set = |value| vec![change(ConfigOperation::Set, "retention.ms", Some(value))];
    assert_eq!(alter(&mut cluster, topic.clone(), set("5")), (1, Ok(())));
    assert_eq!(alter(&mut cluster, topic.clone(), set("5")), (0, Ok(())));
    assert_eq!(value(&cluster, &topic, "retention.ms"), Some("5"));
    let delete = vec![change(ConfigOperation::Delete, "retention.ms", None)];
    assert_eq!(alter(&mut cluster, topic.clone(), delete), (1, Ok(())));
    assert_eq!(value(&cluster, &topic, "retention.ms"), None);
}

#[test]
fn lists_grow_from_their_default_and_shrink() {
    let (mut cluster, topic) = cluster_with_topic();
    let append = vec![change(ConfigOperation::Append, "cleanup.policy", Some("compact,delete"))];
    assert_eq!(alter(&mut cluster, topic.clone(), append), (1, Ok(())));
    assert_eq!(value(&cluster, &topic, "cleanup.policy"), Some("delete,compact"));
    let subtract = vec![change(ConfigOperation::Subtract, "cleanup.policy", Some("delete"))];
    assert_eq!(alter(&mut cluster, topic.clone(), subtract), (1, Ok(())));
    assert_eq!(value(&cluster, &topic, "cleanup.policy"), Some("compact"));
}

#[test]
fn broker_configs_are_written_even_when_equal_so_that_brokers_look_again() {
    let (mut cluster, _) = cluster_with_topic();
    for resource in [ConfigResource::cluster(), ConfigResource::broker(BrokerId::new(1))] {
        let set = vec![change(ConfigOperation::Set, "num.io.threads", Some("5"))];
        assert_eq!(alter(&mut cluster, resource.clone(), set.clone()), (1, Ok(())));
        assert_eq!(alter(&mut cluster, resource.clone(), set), (1, Ok(())));
        assert_eq!(value(&cluster, &resource, "num.io.threads"), Some("5"));
    }
}

#[test]
fn refusals_have_kafkas_codes_and_words() {
    let (mut cluster, topic) = cluster_with_topic();
    let set = |name: &str, value: &str| vec![change(ConfigOperation::Set, name, Some(value))];
    let broker = |name: &str| ConfigResource { kind: ConfigResourceType::Broker, name: Str::from(name) };
    let io = set("num.io.threads", "1");
    let long = "9".repeat(MAX_VALUE_LENGTH + 1);
    let cases = vec![
        (topic.clone(), set("retention.ms", "x"), ErrorCode::InvalidConfig, "Invalid value"),
        (topic.clone(), set("nope", "x"), ErrorCode::InvalidConfig, "Unknown topic config name: nope"),
        (
            topic.clone(),
            set("retention.ms", &long),
            ErrorCode::InvalidConfig,
            "The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes.",
        ),
        (
            topic.clone(),
            vec![change(ConfigOperation::Append, "retention.ms", Some("1"))],
            ErrorCode::InvalidConfig,
            "Can't APPEND to key retention.ms because its type is not LIST.",
        ),
        (
            topic.clone(),
            vec![change(ConfigOperation::Set, "retention.ms", None)],
            ErrorCode::InvalidConfig,
            "Null value not supported for topic configs: retention.ms",
        ),
        (
            topic,
            [set("retention.ms", "1"), set("retention.ms", "2")].concat(),
            ErrorCode::InvalidRequest,
            "Error due to duplicate config keys",
        ),
        (
            ConfigResource::topic("none"),
            set("retention.ms", "1"),
            ErrorCode::UnknownTopicOrPartition,
            "The topic 'none' does not exist.",
        ),
        (
            ConfigResource::topic(""),
            set("retention.ms", "1"),
            ErrorCode::InvalidRequest,
            "Default topic resources are not allowed.",
        ),
        (
            broker("x"),
            io.clone(),
            ErrorCode::InvalidRequest,
            "Unable to parse broker name as a base 10 number.",
        ),
        (broker("-1"), io.clone(), ErrorCode::InvalidRequest, "Invalid negative broker ID."),
        (broker("7"), io, ErrorCode::BrokerIdNotRegistered, "No node with id 7 found."),
    ];
    for (resource, changes, code, text) in cases {
        assert_eq!(alter(&mut cluster, resource, changes), (0, Err((code, text.to_string()))));
    }
}

#[test]
fn one_resource_that_fails_leaves_the_others_alone_and_twice_is_once_too_often() {
    let (mut cluster, topic) = cluster_with_topic();
    let set = |value: &str| vec![change(ConfigOperation::Set, "retention.ms", Some(value))];
    let other = ConfigResource::topic("none");
    let resources = vec![(topic.clone(), set("5")), (other.clone(), set("5"))];
    let request = IncrementalAlterConfigs { resources, validate_only: false };
    let (records, response) = cluster.ask(Request::IncrementalAlterConfigs(request));
    assert_eq!(records.len(), 1);
    let unknown = ConfigError::UnknownTopic(Str::from("none"));
    let expected = vec![(topic.clone(), Ok(())), (other, Err(unknown))];
    assert_eq!(response, Response::IncrementalAlterConfigs(expected));

    let resources = vec![(topic.clone(), set("6")), (topic.clone(), set("7"))];
    let request = IncrementalAlterConfigs { resources, validate_only: false };
    let (records, response) = cluster.ask(Request::IncrementalAlterConfigs(request));
    assert_eq!(records, vec![]);
    let expected = vec![(topic, Err(ConfigError::DuplicateResource))];
    assert_eq!(response, Response::IncrementalAlterConfigs(expected));
}

#[test]
fn replacing_all_configs_drops_what_is_not_named() {
    let (mut cluster, topic) = cluster_with_topic();
    let both = [
        change(ConfigOperation::Set, "retention.ms", Some("5")),
        change(ConfigOperation::Set, "cleanup.policy", Some("compact")),
    ];
    assert_eq!(alter(&mut cluster, topic.clone(), both.to_vec()), (2, Ok(())));
    let values = vec![(Str::from("retention.ms"), Some(Str::from("6")))];
    let request = |validate_only| {
        Request::AlterConfigs(AlterConfigs {
            resources: vec![(topic.clone(), values.clone())],
            validate_only,
        })
    };
    assert_eq!(cluster.ask(request(true)).0, vec![]);
    let (records, response) = cluster.ask(request(false));
    assert_eq!(records.len(), 2);
    assert_eq!(response, Response::AlterConfigs(vec![(topic.clone(), Ok(()))]));
    assert_eq!(value(&cluster, &topic, "retention.ms"), Some("6"));
    assert_eq!(value(&cluster, &topic, "cleanup.policy"), None);
}

#[test]
fn the_minimum_of_in_sync_replicas_is_the_clusters_while_eligible_leaders_are_kept() {
    let (mut cluster, topic) = cluster_with_topic();
    let name = Str::from("eligible.leader.replicas.version");
    cluster
        .replay(&[broker_protocol::records::metadata::FeatureLevelRecord { name, feature_level: 1 }.into()]);
    let set = vec![change(ConfigOperation::Set, MIN_ISR, Some("2"))];
    let delete = vec![change(ConfigOperation::Delete, MIN_ISR, None)];
    let broker = ConfigResource::broker(BrokerId::new(1));
    let text = "Broker-level min.insync.replicas cannot be altered while ELR is enabled.";
    let refused = (0, Err((ErrorCode::InvalidConfig, text.to_string())));
    assert_eq!(alter(&mut cluster, broker, set.clone()), refused);
    let text = "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.";
    let refused = (0, Err((ErrorCode::InvalidConfig, text.to_string())));
    assert_eq!(alter(&mut cluster, ConfigResource::cluster(), delete), refused);
    // A change of the minimum takes the eligibility that was decided by the old one along.
    assert_eq!(alter(&mut cluster, ConfigResource::cluster(), set.clone()), (2, Ok(())));
    assert_eq!(alter(&mut cluster, topic, set), (2, Ok(())));
}
