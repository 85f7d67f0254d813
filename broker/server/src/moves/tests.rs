//! Replicas that move between the directories `a` and `b` of a broker.

use std::pin::pin;

use broker_metadata::Image;
use broker_protocol::{
    ApiKey, ErrorCode, Str,
    messages::{
        AlterReplicaLogDirsRequest, DescribeLogDirsRequest,
        alter_replica_log_dirs_request::{AlterReplicaLogDir, AlterReplicaLogDirTopic},
    },
    records::metadata::PartitionChangeRecord,
};
use broker_types::Offset;

use super::*;
use crate::{
    api::{alter_replica_log_dirs, describe_log_dirs},
    testing::{TestBroker, context},
};

/// A broker with two directories and replicas of `t` and `u`; the first has three records.
async fn two_directories() -> TestBroker {
    let test = TestBroker::with_directories(1, &["a", "b"], &["t", "u"]).await;
    (0..3).for_each(|_| test.append("t", &[7; 1_000]));
    test
}

fn other(test: &TestBroker, partition: &Partition) -> Arc<Directory> {
    let is_other = |directory: &&Arc<Directory>| !Arc::ptr_eq(directory, &partition.directory());
    Arc::clone(test.broker.directories.online.iter().find(is_other).unwrap())
}

async fn alter(test: &TestBroker, path: &str, topic: &str) -> ErrorCode {
    let topics = vec![AlterReplicaLogDirTopic { name: Str::from(topic), partitions: vec![0] }];
    let dirs = vec![AlterReplicaLogDir { path: Str::from(path), topics }];
    let context = context(ApiKey::AlterReplicaLogDirs, 2);
    let response =
        alter_replica_log_dirs::handle(&test.broker, &context, AlterReplicaLogDirsRequest { dirs }).await;
    ErrorCode::from_code(response.results[0].partitions[0].error_code).unwrap()
}

async fn alter_to(test: &TestBroker, directory: &Directory, topic: &str) -> ErrorCode {
    alter(test, &directory.path().display().to_string(), topic).await
}

/// The controller knows the replica in this directory.
fn register(test: &TestBroker, partition: &Partition, directory: &Directory) {
    let change = PartitionChangeRecord {
        topic_id: partition.topic_id().uuid(),
        partition_id: 0,
        directories: Some(vec![directory.id().uuid()]),
        ..PartitionChangeRecord::default()
    };
    let mut image = Image::clone(&test.broker.image());
    image.apply(Offset::new(image.last_offset().map_or(0, Offset::get) + 1), &change.into());
    assert_eq!(image.fault(), None);
    test.broker.image.store(Arc::new(image));
    test.broker.moves.image_changed();
}

fn moving(test: &TestBroker, partition: &Partition) -> Moving {
    test.broker.moves.table.lock().running[&partition.key()].clone()
}

/// The names in a directory that begin with the topic's.
fn folders(directory: &Directory, topic: &str) -> Vec<String> {
    let entries = std::fs::read_dir(directory.path()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.starts_with(&format!("{topic}-")));
    names.sort();
    names
}

fn end(partition: &Partition) -> Offset {
    partition.care_for_log(|log| log.end_offset()).unwrap()
}

/// Runs a move until it waits for the controller.
async fn until_announced(test: &TestBroker, partition: &Arc<Partition>) {
    let own = moving(test, partition);
    let mut moving = pin!(move_log(&test.broker, partition, &own));
    let known = known_directory(&test.broker, partition).unwrap();
    let target = partition.moves_to().unwrap().id();
    // Its steps are done elsewhere and end at the announcement.
    while partition.told_directory(known) != target {
        tokio::select! {
            () = &mut moving => panic!("it may not be over"),
            () = tokio::task::yield_now() => {}
        }
    }
}

#[tokio::test]
async fn a_replica_is_copied_told_to_the_controller_and_only_then_served_from_there() {
    let test = two_directories().await;
    let partition = test.partition("t");
    let (old, target) = (partition.directory(), other(&test, &partition));
    assert_eq!(alter_to(&test, &target, "t").await, ErrorCode::None);
    assert_eq!(alter_to(&test, &target, "t").await, ErrorCode::None, "told again");
    assert_eq!(folders(&target, "t").len(), 1);
    assert!(folders(&target, "t")[0].ends_with("-future"));
    until_announced(&test, &partition).await;
    assert!(Arc::ptr_eq(&partition.directory(), &old), "nobody else knows it yet");
    assert_eq!(partition.future_in(&target).unwrap().lag, 0);

    test.append("t", b"while the controller is told");
    assert_eq!(partition.future_in(&target).unwrap().lag, 1);
    register(&test, &partition, &target);
    move_log(&test.broker, &partition, &moving(&test, &partition)).await;
    assert!(Arc::ptr_eq(&partition.directory(), &target));
    assert_eq!(folders(&target, "t"), ["t-0"]);
    assert!(folders(&old, "t").iter().all(|name| name.ends_with("-delete")), "{:?}", folders(&old, "t"));
    assert_eq!(end(&partition), Offset::new(4));
    test.append("t", b"after it");
    let bounds = partition.bounds(None).unwrap();
    assert_eq!((bounds.start, bounds.high_watermark), (Offset::ZERO, Offset::new(5)));
    let slice = partition.care_for_log(|log| log.read(Offset::ZERO, 1 << 20, log.end_offset(), true));
    assert!(slice.unwrap().unwrap().read_to_vec().unwrap().len() > 3_000);
}

#[tokio::test]
async fn asking_for_the_directory_where_it_is_ends_the_move() {
    let test = two_directories().await;
    let partition = test.partition("t");
    let (old, target) = (partition.directory(), other(&test, &partition));
    alter_to(&test, &target, "t").await;
    until_announced(&test, &partition).await;
    let known = known_directory(&test.broker, &partition).unwrap();
    assert_eq!(partition.told_directory(known), target.id());
    assert_eq!(alter_to(&test, &old, "t").await, ErrorCode::None);
    assert_eq!(partition.told_directory(target.id()), old.id(), "the controller is told that it stays");
    assert!(partition.moves_to().is_none());
    assert!(folders(&target, "t").iter().all(|name| name.ends_with("-delete")));
    assert_eq!(partition.next_move_step(Some(known), None), None);
    assert_eq!(alter_to(&test, &target, "t").await, ErrorCode::None, "it may begin again");
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_kafkas_errors() {
    let test = two_directories().await;
    let partition = test.partition("t");
    let target = other(&test, &partition);
    assert_eq!(alter(&test, "/nowhere", "t").await, ErrorCode::LogDirNotFound);
    let long = "t".repeat(230);
    assert_eq!(alter_to(&test, &target, &long).await, ErrorCode::InvalidTopicException);
    assert_eq!(alter_to(&test, &target, "not-there").await, ErrorCode::UnknownTopicOrPartition);
    target.set_cordoned(true);
    assert_eq!(alter_to(&test, &target, "t").await, ErrorCode::InvalidReplicaAssignment);
    target.set_cordoned(false);
    target.fail(&broker_log::StorageError {
        action: "read",
        path: target.path().to_owned(),
        source: std::io::Error::other("broken"),
    });
    assert_eq!(alter_to(&test, &target, "t").await, ErrorCode::KafkaStorageError);
}

#[tokio::test]
async fn a_replica_that_comes_later_goes_where_it_was_asked_for() {
    let test = two_directories().await;
    let second = Arc::clone(&test.broker.directories.online[1]);
    for name in ["x", "y"] {
        assert_eq!(alter_to(&test, &second, name).await, ErrorCode::UnknownTopicOrPartition);
    }
    test.broker.create_with_defaults(["x", "y"].map(Str::from).to_vec()).await;
    for name in ["x", "y"] {
        assert!(Arc::ptr_eq(&test.partition(name).directory(), &second));
    }
}

#[tokio::test]
async fn what_was_cut_off_the_log_goes_from_the_copy_and_a_target_that_fails_ends_the_move() {
    let test = two_directories().await;
    let partition = test.partition("t");
    let target = other(&test, &partition);
    alter_to(&test, &target, "t").await;
    until_announced(&test, &partition).await;
    let (now, epoch) = (test.broker.clock().now(), broker_types::LeaderEpoch::new(9));
    partition.follow(now, epoch);
    partition.truncate_at(now, epoch, Offset::new(1)).unwrap();
    let known = known_directory(&test.broker, &partition);
    let step = partition.next_move_step(known, None).unwrap();
    assert_eq!(step, Step::TruncateTo(Offset::new(1)));
    assert!(!perform(&test.broker, &partition, step).unwrap());
    assert_eq!(partition.next_move_step(known, None), Some(Step::Announce));
    target.fail(&broker_log::StorageError {
        action: "write",
        path: target.path().to_owned(),
        source: std::io::Error::other("broken"),
    });
    move_log(&test.broker, &partition, &moving(&test, &partition)).await;
    assert!(partition.moves_to().is_none());
    assert_ne!(partition.told_directory(target.id()), target.id());
}

#[tokio::test]
async fn the_quota_of_moves_holds() {
    let test = two_directories().await;
    let partition = test.partition("t");
    alter_to(&test, &other(&test, &partition), "t").await;
    let rate = [("replica.alter.log.dirs.io.max.bytes.per.second".to_owned(), "1".to_owned())];
    test.broker.throttles().follow(&rate.into());
    let step = next_step(&test.broker, &partition).unwrap();
    assert_eq!(step, Step::Copy(Offset::ZERO), "the first copy goes past it");
    perform(&test.broker, &partition, step).unwrap();
    test.append("t", b"more");
    assert!(matches!(next_step(&test.broker, &partition), Some(Step::WaitUntil(_))));
}

#[tokio::test]
async fn a_copy_is_described_as_one() {
    let test = two_directories().await;
    let partition = test.partition("t");
    let target = other(&test, &partition);
    alter_to(&test, &target, "t").await;
    let context = context(ApiKey::DescribeLogDirs, 5);
    let described =
        describe_log_dirs::handle(&test.broker, &context, DescribeLogDirsRequest { topics: None }).await;
    let mut told = Vec::new();
    for result in &described.results {
        for topic in result.topics.iter().filter(|topic| &*topic.name == "t") {
            let is_target = *result.log_dir == *target.path().display().to_string();
            told.extend(topic.partitions.iter().map(|one| (is_target, one.is_future_key, one.offset_lag)));
        }
    }
    told.sort_unstable();
    assert_eq!(told, [(false, false, 0), (true, true, 3)]);
}
