//! TxnOffsetCommit: offsets of a group in a transaction.

use anyhow::Result;
use tests_compat::Body;

use super::super::Pair;
use super::{ADD_OFFSETS, END_TXN, OFFSET_COMMIT, Producer, end, with_kip_890};

/// Of which group, and as whom in it.
#[derive(Clone, Copy, Debug)]
struct Member {
    group: &'static str,
    generation: i32,
    id: &'static str,
}

const NOBODY: Member = Member { group: "g", generation: -1, id: "" };

fn commit(
    version: i16,
    body: Body,
    producer: Producer,
    member: Member,
    topics: &[(&str, &[i32])],
    note: &str,
) -> Body {
    let body =
        body.text(Some(producer.name)).text(Some(member.group)).int64(producer.id).int16(producer.epoch);
    let body =
        if version >= 3 { body.int32(member.generation).text(Some(member.id)).text(None) } else { body };
    let mut body = body.array(Some(topics.len()));
    for (topic, partitions) in topics {
        body = body.text(Some(topic)).array(Some(partitions.len()));
        for partition in *partitions {
            body = body.int32(*partition).int64(7);
            body = if version >= 2 { body.int32(-1) } else { body };
            body = body.text(Some(note)).end();
        }
        body = body.end();
    }
    body.end()
}

/// What OffsetFetch answers of both partitions.
fn fetched(pair: &mut Pair, when: &str) -> Result<()> {
    for is_stable in [0, 1] {
        pair.compare_versions(&format!("{when}: fetch {is_stable}"), 9, 7..=7, 6, |_, body| {
            let body = body.text(Some("g")).array(Some(1)).text(Some("diff"));
            body.array(Some(2)).int32(0).int32(1).end().int8(is_stable).end()
        })?;
    }
    Ok(())
}

#[test]
fn offsets_of_transactions() -> Result<()> {
    with_kip_890(offsets)
}

fn offsets(mut pair: Pair) -> Result<()> {
    pair.coordinated(0, "g")?;
    pair.loaded("g")?;
    let own = pair.producer("own")?;
    for name in ["nobody", "today"] {
        pair.settled(own.named(name))?;
    }
    let diff: &[(&str, &[i32])] = &[("diff", &[0])];
    let old = OFFSET_COMMIT.of(0..=4);
    pair.ask("that were not added", &old, |version, body| commit(version, body, own, NOBODY, diff, ""))?;
    for (name, producer) in [
        ("of nobody", own.named("nobody")),
        ("of an empty id", own.named("")),
        ("of another producer id", own.with_id(999)),
        ("of another epoch", own.with_epoch(7)),
    ] {
        pair.ask(name, &OFFSET_COMMIT, |version, body| commit(version, body, producer, NOBODY, diff, ""))?;
    }
    pair.ask("of a group without a name", &OFFSET_COMMIT, |version, body| {
        commit(version, body, own, Member { group: "", ..NOBODY }, diff, "")
    })?;
    pair.ask("of unknown topics", &OFFSET_COMMIT, |version, body| {
        commit(version, body, own, NOBODY, &[("missing", &[0]), ("diff", &[77])], "")
    })?;
    pair.ask("of nothing", &OFFSET_COMMIT, |version, body| commit(version, body, own, NOBODY, &[], ""))?;
    fetched(&mut pair, "before")?;
    pair.ask_in("add", &ADD_OFFSETS, 3, |_, body| own.body(body).text(Some("g")).end())?;
    for (name, member) in [
        ("an unknown generation", Member { generation: 5, ..NOBODY }),
        ("an unknown member", Member { generation: 5, id: "nobody", ..NOBODY }),
        ("a member without a generation", Member { id: "nobody", ..NOBODY }),
    ] {
        pair.ask(name, &OFFSET_COMMIT.of(3..=4), |version, body| {
            commit(version, body, own, member, diff, "")
        })?;
    }
    let too_long = "x".repeat(4097);
    pair.ask("with too long a note", &old, |version, body| {
        commit(version, body, own, NOBODY, diff, &too_long)
    })?;
    pair.ask("some known, some not", &old, |version, body| {
        commit(version, body, own, NOBODY, &[("diff", &[1, 77])], "")
    })?;
    pair.ask("offsets", &old, |version, body| commit(version, body, own, NOBODY, diff, "a note"))?;
    fetched(&mut pair, "pending")?;
    pair.ask_in("commit", &END_TXN, 4, |_, body| end(body, own, true))?;
    pair.settled(own)?;
    fetched(&mut pair, "committed")?;
    pair.ask("after the end", &old, |version, body| commit(version, body, own, NOBODY, diff, ""))?;
    // The transaction takes the group in with its offsets.
    let today = pair.producer("today")?;
    pair.ask_in("of today", &OFFSET_COMMIT, 5, |version, body| {
        commit(version, body, today, NOBODY, diff, "of today")
    })?;
    fetched(&mut pair, "pending of today")?;
    pair.ask_in("abort", &END_TXN, 5, |_, body| end(body, today, false))?;
    pair.settled(today)?;
    fetched(&mut pair, "aborted")?;
    pair.ask_in("of today too late", &OFFSET_COMMIT, 5, |version, body| {
        commit(version, body, today, NOBODY, diff, "")
    })?;
    pair.finish();
    Ok(())
}
