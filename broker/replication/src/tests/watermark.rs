//! The high watermark of several replicas, and the producers that wait for it.

use super::*;

#[test]
fn producers_wait_for_every_in_sync_replica() {
    let mut run = Run::leading(&[1, 2, 3], &[2, 3], 2);
    assert_eq!(run.append(12), []);
    assert_eq!(run.wait(1, 11), []);
    assert_eq!(run.wait(2, 12), []);
    assert_eq!(run.step(follower(2, 12)), []);
    assert_eq!(run.step(follower(3, 11)), [hw(11), produced(1)]);
    assert_eq!(run.step(follower(3, 12)), [hw(12), produced(2)]);
}

#[test]
fn a_producer_gives_up_at_its_deadline() {
    let mut run = Run::leading(&[1, 2], &[2], 1);
    run.append(12);
    run.wait(1, 12);
    let deadline = run.now.plus(Duration::from_secs(10));
    assert_eq!(run.replica.next_deadline(), Some(deadline));
    run.later(9);
    assert_eq!(run.step(Event::Tick), []);
    run.later(1);
    assert_eq!(run.step(Event::Tick), [failed(1, ProduceFailure::TimedOut)]);
    assert_eq!(run.step(follower(2, 12)), [hw(12)], "answered once");
}

#[test]
fn more_producers_than_allowed_do_not_wait() {
    let mut run = Run::leading(&[1, 2], &[2], 1);
    run.append(12);
    for reply in 1..=3 {
        assert_eq!(run.wait(reply, 12), []);
    }
    assert_eq!(run.wait(4, 12), [failed(4, ProduceFailure::TooManyWaiting)]);
}

#[test]
fn with_fewer_than_the_minimum_nothing_more_is_committed() {
    let mut run = Run::leading(&[1], &[2, 3], 2);
    assert!(run.replica.check_in_sync().is_err());
    assert_eq!(run.append(12), []);
    assert_eq!(run.replica.high_watermark(), Some(at(4)));
    assert_eq!(run.wait(1, 4), [failed(1, ProduceFailure::NotEnoughReplicasAfterAppend)]);
    assert_eq!(run.step(Event::MinIsrChanged { min_isr: 1 }), [hw(12)]);
}

#[test]
fn the_end_of_a_leadership_answers_who_waits() {
    let mut run = Run::leading(&[1, 2], &[2], 1);
    run.append(12);
    run.wait(1, 12);
    let newer = Leadership { epoch: LeaderEpoch::new(6), ..leadership(&[1, 2], &[2], 1) };
    assert_eq!(run.step(Event::BecomeLeader(newer)), [failed(1, ProduceFailure::NotLeader)]);
    run.wait(2, 12);
    assert_eq!(run.step(Event::Offline), [failed(2, ProduceFailure::Offline)]);
}

#[test]
fn older_metadata_changes_nothing() {
    let mut run = Run::leading(&[1], &[], 1);
    let older = Leadership { epoch: LeaderEpoch::new(4), ..leadership(&[1, 2], &[2], 2) };
    assert_eq!(run.step(Event::BecomeLeader(older)), []);
    let same_epoch = Leadership { partition_epoch: PartitionEpoch::new(6), ..leadership(&[1, 2], &[2], 2) };
    assert_eq!(run.step(Event::BecomeLeader(same_epoch)), []);
    assert_eq!(run.append(12), [hw(12)]);
}

#[test]
fn newer_metadata_of_the_same_leadership_keeps_what_followers_said() {
    let mut run = Run::leading(&[1, 2, 3], &[2, 3], 1);
    run.append(12);
    run.step(follower(2, 12));
    let without = Leadership { partition_epoch: PartitionEpoch::new(8), ..leadership(&[1, 2], &[2], 1) };
    assert_eq!(run.step(Event::BecomeLeader(without)), [hw(12)]);
}

#[test]
fn a_leader_that_promises_a_sync_counts_its_own_records_only_then() {
    let mut run = Run::new();
    let promising = Leadership { durable: Durable::Upto(at(9)), ..leadership(&[1, 2], &[2], 1) };
    assert_eq!(run.step(Event::BecomeLeader(promising)), []);
    assert_eq!(run.step(follower(2, 10)), [hw(9)], "what this one wrote as a follower is not synced");
    assert_eq!(run.append(12), []);
    assert_eq!(run.wait(1, 12), []);
    assert_eq!(run.step(follower(2, 12)), []);
    assert_eq!(run.step(Event::Durable(Durable::Upto(at(11)))), [hw(11)]);
    assert_eq!(run.step(Event::Durable(Durable::Upto(at(12)))), [hw(12), produced(1)]);
    run.append(14);
    run.step(follower(2, 14));
    assert_eq!(run.step(Event::Durable(Durable::AsWritten)), [hw(14)], "the topic promises no longer");
}
