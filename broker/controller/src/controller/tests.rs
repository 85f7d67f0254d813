use alloc::{vec, vec::Vec};
use core::time::Duration;

use broker_metadata::MetadataVersion;
use broker_protocol::{
    Str,
    records::metadata::{
        BeginTransactionRecord, BrokerRegistrationChangeRecord, ConfigRecord, FeatureLevelRecord,
    },
};
use broker_types::{BrokerId, PartitionId};

use super::*;
use crate::{
    CreateTopics,
    testing::{Cluster, Rules, topic},
};

fn version_record() -> MetadataRecord {
    let name = Str::from("metadata.version");
    MetadataRecord::FeatureLevel(FeatureLevelRecord { name, feature_level: 30 })
}

fn no_op() -> MetadataRecord {
    MetadataRecord::NoOp(NoOpRecord)
}

#[test]
fn a_fresh_cluster_starts_with_its_metadata_version() {
    let mut cluster = Cluster::new();
    assert_eq!(cluster.controller.next_deadline(), Some(cluster.now.mono));
    assert_eq!(cluster.tick(), vec![version_record()]);
    assert_eq!(cluster.tick(), vec![]);
    assert_eq!(cluster.image.metadata_version(), MetadataVersion::LATEST);
}

#[test]
fn a_fresh_cluster_keeps_eligible_leaders_with_one_minimum_as_kafkas_do() {
    let mut settings = Cluster::new().controller.settings().clone();
    (settings.first_elr, settings.min_insync_replicas) = (true, 2);
    let mut controller = Controller::new(settings, Box::new(Rules), [1; 4]);
    controller.became_leader(Now::default(), &Image::default());
    let elr = FeatureLevelRecord { name: Str::from("eligible.leader.replicas.version"), feature_level: 1 };
    let minimum = ConfigRecord {
        resource_type: 4,
        resource_name: Str::EMPTY,
        name: Str::from("min.insync.replicas"),
        value: Some(Str::from("2")),
    };
    let records = controller.tick(Now::default(), &Image::default()).records;
    assert_eq!(records, vec![version_record(), elr.into(), minimum.into()]);
}

#[test]
fn a_request_before_the_first_tick_brings_the_first_records_along() {
    let mut cluster = Cluster::new();
    let request = CreateTopics { topics: vec![topic("a")], validate_only: false };
    let (records, response) = cluster.ask(Request::CreateTopics(request));
    assert_eq!(records, vec![version_record()]);
    let Response::CreateTopics(results) = response else { panic!() };
    let error = results[0].1.as_ref().expect_err("no broker");
    assert_eq!(
        alloc::format!("{error}"),
        "Unable to replicate the partition 1 time(s): All brokers are currently fenced, or have all their log \
         directories cordoned."
    );
    assert_eq!(cluster.tick(), vec![]);
}

#[test]
fn a_transaction_that_a_former_leader_left_open_is_aborted() {
    let mut image = Image::default();
    image.apply(Offset::new(0), &version_record());
    let begin = MetadataRecord::BeginTransaction(BeginTransactionRecord::default());
    image.apply(Offset::new(1), &begin);
    let now = Now::default();
    let settings = Cluster::new().controller.settings().clone();
    let mut controller = Controller::new(settings, Box::new(Rules), [1; 4]);
    controller.became_leader(now, &image);
    let records = controller.tick(now, &image).records;
    assert!(matches!(&*records, [MetadataRecord::AbortTransaction(_)]), "{records:?}");
}

#[test]
fn an_idle_log_gets_a_no_op_each_half_second_and_a_busy_one_none() {
    let mut cluster = Cluster::new();
    cluster.tick();
    let mut written = Vec::new();
    for _ in 0..4 {
        cluster.pass(Duration::from_millis(500));
        assert!(cluster.controller.next_deadline().expect("armed") <= cluster.now.mono);
        written.extend(cluster.tick());
    }
    // The first half second had the first records in it.
    assert_eq!(written, vec![no_op(), no_op(), no_op()]);
    cluster.pass(Duration::from_millis(400));
    assert_eq!(cluster.tick(), vec![]);
    cluster.start(1);
    cluster.pass(Duration::from_millis(100));
    assert_eq!(cluster.tick(), vec![]);
    cluster.pass(Duration::from_millis(500));
    assert_eq!(cluster.tick(), vec![no_op()]);
}

#[test]
fn a_silent_broker_is_fenced_when_its_session_ran_out() {
    let mut cluster = Cluster::with_brokers(&[1, 2]);
    cluster.pass(Duration::from_secs(5));
    cluster.beat(2, |_| {});
    cluster.pass(Duration::from_secs(4));
    assert!(cluster.tick().iter().all(|record| *record == no_op()));
    cluster.pass(Duration::from_micros(1));
    let epoch = cluster.epoch(1).get();
    let fenced =
        BrokerRegistrationChangeRecord { broker_id: 1, broker_epoch: epoch, fenced: 1, ..Default::default() };
    assert_eq!(cluster.tick(), vec![MetadataRecord::BrokerRegistrationChange(fenced)]);
}

#[test]
fn a_new_leader_gives_every_broker_a_full_session() {
    let mut cluster = Cluster::with_brokers(&[1]);
    cluster.pass(Duration::from_secs(60));
    cluster.controller.resigned();
    assert_eq!(cluster.controller.next_deadline(), None);
    assert_eq!(cluster.tick(), vec![]);
    cluster.controller.became_leader(cluster.now, &cluster.image);
    cluster.tick();
    cluster.pass(Duration::from_secs(9));
    assert!(cluster.tick().iter().all(|record| *record == no_op()));
    cluster.pass(Duration::from_micros(1));
    assert!(matches!(&*cluster.tick(), [MetadataRecord::BrokerRegistrationChange(_)]));
}

#[test]
fn the_lead_goes_back_to_a_preferred_replica_when_the_timer_says_so() {
    let mut cluster = Cluster::with_brokers(&[1, 2]);
    cluster.create("t", &[&[1, 2]]);
    cluster.beat(1, |beat| beat.want_fence = true);
    cluster.beat(1, |_| {});
    let (topic, index) = (cluster.image.topics().find("t").expect("is there").id(), PartitionId::new(0));
    let mut back = crate::partition_change::unchanged(topic, index);
    back.isr = Some(vec![2, 1]);
    cluster.replay(&[back.into()]);
    let leader = |cluster: &Cluster| cluster.image.topics().partition(topic, index).and_then(|p| p.leader);
    assert_eq!(leader(&cluster), Some(BrokerId::new(2)));
    // Brokers stay alive; within the five minutes nothing but no-op records is written.
    let mut moved = Vec::new();
    for second in 1..=301 {
        cluster.pass(Duration::from_secs(1));
        for id in [1, 2] {
            cluster.beat(id, |_| {});
        }
        let due = cluster.controller.next_deadline().is_some_and(|at| cluster.now.mono >= at);
        let records = if due { cluster.tick() } else { vec![] };
        if records.iter().any(|record| matches!(record, MetadataRecord::PartitionChange(_))) {
            moved.push(second);
        }
    }
    assert_eq!((moved, leader(&cluster)), (vec![300], Some(BrokerId::new(1))));
}

#[test]
fn a_controller_without_these_timers_never_moves_a_lead() {
    let mut settings = Cluster::new().controller.settings().clone();
    (settings.leader_rebalance_interval, settings.unclean_election_interval) = (None, None);
    let mut controller = Controller::new(settings, Box::new(Rules), [1; 4]);
    let (now, mut image) = (Now::default(), Image::default());
    controller.became_leader(now, &image);
    for record in controller.tick(now, &image).records {
        image.apply(Offset::ZERO, &record);
    }
    let idle = controller.settings().idle_interval.expect("on");
    assert_eq!(controller.next_deadline(), Some(now.mono.plus(idle)));
}
