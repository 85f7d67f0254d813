//! CPU for a small produce request where everybody may do everything, and where thousands of ACLs say who may.

use anyhow::{Context, Result, ensure};
use tests_compat::{Body, Broker, Connection, Kind, Spec, request};

use super::small;
use crate::options::Options;
use crate::report::{Goal, Report, Unit};
use crate::requests::LIMIT;
use crate::subject::{Subjects, spec};

/// Users with rights, each with those of [`rights`].
const USERS: usize = 1000;
const CREATE_ACLS: (i16, i16) = (30, 1);
/// Bindings in a request.
const AT_ONCE: usize = 500;

const TOPIC: i8 = 2;
const GROUP: i8 = 3;
const CLUSTER: i8 = 4;
const LITERAL: i8 = 3;
const PREFIXED: i8 = 4;
const ALL: i8 = 2;
const READ: i8 = 3;
const WRITE: i8 = 4;
const DESCRIBE: i8 = 8;
const ALLOW: i8 = 3;

pub(crate) fn run(options: &Options, report: &mut Report) -> Result<()> {
    let options = &small::options(options);
    let open = Subjects::start_specs(options.kinds().into_iter().map(|kind| spec(kind, options)))?;
    let guarded =
        Subjects::start_specs(options.kinds().into_iter().map(|kind| authorizing(spec(kind, options))))?;
    for broker in guarded.each() {
        grant(broker)?;
    }
    small::compare(options, report, "ACLs", [&open, &guarded], add)
}

fn add(report: &mut Report, kind: Kind, without: f64, with: f64) {
    let unit = Unit::CpuMicroseconds;
    report.row("a produce without authorizer", unit, Goal::None).add(kind, without);
    report.row("a produce, 5,000 ACLs", unit, Goal::None).add(kind, with);
    report.row("authorization adds", unit, Goal::AtMost(2.0)).add(kind, with - without);
}

/// Nobody is above the rules; until there are some, all may.
fn authorizing(spec: Spec) -> Spec {
    spec.set("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .set("allow.everyone.if.no.acl.found", "true")
}

/// A right to an operation on a resource, literal or of a prefix.
struct Right {
    resource: i8,
    name: String,
    pattern: i8,
    principal: String,
    operation: i8,
}

/// What the users of a shared cluster have: a team's topics and groups by prefix, some single topics.
fn rights() -> impl Iterator<Item = Right> {
    (0..USERS).flat_map(|user| {
        let right = |resource, name: String, pattern, operation| Right {
            resource,
            name,
            pattern,
            principal: format!("User:application-{user}"),
            operation,
        };
        let team = user % 50;
        [
            right(TOPIC, format!("team-{team}-"), PREFIXED, READ),
            right(TOPIC, format!("team-{team}-"), PREFIXED, WRITE),
            right(TOPIC, format!("shared-{user}"), LITERAL, READ),
            right(TOPIC, format!("shared-{user}"), LITERAL, DESCRIBE),
            right(GROUP, format!("team-{team}-{user}"), PREFIXED, READ),
        ]
    })
}

/// Gives the rights of everybody, and those of the generator last.
fn grant(broker: &Broker) -> Result<()> {
    let own = |resource, name: &str, pattern| Right {
        resource,
        name: name.to_owned(),
        pattern,
        principal: "User:ANONYMOUS".to_owned(),
        operation: ALL,
    };
    // Of the cluster first: with any rule for it, whoever has none is out.
    let mut all = vec![own(CLUSTER, "kafka-cluster", LITERAL), own(TOPIC, "team-7-", PREFIXED)];
    all.extend(rights());
    let mut connection = Connection::open(broker.address(), LIMIT)?;
    for rights in all.chunks(AT_ONCE) {
        let mut body = Body::new(false).array(Some(rights.len()));
        for right in rights {
            body = body.int8(right.resource).text(Some(&right.name)).int8(right.pattern);
            body = body.text(Some(&right.principal)).text(Some("*")).int8(right.operation).int8(ALLOW);
        }
        connection.send(&request(CREATE_ACLS.0, CREATE_ACLS.1, 1, 1, &body.bytes()))?;
        let answer = connection.receive()?.context("the connection was closed")?;
        // Correlation id, throttle time, number of results; then the error of each, with an absent or empty message.
        let mut results = answer.get(12..).context("a short answer")?.chunks(4);
        ensure!(
            results.len() == rights.len() && results.all(|result| result.starts_with(&[0, 0])),
            "an ACL was refused"
        );
    }
    Ok(())
}
