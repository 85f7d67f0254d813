//! What is told of transactional ids.

use alloc::{vec, vec::Vec};
use core::time::Duration;

use broker_protocol::Str;
use broker_types::{ProducerId, TransactionResult};

use super::*;
use crate::{
    Request, Response,
    testing::{Run, partitions, producer},
};

/// `a` is idle, `b` and `c` are open, `c` ten seconds longer, `d` is about to be committed.
fn run() -> Run {
    let mut run = Run::new();
    for id in ["a", "b", "c", "d"] {
        run.init(id, None).unwrap();
    }
    run.add("c", producer(102, 0), &[("t", 0), ("t", 1)]).unwrap();
    run.pass(Duration::from_secs(10));
    run.add("b", producer(101, 0), &[("t", 0)]).unwrap();
    run.add("d", producer(103, 0), &[("t", 0)]).unwrap();
    run.end("d", producer(103, 0), TransactionResult::Commit).unwrap();
    run.pass(Duration::from_secs(5));
    run
}

fn listed(request: ListTransactions) -> (Vec<alloc::string::String>, Vec<Str>) {
    match run().ask(Request::List(request)) {
        Response::List(list) => {
            let ids = list.transactions.iter();
            let told = |it: &ListedTransaction| {
                alloc::format!("{} {} {}", it.id, it.producer_id.get(), it.state.name())
            };
            (ids.map(told).collect(), list.unknown_states)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_are_listed_without_filters() {
    let (found, _) = listed(ListTransactions::default());
    assert_eq!(found, ["a 100 Empty", "b 101 Ongoing", "c 102 Ongoing", "d 103 PrepareCommit"]);
}

#[test]
fn filters_are_all_held_and_unknown_states_told() {
    let name = |name: &'static str| Str::from_static(name);
    let states = vec![name("Ongoing"), name("Dead"), name("Nope")];
    let (found, unknown) = listed(ListTransactions { states, ..ListTransactions::default() });
    assert_eq!((found.len(), unknown), (2, vec![name("Nope")]));
    let (found, _) = listed(ListTransactions { states: vec![name("Nope")], ..ListTransactions::default() });
    assert_eq!(found.len(), 0, "a state that is not there has nothing");
    let producer_ids = vec![ProducerId::new(101), ProducerId::new(100)];
    let by_id = ListTransactions { producer_ids, ..ListTransactions::default() };
    assert_eq!(listed(by_id.clone()).0, ["a 100 Empty", "b 101 Ongoing"]);
    let both = ListTransactions { states: vec![name("Ongoing")], ..by_id };
    assert_eq!(listed(both).0, ["b 101 Ongoing"]);
}

#[test]
fn those_that_take_long_are_found_and_those_that_never_began() {
    let longer = |secs| {
        let longer_than = Some(Duration::from_secs(secs));
        listed(ListTransactions { longer_than, ..ListTransactions::default() }).0
    };
    assert_eq!(longer(4).len(), 4);
    assert_eq!(longer(5), ["a 100 Empty", "c 102 Ongoing"]);
    assert_eq!(longer(15), ["a 100 Empty"]);
}

#[test]
fn a_description_is_all_that_is_known() {
    let ids = ["c", "", "nobody"].map(TransactionalId::new).to_vec();
    let Response::Describe(described) = run().ask(Request::Describe(ids.clone())) else { panic!() };
    assert_eq!(described.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(), ids);
    let open = described[0].1.as_ref().unwrap();
    assert_eq!(
        (open.state, &open.partitions),
        (TransactionState::Ongoing, &partitions(&[("t", 0), ("t", 1)]))
    );
    assert_eq!(described[1].1, Err(TxnError::InvalidRequest));
    assert_eq!(described[2].1, Err(TxnError::TransactionalIdNotFound));
}
