use alloc::vec;

use broker_types::Uuid;

use super::*;
use crate::{
    Request, Response,
    testing::{Cluster, dir, registration},
};

#[test]
fn each_assignment_is_answered_on_its_own() {
    let mut cluster = Cluster::with_brokers(&[2]);
    let mut one = registration(1, 1);
    one.log_dirs = vec![dir(1), dir(11)];
    cluster.ask(Request::RegisterBroker(one));
    cluster.beat(1, |_| {});
    cluster.create("t", &[&[1], &[2]]);
    let topic = cluster.image.topics().find("t").expect("is there").id();
    let directory = |cluster: &Cluster| {
        let partition = cluster.image.topics().partition(topic, PartitionId::new(0)).expect("is there");
        partition.directory(BrokerId::new(1))
    };
    // With several directories the broker chooses.
    assert_eq!(directory(&cluster), Some(DirectoryId::UNASSIGNED));

    let at = |topic, partition| AssignedDirectory {
        directory: dir(11),
        topic,
        partition: PartitionId::new(partition),
    };
    let unknown = TopicId::new(Uuid::from_bytes([1; 16]));
    let request = AssignDirectories {
        broker: BrokerId::new(1),
        epoch: cluster.epoch(1),
        assignments: vec![at(topic, 0), at(topic, 1), at(topic, 9), at(unknown, 0)],
    };
    let (records, response) = cluster.ask(Request::AssignDirectories(request.clone()));
    assert_eq!(records.len(), 1);
    assert_eq!(
        response,
        Response::AssignDirectories(Ok(vec![
            (at(topic, 0), Ok(())),
            (at(topic, 1), Err(DirectoryError::NotReplica)),
            (at(topic, 9), Err(DirectoryError::UnknownPartition)),
            (at(unknown, 0), Err(DirectoryError::UnknownTopicId)),
        ]))
    );
    assert_eq!(directory(&cluster), Some(dir(11)));
    assert_eq!(cluster.ask(Request::AssignDirectories(request)).0, vec![]);
}
