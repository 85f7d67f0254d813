//! DescribeClientQuotas and AlterClientQuotas: what is right and wrong with entities, keys and values.

use anyhow::Result;
use tests_compat::Body;

use super::Pair;
use super::api::Api;

const DESCRIBE: Api = Api { key: 48, versions: 0..=1, first_flexible: 1 };
pub(super) const ALTER: Api = Api { key: 49, versions: 0..=1, first_flexible: 1 };

/// Type and name of an entity's parts.
pub(super) type Entity<'a> = &'a [(&'a str, Option<&'a str>)];
/// A key and its value; `None` removes it.
pub(super) type Value<'a> = (&'a str, Option<f64>);

pub(super) const PRODUCER: &str = "producer_byte_rate";
const CONNECTIONS: &str = "connection_creation_rate";

pub(super) fn alter(body: Body, entries: &[(Entity<'_>, &[Value<'_>])], validate_only: bool) -> Body {
    let mut body = body.array(Some(entries.len()));
    for (entity, values) in entries {
        body = body.array(Some(entity.len()));
        for (kind, name) in *entity {
            body = body.text(Some(kind)).text(*name).end();
        }
        body = body.array(Some(values.len()));
        for (key, value) in *values {
            body = body.text(Some(key)).raw(&value.unwrap_or(0.0).to_be_bytes());
            body = body.int8(i8::from(value.is_none())).end();
        }
        body = body.end();
    }
    body.int8(i8::from(validate_only)).end()
}

/// Components: type, how it is matched, and with what.
fn describe(body: Body, components: &[(&str, i8, Option<&str>)], strict: bool) -> Body {
    let mut body = body.array(Some(components.len()));
    for (kind, match_type, name) in components {
        body = body.text(Some(kind)).int8(*match_type).text(*name).end();
    }
    body.int8(i8::from(strict)).end()
}

const USER: Entity<'_> = &[("user", Some("a"))];
const IP: Entity<'_> = &[("ip", Some("127.0.0.9"))];

#[test]
fn entities_keys_and_values() -> Result<()> {
    let mut pair = Pair::with_one_topic()?;
    let entities: [Entity<'_>; 15] = [
        USER,
        &[("user", None)],
        &[("client-id", Some("c"))],
        &[("client-id", None)],
        &[("client-id", None), ("user", Some("a"))],
        &[("user", Some("odd/n\u{e4}me=\"*"))],
        IP,
        &[("ip", None)],
        &[("ip", Some("::1"))],
        &[("ip", Some("no.such.host.invalid"))],
        &[("ip", Some("127.0.0.9")), ("user", Some("a"))],
        &[("user", Some(""))],
        &[("group", Some("a"))],
        &[("", Some("a"))],
        &[],
    ];
    for entity in entities {
        let key = if entity.iter().any(|(kind, _)| *kind == "ip") { CONNECTIONS } else { PRODUCER };
        let name = format!("{entity:?}");
        for (what, value) in [("set", Some(7.0)), ("set again", Some(7.0)), ("remove", None)] {
            pair.ask(&format!("{what} {name}"), &ALTER, |_, body| {
                alter(body, &[(entity, &[(key, value)])], false)
            })?;
        }
    }
    for key in [
        PRODUCER,
        CONNECTIONS,
        "consumer_byte_rate",
        "request_percentage",
        "controller_mutation_rate",
        "SCRAM-SHA-256",
        "no.such",
        "",
    ] {
        for value in [0.0, -1.0, 0.5, 1.000_000_5, 1e10, 1e19, f64::INFINITY, f64::NAN, f64::MIN_POSITIVE] {
            for entity in [USER, IP] {
                pair.ask(&format!("{entity:?} {key}={value}"), &ALTER, |_, body| {
                    alter(body, &[(entity, &[(key, Some(value))])], true)
                })?;
            }
        }
    }
    pair.ask("no key", &ALTER, |_, body| alter(body, &[(USER, &[])], false))?;
    pair.ask("nothing", &ALTER, |_, body| alter(body, &[], false))?;
    pair.ask("remove what is not there", &ALTER, |_, body| {
        alter(body, &[(USER, &[("no.such", None)])], false)
    })?;
    pair.ask("a key twice", &ALTER, |_, body| {
        alter(body, &[(USER, &[(PRODUCER, Some(1.0)), (PRODUCER, Some(2.0))])], false)
    })?;
    pair.ask("an entity twice", &ALTER, |_, body| {
        alter(body, &[(USER, &[(PRODUCER, Some(1.0))]), (USER, &[(PRODUCER, Some(2.0))])], false)
    })?;
    pair.ask("a type twice", &ALTER, |_, body| {
        alter(body, &[(&[("user", Some("x")), ("user", Some("y"))], &[(PRODUCER, Some(1.0))])], false)
    })?;
    pair.list_quotas(2)?;
    pair.ask("what came of it", &DESCRIBE, |_, body| describe(body, &[("user", 0, Some("y"))], true))?;
    pair.finish();
    Ok(())
}

#[test]
fn filters_find_what_they_mean() -> Result<()> {
    let mut pair = Pair::with_one_topic()?;
    let entities: [Entity<'_>; 4] =
        [USER, &[("client-id", None)], &[("client-id", Some("c")), ("user", None)], &[("ip", None)]];
    // One entity at a time, as several come in any order.
    for entity in entities {
        let key = if entity[0].0 == "ip" { CONNECTIONS } else { PRODUCER };
        let set = |value| move |_, body| alter(body, &[(entity, &[(key, value)])], false);
        // Above what this test connects: both would hold its own connections up.
        pair.ask(&format!("set {entity:?}"), &ALTER.of(1..=1), set(Some(1e6)))?;
        pair.list_quotas(1)?;
        for kind in ["user", "client-id", "ip", "group", ""] {
            for match_type in [-1, 0, 1, 2, 3] {
                for name in [None, Some("a"), Some("c"), Some("")] {
                    for strict in [false, true] {
                        let shown = format!("{entity:?}: {kind} {match_type} {name:?} {strict}");
                        let component = (kind, match_type, name);
                        pair.ask(&shown, &DESCRIBE.of(1..=1), |_, body| {
                            describe(body, &[component], strict)
                        })?;
                    }
                }
            }
        }
        for components in [
            &[][..],
            &[("user", 2, None), ("client-id", 2, None)],
            &[("user", 1, None), ("client-id", 0, Some("c"))],
            &[("user", 2, None), ("user", 1, None)],
            &[("user", 2, None), ("ip", 2, None)],
            &[("ip", 0, Some("1.1.1.1")), ("client-id", 1, None)],
        ] {
            for strict in [false, true] {
                pair.ask(&format!("{entity:?}: {components:?} {strict}"), &DESCRIBE, |_, body| {
                    describe(body, components, strict)
                })?;
            }
        }
        pair.ask(&format!("remove {entity:?}"), &ALTER.of(1..=1), set(None))?;
        pair.list_quotas(0)?;
    }
    pair.finish();
    Ok(())
}

impl Pair {
    /// Waits until both list as many entities.
    pub(super) fn list_quotas(&self, count: u8) -> Result<()> {
        let frame = DESCRIBE.frame(1, |_, body| describe(body, &[], false));
        // After tags, throttle time, error code and no message: the length, which counts one more.
        self.until("the quotas", &frame, |answer| answer.get(8) == Some(&(count + 1)))
    }
}
