//! Consumers that read from a replica in their own rack (KIP-392).

use std::sync::Arc;

use broker_metadata::Image;
use broker_protocol::{
    messages::{
        ListOffsetsRequest,
        list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
    },
    records::metadata::{RegisterBrokerRecord, UnfenceBrokerRecord, register_broker_record::BrokerEndpoint},
};
use broker_types::{Offset, Uuid};

use super::{
    replicas::{EPOCH, lead_with, replica},
    *,
};
use crate::partition::FromLeader;

const RACK_AWARE: (&str, &str) =
    ("replica.selector.class", "org.apache.kafka.common.replica.RackAwareReplicaSelector");
const NEAR: &str = "near";
/// The last version without racks.
const BEFORE_RACKS: i16 = 10;

/// Broker 1, which is far, leads `a`; broker 2 is registered in rack `near`, in sync, and has both records.
async fn led_from_afar(more: &[(&str, &str)]) -> TestBroker {
    let test = TestBroker::with_properties(1, &["data"], more, &["a"]).await;
    let end_points = vec![BrokerEndpoint {
        name: Str::from("PLAINTEXT"),
        host: Str::from("127.0.0.1"),
        port: 1,
        ..BrokerEndpoint::default()
    }];
    let registered = RegisterBrokerRecord {
        broker_id: 2,
        incarnation_id: Uuid::from_bytes([7; 16]),
        broker_epoch: 102,
        end_points,
        fenced: true,
        rack: Some(Str::from(NEAR)),
        ..RegisterBrokerRecord::default()
    };
    let mut image = Image::clone(&test.broker.image());
    let at = image.last_offset().map_or(0, Offset::get);
    image.apply(Offset::new(at + 1), &registered.into());
    image.apply(Offset::new(at + 2), &UnfenceBrokerRecord { id: 2, epoch: 102 }.into());
    assert_eq!(image.fault(), None);
    test.broker.image.store(Arc::new(image));
    lead_with(&test, &[2]);
    test.append("a", b"two");
    fetch(&test, BY_ID, replica(&test, 2, 2, 0, 0)).await;
    test
}

fn from(rack: &str, offset: i64) -> FetchRequest {
    FetchRequest { rack_id: Str::from(rack), ..request(vec![topic("a", offset)], 1, LONG_MS) }
}

#[tokio::test]
async fn a_consumer_is_sent_to_the_replica_in_its_rack_at_once_and_gets_nothing_here() {
    let test = led_from_afar(&[RACK_AWARE]).await;
    for offset in [0, 2] {
        let response = fetch(&test, BY_NAME, from(NEAR, offset)).await;
        let sent = only(&response);
        assert_eq!((sent.preferred_read_replica, sent.error_code, bytes(sent)), (2, 0, 0));
        assert_eq!((sent.high_watermark, sent.log_start_offset), (2, 0));
    }
    let response = fetch(&test, BY_NAME, from("elsewhere", 0)).await;
    assert_eq!(only(&response).preferred_read_replica, -1);
    assert!(bytes(only(&response)) > 0);
    let response = fetch(&test, BY_NAME, request(vec![topic("a", 0)], 1, LONG_MS)).await;
    assert_eq!(only(&response).preferred_read_replica, -1, "it does not say where it is");
}

#[tokio::test]
async fn without_a_selector_everybody_reads_from_the_leader() {
    let test = led_from_afar(&[]).await;
    let response = fetch(&test, BY_NAME, from(NEAR, 0)).await;
    assert_eq!(only(&response).preferred_read_replica, -1);
    assert!(bytes(only(&response)) > 0);
}

/// Broker 1 follows `a`: it has two records, of which it knows the first to be committed.
async fn following() -> TestBroker {
    let test = TestBroker::with_topics(&["a"]).await;
    test.append("a", b"one");
    let now = test.broker.clock().now();
    test.partition("a").follow(now, EPOCH);
    hear(&test, 1, 1);
    test
}

/// The leader sends record `offset`, and what is committed.
fn hear(test: &TestBroker, offset: i64, high_watermark: i64) {
    let mut batch = broker_records::BatchBuilder::new(Offset::new(offset)).leader_epoch(EPOCH);
    batch.append(&broker_records::NewRecord { value: Some(b"x"), ..Default::default() }).unwrap();
    let fetched = FromLeader {
        records: &batch.build(),
        high_watermark: Offset::new(high_watermark),
        log_start: Offset::ZERO,
    };
    test.partition("a").append_fetched(test.broker.clock().now(), EPOCH, fetched).unwrap();
}

#[tokio::test]
async fn a_follower_serves_what_it_knows_to_be_committed_and_wakes_when_it_knows_more() {
    let test = following().await;
    let response = fetch(&test, BY_NAME, from(NEAR, 0)).await;
    assert_eq!(only(&response).high_watermark, 1);
    assert_eq!(only(&response).preferred_read_replica, -1);
    let one = bytes(only(&response));
    assert!(one > 0);
    let mut parked = pin!(fetch(&test, BY_NAME, from(NEAR, 1)));
    assert!(is_pending(parked.as_mut()), "it has the record, and does not know it to be committed");
    hear(&test, 2, 2);
    let response = parked.await;
    assert_eq!(only(&response).high_watermark, 2);
    assert!(bytes(only(&response)) > 0);
}

#[tokio::test]
async fn between_the_high_watermark_and_the_end_a_consumer_waits_and_after_the_end_it_is_told() {
    let test = following().await;
    for offset in [1, 2] {
        let at_once = FetchRequest { max_wait_ms: 0, ..from(NEAR, offset) };
        let response = fetch(&test, BY_NAME, at_once).await;
        assert_eq!((only(&response).error_code, bytes(only(&response))), (0, 0), "offset {offset}");
    }
    let response = fetch(&test, BY_NAME, from(NEAR, 3)).await;
    assert_eq!(only(&response).error_code, ErrorCode::OffsetOutOfRange.code());
}

#[tokio::test]
async fn a_follower_refuses_other_epochs_and_who_knows_leaders_only() {
    let test = following().await;
    let error = |response: &FetchResponse| ErrorCode::from_code(only(response).error_code).unwrap();
    let response = fetch(&test, BEFORE_RACKS, request(vec![topic("a", 0)], 1, LONG_MS)).await;
    assert_eq!(error(&response), ErrorCode::NotLeaderOrFollower);
    for (known, expected) in [(-1, ErrorCode::FencedLeaderEpoch), (1, ErrorCode::UnknownLeaderEpoch)] {
        let mut asked = from(NEAR, 0);
        asked.topics[0].partitions[0].current_leader_epoch = EPOCH.get() + known;
        assert_eq!(error(&fetch(&test, BY_NAME, asked).await), expected);
    }
    let mut asked = from(NEAR, 1);
    asked.topics[0].partitions[0].current_leader_epoch = EPOCH.get();
    let mut parked = pin!(fetch(&test, BY_NAME, asked));
    assert!(is_pending(parked.as_mut()));
    test.partition("a").follow(test.broker.clock().now(), EPOCH.next());
    assert_eq!(error(&parked.await), ErrorCode::FencedLeaderEpoch, "told when there is another leadership");
}

/// What ListOffsets of `a` answers to `replica_id`.
async fn list_offsets(test: &TestBroker, replica_id: i32, version: i16, timestamp: i64) -> (ErrorCode, i64) {
    let asked = ListOffsetsPartition { timestamp, current_leader_epoch: -1, ..Default::default() };
    let topics = vec![ListOffsetsTopic { name: Str::from("a"), partitions: vec![asked] }];
    let request = ListOffsetsRequest { replica_id, topics, ..ListOffsetsRequest::default() };
    let context = context(ApiKey::ListOffsets, version);
    let response = crate::api::list_offsets::handle(&test.broker, &context, request).await;
    let answer = &response.topics[0].partitions[0];
    (ErrorCode::from_code(answer.error_code).unwrap(), answer.offset)
}

/// Tools that compare replicas say so, and are told what this one has, committed or not.
#[tokio::test]
async fn a_follower_tells_its_ends_to_who_compares_replicas() {
    let test = TestBroker::with_topics(&["a"]).await;
    test.append("a", b"zero");
    test.append("a", b"one");
    test.partition("a").follow(test.broker.clock().now(), EPOCH);
    let (latest, earliest, at_some_time) = (-1, -2, 5);
    assert_eq!(list_offsets(&test, -2, 9, latest).await, (ErrorCode::None, 2));
    assert_eq!(list_offsets(&test, -2, 9, earliest).await, (ErrorCode::None, 0));
    assert_eq!(list_offsets(&test, -2, 9, at_some_time).await, (ErrorCode::NotLeaderOrFollower, -1));
    assert_eq!(list_offsets(&test, -1, 9, latest).await, (ErrorCode::NotLeaderOrFollower, -1));
}

/// KIP-207: what an earlier leader told to be committed may be more than a new one knows.
#[tokio::test]
async fn a_new_leader_tells_no_end_before_it_knows_what_was_committed() {
    let test = TestBroker::with_topics(&["a"]).await;
    test.append("a", b"zero");
    let now = test.broker.clock().now();
    test.partition("a").follow(now, EPOCH);
    hear(&test, 1, 1);
    lead_after_following(&test);
    let ask = async |version, timestamp| list_offsets(&test, -1, version, timestamp).await;
    assert_eq!(ask(9, -1).await, (ErrorCode::OffsetNotAvailable, -1));
    assert_eq!(ask(4, -1).await, (ErrorCode::LeaderNotAvailable, -1));
    assert_eq!(ask(9, i64::MAX).await, (ErrorCode::OffsetNotAvailable, -1), "nothing of that time is known");
    assert_eq!(ask(9, -2).await, (ErrorCode::None, 0));
    let mut caught_up = replica(&test, 2, 2, 1, 0);
    caught_up.topics[0].partitions[0].current_leader_epoch = EPOCH.get() + 1;
    fetch(&test, BY_ID, caught_up).await;
    assert_eq!(ask(9, -1).await, (ErrorCode::None, 2));
}

fn lead_after_following(test: &TestBroker) {
    let lead = crate::partition::Lead {
        epoch: EPOCH.next(),
        partition_epoch: broker_types::PartitionEpoch::new(10),
        isr: [1, 2].map(broker_types::BrokerId::new).into(),
        peers: vec![broker_replication::Peer {
            broker: broker_types::BrokerId::new(2),
            eligible: Some(broker_types::BrokerEpoch::new(102)),
        }],
    };
    test.partition("a").lead(test.broker.clock().now(), lead);
}
