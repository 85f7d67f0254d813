//! Proposals of a leader of three replicas: what is taken, what is refused and why.

use alloc::vec;

use super::*;
use crate::{Request, Response, testing::Cluster};

fn cluster() -> Cluster {
    let mut cluster = Cluster::with_brokers(&[1, 2, 3, 4]);
    cluster.create("t", &[&[1, 2, 3]]);
    cluster
}

fn partition(cluster: &Cluster) -> Partition {
    let topic = cluster.image.topics().find("t").expect("created");
    topic.partition(PartitionId::new(0)).expect("created").clone()
}

fn proposal(cluster: &Cluster, isr: &[i32]) -> IsrProposal {
    let topic = cluster.image.topics().find("t").expect("created");
    let known = partition(cluster);
    IsrProposal {
        topic: topic.id(),
        partition: PartitionId::new(0),
        leader_epoch: known.leader_epoch,
        partition_epoch: known.partition_epoch,
        isr: isr.iter().map(|id| (BrokerId::new(*id), Some(cluster.epoch(*id)))).collect(),
        recovery: LeaderRecovery::Recovered,
    }
}

fn propose(
    cluster: &mut Cluster,
    broker: i32,
    proposal: IsrProposal,
) -> (usize, Result<AlteredPartition, AlterPartitionError>) {
    let request = AlterPartition {
        broker: BrokerId::new(broker),
        epoch: cluster.epoch(broker),
        proposals: vec![proposal],
    };
    let (records, response) = cluster.ask(Request::AlterPartition(request));
    let Response::AlterPartition(Ok(mut answers)) = response else { panic!("{response:?}") };
    (records.len(), answers.remove(0).2)
}

#[test]
fn an_isr_shrinks_and_grows_and_each_change_is_another_version() {
    let mut cluster = cluster();
    let before = partition(&cluster);
    let shrink = proposal(&cluster, &[1, 3]);
    let (records, taken) = propose(&mut cluster, 1, shrink);
    let taken = taken.expect("taken");
    assert_eq!((records, taken.partition_epoch), (1, before.partition_epoch.next()));
    let after = partition(&cluster);
    assert_eq!(*after.isr, [BrokerId::new(1), BrokerId::new(3)]);
    assert_eq!((after.leader, after.leader_epoch), (before.leader, before.leader_epoch));
    assert_eq!(after.partition_epoch, taken.partition_epoch);

    let grow = proposal(&cluster, &[1, 2, 3]);
    assert_eq!(propose(&mut cluster, 1, grow.clone()).0, 1);
    assert_eq!(partition(&cluster).isr.len(), 3);
    // What holds already changes nothing.
    let same = proposal(&cluster, &[3, 2, 1]);
    let (records, taken) = propose(&mut cluster, 1, same);
    assert_eq!(
        (records, taken.map(|taken| taken.partition_epoch)),
        (0, Ok(partition(&cluster).partition_epoch))
    );
    assert_eq!(propose(&mut cluster, 1, grow), (0, Err(AlterPartitionError::Outdated)));
}

#[test]
fn what_rests_on_other_metadata_is_refused() {
    let mut cluster = cluster();
    let good = proposal(&cluster, &[1, 2]);
    let newer_leader = IsrProposal { leader_epoch: good.leader_epoch.next(), ..good.clone() };
    let newer_version = IsrProposal { partition_epoch: good.partition_epoch.next(), ..good.clone() };
    for proposal in [newer_leader, newer_version] {
        assert_eq!(propose(&mut cluster, 1, proposal), (0, Err(AlterPartitionError::FromTheFuture)));
    }
    let topic = IsrProposal { topic: TopicId::new(broker_types::Uuid::from_bytes([9; 16])), ..good.clone() };
    assert_eq!(propose(&mut cluster, 1, topic), (0, Err(AlterPartitionError::UnknownTopic)));
    let index = IsrProposal { partition: PartitionId::new(7), ..good.clone() };
    assert_eq!(propose(&mut cluster, 1, index), (0, Err(AlterPartitionError::UnknownPartition)));
    assert_eq!(
        propose(&mut cluster, 2, good.clone()),
        (0, Err(AlterPartitionError::Invalid)),
        "not the leader"
    );

    // The leader goes: its leadership is over.
    cluster.beat(1, |beat| beat.want_fence = true);
    assert_eq!(propose(&mut cluster, 1, good), (0, Err(AlterPartitionError::FencedLeader)));
}

#[test]
fn only_replicas_that_live_as_the_leader_saw_them_may_be_in_sync() {
    let mut cluster = cluster();
    for isr in [&[2, 3][..], &[1, 4], &[1, 1]] {
        let proposal = proposal(&cluster, isr);
        assert_eq!(propose(&mut cluster, 1, proposal), (0, Err(AlterPartitionError::Invalid)), "{isr:?}");
    }
    let mut other_life = proposal(&cluster, &[1, 2]);
    other_life.isr[1].1 = Some(BrokerEpoch::new(1));
    assert_eq!(propose(&mut cluster, 1, other_life), (0, Err(AlterPartitionError::Ineligible)));
    cluster.beat(2, |beat| beat.want_fence = true);
    let fenced = proposal(&cluster, &[1, 2, 3]);
    assert_eq!(propose(&mut cluster, 1, fenced), (0, Err(AlterPartitionError::Ineligible)));
}

#[test]
fn a_leader_recovers_only_from_an_unclean_election_and_alone() {
    let mut cluster = cluster();
    for isr in [&[1][..], &[1, 2]] {
        let recovering = IsrProposal { recovery: LeaderRecovery::Recovering, ..proposal(&cluster, isr) };
        assert_eq!(propose(&mut cluster, 1, recovering), (0, Err(AlterPartitionError::Invalid)), "{isr:?}");
    }
}

#[test]
fn a_broker_of_another_life_is_refused_as_a_whole() {
    let mut cluster = cluster();
    let request = AlterPartition {
        broker: BrokerId::new(1),
        epoch: BrokerEpoch::new(0),
        proposals: vec![proposal(&cluster, &[1])],
    };
    let (records, response) = cluster.ask(Request::AlterPartition(request));
    assert!(records.is_empty());
    assert!(
        matches!(response, Response::AlterPartition(Err(StaleBroker::OtherEpoch { .. }))),
        "{response:?}"
    );
}
