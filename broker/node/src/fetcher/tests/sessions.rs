//! Which partitions a request names, and when it goes out.

use super::*;

#[test]
fn a_first_request_is_full_and_the_next_say_only_what_changed() {
    let mut run = Run::new();
    assert_eq!(run.follow(0, 5, 10), [request((0, 0), &[(0, 10)], &[])]);
    assert_eq!(run.follow(1, 5, 10), [], "one request at a time");
    assert_eq!(run.answer(9, vec![]), [request((9, 1), &[(1, 10)], &[])]);
    assert_eq!(run.answer(9, vec![]), [request((9, 2), &[], &[])]);
    let got = told(10, 100);
    assert_eq!(run.answer(9, vec![ok(1, got)]), [write(1, 0, got)], "nothing is asked while it is written");
    assert_eq!(run.written(1, log(12, 10)), [request((9, 3), &[(1, 12)], &[])]);
}

#[test]
fn what_is_no_longer_followed_is_forgotten() {
    let mut run = Run::in_session(&[0, 1]);
    assert_eq!(run.step(Event::Left { partition: key(0) }), []);
    assert_eq!(run.answer(9, vec![]), [request((9, 3), &[], &[0])]);
    run.step(Event::Left { partition: key(1) });
    assert_eq!(run.answer(9, vec![]), [], "nothing is left to ask for");
    assert!(run.fetcher.is_empty());
}

#[test]
fn a_session_that_the_leader_lost_begins_again_at_once() {
    let mut run = Run::in_session(&[0, 1]);
    assert_eq!(run.refuse(FetchFailure::SessionNotFound), [request((0, 0), &[(0, 10), (1, 10)], &[])]);
    assert_eq!(run.refuse(FetchFailure::SessionNotFound), [], "and not for ever");
    assert_eq!(run.fetcher.next_deadline(), Some(run.now.plus(FIRST_PAUSE * 2)));
    assert_eq!(run.later(FIRST_PAUSE * 2), [request((0, 0), &[(0, 10), (1, 10)], &[])]);
    run.answer(10, vec![]);
    assert_eq!(run.refuse(FetchFailure::SessionEpoch), [request((10, 0), &[(0, 10), (1, 10)], &[])]);
}

#[test]
fn without_a_session_every_request_is_full_and_who_got_records_is_last() {
    let mut run = Run::following(&[0]);
    run.follow(1, 5, 10);
    run.follow(2, 5, 10);
    assert_eq!(run.answer(0, vec![]), [request((0, 0), &[(0, 10), (1, 10), (2, 10)], &[])]);
    let got = told(10, 100);
    run.answer(0, vec![ok(0, got), ok(1, got)]);
    assert_eq!(run.written(1, log(12, 10)), [], "the other log is not written yet");
    assert_eq!(run.written(0, log(11, 10)), [request((0, 0), &[(2, 10), (0, 11), (1, 12)], &[])]);
}

#[test]
fn a_session_that_the_leader_closed_is_not_used() {
    let mut run = Run::in_session(&[0]);
    assert_eq!(run.answer(0, vec![]), [request((0, 0), &[(0, 10)], &[])]);
    run.answer(9, vec![]);
    assert_eq!(run.answer(8, vec![]), [request((0, 0), &[(0, 10)], &[])], "an answer of another session");
}

#[test]
fn a_lost_connection_pauses_all_and_closes_the_session() {
    let mut run = Run::in_session(&[0]);
    assert_eq!(run.step(Event::Failed), []);
    assert_eq!(run.follow(1, 5, 10), []);
    assert_eq!(run.later(FIRST_PAUSE / 2), []);
    assert_eq!(run.later(FIRST_PAUSE / 2), [request((9, 0), &[(0, 10), (1, 10)], &[])]);
    assert_eq!(run.fetcher.next_deadline(), None);
    for pause in [40, 80, 160, 320, 640, 1_000, 1_000] {
        run.step(Event::Failed);
        let pause = Duration::from_millis(pause);
        assert_eq!(
            run.fetcher.next_deadline(),
            Some(run.now.plus(pause)),
            "longer each time, up to the limit"
        );
        run.later(pause);
    }
}

#[test]
fn a_partition_in_trouble_pauses_alone() {
    let mut run = Run::in_session(&[0, 1]);
    assert_eq!(
        run.answer(9, vec![refused(0, PartitionFailure::Other)]),
        [request((9, 3), &[], &[0])],
        "the session forgets it meanwhile"
    );
    assert_eq!(run.fetcher.next_deadline(), Some(run.now.plus(FIRST_PAUSE)));
    assert_eq!(run.later(FIRST_PAUSE), [], "a request is under way");
    assert_eq!(run.answer(9, vec![]), [request((9, 4), &[(0, 10)], &[])]);
}

#[test]
fn a_fenced_epoch_waits_for_the_metadata() {
    let mut run = Run::in_session(&[0]);
    assert_eq!(run.answer(9, vec![refused(0, PartitionFailure::FencedEpoch)]), []);
    assert_eq!(run.fetcher.next_deadline(), Some(run.now.plus(BACKOFF)), "no use to hurry");
    assert_eq!(run.follow(0, 5, 10), [], "that is not news");
    let actions = run.follow(0, 6, 10);
    let [Action::SendFetch(sent)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!((sent.session_epoch, sent.partitions[0].1.epoch), (3, epoch(6)));
}

#[test]
fn an_answer_to_what_no_longer_holds_is_left_alone() {
    let mut run = Run::in_session(&[0, 1]);
    run.follow(0, 6, 10);
    run.step(Event::Left { partition: key(1) });
    let actions = run.answer(9, vec![ok(0, told(12, 100)), ok(1, told(12, 100)), ok(2, told(12, 100))]);
    let [Action::SendFetch(sent)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!((sent.partitions[0].1.epoch, &sent.forgotten[..]), (epoch(6), &[key(1)][..]));
    assert_eq!(run.step(Event::Written { partition: key(0), epoch: epoch(5), log: log(99, 99) }), []);
}

#[test]
fn a_new_follower_does_not_wait_for_what_the_leader_has_not() {
    let mut run = Run::in_session(&[0]);
    assert_eq!(run.follow(1, 5, 10), []);
    let soon = run.fetcher.next_deadline().unwrap().since(run.now);
    assert!(soon > Duration::ZERO && soon < Duration::from_millis(50));
    assert_eq!(run.later(soon), [Action::Abandon, request((9, 0), &[(0, 10), (1, 10)], &[])]);
    assert_eq!(run.fetcher.next_deadline(), None);
    run.now = run.now.plus(soon);
    assert_eq!(run.follow(2, 5, 10), [], "every second request runs to its end");
    assert_eq!(run.answer(9, vec![]), [request((9, 1), &[(2, 10)], &[])]);
    run.now = run.now.plus(soon);
    assert_eq!(run.follow(2, 5, 10), [], "that is not news");
    assert_eq!(run.follow(3, 5, 10).first(), Some(&Action::Abandon), "it waits already");
}

#[test]
fn an_answer_in_time_is_taken() {
    let mut run = Run::in_session(&[0]);
    run.follow(1, 5, 10);
    assert_eq!(run.answer(9, vec![]), [request((9, 3), &[(1, 10)], &[])]);
    assert_eq!(run.fetcher.next_deadline(), None);
}
