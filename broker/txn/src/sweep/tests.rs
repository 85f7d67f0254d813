//! Time passes.

use core::time::Duration;

use broker_types::{ProducerId, TransactionResult, TransactionVersion, TransactionalId};

use super::*;
use crate::{
    Transaction, TransactionRecord, TransactionState, TxnError,
    testing::{Run, producer},
};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn a_transaction_that_takes_too_long_is_aborted_and_its_producer_fenced() {
    let mut run = Run::new();
    run.init("tx", None).unwrap();
    run.add("tx", producer(100, 0), &[("a", 0)]).unwrap();
    run.pass(SECOND * 60);
    assert_eq!(run.get("tx").state, TransactionState::Ongoing, "as long as it may take");
    run.pass(SECOND * 10);
    assert_eq!(run.written(2), ["tx PrepareAbort 100/1 [a-0]"]);
    assert_eq!(
        run.end("tx", producer(100, 0), TransactionResult::Commit),
        Err(TxnError::ConcurrentTransactions)
    );
    let markers = run.markers(None);
    run.write_markers(&markers[0]);
    assert_eq!(run.end("tx", producer(100, 0), TransactionResult::Commit), Err(TxnError::InvalidTxnState));
    assert_eq!(run.add("tx", producer(100, 0), &[("a", 0)]), Err(TxnError::ProducerFenced));
    // It may go on, for nobody else came.
    assert_eq!(run.init("tx", Some(producer(100, 0))), Ok(producer(100, 1)));
}

#[test]
fn before_kip_890_the_slow_producer_is_fenced_for_good() {
    let mut run = Run::of(TransactionVersion::V1);
    run.init("tx", None).unwrap();
    run.add("tx", producer(100, 0), &[("a", 0)]).unwrap();
    run.pass(SECOND * 70);
    assert_eq!(run.written(2), ["tx PrepareAbort 100/1 [a-0]"]);
    assert_eq!(run.get("tx").client_version, TransactionVersion::V0);
    let markers = run.markers(None);
    run.write_markers(&markers[0]);
    assert_eq!(run.init("tx", Some(producer(100, 0))), Err(TxnError::ProducerFenced));
}

#[test]
fn what_ends_does_not_time_out() {
    let mut run = Run::new();
    run.init("tx", None).unwrap();
    run.add("tx", producer(100, 0), &[("a", 0)]).unwrap();
    run.end("tx", producer(100, 0), TransactionResult::Commit).unwrap();
    let before = run.log.len();
    run.pass(DAY);
    assert_eq!(run.written(before), [""; 0]);
}

#[test]
fn an_id_that_nobody_uses_is_forgotten_and_one_that_does_something_is_not() {
    let mut run = Run::new();
    for id in ["idle", "aborted", "ending"] {
        run.init(id, None).unwrap();
    }
    run.add("aborted", producer(101, 0), &[("a", 0)]).unwrap();
    run.add("ending", producer(102, 0), &[("a", 0)]).unwrap();
    run.end("ending", producer(102, 0), TransactionResult::Commit).unwrap();
    run.pass(SECOND * 80);
    let markers = run.markers(None);
    let aborted = markers.iter().find(|markers| markers.id.as_str() == "aborted").unwrap();
    run.write_markers(aborted);
    let before = run.log.len();
    run.pass(DAY * 7 - SECOND * 80);
    assert_eq!(run.written(before), ["idle -"]);
    run.pass(SECOND * 60 * 60);
    assert_eq!(run.written(before), ["idle -", "aborted -"]);
    assert_eq!(run.state.len(), 1);
    assert_eq!(run.add("idle", producer(100, 0), &[("a", 0)]), Err(TxnError::InvalidProducerIdMapping));
}

#[test]
fn many_ids_are_looked_at_in_several_ticks() {
    let mut run = Run::new();
    let nearly = run.now.wall.minus(DAY * 7).plus(SECOND * 5_000);
    let old = Transaction::new(ProducerId::new(1), SECOND, nearly);
    for number in 0..IDS_PER_TICK + 5 {
        let id = TransactionalId::new(&alloc::format!("{number:06}"));
        run.replay(TransactionRecord::new(id, old.clone(), TransactionVersion::V2));
    }
    run.lead_anew();
    run.pass(SECOND * 3_600);
    assert_eq!(run.state.len(), IDS_PER_TICK + 5);
    run.pass(SECOND * 3_600);
    assert_eq!(run.state.len(), 0);
}

#[test]
fn nothing_is_due_while_another_leads() {
    use broker_coordinator::Shard as _;
    let mut run = Run::new();
    assert_eq!(run.coordinator.next_deadline(), Some(run.now.mono.plus(SECOND * 10)));
    run.coordinator.resigned();
    assert_eq!(run.coordinator.next_deadline(), None);
}
