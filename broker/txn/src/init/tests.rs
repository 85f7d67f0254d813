//! `InitProducerId` in every state.

use core::time::Duration;

use broker_types::{ProducerId, TransactionResult, TransactionVersion};

use crate::{
    InitProducerId, Settings, Transaction, TransactionCoordinator, TransactionState, TxnError,
    testing::{Run, add, init, producer},
};

#[test]
fn a_new_id_gets_a_fresh_producer_id_and_asks_for_one() {
    let mut run = Run::new();
    assert_eq!(run.init_with(init("tx")), Err(TxnError::NeedsProducerId));
    assert_eq!(run.written(0), [""; 0]);
    assert_eq!(run.init("tx", None), Ok(producer(100, 0)));
    assert_eq!(run.written(0), ["tx Empty 100/0 []"]);
    let value = run.get("tx");
    assert_eq!(value.previous_producer_id, Some(ProducerId::new(100)), "as Kafka writes it");
    assert_eq!((value.started_at, value.timeout), (None, Duration::from_secs(60)));
}

#[test]
fn a_new_id_is_given_to_one_that_expects_another() {
    // A producer whose transactional id expired while it paused.
    assert_eq!(Run::new().init("tx", Some(producer(9, 4))), Ok(producer(100, 0)));
}

#[test]
fn whoever_comes_next_fences_who_was_there() {
    let mut run = Run::new();
    run.init("tx", None).unwrap();
    assert_eq!(run.init("tx", None), Ok(producer(100, 1)));
    assert_eq!(run.add("tx", producer(100, 0), &[("a", 0)]), Err(TxnError::ProducerFenced));
    assert_eq!(run.add("tx", producer(100, 1), &[("a", 0)]), Ok(()));
}

#[test]
fn what_cannot_be_is_refused() {
    let mut run = Run::new();
    let with = |change: &dyn Fn(&mut InitProducerId)| {
        let mut request = InitProducerId { spare: Some(ProducerId::new(1)), ..init("tx") };
        change(&mut request);
        request
    };
    let mut refused = |change: &dyn Fn(&mut InitProducerId)| run.init_with(with(change)).unwrap_err();
    assert_eq!(refused(&|it| it.timeout = Duration::ZERO), TxnError::InvalidTransactionTimeout);
    assert_eq!(
        refused(&|it| it.timeout = Duration::from_millis(900_001)),
        TxnError::InvalidTransactionTimeout
    );
    assert_eq!(refused(&|it| it.id = broker_types::TransactionalId::new("")), TxnError::InvalidRequest);
    assert_eq!(refused(&|it| it.two_phase_commit = true), TxnError::TransactionalIdAuthorizationFailed);
    assert_eq!(refused(&|it| it.keep_prepared = true), TxnError::UnsupportedVersion);
    assert_eq!(run.written(0), [""; 0]);
    assert_eq!(run.init_with(with(&|it| it.timeout = Duration::from_secs(900))), Ok(producer(1, 0)));
}

#[test]
fn two_phase_commit_has_no_timeout() {
    let mut run = Run::new();
    let settings = Settings { two_phase_commit: true, ..Settings::default() };
    run.coordinator = TransactionCoordinator::new(settings, alloc::sync::Arc::new(TransactionVersion::V2));
    run.lead_anew();
    let request = InitProducerId {
        two_phase_commit: true,
        timeout: Duration::ZERO,
        spare: Some(ProducerId::new(1)),
        ..init("tx")
    };
    assert_eq!(run.init_with(request), Ok(producer(1, 0)));
    run.add("tx", producer(1, 0), &[("a", 0)]).unwrap();
    run.pass(Duration::from_secs(60 * 60 * 24 * 365));
    assert_eq!(run.get("tx").state, TransactionState::Ongoing);
}

#[test]
fn an_open_transaction_is_aborted_and_the_next_try_gets_a_further_epoch() {
    let mut run = Run::new();
    run.init("tx", None).unwrap();
    run.add("tx", producer(100, 0), &[("a", 0)]).unwrap();
    assert_eq!(run.init("tx", None), Err(TxnError::ConcurrentTransactions));
    assert_eq!(run.written(2), ["tx PrepareAbort 100/1 [a-0]"]);
    assert_eq!(run.init("tx", None), Err(TxnError::ConcurrentTransactions), "until the markers are written");
    let markers = run.markers(None);
    run.write_markers(&markers[0]);
    assert_eq!(run.init("tx", None), Ok(producer(100, 2)));
    assert_eq!(
        run.written(2),
        ["tx PrepareAbort 100/1 [a-0]", "tx CompleteAbort 100/1 []", "tx Empty 100/2 []"]
    );
}

#[test]
fn a_cluster_before_kip_890_fences_an_open_transaction_too() {
    let mut run = Run::of(TransactionVersion::V0);
    run.init("tx", None).unwrap();
    run.add_with(add("tx", producer(100, 0), &[("a", 0)], TransactionVersion::V0)).unwrap();
    assert_eq!(run.init("tx", None), Err(TxnError::ConcurrentTransactions));
    assert_eq!(run.written(2), ["tx PrepareAbort 100/1 [a-0]"]);
    let markers = run.markers(None);
    run.write_markers(&markers[0]);
    assert_eq!(run.init("tx", Some(producer(100, 0))), Err(TxnError::ProducerFenced));
    assert_eq!(run.init("tx", None), Ok(producer(100, 2)));
}

#[test]
fn a_producer_goes_on_after_an_error_and_may_ask_twice() {
    let mut run = Run::new();
    run.init("tx", None).unwrap();
    assert_eq!(run.init("tx", Some(producer(100, 0))), Ok(producer(100, 1)));
    assert_eq!(run.init("tx", Some(producer(100, 0))), Ok(producer(100, 1)), "the answer was lost");
    assert_eq!(run.init("tx", Some(producer(100, 1))), Ok(producer(100, 2)));
    assert_eq!(run.init("tx", Some(producer(100, 0))), Err(TxnError::ProducerFenced));
    // Another one comes in between: nobody of before may ask again.
    assert_eq!(run.init("tx", None), Ok(producer(100, 3)));
    assert_eq!(run.init("tx", Some(producer(100, 2))), Err(TxnError::ProducerFenced));
    assert_eq!(run.init("tx", Some(producer(99, 3))), Err(TxnError::ProducerFenced));
}

#[test]
fn another_coordinator_does_not_know_who_was_before() {
    let mut run = Run::new();
    run.init("tx", None).unwrap();
    run.init("tx", Some(producer(100, 0))).unwrap();
    run.lead_anew();
    assert_eq!(run.init("tx", Some(producer(100, 0))), Err(TxnError::ProducerFenced));
}

#[test]
fn one_that_expects_a_foreign_id_does_not_abort_an_open_transaction() {
    let mut run = Run::new();
    run.init("tx", None).unwrap();
    run.add("tx", producer(100, 0), &[("a", 0)]).unwrap();
    assert_eq!(run.init("tx", Some(producer(7, 0))), Err(TxnError::ProducerFenced));
    assert_eq!(run.get("tx").state, TransactionState::Ongoing);
}

/// A transactional id whose client has the last epoch.
fn exhausted(state: TransactionState) -> Transaction {
    let new = Transaction::new(ProducerId::new(9), Duration::from_secs(60), Run::new().now.wall);
    Transaction { producer: producer(9, i16::MAX - 1), state, ..new }
}

#[test]
fn exhausted_epochs_bring_a_new_producer_id() {
    let mut run = Run::new();
    run.load("tx", exhausted(TransactionState::Empty));
    assert_eq!(run.init_with(init("tx")), Err(TxnError::NeedsProducerId));
    assert_eq!(run.init("tx", Some(producer(9, 7))), Err(TxnError::ProducerFenced));
    assert_eq!(run.init("tx", Some(producer(9, i16::MAX - 1))), Ok(producer(101, 0)));
    assert_eq!(run.init("tx", Some(producer(9, i16::MAX - 1))), Ok(producer(101, 0)), "the answer was lost");
    assert_eq!(run.init("tx", None), Ok(producer(101, 1)));
    assert_eq!(run.init("tx", Some(producer(9, i16::MAX - 1))), Err(TxnError::ProducerFenced));
}

#[test]
fn fencing_with_the_last_epoch_brings_a_new_producer_id() {
    let mut run = Run::new();
    run.load("tx", exhausted(TransactionState::CompleteCommit));
    run.add("tx", producer(9, i16::MAX - 1), &[("a", 0)]).unwrap();
    assert_eq!(run.init_with(init("tx")), Err(TxnError::NeedsProducerId));
    assert_eq!(run.init("tx", None), Err(TxnError::ConcurrentTransactions));
    let markers = run.markers(None);
    assert_eq!(markers[0].producer, producer(9, i16::MAX));
    run.write_markers(&markers[0]);
    assert_eq!(run.written(2), ["tx PrepareAbort 9/32767 then 100 [a-0]", "tx CompleteAbort 100/0 []"]);
    assert_eq!(run.init("tx", None), Ok(producer(100, 1)));
}

#[test]
fn a_timeout_at_the_last_epoch_leaves_the_new_producer_id_to_the_next_init() {
    let mut run = Run::new();
    run.load("tx", exhausted(TransactionState::Empty));
    run.add("tx", producer(9, i16::MAX - 1), &[("a", 0)]).unwrap();
    run.pass(Duration::from_secs(80));
    let markers = run.markers(None);
    run.write_markers(&markers[0]);
    assert_eq!(run.written(2), ["tx PrepareAbort 9/32767 [a-0]", "tx CompleteAbort 9/32767 []"]);
    let late = run.end("tx", producer(9, i16::MAX - 1), TransactionResult::Abort);
    assert_eq!(late, Err(TxnError::ProducerFenced), "there is no epoch to tell it");
    // Kafka answers UNKNOWN_SERVER_ERROR to the producer itself, which may go on like any other that was too slow.
    assert_eq!(run.init("tx", Some(producer(9, i16::MAX - 1))), Ok(producer(100, 0)));
}

#[test]
fn a_transaction_that_ended_tells_its_producer_who_it_is() {
    let mut run = Run::new();
    run.init("tx", None).unwrap();
    run.add("tx", producer(100, 0), &[("a", 0)]).unwrap();
    assert_eq!(run.end("tx", producer(100, 0), TransactionResult::Commit), Ok(producer(100, 1)));
    let markers = run.markers(None);
    run.write_markers(&markers[0]);
    // It did not hear of its end, and asks to go on.
    assert_eq!(run.init("tx", Some(producer(100, 0))), Ok(producer(100, 1)));
}
