mod replicated;

use alloc::{format, string::String, string::ToString, vec, vec::Vec};

use broker_metadata::ConfigResource;
use broker_protocol::{
    ErrorCode, Str,
    records::metadata::{ConfigRecord, MetadataRecord, PartitionRecord, TopicRecord},
};
use broker_types::{PartitionId, Uuid};

use super::*;
use crate::{
    Request, Response,
    testing::{Cluster, dir, topic},
};

type Created = Vec<(Str, Result<CreatedTopic, CreateTopicError>)>;

fn create(cluster: &mut Cluster, topics: Vec<NewTopic>) -> (Vec<MetadataRecord>, Created) {
    let request = CreateTopics { topics, validate_only: false };
    let (records, response) = cluster.ask(Request::CreateTopics(request));
    let Response::CreateTopics(results) = response else { panic!("{response:?}") };
    (records, results)
}

fn refused(cluster: &mut Cluster, name: &str, change: fn(&mut NewTopic)) -> (ErrorCode, String) {
    let mut new = topic(name);
    change(&mut new);
    let (records, results) = create(cluster, vec![new]);
    assert_eq!(records, vec![]);
    let error = results[0].1.as_ref().expect_err("refused");
    (error.code(), error.to_string())
}

#[test]
fn a_topic_is_its_record_then_configs_then_partitions() {
    let mut cluster = Cluster::with_brokers(&[1]);
    let mut new = topic("orders");
    new.partitions = Some(2);
    new.configs = vec![(Str::from("retention.ms"), Some(Str::from("5")))];
    let (records, results) = create(&mut cluster, vec![new]);
    let created = results[0].1.as_ref().expect("created");
    assert_eq!((created.partitions, created.replication_factor), (2, 1));
    assert_eq!(created.configs, vec![(Str::from("retention.ms"), Str::from("5"))]);
    let id = created.id.uuid();
    assert_eq!(id.as_bytes()[6] >> 4, 4, "a random uuid");
    let partition = |index| {
        MetadataRecord::Partition(PartitionRecord {
            partition_id: index,
            topic_id: id,
            replicas: vec![1],
            isr: vec![1],
            leader: 1,
            leader_epoch: 0,
            partition_epoch: 0,
            directories: vec![dir(1).uuid()],
            ..PartitionRecord::default()
        })
    };
    assert_eq!(
        records,
        vec![
            MetadataRecord::Topic(TopicRecord { name: Str::from("orders"), topic_id: id }),
            MetadataRecord::Config(ConfigRecord {
                resource_type: 2,
                resource_name: Str::from("orders"),
                name: Str::from("retention.ms"),
                value: Some(Str::from("5")),
            }),
            partition(0),
            partition(1),
        ]
    );
}

#[test]
fn defaults_fill_in_what_is_not_asked_for() {
    let mut cluster = Cluster::with_brokers(&[1]);
    let new = NewTopic { partitions: None, replication_factor: None, ..topic("t") };
    let created = create(&mut cluster, vec![new]).1[0].1.clone().expect("created");
    assert_eq!((created.partitions, created.replication_factor), (1, 1));
}

#[test]
fn the_same_seed_makes_the_same_ids_and_no_two_are_equal() {
    let ids = || {
        let mut cluster = Cluster::with_brokers(&[1]);
        let topics = (0..50).map(|number| topic(&format!("t{number}"))).collect();
        create(&mut cluster, topics)
            .1
            .into_iter()
            .map(|(_, result)| result.expect("created").id)
            .collect::<Vec<_>>()
    };
    let mut first = ids();
    assert_eq!(first, ids());
    first.sort_unstable();
    first.dedup();
    assert_eq!(first.len(), 50);
}

#[test]
fn validation_alone_writes_nothing() {
    let mut cluster = Cluster::with_brokers(&[1]);
    let request = CreateTopics { topics: vec![topic("t")], validate_only: true };
    let (records, response) = cluster.ask(Request::CreateTopics(request));
    assert_eq!(records, vec![]);
    assert!(matches!(response, Response::CreateTopics(results) if results[0].1.is_ok()));
}

type Case = (&'static str, fn(&mut NewTopic), ErrorCode, &'static str);

/// A name, what else is asked, the code and the words.
const REFUSED: [Case; 15] = [
    ("a.b_c", |_| {}, ErrorCode::TopicAlreadyExists, "Topic 'a.b_c' already exists."),
    ("a_b.c", |_| {}, ErrorCode::InvalidTopicException, "Topic 'a_b.c' collides with existing topic: a.b_c"),
    ("", |_| {}, ErrorCode::InvalidTopicException, "Topic name is invalid: the empty string is not allowed"),
    (
        "__cluster_metadata",
        |_| {},
        ErrorCode::InvalidRequest,
        "Creation of internal topic __cluster_metadata is prohibited.",
    ),
    (
        "t",
        |t| t.replication_factor = Some(3),
        ErrorCode::InvalidReplicationFactor,
        "Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached \
             because only 1 broker(s) are registered or some brokers have all their log directories cordoned.",
    ),
    (
        "t",
        |t| t.replication_factor = Some(0),
        ErrorCode::InvalidReplicationFactor,
        "Replication factor must be larger than 0, or -1 to use the default value.",
    ),
    (
        "t",
        |t| t.partitions = Some(0),
        ErrorCode::InvalidPartitions,
        "Number of partitions was set to an invalid non-positive value.",
    ),
    (
        "t",
        |t| t.partitions = Some(10_001),
        ErrorCode::PolicyViolation,
        "Excessively large number of partitions per request.",
    ),
    (
        "t",
        |t| t.partitions = Some(10_000),
        ErrorCode::PolicyViolation,
        "Unable to perform excessively large batch operation.",
    ),
    (
        "t",
        |t| t.configs = vec![(Str::from("x"), None), (Str::from("y"), None)],
        ErrorCode::InvalidConfig,
        "Null value not supported for topic configs: x,y",
    ),
    (
        "t",
        |t| t.configs = vec![(Str::from("x"), Some(Str::from("1")))],
        ErrorCode::InvalidConfig,
        "Unknown topic config name: x",
    ),
    (
        "t",
        |t| t.assignments = vec![(0, vec![1])],
        ErrorCode::InvalidRequest,
        "A manual partition assignment was specified, but replication factor was not set to -1.",
    ),
    (
        "t",
        |t| (t.assignments, t.replication_factor) = (vec![(0, vec![1])], None),
        ErrorCode::InvalidRequest,
        "A manual partition assignment was specified, but numPartitions was not set to -1.",
    ),
    (
        "t",
        |t| {
            *t = NewTopic {
                assignments: vec![(1, vec![1])],
                partitions: None,
                replication_factor: None,
                ..t.clone()
            }
        },
        ErrorCode::InvalidReplicaAssignment,
        "partitions should be a consecutive 0-based integer sequence",
    ),
    (
        "t",
        |t| {
            *t = NewTopic {
                assignments: vec![(0, vec![7])],
                partitions: None,
                replication_factor: None,
                ..t.clone()
            }
        },
        ErrorCode::InvalidReplicaAssignment,
        "The manual partition assignment includes broker 7, but no such broker is registered.",
    ),
];

#[test]
fn refusals_have_kafkas_codes_and_words() {
    let mut cluster = Cluster::with_brokers(&[1]);
    cluster.create("a.b_c", &[&[1]]);
    for (name, change, code, text) in REFUSED {
        assert_eq!(refused(&mut cluster, name, change), (code, text.to_string()));
    }
}

#[test]
fn a_manual_assignment_needs_brokers_that_can_lead() {
    let mut cluster = Cluster::with_brokers(&[1, 2]);
    cluster.beat(2, |beat| beat.want_fence = true);
    let manual =
        |assignments| NewTopic { assignments, partitions: None, replication_factor: None, ..topic("t") };
    let error = |cluster: &mut Cluster, assignments| {
        create(cluster, vec![manual(assignments)]).1[0].1.as_ref().expect_err("refused").to_string()
    };
    assert_eq!(
        error(&mut cluster, vec![(0, vec![2])]),
        "All brokers specified in the manual partition assignment for partition 0 are fenced or in controlled \
         shutdown."
    );
    assert_eq!(
        error(&mut cluster, vec![(0, vec![1]), (0, vec![1])]),
        "Found multiple manual partition assignments for partition 0"
    );
    assert_eq!(
        error(&mut cluster, vec![(0, vec![1, 1])]),
        "The manual partition assignment includes the broker 1 more than once."
    );
    assert_eq!(
        error(&mut cluster, vec![(0, vec![1]), (1, vec![1, 2])]),
        "The manual partition assignment includes a partition with 2 replica(s), but this is not consistent with \
         previous partitions, which have 1 replica(s)."
    );
    let (_, results) = create(&mut cluster, vec![manual(vec![(0, vec![2, 1])])]);
    let id = results[0].1.as_ref().expect("created").id;
    let partition = cluster.image.topics().partition(id, PartitionId::new(0)).expect("is there");
    assert_eq!(partition.leader.map(broker_types::BrokerId::get), Some(1));
    assert_eq!((partition.replicas.len(), partition.isr.len()), (2, 1));
}

#[test]
fn a_name_given_twice_fails_once_and_the_others_are_created() {
    let mut cluster = Cluster::with_brokers(&[1]);
    let (_, results) = create(&mut cluster, vec![topic("a"), topic("b"), topic("a")]);
    let outcomes: Vec<_> = results.iter().map(|(name, result)| (&**name, result.as_ref().err())).collect();
    assert_eq!(outcomes, vec![("b", None), ("a", Some(&CreateTopicError::Duplicate))]);
}

fn delete(cluster: &mut Cluster, topics: Vec<TopicRef>) -> (usize, Vec<DeletedTopic>) {
    let (records, response) = cluster.ask(Request::DeleteTopics(DeleteTopics { topics }));
    let Response::DeleteTopics(results) = response else { panic!("{response:?}") };
    (records.len(), results)
}

#[test]
fn topics_are_deleted_by_name_or_id_with_their_configs() {
    let mut cluster = Cluster::with_brokers(&[1]);
    let mut a = topic("a");
    a.configs = vec![(Str::from("retention.ms"), Some(Str::from("5")))];
    create(&mut cluster, vec![a, topic("b")]);
    let id = cluster.image.topics().find("b").expect("is there").id().uuid();
    let (written, results) = delete(&mut cluster, vec![TopicRef::Name(Str::from("a")), TopicRef::Id(id)]);
    assert_eq!(written, 2);
    assert!(results.iter().all(|topic| topic.result.is_ok()));
    assert_eq!(results[1].name.as_deref(), Some("b"));
    assert!(cluster.image.topics().is_empty());
    assert!(cluster.image.configs().of(&ConfigResource::topic("a")).is_none());
}

#[test]
fn what_cannot_be_deleted_says_why() {
    let mut cluster = Cluster::with_brokers(&[1]);
    create(&mut cluster, vec![topic("a"), topic("b")]);
    let id = |cluster: &Cluster, name: &str| cluster.image.topics().find(name).expect("is there").id().uuid();
    let (a, b) = (id(&cluster, "a"), id(&cluster, "b"));
    let name = |name: &str| TopicRef::Name(Str::from(name));
    let unknown = Uuid::from_bytes([3; 16]);
    let errors = |cluster: &mut Cluster, topics| {
        let (written, results) = delete(cluster, topics);
        assert_eq!(written, 0);
        results.into_iter().map(|topic| topic.result.expect_err("refused")).collect::<Vec<_>>()
    };
    assert_eq!(
        errors(
            &mut cluster,
            vec![TopicRef::Neither, TopicRef::Both(Str::from("a"), a), name("x"), TopicRef::Id(unknown)]
        ),
        vec![
            DeleteTopicError::Neither,
            DeleteTopicError::Both,
            DeleteTopicError::UnknownName,
            DeleteTopicError::UnknownId
        ]
    );
    assert_eq!(
        errors(&mut cluster, vec![name("a"), name("a"), TopicRef::Id(b), TopicRef::Id(b)]),
        vec![DeleteTopicError::DuplicateName, DeleteTopicError::DuplicateId]
    );
    assert_eq!(errors(&mut cluster, vec![name("a"), TopicRef::Id(a)]), vec![DeleteTopicError::NameOfGivenId]);
}

fn grow(cluster: &mut Cluster, count: i32, assignments: Option<Vec<Vec<i32>>>) -> Result<usize, String> {
    let topics = vec![MorePartitions { name: Str::from("t"), count, assignments }];
    let request = CreatePartitions { topics, validate_only: false };
    let (records, response) = cluster.ask(Request::CreatePartitions(request));
    let Response::CreatePartitions(results) = response else { panic!("{response:?}") };
    results[0].1.clone().map(|()| records.len()).map_err(|error| error.to_string())
}

#[test]
fn partitions_are_added_and_never_taken_away() {
    let mut cluster = Cluster::with_brokers(&[1, 2]);
    assert_eq!(grow(&mut cluster, 1, None), Err("This server does not host this topic-partition.".into()));
    cluster.create("t", &[&[1], &[2], &[1]]);
    assert_eq!(
        grow(&mut cluster, 2, None),
        Err("The topic t currently has 3 partition(s); 2 would not be an increase.".into())
    );
    assert_eq!(grow(&mut cluster, 3, None), Err("Topic already has 3 partition(s).".into()));
    assert_eq!(
        grow(&mut cluster, 5, Some(vec![vec![1]])),
        Err("Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.".into())
    );
    assert_eq!(
        grow(&mut cluster, 4, Some(vec![vec![1, 2]])),
        Err("The manual partition assignment includes a partition with 2 replica(s), but this is not consistent with \
             previous partitions, which have 1 replica(s)."
            .into())
    );
    assert_eq!(
        grow(&mut cluster, 20_000, None),
        Err("Unable to perform excessively large batch operation.".into())
    );
    assert_eq!(grow(&mut cluster, 4, Some(vec![vec![2]])), Ok(1));
    assert_eq!(grow(&mut cluster, 6, None), Ok(2));
    let topic = cluster.image.topics().find("t").expect("is there");
    assert_eq!(topic.partitions().size(), 6);
    assert_eq!(topic.partition(PartitionId::new(3)).and_then(|p| p.leader).map(|id| id.get()), Some(2));
}
