//! What controllers answer before they know the access control entries (KIP-801): their quorum has no leader yet, so
//! nothing says how much metadata there is.

use anyhow::{Result, ensure};
use tests_compat::{Body, Kind, Spec, request};

use super::requests::{self, Asked, THROTTLE_AND_CODE, asked};
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

/// What only nodes say to controllers, and what [`requests::all`] leaves out.
fn more() -> Vec<Asked> {
    let metadata = |body: Body| body.array(Some(1)).text(Some("__cluster_metadata")).array(Some(1)).int32(0);
    let id = [7; 16];
    vec![
        asked("vote", (52, 0, 0), |body| {
            metadata(body.text(None)).int32(9).int32(2).int32(0).int64(0).end().end().end()
        }),
        asked("vote, newer", (52, 2, 0), |body| {
            let body = metadata(body.text(None).int32(1)).int32(9).int32(2).raw(&id).raw(&id);
            body.int32(0).int64(0).int8(1).end().end().end()
        }),
        asked("a leader", (53, 0, 1), |body| metadata(body.text(None)).int32(2).int32(9)),
        asked("the end of a leader", (54, 0, 1), |body| {
            metadata(body.text(None)).int32(2).int32(9).array(Some(0))
        }),
        asked("a snapshot", (59, 0, 0), |body| {
            let body = metadata(body.int32(2).int32(100)).int32(1).int64(1).int32(1).end();
            body.int64(0).end().end().end()
        }),
        asked("in sync", (56, 3, 0), |body| {
            let body = body.int32(2).int64(1).array(Some(1)).raw(&id).array(Some(1)).int32(0).int32(1);
            body.array(Some(1)).int32(2).int64(1).end().int8(0).int32(1).end().end().end()
        }),
        asked("a broker", (62, 0, 0), |body| {
            body.int32(2).text(Some("c")).raw(&id).array(Some(0)).array(Some(0)).text(None).end()
        }),
        asked("a heartbeat", (63, 0, 0), |body| body.int32(2).int64(1).int64(1).int8(0).int8(0).end()),
        asked("ids of producers", (67, 0, 0), |body| body.int32(2).int64(1).end()),
        asked("a controller", (70, 0, 0), |body| {
            body.int32(2).raw(&id).int8(0).array(Some(0)).array(Some(0)).end()
        }),
        asked("directories of replicas", (73, 0, 0), |body| body.int32(2).int64(1).array(Some(0)).end()),
        asked("a voter elsewhere", (82, 0, 0), |body| {
            body.text(None).int32(1).int32(2).raw(&id).array(Some(0)).int16(0).int16(1).end().end()
        }),
        asked("an envelope", (58, 0, 0), |body| body.blob(b"x").blob(b"y").blob(&[127, 0, 0, 1]).end()),
        asked("the controllers", (60, 1, 0), |body| body.int8(0).int8(2).end()),
        asked("the controllers and what may be done", (60, 1, 0), |body| body.int8(1).int8(2).end()),
    ]
}

/// What Kafka answers then has no code of its own on the wire; its text says nothing, and ours is the code's.
const TEXT: &str = "HThe server experienced an unexpected error when processing the request.";

/// What only brokers serve is the end of a connection on either; of the others the codes are compared, all of them.
#[test]
fn whoever_is_no_super_user_is_answered_as_by_an_authorizer_that_is_not_ready() -> Result<()> {
    let mut pair = unready("")?;
    let all = requests::all().into_iter().chain(requests::deletions()).chain(more());
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
    let all: Vec<_> = requests::all().into_iter().chain(more()).collect();
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
    for one in more().into_iter().filter(|one| one.name.starts_with("vote")) {
        let outcome = pair.compare(one.name, &one.frame)?;
        ensure!(matches!(outcome, Outcome::Answer(_)), "{outcome:?}");
    }
    pair.finish();
    Ok(())
}
