//! One replica: what the first release runs on.

use alloc::vec;

use super::*;

#[test]
fn alone_everything_in_its_log_is_committed_at_once() {
    let mut run = Run::new();
    assert_eq!(run.step(Event::BecomeLeader(leadership(&[1], &[], 1))), [hw(10)]);
    assert_eq!(run.append(12), [hw(12)]);
    assert_eq!(run.wait(1, 12), [produced(1)]);
    assert_eq!(run.replica.next_deadline(), None);
    assert_eq!(run.replica.leads(), Some(LeaderEpoch::new(5)));
    assert!(run.replica.isr().eq([BrokerId::new(1)]));
}

#[test]
fn the_minimum_counts_no_more_replicas_than_there_are() {
    let mut run = Run::leading(&[1], &[], 3);
    assert_eq!(run.replica.check_in_sync(), Ok(()));
    assert_eq!(run.append(12), [hw(12)]);
}

#[test]
fn an_append_and_its_wait_are_answered_in_the_room_that_the_caller_has() {
    let mut run = Run::leading(&[1], &[], 1);
    let mut actions = Vec::with_capacity(2);
    let room = actions.as_ptr();
    for end in 11..1_000 {
        actions.clear();
        let now = Now { mono: run.now, wall: Timestamp::default() };
        run.replica.step(now, Event::Appended { log_end: at(end) }, &mut actions);
        let deadline = run.now;
        let reply = ReplyId::new(1);
        run.replica.step(now, Event::Await { reply, offset: at(end), deadline }, &mut actions);
        assert_eq!(actions, vec![hw(end), produced(1)]);
    }
    assert_eq!(actions.as_ptr(), room);
}

#[test]
fn a_log_that_lost_its_end_or_its_checkpoint_is_not_believed() {
    let mut run = Run::new();
    let shorter = Leadership { high_watermark: at(90), ..leadership(&[1, 2], &[2], 1) };
    assert_eq!(run.step(Event::BecomeLeader(shorter)), []);
    assert_eq!(run.replica.high_watermark(), Some(at(10)));
    let mut run = Run::new();
    let lost = Leadership { high_watermark: at(0), log_start: at(6), ..leadership(&[1, 2], &[2], 1) };
    assert_eq!(run.step(Event::BecomeLeader(lost)), []);
    assert_eq!(run.replica.high_watermark(), Some(at(6)));
}

#[test]
fn before_and_after_a_leadership_nobody_waits() {
    let mut run = Run::new();
    assert_eq!(run.wait(1, 5), [failed(1, ProduceFailure::NotLeader)]);
    assert_eq!(run.append(12), []);
    assert_eq!(run.step(Event::Offline), []);
    assert_eq!(run.wait(2, 5), [failed(2, ProduceFailure::Offline)]);
    assert_eq!(run.step(Event::BecomeLeader(leadership(&[1], &[], 1))), [], "offline is for good");
    assert_eq!(run.replica.leads(), None);
}
