use broker_node::fetcher::Wanted;
use broker_protocol::{Records, messages::fetch_response::FetchableTopicResponse};
use broker_records::{BatchBuilder, NewRecord};
use broker_types::Uuid;

use super::*;

fn key(topic: u8, partition: i32) -> Key {
    Key { topic: TopicId::new(Uuid::from_bytes([topic; 16])), partition: PartitionId::new(partition) }
}

const CALLER: Caller = Caller {
    me: BrokerId::new(3),
    epoch: Some(BrokerEpoch::new(40)),
    wait_max_ms: 500,
    bytes_min: 1,
    response_bytes_max: 10,
    partition_bytes_max: 5,
};

fn asked(key: Key) -> (Key, Wanted, Offset) {
    let wanted = Wanted {
        epoch: LeaderEpoch::new(6),
        offset: Offset::new(70),
        last_epoch: None,
        log_start: Offset::new(20),
    };
    (key, wanted, Offset::new(60))
}

#[test]
fn a_request_keeps_the_order_of_its_partitions() {
    let request = Request {
        session_id: 9,
        session_epoch: 4,
        partitions: vec![asked(key(1, 0)), asked(key(1, 3)), asked(key(2, 0)), asked(key(1, 1))],
        forgotten: vec![key(1, 7), key(1, 8)],
    };
    let sent = fetch_request(CALLER, &request, 18);
    let order: Vec<Vec<i32>> = sent
        .topics
        .iter()
        .map(|topic| topic.partitions.iter().map(|partition| partition.partition).collect())
        .collect();
    assert_eq!(order, [vec![0, 3], vec![0], vec![1]]);
    assert_eq!(sent.forgotten_topics_data[0].partitions, [7, 8]);
    assert_eq!((sent.session_id, sent.session_epoch, sent.max_bytes, sent.min_bytes), (9, 4, 10, 1));
    let first = &sent.topics[0].partitions[0];
    assert_eq!((first.current_leader_epoch, first.fetch_offset, first.log_start_offset), (6, 70, 20));
    assert_eq!((first.last_fetched_epoch, first.high_watermark, first.partition_max_bytes), (-1, 60, 5));
}

#[test]
fn who_fetches_stands_where_the_version_has_it() {
    let request = Request { session_id: 0, session_epoch: 0, partitions: vec![], forgotten: vec![] };
    let sent = fetch_request(CALLER, &request, 15);
    let state = ReplicaState { replica_id: 3, replica_epoch: 40 };
    assert_eq!((sent.replica_id, sent.replica_state), (-1, state));
    let sent = fetch_request(CALLER, &request, 14);
    assert_eq!((sent.replica_id, sent.replica_state), (3, ReplicaState::default()));
}

fn batch() -> Bytes {
    let mut batch = BatchBuilder::new(Offset::ZERO);
    batch.append(&NewRecord { value: Some(b"x"), ..NewRecord::default() }).unwrap();
    batch.build()
}

#[test]
fn only_whole_batches_are_written() {
    let batch = batch();
    let two_and_a_bit = [&batch[..], &batch[..], &batch[..batch.len() - 1]].concat();
    assert_eq!(whole_batches(two_and_a_bit.into()).len(), 2 * batch.len());
    assert_eq!(whole_batches(batch.slice(..30)).len(), 0);
    let nonsense = Bytes::from_static(&[9; 100]);
    assert_eq!(whole_batches(nonsense.clone()), nonsense, "the log says what is wrong with it");
}

#[test]
fn an_answer_is_read_partition_by_partition() {
    let data = |partition_index, error: ErrorCode| PartitionData {
        partition_index,
        error_code: error.code(),
        high_watermark: 12,
        log_start_offset: 3,
        ..PartitionData::default()
    };
    let mut parted = data(1, ErrorCode::None);
    (parted.diverging_epoch.epoch, parted.diverging_epoch.end_offset) = (4, 9);
    let with_records = PartitionData { records: Some(Records::Bytes(batch())), ..data(0, ErrorCode::None) };
    let failed = [ErrorCode::OffsetOutOfRange, ErrorCode::FencedLeaderEpoch, ErrorCode::UnknownLeaderEpoch];
    let failed = (2..).zip(failed).map(|(index, error)| data(index, error));
    let topic = FetchableTopicResponse {
        topic_id: Uuid::from_bytes([1; 16]),
        partitions: [with_records, parted].into_iter().chain(failed).collect(),
        ..FetchableTopicResponse::default()
    };
    let response = FetchResponse { session_id: 9, responses: vec![topic], ..FetchResponse::default() };
    let (answer, records) = answer(response);
    let told = |bytes, diverging| Told {
        high_watermark: Offset::new(12),
        log_start: Offset::new(3),
        diverging,
        bytes,
    };
    let diverging = EpochEnd { epoch: LeaderEpoch::new(4), end: Offset::new(9) };
    let expected = [
        Ok(told(batch().len(), None)),
        Ok(told(0, Some(diverging))),
        Err(PartitionFailure::OutOfRange),
        Err(PartitionFailure::FencedEpoch),
        Err(PartitionFailure::Other),
    ];
    let answered = answer.outcome.unwrap();
    assert_eq!(answered.iter().map(|one| one.outcome).collect::<Vec<_>>(), expected);
    assert_eq!((answer.session, answered[4].partition, records.len()), (9, key(1, 4), 5));
    assert_eq!(records[0], batch());
}

#[test]
fn a_refused_fetch_says_what_becomes_of_the_session() {
    let refused = |error: ErrorCode| {
        let response = FetchResponse { error_code: error.code(), ..FetchResponse::default() };
        answer(response).0.outcome.unwrap_err()
    };
    assert_eq!(refused(ErrorCode::FetchSessionIdNotFound), FetchFailure::SessionNotFound);
    assert_eq!(refused(ErrorCode::InvalidFetchSessionEpoch), FetchFailure::SessionEpoch);
    assert_eq!(refused(ErrorCode::FetchSessionTopicIdError), FetchFailure::SessionEpoch);
    assert_eq!(refused(ErrorCode::ClusterAuthorizationFailed), FetchFailure::Other);
}
