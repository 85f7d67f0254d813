//! OffsetCommit, OffsetFetch, OffsetDelete.

use std::time::Duration;

use anyhow::{Result, bail};
use tests_compat::{Body, Connection, Deadline};

use super::super::drawn::{self, Side};
use super::super::{ID, Pair};
use super::{
    FIRST, JOIN_GROUP, Join, Member, NONE, OFFSET_COMMIT, OFFSET_DELETE, OFFSET_FETCH, SYNC_GROUP, TO_DIFF,
    sync,
};

/// A topic by its name and, in later versions, its id.
type Topic = (&'static str, [u8; 16]);

const DIFF: Topic = ("diff", ID);
const MISSING: Topic = ("missing", [7; 16]);
const NO_ID: Topic = ("diff", [0; 16]);
/// The versions that call topics by their ids.
const BY_ID: i16 = 10;

/// What is committed for a partition: its number, offset, leader epoch and metadata.
type Committed<'a> = (i32, i64, i32, Option<&'a str>);
/// What a request commits.
type Committing<'a> = &'a [(Topic, &'a [Committed<'a>])];

fn topic(version: i16, body: Body, (name, id): Topic) -> Body {
    if version >= BY_ID { body.raw(&id) } else { body.text(Some(name)) }
}

fn commit(version: i16, body: Body, member: &Member, topics: &[(Topic, &[Committed<'_>])]) -> Body {
    let body = body.text(Some(&member.group)).int32(member.generation).text(Some(&member.id));
    let body = if version >= 7 { body.text(member.instance.as_deref()) } else { body };
    let body = if version <= 4 { body.int64(-1) } else { body };
    let mut body = body.array(Some(topics.len()));
    for (name, partitions) in topics {
        body = topic(version, body, *name).array(Some(partitions.len()));
        for (partition, offset, epoch, metadata) in *partitions {
            body = body.int32(*partition).int64(*offset);
            body = if version >= 6 { body.int32(*epoch) } else { body };
            body = body.text(*metadata).end();
        }
        body = body.end();
    }
    body.end()
}

/// Of one partition.
fn commit_one(version: i16, body: Body, member: &Member, offset: i64) -> Body {
    commit(version, body, member, &[(DIFF, &[(0, offset, 0, Some("one"))])])
}

/// Asks for the offsets of several groups where the version can, else of the first.
fn fetch_of(
    version: i16,
    body: Body,
    groups: &[&str],
    member: (Option<&str>, i32),
    topics: Option<&[(Topic, &[i32])]>,
) -> Body {
    if version < 8 {
        let body = topics_asked(version, body.text(groups.first().copied()), topics);
        return if version >= 7 { body.int8(0).end() } else { body.end() };
    }
    let body = groups.iter().fold(body.array(Some(groups.len())), |body, group| {
        let body = body.text(Some(group));
        let body = if version >= 9 { body.text(member.0).int32(member.1) } else { body };
        topics_asked(version, body, topics).end()
    });
    body.int8(0).end()
}

fn topics_asked(version: i16, body: Body, topics: Option<&[(Topic, &[i32])]>) -> Body {
    let body = body.array(topics.map(<[_]>::len));
    topics.unwrap_or_default().iter().fold(body, |body, (name, partitions)| {
        let body = topic(version, body, *name).array(Some(partitions.len()));
        partitions.iter().fold(body, |body, partition| body.int32(*partition)).end()
    })
}

fn fetch(version: i16, body: Body, group: &str, topics: Option<&[(Topic, &[i32])]>) -> Body {
    fetch_of(version, body, &[group], (None, NONE), topics)
}

fn delete(body: Body, group: &str, topics: &[(&str, &[i32])]) -> Body {
    let body = body.text(Some(group)).array(Some(topics.len()));
    topics.iter().fold(body, |body, (name, partitions)| {
        let body = body.text(Some(name)).array(Some(partitions.len()));
        partitions.iter().fold(body, |body, partition| body.int32(*partition))
    })
}

#[test]
fn what_is_committed_is_fetched_also_after_a_restart() -> Result<()> {
    let mut pair = Pair::with_coordinator()?;
    let simple = Member::of("simple", "", NONE);
    let longest = "m".repeat(4096);
    pair.ask("a commit", &OFFSET_COMMIT, |version, body| {
        let of_diff = [(0, 10 + i64::from(version), 3, Some("noted")), (1, 5, -1, None)];
        commit(version, body, &simple, &[(DIFF, &of_diff)])
    })?;
    pair.ask("the longest metadata", &OFFSET_COMMIT, |version, body| {
        let member = Member::of("longest", "", NONE);
        commit(version, body, &member, &[(DIFF, &[(0, 0, 0, Some(&longest))])])
    })?;
    pair.ask("a partition twice", &OFFSET_COMMIT, |version, body| {
        let member = Member::of("twice", "", NONE);
        commit(version, body, &member, &[(DIFF, &[(0, 1, 0, Some("a")), (0, 2, 0, Some("b"))])])
    })?;
    pair.ask("an offset beyond the end, and one below 0", &OFFSET_COMMIT, |version, body| {
        let member = Member::of("beyond", "", NONE);
        commit(version, body, &member, &[(DIFF, &[(0, i64::MAX, 0, Some("")), (1, -7, i32::MAX, Some(""))])])
    })?;
    for round in ["", " after a restart"] {
        for group in ["simple", "longest", "twice", "beyond"] {
            for (name, topics) in [
                ("both", Some([(DIFF, [0, 1].as_slice())].as_slice())),
                ("one", Some(&[(DIFF, &[1])])),
                ("one twice", Some(&[(DIFF, &[0, 0])])),
                ("a partition that is not there", Some(&[(DIFF, &[77, -1])])),
                ("a topic that is not there", Some(&[(MISSING, &[0]), (DIFF, &[0])])),
                ("no partitions", Some(&[(DIFF, &[])])),
                ("no topics", Some(&[])),
            ] {
                pair.ask(&format!("fetch {name} of {group}{round}"), &OFFSET_FETCH, |version, body| {
                    fetch(version, body, group, topics)
                })?;
            }
            pair.ask(&format!("fetch all of {group}{round}"), &OFFSET_FETCH.since(2), |version, body| {
                fetch(version, body, group, None)
            })?;
        }
        if round.is_empty() {
            pair.restart()?;
        }
    }
    pair.finish();
    Ok(())
}

impl Pair {
    fn restart(&mut self) -> Result<()> {
        for broker in [&mut self.apache, &mut self.tested] {
            broker.stop()?;
            broker.launch()?;
            broker.find_coordinator("any")?;
        }
        Ok(())
    }
}

#[test]
fn commits_that_are_refused() -> Result<()> {
    let mut pair = Pair::with_coordinator()?;
    let simple = Member::of("simple", "", NONE);
    let too_long = "m".repeat(4097);
    let whole: [(&str, Committing<'_>); 7] = [
        ("an unknown topic", &[(MISSING, &[(0, 1, 0, Some(""))])]),
        ("an unknown partition", &[(DIFF, &[(77, 1, 0, Some(""))])]),
        ("a negative partition", &[(DIFF, &[(-1, 1, 0, Some(""))])]),
        ("metadata that is too long", &[(DIFF, &[(0, 1, 0, Some(&too_long)), (1, 1, 0, Some(""))])]),
        ("one of several", &[(DIFF, &[(0, 1, 0, None), (7, 1, 0, None)]), (MISSING, &[(0, 1, 0, None)])]),
        ("no partitions", &[(DIFF, &[])]),
        ("no topics", &[]),
    ];
    for (name, topics) in whole {
        pair.ask(&format!("commit {name}"), &OFFSET_COMMIT, |version, body| {
            commit(version, body, &simple, topics)
        })?;
    }
    pair.ask("commit without a topic id", &OFFSET_COMMIT.since(BY_ID), |version, body| {
        commit(version, body, &simple, &[(NO_ID, &[(0, 1, 0, None)])])
    })?;
    let member = pair.settle("settled")?;
    let cases = [
        ("an empty group", Member::of("", "", NONE)),
        ("a generation of an unknown group", Member::of("nobody", "probe-7", FIRST)),
        ("a member of an unknown group without generation", Member::of("nobody", "probe-7", NONE)),
        ("an instance of an unknown group", Member::of("nobody", "", NONE).with_instance("i")),
        ("a generation of a group without members", Member::of("simple", "probe-7", FIRST)),
        ("a stranger to a live group", Member::of("settled", "", NONE)),
        ("an unknown member of a live group", member.with_id("somebody")),
        ("the generation before", member.in_generation(FIRST - 1)),
        ("the next generation", member.in_generation(FIRST + 1)),
        ("a member without generation", member.in_generation(NONE)),
        ("an instance that it is not", member.with_instance("unknown")),
        ("the member", member.clone()),
    ];
    for (name, who) in &cases {
        pair.ask(&format!("commit of {name}"), &OFFSET_COMMIT, |version, body| {
            commit_one(version, body, who, 3)
        })?;
    }
    for group in ["simple", "settled", "nobody"] {
        pair.ask(&format!("what {group} has then"), &OFFSET_FETCH, |version, body| {
            fetch(version, body, group, Some(&[(DIFF, &[0, 1])]))
        })?;
    }
    let unsettled = pair.join(JOIN_GROUP.last(), "unsettled", &Join::default())?;
    pair.ask("commit of a member before its sync", &OFFSET_COMMIT, |version, body| {
        commit_one(version, body, &unsettled, 3)
    })?;
    pair.finish();
    Ok(())
}

#[test]
fn fetches_of_several_groups_and_of_strangers() -> Result<()> {
    let mut pair = Pair::with_coordinator()?;
    for group in ["one", "two"] {
        pair.ask_in("a commit", &OFFSET_COMMIT, 9, |version, body| {
            commit_one(version, body, &Member::of(group, "", NONE), 4)
        })?;
    }
    let of_diff: &[(Topic, &[i32])] = &[(DIFF, &[0])];
    for groups in [&["one", "two"][..], &["one", "one"], &["nobody"], &["", "one"], &["nobody", "two"], &[]] {
        for (name, topics) in [("a topic", Some(of_diff)), ("all", None), ("nothing", Some(&[]))] {
            // Older versions name one group, and the oldest cannot ask for all.
            let api = OFFSET_FETCH.since(if groups.len() == 1 { 2 } else { 8 });
            pair.ask(&format!("fetch {name} of {groups:?}"), &api, |version, body| {
                fetch_of(version, body, groups, (None, NONE), topics)
            })?;
        }
    }
    pair.ask("fetch of no group", &OFFSET_FETCH, |version, body| {
        fetch_of(version, body, &[""], (None, NONE), Some(of_diff))
    })?;
    let members = [(Some("somebody"), NONE), (Some("somebody"), 1), (Some(""), 0), (None, 5)];
    for member in members {
        pair.ask(&format!("fetch as {member:?}"), &OFFSET_FETCH.since(9), |version, body| {
            fetch_of(version, body, &["one", "nobody"], member, Some(of_diff))
        })?;
    }
    for (name, topics) in [
        ("an unknown id", [(MISSING, [0].as_slice())].as_slice()),
        ("no id", &[(NO_ID, &[0])]),
        ("both", &[(DIFF, &[0]), (MISSING, &[0, 1])]),
    ] {
        pair.ask(&format!("fetch {name}"), &OFFSET_FETCH.since(8), |version, body| {
            fetch(version, body, "one", Some(topics))
        })?;
    }
    pair.finish();
    Ok(())
}

#[test]
fn offsets_are_deleted_where_nobody_needs_them() -> Result<()> {
    let mut pair = Pair::with_coordinator()?;
    // As `TO_DIFF`, of another topic.
    let to_small = b"\x00\x00\x00\x00\x00\x01\x00\x05small\xff\xff\xff\xff";
    let groups: [(&str, &'static str, &'static [u8]); 5] = [
        ("simple", "", b""),
        ("to-diff", "consumer", TO_DIFF),
        ("to-small", "consumer", to_small),
        ("unreadable", "consumer", b"?"),
        ("foreign", "connect", b"?"),
    ];
    for (group, protocol_type, subscription) in groups {
        let mut member = Member::of(group, "", NONE);
        if !protocol_type.is_empty() {
            let join = Join { protocol_type, protocols: vec![("range", subscription)], ..Join::default() };
            member = pair.join(JOIN_GROUP.last(), group, &join)?;
            pair.ask_in("its sync", &SYNC_GROUP, 4, |version, body| sync(version, body, &member, &[]))?;
        }
        pair.ask_in("its commit", &OFFSET_COMMIT, 9, |version, body| {
            commit(version, body, &member, &[(DIFF, &[(0, 4, 0, None), (1, 4, 0, None)])])
        })?;
    }
    for group in ["simple", "to-diff", "to-small", "unreadable", "foreign", "nobody", ""] {
        for (name, topics) in [
            ("no topics", [].as_slice()),
            ("no partitions", &[("diff", [].as_slice())]),
            ("an unknown topic", &[("missing", &[0])]),
            ("an unknown partition", &[("diff", &[77])]),
            ("one, twice", &[("diff", &[0, 0])]),
            ("one, and an unknown topic", &[("diff", &[0]), ("missing", &[0])]),
            ("one and others", &[("diff", &[0, 1, 77]), ("missing", &[0])]),
        ] {
            pair.ask(&format!("delete {name} of {group:?}"), &OFFSET_DELETE, |_, body| {
                delete(body, group, topics)
            })?;
        }
        pair.ask(&format!("what {group:?} has then"), &OFFSET_FETCH.since(2), |version, body| {
            fetch(version, body, group, Some(&[(DIFF, &[0, 1])]))
        })?;
    }
    pair.finish();
    Ok(())
}

#[test]
fn offsets_go_with_their_topic() -> Result<()> {
    let mut pair = Pair::with_coordinator()?;
    for broker in [&pair.apache, &pair.tested] {
        broker.create_topic("gone", 1, &[])?;
    }
    let gone: Topic = ("gone", [9; 16]);
    let member = Member::of("widow", "", NONE);
    pair.ask_in("commit", &OFFSET_COMMIT, 9, |version, body| {
        commit(version, body, &member, &[(gone, &[(0, 4, 0, None)]), (DIFF, &[(0, 5, 0, None)])])
    })?;
    for broker in [&pair.apache, &pair.tested] {
        broker.delete_topic("gone")?;
    }
    pair.wait_for_no_offset("widow", gone)?;
    for (name, topics) in
        [("both", Some([(gone, [0].as_slice()), (DIFF, [0].as_slice())].as_slice())), ("all", None)]
    {
        pair.ask(&format!("fetch {name}"), &OFFSET_FETCH.since(2), |version, body| {
            fetch(version, body, "widow", topics)
        })?;
    }
    pair.ask("commit for it", &OFFSET_COMMIT, |version, body| {
        commit(version, body, &member, &[(gone, &[(0, 4, 0, None)])])
    })?;
    for broker in [&pair.apache, &pair.tested] {
        broker.create_topic("gone", 1, &[])?;
    }
    pair.ask("fetch of the topic that is back", &OFFSET_FETCH.before(BY_ID), |version, body| {
        fetch(version, body, "widow", Some(&[(gone, &[0])]))
    })?;
    pair.finish();
    Ok(())
}

impl Pair {
    /// Brokers forget the offsets of a topic some time after it has gone: asks until both have.
    fn wait_for_no_offset(&self, group: &str, topic: Topic) -> Result<()> {
        let frame =
            OFFSET_FETCH.frame(5, |version, body| fetch(version, body, group, Some(&[(topic, &[0])])));
        // Correlation id, throttle time, topics, name, partitions, number.
        let at = 4 + 4 + 4 + 2 + topic.0.len() + 4 + 4;
        for side in Side::BOTH {
            let deadline = Deadline::after(Duration::from_secs(30));
            loop {
                let mut connection = Connection::open(self.broker(side).address(), Duration::from_secs(20))?;
                connection.send(&drawn::to(side, &self.drawn, &frame))?;
                let answer = connection.receive()?.unwrap_or_default();
                if answer.get(at..at + 8) == Some(&(-1_i64).to_be_bytes()) {
                    break;
                }
                if deadline.left().is_none() {
                    bail!("{side:?} still has {}", answer.escape_ascii());
                }
            }
        }
        Ok(())
    }
}
