use alloc::{string::ToString, vec, vec::Vec};

use broker_protocol::{
    ErrorCode,
    records::metadata::{MetadataRecord, PartitionChangeRecord},
};

use super::*;
use crate::{Request, Response, testing::Cluster};

/// Brokers 1 to 3, a partition on all of them that 1 leads.
fn cluster() -> Cluster {
    let mut cluster = Cluster::with_brokers(&[1, 2, 3]);
    cluster.create("t", &[&[1, 2, 3]]);
    cluster
}

fn id(cluster: &Cluster) -> TopicId {
    cluster.image.topics().find("t").expect("is there").id()
}

fn partition(cluster: &Cluster) -> &Partition {
    cluster.image.topics().partition(id(cluster), PartitionId::new(0)).expect("is there")
}

/// A request of the leader with the epochs that are.
fn request(cluster: &Cluster, isr: &[i32]) -> AlterPartition {
    let now = partition(cluster);
    let broker = now.leader.expect("led");
    let member = |id: &i32| IsrMember { broker: BrokerId::new(*id), epoch: Some(cluster.epoch(*id)) };
    let change = IsrChange {
        partition: PartitionId::new(0),
        leader_epoch: now.leader_epoch,
        partition_epoch: now.partition_epoch,
        isr: isr.iter().map(member).collect(),
        recovery: LeaderRecovery::Recovered,
    };
    AlterPartition { broker, epoch: cluster.epoch(broker.get()), topics: vec![(id(cluster), vec![change])] }
}

type Answer = Result<AlteredPartition, AlterPartitionError>;

fn ask(cluster: &mut Cluster, request: AlterPartition) -> (Vec<MetadataRecord>, Answer) {
    let (records, response) = cluster.ask(Request::AlterPartition(request));
    let Response::AlterPartition(Ok(topics)) = response else { panic!("{response:?}") };
    (records, topics[0].1[0].1.clone())
}

#[test]
fn an_isr_shrinks_and_grows_under_one_leader_epoch() {
    let mut cluster = cluster();
    let shrink = request(&cluster, &[1, 3]);
    let (records, altered) = ask(&mut cluster, shrink);
    let expected = PartitionChangeRecord {
        topic_id: id(&cluster).uuid(),
        leader: -2,
        leader_recovery_state: -1,
        isr: Some(vec![1, 3]),
        partition_id: 0,
        ..PartitionChangeRecord::default()
    };
    assert_eq!(records, vec![MetadataRecord::PartitionChange(expected)]);
    let altered = altered.expect("altered");
    assert_eq!(altered.leader, Some(BrokerId::new(1)));
    assert_eq!((altered.leader_epoch, altered.partition_epoch), (LeaderEpoch::ZERO, PartitionEpoch::new(1)));
    let grow = request(&cluster, &[1, 3, 2]);
    assert!(ask(&mut cluster, grow).1.is_ok());
    assert_eq!(*partition(&cluster).isr, [1, 3, 2].map(BrokerId::new));
    // What is so already is confirmed and writes nothing.
    let same = request(&cluster, &[1, 3, 2]);
    let (records, altered) = ask(&mut cluster, same);
    assert_eq!((records.len(), altered.expect("as it is").partition_epoch), (0, PartitionEpoch::new(2)));
}

#[test]
fn what_does_not_fit_is_refused_with_kafkas_code() {
    type Case = (fn(&mut IsrChange), ErrorCode);
    let cases: [Case; 12] = [
        (|c| c.partition = PartitionId::new(9), ErrorCode::UnknownTopicOrPartition),
        (|c| c.leader_epoch = LeaderEpoch::new(9), ErrorCode::NotController),
        (|c| c.partition_epoch = PartitionEpoch::new(9), ErrorCode::NotController),
        (|c| c.leader_epoch = LeaderEpoch::ZERO, ErrorCode::FencedLeaderEpoch),
        (|c| c.partition_epoch = PartitionEpoch::ZERO, ErrorCode::InvalidUpdateVersion),
        (|c| c.isr.clear(), ErrorCode::InvalidRequest),
        (|c| c.isr.push(c.isr[0]), ErrorCode::InvalidRequest),
        (|c| c.isr[1].broker = BrokerId::new(4), ErrorCode::InvalidRequest),
        (|c| c.isr.retain(|m| m.broker != BrokerId::new(2)), ErrorCode::InvalidRequest),
        (|c| c.recovery = LeaderRecovery::Recovering, ErrorCode::InvalidRequest),
        (|c| c.isr[1].epoch = Some(BrokerEpoch::new(1)), ErrorCode::IneligibleReplica),
        (|c| c.isr.push(IsrMember { broker: BrokerId::new(1), epoch: None }), ErrorCode::IneligibleReplica),
    ];
    for (change, code) in cases {
        let mut cluster = cluster();
        // 1 is fenced, 2 leads in the next epoch.
        cluster.beat(1, |beat| beat.want_fence = true);
        let mut request = request(&cluster, &[2, 3]);
        change(&mut request.topics[0].1[0]);
        let (records, answer) = ask(&mut cluster, request);
        let error = answer.expect_err("refused");
        assert_eq!((error.code(), records.len()), (code, 0), "{error}");
    }
}

#[test]
fn only_the_leader_in_its_present_life_is_heard() {
    let mut cluster = cluster();
    let mut by_another = request(&cluster, &[1, 2]);
    (by_another.broker, by_another.epoch) = (BrokerId::new(2), cluster.epoch(2));
    assert_eq!(ask(&mut cluster, by_another).1, Err(AlterPartitionError::NotLeader));
    let mut stale = request(&cluster, &[1, 2]);
    stale.epoch = BrokerEpoch::new(0);
    let (_, response) = cluster.ask(Request::AlterPartition(stale));
    assert!(matches!(response, Response::AlterPartition(Err(_))), "{response:?}");
    let mut unknown = request(&cluster, &[1, 2]);
    unknown.topics[0].0 = TopicId::new(broker_types::Uuid::from_bytes([7; 16]));
    let error = ask(&mut cluster, unknown).1.expect_err("refused");
    assert_eq!(error.to_string(), "This server does not host this topic ID.");
}

#[test]
fn a_broker_that_stops_is_not_eligible() {
    let mut cluster = cluster();
    cluster.beat(3, |beat| beat.want_shut_down = true);
    // It led nothing and is fenced at once; as a leader it would be in controlled shutdown.
    let with = request(&cluster, &[1, 2, 3]);
    assert_eq!(ask(&mut cluster, with).1, Err(AlterPartitionError::IneligibleReplica(BrokerId::new(3))));
}

#[test]
fn the_second_word_on_a_partition_in_one_request_is_stale() {
    let mut cluster = cluster();
    let mut twice = request(&cluster, &[1, 2]);
    let again = twice.topics[0].1[0].clone();
    twice.topics[0].1.push(again);
    let (records, response) = cluster.ask(Request::AlterPartition(twice));
    let Response::AlterPartition(Ok(topics)) = response else { panic!("{response:?}") };
    assert_eq!(records.len(), 1);
    let error = topics[0].1[1].1.clone().expect_err("stale");
    assert_eq!(error.code(), ErrorCode::InvalidUpdateVersion);
}

#[test]
fn a_leader_that_recovered_says_so_and_then_takes_others_in() {
    let mut cluster = cluster();
    let topic = id(&cluster);
    let record = PartitionChangeRecord {
        topic_id: topic.uuid(),
        leader: 1,
        isr: Some(vec![1]),
        leader_recovery_state: 1,
        partition_id: 0,
        ..PartitionChangeRecord::default()
    };
    cluster.replay(&[record.into()]);
    let mut both = request(&cluster, &[1, 2]);
    both.topics[0].1[0].recovery = LeaderRecovery::Recovering;
    assert_eq!(ask(&mut cluster, both).1, Err(AlterPartitionError::NotAloneInRecovery));
    let mut alone = request(&cluster, &[1]);
    alone.topics[0].1[0].recovery = LeaderRecovery::Recovering;
    assert_eq!(ask(&mut cluster, alone).0, vec![]);
    let recovered = request(&cluster, &[1, 2]);
    let altered = ask(&mut cluster, recovered).1.expect("altered");
    assert_eq!((altered.recovery, altered.isr.len()), (LeaderRecovery::Recovered, 2));
}
