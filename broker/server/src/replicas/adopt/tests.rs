//! What a stop in the middle of a move leaves, taken up at the next start.

use broker_protocol::records::metadata::PartitionChangeRecord;
use broker_types::{Offset, PartitionId};

use super::*;
use crate::testing::TestBroker;

/// A broker with directories `a` and `b` whose replica of `t` is gone from its memory, and known in `b` by the metadata.
async fn stopped() -> (TestBroker, Image) {
    let test = TestBroker::with_directories(1, &["a", "b"], &["t"]).await;
    let partition = test.partition("t");
    let id = partition.topic_id();
    test.broker.partitions.remove_replica(id, PartitionId::new(0)).unwrap();
    partition.delete(test.broker.clock.now(), 1).unwrap();
    let change = PartitionChangeRecord {
        topic_id: id.uuid(),
        partition_id: 0,
        directories: Some(vec![test.broker.directories.online[1].id().uuid()]),
        ..PartitionChangeRecord::default()
    };
    let mut image = Image::clone(&test.broker.image());
    image.apply(Offset::new(image.last_offset().map_or(0, Offset::get) + 1), &change.into());
    (test, image)
}

fn found(test: &TestBroker, index: usize, is_copy: bool) -> FoundLog {
    let directory = Arc::clone(&test.broker.directories.online[index]);
    let image = test.broker.image();
    let topic = image.topics().find("t").unwrap();
    let id = TopicPartition::new(topic.name().clone(), PartitionId::new(0));
    let (config, now) = (broker_log::LogConfig::default(), test.broker.clock.wall());
    let inner = directory.log_directory();
    let log = if is_copy {
        inner.create_future(id, Some(topic.id()), config, now, 7)
    } else {
        inner.create_log(id, Some(topic.id()), config, now)
    };
    FoundLog { log: log.unwrap(), directory, is_copy }
}

/// The endings of the folders in a directory: of the partition itself, nothing.
fn endings(test: &TestBroker, index: usize) -> Vec<String> {
    let path = test.broker.directories.online[index].path();
    let names =
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut endings: Vec<_> = names
        .filter_map(|name| Some(name.strip_prefix("t-0")?.rsplit('-').next()?.to_owned()))
        .filter(|ending| ending != "delete")
        .collect();
    endings.sort();
    endings
}

#[tokio::test]
async fn a_copy_alone_is_the_replica_where_the_controller_was_told_so() {
    let (test, image) = stopped().await;
    adopt(&test.broker, &image, vec![found(&test, 1, true)]);
    assert_eq!(test.partition("t").directory().id(), test.broker.directories.online[1].id());
    assert_eq!(endings(&test, 1), [""]);
}

#[tokio::test]
async fn a_copy_alone_that_nobody_was_told_of_is_set_aside() {
    let (test, image) = stopped().await;
    adopt(&test.broker, &image, vec![found(&test, 0, true)]);
    assert_eq!(test.broker.partitions.count(), 0);
    assert_eq!(endings(&test, 0), ["stray"]);
}

#[tokio::test]
async fn with_both_the_log_serves_and_the_move_goes_on() {
    let (test, image) = stopped().await;
    adopt(&test.broker, &image, vec![found(&test, 1, true), found(&test, 0, false)]);
    let partition = test.partition("t");
    assert_eq!(partition.directory().id(), test.broker.directories.online[0].id());
    assert_eq!(partition.moves_to().unwrap().id(), test.broker.directories.online[1].id());
    let known = test.broker.directories.online[1].id();
    assert_eq!(partition.told_directory(known), known, "the controller is not told otherwise meanwhile");
}

#[tokio::test]
async fn of_two_logs_the_one_that_the_controller_knows_serves() {
    for order in [[0, 1], [1, 0]] {
        let (test, image) = stopped().await;
        adopt(&test.broker, &image, order.map(|index| found(&test, index, false)).into());
        assert_eq!(test.partition("t").directory().id(), test.broker.directories.online[1].id());
        assert_eq!((endings(&test, 0), endings(&test, 1)), (vec!["stray".to_owned()], vec![String::new()]));
    }
}
