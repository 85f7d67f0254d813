//! `AddPartitionsToTxn` in every state.

use alloc::vec::Vec;

use broker_types::{TopicPartition, TransactionResult, TransactionVersion};

use crate::{
    Request, Response, TransactionState, TxnError,
    testing::{Run, add, end, partitions, producer},
};

fn verify(
    run: &mut Run,
    producer: broker_types::Producer,
    all: &[(&str, i32)],
) -> Result<Vec<TopicPartition>, TxnError> {
    let request = add("tx", producer, all, TransactionVersion::V2);
    match run.ask(Request::VerifyPartitions(request)) {
        Response::VerifyPartitions(result) => result,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_partition_begins_the_transaction_and_further_ones_join_it() {
    let mut run = Run::new();
    run.init("tx", None).unwrap();
    assert_eq!(run.add("tx", producer(100, 0), &[("b", 1), ("a", 0)]), Ok(()));
    let started = run.get("tx").started_at;
    assert_eq!(started, Some(run.now.wall));
    run.pass(core::time::Duration::from_secs(1));
    assert_eq!(run.add("tx", producer(100, 0), &[("a", 2)]), Ok(()));
    assert_eq!(run.get("tx").started_at, started);
    assert_eq!(run.get("tx").updated_at, run.now.wall);
    assert_eq!(run.written(1), ["tx Ongoing 100/0 [a-0, b-1]", "tx Ongoing 100/0 [a-0, a-2, b-1]"]);
    assert_eq!(run.add("tx", producer(100, 0), &[("b", 1), ("a", 2)]), Ok(()), "it has them");
    assert_eq!(run.written(3), [""; 0]);
}

#[test]
fn only_the_producer_adds() {
    let mut run = Run::new();
    run.init("tx", None).unwrap();
    run.init("tx", None).unwrap();
    let mut refused = |id: &str, who| run.add(id, who, &[("a", 0)]).unwrap_err();
    assert_eq!(refused("", producer(100, 1)), TxnError::InvalidRequest);
    assert_eq!(refused("other", producer(100, 1)), TxnError::InvalidProducerIdMapping);
    assert_eq!(refused("tx", producer(99, 1)), TxnError::InvalidProducerIdMapping);
    assert_eq!(refused("tx", producer(100, 0)), TxnError::ProducerFenced);
    assert_eq!(refused("tx", producer(100, 2)), TxnError::ProducerFenced);
}

#[test]
fn nothing_is_added_to_what_ends_whoever_asks() {
    for (result, complete) in
        [(TransactionResult::Commit, "CompleteCommit"), (TransactionResult::Abort, "CompleteAbort")]
    {
        let mut run = Run::new();
        run.init("tx", None).unwrap();
        run.add("tx", producer(100, 0), &[("a", 0)]).unwrap();
        run.end("tx", producer(100, 0), result).unwrap();
        for who in [producer(100, 0), producer(100, 1), producer(99, 0)] {
            assert_eq!(run.add("tx", who, &[("a", 0)]), Err(TxnError::ConcurrentTransactions));
        }
        let markers = run.markers(None);
        run.write_markers(&markers[0]);
        assert_eq!(run.get("tx").state.name(), complete);
        assert_eq!(run.add("tx", producer(100, 0), &[("a", 0)]), Err(TxnError::ProducerFenced));
        assert_eq!(run.add("tx", producer(100, 1), &[("z", 9)]), Ok(()));
        assert_eq!(run.get("tx").partitions, partitions(&[("z", 9)]), "nothing of the last transaction");
        assert_eq!(run.get("tx").state, TransactionState::Ongoing);
    }
}

#[test]
fn the_client_s_way_to_add_is_kept() {
    let mut run = Run::new();
    run.init("tx", None).unwrap();
    run.add_with(add("tx", producer(100, 0), &[("a", 0)], TransactionVersion::V0)).unwrap();
    assert_eq!(run.get("tx").client_version, TransactionVersion::V0);
    run.add("tx", producer(100, 0), &[("a", 1)]).unwrap();
    assert_eq!(run.get("tx").client_version, TransactionVersion::V2);
}

#[test]
fn verification_says_what_is_missing_and_changes_nothing() {
    let mut run = Run::new();
    run.init("tx", None).unwrap();
    run.add("tx", producer(100, 0), &[("a", 0), ("a", 1)]).unwrap();
    let before = run.log.len();
    assert_eq!(verify(&mut run, producer(100, 0), &[("a", 1)]), Ok(Vec::new()));
    let missing = Vec::from(&partitions(&[("a", 2), ("b", 0)]));
    assert_eq!(verify(&mut run, producer(100, 0), &[("a", 0), ("a", 2), ("b", 0)]), Ok(missing));
    assert_eq!(verify(&mut run, producer(99, 0), &[("a", 0)]), Err(TxnError::InvalidProducerIdMapping));
    assert_eq!(verify(&mut run, producer(100, 1), &[("a", 0)]), Err(TxnError::ProducerFenced));
    assert_eq!(run.log.len(), before);
    run.end("tx", producer(100, 0), TransactionResult::Commit).unwrap();
    assert_eq!(
        verify(&mut run, producer(100, 0), &[("a", 0)]),
        Err(TxnError::ProducerFenced),
        "it was bumped"
    );
    assert_eq!(verify(&mut run, producer(100, 1), &[("a", 0)]), Err(TxnError::ConcurrentTransactions));
}

#[test]
fn nothing_is_verified_for_one_that_is_idle() {
    let mut run = Run::new();
    let one = Vec::from(&partitions(&[("a", 0)]));
    assert_eq!(verify(&mut run, producer(100, 0), &[("a", 0)]), Err(TxnError::InvalidProducerIdMapping));
    run.init("tx", None).unwrap();
    assert_eq!(verify(&mut run, producer(100, 0), &[("a", 0)]), Ok(one));
}

/// On a cluster whose `transaction.version` is 0.
#[test]
fn where_records_have_no_room_for_it_nothing_of_kip_890_is_written() {
    let mut run = Run::of(TransactionVersion::V0);
    run.init("tx", None).unwrap();
    let (who, v2) = (producer(100, 0), TransactionVersion::V2);
    let unsupported = TxnError::UnsupportedVersion;
    assert_eq!(run.add_with(add("tx", who, &[("a", 0)], v2)), Err(unsupported));
    assert_eq!(run.end_with(end("tx", who, TransactionResult::Abort, v2)), Err(unsupported));
    run.add_with(add("tx", who, &[("a", 0)], TransactionVersion::V0)).unwrap();
    assert_eq!(run.add_with(add("tx", who, &[("a", 0)], v2)), Ok(()), "it has it, and writes nothing");
    assert_eq!(run.end_with(end("tx", who, TransactionResult::Commit, v2)), Err(unsupported));
    assert_eq!(run.get("tx").state, TransactionState::Ongoing);
    assert_eq!(run.end_with(end("tx", who, TransactionResult::Commit, TransactionVersion::V0)), Ok(who));
}
