//! JoinGroup, SyncGroup, Heartbeat, LeaveGroup of a single member, and what is refused.

use anyhow::Result;
use tests_compat::Body;

use super::super::Pair;
use super::{
    CLIENT, FIRST, HEARTBEAT, JOIN_GROUP, Join, LEAVE_GROUP, Member, NONE, SYNC_GROUP, heartbeat, leave,
    sync, sync_as,
};

#[test]
fn a_member_lives_and_leaves_in_every_version() -> Result<()> {
    let mut pair = Pair::with_coordinator()?;
    for version in JOIN_GROUP.versions {
        let group = format!("life-{version}");
        let member = pair.join(version, &group, &Join::default())?;
        let sync_version = version.min(SYNC_GROUP.last());
        let heartbeat_version = version.min(HEARTBEAT.last());
        let leave_version = version.min(LEAVE_GROUP.last());
        pair.ask_in("heartbeat before sync", &HEARTBEAT, heartbeat_version, |version, body| {
            heartbeat(version, body, &member)
        })?;
        let assigned: [(&str, &[u8]); 1] = [(&member.id, b"everything")];
        for name in ["sync", "sync again"] {
            pair.ask_in(name, &SYNC_GROUP, sync_version, |version, body| {
                sync(version, body, &member, &assigned)
            })?;
        }
        pair.ask_in("sync again with nothing", &SYNC_GROUP, sync_version, |version, body| {
            sync(version, body, &member, &[])
        })?;
        pair.ask_in("heartbeat", &HEARTBEAT, heartbeat_version, |version, body| {
            heartbeat(version, body, &member)
        })?;
        pair.ask_in("join again", &JOIN_GROUP, version, |version, body| {
            Join::default().body(version, body, &member)
        })?;
        let next = member.in_generation(FIRST + 1);
        pair.ask_in("sync for nobody", &SYNC_GROUP, sync_version, |version, body| {
            sync(version, body, &next, &[("somebody else", b"x")])
        })?;
        for name in ["leave", "leave again"] {
            let members = [next.clone()];
            pair.ask_in(name, &LEAVE_GROUP, leave_version, |version, body| {
                leave(version, body, &group, &members)
            })?;
        }
        pair.ask_in("heartbeat after leaving", &HEARTBEAT, heartbeat_version, |version, body| {
            heartbeat(version, body, &next)
        })?;
    }
    pair.finish();
    Ok(())
}

#[test]
fn joins_that_are_refused() -> Result<()> {
    let mut pair = Pair::with_coordinator()?;
    let stranger = |group: &str| Member::of(group, "", NONE);
    let join = Join::default();
    let too_long = "g".repeat(300);
    for group in [" ", &too_long] {
        pair.join(JOIN_GROUP.last(), group, &join)?;
    }
    pair.ask("join no group", &JOIN_GROUP, |version, body| join.body(version, body, &stranger("")))?;
    for session_ms in [0, -1, 5_999, 1_800_001, i32::MAX] {
        let join = Join { session_ms, ..Join::default() };
        pair.ask(&format!("join for {session_ms} ms"), &JOIN_GROUP, |version, body| {
            join.body(version, body, &stranger("session"))
        })?;
    }
    let cases = [
        ("no protocols", Join { protocols: vec![], ..Join::default() }),
        ("no type", Join { protocol_type: "", ..Join::default() }),
        ("nothing", Join { protocol_type: "", protocols: vec![], ..Join::default() }),
    ];
    for (name, join) in &cases {
        pair.ask(&format!("join with {name}"), &JOIN_GROUP, |version, body| {
            join.body(version, body, &stranger("bad"))
        })?;
    }
    for group in ["nobody", "session"] {
        pair.ask("join an unknown group with an id", &JOIN_GROUP, |version, body| {
            join.body(version, body, &Member::of(group, "probe-7", NONE))
        })?;
    }
    let member = pair.settle("settled")?;
    pair.ask("join with an unknown id", &JOIN_GROUP, |version, body| {
        join.body(version, body, &member.with_id("somebody"))
    })?;
    let cases = [
        ("another type", Join { protocol_type: "connect", ..Join::default() }),
        ("another protocol", Join { protocols: vec![("sticky", b"")], ..Join::default() }),
    ];
    for (name, join) in &cases {
        for id in ["", &member.id] {
            // A member that is alone may come back with other protocols; its generation grows then.
            if *name == "another protocol" && !id.is_empty() {
                continue;
            }
            pair.ask(&format!("join with {name} as {id:?}"), &JOIN_GROUP, |version, body| {
                join.body(version, body, &member.with_id(id))
            })?;
        }
    }
    pair.ask("join as an unknown instance", &JOIN_GROUP.since(5), |version, body| {
        join.body(version, body, &member.with_id("somebody").with_instance("unknown"))
    })?;
    for instance in ["", "bad/name", ".."] {
        pair.ask(&format!("join as instance {instance:?}"), &JOIN_GROUP.since(5), |version, body| {
            // Where it is taken, the next version must not meet it.
            let group = format!("instances-{instance}-{version}");
            join.body(version, body, &stranger(&group).with_instance(instance))
        })?;
    }
    pair.finish();
    Ok(())
}

#[test]
fn syncs_heartbeats_and_leaves_that_are_refused() -> Result<()> {
    let mut pair = Pair::with_coordinator()?;
    let member = pair.settle("settled")?;
    let cases = [
        ("an empty group", Member::of("", "probe-7", FIRST)),
        ("an unknown group", Member::of("nobody", "probe-7", FIRST)),
        ("nobody of an unknown group", Member::of("nobody", "", NONE)),
        ("an unknown member", member.with_id("somebody")),
        ("an empty member", member.with_id("")),
        ("the generation before", member.in_generation(FIRST - 1)),
        ("the next generation", member.in_generation(FIRST + 1)),
        ("no generation", member.in_generation(NONE)),
        ("an instance that it is not", member.with_instance("unknown")),
    ];
    for (name, who) in &cases {
        pair.ask(&format!("heartbeat of {name}"), &HEARTBEAT, |version, body| heartbeat(version, body, who))?;
        pair.ask(&format!("sync of {name}"), &SYNC_GROUP, |version, body| {
            sync(version, body, who, &[("x", b"y")])
        })?;
    }
    let types = [
        ("another type", Some("connect"), Some("range")),
        ("another protocol", Some("consumer"), Some("sticky")),
        ("no type", None, Some("range")),
        ("no protocol", Some("consumer"), None),
        ("neither", None, None),
    ];
    for (name, protocol_type, protocol) in types {
        pair.ask(&format!("sync with {name}"), &SYNC_GROUP, |version, body| {
            sync_as(version, body, &member, protocol_type, protocol, &[])
        })?;
    }
    for (name, who) in &cases[..5] {
        pair.ask(&format!("leave of {name}"), &LEAVE_GROUP, |version, body| {
            leave(version, body, &who.group, std::slice::from_ref(who))
        })?;
    }
    let several = [
        member.with_id("somebody"),
        member.with_id("").with_instance("unknown"),
        member.with_instance("unknown"),
        member.with_id("").with_instance(""),
    ];
    pair.ask("leave of several strangers", &LEAVE_GROUP.since(3), |version, body| {
        leave(version, body, "settled", &several)
    })?;
    pair.ask("leave of nobody", &LEAVE_GROUP.since(3), |version, body| leave(version, body, "settled", &[]))?;
    pair.ask("it lives on", &HEARTBEAT, |version, body| heartbeat(version, body, &member))?;
    pair.finish();
    Ok(())
}

#[test]
fn a_static_member_comes_back_and_its_old_id_is_fenced() -> Result<()> {
    let mut pair = Pair::with_coordinator()?;
    let join = Join::default();
    let body_of = |member: Member| {
        let join = join.clone();
        move |version: i16, body: Body| join.body(version, body, &member)
    };
    for version in JOIN_GROUP.since(5).versions {
        let group = format!("static-{version}");
        let named = Member::of(&group, "", FIRST).with_instance("inst");
        let frame = JOIN_GROUP.frame(version, body_of(named.clone()));
        let first = named.with_id(&pair.draw(&format!("a static join v{version}"), "inst-", &frame)?);
        let assigned: [(&str, &[u8]); 1] = [(&first.id, b"everything")];
        pair.ask_in("its sync", &SYNC_GROUP, 5, |version, body| sync(version, body, &first, &assigned))?;
        let again = pair.draw(&format!("a static join again v{version}"), "inst-", &frame)?;
        let second = named.with_id(&again);
        pair.ask_in("the new one's sync", &SYNC_GROUP, 5, |version, body| sync(version, body, &second, &[]))?;
        for (name, who) in [
            ("the old id", &first),
            ("the new id", &second),
            ("the new id without its name", &Member { instance: None, ..second.clone() }),
            ("no id", &named),
            ("another name", &second.with_instance("other")),
        ] {
            pair.ask(&format!("heartbeat of {name}"), &HEARTBEAT.since(3), |version, body| {
                heartbeat(version, body, who)
            })?;
            pair.ask(&format!("sync of {name}"), &SYNC_GROUP.since(3), |version, body| {
                sync(version, body, who, &[])
            })?;
        }
        pair.ask_in("join with the old id", &JOIN_GROUP, version, body_of(first.clone()))?;
        pair.ask_in("leave of the old id", &LEAVE_GROUP, 5, |version, body| {
            leave(version, body, &group, std::slice::from_ref(&first))
        })?;
        pair.ask_in("leave by name", &LEAVE_GROUP, 5, |version, body| {
            leave(version, body, &group, std::slice::from_ref(&named))
        })?;
        pair.ask_in("leave by name again", &LEAVE_GROUP, 5, |version, body| {
            leave(version, body, &group, std::slice::from_ref(&named))
        })?;
    }
    pair.finish();
    Ok(())
}

#[test]
fn a_name_in_pending_may_join_or_leave() -> Result<()> {
    let mut pair = Pair::with_coordinator()?;
    for version in JOIN_GROUP.since(4).versions {
        let group = format!("pending-{version}");
        let nobody = Member::of(&group, "", NONE);
        let frame = JOIN_GROUP.frame(version, |version, body| Join::default().body(version, body, &nobody));
        let pending = nobody.with_id(&pair.draw(&format!("an id is given v{version}"), CLIENT, &frame)?);
        pair.ask("heartbeat of an id that has not joined", &HEARTBEAT, |version, body| {
            heartbeat(version, body, &pending)
        })?;
        pair.ask("sync of an id that has not joined", &SYNC_GROUP, |version, body| {
            sync(version, body, &pending, &[])
        })?;
        pair.ask_in("leave of an id that has not joined", &LEAVE_GROUP, 5, |version, body| {
            leave(version, body, &group, std::slice::from_ref(&pending))
        })?;
        pair.ask_in("join with an id that left", &JOIN_GROUP, version, |version, body| {
            Join::default().body(version, body, &pending)
        })?;
    }
    pair.finish();
    Ok(())
}
