//! What other replicas fetch.

use broker_protocol::messages::{
    ListOffsetsRequest,
    fetch_request::ReplicaState,
    list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
};
use broker_replication::Peer;
use broker_types::{BrokerEpoch, BrokerId, LeaderEpoch, PartitionEpoch};

use super::*;
use crate::{partition::Lead, throttles::ThrottledPartitions, topic_settings::TopicSettings};

/// The leadership of [`led_with`].
pub(super) const EPOCH: LeaderEpoch = LeaderEpoch::new(5);

/// A broker that leads `a`, whose in-sync replicas are itself and these.
async fn led_with(peers: &[i32]) -> TestBroker {
    let test = TestBroker::with_topics(&["a"]).await;
    lead_with(&test, peers);
    test
}

/// Leads `a`, which had one record, with itself and these in sync.
pub(super) fn lead_with(test: &TestBroker, peers: &[i32]) {
    test.append("a", b"of an earlier leadership");
    let peer = |id: &i32| Peer {
        broker: BrokerId::new(*id),
        eligible: Some(BrokerEpoch::new(100 + i64::from(*id))),
    };
    let lead = Lead {
        epoch: EPOCH,
        partition_epoch: PartitionEpoch::new(9),
        isr: [1].iter().chain(peers).map(|id| BrokerId::new(*id)).collect(),
        peers: peers.iter().map(peer).collect(),
    };
    test.partition("a").lead(test.broker.clock().now(), lead);
}

/// What replica `id` asks that has everything before `offset` and knows that before `high_watermark` it is committed.
pub(super) fn replica(
    test: &TestBroker,
    id: i32,
    offset: i64,
    high_watermark: i64,
    max_wait_ms: i32,
) -> FetchRequest {
    let topic_id = test.partition("a").topic_id().uuid();
    let mut partitions = wanted(offset);
    partitions[0].current_leader_epoch = EPOCH.get();
    partitions[0].high_watermark = high_watermark;
    let topic = FetchTopic { topic_id, partitions, ..FetchTopic::default() };
    FetchRequest {
        replica_state: ReplicaState { replica_id: id, replica_epoch: i64::from(100 + id) },
        ..request(vec![topic], 1, max_wait_ms)
    }
}

#[tokio::test]
async fn a_replica_reads_what_is_not_committed_and_commits_it_by_asking_for_the_rest() {
    let test = led_with(&[2]).await;
    test.append("a", b"one");
    let mut consumer = pin!(fetch(&test, BY_NAME, request(vec![topic("a", 1)], 1, LONG_MS)));
    assert!(is_pending(consumer.as_mut()), "it is not committed yet");
    let response = fetch(&test, BY_ID, replica(&test, 2, 1, 1, LONG_MS)).await;
    assert!(bytes(only(&response)) > 0);
    assert_eq!(only(&response).high_watermark, 1);
    assert!(is_pending(consumer.as_mut()), "the replica was sent it, and may not have it");
    let response = fetch(&test, BY_ID, replica(&test, 2, 2, 1, LONG_MS)).await;
    assert_eq!((bytes(only(&response)), only(&response).high_watermark), (0, 2), "told soon");
    assert!(bytes(only(&consumer.await)) > 0);
}

#[tokio::test]
async fn an_append_wakes_a_parked_replica_before_it_is_committed() {
    let test = led_with(&[2]).await;
    let mut parked = pin!(fetch(&test, BY_ID, replica(&test, 2, 1, 1, LONG_MS)));
    assert!(is_pending(parked.as_mut()));
    test.append("a", b"one");
    let response = parked.await;
    assert!(bytes(only(&response)) > 0);
    assert_eq!(only(&response).high_watermark, 1);
}

#[tokio::test]
async fn a_parked_replica_learns_what_is_committed_if_it_says_what_it_knows() {
    let test = led_with(&[2, 3]).await;
    test.append("a", b"one");
    let mut parked = pin!(fetch(&test, BY_ID, replica(&test, 2, 2, 1, LONG_MS)));
    let mut silent = pin!(fetch(&test, BY_ID, replica(&test, 2, 2, i64::MAX, LONG_MS)));
    assert!(is_pending(parked.as_mut()));
    assert!(is_pending(silent.as_mut()));
    fetch(&test, BY_ID, replica(&test, 3, 2, 1, LONG_MS)).await;
    assert_eq!(only(&parked.await).high_watermark, 2);
    assert!(is_pending(silent.as_mut()), "it waits for records, as with Kafka");
}

#[tokio::test]
async fn a_session_remembers_what_a_replica_was_told() {
    let test = led_with(&[2]).await;
    test.append("a", b"one");
    let opening = FetchRequest { session_epoch: 0, ..replica(&test, 2, 2, 1, LONG_MS) };
    let opened = fetch(&test, BY_ID, opening).await;
    assert_eq!(only(&opened).high_watermark, 2);
    let next = FetchRequest {
        session_id: opened.session_id,
        session_epoch: 1,
        topics: vec![],
        ..replica(&test, 2, 2, 1, LONG_MS)
    };
    let mut parked = pin!(fetch(&test, BY_ID, next));
    assert!(is_pending(parked.as_mut()), "nothing is new");
    test.append("a", b"two");
    assert!(bytes(only(&parked.await)) > 0);
}

#[tokio::test]
async fn where_logs_part_is_told_at_once_and_counts_not_as_having_them() {
    let test = led_with(&[2]).await;
    test.append("a", b"one");
    let mut parted = replica(&test, 2, 7, 1, LONG_MS);
    parted.topics[0].partitions[0].last_fetched_epoch = EPOCH.get() - 1;
    let response = fetch(&test, BY_ID, parted).await;
    let diverging = &only(&response).diverging_epoch;
    assert_eq!((diverging.end_offset, only(&response).error_code, bytes(only(&response))), (1, 0, 0));
    assert_eq!(only(&response).high_watermark, 1);
}

#[tokio::test]
async fn offsets_and_epochs_that_are_not_here_are_out_of_range() {
    let test = led_with(&[2]).await;
    let out_of_range = ErrorCode::OffsetOutOfRange.code();
    let response = fetch(&test, BY_ID, replica(&test, 2, 7, 1, LONG_MS)).await;
    assert_eq!(only(&response).error_code, out_of_range);
    let mut younger = replica(&test, 2, 1, 1, LONG_MS);
    younger.topics[0].partitions[0].last_fetched_epoch = EPOCH.get() + 1;
    let response = fetch(&test, BY_ID, younger).await;
    assert_eq!(only(&response).error_code, out_of_range);
    let response = fetch(&test, BY_ID, replica(&test, 2, 1, 1, 0)).await;
    assert_eq!(only(&response).high_watermark, 1, "neither said where the replica is");
}

#[tokio::test]
async fn who_has_no_replica_or_had_another_life_is_refused() {
    let test = led_with(&[2]).await;
    let response = fetch(&test, BY_ID, replica(&test, 3, 1, 1, LONG_MS)).await;
    assert_eq!(only(&response).error_code, ErrorCode::UnknownLeaderEpoch.code());
    let mut nameless = replica(&test, 3, 1, 1, LONG_MS);
    nameless.topics[0].partitions[0].current_leader_epoch = -1;
    let response = fetch(&test, BY_ID, nameless).await;
    assert_eq!(only(&response).error_code, ErrorCode::NotLeaderOrFollower.code());
    // The only broker that is registered here is this one.
    let registered = test.broker.broker_epoch().unwrap().get();
    let mut earlier = replica(&test, 1, 1, 1, LONG_MS);
    earlier.replica_state.replica_epoch = registered - 1;
    let response = fetch(&test, BY_ID, earlier).await;
    assert_eq!(only(&response).error_code, ErrorCode::NotLeaderOrFollower.code());
}

#[tokio::test]
async fn the_end_of_a_leadership_answers_parked_replicas() {
    let test = led_with(&[2]).await;
    let mut parked = pin!(fetch(&test, BY_ID, replica(&test, 2, 1, 1, LONG_MS)));
    assert!(is_pending(parked.as_mut()));
    test.partition("a").follow(test.broker.clock().now(), EPOCH.next());
    assert_eq!(only(&parked.await).error_code, ErrorCode::FencedLeaderEpoch.code());
    let mut nameless = replica(&test, 2, 1, 1, LONG_MS);
    nameless.topics[0].partitions[0].current_leader_epoch = -1;
    let response = fetch(&test, BY_ID, nameless).await;
    assert_eq!(only(&response).error_code, ErrorCode::NotLeaderOrFollower.code());
}

#[tokio::test]
async fn a_replica_asks_for_the_end_of_the_log_and_a_consumer_for_what_is_committed() {
    let test = led_with(&[2]).await;
    test.append("a", b"one");
    for (replica_id, end) in [(2, 2), (-1, 1)] {
        let latest = ListOffsetsPartition {
            timestamp: -1,
            current_leader_epoch: EPOCH.get(),
            ..ListOffsetsPartition::default()
        };
        let topic = ListOffsetsTopic { name: Str::from("a"), partitions: vec![latest] };
        let request = ListOffsetsRequest { replica_id, topics: vec![topic], ..ListOffsetsRequest::default() };
        let context = context(ApiKey::ListOffsets, 9);
        let response = crate::api::list_offsets::handle(&test.broker, &context, request).await;
        assert_eq!(response.topics[0].partitions[0].offset, end);
    }
}

/// KIP-73: in-sync replicas are never throttled, the others only where the topic says so.
#[tokio::test]
async fn a_throttled_replica_out_of_sync_gets_nothing_while_the_quota_is_used_up() {
    let test = led_with(&[2]).await;
    test.append("a", &[0; 2_000]);
    let partition = test.partition("a");
    let now = test.broker.clock().now();
    let in_sync_without_2 = Lead {
        epoch: EPOCH,
        partition_epoch: PartitionEpoch::new(10),
        isr: [BrokerId::new(1)].into(),
        peers: vec![Peer { broker: BrokerId::new(2), eligible: None }],
    };
    let throttle = |is_throttled: bool| {
        let mut settings = TopicSettings::clone(&partition.settings());
        let list = if is_throttled { vec!["0:1".to_owned()] } else { Vec::new() };
        settings.throttled_as_leader = ThrottledPartitions::of(&list, BrokerId::new(1));
        partition.set_settings(now, Arc::new(settings));
    };
    let rate = [("leader.replication.throttled.rate".to_owned(), "1".to_owned())];
    test.broker.throttles().follow(&rate.into());
    let ask = async || bytes(only(&fetch(&test, BY_ID, replica(&test, 2, 0, 0, 0)).await));
    throttle(true);
    assert!(ask().await > 2_000, "the first copy goes past the quota");
    assert!(ask().await > 2_000, "it is in sync");
    partition.lead(now, in_sync_without_2);
    assert_eq!(ask().await, 0);
    let mut parked = pin!(fetch(&test, BY_ID, replica(&test, 2, 0, 0, LONG_MS)));
    assert!(is_pending(parked.as_mut()), "what it may not have ends no wait");
    throttle(false);
    assert!(ask().await > 2_000);
}
