//! What controllers answer before they know the access control entries (KIP-801): their quorum has no leader yet, so
//! nothing says how much metadata there is.

use anyhow::{Result, ensure};
use tests_compat::{Kind, Spec, request};

use super::requests::{self, THROTTLE_AND_CODE, nodes};
use super::{AUTHORIZER, EVERYBODY, SUBJECT, administer};
use crate::differential::{Outcome, Pair};

/// Two controllers that nobody leads, with an authorizer.
fn unready(super_users: &str) -> Result<Pair> {
    let spawn = |kind| {
        let spec = Spec::new(kind).set("authorizer.class.name", AUTHORIZER);
        spec.set("super.users", super_users).spawn_without_quorum()
    };
    let (mut apache, mut tested) = (spawn(Kind::Apache)?, spawn(Kind::under_test()?)?);
    apache.wait_until_ready()?;
    tested.wait_until_ready()?;
    let mut pair = Pair { asks_controllers: true, ..Pair::of(apache, tested) };
    pair.from = SUBJECT.parse()?;
    Ok(pair)
}

/// What a controller of Kafka's answers before it looks at who asks: DescribeCluster while it knows no level of features,
/// DescribeDelegationToken always, by an error.
const UNASKED: &[&str] =
    &["the cluster", "the controllers", "the controllers and what may be done", "tokens"];

/// What Kafka answers then has no code of its own on the wire; its text says nothing, and ours is the code's.
const TEXT: &str = "HThe server experienced an unexpected error when processing the request.";

/// What only brokers serve is the end of a connection on either; of the others the codes are compared, all of them.
#[test]
fn whoever_is_no_super_user_is_answered_as_by_an_authorizer_that_is_not_ready() -> Result<()> {
    let mut pair = unready("")?;
    let all = requests::all().into_iter().chain(requests::deletions()).chain(nodes::all());
    let mut answered = 0;
    for one in all.filter(|one| !UNASKED.contains(&one.name)) {
        // Of a fetch Kafka repeats the partitions.
        let length = if one.name.starts_with("fetch") { THROTTLE_AND_CODE } else { usize::MAX };
        let [apache, tested] = pair.outcomes(&one.frame, length)?;
        let without_text = |outcome| match outcome {
            Outcome::Answer(text) => Outcome::Answer(text.replace(TEXT, "\\x00")),
            other => other,
        };
        if let Outcome::Answer(_) = pair.note(one.name, [apache, tested].map(without_text)) {
            answered += 1;
        }
    }
    ensure!(answered > 40, "{answered} requests were answered");
    pair.finish();
    Ok(())
}

/// Listeners that do not start early wait for the entries, which a controller that leads alone has soon.
#[test]
fn listeners_of_controllers_may_start_late() -> Result<()> {
    for kind in [Kind::Apache, Kind::under_test()?] {
        let spec = Spec::new(kind).set("authorizer.class.name", AUTHORIZER).set("super.users", EVERYBODY);
        let broker = spec.set("early.start.listeners", "PLAINTEXT").start()?;
        let versions = request(requests::API_VERSIONS, 0, 1, 1, &[]);
        for address in [broker.address(), broker.controller_address()] {
            ensure!(administer(address, &versions)?.len() > 10, "{kind:?}");
        }
    }
    Ok(())
}

#[test]
fn every_api_of_controllers_is_asked() -> Result<()> {
    let pair = unready("")?;
    let all: Vec<_> = requests::all().into_iter().chain(nodes::all()).collect();
    for broker in [&pair.apache, &pair.tested] {
        let listed = administer(broker.controller_address(), &request(requests::API_VERSIONS, 0, 1, 1, &[]))?;
        let missing = requests::missing(&listed, &all);
        ensure!(missing.is_empty(), "{:?} serves more: {missing:?}", broker.kind());
    }
    Ok(())
}

#[test]
fn super_users_are_let_in() -> Result<()> {
    let mut pair = unready(EVERYBODY)?;
    for one in nodes::all().into_iter().filter(|one| one.name.starts_with("vote")) {
        let outcome = pair.compare(one.name, &one.frame)?;
        ensure!(matches!(outcome, Outcome::Answer(_)), "{outcome:?}");
    }
    pair.finish();
    Ok(())
}
