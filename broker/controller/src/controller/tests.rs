use alloc::{vec, vec::Vec};
use core::time::Duration;

use broker_coordinator::{Action, Driver, Event};
use broker_metadata::MetadataVersion;
use broker_protocol::{
    Str,
    records::metadata::{
        BeginTransactionRecord, BrokerRegistrationChangeRecord, ConfigRecord, FeatureLevelRecord,
    },
};
use broker_types::{BrokerId, PartitionId, ReplyId};

use super::*;
use crate::{
    CreateTopics, FirstFeatures,
    testing::{Cluster, Rules, topic},
};

fn version_record() -> MetadataRecord {
    let name = Str::from("metadata.version");
    MetadataRecord::FeatureLevel(FeatureLevelRecord { name, feature_level: 30 })
}

/// What clusters that start afresh finalize of transactions.
fn transaction_record() -> MetadataRecord {
    let name = Str::from("transaction.version");
    MetadataRecord::FeatureLevel(FeatureLevelRecord { name, feature_level: 2 })
}

fn no_op() -> MetadataRecord {
    MetadataRecord::NoOp(NoOpRecord)
}

#[test]
fn a_fresh_cluster_starts_with_its_features() {
    let mut cluster = Cluster::new();
    assert_eq!(cluster.controller.next_deadline(), Some(cluster.now.mono));
    assert_eq!(cluster.tick(), vec![version_record(), transaction_record()]);
    assert_eq!(cluster.tick(), vec![]);
    assert_eq!(cluster.image.metadata_version(), MetadataVersion::LATEST);
}

#[test]
fn a_fresh_cluster_has_kafkas_features_and_one_minimum_for_eligible_leaders() {
    let mut settings = Cluster::new().controller.settings().clone();
    settings.min_insync_replicas = 2;
    settings.first_records = FirstFeatures::usual(MetadataVersion::LATEST).records();
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
    let groups = FeatureLevelRecord { name: Str::from("group.version"), feature_level: 1 };
    assert_eq!(
        records,
        vec![version_record(), elr.into(), groups.into(), transaction_record(), minimum.into()]
    );
}

#[test]
fn levels_of_zero_have_no_records() {
    let mut features = FirstFeatures::usual(MetadataVersion::LATEST);
    features.levels.insert(Str::from("group.version"), 0);
    features.levels.insert(Str::from("transaction.version"), 1);
    let level = |name, feature_level| FeatureLevelRecord { name: Str::from(name), feature_level }.into();
    let elr = level("eligible.leader.replicas.version", 1);
    assert_eq!(features.records(), vec![version_record(), elr, level("transaction.version", 1)]);
    assert_eq!(FirstFeatures::usual(MetadataVersion::MINIMUM).records(), vec![level("metadata.version", 7)]);
}

#[test]
fn a_request_before_the_first_tick_brings_the_first_records_along() {
    let mut cluster = Cluster::new();
    let request = CreateTopics { topics: vec![topic("a")], validate_only: false };
    let (records, response) = cluster.ask(Request::CreateTopics(request));
    assert_eq!(records, vec![version_record(), transaction_record()]);
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

/// Two topics on brokers 1 and 2, which 1 leads: more partitions than one batch holds.
fn large() -> (Cluster, usize) {
    let mut cluster = Cluster::with_brokers(&[1, 2]);
    let assignment: &[&[i32]] = &[&[1, 2][..]; 6_000];
    cluster.create("a", assignment);
    cluster.create("b", assignment);
    (cluster, 12_000)
}

fn led_by(image: &Image, id: i32) -> usize {
    let leads = |partition: &broker_metadata::Partition| partition.leader == Some(BrokerId::new(id));
    image.topics().partitions().filter(|(_, _, partition)| leads(partition)).count()
}

#[test]
fn a_change_that_is_too_large_for_a_batch_is_a_transaction_and_a_new_leader_aborts_half_of_one() {
    let (cluster, count) = large();
    let suspect = crate::Suspect { broker: BrokerId::new(1), epoch: cluster.epoch(1) };
    let next = cluster.image.last_offset().expect("written").next();
    let mut driver = Driver::new(cluster.controller, cluster.image.clone(), next);
    let mut actions = Vec::new();
    let epoch = broker_types::LeaderEpoch::new(1);
    driver.step(cluster.now, Event::Elected { epoch, next }, &mut actions);
    driver.step(cluster.now, Event::Tick, &mut actions);
    let request = Request::Suspect(suspect);
    driver.step(cluster.now, Event::Request { reply: ReplyId::new(1), request }, &mut actions);
    let batches: Vec<_> = actions
        .iter()
        .map(|action| match action {
            Action::Append { records, .. } => records.clone(),
            Action::Reply { .. } => panic!("not committed yet"),
        })
        .collect();
    assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [10_000, count + 3 - 10_000]);
    assert!(matches!(batches[0][0], MetadataRecord::BeginTransaction(_)));
    assert!(matches!(batches[1].last(), Some(MetadataRecord::EndTransaction(_))));

    // Only the first batch was committed: nobody acts upon it, and the next leader takes it back.
    let mut half = cluster.image.clone();
    let mut at = next;
    for record in &batches[0] {
        half.apply(at, record);
        at = at.next();
    }
    assert!(half.in_transaction());
    assert_eq!((led_by(half.settled(), 1), led_by(half.settled(), 2)), (count, 0));
    let settings = Cluster::new().controller.settings().clone();
    let mut controller = Controller::new(settings, Box::new(Rules), [1; 4]);
    controller.became_leader(cluster.now, &half);
    for record in controller.tick(cluster.now, &half).records {
        half.apply(at, &record);
        at = at.next();
    }
    assert!(!half.in_transaction());
    assert_eq!(led_by(&half, 1), count);

    // The whole of it is one change.
    let mut whole = cluster.image.clone();
    for (record, offset) in batches.iter().flatten().zip(next.get()..) {
        whole.apply(Offset::new(offset), record);
    }
    assert_eq!(whole.fault(), None);
    assert_eq!((led_by(&whole, 1), led_by(&whole, 2)), (0, count));
    assert!(whole.cluster().broker(BrokerId::new(1)).expect("registered").fenced);
}
