//! What a member is told while another one joins or goes.

use anyhow::Result;

use super::super::Pair;
use super::{
    CLIENT, DESCRIBE_GROUPS, FIRST, HEARTBEAT, JOIN_GROUP, Join, LEAVE_GROUP, Member, OFFSET_COMMIT,
    SYNC_GROUP, TO_DIFF, describe, heartbeat, leave, sync,
};

/// Where the members begin in the leader's answer, whose order means nothing: with ids of one length, and a protocol
/// and a type of these.
fn before_members(leader: &Member, protocol: &str) -> usize {
    // Correlation id, tags, throttle time, error, generation; type, protocol, leader; skip, own id.
    4 + 1 + 4 + 2 + 4 + (1 + "consumer".len()) + (1 + protocol.len()) + (1 + leader.id.len()) * 2 + 1
}

#[test]
fn a_second_member_makes_a_generation_with_a_protocol_of_both() -> Result<()> {
    let mut pair = Pair::with_coordinator()?;
    let version = JOIN_GROUP.last();
    let first = pair.settle("pair")?;
    let newcomer = Member::of("pair", "", FIRST);
    // The first member prefers range, the second can only do roundrobin.
    let other = Join { protocols: vec![("roundrobin", TO_DIFF)], ..Join::default() };
    let frame = |member: &Member, join: &Join| {
        JOIN_GROUP.frame(version, |version, body| join.body(version, body, member))
    };
    let second = newcomer.with_id(&pair.draw("the second gets an id", CLIENT, &frame(&newcomer, &other))?);
    pair.ask("nothing has changed", &HEARTBEAT, |version, body| heartbeat(version, body, &first))?;
    let joining = pair.begin(&frame(&second, &other))?;
    pair.wait_for_state("pair", "PreparingRebalance")?;
    pair.ask("the first is told to rejoin", &HEARTBEAT, |version, body| heartbeat(version, body, &first))?;
    pair.ask("the joining one may beat", &HEARTBEAT, |version, body| heartbeat(version, body, &second))?;
    pair.ask("sync while joining", &SYNC_GROUP, |version, body| sync(version, body, &first, &[]))?;
    pair.ask("the first may still commit", &OFFSET_COMMIT.since(5), |version, body| {
        let body = body.text(Some("pair")).int32(FIRST).text(Some(&first.id));
        let body = if version >= 7 { body.text(None) } else { body };
        let body = body.array(Some(1));
        let body = if version >= 10 { body.raw(&super::super::ID) } else { body.text(Some("diff")) };
        let body = body.array(Some(1)).int32(0).int64(3);
        let body = if version >= 6 { body.int32(0) } else { body };
        body.text(None).end().end().end()
    })?;
    let leading = Pair::end(pair.begin(&frame(&first, &Join::default()))?)?;
    let following = Pair::end(joining)?;
    pair.compare_answers("the leader's join", &leading, before_members(&first, "roundrobin"));
    pair.compare_answers("the follower's join", &following, usize::MAX);

    let (first, second) = (first.in_generation(FIRST + 1), second.in_generation(FIRST + 1));
    let waiting = pair.begin(&SYNC_GROUP.frame(4, |version, body| sync(version, body, &second, &[])))?;
    let assigned: [(&str, &[u8]); 2] = [(&first.id, b"of the first"), (&second.id, b"of the second")];
    let own = pair.begin(&SYNC_GROUP.frame(4, |version, body| sync(version, body, &first, &assigned)))?;
    let (own, other) = (Pair::end(own)?, Pair::end(waiting)?);
    pair.compare_answers("the leader's sync", &own, usize::MAX);
    pair.compare_answers("the follower's sync", &other, usize::MAX);
    for member in [&first, &second] {
        pair.ask("both live", &HEARTBEAT, |version, body| heartbeat(version, body, member))?;
    }
    pair.ask_in("the leader leaves", &LEAVE_GROUP, 5, |version, body| {
        leave(version, body, "pair", std::slice::from_ref(&first))
    })?;
    pair.ask("the other is told to rejoin", &HEARTBEAT, |version, body| heartbeat(version, body, &second))?;
    pair.ask("the group in between", &DESCRIBE_GROUPS, |version, body| {
        describe(version, body, &["pair"], false)
    })?;
    pair.ask_in("the other joins alone", &JOIN_GROUP, version, |version, body| {
        Join::default().body(version, body, &second)
    })?;
    pair.ask("the group that waits for its leader", &DESCRIBE_GROUPS, |version, body| {
        describe(version, body, &["pair"], false)
    })?;
    pair.finish();
    Ok(())
}

#[test]
fn who_waits_is_answered_when_it_is_removed_or_replaced() -> Result<()> {
    let mut pair = Pair::with_coordinator()?;
    let version = JOIN_GROUP.last();
    pair.settle("waits")?;
    let join = Join { protocols: vec![("range", TO_DIFF)], ..Join::default() };
    let named = Member::of("waits", "", FIRST).with_instance("inst");
    let frame = JOIN_GROUP.frame(version, |version, body| join.body(version, body, &named));
    let waiting = pair.begin(&frame)?;
    pair.wait_for_state("waits", "PreparingRebalance")?;
    pair.ask_in("it is removed by its name", &LEAVE_GROUP, 5, |version, body| {
        leave(version, body, "waits", std::slice::from_ref(&named))
    })?;
    let answers = Pair::end(waiting)?;
    pair.compare_answers("what it is told", &answers, usize::MAX);
    pair.finish();
    Ok(())
}
