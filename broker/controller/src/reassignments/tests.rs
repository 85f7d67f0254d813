use alloc::{
    string::{String, ToString},
    vec,
};

use broker_metadata::{ConfigResourceType, LeaderRecovery};
use broker_protocol::records::metadata::ConfigRecord;
use broker_types::TopicId;

use super::*;
use crate::{AlterPartition, IsrChange, IsrMember, Request, Response, testing::Cluster};

/// Brokers 1 to 5, `t` with one partition on 1, 2, 3.
fn cluster() -> Cluster {
    let mut cluster = Cluster::with_brokers(&[1, 2, 3, 4, 5]);
    cluster.create("t", &[&[1, 2, 3]]);
    cluster
}

fn id(cluster: &Cluster) -> TopicId {
    cluster.image.topics().find("t").expect("is there").id()
}

fn partition(cluster: &Cluster) -> &Partition {
    cluster.image.topics().partition(id(cluster), PartitionId::new(0)).expect("is there")
}

fn raw(ids: &[BrokerId]) -> Vec<i32> {
    ids.iter().map(|id| id.get()).collect()
}

/// Replicas, adding, removing and ISR, and the leader.
fn now(cluster: &Cluster) -> ([Vec<i32>; 4], Option<i32>) {
    let p = partition(cluster);
    ([&p.replicas, &p.adding, &p.removing, &p.isr].map(|ids| raw(ids)), p.leader.map(BrokerId::get))
}

fn ask(cluster: &mut Cluster, replicas: Option<&[i32]>, allow: bool) -> Result<(), String> {
    let partition = PartitionId::new(0);
    let reassignment = Reassignment { partition, replicas: replicas.map(<[i32]>::to_vec) };
    let request = AlterReassignments {
        topics: vec![(Str::from("t"), vec![reassignment])],
        allow_replication_factor_change: allow,
    };
    let (_, response) = cluster.ask(Request::AlterReassignments(request));
    let Response::AlterReassignments(results) = response else { panic!("{response:?}") };
    results[0].1[0].1.clone().map_err(|error| error.to_string())
}

fn in_sync(cluster: &mut Cluster, isr: &[i32]) -> Response {
    let p = partition(cluster);
    let broker = p.leader.expect("led");
    let member = |id: &i32| IsrMember { broker: BrokerId::new(*id), epoch: None };
    let change = IsrChange {
        partition: PartitionId::new(0),
        leader_epoch: p.leader_epoch,
        partition_epoch: p.partition_epoch,
        isr: isr.iter().map(member).collect(),
        recovery: LeaderRecovery::Recovered,
    };
    let topics = vec![(id(cluster), vec![change])];
    let epoch = cluster.epoch(broker.get());
    cluster.ask(Request::AlterPartition(AlterPartition { broker, epoch, topics })).1
}

#[test]
fn a_move_adds_then_waits_for_the_isr_and_then_removes() {
    let mut cluster = cluster();
    assert_eq!(ask(&mut cluster, Some(&[1, 2, 4]), true), Ok(()));
    assert_eq!(now(&cluster), ([vec![1, 2, 4, 3], vec![4], vec![3], vec![1, 2, 3]], Some(1)));
    assert_eq!(partition(&cluster).leader_epoch.get(), 0);
    assert_eq!(partition(&cluster).directories.len(), 4);
    let listed = list_reassignments(&cluster.image, None);
    let ongoing = OngoingReassignment {
        partition: PartitionId::new(0),
        replicas: [1, 2, 4, 3].map(BrokerId::new).to_vec(),
        adding: vec![BrokerId::new(4)],
        removing: vec![BrokerId::new(3)],
    };
    assert_eq!(listed, vec![(TopicName::new("t"), vec![ongoing])]);
    let named = [(Str::from("t"), vec![PartitionId::new(3)]), (Str::from("x"), vec![])];
    assert_eq!(list_reassignments(&cluster.image, Some(&named)), vec![]);

    in_sync(&mut cluster, &[1, 2, 3, 4]);
    assert_eq!(now(&cluster), ([vec![1, 2, 4], vec![], vec![], vec![1, 2, 4]], Some(1)));
    // Replicas were dropped: brokers of the old leadership are fenced off.
    assert_eq!(partition(&cluster).leader_epoch.get(), 1);
    assert_eq!(list_reassignments(&cluster.image, None), vec![]);
}

#[test]
fn a_move_away_from_the_leader_elects_another_when_it_completes() {
    let mut cluster = cluster();
    assert_eq!(ask(&mut cluster, Some(&[4, 5, 2]), true), Ok(()));
    let response = in_sync(&mut cluster, &[1, 2, 3, 4, 5]);
    let Response::AlterPartition(Ok(topics)) = response else { panic!("{response:?}") };
    assert_eq!(topics[0].1[0].1, Err(crate::AlterPartitionError::NewLeaderElected));
    assert_eq!(now(&cluster), ([vec![4, 5, 2], vec![], vec![], vec![2, 4, 5]], Some(4)));
}

#[test]
fn a_new_order_or_fewer_replicas_take_effect_at_once() {
    let mut cluster = cluster();
    assert_eq!(ask(&mut cluster, Some(&[3, 2, 1]), true), Ok(()));
    assert_eq!(now(&cluster), ([vec![3, 2, 1], vec![], vec![], vec![1, 2, 3]], Some(1)));
    assert_eq!(ask(&mut cluster, Some(&[3, 2]), true), Ok(()));
    assert_eq!(now(&cluster), ([vec![3, 2], vec![], vec![], vec![2, 3]], Some(3)));
    // What is so already writes nothing.
    let epoch = partition(&cluster).partition_epoch;
    assert_eq!(ask(&mut cluster, Some(&[3, 2]), true), Ok(()));
    assert_eq!(partition(&cluster).partition_epoch, epoch);
}

#[test]
fn a_cancelled_move_goes_back() {
    let mut cluster = cluster();
    assert_eq!(ask(&mut cluster, None, true), Err("No partition reassignment is in progress.".into()));
    assert_eq!(ask(&mut cluster, Some(&[1, 4, 5]), true), Ok(()));
    in_sync(&mut cluster, &[1, 2, 3, 4]);
    assert_eq!(ask(&mut cluster, None, true), Ok(()));
    assert_eq!(now(&cluster), ([vec![1, 2, 3], vec![], vec![], vec![1, 2, 3]], Some(1)));
    assert_eq!(partition(&cluster).leader_epoch.get(), 1);
}

#[test]
fn a_cancel_that_would_lose_records_is_refused() {
    let mut cluster = cluster();
    assert_eq!(ask(&mut cluster, Some(&[4, 5]), true), Ok(()));
    let mut only_new = crate::partition_change::unchanged(id(&cluster), PartitionId::new(0));
    (only_new.isr, only_new.leader) = (Some(vec![4]), 4);
    cluster.replay(&[only_new.into()]);
    assert_eq!(
        ask(&mut cluster, None, true),
        Err("Unable to revert partition assignment for t:0 because it would require an unclean leader election.".into())
    );
}

/// Found by the simulation of clusters, seed 14462: of those who stayed only one was in sync, which had lost its log with
/// its power and was not known to have; the others, who had everything, were replicas no more.
#[test]
fn a_cancel_that_leaves_too_few_in_sync_is_refused() {
    let mut cluster = cluster();
    let min_isr = ConfigRecord {
        resource_type: ConfigResourceType::Topic.code(),
        resource_name: Str::from("t"),
        name: Str::from("min.insync.replicas"),
        value: Some(Str::from("2")),
    };
    cluster.replay(&[min_isr.into()]);
    assert_eq!(ask(&mut cluster, Some(&[1, 4, 5]), true), Ok(()));
    in_sync(&mut cluster, &[1, 4]);
    let refused = ask(&mut cluster, None, true).expect_err("1 alone has what was acknowledged");
    assert!(refused.contains("only 1 of its former replicas are in sync, and 2 are needed"), "{refused}");
    in_sync(&mut cluster, &[1, 2, 4]);
    assert_eq!(ask(&mut cluster, None, true), Ok(()));
    assert_eq!(now(&cluster).0[3], [1, 2]);
}

#[test]
fn what_does_not_fit_is_refused_with_kafkas_words() {
    let mut cluster = cluster();
    let cases: [(&[i32], bool, &str); 5] = [
        (&[], true, "The manual partition assignment includes an empty replica list."),
        (
            &[1, 9],
            true,
            "The manual partition assignment includes broker 9, but no such broker is registered.",
        ),
        (&[1, 1], true, "The manual partition assignment includes the broker 1 more than once."),
        (&[1, 2], false, "The replication factor is changed from 3 to 2"),
        (&[1, 2, 3, 4], false, "The replication factor is changed from 3 to 4"),
    ];
    for (replicas, allow, text) in cases {
        assert_eq!(ask(&mut cluster, Some(replicas), allow), Err(text.into()));
    }
    // While a move is under way, what it will have counts.
    assert_eq!(ask(&mut cluster, Some(&[1, 4]), true), Ok(()));
    assert_eq!(
        ask(&mut cluster, Some(&[1, 2, 3]), false),
        Err("The replication factor is changed from 2 to 3".into())
    );
    let unknown = |name: &str, index| AlterReassignments {
        topics: vec![(
            Str::from(name),
            vec![Reassignment { partition: PartitionId::new(index), replicas: None }],
        )],
        allow_replication_factor_change: true,
    };
    for (request, text) in [
        (unknown("x", 0), "Unable to find a topic named x."),
        (unknown("t", 8), "Unable to find partition t:8."),
    ] {
        let (records, response) = cluster.ask(Request::AlterReassignments(request));
        let Response::AlterReassignments(results) = response else { panic!("{response:?}") };
        let error = results[0].1[0].1.clone().expect_err("refused");
        assert_eq!((records.len(), &*error.to_string()), (0, text));
    }
}
