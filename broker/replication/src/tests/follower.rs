//! Following.

use super::*;
use crate::Following;

const FOLLOWING: Following = Following {
    epoch: LeaderEpoch::new(6),
    log_end: Offset::new(10),
    log_start: Offset::ZERO,
    high_watermark: Offset::new(4),
};

fn fetched(log_end: i64, high_watermark: i64, log_start: i64) -> Event {
    Event::Fetched { log_end: at(log_end), high_watermark: at(high_watermark), log_start: at(log_start) }
}

#[test]
fn it_knows_no_more_to_be_committed_than_it_has() {
    let mut run = Run::new();
    assert_eq!(run.step(Event::BecomeFollower(FOLLOWING)), []);
    assert_eq!(run.step(fetched(12, 20, 0)), [hw(12)]);
    assert_eq!(run.step(fetched(20, 15, 0)), [hw(15)]);
    assert_eq!(run.step(fetched(20, 13, 0)), [], "a new leader may know less");
    assert_eq!(run.replica.high_watermark(), Some(at(15)));
}

#[test]
fn cutting_the_log_takes_the_high_watermark_along() {
    let mut run = Run::new();
    run.step(Event::BecomeFollower(FOLLOWING));
    run.step(fetched(12, 12, 0));
    assert_eq!(run.step(Event::Truncated { log_end: at(8) }), []);
    assert_eq!(run.replica.high_watermark(), Some(at(8)));
}

#[test]
fn it_deletes_what_its_leader_deleted() {
    let mut run = Run::new();
    run.step(Event::BecomeFollower(FOLLOWING));
    assert_eq!(run.step(fetched(12, 6, 5)), [hw(6), Action::AdvanceLogStart(at(5))]);
    assert_eq!(run.step(fetched(12, 6, 5)), []);
}

#[test]
fn a_leader_that_must_follow_refuses_who_waits_and_old_news_are_not_followed() {
    let mut run = Run::leading(&[1, 2], &[2], 1);
    run.append(12);
    run.wait(1, 12);
    let older = Following { epoch: LeaderEpoch::new(4), ..FOLLOWING };
    assert_eq!(run.step(Event::BecomeFollower(older)), []);
    assert_eq!(run.step(Event::BecomeFollower(FOLLOWING)), [failed(1, ProduceFailure::NotLeader)]);
    assert_eq!(run.replica.leads(), None);
    run.step(fetched(12, 12, 0));
    assert_eq!(run.step(Event::BecomeFollower(FOLLOWING)), [], "told again");
    assert_eq!(run.replica.high_watermark(), Some(at(12)));
}

#[test]
fn a_log_that_starts_over_is_committed_to_its_start() {
    let mut run = Run::new();
    run.step(Event::BecomeFollower(FOLLOWING));
    assert_eq!(run.replica.follows(), Some(LeaderEpoch::new(6)));
    assert_eq!(run.step(Event::Restarted { at: at(30) }), []);
    assert_eq!(run.replica.high_watermark(), Some(at(30)));
    assert_eq!(run.step(fetched(35, 33, 31)), [hw(33), Action::AdvanceLogStart(at(31))]);
}

#[test]
fn only_who_has_a_replica_is_a_peer() {
    let run = Run::leading(&[1], &[2], 1);
    assert!(run.replica.has_peer(BrokerId::new(2)));
    assert!(!run.replica.has_peer(BrokerId::new(3)));
    assert_eq!(run.replica.follows(), None);
}
