//! `EndTxn` in every state: Kafka's table.

use core::time::Duration;

use broker_types::{Producer, ProducerId, TransactionVersion};

use super::*;
use crate::testing::{Run, add, end, producer};

const COMMIT: TransactionResult = TransactionResult::Commit;
const ABORT: TransactionResult = TransactionResult::Abort;
const V0: TransactionVersion = TransactionVersion::V0;

/// The producer 9/5 in a state; before, it was 9/4.
fn at(state: TransactionState) -> Run {
    let mut run = Run::new();
    let new = Transaction::new(ProducerId::new(9), Duration::from_secs(60), run.now.wall);
    run.load("tx", Transaction { producer: producer(9, 4), ..new });
    run.add("tx", producer(9, 4), &[("a", 0)]).unwrap();
    let finish = |run: &mut Run, result| {
        run.end("tx", producer(9, 4), result).unwrap();
        let markers = run.markers(None);
        run.write_markers(&markers[0]);
    };
    match state {
        TransactionState::Empty => {
            finish(&mut run, COMMIT);
            let empty = Transaction { state, ..run.get("tx").clone() };
            run.load("tx", empty);
        }
        TransactionState::Ongoing => {
            finish(&mut run, COMMIT);
            run.add("tx", producer(9, 5), &[("a", 0)]).unwrap();
        }
        TransactionState::PrepareCommit => drop(run.end("tx", producer(9, 4), COMMIT)),
        TransactionState::PrepareAbort => drop(run.end("tx", producer(9, 4), ABORT)),
        TransactionState::CompleteCommit => finish(&mut run, COMMIT),
        TransactionState::CompleteAbort => finish(&mut run, ABORT),
    }
    assert_eq!((run.get("tx").state, run.get("tx").producer), (state, producer(9, 5)));
    run
}

/// What an end is answered in a state, and what it wrote.
fn answer(
    state: TransactionState,
    who: Producer,
    result: TransactionResult,
    version: TransactionVersion,
) -> (Result<Producer, TxnError>, usize) {
    let mut run = at(state);
    let before = run.log.len();
    let answer = run.end_with(end("tx", who, result, version));
    (answer, run.log.len() - before)
}

#[test]
fn clients_of_kip_890_end_by_kafkas_table() {
    let (retry, current) = (producer(9, 4), producer(9, 5));
    let fenced = (Err(TxnError::ProducerFenced), 0);
    let invalid = (Err(TxnError::InvalidTxnState), 0);
    let wait = (Err(TxnError::ConcurrentTransactions), 0);
    let again = (Ok(producer(9, 5)), 0);
    // An end of nothing is prepared and complete at once.
    let bump = (Ok(producer(9, 6)), 2);
    let prepared = (Ok(producer(9, 6)), 1);
    let table = [
        (TransactionState::Empty, [&fenced, &bump, &fenced, &invalid]),
        (TransactionState::Ongoing, [&fenced, &prepared, &fenced, &prepared]),
        (TransactionState::PrepareCommit, [&wait, &wait, &wait, &wait]),
        (TransactionState::PrepareAbort, [&wait, &wait, &wait, &wait]),
        (TransactionState::CompleteAbort, [&again, &bump, &invalid, &invalid]),
        (TransactionState::CompleteCommit, [&invalid, &bump, &again, &invalid]),
    ];
    for (state, expected) in table {
        let asked = [(ABORT, retry), (ABORT, current), (COMMIT, retry), (COMMIT, current)];
        for ((result, who), expected) in asked.into_iter().zip(expected) {
            let answer = answer(state, who, result, TransactionVersion::V2);
            assert_eq!(answer, *expected, "{result:?} by {who:?} in {state:?}");
        }
    }
}

#[test]
fn older_clients_end_by_the_result_alone() {
    let who = producer(9, 5);
    let invalid = (Err(TxnError::InvalidTxnState), 0);
    let wait = (Err(TxnError::ConcurrentTransactions), 0);
    let again = (Ok(who), 0);
    let prepared = (Ok(who), 1);
    let table = [
        (TransactionState::Empty, [&invalid, &invalid]),
        (TransactionState::Ongoing, [&prepared, &prepared]),
        (TransactionState::PrepareCommit, [&wait, &wait]),
        (TransactionState::PrepareAbort, [&wait, &wait]),
        (TransactionState::CompleteAbort, [&again, &invalid]),
        (TransactionState::CompleteCommit, [&invalid, &again]),
    ];
    for (state, expected) in table {
        for (result, expected) in [ABORT, COMMIT].into_iter().zip(expected) {
            assert_eq!(answer(state, who, result, V0), *expected, "{result:?} in {state:?}");
            assert_eq!(answer(state, producer(9, 4), result, V0), (Err(TxnError::ProducerFenced), 0));
            assert_eq!(answer(state, producer(9, 6), result, V0), (Err(TxnError::ProducerFenced), 0));
        }
    }
}

#[test]
fn foreign_and_unknown_ids_end_nothing() {
    for version in [V0, TransactionVersion::V2] {
        let ended = |run: &mut Run, id, who| run.end_with(end(id, who, COMMIT, version)).unwrap_err();
        let mut run = at(TransactionState::Ongoing);
        assert_eq!(ended(&mut run, "", producer(9, 5)), TxnError::InvalidRequest);
        assert_eq!(ended(&mut run, "other", producer(9, 5)), TxnError::InvalidProducerIdMapping);
        assert_eq!(ended(&mut run, "tx", producer(8, 5)), TxnError::InvalidProducerIdMapping);
        assert_eq!(run.get("tx").state, TransactionState::Ongoing);
    }
}

#[test]
fn an_end_of_kip_890_bumps_the_epoch_with_which_the_markers_are_written() {
    let mut run = at(TransactionState::Ongoing);
    let before = run.log.len();
    assert_eq!(run.end("tx", producer(9, 5), COMMIT), Ok(producer(9, 6)));
    let markers = run.markers(None);
    assert_eq!((markers[0].producer, markers[0].result), (producer(9, 6), COMMIT));
    assert_eq!(markers[0].client_version, TransactionVersion::V2);
    run.write_markers(&markers[0]);
    assert_eq!(run.written(before), ["tx PrepareCommit 9/6 [a-0]", "tx CompleteCommit 9/6 []"]);
    assert_eq!(run.add("tx", producer(9, 6), &[("a", 0)]), Ok(()));
}

#[test]
fn an_end_of_an_older_client_does_not_bump() {
    let mut run = at(TransactionState::Ongoing);
    let before = run.log.len();
    run.end_with(end("tx", producer(9, 5), ABORT, V0)).unwrap();
    let markers = run.markers(None);
    assert_eq!((markers[0].producer, markers[0].result), (producer(9, 5), ABORT));
    assert_eq!(markers[0].client_version, V0);
    run.write_markers(&markers[0]);
    assert_eq!(run.written(before), ["tx PrepareAbort 9/5 [a-0]", "tx CompleteAbort 9/5 []"]);
}

#[test]
fn the_last_epoch_ends_with_a_new_producer_id() {
    let last = producer(9, i16::MAX - 1);
    let mut run = Run::new();
    let new = Transaction::new(ProducerId::new(9), Duration::from_secs(60), run.now.wall);
    run.load("tx", Transaction { producer: last, ..new });
    run.add("tx", last, &[("a", 0)]).unwrap();
    assert_eq!(run.end("tx", last, COMMIT), Err(TxnError::NeedsProducerId));
    let with_spare = EndTransaction {
        spare: Some(ProducerId::new(77)),
        ..end("tx", last, COMMIT, TransactionVersion::V2)
    };
    let before = run.log.len();
    assert_eq!(run.end_with(with_spare.clone()), Ok(producer(77, 0)));
    assert_eq!(run.end_with(with_spare.clone()), Err(TxnError::ConcurrentTransactions));
    let markers = run.markers(None);
    assert_eq!(markers[0].producer, producer(9, i16::MAX));
    run.write_markers(&markers[0]);
    assert_eq!(run.written(before), ["tx PrepareCommit 9/32767 then 77 [a-0]", "tx CompleteCommit 77/0 []"]);
    // The answer was lost: the end is repeated, and who asks to go on hears the same.
    assert_eq!(run.end_with(with_spare.clone()), Ok(producer(77, 0)));
    assert_eq!(run.end("tx", last, ABORT), Err(TxnError::InvalidTxnState));
    assert_eq!(run.init("tx", Some(last)), Ok(producer(77, 0)));
    // Another coordinator knows it from the log.
    run.load("other", run.get("tx").clone());
    run.add("tx", producer(77, 0), &[("a", 0)]).unwrap();
    assert_eq!(run.end_with(with_spare), Err(TxnError::InvalidProducerIdMapping), "it has gone on");
}

#[test]
fn the_success_of_an_older_client_is_not_told_to_the_producer_that_it_fenced() {
    let mut run = Run::new();
    run.init("tx", None).unwrap();
    run.init("tx", None).unwrap();
    run.add_with(add("tx", producer(100, 1), &[("a", 0)], V0)).unwrap();
    run.end_with(end("tx", producer(100, 1), COMMIT, V0)).unwrap();
    let markers = run.markers(None);
    run.write_markers(&markers[0]);
    assert_eq!(run.end("tx", producer(100, 0), COMMIT), Err(TxnError::ProducerFenced));
}

#[test]
fn an_older_client_at_the_last_epoch_needs_no_new_producer_id() {
    let last = producer(9, i16::MAX - 1);
    let mut run = Run::new();
    let new = Transaction::new(ProducerId::new(9), Duration::from_secs(60), run.now.wall);
    run.load("tx", Transaction { producer: last, ..new });
    run.add("tx", last, &[("a", 0)]).unwrap();
    assert_eq!(run.end_with(end("tx", last, COMMIT, V0)), Ok(last));
}

#[test]
fn an_abort_of_nothing_begins_and_ends_now() {
    let mut run = at(TransactionState::CompleteCommit);
    run.pass(Duration::from_secs(5));
    let before = run.log.len();
    assert_eq!(run.end("tx", producer(9, 5), ABORT), Ok(producer(9, 6)));
    assert_eq!(run.written(before), ["tx PrepareAbort 9/6 []", "tx CompleteAbort 9/6 []"]);
    assert_eq!(run.get("tx").started_at, Some(run.now.wall));
}
