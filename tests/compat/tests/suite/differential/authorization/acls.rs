//! CreateAcls, DescribeAcls, DeleteAcls: what is right and wrong with entries and filters.

use anyhow::Result;

use super::{
    ADMINISTRATOR, ALL, ALLOW, ANY, Acl, CLUSTER, CREATE_ACLS, DELETE_ACLS, DESCRIBE_ACLS, EVERYTHING,
    Filter, GROUP, LITERAL, PREFIXED, SUBJECT, TOPIC, create, delete, filter,
};
use crate::differential::{Outcome, Pair};

const MATCH: i8 = 2;
const READ: i8 = 3;

#[test]
fn without_an_authorizer_entries_are_neither_made_nor_deleted() -> Result<()> {
    let mut pair = Pair::with_one_topic()?;
    let one = Acl::allow(TOPIC, "diff", ALL);
    pair.ask("create", &CREATE_ACLS, |_, body| create(body, &[one, one]))?;
    pair.ask("create nothing", &CREATE_ACLS, |_, body| create(body, &[]))?;
    pair.ask("delete", &DELETE_ACLS, |_, body| delete(body, &[EVERYTHING, EVERYTHING]))?;
    pair.ask("describe", &DESCRIBE_ACLS, |_, body| filter(body, EVERYTHING))?;
    pair.finish();
    Ok(())
}

#[test]
fn entries_are_made_described_and_deleted() -> Result<()> {
    let mut pair = Pair::guarded()?;
    pair.from = ADMINISTRATOR.parse()?;
    let right = Acl::allow(TOPIC, "orders", READ);
    for (name, acl) in [
        ("a topic's", right),
        ("a prefix's", right.prefixed()),
        ("a group's", Acl { kind: GROUP, ..right }),
        ("the cluster's", Acl { kind: CLUSTER, name: "kafka-cluster", ..right }),
        ("a cluster of another name", Acl { kind: CLUSTER, ..right }),
        ("a user's", Acl { kind: 7, name: "User:x", operation: 13, ..right }),
        ("of an unknown kind", Acl { kind: 99, ..right }),
        ("of any kind", Acl { kind: ANY, ..right }),
        ("of an unknown pattern", Acl { pattern: 99, ..right }),
        ("of any pattern", Acl { pattern: ANY, ..right }),
        ("of a pattern that matches", Acl { pattern: MATCH, ..right }),
        ("an unknown operation", Acl { operation: 99, ..right }),
        ("any operation", Acl { operation: ANY, ..right }),
        ("an operation of KIP-939", Acl { operation: 15, ..right }),
        ("an unknown permission", Acl { permission: 99, ..right }),
        ("any permission", Acl { permission: ANY, ..right }),
        ("an empty name", Acl { name: "", ..right }),
        ("an odd name", Acl { name: "a b/\u{e9}\n*", ..right }),
        ("a principal without a type", Acl { principal: "bob", ..right }),
        ("an empty principal", Acl { principal: "", ..right }),
        ("a principal with colons", Acl { principal: "User:CN=a:b,O=c", ..right }),
        ("another type of principal", Acl { principal: "Group:a", ..right }),
        ("an empty host", Acl { host: "", ..right }),
        ("a network", Acl { host: "10.0.0.0/8", ..right }),
    ] {
        pair.ask(name, &CREATE_ACLS, |_, body| create(body, &[acl]))?;
        let its: Filter<'_> =
            (acl.kind, Some(acl.name), acl.pattern, Some(acl.principal), Some(acl.host), ANY, ANY);
        pair.ask(&format!("{name}: delete"), &DELETE_ACLS.of(3..=3), |_, body| delete(body, &[its]))?;
    }
    let (bad, good) = (Acl { name: "", ..right }, right);
    pair.ask("good and bad", &CREATE_ACLS, |_, body| create(body, &[bad, good, good, bad]))?;
    for (name, acl) in [("kind", Acl { kind: 0, ..right }), ("operation", Acl { operation: 0, ..right })] {
        let outcome = pair.compare(name, &CREATE_ACLS.frame(3, |_, body| create(body, &[acl])))?;
        assert_eq!(outcome, Outcome::Closed, "{name}");
    }
    pair.finish();
    Ok(())
}

#[test]
fn filters_find_what_they_mean() -> Result<()> {
    let mut pair = Pair::guarded()?;
    pair.from = ADMINISTRATOR.parse()?;
    // One entry each, as several come in any order.
    for acl in [
        Acl::allow(TOPIC, "a", READ),
        Acl::allow(TOPIC, "ab", READ).prefixed(),
        Acl::allow(TOPIC, "abc", READ),
        Acl::allow(GROUP, "abc", READ),
        Acl::allow(GROUP, "*", READ),
    ] {
        pair.grant(&[acl])?;
        for (kind, name, pattern) in [
            (TOPIC, None, ANY),
            (TOPIC, Some("a"), LITERAL),
            (TOPIC, Some("ab"), LITERAL),
            (TOPIC, Some("ab"), PREFIXED),
            (TOPIC, Some("ab"), ANY),
            (TOPIC, Some("abc"), MATCH),
            (TOPIC, Some("*"), MATCH),
            (GROUP, Some("*"), LITERAL),
            (GROUP, Some("abc"), MATCH),
            (ANY, Some("abc"), MATCH),
            (ANY, Some(""), MATCH),
            (99, None, ANY),
            (TOPIC, None, 99),
        ] {
            for (operation, permission) in [(ANY, ANY), (READ, ALLOW), (ALL, ANY), (99, ANY)] {
                let asked: Filter<'_> = (kind, name, pattern, None, Some(SUBJECT), operation, permission);
                let shown = format!("{} {kind} {name:?} {pattern} {operation} {permission}", acl.name);
                pair.ask(&shown, &DESCRIBE_ACLS.of(3..=3), |_, body| filter(body, asked))?;
            }
        }
        pair.revoke()?;
    }
    pair.ask("unknown filters delete nothing", &DELETE_ACLS, |_, body| {
        let of = |kind, pattern, operation, permission| -> Filter<'_> {
            (kind, None, pattern, None, Some(SUBJECT), operation, permission)
        };
        delete(
            body,
            &[of(99, ANY, ANY, ANY), of(ANY, 99, ANY, ANY), of(ANY, ANY, 99, ANY), of(ANY, ANY, ANY, 99)],
        )
    })?;
    pair.finish();
    Ok(())
}
