//! Replicas that may be copied so fast and no faster (KIP-73).

use super::*;

impl Run {
    fn throttled(&mut self, partition: i32, is_throttled: bool) {
        let actions = self.step(Event::Throttled { partition: key(partition), is_throttled });
        assert_eq!(actions, []);
    }

    /// The quota is used up for so long.
    fn exceeded(&mut self, by: Option<Duration>) {
        let exceeded_until = by.map(|by| self.now.plus(by));
        assert_eq!(self.step(Event::Quota { exceeded_until }), [], "told before other events");
    }
}

const SECOND: Duration = Duration::from_secs(1);

/// Partition 0 is behind and throttled, partition 1 is not throttled; session 9 is open.
fn run() -> Run {
    let mut run = Run::in_session(&[0, 1]);
    run.throttled(0, true);
    run
}

#[test]
fn a_throttled_partition_that_is_behind_is_left_out_while_the_quota_is_used_up() {
    let mut run = run();
    assert_eq!(run.answer(9, vec![ok(0, told(20, 100))]), [write(0, 0, told(20, 100))]);
    run.exceeded(Some(SECOND));
    assert_eq!(run.written(0, log(12, 12)), [request((9, 3), &[], &[0])], "the others are asked for");
    assert_eq!(run.fetcher.next_deadline(), Some(run.now.plus(SECOND)));
    assert_eq!(run.later(SECOND), [], "a request is under way");
    let asked = run.answer(9, vec![]);
    assert_eq!(asked, [requested((9, 4), &[(0, 12, 12)], &[])], "the time is over");
}

#[test]
fn alone_it_waits_until_the_quota_is_there_again() {
    let mut run = Run::in_session(&[0]);
    run.throttled(0, true);
    assert_eq!(run.answer(9, vec![ok(0, told(20, 100))]), [write(0, 0, told(20, 100))]);
    run.exceeded(Some(SECOND));
    assert_eq!(run.written(0, log(12, 12)), []);
    assert_eq!(run.later(SECOND), [requested((9, 3), &[(0, 12, 12)], &[])]);
}

#[test]
fn one_that_has_all_that_is_committed_is_never_left_out() {
    let mut run = run();
    run.exceeded(Some(SECOND));
    assert_eq!(run.answer(9, vec![ok(0, told(12, 100))]), [write(0, 0, told(12, 100))]);
    assert_eq!(run.written(0, log(12, 12)), [requested((9, 3), &[(0, 12, 12)], &[])]);
    assert_eq!(run.answer(9, vec![ok(0, told(13, 0))]), [requested((9, 4), &[], &[0])], "behind again");
}

#[test]
fn no_throttle_and_a_higher_rate_hold_at_once() {
    for frees in
        [Event::Quota { exceeded_until: None }, Event::Throttled { partition: key(0), is_throttled: false }]
    {
        let mut run = run();
        run.answer(9, vec![ok(0, told(20, 100))]);
        run.exceeded(Some(SECOND));
        run.written(0, log(12, 12));
        assert_eq!(run.step(frees), []);
        assert_eq!(run.answer(9, vec![]), [requested((9, 4), &[(0, 12, 12)], &[])]);
        assert_eq!(run.fetcher.next_deadline(), None);
    }
}

#[test]
fn what_is_not_throttled_does_not_wait() {
    let mut run = Run::in_session(&[0]);
    run.exceeded(Some(SECOND));
    assert!(!run.fetcher.has_throttled());
    assert_eq!(run.fetcher.next_deadline(), None);
    run.answer(9, vec![ok(0, told(20, 100))]);
    assert_eq!(run.written(0, log(12, 12)), [requested((9, 3), &[(0, 12, 12)], &[])]);
    run.throttled(0, true);
    assert!(run.fetcher.has_throttled());
    run.step(Event::Left { partition: key(0) });
    assert!(!run.fetcher.has_throttled());
}
