//! CPU for a small produce request where everybody may do everything, and where thousands of ACLs say who may.

use anyhow::{Context, Result, ensure};
use tests_compat::{Body, Broker, Connection, Kind, Spec, request};

use crate::options::Options;
use crate::produce::fill_routes;
use crate::report::{Goal, Report, Unit};
use crate::requests::{self, LIMIT};
use crate::route::Routes;
use crate::subject::{Subjects, cost, create_topic, delete_topic, spec};

/// Users with rights, each with those of [`rights`].
const USERS: usize = 1000;
const CREATE_ACLS: (i16, i16) = (30, 1);
/// Bindings in a request.
const AT_ONCE: usize = 500;
/// Requests of a round, each with a batch of one record.
const REQUESTS: u64 = 200_000;

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
    let options = &Options { partitions: 1, batch_bytes: 1, ..options.clone() };
    let open = Subjects::start_specs(options.kinds().into_iter().map(|kind| spec(kind, options)))?;
    let guarded =
        Subjects::start_specs(options.kinds().into_iter().map(|kind| authorizing(spec(kind, options))))?;
    for broker in guarded.each() {
        grant(broker)?;
    }
    for round in 0..=options.rounds() {
        for (open, guarded) in open.each().zip(guarded.each()) {
            let (without, with) = (for_each(options, open, round)?, for_each(options, guarded, round)?);
            let kind = open.kind();
            report.say(&format!("a produce, {kind:?}: {without:.2} CPU-us, with ACLs {with:.2} CPU-us"));
            if round > 0 {
                add(report, kind, without, with);
            }
        }
    }
    Ok(())
}

fn add(report: &mut Report, kind: Kind, without: f64, with: f64) {
    let unit = Unit::CpuMicroseconds;
    report.row("a produce without authorizer", unit, Goal::None).add(kind, without);
    report.row("a produce, 5,000 ACLs", unit, Goal::None).add(kind, with);
    report.row("authorization adds", unit, Goal::AtMost(2.0)).add(kind, with - without);
}

/// Microseconds of the broker's CPU for a request.
fn for_each(options: &Options, broker: &Broker, round: usize) -> Result<f64> {
    let topic = format!("team-7-orders-{round}");
    create_topic(broker, &topic, options.partitions)?;
    let requests = if options.quick { REQUESTS / 10 } else { REQUESTS };
    let batch = requests::batch(VALUE_BYTES, options.batch_bytes).0;
    let volume = requests * u64::try_from(batch.len())?;
    let routes = Routes::alone(broker.address(), options.partitions);
    let cost = cost(options, broker, || fill_routes(options, &routes, &topic, VALUE_BYTES, volume))?;
    delete_topic(broker, &topic)?;
    Ok(cost.cpu.as_secs_f64() * 1e6 / requests as f64)
}

/// Bytes of a record.
const VALUE_BYTES: usize = 100;

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
