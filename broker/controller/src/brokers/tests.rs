use alloc::{format, string::ToString, vec, vec::Vec};
use core::time::Duration;

use broker_metadata::FeatureRange;
use broker_protocol::{
    Str,
    records::metadata::{MetadataRecord, PartitionChangeRecord},
};
use broker_types::{BrokerEpoch, BrokerId, ClusterId, DirectoryId, PartitionId};

use super::*;
use crate::{
    Request, Response,
    testing::{Cluster, dir, registration},
};

fn register(cluster: &mut Cluster, request: RegisterBroker) -> Result<BrokerEpoch, RegistrationError> {
    let (records, response) = cluster.ask(Request::RegisterBroker(request));
    let Response::RegisterBroker(result) = response else { panic!("{response:?}") };
    assert_eq!(result.is_err(), records.is_empty());
    result
}

fn refused(cluster: &mut Cluster, change: fn(&mut RegisterBroker)) -> alloc::string::String {
    let mut request = registration(5, 1);
    change(&mut request);
    register(cluster, request).expect_err("refused").to_string()
}

/// Partition, leader and ISR of each partition change, sorted: the order of topics is that of their random ids.
fn changes(records: &[MetadataRecord]) -> Vec<(i32, i32, Option<Vec<i32>>)> {
    let change = |record: &MetadataRecord| match record {
        MetadataRecord::PartitionChange(PartitionChangeRecord { partition_id, leader, isr, .. }) => {
            Some((*partition_id, *leader, isr.clone()))
        }
        _ => None,
    };
    let mut changes: Vec<_> = records.iter().filter_map(change).collect();
    changes.sort_unstable();
    changes
}

fn leader(cluster: &Cluster, partition: i32) -> Option<i32> {
    let topic = cluster.image.topics().find("t").expect("is there");
    topic.partition(PartitionId::new(partition)).expect("is there").leader.map(BrokerId::get)
}

#[test]
fn a_broker_is_registered_fenced_with_the_next_offset_as_its_epoch() {
    let mut cluster = Cluster::with_brokers(&[]);
    let next = cluster.image.last_offset().expect("bootstrapped").next();
    let epoch = register(&mut cluster, registration(1, 1)).expect("registered");
    assert_eq!(epoch, BrokerEpoch::new(next.get()));
    let broker = cluster.image.cluster().broker(BrokerId::new(1)).expect("registered");
    assert!(broker.fenced);
    assert_eq!((broker.epoch, broker.registered_at), (epoch, next));

    // It is unfenced once it has replayed that record.
    let (_, behind) = cluster.beat(1, |beat| beat.metadata_offset = None);
    assert_eq!(behind, HeartbeatReply { caught_up: false, fenced: true, shut_down: false });
    let (_, waiting) = cluster.beat(1, |beat| beat.want_fence = true);
    assert_eq!(waiting, HeartbeatReply { caught_up: true, fenced: true, shut_down: false });
    let (records, unfenced) = cluster.beat(1, |_| {});
    assert_eq!(unfenced, HeartbeatReply { caught_up: true, fenced: false, shut_down: false });
    let fenced = BrokerRegistrationChangeRecord {
        broker_id: 1,
        broker_epoch: epoch.get(),
        fenced: -1,
        ..BrokerRegistrationChangeRecord::default()
    };
    assert_eq!(records, vec![MetadataRecord::BrokerRegistrationChange(fenced)]);
    assert_eq!(cluster.beat(1, |_| {}).0, vec![]);
}

#[test]
fn the_same_life_registers_again_under_its_epoch_and_another_must_wait() {
    let mut cluster = Cluster::with_brokers(&[1]);
    let epoch = cluster.epoch(1);
    assert_eq!(register(&mut cluster, registration(1, 1)), Ok(epoch));
    assert!(cluster.image.cluster().is_active(BrokerId::new(1)));

    assert_eq!(register(&mut cluster, registration(1, 2)), Err(RegistrationError::Duplicate));
    cluster.pass(Duration::from_micros(9_000_001));
    let later = register(&mut cluster, registration(1, 2)).expect("the session ran out");
    assert!(later > epoch);
    assert!(!cluster.image.cluster().is_active(BrokerId::new(1)));
}

#[test]
fn a_broker_that_was_told_to_stop_comes_back_without_waiting() {
    let mut cluster = Cluster::with_brokers(&[1, 2]);
    let epoch = cluster.epoch(1);
    let (_, told) = cluster.beat(1, |beat| beat.want_shut_down = true);
    assert!(told.shut_down);
    let again = register(&mut cluster, registration(1, 2)).expect("its former life is over");
    assert!(again > epoch);
}

#[test]
fn this_nodes_own_former_life_is_over_without_waiting() {
    let mut cluster = Cluster::with_brokers(&[9]);
    assert!(register(&mut cluster, registration(9, 2)).is_ok());
}

#[test]
fn another_process_with_this_nodes_id_is_not_its_own_later_life() {
    let mut cluster = Cluster::with_brokers(&[9]);
    let mut settings = cluster.controller.settings().clone();
    settings.incarnation = Some(crate::testing::incarnation(2));
    cluster.controller =
        crate::Controller::new(settings, alloc::boxed::Box::new(crate::testing::Rules), [1; 4]);
    broker_coordinator::Shard::became_leader(&mut cluster.controller, cluster.now, &cluster.image);
    assert_eq!(register(&mut cluster, registration(9, 3)), Err(RegistrationError::Duplicate));
    assert!(register(&mut cluster, registration(9, 2)).is_ok());
}

#[test]
fn a_wrong_registration_is_refused_with_kafkas_words() {
    let mut cluster = Cluster::with_brokers(&[1]);
    type Case = (fn(&mut RegisterBroker), &'static str);
    let cases: [Case; 7] = [
        (|r| r.cluster = ClusterId::new("x"), "Expected cluster ID c, but got cluster ID x"),
        (|r| r.log_dirs.clear(), "No directories specified in request"),
        (|r| r.log_dirs.push(DirectoryId::LOST), "Reserved directory ID in request"),
        (|r| r.log_dirs.push(dir(5)), "Duplicate directory ID in request"),
        (|r| r.features.clear(), "Request features do not contain 'metadata.version'"),
        (
            |r| r.features[0].max = 29,
            "Unable to register because the broker does not support finalized version 30 of metadata.version. The \
             broker wants a version between 7 and 29, inclusive.",
        ),
        (
            |r| r.features.push(FeatureRange { name: Str::from("f"), min: 1, max: 2 }),
            "Unable to register because the broker does not support finalized version 0 of f. The broker wants a \
             version between 1 and 2, inclusive.",
        ),
    ];
    for (change, text) in cases {
        assert_eq!(refused(&mut cluster, change), text);
    }
    let foreign = refused(&mut cluster, |r| r.log_dirs = vec![dir(1)]);
    assert_eq!(foreign, format!("Broker 1 is already registered with directory {}", dir(1)));
}

#[test]
fn a_heartbeat_of_a_former_life_is_stale() {
    let mut cluster = Cluster::with_brokers(&[1]);
    let mut heartbeat = Heartbeat {
        broker: BrokerId::new(1),
        epoch: BrokerEpoch::new(1_000),
        metadata_offset: None,
        want_fence: false,
        want_shut_down: false,
        offline_log_dirs: vec![],
        cordoned_log_dirs: None,
    };
    let ask = |cluster: &mut Cluster, heartbeat: &Heartbeat| match cluster
        .ask(Request::Heartbeat(heartbeat.clone()))
    {
        (records, Response::Heartbeat(Err(error))) if records.is_empty() => error.to_string(),
        other => panic!("{other:?}"),
    };
    let epoch = cluster.epoch(1).get();
    assert_eq!(
        ask(&mut cluster, &heartbeat),
        format!("Expected broker epoch {epoch}, but got broker epoch 1000")
    );
    heartbeat.broker = BrokerId::new(7);
    assert_eq!(ask(&mut cluster, &heartbeat), "No broker registration found for broker id 7");
}

#[test]
fn a_stopping_broker_hands_its_leaderships_over_first() {
    let mut cluster = Cluster::with_brokers(&[1, 2]);
    cluster.create("t", &[&[1, 2], &[2, 1]]);
    cluster.create("alone", &[&[1]]);
    let (records, reply) = cluster.beat(1, |beat| beat.want_shut_down = true);
    assert_eq!(reply, HeartbeatReply { caught_up: true, fenced: false, shut_down: false });
    // Where it is the last in sync the partition goes without a leader, and keeps it in the ISR.
    assert_eq!(changes(&records), vec![(0, -1, None), (0, 2, Some(vec![2])), (1, -2, Some(vec![2]))]);

    // Broker 2 has not seen it yet.
    let (records, reply) = cluster.beat(1, |beat| beat.want_shut_down = true);
    assert_eq!((records, reply.shut_down), (vec![], false));
    cluster.beat(2, |_| {});
    let (records, reply) = cluster.beat(1, |beat| beat.want_shut_down = true);
    assert_eq!(reply, HeartbeatReply { caught_up: true, fenced: true, shut_down: true });
    assert!(
        matches!(&*records, [MetadataRecord::BrokerRegistrationChange(r)] if r.fenced == 1),
        "{records:?}"
    );
    // Asked again, it may stop at once.
    let (records, reply) = cluster.beat(1, |beat| beat.want_shut_down = true);
    assert_eq!((records, reply.shut_down), (vec![], true));
}

#[test]
fn a_broker_on_its_own_stops_in_two_heartbeats_and_comes_back_to_lead() {
    let mut cluster = Cluster::with_brokers(&[1]);
    cluster.create("t", &[&[1]]);
    assert!(!cluster.beat(1, |beat| beat.want_shut_down = true).1.shut_down);
    assert!(cluster.beat(1, |beat| beat.want_shut_down = true).1.shut_down);
    assert_eq!(leader(&cluster, 0), None);

    // After a clean stop there is nothing to change until it is unfenced.
    cluster.pass(Duration::from_secs(10));
    let (records, _) = cluster.ask(Request::RegisterBroker(registration(1, 2)));
    assert_eq!(records.len(), 1);
    let (records, _) = cluster.beat(1, |_| {});
    assert_eq!(changes(&records), vec![(0, 1, None)]);
}

#[test]
fn a_crashed_broker_leaves_leadership_when_its_next_life_registers() {
    let mut cluster = Cluster::with_brokers(&[1, 2]);
    cluster.create("t", &[&[1, 2]]);
    cluster.create("alone", &[&[1]]);
    cluster.pass(Duration::from_micros(9_000_001));
    let (records, _) = cluster.ask(Request::RegisterBroker(registration(1, 2)));
    assert_eq!(changes(&records), vec![(0, -1, None), (0, 2, Some(vec![2]))]);
    assert!(matches!(records.last(), Some(MetadataRecord::RegisterBroker(_))));
    let (records, _) = cluster.beat(1, |_| {});
    assert_eq!(changes(&records), vec![(0, 1, None)]);
}

#[test]
fn a_failed_directory_takes_only_its_partitions_offline() {
    let mut cluster = Cluster::with_brokers(&[2]);
    let mut two = registration(1, 1);
    two.log_dirs = vec![dir(1), dir(11)];
    register(&mut cluster, two).expect("registered");
    cluster.beat(1, |_| {});
    cluster.create("t", &[&[1, 2], &[1, 2]]);
    let topic = cluster.image.topics().find("t").expect("is there").id();
    let assignment = |partition, directory| crate::AssignedDirectory {
        directory,
        topic,
        partition: PartitionId::new(partition),
    };
    let request = crate::AssignDirectories {
        broker: BrokerId::new(1),
        epoch: cluster.epoch(1),
        assignments: vec![assignment(0, dir(1)), assignment(1, dir(11))],
    };
    cluster.ask(Request::AssignDirectories(request));
    let (records, _) = cluster.beat(1, |beat| beat.offline_log_dirs = vec![dir(11)]);
    assert_eq!(changes(&records), vec![(1, 2, Some(vec![2]))]);
    let broker = cluster.image.cluster().broker(BrokerId::new(1)).expect("registered");
    assert_eq!(*broker.log_dirs, [dir(1)]);
    // Said again, it changes nothing.
    assert_eq!(cluster.beat(1, |beat| beat.offline_log_dirs = vec![dir(11)]).0, vec![]);
}

#[test]
fn cordoned_directories_are_noted_once() {
    let mut cluster = Cluster::with_brokers(&[1]);
    assert_eq!(cluster.beat(1, |beat| beat.cordoned_log_dirs = Some(vec![dir(1)])).0.len(), 1);
    assert_eq!(cluster.beat(1, |beat| beat.cordoned_log_dirs = Some(vec![dir(1)])).0, vec![]);
    assert!(!cluster.image.cluster().broker(BrokerId::new(1)).expect("registered").has_uncordoned_dir());
}

#[test]
fn an_unregistered_broker_is_forgotten() {
    let mut cluster = Cluster::with_brokers(&[1, 2]);
    cluster.create("t", &[&[1, 2]]);
    let (records, response) = cluster.ask(Request::UnregisterBroker(BrokerId::new(1)));
    assert_eq!(response, Response::UnregisterBroker(Ok(())));
    assert_eq!(changes(&records), vec![(0, 2, Some(vec![2]))]);
    assert!(cluster.image.cluster().broker(BrokerId::new(1)).is_none());
    let (_, response) = cluster.ask(Request::UnregisterBroker(BrokerId::new(1)));
    assert_eq!(response, Response::UnregisterBroker(Err(UnknownBroker(BrokerId::new(1)))));
}

#[test]
fn producer_ids_come_in_blocks_of_a_thousand() {
    let mut cluster = Cluster::with_brokers(&[1]);
    let request = crate::AllocateProducerIds { broker: BrokerId::new(1), epoch: cluster.epoch(1) };
    for first in [0, 1_000] {
        let (records, response) = cluster.ask(Request::AllocateProducerIds(request));
        assert_eq!(records.len(), 1);
        let first = broker_types::ProducerId::new(first);
        let block = crate::ProducerIdBlock { first, length: 1_000 };
        assert_eq!(response, Response::AllocateProducerIds(Ok(block)));
    }
}

/// Brokers 1 to 3, a partition of which each is the leader, on all of them.
fn three_brokers() -> Cluster {
    let mut cluster = Cluster::with_brokers(&[1, 2, 3]);
    cluster.create("t", &[&[1, 2, 3], &[2, 3, 1], &[3, 1, 2]]);
    cluster
}

#[test]
fn of_three_one_stops_when_the_others_have_seen_it_leave() {
    let mut cluster = three_brokers();
    let (records, reply) = cluster.beat(1, |beat| beat.want_shut_down = true);
    assert_eq!(reply, HeartbeatReply { caught_up: true, fenced: false, shut_down: false });
    assert_eq!(
        changes(&records),
        vec![(0, 2, Some(vec![2, 3])), (1, -2, Some(vec![2, 3])), (2, -2, Some(vec![3, 2]))]
    );
    let seen = cluster.image.last_offset();
    // What others write meanwhile does not put the stop off.
    cluster.create("later", &[&[2, 3]]);
    let broker_of = |cluster: &Cluster, id| Heartbeat {
        broker: BrokerId::new(id),
        epoch: cluster.epoch(id),
        metadata_offset: seen,
        want_fence: false,
        want_shut_down: false,
        offline_log_dirs: vec![],
        cordoned_log_dirs: None,
    };
    for (id, may_stop) in [(2, false), (3, true)] {
        let heartbeat = broker_of(&cluster, id);
        cluster.ask(Request::Heartbeat(heartbeat));
        let reply = cluster.beat(1, |beat| beat.want_shut_down = true).1;
        assert_eq!((reply.shut_down, reply.fenced), (may_stop, may_stop));
    }
    // It comes back as a follower that is not in sync.
    cluster.pass(Duration::from_secs(10));
    for id in [2, 3] {
        cluster.beat(id, |_| {});
    }
    cluster.ask(Request::RegisterBroker(registration(1, 2)));
    let (records, _) = cluster.beat(1, |_| {});
    assert_eq!((changes(&records), leader(&cluster, 0)), (vec![], Some(2)));
}

#[test]
fn the_last_two_of_three_stop_one_after_the_other() {
    let mut cluster = three_brokers();
    for id in [1, 2] {
        assert!(!cluster.beat(id, |beat| beat.want_shut_down = true).1.shut_down);
    }
    assert_eq!([0, 1, 2].map(|index| leader(&cluster, index)), [Some(3); 3]);
    // Neither waits for the other: a broker that leaves need not see more.
    cluster.beat(3, |_| {});
    for id in [1, 2] {
        assert!(cluster.beat(id, |beat| beat.want_shut_down = true).1.shut_down);
    }
}

#[test]
fn a_stop_under_a_new_controller_waits_for_all_that_it_has_replayed() {
    let mut cluster = three_brokers();
    cluster.beat(1, |beat| beat.want_shut_down = true);
    let now = cluster.now;
    broker_coordinator::Shard::became_leader(&mut cluster.controller, now, &cluster.image);
    assert!(!cluster.beat(1, |beat| beat.want_shut_down = true).1.shut_down);
    cluster.beat(2, |_| {});
    cluster.beat(3, |_| {});
    assert!(cluster.beat(1, |beat| beat.want_shut_down = true).1.shut_down);
}

#[test]
fn a_silent_broker_is_fenced_and_its_leaderships_move() {
    let mut cluster = three_brokers();
    cluster.pass(Duration::from_secs(5));
    for id in [2, 3] {
        cluster.beat(id, |_| {});
    }
    cluster.pass(Duration::from_micros(4_000_001));
    let records = cluster.tick();
    let moved = vec![(0, 2, Some(vec![2, 3])), (1, -2, Some(vec![2, 3])), (2, -2, Some(vec![3, 2]))];
    assert_eq!(changes(&records), moved);
    assert!(cluster.image.cluster().broker(BrokerId::new(1)).expect("registered").fenced);
}

#[test]
fn a_broker_that_is_surely_gone_is_fenced_at_once_in_that_life_only() {
    let mut cluster = three_brokers();
    let suspect = |cluster: &mut Cluster, epoch| {
        cluster.ask(Request::Suspect(Suspect { broker: BrokerId::new(1), epoch }))
    };
    let epoch = cluster.epoch(1);
    let (records, response) = suspect(&mut cluster, epoch);
    assert_eq!(response, Response::Suspect(Ok(())));
    assert_eq!(changes(&records).len(), 3);
    assert!(!cluster.image.cluster().is_active(BrokerId::new(1)));
    // Its next life need not wait for the session, and is not meant by the same word.
    assert_eq!(suspect(&mut cluster, epoch).0, vec![]);
    register(&mut cluster, registration(1, 2)).expect("registered");
    cluster.beat(1, |_| {});
    let (records, response) = suspect(&mut cluster, epoch);
    assert!(matches!(response, Response::Suspect(Err(StaleBroker::OtherEpoch { .. }))), "{response:?}");
    assert_eq!((records, cluster.image.cluster().is_active(BrokerId::new(1))), (vec![], true));
}
