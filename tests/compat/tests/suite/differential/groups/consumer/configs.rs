//! Configs of groups.

use super::*;

const INCREMENTAL_ALTER: Api = Api { key: 44, versions: 0..=1, first_flexible: 1 };
const ALTER: Api = Api { key: 33, versions: 0..=2, first_flexible: 2 };
const DESCRIBE_CONFIGS: Api = Api { key: 32, versions: 1..=4, first_flexible: 4 };
const LIST_CONFIG_RESOURCES: Api = Api { key: 74, versions: 0..=1, first_flexible: 0 };
const GROUP: i8 = 32;
const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SESSION: &str = "consumer.session.timeout.ms";
const HEARTBEAT_INTERVAL: &str = "consumer.heartbeat.interval.ms";

type Change<'a> = (&'a str, i8, Option<&'a str>);

fn incremental(body: Body, group: &str, changes: &[Change<'_>], validate_only: bool) -> Body {
    let body = body.array(Some(1)).int8(GROUP).text(Some(group)).array(Some(changes.len()));
    let body = changes.iter().fold(body, |body, (name, operation, value)| {
        body.text(Some(name)).int8(*operation).text(*value).end()
    });
    body.end().int8(i8::from(validate_only)).end()
}

fn all(body: Body, group: &str, values: &[(&str, Option<&str>)]) -> Body {
    let body = body.array(Some(1)).int8(GROUP).text(Some(group)).array(Some(values.len()));
    let body = values.iter().fold(body, |body, (name, value)| body.text(Some(name)).text(*value).end());
    body.end().int8(0).end()
}

/// One key, as the order of several means nothing.
fn described(version: i16, body: Body, group: &str, key: &str) -> Body {
    let body = body.array(Some(1)).int8(GROUP).text(Some(group)).array(Some(1)).text(Some(key)).end();
    let body = body.int8(1);
    if version >= 3 { body.int8(0).end() } else { body.end() }
}

fn listed(version: i16, body: Body, kinds: &[i8]) -> Body {
    if version == 0 {
        return body.end();
    }
    kinds.iter().fold(body.array(Some(kinds.len())), |body, kind| body.int8(*kind)).end()
}

/// What both describe of the group `g`.
fn look(pair: &mut Pair, when: &str) -> Result<()> {
    for key in [
        SESSION,
        HEARTBEAT_INTERVAL,
        "consumer.assignment.interval.ms",
        "share.auto.offset.reset",
        "share.isolation.level",
        "share.record.lock.duration.ms",
        "share.renew.acknowledge.enable",
        "streams.num.standby.replicas",
        "odd",
    ] {
        pair.ask(&format!("{key} {when}"), &DESCRIBE_CONFIGS, |version, body| {
            described(version, body, "g", key)
        })?;
    }
    Ok(())
}

#[test]
fn groups_have_configs() -> Result<()> {
    let mut pair = Pair::for_consumers()?;
    look(&mut pair, "at first")?;
    let changes: [(&str, &[Change<'_>]); 16] = [
        ("nothing", &[]),
        ("a longer session", &[(SESSION, SET, Some("50000"))]),
        ("both", &[(SESSION, SET, Some("55000")), (HEARTBEAT_INTERVAL, SET, Some("6000"))]),
        ("an assignment interval", &[("consumer.assignment.interval.ms", SET, Some("2000"))]),
        ("a session too short", &[(SESSION, SET, Some("44999"))]),
        ("a session too long", &[(SESSION, SET, Some("60001"))]),
        ("a heartbeat too often", &[(HEARTBEAT_INTERVAL, SET, Some("4999"))]),
        ("a heartbeat too rare", &[(HEARTBEAT_INTERVAL, SET, Some("15001"))]),
        ("an assignment too rare", &[("consumer.assignment.interval.ms", SET, Some("15001"))]),
        ("no number", &[(SESSION, SET, Some("long"))]),
        ("an empty value", &[(SESSION, SET, Some(""))]),
        ("a negative one", &[(SESSION, SET, Some("-1"))]),
        ("an unknown key", &[("odd", SET, Some("1"))]),
        ("no list", &[(SESSION, APPEND, Some("1"))]),
        ("an isolation level", &[("share.isolation.level", SET, Some("odd"))]),
        ("an offset reset", &[("share.auto.offset.reset", SET, Some("by_duration:PT1H"))]),
    ];
    for (name, changes) in changes {
        for validate_only in [true, false] {
            let name = format!("{name}, validate only {validate_only}");
            pair.ask(&name, &INCREMENTAL_ALTER, |_, body| incremental(body, "g", changes, validate_only))?;
        }
    }
    pair.ask("no group", &INCREMENTAL_ALTER, |_, body| {
        incremental(body, "", &[(SESSION, SET, Some("50000"))], false)
    })?;
    pair.ask("no value", &INCREMENTAL_ALTER, |_, body| {
        incremental(body, "g", &[(SESSION, SET, None)], false)
    })?;
    look(&mut pair, "when it is set")?;
    pair.ask("no group is described", &DESCRIBE_CONFIGS, |version, body| {
        described(version, body, "", SESSION)
    })?;
    for kinds in [&[GROUP][..], &[GROUP, GROUP]] {
        pair.ask(&format!("list {kinds:?}"), &LIST_CONFIG_RESOURCES, |version, body| {
            listed(version, body, kinds)
        })?;
    }
    pair.beat_once("a member is told so", &Beat::joins("g", "m"))?;
    pair.ask("some are deleted", &INCREMENTAL_ALTER, |_, body| {
        incremental(body, "g", &[(SESSION, DELETE, None), ("never.set", DELETE, None)], false)
    })?;
    look(&mut pair, "when some are deleted")?;
    pair.ask("all at once", &ALTER, |_, body| all(body, "g", &[(HEARTBEAT_INTERVAL, Some("7000"))]))?;
    pair.ask("all at once, null", &ALTER, |_, body| all(body, "g", &[(HEARTBEAT_INTERVAL, None)]))?;
    look(&mut pair, "when all are replaced")?;
    pair.beat_once("a member is told so again", &Beat::lives("g", "m", 1))?;
    pair.finish();
    Ok(())
}
