use alloc::{vec, vec::Vec};
use core::time::Duration;

use broker_protocol::{
    Str,
    records::metadata::{ConfigRecord, FeatureLevelRecord, PartitionChangeRecord},
};

use super::*;
use crate::{
    Request, Response,
    testing::{Cluster, registration},
};

/// ISR, ELR, last known and leader of the only partition of `t`.
fn now(cluster: &Cluster) -> (Vec<i32>, Vec<i32>, Vec<i32>, Option<i32>) {
    let topic = cluster.image.topics().find("t").expect("is there");
    let partition = topic.partition(PartitionId::new(0)).expect("is there");
    let raw = |ids: &[BrokerId]| ids.iter().map(|id| id.get()).collect();
    (
        raw(&partition.isr),
        raw(&partition.elr),
        raw(&partition.last_known_elr),
        partition.leader.map(BrokerId::get),
    )
}

/// Brokers 1 to 3 with one partition on all, with eligible leaders and a minimum of in-sync replicas.
fn cluster(min_isr: &str) -> Cluster {
    let mut cluster = Cluster::with_brokers(&[1, 2, 3]);
    cluster.create("t", &[&[1, 2, 3]]);
    let feature = FeatureLevelRecord { name: Str::from(ELR_FEATURE), feature_level: 1 };
    let config = ConfigRecord {
        resource_type: 4,
        resource_name: Str::EMPTY,
        name: Str::from("min.insync.replicas"),
        value: Some(Str::from(min_isr)),
    };
    cluster.replay(&[feature.into(), config.into()]);
    cluster
}

fn fence(cluster: &mut Cluster, id: i32) {
    cluster.beat(id, |beat| beat.want_fence = true);
}

fn unfence(cluster: &mut Cluster, id: i32) {
    cluster.beat(id, |_| {});
}

/// A new life of a broker, after a clean stop or not.
fn restart(cluster: &mut Cluster, id: i32, clean: bool) {
    cluster.pass(Duration::from_micros(9_000_001));
    let mut request = registration(id, 2);
    request.previous_epoch = clean.then(|| cluster.epoch(id));
    let (_, response) = cluster.ask(Request::RegisterBroker(request));
    assert!(matches!(response, Response::RegisterBroker(Ok(_))), "{response:?}");
}

#[test]
fn replicas_that_leave_an_isr_below_its_minimum_stay_eligible() {
    let mut cluster = cluster("2");
    fence(&mut cluster, 1);
    assert_eq!(now(&cluster), (vec![2, 3], vec![], vec![], Some(2)));
    fence(&mut cluster, 2);
    assert_eq!(now(&cluster), (vec![3], vec![2], vec![], Some(3)));
    fence(&mut cluster, 3);
    assert_eq!(now(&cluster), (vec![], vec![2, 3], vec![3], None));
    // One that is not eligible does not lead; one that is becomes the ISR.
    unfence(&mut cluster, 1);
    assert_eq!(now(&cluster), (vec![], vec![2, 3], vec![3], None));
    unfence(&mut cluster, 2);
    assert_eq!(now(&cluster), (vec![2], vec![3], vec![], Some(2)));
}

#[test]
fn after_a_clean_stop_an_eligible_leader_leads_again() {
    let mut cluster = cluster("1");
    for id in [2, 3, 1] {
        fence(&mut cluster, id);
    }
    assert_eq!(now(&cluster), (vec![], vec![1], vec![1], None));
    restart(&mut cluster, 1, true);
    assert_eq!(now(&cluster), (vec![], vec![1], vec![1], None));
    unfence(&mut cluster, 1);
    assert_eq!(now(&cluster), (vec![1], vec![], vec![], Some(1)));
}

#[test]
fn after_a_crash_it_is_eligible_no_more_but_the_last_known_leader_may_recover() {
    let mut cluster = cluster("1");
    for id in [2, 3, 1] {
        fence(&mut cluster, id);
    }
    restart(&mut cluster, 1, false);
    assert_eq!(now(&cluster), (vec![], vec![], vec![1], None));
    let (records, _) = cluster.beat(1, |_| {});
    let change = records.iter().find_map(|record| match record {
        MetadataRecord::PartitionChange(change) => Some(change.clone()),
        _ => None,
    });
    let topic = cluster.image.topics().find("t").expect("is there").id();
    let expected = PartitionChangeRecord {
        partition_id: 0,
        topic_id: topic.uuid(),
        isr: Some(vec![1]),
        leader: 1,
        leader_recovery_state: 1,
        last_known_elr: Some(vec![]),
        ..PartitionChangeRecord::default()
    };
    assert_eq!(change, Some(expected));
}

#[test]
fn without_the_feature_the_last_in_sync_replica_stays_in_the_isr() {
    let mut cluster = Cluster::with_brokers(&[1, 2]);
    cluster.create("t", &[&[1, 2]]);
    fence(&mut cluster, 1);
    fence(&mut cluster, 2);
    assert_eq!(now(&cluster), (vec![2], vec![], vec![], None));
    unfence(&mut cluster, 1);
    assert_eq!(now(&cluster), (vec![2], vec![], vec![], None));
    unfence(&mut cluster, 2);
    assert_eq!(now(&cluster), (vec![2], vec![], vec![], Some(2)));
}

#[test]
fn an_unclean_election_is_made_only_where_it_is_allowed() {
    let mut cluster = Cluster::with_brokers(&[1, 2]);
    cluster.create("t", &[&[1, 2]]);
    let config = ConfigRecord {
        resource_type: 2,
        resource_name: Str::from("t"),
        name: Str::from("unclean.leader.election.enable"),
        value: Some(Str::from("true")),
    };
    cluster.replay(&[config.into()]);
    fence(&mut cluster, 1);
    fence(&mut cluster, 2);
    unfence(&mut cluster, 1);
    assert_eq!(now(&cluster), (vec![1], vec![], vec![], Some(1)));
}
