use alloc::{vec, vec::Vec};

use broker_protocol::{
    Str,
    records::metadata::{
        client_quota_record::EntityData,
        register_broker_record::{BrokerEndpoint, BrokerFeature},
        *,
    },
};
use broker_types::{
    BrokerEpoch, BrokerId, DirectoryId, LeaderEpoch, PartitionEpoch, PartitionId, TopicId, TopicName, Uuid,
};
use bytes::Bytes;

use super::*;
use crate::{ConfigResource, LeaderRecovery};

fn uuid(number: u8) -> Uuid {
    Uuid::from_bytes([number; 16])
}

fn register(id: i32, epoch: i64) -> MetadataRecord {
    let endpoint =
        BrokerEndpoint { name: Str::from("PLAIN"), host: Str::from("h"), port: 9092, security_protocol: 0 };
    let feature = BrokerFeature {
        name: Str::from("metadata.version"),
        min_supported_version: 7,
        max_supported_version: 30,
    };
    let record = RegisterBrokerRecord {
        broker_id: id,
        incarnation_id: uuid(7),
        broker_epoch: epoch,
        end_points: vec![endpoint],
        features: vec![feature],
        rack: Some(Str::from("a")),
        fenced: true,
        log_dirs: vec![uuid(9)],
        ..RegisterBrokerRecord::default()
    };
    record.into()
}

fn topic(name: &str, id: u8) -> MetadataRecord {
    TopicRecord { name: Str::from(name), topic_id: uuid(id) }.into()
}

fn partition_record(topic: u8, index: i32) -> PartitionRecord {
    PartitionRecord {
        partition_id: index,
        topic_id: uuid(topic),
        replicas: vec![1, 2],
        isr: vec![1, 2],
        leader: 1,
        leader_epoch: 0,
        partition_epoch: 0,
        directories: vec![uuid(9), uuid(8)],
        ..PartitionRecord::default()
    }
}

fn partition(topic: u8, index: i32) -> MetadataRecord {
    partition_record(topic, index).into()
}

fn config(kind: i8, resource: &str, name: &str, value: Option<&str>) -> MetadataRecord {
    let record = ConfigRecord {
        resource_type: kind,
        resource_name: Str::from(resource),
        name: Str::from(name),
        value: value.map(Str::from),
    };
    record.into()
}

fn feature(name: &str, level: i16) -> MetadataRecord {
    FeatureLevelRecord { name: Str::from(name), feature_level: level }.into()
}

fn begin() -> MetadataRecord {
    BeginTransactionRecord::default().into()
}

fn image_of(records: &[MetadataRecord]) -> Image {
    let mut image = Image::default();
    for (offset, record) in (0..).zip(records) {
        image.replay(Offset::new(offset), record).expect("fits");
    }
    image
}

/// One of everything that a snapshot holds.
fn everything() -> Vec<MetadataRecord> {
    let entity = EntityData { entity_type: Str::from("user"), entity_name: None };
    let controller = RegisterControllerRecord {
        controller_id: 3,
        incarnation_id: uuid(4),
        ..RegisterControllerRecord::default()
    };
    let quota = ClientQuotaRecord {
        entity: vec![entity],
        key: Str::from("producer_byte_rate"),
        value: 1.5,
        remove: false,
    };
    let acl = AccessControlEntryRecord {
        id: uuid(5),
        resource_type: 2,
        resource_name: Str::from("a"),
        pattern_type: 3,
        principal: Str::from("User:x"),
        host: Str::from("*"),
        operation: 3,
        permission_type: 3,
    };
    let credential = UserScramCredentialRecord {
        name: Str::from("x"),
        mechanism: 2,
        salt: Bytes::from_static(b"s"),
        stored_key: Bytes::from_static(b"k"),
        server_key: Bytes::from_static(b"v"),
        iterations: 4096,
    };
    let token = DelegationTokenRecord {
        owner: Str::from("User:x"),
        requester: Str::from("User:x"),
        renewers: vec![],
        issue_timestamp: 1,
        max_timestamp: 3,
        expiration_timestamp: 2,
        token_id: Str::from("t"),
    };
    vec![
        feature("metadata.version", 30),
        feature("group.version", 1),
        register(1, 2),
        register(2, 3),
        controller.into(),
        topic("a", 1),
        partition(1, 0),
        partition(1, 1),
        topic("b", 2),
        partition(2, 0),
        config(2, "a", "retention.ms", Some("1")),
        config(4, "", "num.io.threads", Some("2")),
        quota.into(),
        ProducerIdsRecord { broker_id: -1, broker_epoch: -1, next_producer_id: 2000 }.into(),
        acl.into(),
        credential.into(),
        token.into(),
    ]
}

#[test]
fn a_snapshot_is_the_records_in_kafkas_order_and_makes_the_same_image() {
    let image = image_of(&everything());
    let records: Vec<_> = image.to_records(MetadataVersion::LATEST).collect();
    assert_eq!(records, everything());
    let again: Vec<_> = image_of(&records).to_records(MetadataVersion::LATEST).collect();
    assert_eq!(again, records);
}

#[test]
fn every_record_of_a_snapshot_can_be_written_in_its_version() {
    let image = image_of(&everything());
    let versions = [
        MetadataVersion::LATEST,
        MetadataVersion::ELR,
        MetadataVersion::DIRECTORIES,
        MetadataVersion::MINIMUM,
    ];
    for version in versions {
        for record in image.to_records(version) {
            let bytes =
                record.encode(version.record_version(&record)).expect("fits the version").into_bytes();
            assert_eq!(MetadataRecord::decode(bytes), Ok(record));
        }
    }
}

#[test]
fn an_older_version_leaves_out_what_it_cannot_say() {
    let image = image_of(&everything());
    let records: Vec<_> = image.to_records(MetadataVersion::MINIMUM).collect();
    assert_eq!(records[0], feature("metadata.version", 7));
    let old = image_of(&records);
    let partition = old.topics().partition(TopicId::new(uuid(1)), PartitionId::new(0)).expect("kept");
    assert_eq!(*partition.directories, [DirectoryId::MIGRATING; 2]);
}

#[test]
fn a_partition_change_moves_the_epochs_as_kafka_does() {
    let mut image = image_of(&[topic("a", 1), partition(1, 0)]);
    let change = |f: fn(&mut PartitionChangeRecord)| {
        let mut record =
            PartitionChangeRecord { partition_id: 0, topic_id: uuid(1), ..PartitionChangeRecord::default() };
        f(&mut record);
        MetadataRecord::from(record)
    };
    let id = (TopicId::new(uuid(1)), PartitionId::new(0));

    image.replay(Offset::new(2), &change(|r| r.isr = Some(vec![1]))).expect("fits");
    let now = image.topics().partition(id.0, id.1).expect("is there");
    assert_eq!((now.leader_epoch, now.partition_epoch), (LeaderEpoch::new(0), PartitionEpoch::new(1)));
    assert_eq!(*now.isr, [BrokerId::new(1)]);

    image.replay(Offset::new(3), &change(|r| (r.leader, r.leader_recovery_state) = (2, 1))).expect("fits");
    let now = image.topics().partition(id.0, id.1).expect("is there");
    assert_eq!((now.leader_epoch, now.partition_epoch), (LeaderEpoch::new(1), PartitionEpoch::new(2)));
    assert_eq!((now.leader, now.recovery), (Some(BrokerId::new(2)), LeaderRecovery::Recovering));
    assert_eq!(now.directory(BrokerId::new(2)), Some(DirectoryId::new(uuid(8))));

    image.replay(Offset::new(4), &change(|r| r.leader = -1)).expect("fits");
    assert_eq!(image.topics().partition(id.0, id.1).expect("is there").leader, None);

    let odd = change(|r| r.replicas = Some(vec![1, 2, 3]));
    let error = image.replay(Offset::new(5), &odd).expect_err("three replicas, two directories");
    assert!(matches!(error, ReplayError::DirectoryCount { replicas: 3, directories: 2, .. }));
}

#[test]
fn removing_a_topic_takes_partitions_and_configs_along() {
    let mut image = image_of(&everything());
    let remove = MetadataRecord::from(RemoveTopicRecord { topic_id: uuid(1) });
    let before = image.topics().find("a").expect("is there").clone();
    assert_eq!(image.replay(Offset::new(50), &remove), Ok(Change::TopicDeleted(before)));
    assert!(image.topics().find("a").is_none());
    assert!(image.configs().of(&ConfigResource::topic("a")).is_none());
    assert!(image.configs().of(&ConfigResource::cluster()).is_some());
    assert_eq!(image.replay(Offset::new(51), &remove), Err(ReplayError::UnknownTopicId(uuid(1))));
    // The name may live again, under another id.
    image.replay(Offset::new(52), &topic("a", 9)).expect("fits");
    let taken = ReplayError::TopicNameTaken {
        name: TopicName::new("a"),
        existing: TopicId::new(uuid(9)),
        id: TopicId::new(uuid(8)),
    };
    assert_eq!(image.replay(Offset::new(53), &topic("a", 8)), Err(taken));
}

#[test]
fn a_registration_changes_only_under_its_epoch() {
    let mut image = image_of(&[register(1, 5)]);
    let change = |epoch, f: fn(&mut BrokerRegistrationChangeRecord)| {
        let mut record =
            BrokerRegistrationChangeRecord { broker_id: 1, broker_epoch: epoch, ..Default::default() };
        f(&mut record);
        MetadataRecord::from(record)
    };
    assert!(!image.cluster().is_active(BrokerId::new(1)));
    let stale = ReplayError::BrokerEpoch { id: BrokerId::new(1), registered: BrokerEpoch::new(5), given: 4 };
    assert_eq!(image.replay(Offset::new(1), &change(4, |r| r.fenced = -1)), Err(stale));
    image.replay(Offset::new(2), &change(5, |r| r.fenced = -1)).expect("fits");
    assert!(image.cluster().is_active(BrokerId::new(1)));
    image.replay(Offset::new(3), &change(5, |r| r.in_controlled_shutdown = 1)).expect("fits");
    assert!(!image.cluster().is_active(BrokerId::new(1)));
    image.replay(Offset::new(4), &change(5, |r| r.cordoned_log_dirs = Some(vec![uuid(9)]))).expect("fits");
    assert!(!image.cluster().broker(BrokerId::new(1)).expect("is there").has_uncordoned_dir());
    let error = image.replay(Offset::new(5), &change(5, |r| r.fenced = 7)).expect_err("unknown");
    assert!(matches!(error, ReplayError::UnknownValue { field: "Fenced", value: 7, .. }));
    let unregister = MetadataRecord::from(UnregisterBrokerRecord { broker_id: 1, broker_epoch: 5 });
    image.replay(Offset::new(6), &unregister).expect("fits");
    assert_eq!(image.replay(Offset::new(7), &unregister), Err(ReplayError::UnknownBroker(BrokerId::new(1))));
}

#[test]
fn a_transaction_counts_once_it_ended_and_leaves_no_trace_when_aborted() {
    let mut image = image_of(&[begin(), topic("a", 1)]);
    assert!(image.in_transaction());
    assert!(image.settled().topics().is_empty());
    let abort = MetadataRecord::from(AbortTransactionRecord::default());
    image.replay(Offset::new(2), &abort).expect("fits");
    assert!(image.topics().is_empty());
    assert_eq!(image.last_offset(), Some(Offset::new(2)));

    image.replay(Offset::new(3), &begin()).expect("fits");
    image.replay(Offset::new(4), &topic("a", 1)).expect("fits");
    assert!(image.replay(Offset::new(5), &begin()).is_err());
    let end = MetadataRecord::from(EndTransactionRecord);
    image.replay(Offset::new(6), &end).expect("fits");
    assert_eq!(image.settled().topics().len(), 1);
    assert!(image.replay(Offset::new(7), &end).is_err());
}

#[test]
fn the_first_fault_is_kept_and_the_image_goes_on() {
    let mut image = Image::default();
    assert_eq!(image.apply(Offset::new(3), &partition(1, 0)), Change::None);
    image.apply(Offset::new(4), &partition(2, 0));
    image.apply(Offset::new(5), &topic("a", 1));
    let fault = image.fault().expect("noted");
    assert_eq!((fault.offset, &fault.error), (Offset::new(3), &ReplayError::UnknownTopicId(uuid(1))));
    assert_eq!(image.topics().len(), 1);
    assert_eq!(image.last_offset(), Some(Offset::new(5)));
}

#[test]
fn eligible_leaders_are_cleared_by_topic_or_all_at_once() {
    let with_elr = |topic| {
        let record =
            PartitionRecord { eligible_leader_replicas: Some(vec![2]), ..partition_record(topic, 0) };
        MetadataRecord::from(record)
    };
    let mut image = image_of(&[topic("a", 1), with_elr(1), topic("b", 2), with_elr(2), partition(2, 1)]);
    let clear = |name: &str| MetadataRecord::from(ClearElrRecord { topic_name: Str::from(name) });
    let cleared = |id| Change::ElrCleared(vec![(TopicId::new(uuid(id)), PartitionId::new(0))]);
    assert_eq!(image.replay(Offset::new(9), &clear("a")), Ok(cleared(1)));
    assert_eq!(image.replay(Offset::new(10), &clear("")), Ok(cleared(2)));
    assert!(image.replay(Offset::new(11), &clear("none")).is_err());
}

#[test]
fn clones_share_what_they_have_in_common() {
    let mut records = vec![topic("a", 1), topic("b", 2)];
    records.extend((0..10_000).map(|index| partition(1, index)));
    let image = image_of(&records);
    let mut changed = image.clone();
    assert!(changed.topics().by_id().ptr_eq(image.topics().by_id()));

    changed.replay(Offset::new(20_000), &partition(2, 0)).expect("fits");
    let partitions = |image: &Image| image.topics().find("a").expect("is there").partitions().clone();
    assert!(partitions(&changed).ptr_eq(&partitions(&image)), "a change of one topic copied another");
    assert_eq!(image.topics().partitions().count(), 10_000);
    assert_eq!(changed.topics().partitions().count(), 10_001);
}

#[test]
fn a_snapshot_stands_for_what_lies_before_its_end_and_for_nothing_at_it() {
    let records = [topic("a", 1), partition(1, 0)];
    let mut image = Image::from_snapshot(Offset::new(120), &records).expect("fits");
    assert_eq!(image.last_offset(), Some(Offset::new(119)));
    // The first record behind it is news, and another snapshot would end behind that.
    image.replay(Offset::new(120), &topic("b", 2)).expect("fits");
    assert_eq!(image.last_offset(), Some(Offset::new(120)));
    assert_eq!(Image::from_snapshot(Offset::ZERO, []).expect("nothing").last_offset(), None);
    assert!(Image::from_snapshot(Offset::new(9), &[partition(1, 0)]).is_err());
}
