//! Consumers that read from a replica near to them (KIP-392).

use super::*;

/// Broker 1 leads; 2 and 3 are in sync and at the end, 4 is not in sync and at the end.
fn run() -> Run {
    let mut run = Run::leading(&[1, 2, 3], &[2, 3, 4], 1);
    for broker in [2, 3, 4] {
        run.step(follower(broker, 10));
    }
    run
}

fn preferred(run: &Run, offset: i64, near: &[i32]) -> Option<i32> {
    let is_near = |broker: BrokerId| near.contains(&broker.get());
    run.replica.preferred_reader(at(offset), is_near).map(BrokerId::get)
}

#[test]
fn a_near_replica_that_is_in_sync_is_preferred_to_a_leader_that_is_far() {
    let run = run();
    assert_eq!(preferred(&run, 5, &[2]), Some(2));
    assert_eq!(preferred(&run, 5, &[4]), None, "not in sync");
    assert_eq!(preferred(&run, 5, &[]), None);
    assert_eq!(preferred(&run, 5, &[1, 2]), None, "the leader is near, too");
}

#[test]
fn it_must_have_the_offset() {
    let mut run = run();
    run.append(12);
    assert_eq!(preferred(&run, 10, &[2]), Some(2), "its end: the next record comes there, too");
    assert_eq!(preferred(&run, 11, &[2]), None);
    let Event::FollowerAt(position) = follower(2, 12) else { return };
    run.step(Event::FollowerAt(FollowerPosition { log_start: at(6), ..position }));
    assert_eq!(preferred(&run, 5, &[2]), None, "it has deleted that");
    assert_eq!(preferred(&run, 6, &[2]), Some(2));
}

#[test]
fn who_did_not_fetch_from_this_leadership_is_not_known_to_have_anything() {
    let run = Run::leading(&[1, 2], &[2], 1);
    assert_eq!(preferred(&run, 0, &[2]), None);
}

#[test]
fn of_several_the_one_nearest_to_the_end_then_the_last_at_it_then_the_highest_id() {
    let mut run = run();
    assert_eq!(preferred(&run, 5, &[2, 3]), Some(3));
    run.later(1);
    run.step(follower(2, 10));
    assert_eq!(preferred(&run, 5, &[2, 3]), Some(2), "at the end a second later");
    run.append(12);
    run.step(follower(3, 12));
    assert_eq!(preferred(&run, 5, &[2, 3]), Some(3), "it has more");
}

#[test]
fn who_follows_sends_nobody_away() {
    let mut run = run();
    let following = crate::Following {
        epoch: LeaderEpoch::new(6),
        log_end: at(10),
        log_start: at(0),
        high_watermark: at(10),
    };
    run.step(Event::BecomeFollower(following));
    assert_eq!(preferred(&run, 5, &[2]), None);
    assert_eq!(run.replica.epoch(), Some(LeaderEpoch::new(6)));
}
