//! In-sync replicas: out after a lag, in again when caught up; the controller has the last word.

use super::*;
use crate::IsrAnswer;

fn accepted(isr: &[i32], partition_epoch: i32) -> Event {
    Event::IsrAnswered(IsrAnswer::Accepted {
        isr: ids(isr),
        partition_epoch: PartitionEpoch::new(partition_epoch),
    })
}

#[test]
fn a_replica_that_lags_is_put_out_and_the_rest_goes_on() {
    let mut run = Run::leading(&[1, 2, 3], &[2, 3], 1);
    run.append(12);
    for _ in 0..3 {
        run.later(15);
        run.step(follower(2, 12));
        let actions = run.step(Event::Tick);
        if run.now < Mono::from_micros(40_000_000) {
            assert_eq!(actions, [], "the lag is not over");
        } else {
            assert_eq!(actions, [proposal(7, &[1, 2])]);
        }
    }
    assert_eq!(run.step(follower(2, 12)), [], "until it is confirmed, replica 3 counts");
    assert_eq!(run.step(accepted(&[1, 2], 8)), [hw(12)]);
}

#[test]
fn a_busy_follower_that_is_never_at_the_very_end_stays() {
    let mut run = Run::leading(&[1, 2], &[2], 1);
    let mut end = 10;
    for _ in 0..60 {
        // It asks for what was the end at its last fetch, while more has come.
        run.step(follower(2, end));
        end += 5;
        run.append(end);
        run.later(1);
        let proposes = run.step(Event::Tick).iter().any(|action| matches!(action, Action::ProposeIsr { .. }));
        assert!(!proposes);
    }
}

#[test]
fn a_replica_joins_when_it_has_all_that_is_committed_and_counts_from_the_proposal_on() {
    let mut run = Run::leading(&[1], &[2], 1);
    assert_eq!(run.append(12), [hw(12)]);
    assert_eq!(run.step(follower(2, 11)), []);
    assert_eq!(run.step(follower(2, 12)), [proposal(7, &[1, 2])]);
    assert_eq!(run.append(14), [], "it may be in the ISR by now");
    assert_eq!(run.step(follower(2, 13)), [hw(13)]);
    assert_eq!(run.step(accepted(&[1, 2], 8)), []);
    assert!(run.replica.isr().eq([BrokerId::new(1), BrokerId::new(2)]));
}

#[test]
fn a_follower_must_have_a_part_of_this_leadership() {
    // Nothing is committed past 4 as the ISR is too small; the follower has 5, the leadership began at 10.
    let mut run = Run::leading(&[1], &[2], 2);
    assert_eq!(run.step(follower(2, 5)), []);
    assert_eq!(run.step(follower(2, 10)), [proposal(7, &[1, 2])]);
    assert_eq!(run.step(accepted(&[1, 2], 8)), [hw(10)]);
}

#[test]
fn who_is_fenced_or_another_life_of_the_broker_does_not_join() {
    let mut run = Run::leading(&[1], &[2], 1);
    run.step(Event::PeerChanged(Peer { broker: BrokerId::new(2), eligible: None }));
    assert_eq!(run.step(follower(2, 10)), []);
    let other_life = Peer { broker: BrokerId::new(2), eligible: Some(BrokerEpoch::new(200)) };
    run.step(Event::PeerChanged(other_life));
    assert_eq!(run.step(follower(2, 10)), []);
    run.step(Event::PeerChanged(peer(2)));
    assert_eq!(run.step(follower(2, 10)), [proposal(7, &[1, 2])]);
}

#[test]
fn a_fetch_of_an_earlier_life_changes_nothing() {
    let mut run = Run::leading(&[1, 2], &[2], 1);
    let Event::FollowerAt(position) = follower(2, 10) else { return };
    let reborn = FollowerPosition { broker_epoch: Some(BrokerEpoch::new(500)), log_end: at(6), ..position };
    assert_eq!(run.step(Event::FollowerAt(reborn)), [hw(6)]);
    assert_eq!(run.step(Event::FollowerAt(position)), []);
}

#[test]
fn a_refused_proposal_may_be_made_again_and_an_overtaken_one_waits_for_the_metadata() {
    let mut run = Run::leading(&[1], &[2], 1);
    assert_eq!(run.step(follower(2, 10)), [proposal(7, &[1, 2])]);
    assert_eq!(run.step(Event::IsrAnswered(IsrAnswer::Refused)), []);
    assert_eq!(run.step(follower(2, 10)), [proposal(7, &[1, 2])]);
    assert_eq!(run.step(Event::IsrAnswered(IsrAnswer::Overtaken)), []);
    assert_eq!(run.step(follower(2, 10)), []);
    let news = Leadership { partition_epoch: PartitionEpoch::new(9), ..leadership(&[1], &[2], 1) };
    assert_eq!(run.step(Event::BecomeLeader(news)), []);
    assert_eq!(run.step(follower(2, 10)), [proposal(9, &[1, 2])]);
}

#[test]
fn an_answer_that_the_metadata_overtook_changes_nothing() {
    let mut run = Run::leading(&[1], &[2], 1);
    assert_eq!(run.step(follower(2, 10)), [proposal(7, &[1, 2])]);
    let news = Leadership { partition_epoch: PartitionEpoch::new(9), ..leadership(&[1], &[2], 1) };
    run.step(Event::BecomeLeader(news));
    assert_eq!(run.step(accepted(&[1, 2], 8)), []);
    assert!(run.replica.isr().eq([BrokerId::new(1)]));
}
