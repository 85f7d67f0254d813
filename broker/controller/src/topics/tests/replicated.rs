//! Topics of several replicas on brokers of several racks.

use alloc::{collections::BTreeMap, vec, vec::Vec};

use broker_metadata::Partition;
use broker_protocol::Str;
use broker_types::{BrokerId, PartitionId};

use super::{create, grow};
use crate::{
    NewTopic, Request,
    testing::{Cluster, registration, topic},
};

/// Two brokers in each of three racks: 0 and 1, 10 and 11, 20 and 21.
fn three_racks() -> Cluster {
    let mut cluster = Cluster::with_brokers(&[]);
    for id in [0, 1, 10, 11, 20, 21] {
        let rack = Some(Str::from(alloc::format!("rack-{}", id / 10)));
        cluster.ask(Request::RegisterBroker(crate::RegisterBroker { rack, ..registration(id, 1) }));
        cluster.beat(id, |_| {});
    }
    cluster
}

fn new_topic(cluster: &mut Cluster, partitions: i32, replication_factor: i16) {
    let sizes = (Some(partitions), Some(replication_factor));
    let new = NewTopic { partitions: sizes.0, replication_factor: sizes.1, ..topic("t") };
    let (_, results) = create(cluster, vec![new]);
    assert!(results[0].1.is_ok(), "{results:?}");
}

fn partitions(cluster: &Cluster) -> Vec<Partition> {
    cluster.image.topics().find("t").expect("is there").partitions().values().cloned().collect()
}

fn raw(ids: &[BrokerId]) -> Vec<i32> {
    ids.iter().map(|id| id.get()).collect()
}

/// How many partitions each broker leads, and how many replicas it has.
fn load(cluster: &Cluster) -> BTreeMap<i32, (usize, usize)> {
    let mut load: BTreeMap<i32, (usize, usize)> = BTreeMap::new();
    for partition in partitions(cluster) {
        load.entry(partition.leader.expect("led").get()).or_default().0 += 1;
        for replica in raw(&partition.replicas) {
            load.entry(replica).or_default().1 += 1;
        }
    }
    load
}

#[test]
fn every_partition_is_in_every_rack_and_brokers_share_the_load() {
    let mut cluster = three_racks();
    new_topic(&mut cluster, 12, 3);
    assert_eq!(grow(&mut cluster, 18, None), Ok(6));
    for partition in partitions(&cluster) {
        let mut racks: Vec<_> = raw(&partition.replicas).into_iter().map(|id| id / 10).collect();
        racks.sort_unstable();
        assert_eq!(racks, vec![0, 1, 2], "{partition:?}");
        assert_eq!((partition.leader, &partition.isr), (partition.preferred(), &partition.replicas));
    }
    for (broker, (leads, replicas)) in load(&cluster) {
        assert!((2..=4).contains(&leads) && (8..=10).contains(&replicas), "{broker}: {leads}, {replicas}");
    }
}

#[test]
fn a_fenced_broker_follows_where_nobody_else_is_left_and_is_not_in_sync() {
    let mut cluster = Cluster::with_brokers(&[1, 2, 3]);
    cluster.beat(3, |beat| beat.want_fence = true);
    new_topic(&mut cluster, 4, 3);
    for partition in partitions(&cluster) {
        assert_eq!(raw(&partition.replicas)[2], 3);
        assert_eq!(raw(&partition.isr), raw(&partition.replicas)[..2]);
        assert_eq!(partition.leader, partition.preferred());
    }
}

#[test]
fn a_broker_that_stops_gets_no_replicas() {
    let mut cluster = Cluster::with_brokers(&[1, 2, 3]);
    cluster.create("led", &[&[3]]);
    cluster.beat(3, |beat| beat.want_shut_down = true);
    new_topic(&mut cluster, 6, 2);
    assert!(load(&cluster).keys().eq(&[1, 2]));
    let (_, results) = create(&mut cluster, vec![NewTopic { replication_factor: Some(3), ..topic("u") }]);
    let error = results[0].1.as_ref().expect_err("too few");
    assert_eq!(error.code(), broker_protocol::ErrorCode::InvalidReplicationFactor);
}

#[test]
fn of_an_assignment_the_first_that_is_active_leads() {
    let mut cluster = Cluster::with_brokers(&[1, 2, 3]);
    cluster.beat(1, |beat| beat.want_fence = true);
    cluster.create("t", &[&[1, 2, 3], &[3, 1, 2]]);
    let seen = |partition: &Partition| (partition.leader.map(BrokerId::get), raw(&partition.isr));
    let found: Vec<_> = partitions(&cluster).iter().map(seen).collect();
    assert_eq!(found, vec![(Some(2), vec![2, 3]), (Some(3), vec![3, 2])]);

    assert_eq!(grow(&mut cluster, 3, Some(vec![vec![2, 3, 1]])), Ok(1));
    let topic = cluster.image.topics().find("t").expect("is there");
    let added = topic.partition(PartitionId::new(2)).expect("is there");
    assert_eq!(seen(added), (Some(2), vec![2, 3]));
    assert!(grow(&mut cluster, 4, Some(vec![vec![2, 3]])).is_err());
}
