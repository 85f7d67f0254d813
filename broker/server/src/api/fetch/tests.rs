mod consumers;
mod replicas;

use std::{
    pin::{Pin, pin},
    task::{Context, Waker},
};

use broker_protocol::{
    ApiKey, Str,
    messages::{
        fetch_request::{FetchPartition, FetchTopic},
        fetch_response::PartitionData,
    },
};
use broker_types::Uuid;

use super::*;
use crate::testing::{TestBroker, context};

const BY_NAME: i16 = 12;
const BY_ID: i16 = 17;
/// A wait that no test sits out.
const LONG_MS: i32 = 600_000;

fn wanted(offset: i64) -> Vec<FetchPartition> {
    vec![FetchPartition { fetch_offset: offset, partition_max_bytes: 1 << 20, ..FetchPartition::default() }]
}

fn topic(name: &str, offset: i64) -> FetchTopic {
    FetchTopic { topic: Str::from(name), partitions: wanted(offset), ..FetchTopic::default() }
}

fn request(topics: Vec<FetchTopic>, min_bytes: i32, max_wait_ms: i32) -> FetchRequest {
    FetchRequest { topics, min_bytes, max_wait_ms, ..FetchRequest::default() }
}

async fn fetch(test: &TestBroker, version: i16, request: FetchRequest) -> FetchResponse {
    handle(&test.broker, &context(ApiKey::Fetch, version), request).await.response
}

/// The only partition that was answered.
fn only(response: &FetchResponse) -> &PartitionData {
    assert_eq!((response.error_code, response.responses.len()), (0, 1), "{response:?}");
    &response.responses[0].partitions[0]
}

fn bytes(partition: &PartitionData) -> usize {
    partition.records.as_ref().map_or(0, broker_protocol::Records::len)
}

fn is_pending<F: Future>(future: Pin<&mut F>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

#[tokio::test]
async fn an_append_wakes_a_parked_fetch() {
    let test = TestBroker::with_topics(&["a", "b"]).await;
    let mut parked = pin!(fetch(&test, BY_NAME, request(vec![topic("a", 0), topic("b", 0)], 1, LONG_MS)));
    assert!(is_pending(parked.as_mut()));
    test.append("b", b"one");
    let response = parked.await;
    let read: Vec<_> = response.responses.iter().map(|topic| bytes(&topic.partitions[0]) > 0).collect();
    assert_eq!(read, [false, true]);
    assert_eq!(response.responses[1].partitions[0].high_watermark, 1);
}

#[tokio::test]
async fn too_little_parks_again_until_it_is_enough() {
    let test = TestBroker::with_topics(&["a"]).await;
    let mut parked = pin!(fetch(&test, BY_NAME, request(vec![topic("a", 0)], 300, LONG_MS)));
    assert!(is_pending(parked.as_mut()));
    test.append("a", &[0; 100]);
    assert!(is_pending(parked.as_mut()), "one batch is too little");
    test.append("a", &[0; 200]);
    let response = parked.await;
    assert!(bytes(only(&response)) >= 300);
    assert_eq!(only(&response).high_watermark, 2);
}

#[tokio::test]
async fn what_there_is_comes_when_the_wait_is_over() {
    let test = TestBroker::with_topics(&["a"]).await;
    test.append("a", b"one");
    for max_wait_ms in [0, 20] {
        let response = fetch(&test, BY_NAME, request(vec![topic("a", 0)], 1 << 20, max_wait_ms)).await;
        assert!(bytes(only(&response)) > 0, "after {max_wait_ms} ms");
        let response = fetch(&test, BY_NAME, request(vec![topic("a", 1)], 1, max_wait_ms)).await;
        assert_eq!((bytes(only(&response)), only(&response).error_code), (0, 0));
    }
}

#[tokio::test]
async fn the_end_of_the_broker_answers_who_is_parked() {
    let test = TestBroker::with_topics(&["a"]).await;
    let mut parked = pin!(fetch(&test, BY_NAME, request(vec![topic("a", 0)], 1, LONG_MS)));
    assert!(is_pending(parked.as_mut()));
    test.broker.tasks().drain();
    assert_eq!(bytes(only(&parked.await)), 0);
}

#[tokio::test]
async fn a_fault_is_answered_at_once_with_kafkas_code() {
    let test = TestBroker::with_topics(&["a"]).await;
    test.append("a", b"one");
    for offset in [2, 100, -1] {
        let response = fetch(&test, BY_NAME, request(vec![topic("a", offset)], 1, LONG_MS)).await;
        assert_eq!(only(&response).error_code, ErrorCode::OffsetOutOfRange.code(), "offset {offset}");
    }
    let response = fetch(&test, BY_NAME, request(vec![topic("missing", 0)], 1, LONG_MS)).await;
    assert_eq!(only(&response).error_code, ErrorCode::UnknownTopicOrPartition.code());
    let mut stale = topic("a", 0);
    stale.partitions[0].current_leader_epoch = 100;
    let response = fetch(&test, BY_NAME, request(vec![stale], 1, LONG_MS)).await;
    assert_eq!(only(&response).error_code, ErrorCode::UnknownLeaderEpoch.code());
}

#[tokio::test]
async fn topics_are_known_by_their_ids() {
    let test = TestBroker::with_topics(&["a"]).await;
    test.append("a", b"one");
    let by_id = |topic_id| FetchTopic { topic_id, partitions: wanted(0), ..FetchTopic::default() };
    let id = test.partition("a").topic_id().uuid();
    let response = fetch(&test, BY_ID, request(vec![by_id(id)], 1, LONG_MS)).await;
    assert_eq!(response.responses[0].topic_id, id);
    assert!(bytes(only(&response)) > 0);
    let unknown = Uuid::from_random([7; 16]).unwrap();
    let response = fetch(&test, BY_ID, request(vec![by_id(unknown)], 1, LONG_MS)).await;
    assert_eq!(only(&response).error_code, ErrorCode::UnknownTopicId.code());
}

#[tokio::test]
async fn a_session_answers_what_is_new_only() {
    let test = TestBroker::with_topics(&["a", "b"]).await;
    test.append("a", b"one");
    let opening = FetchRequest { session_epoch: 0, ..request(vec![topic("a", 0), topic("b", 0)], 0, 0) };
    let opened = fetch(&test, BY_NAME, opening).await;
    assert_eq!((opened.error_code, opened.responses.len()), (0, 2));
    assert_ne!(opened.session_id, 0);
    let next = |session_epoch, topics| FetchRequest {
        session_id: opened.session_id,
        session_epoch,
        ..request(topics, 0, 0)
    };
    // The consumer has read its record: nothing is new.
    let response = fetch(&test, BY_NAME, next(1, vec![topic("a", 1)])).await;
    assert_eq!((response.error_code, response.responses.len()), (0, 0));
    test.append("b", b"two");
    let response = fetch(&test, BY_NAME, next(2, vec![])).await;
    assert_eq!(response.responses[0].topic.as_str(), "b");
    assert!(bytes(only(&response)) > 0);
    // Epochs come one after the other, and a session is known by its id.
    let response = fetch(&test, BY_NAME, next(7, vec![])).await;
    assert_eq!(response.error_code, ErrorCode::InvalidFetchSessionEpoch.code());
    let stranger = FetchRequest { session_id: opened.session_id.wrapping_add(1), ..next(3, vec![]) };
    let response = fetch(&test, BY_NAME, stranger).await;
    assert_eq!(response.error_code, ErrorCode::FetchSessionIdNotFound.code());
}
