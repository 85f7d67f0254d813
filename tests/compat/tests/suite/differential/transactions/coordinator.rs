//! FindCoordinator, InitProducerId, AddPartitionsToTxn, AddOffsetsToTxn, EndTxn, DescribeTransactions, ListTransactions.

use anyhow::Result;
use tests_compat::Body;

use super::super::Pair;
use super::{
    ADD_OFFSETS, ADD_PARTITIONS, DESCRIBE, END_TXN, FIND_COORDINATOR, INIT_PRODUCER_ID, LIST, Producer, add,
    at_every_level, end, init, with_kip_890,
};

/// Topics with some of their partitions.
type Topics<'a> = &'a [(&'a str, &'a [i32])];
/// What a list asks for: states, producer ids, an age in milliseconds, a pattern.
type Filters<'a> = (&'a [&'a str], &'a [i64], i64, Option<&'a str>);

const DIFF: Topics<'_> = &[("diff", &[0])];
const NOBODY: Producer = Producer { name: "nobody", id: 5, epoch: 0 };
const EMPTY: Producer = Producer { name: "", id: 5, epoch: 0 };

#[test]
fn producers_of_transactional_ids() -> Result<()> {
    at_every_level(producers)
}

fn producers(mut pair: Pair) -> Result<()> {
    for id in ["t", "", "another"] {
        // The first version knows groups only.
        pair.ask(&format!("coordinator of '{id}'"), &FIND_COORDINATOR.of(1..=6), |version, body| {
            if version >= 4 {
                return body.int8(1).array(Some(1)).text(Some(id)).end();
            }
            body.text(Some(id)).int8(1).end()
        })?;
    }
    let all = INIT_PRODUCER_ID;
    for name in ["t", "longest", "new"] {
        pair.settled(Producer { name, ..NOBODY })?;
    }
    for (name, id, timeout_ms) in [
        ("no transactional id", None, 0),
        ("an empty id", Some(""), 60_000),
        ("no timeout", Some("t"), 0),
        ("a negative timeout", Some("t"), -1),
        ("a timeout beyond the maximum", Some("t"), 900_001),
        ("the longest timeout", Some("longest"), 900_000),
        ("a new producer, then the next", Some("t"), 60_000),
    ] {
        pair.ask(name, &all, |version, body| init(version, body, id, timeout_ms, None))?;
    }
    let expecting = all.of(3..=5);
    for (name, id, expected) in [
        ("an id without an epoch", Some("t"), (0, -1)),
        ("an epoch without an id", Some("t"), (-1, 0)),
        ("an id of another", Some("t"), (12_345, 0)),
        ("an epoch of before", Some("t"), (6, 0)),
        ("an epoch of after", Some("t"), (6, 1_000)),
        ("of one that is new", Some("new"), (77, 3)),
        ("without a transactional id", None, (77, 3)),
    ] {
        pair.ask(name, &expecting, |version, body| init(version, body, id, 60_000, Some(expected)))?;
    }
    let producer = pair.producer("goes on")?;
    let expected = Some((producer.id, producer.epoch));
    pair.ask("the same twice: a bump and its repetition", &expecting, |version, body| {
        init(version, body, Some("goes on"), 60_000, expected)
    })?;
    let next = producer.with_epoch(producer.epoch + 1);
    pair.ask_in("add", &ADD_PARTITIONS, 3, |version, body| add(version, body, next, false, DIFF))?;
    pair.ask_in("of before, in a transaction", &all, 4, |version, body| {
        init(version, body, Some("goes on"), 60_000, Some((producer.id, 99)))
    })?;
    pair.settled(producer)?;
    let next = producer.with_epoch(producer.epoch + 2);
    pair.ask_in("after that", &all, 4, |version, body| init(version, body, Some("goes on"), 60_000, None))?;
    pair.ask_in("add again", &ADD_PARTITIONS, 3, |version, body| add(version, body, next, false, DIFF))?;
    pair.ask_in("in a transaction", &all, 4, |version, body| {
        init(version, body, Some("goes on"), 60_000, None)
    })?;
    pair.settled(producer)?;
    pair.ask_in("after it was aborted", &all, 4, |version, body| {
        init(version, body, Some("goes on"), 60_000, None)
    })?;
    pair.finish();
    Ok(())
}

#[test]
fn partitions_are_taken_in() -> Result<()> {
    with_kip_890(partitions)
}

fn partitions(mut pair: Pair) -> Result<()> {
    let own = pair.producer("own")?;
    let (clients, brokers) = (ADD_PARTITIONS.of(0..=3), ADD_PARTITIONS.of(4..=5));
    let refused: [(&str, Producer, Topics<'_>); 8] = [
        ("nobody", NOBODY, DIFF),
        ("an empty id", EMPTY, DIFF),
        ("another producer id", own.with_id(999), DIFF),
        ("an epoch of before", own.with_epoch(-1), DIFF),
        ("an epoch of after", own.with_epoch(7), DIFF),
        ("an unknown topic", own, &[("missing", &[0])]),
        ("an unknown partition and a known one", own, &[("diff", &[77, 0])]),
        ("an internal topic", own, &[("__transaction_state", &[0])]),
    ];
    for (name, producer, topics) in refused {
        pair.ask(name, &clients, |version, body| add(version, body, producer, false, topics))?;
        pair.ask(&format!("{name}, verified"), &brokers, |version, body| {
            add(version, body, producer, true, topics)
        })?;
        if name != "an internal topic" {
            pair.ask(&format!("{name}, added"), &brokers, |version, body| {
                add(version, body, producer, false, topics)
            })?;
        }
    }
    pair.ask("before the first", &brokers, |version, body| add(version, body, own, true, DIFF))?;
    pair.ask("one", &clients, |version, body| add(version, body, own, false, DIFF))?;
    pair.ask("nothing", &clients, |version, body| add(version, body, own, false, &[]))?;
    pair.ask("one that is in", &brokers, |version, body| add(version, body, own, true, DIFF))?;
    pair.ask("one that is not", &brokers, |version, body| {
        add(version, body, own, true, &[("diff", &[0, 1])])
    })?;
    pair.ask("the other", &brokers, |version, body| add(version, body, own, false, &[("diff", &[1])]))?;
    for (name, producer, group) in [
        ("offsets of nobody", NOBODY, "g"),
        ("offsets without an id", EMPTY, "g"),
        ("offsets of another producer id", own.with_id(999), "g"),
        ("offsets of another epoch", own.with_epoch(7), "g"),
        ("offsets", own, "g"),
        ("offsets of a group without a name", own, ""),
    ] {
        pair.ask(name, &ADD_OFFSETS, |_, body| producer.body(body).text(Some(group)).end())?;
    }
    pair.finish();
    Ok(())
}

#[test]
fn transactions_end() -> Result<()> {
    with_kip_890(ends)
}

fn ends(mut pair: Pair) -> Result<()> {
    let own = pair.producer("own")?;
    for commits in [true, false] {
        for (name, producer) in [
            ("nobody", NOBODY),
            ("an empty id", EMPTY),
            ("another producer id", own.with_id(999)),
            ("an epoch of before", own.with_epoch(-1)),
            ("an epoch of after", own.with_epoch(7)),
        ] {
            pair.ask(&format!("{name} {commits}"), &END_TXN, |_, body| end(body, producer, commits))?;
        }
        pair.ask(&format!("before it began {commits}"), &END_TXN.of(0..=4), |_, body| {
            end(body, own, commits)
        })?;
    }
    pair.ask_in("a commit before it began", &END_TXN, 5, |_, body| end(body, own, true))?;
    // Clients of old keep their epoch, and what ended well ended well.
    for commits in [true, false] {
        for version in 0..=4 {
            let name = |step: &str| format!("{step} {commits}");
            pair.ask_in(&name("add"), &ADD_PARTITIONS, 3, |version, body| {
                add(version, body, own, false, DIFF)
            })?;
            pair.ask_in(&name("end"), &END_TXN, version, |_, body| end(body, own, commits))?;
            pair.settled(own)?;
            pair.ask_in(&name("again"), &END_TXN, version, |_, body| end(body, own, commits))?;
            pair.ask_in(&name("the other way"), &END_TXN, version, |_, body| end(body, own, !commits))?;
        }
    }
    // Those of today get the next epoch with every end.
    let mut own = pair.producer("today")?;
    for commits in [true, false, true] {
        let name = |step: &str| format!("{step} of today {commits}");
        pair.ask_in(&name("add"), &ADD_PARTITIONS, 4, |version, body| add(version, body, own, false, DIFF))?;
        pair.ask_in(&name("end"), &END_TXN, 5, |_, body| end(body, own, commits))?;
        pair.settled(own)?;
        pair.ask_in(&name("again"), &END_TXN, 5, |_, body| end(body, own, commits))?;
        pair.ask_in(&name("the other way"), &END_TXN, 5, |_, body| end(body, own, !commits))?;
        pair.ask_in(&name("add of before"), &ADD_PARTITIONS, 4, |version, body| {
            add(version, body, own, false, DIFF)
        })?;
        own = own.with_epoch(own.epoch + 1);
    }
    pair.ask_in("an abort of nothing", &END_TXN, 5, |_, body| end(body, own, false))?;
    pair.settled(own)?;
    pair.ask_in("the abort of nothing again", &END_TXN, 5, |_, body| end(body, own, false))?;
    pair.finish();
    Ok(())
}

fn list(version: i16, body: Body, (states, ids, longer_ms, pattern): Filters<'_>) -> Body {
    let body = states.iter().fold(body.array(Some(states.len())), |body, state| body.text(Some(state)));
    let body = ids.iter().fold(body.array(Some(ids.len())), |body, id| body.int64(*id));
    let body = if version >= 1 { body.int64(longer_ms) } else { body };
    if version >= 2 { body.text(pattern).end() } else { body.end() }
}

#[test]
fn transactions_are_listed_and_described() -> Result<()> {
    at_every_level(listed)
}

fn listed(mut pair: Pair) -> Result<()> {
    let lists = |pair: &mut Pair, when: &str| -> Result<()> {
        let nothing = i64::MAX;
        let all: [(&str, Filters<'_>); 12] = [
            ("all", (&[], &[], -1, None)),
            ("ongoing", (&["Ongoing"], &[], -1, None)),
            ("complete or empty", (&["CompleteCommit", "CompleteAbort", "Empty"], &[], -1, None)),
            ("in no such state", (&["Sleeping"], &[], -1, None)),
            ("in a state of old and a real one", (&["Dead", "Ongoing", "Sleeping"], &[], -1, None)),
            ("by id", (&[], &[0, 77], -1, None)),
            ("of an hour", (&[], &[], 3_600_000, None)),
            ("of no time", (&["Ongoing"], &[], nothing, None)),
            ("by pattern", (&[], &[], -1, Some("o.*n"))),
            ("by part of a name", (&[], &[], -1, Some("ow"))),
            ("by an empty pattern", (&[], &[], -1, Some(""))),
            ("by no pattern", (&[], &[], -1, Some("("))),
        ];
        for (name, filters) in all {
            pair.ask(&format!("{when}: {name}"), &LIST, |version, body| list(version, body, filters))?;
        }
        Ok(())
    };
    // Nothing is listed while one partition is being loaded; the hashes of these are those of all partitions.
    pair.coordinated(1, "own")?;
    for id in 'A'..='r' {
        pair.settled_id(&id.to_string())?;
    }
    lists(&mut pair, "nobody")?;
    let own = pair.producer("own")?;
    let described = |ids: &'static [&'static str]| {
        move |_: i16, body: Body| {
            ids.iter().fold(body.array(Some(ids.len())), |body, id| body.text(Some(id))).end()
        }
    };
    pair.ask("describe an empty one", &DESCRIBE, described(&["own"]))?;
    for (name, ids) in
        [("nobody", &["nobody"][..]), ("no name", &[""]), ("nothing", &[]), ("some", &["nobody", "own"])]
    {
        pair.ask(&format!("describe {name}"), &DESCRIBE, described(ids))?;
    }
    lists(&mut pair, "idle")?;
    pair.ask_in("add", &ADD_PARTITIONS, 3, |version, body| add(version, body, own, false, DIFF))?;
    lists(&mut pair, "open")?;
    // Up to when it began, which is each broker's own.
    let frame = DESCRIBE.frame(0, described(&["own"]));
    pair.compare_first("describe an open one", &frame, 4 + 1 + 4 + 1 + 2 + 4 + 8 + 4)?;
    pair.ask_in("commit", &END_TXN, 3, |_, body| end(body, own, true))?;
    pair.settled(own)?;
    lists(&mut pair, "complete")?;
    pair.finish();
    Ok(())
}
