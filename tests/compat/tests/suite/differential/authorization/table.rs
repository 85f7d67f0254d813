//! Every request under every entry that could let it in, or keep it out.

use anyhow::Result;
use tests_compat::request;

use super::requests::{self, Asked};
use super::{ALL, Acl, CLUSTER, GROUP, TOPIC, TRANSACTIONAL_ID, administer};
use crate::differential::{Outcome, Pair};

const READ: i8 = 3;
const WRITE: i8 = 4;
const CREATE: i8 = 5;
const DELETE: i8 = 6;
const ALTER: i8 = 7;
const DESCRIBE: i8 = 8;
const CLUSTER_ACTION: i8 = 9;
const DESCRIBE_CONFIGS: i8 = 10;
const ALTER_CONFIGS: i8 = 11;
const IDEMPOTENT_WRITE: i8 = 12;

/// Telemetry of clients, share groups, streams groups.
const NOT_BUILT: &[i16] = &[71, 72, 76, 77, 78, 79, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92];

const THE_CLUSTER: &str = "kafka-cluster";

/// Compares what the requests are answered with these entries.
fn ask_all(pair: &mut Pair, when: &str, acls: &[Acl<'_>], requests: &[Asked]) -> Result<()> {
    if !acls.is_empty() {
        pair.grant(acls)?;
    }
    for asked in requests {
        let name = format!("{} with {when}", asked.name);
        let outcome = if asked.length == 0 {
            let outcomes = pair.outcomes(&asked.frame, usize::MAX)?;
            pair.note(&name, outcomes.map(sorted))
        } else {
            pair.compare_first(&name, &asked.frame, asked.length)?
        };
        // A body that Apache Kafka cannot read compares nothing.
        assert!(matches!(outcome, Outcome::Answer(_)), "{name}: {outcome:?}");
    }
    pair.revoke()
}

/// The parts of an answer come in any order.
fn sorted(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Answer(text) => {
            let mut letters: Vec<_> = text.chars().collect();
            letters.sort_unstable();
            Outcome::Answer(letters.into_iter().collect())
        }
        other => other,
    }
}

/// Operations on each of these resources, one at a time.
fn compare(kind: i8, names: &[&'static str], operations: &[i8]) -> Result<()> {
    let mut pair = Pair::guarded()?;
    let mut all = requests::all();
    ask_all(&mut pair, "nothing", &[], &all)?;
    let deletions = requests::deletions();
    ask_all(&mut pair, "nothing", &[], &deletions)?;
    for operation in operations {
        let acls: Vec<_> = names.iter().map(|name| Acl::allow(kind, name, *operation)).collect();
        let when = format!("operation {operation} on {kind}");
        ask_all(&mut pair, &when, &acls, &all)?;
        if ![ALL, DELETE].contains(operation) {
            ask_all(&mut pair, &when, &acls, &deletions)?;
        }
    }
    // All but what is denied.
    all.extend(deletions);
    let mut acls: Vec<_> = names.iter().map(|name| Acl::allow(kind, name, ALL)).collect();
    acls.extend(names.iter().map(|name| Acl::deny(kind, name, DELETE)));
    acls.extend(names.iter().map(|name| Acl::deny(kind, name, DESCRIBE)));
    ask_all(&mut pair, &format!("{kind}, and neither deleted nor described"), &acls, &all)?;
    pair.finish();
    Ok(())
}

#[test]
fn every_api_is_in_the_table() -> Result<()> {
    let pair = Pair::with_one_topic()?;
    for address in [pair.apache.address(), pair.tested.address()] {
        let listed = administer(address, &request(requests::API_VERSIONS, 0, 1, 1, &[]))?;
        let missing = requests::missing(&listed, &requests::all());
        // What only Apache Kafka serves is of groups that are not built yet.
        let missing: Vec<_> = missing.into_iter().filter(|key| !NOT_BUILT.contains(key)).collect();
        assert!(missing.is_empty(), "{address} serves more: {missing:?}");
    }
    Ok(())
}

#[test]
fn operations_on_topics() -> Result<()> {
    let operations = [READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS, ALL];
    compare(TOPIC, &["diff", "missing", "new"], &operations)
}

#[test]
fn operations_on_groups() -> Result<()> {
    compare(GROUP, &["g", "nobody"], &[READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS, ALL])
}

#[test]
fn operations_on_transactional_ids() -> Result<()> {
    compare(TRANSACTIONAL_ID, &["t"], &[WRITE, DESCRIBE, ALL])
}

#[test]
fn operations_on_the_cluster() -> Result<()> {
    let operations =
        [CREATE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE];
    compare(CLUSTER, &[THE_CLUSTER], &operations)
}

/// What needs permissions on several things, and patterns of all types.
#[test]
fn operations_on_several_things() -> Result<()> {
    let mut pair = Pair::guarded()?;
    let all = requests::all();
    let (topic, group) = (Acl::allow(TOPIC, "diff", READ), Acl::allow(GROUP, "g", READ));
    let id = Acl::allow(TRANSACTIONAL_ID, "t", WRITE);
    let writes = Acl::allow(TOPIC, "di", WRITE).prefixed();
    let states: [(&str, &[Acl<'_>]); 9] = [
        ("a consumer's", &[topic, group]),
        ("a consumer's, by pattern", &[Acl::allow(TOPIC, "*", READ), Acl::allow(GROUP, "*", READ)]),
        ("a producer's", &[writes, Acl::allow(CLUSTER, THE_CLUSTER, IDEMPOTENT_WRITE)]),
        ("a transactional producer's", &[writes, id]),
        ("a processor's", &[topic, writes, group, id]),
        (
            "a processor's, kept from the topic",
            &[topic, writes, group, id, Acl::deny(TOPIC, "d", ALL).prefixed()],
        ),
        ("topics, but one", &[Acl::allow(TOPIC, "*", ALL), Acl::deny(TOPIC, "diff", ALL)]),
        ("one topic, and none", &[Acl::allow(TOPIC, "diff", ALL), Acl::deny(TOPIC, "*", WRITE)]),
        (
            "those that look at groups",
            &[Acl::allow(GROUP, "g", DESCRIBE), Acl::allow(TOPIC, "diff", DESCRIBE)],
        ),
    ];
    for (when, acls) in states {
        ask_all(&mut pair, when, acls, &all)?;
    }
    pair.finish();
    Ok(())
}

#[test]
fn topics_that_may_not_be_created_by_asking() -> Result<()> {
    let mut pair = Pair::guarded_with(&[("auto.create.topics.enable", "true")])?;
    let creating = requests::creating();
    let describe = |name| Acl::allow(TOPIC, name, DESCRIBE);
    let states: [(&str, &[Acl<'_>]); 4] = [
        ("nothing", &[]),
        ("a look at them", &[describe("missing"), describe("bad/name"), describe("__share_group_state")]),
        ("a look at all", &[describe("*")]),
        ("the creation of what is not seen", &[Acl::allow(TOPIC, "*", CREATE)]),
    ];
    for (when, acls) in states {
        ask_all(&mut pair, when, acls, &creating)?;
    }
    pair.finish();
    Ok(())
}
