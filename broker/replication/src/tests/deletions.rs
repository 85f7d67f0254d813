//! DeleteRecords.

use super::*;
use crate::DeleteFailure;

fn delete(run: &mut Run, reply: u64, offset: Option<i64>) -> Vec<Action> {
    let deadline = run.now.plus(Duration::from_secs(10));
    run.step(Event::DeleteRecords { reply: ReplyId::new(reply), offset: offset.map(at), deadline })
}

fn deleted(reply: u64, low: i64) -> Action {
    Action::CompleteDelete { reply: ReplyId::new(reply), result: Ok(at(low)) }
}

fn not_deleted(reply: u64, failure: DeleteFailure) -> Action {
    Action::CompleteDelete { reply: ReplyId::new(reply), result: Err(failure) }
}

fn follower_from(id: i32, log_start: i64) -> Event {
    let Event::FollowerAt(position) = follower(id, 10) else { return Event::Tick };
    Event::FollowerAt(FollowerPosition { log_start: at(log_start), ..position })
}

#[test]
fn alone_records_are_deleted_at_once() {
    let mut run = Run::leading(&[1], &[], 1);
    assert_eq!(delete(&mut run, 1, Some(6)), [Action::AdvanceLogStart(at(6)), deleted(1, 6)]);
    assert_eq!(delete(&mut run, 2, Some(3)), [deleted(2, 6)], "they are gone already");
    assert_eq!(delete(&mut run, 3, None), [Action::AdvanceLogStart(at(10)), deleted(3, 10)]);
}

#[test]
fn past_the_high_watermark_nothing_is_deleted() {
    let mut run = Run::leading(&[1, 2], &[2], 1);
    let failure = DeleteFailure::OutOfRange { high_watermark: at(4) };
    assert_eq!(delete(&mut run, 1, Some(5)), [not_deleted(1, failure)]);
    let mut run = Run::new();
    assert_eq!(delete(&mut run, 1, Some(0)), [not_deleted(1, DeleteFailure::NotLeader)]);
}

#[test]
fn the_answer_waits_for_every_live_replica() {
    let mut run = Run::leading(&[1, 2, 3], &[2, 3], 1);
    run.step(follower(2, 10));
    run.step(follower(3, 10));
    assert_eq!(delete(&mut run, 1, Some(6)), [Action::AdvanceLogStart(at(6))]);
    assert_eq!(run.step(follower_from(2, 6)), []);
    let fenced = Peer { broker: BrokerId::new(3), eligible: None };
    assert_eq!(run.step(Event::PeerChanged(fenced)), [deleted(1, 6)], "a dead one is not waited for");
}

#[test]
fn who_waits_too_long_is_told_and_so_is_who_waits_at_the_end() {
    let mut run = Run::leading(&[1, 2], &[2], 1);
    run.step(follower(2, 10));
    delete(&mut run, 1, Some(6));
    run.later(10);
    assert_eq!(run.step(Event::Tick), [not_deleted(1, DeleteFailure::TimedOut)]);
    delete(&mut run, 2, Some(7));
    assert_eq!(run.step(Event::Offline), [not_deleted(2, DeleteFailure::Offline)]);
}

#[test]
fn retention_deletes_too() {
    let mut run = Run::leading(&[1, 2], &[2], 1);
    run.step(follower(2, 10));
    assert_eq!(run.step(Event::LogStartsAt { log_start: at(8) }), []);
    assert_eq!(delete(&mut run, 1, Some(6)), []);
    assert_eq!(run.step(follower_from(2, 8)), [deleted(1, 8)]);
}
