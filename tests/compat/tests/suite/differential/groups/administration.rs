//! FindCoordinator, DescribeGroups, ListGroups, DeleteGroups, and every request to a broker that coordinates nothing.

use anyhow::Result;
use tests_compat::Body;

use super::super::Pair;
use super::{
    DELETE_GROUPS, DESCRIBE_GROUPS, FIND_COORDINATOR, HEARTBEAT, JOIN_GROUP, Join, LEAVE_GROUP, LIST_GROUPS,
    Member, NONE, OFFSET_COMMIT, OFFSET_DELETE, OFFSET_FETCH, SYNC_GROUP, describe, heartbeat, leave, sync,
};

fn find(version: i16, body: Body, kind: i8, keys: &[&str]) -> Body {
    if version < 4 {
        let body = body.text(keys.first().copied());
        return if version >= 1 { body.int8(kind).end() } else { body };
    }
    keys.iter().fold(body.int8(kind).array(Some(keys.len())), |body, key| body.text(Some(key))).end()
}

fn list(version: i16, body: Body, states: &[&str], types: &[&str]) -> Body {
    let texts = |body: Body, all: &[&str]| {
        all.iter().fold(body.array(Some(all.len())), |body, text| body.text(Some(text)))
    };
    let body = if version >= 4 { texts(body, states) } else { body };
    let body = if version >= 5 { texts(body, types) } else { body };
    body.end()
}

fn delete(body: Body, groups: &[&str]) -> Body {
    groups.iter().fold(body.array(Some(groups.len())), |body, group| body.text(Some(group))).end()
}

/// A commit of nothing: it asks only whether the group may be written here.
fn commit_nothing(version: i16, body: Body, group: &str) -> Body {
    let body = body.text(Some(group)).int32(NONE).text(Some(""));
    let body = if version >= 7 { body.text(None) } else { body };
    let body = if version <= 4 { body.int64(-1) } else { body };
    body.array(Some(0)).end()
}

#[test]
fn a_broker_that_coordinates_nothing_refuses() -> Result<()> {
    let mut pair = Pair::for_groups()?;
    let member = Member::of("early", "probe-7", 1);
    let stranger = Member::of("early", "", NONE);
    pair.ask("join", &JOIN_GROUP, |version, body| Join::default().body(version, body, &stranger))?;
    pair.ask("sync", &SYNC_GROUP, |version, body| sync(version, body, &member, &[]))?;
    pair.ask("heartbeat", &HEARTBEAT, |version, body| heartbeat(version, body, &member))?;
    pair.ask("leave", &LEAVE_GROUP, |version, body| {
        leave(version, body, "early", std::slice::from_ref(&member))
    })?;
    pair.ask("commit", &OFFSET_COMMIT, |version, body| commit_nothing(version, body, "early"))?;
    pair.ask("fetch", &OFFSET_FETCH, |version, body| match version {
        ..=6 => {
            body.text(Some("early")).array(Some(1)).text(Some("diff")).array(Some(1)).int32(0).end().end()
        }
        7 => body.text(Some("early")).array(None).int8(0).end(),
        8 => body.array(Some(1)).text(Some("early")).array(None).end().int8(0).end(),
        _ => {
            let body = body.array(Some(1)).text(Some("early")).text(None).int32(NONE);
            body.array(None).end().int8(0).end()
        }
    })?;
    pair.ask("delete offsets", &OFFSET_DELETE, |_, body| {
        body.text(Some("early")).array(Some(1)).text(Some("diff")).array(Some(1)).int32(0)
    })?;
    pair.ask("describe", &DESCRIBE_GROUPS, |version, body| describe(version, body, &["early"], false))?;
    pair.ask("delete", &DELETE_GROUPS, |_, body| delete(body, &["early"]))?;
    pair.ask("list", &LIST_GROUPS, |version, body| list(version, body, &[], &[]))?;
    pair.finish();
    Ok(())
}

#[test]
fn coordinators_are_found() -> Result<()> {
    let mut pair = Pair::with_coordinator()?;
    for key in ["a group", "", "группа"] {
        pair.ask(&format!("the coordinator of {key:?}"), &FIND_COORDINATOR, |version, body| {
            find(version, body, 0, &[key])
        })?;
    }
    for keys in [&[][..], &["a", "b"], &["a", "a"], &["", "a"]] {
        pair.ask(&format!("the coordinators of {keys:?}"), &FIND_COORDINATOR.since(4), |version, body| {
            find(version, body, 0, keys)
        })?;
    }
    for kind in [-1, 3, 77] {
        pair.ask(&format!("a coordinator of kind {kind}"), &FIND_COORDINATOR.since(1), |version, body| {
            find(version, body, kind, &["a"])
        })?;
    }
    pair.finish();
    Ok(())
}

#[test]
fn groups_are_described_listed_and_deleted() -> Result<()> {
    let mut pair = Pair::with_coordinator()?;
    let empty = Member::of("empty", "", NONE);
    pair.ask_in("commit", &OFFSET_COMMIT, 9, |_, body| {
        let body = body.text(Some(&empty.group)).int32(NONE).text(Some("")).text(None).array(Some(1));
        let body = body.text(Some("diff")).array(Some(1)).int32(0).int64(3).int32(0).text(None);
        body.end().end().end()
    })?;
    let settled = pair.settle("settled")?;
    pair.join(JOIN_GROUP.last(), "unsettled", &Join::default())?;
    let left = pair.settle("left")?;
    pair.ask_in("leave", &LEAVE_GROUP, 5, |version, body| {
        leave(version, body, "left", std::slice::from_ref(&left))
    })?;
    for groups in [
        &["empty"][..],
        &["settled"],
        &["unsettled"],
        &["left"],
        &["nobody"],
        &[""],
        &["settled", "nobody", "empty"],
        &["settled", "settled"],
        &[],
    ] {
        for operations in [false, true] {
            let name = format!("describe {groups:?}, operations {operations}");
            pair.ask(&name, &DESCRIBE_GROUPS, |version, body| describe(version, body, groups, operations))?;
        }
    }
    // Filters leave one group each: the order of several means nothing. "left" goes first, "empty" stays.
    pair.ask("delete one", &DELETE_GROUPS, |_, body| delete(body, &["left"]))?;
    let states: [(&str, &[&str]); 8] = [
        ("Stable", &["Stable"]),
        ("stable", &["stable"]),
        ("Empty", &["Empty"]),
        ("CompletingRebalance", &["CompletingRebalance"]),
        ("PreparingRebalance and Dead", &["PreparingRebalance", "Dead"]),
        ("one twice", &["Stable", "Stable"]),
        ("an unknown one", &["Confused"]),
        ("an empty one", &[""]),
    ];
    for (name, states) in states {
        for types in [&[][..], &["classic"], &["Classic", "consumer"], &["consumer"], &["share"], &["odd"]] {
            let name = format!("list {name} of {types:?}");
            pair.ask(&name, &LIST_GROUPS.since(4), |version, body| list(version, body, states, types))?;
        }
    }
    for groups in [
        &["settled"][..],
        &["unsettled"],
        &["nobody"],
        &[""],
        // In the order of Apache Kafka's hash table, whatever the request's is: it means nothing.
        &["settled", "nobody"],
        &["nobody", "nobody"],
        &[],
        &["empty"],
        &["empty"],
    ] {
        pair.ask(&format!("delete {groups:?}"), &DELETE_GROUPS, |_, body| delete(body, groups))?;
    }
    pair.ask("it lives on", &HEARTBEAT, |version, body| heartbeat(version, body, &settled))?;
    pair.ask("describe what is deleted", &DESCRIBE_GROUPS, |version, body| {
        describe(version, body, &["left", "empty"], true)
    })?;
    pair.finish();
    Ok(())
}
