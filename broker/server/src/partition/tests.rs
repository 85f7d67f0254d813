//! A replica that follows, and one that leads others.

use broker_node::fetcher::{EpochEnd, WriteFailure};
use broker_protocol::ErrorCode;
use broker_records::{BatchBuilder, NewRecord};
use broker_replication::{FollowerPosition, IsrAnswer};
use broker_types::{BrokerEpoch, ProducerEpoch, ProducerId, Sequence};

use super::*;
use crate::testing::TestBroker;

fn epoch(raw: i32) -> LeaderEpoch {
    LeaderEpoch::new(raw)
}

/// A batch of one record, as a leader stamped it.
fn batch(offset: i64, leader: i32) -> Vec<u8> {
    let mut batch = BatchBuilder::new(Offset::new(offset)).leader_epoch(epoch(leader));
    batch.append(&NewRecord { value: Some(b"x"), ..NewRecord::default() }).unwrap();
    batch.build().to_vec()
}

fn from_leader(records: &[u8], high_watermark: i64) -> FromLeader<'_> {
    FromLeader { records, high_watermark: Offset::new(high_watermark), log_start: Offset::ZERO }
}

/// A replica of `a` that follows in epoch 5 and has offsets 0 and 1 of epoch 3, 2 of epoch 4.
async fn following() -> (TestBroker, Arc<Partition>) {
    let test = TestBroker::with_topics(&["a"]).await;
    let (partition, now) = (test.partition("a"), test.broker.clock().now());
    partition.follow(now, epoch(5));
    for (offset, leader) in [(0, 3), (1, 3), (2, 4)] {
        partition.append_fetched(now, epoch(5), from_leader(&batch(offset, leader), 1)).unwrap();
    }
    (test, partition)
}

#[tokio::test]
async fn what_the_leader_sent_is_written_as_it_came() {
    let (test, partition) = following().await;
    let (followed, log) = partition.following().unwrap();
    assert_eq!((followed, log.end, log.last_epoch), (epoch(5), Offset::new(3), Some(epoch(4))));
    assert_eq!(log.high_watermark, Offset::new(1));
    let now = test.broker.clock().now();
    let log = partition.append_fetched(now, epoch(5), from_leader(&[], 9)).unwrap();
    assert_eq!(log.high_watermark, Offset::new(3), "no more than there is");
}

#[tokio::test]
async fn another_leadership_changes_nothing() {
    let (test, partition) = following().await;
    let now = test.broker.clock().now();
    for other in [4, 6] {
        let error = partition.append_fetched(now, epoch(other), from_leader(&batch(3, 4), 9)).unwrap_err();
        assert!(matches!(error, FollowError::NotFollower));
        assert_eq!(error.consequence(), WriteFailure::Stop);
        assert!(partition.restart_at(now, epoch(other), Offset::new(9)).is_err());
    }
    assert_eq!(partition.following().unwrap().1.end, Offset::new(3));
}

#[tokio::test]
async fn damage_on_the_way_is_not_written() {
    let (test, partition) = following().await;
    let now = test.broker.clock().now();
    let mut damaged = batch(3, 5);
    *damaged.last_mut().unwrap() ^= 1;
    let error = partition.append_fetched(now, epoch(5), from_leader(&damaged, 3)).unwrap_err();
    assert_eq!(error.consequence(), WriteFailure::TryAgain);
    assert_eq!(partition.following().unwrap().1.high_watermark, Offset::new(1));
}

#[tokio::test]
async fn the_log_is_cut_where_it_parts_from_the_leaders() {
    let (test, partition) = following().await;
    let now = test.broker.clock().now();
    let theirs = EpochEnd { epoch: epoch(3), end: Offset::new(9) };
    let log = partition.truncate_to_leader(now, epoch(5), theirs).unwrap();
    assert_eq!((log.end, log.last_epoch), (Offset::new(2), Some(epoch(3))), "epoch 4 is not theirs");
    let theirs = EpochEnd { epoch: epoch(3), end: Offset::new(1) };
    assert_eq!(partition.truncate_to_leader(now, epoch(5), theirs).unwrap().end, Offset::new(1));
    let log = partition.restart_at(now, epoch(5), Offset::new(40)).unwrap();
    assert_eq!((log.start, log.end, log.last_epoch), (Offset::new(40), Offset::new(40), None));
    assert_eq!(log.high_watermark, Offset::new(40));
}

#[tokio::test]
async fn who_led_and_appended_nothing_forgets_that_epoch() {
    let (test, partition) = following().await;
    let now = test.broker.clock().now();
    let lead = Lead {
        epoch: epoch(6),
        partition_epoch: PartitionEpoch::new(9),
        isr: [BrokerId::new(1)].into(),
        peers: Vec::new(),
    };
    partition.lead(now, lead);
    partition.follow(now, epoch(7));
    assert_eq!(partition.following().unwrap().1.last_epoch, Some(epoch(6)));
    // The next leader never heard of epoch 6, and has as much of epoch 4.
    let theirs = EpochEnd { epoch: epoch(4), end: Offset::new(3) };
    let log = partition.truncate_to_leader(now, epoch(7), theirs).unwrap();
    assert_eq!((log.end, log.last_epoch), (Offset::new(3), Some(epoch(4))));
}

#[tokio::test]
async fn an_isr_that_a_leader_proposes_waits_for_the_controller() {
    let (test, partition) = following().await;
    let now = test.broker.clock().now();
    let (two, seen) = (BrokerId::new(2), Some(BrokerEpoch::new(102)));
    let lead = Lead {
        epoch: epoch(6),
        partition_epoch: PartitionEpoch::new(9),
        isr: [BrokerId::new(1)].into(),
        peers: vec![Peer { broker: two, eligible: seen }],
    };
    partition.lead(now, lead);
    let at = FollowerPosition {
        broker: two,
        broker_epoch: seen,
        log_end: Offset::new(3),
        log_start: Offset::ZERO,
    };
    let read = ReplicaRead {
        at,
        known_epoch: Some(epoch(6)),
        last_fetched_epoch: Some(epoch(4)),
        bytes_max: 1024,
        min_one: true,
        is_new: true,
        is_throttled: false,
    };
    partition.plan_replica_read(now, &read).unwrap();
    let waiting = test.broker.partitions().proposals().take();
    let proposal = waiting.values().next().unwrap();
    assert_eq!((proposal.epoch, proposal.partition_epoch), (epoch(6), PartitionEpoch::new(9)));
    assert_eq!(proposal.isr[1], (two, seen));
    let answer =
        IsrAnswer::Accepted { isr: [BrokerId::new(1), two].into(), partition_epoch: PartitionEpoch::new(10) };
    partition.isr_answered(now, epoch(5), answer.clone());
    assert_eq!(partition.isr(), [BrokerId::new(1)], "that was another leadership");
    partition.isr_answered(now, epoch(6), answer);
    assert_eq!(partition.isr(), [BrokerId::new(1), two]);
}

/// A batch of one record, as an idempotent producer sends it.
fn sent(sequence: i32) -> Vec<u8> {
    let (id, epoch) = (ProducerId::new(7), ProducerEpoch::new(0));
    let mut batch = BatchBuilder::new(Offset::ZERO).producer(id, epoch, Sequence::new(sequence));
    batch.append(&NewRecord { value: Some(b"x"), ..NewRecord::default() }).unwrap();
    batch.build().to_vec()
}

/// librdkafka issue 4953: OUT_OF_ORDER_SEQUENCE_NUMBER for the third would make it begin a new epoch, and write the
/// first, which an earlier leader has replicated, twice.
#[tokio::test]
async fn what_was_sent_behind_a_refused_batch_is_refused_for_the_same() {
    let (test, partition) = following().await;
    let now = test.broker.clock().now();
    let deadline = now.mono.plus(std::time::Duration::from_secs(1));
    let produce = |sequence| {
        let sent =
            Sent { bytes: &sent(sequence), zstd_allowed: true, commit_by: Some(deadline), guard: None };
        let produced = partition.produce(sent, now, test.broker.codecs());
        produced.map(|produced| produced.appended).map_err(|error| crate::errors::of_produce(&error))
    };
    assert_eq!(produce(0).unwrap_err(), ErrorCode::NotLeaderOrFollower);
    assert_eq!(produce(1).unwrap_err(), ErrorCode::NotLeaderOrFollower);
    let lead = Lead {
        epoch: epoch(6),
        partition_epoch: PartitionEpoch::new(9),
        isr: [BrokerId::new(1)].into(),
        peers: Vec::new(),
    };
    partition.lead(now, lead);
    assert_eq!(produce(2).unwrap_err(), ErrorCode::NotLeaderOrFollower, "0 and 1 are sent again before it");
    for sequence in 0..3 {
        assert_eq!(produce(sequence).unwrap().first_offset, Offset::new(3 + i64::from(sequence)));
    }
    assert!(produce(0).unwrap().is_duplicate);
    assert_eq!(produce(4).unwrap_err(), ErrorCode::OutOfOrderSequenceNumber, "a gap of the producer's own");
}
