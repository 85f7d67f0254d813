//! Who hears of which markers, and when they are all written.

use alloc::vec;

use broker_coordinator::Shard as _;
use broker_types::{PartitionId, TopicName};

use super::*;
use crate::{
    Request, Settings, TransactionCoordinator, TransactionState,
    testing::{EPOCH, Run, partitions, producer},
};

fn open(run: &mut Run, id: &str) -> Producer {
    let producer = run.init(id, None).unwrap();
    run.add(id, producer, &[("a", 0), ("b", 1)]).unwrap();
    producer
}

fn commit(run: &mut Run, id: &str) {
    let producer = open(run, id);
    run.end(id, producer, TransactionResult::Commit).unwrap();
}

fn wait(after: Option<MarkerNumber>) -> Request {
    Request::AwaitMarkers(AwaitMarkers { epoch: EPOCH, after })
}

fn ids(markers: &[PendingMarkers]) -> Vec<&str> {
    markers.iter().map(|markers| markers.id.as_str()).collect()
}

#[test]
fn whoever_waits_hears_of_an_end_together_with_who_ended() {
    let mut run = Run::new();
    let reply = run.send(wait(None));
    let who = open(&mut run, "tx");
    assert_eq!(run.answered.get(&reply), None, "nothing ends yet");
    run.end("tx", who, TransactionResult::Abort).unwrap();
    let expected = PendingMarkers {
        number: MarkerNumber::new(1),
        id: TransactionalId::new("tx"),
        producer: producer(100, 1),
        result: TransactionResult::Abort,
        coordinator_epoch: EPOCH,
        client_version: TransactionVersion::V2,
        partitions: partitions(&[("a", 0), ("b", 1)]),
    };
    assert_eq!(run.answered.remove(&reply), Some(Response::AwaitMarkers(vec![expected])));
}

#[test]
fn a_transaction_is_complete_when_every_partition_has_its_marker() {
    let mut run = Run::new();
    commit(&mut run, "tx");
    let markers = run.markers(None).remove(0);
    run.write_some(&markers, partitions(&[("b", 1), ("foreign", 7)]));
    assert_eq!(run.get("tx").state, TransactionState::PrepareCommit);
    assert_eq!(run.markers(None)[0].partitions, partitions(&[("a", 0)]), "what is left is told");
    run.write_some(&markers, partitions(&[("b", 1)]));
    assert_eq!(run.get("tx").state, TransactionState::PrepareCommit);
    run.write_some(&markers, partitions(&[("a", 0)]));
    assert_eq!(run.get("tx").state, TransactionState::CompleteCommit);
    let before = run.log.len();
    run.write_markers(&markers);
    assert_eq!(run.log.len(), before, "only once");
}

#[test]
fn a_number_is_where_one_goes_on_and_the_same_number_brings_the_same() {
    let mut run = Run::new();
    commit(&mut run, "one");
    commit(&mut run, "two");
    let first = run.markers(None);
    assert_eq!(ids(&first), ["one", "two"]);
    assert_eq!(run.markers(None), first, "the answer was lost");
    let reply = run.send(wait(Some(first[1].number)));
    assert_eq!(run.answered.get(&reply), None);
    commit(&mut run, "three");
    let Some(Response::AwaitMarkers(later)) = run.answered.remove(&reply) else { panic!() };
    assert_eq!(ids(&later), ["three"]);
    run.write_markers(&first[0]);
    assert_eq!(ids(&run.markers(None)), ["two", "three"]);
}

#[test]
fn of_two_that_wait_the_first_is_sent_away() {
    let mut run = Run::new();
    let first = run.send(wait(None));
    let second = run.send(wait(None));
    assert_eq!(run.answered.remove(&first), Some(Response::AwaitMarkers(vec![])));
    assert_eq!(run.lead_anew(), [ReplyId::new(second)], "and the second is refused when the lead is lost");
}

#[test]
fn one_answer_has_so_many_and_the_next_the_rest() {
    let mut run = Run::new();
    for number in 0..ANSWER_MAX + 3 {
        commit(&mut run, &alloc::format!("{number:05}"));
    }
    let first = run.markers(None);
    assert_eq!(first.len(), ANSWER_MAX);
    assert_eq!(run.markers(first.last().map(|last| last.number)).len(), 3);
}

#[test]
fn whoever_leads_next_writes_all_markers_of_what_was_prepared() {
    let mut run = Run::new();
    commit(&mut run, "tx");
    let old = run.markers(None).remove(0);
    run.write_some(&old, partitions(&[("a", 0)]));
    run.lead_anew();
    let new = run.markers(None).remove(0);
    assert_eq!((new.number, &new.partitions), (MarkerNumber::new(2), &partitions(&[("a", 0), ("b", 1)])));
    run.write_markers(&old);
    assert_eq!(
        run.get("tx").state,
        TransactionState::PrepareCommit,
        "what was asked for before says nothing"
    );
    let foreign = PendingMarkers { coordinator_epoch: LeaderEpoch::new(6), ..new.clone() };
    run.write_markers(&foreign);
    assert_eq!(run.get("tx").state, TransactionState::PrepareCommit, "nor do those of another epoch");
    run.write_markers(&new);
    assert_eq!(run.get("tx").state, TransactionState::CompleteCommit);
}

#[test]
fn a_coordinator_that_is_made_anew_uses_no_number_again() {
    let mut run = Run::new();
    commit(&mut run, "tx");
    let old = run.markers(None).remove(0);
    run.pass(Duration::from_micros(5));
    run.coordinator = TransactionCoordinator::new(Settings::default(), Arc::new(TransactionVersion::V2));
    run.coordinator.became_leader(run.now, &run.state);
    assert!(run.markers(None)[0].number > old.number);
}

#[test]
fn an_end_of_nothing_whose_completion_was_lost_is_completed_by_whoever_leads_next() {
    let mut run = Run::new();
    let who = run.init("tx", None).unwrap();
    run.end("tx", who, TransactionResult::Abort).unwrap();
    let completion = run.log.pop().expect("the last record");
    assert_eq!(completion.value.unwrap().state, TransactionState::CompleteAbort);
    let prepared = run.log.pop().and_then(|record| record.value).expect("the one before");
    run.load("tx", (*prepared).clone());
    let written = run.log.len();
    run.pass(Duration::ZERO);
    assert_eq!(run.written(written), ["tx CompleteAbort 100/1 []"]);
}

#[test]
fn an_end_that_was_not_written_has_no_markers() {
    let mut run = Run::new();
    let who = open(&mut run, "tx");
    let before = run.state.clone();
    run.end("tx", who, TransactionResult::Commit).unwrap();
    run.state = before;
    assert_eq!(run.coordinator.rolled_back(run.now, &run.state), []);
    let reply = run.send(wait(None));
    assert_eq!(run.answered.get(&reply), None);
    // It can be ended again, even the other way.
    run.end("tx", who, TransactionResult::Abort).unwrap();
    let Some(Response::AwaitMarkers(markers)) = run.answered.remove(&reply) else { panic!() };
    assert_eq!(markers[0].result, TransactionResult::Abort);
}

#[test]
fn a_completion_that_was_not_written_is_tried_again_without_further_markers() {
    let mut run = Run::new();
    commit(&mut run, "tx");
    let markers = run.markers(None).remove(0);
    let before = run.state.clone();
    run.write_markers(&markers);
    run.state = before;
    run.coordinator.rolled_back(run.now, &run.state);
    assert_eq!(run.get("tx").state, TransactionState::PrepareCommit);
    let reply = run.send(wait(None));
    assert_eq!(run.answered.get(&reply), None, "they are written");
    assert_eq!(run.coordinator.next_deadline(), Some(run.now.mono.plus(RETRY_AFTER)));
    let written = run.log.len();
    run.pass(RETRY_AFTER);
    assert_eq!(run.written(written), ["tx CompleteCommit 100/1 []"]);
}

#[test]
fn a_next_transaction_that_was_not_written_does_not_hide_that_the_former_is_complete() {
    let mut run = Run::new();
    commit(&mut run, "tx");
    let markers = run.markers(None).remove(0);
    let before = run.state.clone();
    run.write_markers(&markers);
    run.add("tx", producer(100, 1), &[("c", 0)]).unwrap();
    run.end("tx", producer(100, 1), TransactionResult::Abort).unwrap();
    run.state = before;
    run.coordinator.rolled_back(run.now, &run.state);
    run.pass(RETRY_AFTER);
    assert_eq!(run.get("tx").state, TransactionState::CompleteCommit);
    assert_eq!(run.get("tx").producer, producer(100, 1));
}

#[test]
fn a_partition_that_is_not_there_changes_nothing() {
    let mut all = partitions(&[("a", 0)]);
    assert!(!all.remove(&TopicName::new("a"), PartitionId::new(1)));
    assert!(!all.remove(&TopicName::new("b"), PartitionId::new(0)));
    assert!(all.remove(&TopicName::new("a"), PartitionId::new(0)));
    assert!(all.is_empty());
}
