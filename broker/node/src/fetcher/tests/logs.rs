//! What is written and cut.

use super::*;

const EPOCH: LeaderEpoch = LeaderEpoch::new(5);

#[test]
fn news_without_records_are_taken_over_and_no_news_are_not() {
    let mut run = Run::in_session(&[0]);
    assert_eq!(run.answer(9, vec![ok(0, told(10, 0))]), [request((9, 3), &[], &[])], "it is known");
    let mut behind = Run::new();
    behind.step(Event::Followed { partition: key(0), epoch: EPOCH, log: log(10, 4) });
    let news = told(12, 0);
    assert_eq!(
        behind.answer(9, vec![ok(0, news)]),
        [Action::SetHighWatermark { partition: key(0), epoch: EPOCH, told: news }]
    );
    // What is asked has not changed: the leader knows what it told.
    assert_eq!(behind.written(0, log(10, 10)), [request((9, 1), &[], &[])]);
    let deleted = Told { log_start: at(3), ..told(10, 0) };
    assert_eq!(
        behind.answer(9, vec![ok(0, deleted)]),
        [Action::SetHighWatermark { partition: key(0), epoch: EPOCH, told: deleted }]
    );
}

#[test]
fn a_log_that_parts_from_the_leaders_is_cut_and_asked_for_again() {
    let mut run = Run::in_session(&[0]);
    let theirs = EpochEnd { epoch: epoch(3), end: at(7) };
    let parted = Told { diverging: Some(theirs), ..told(7, 0) };
    assert_eq!(
        run.answer(9, vec![ok(0, parted)]),
        [Action::Truncate { partition: key(0), epoch: EPOCH, theirs }]
    );
    assert_eq!(run.written(0, log(7, 10)), [request((9, 3), &[(0, 7)], &[])]);
    run.answer(9, vec![ok(0, parted)]);
    assert_eq!(run.written(0, log(7, 10)), [], "a cut that changed nothing is not tried again at once");
    assert_eq!(run.later(FIRST_PAUSE), [request((9, 4), &[], &[])]);
}

#[test]
fn out_of_the_leaders_range_the_bounds_decide() {
    let bounds = |start, end| Some(LogBounds { start: at(start), end: at(end) });
    let answered = |bounds| {
        let mut run = Run::in_session(&[0, 1]);
        assert_eq!(
            run.answer(9, vec![refused(0, PartitionFailure::OutOfRange)]),
            [Action::AskBounds { partition: key(0), epoch: EPOCH }, request((9, 3), &[], &[0])],
            "the others go on"
        );
        run.answer(9, vec![]);
        (run.step(Event::Bounds { partition: key(0), epoch: EPOCH, bounds }), run)
    };
    let partition = key(0);
    assert_eq!(answered(bounds(20, 30)).0, [Action::Restart { partition, epoch: EPOCH, at: at(20) }]);
    assert_eq!(answered(bounds(0, 8)).0, [Action::TruncateAt { partition, epoch: EPOCH, to: at(8) }]);
    for bounds in [bounds(5, 30), bounds(10, 10), None] {
        let (actions, run) = answered(bounds);
        assert_eq!(actions, []);
        assert_eq!(run.fetcher.next_deadline(), Some(run.now.plus(FIRST_PAUSE)));
    }
}

#[test]
fn what_could_not_be_written_is_fetched_again_or_never() {
    let mut run = Run::in_session(&[0, 1]);
    let got = told(12, 100);
    run.answer(9, vec![ok(0, got), ok(1, got)]);
    let not_written =
        |partition, failure| Event::NotWritten { partition: key(partition), epoch: EPOCH, failure };
    assert_eq!(run.step(not_written(0, WriteFailure::TryAgain)), []);
    assert_eq!(run.step(not_written(1, WriteFailure::Stop)), []);
    assert_eq!(run.later(FIRST_PAUSE), [request((9, 3), &[], &[1])]);
    assert_eq!(run.step(not_written(0, WriteFailure::Stop)), [], "nothing is being written");
}

#[test]
fn a_leadership_that_changes_during_a_write_is_asked_with_the_log_as_it_is() {
    let mut run = Run::in_session(&[0]);
    run.answer(9, vec![ok(0, told(12, 100))]);
    let actions = run.follow(0, 6, 12);
    let [Action::SendFetch(sent)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!((sent.partitions[0].1.epoch, sent.partitions[0].1.offset), (epoch(6), at(12)));
}

#[test]
fn logs_part_where_their_common_epochs_end() {
    let end = |of, end| EpochEnd { epoch: epoch(of), end: at(end) };
    assert_eq!(truncation_point(end(3, 7), Some(end(3, 9)), at(12)), at(7));
    assert_eq!(truncation_point(end(3, 9), Some(end(3, 7)), at(12)), at(7));
    assert_eq!(truncation_point(end(3, 9), Some(end(2, 5)), at(12)), at(5), "epoch 3 is unknown here");
    assert_eq!(truncation_point(end(3, 9), None, at(12)), at(9));
    assert_eq!(truncation_point(end(3, 90), Some(end(3, 12)), at(12)), at(12));
}
