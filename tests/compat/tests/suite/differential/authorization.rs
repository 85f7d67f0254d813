//! Authorization: the same requests under the same access control lists, every API by every operation.
//!
//! There is one principal without authentication, so hosts tell who asks apart: the brokers' own requests and the test's
//! preparations come from one loopback address, which may do everything; what is compared comes from another.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use tests_compat::{Body, Connection, Deadline, pause};

use super::api::Api;
use super::{PATIENCE_MAX, Pair};

mod acls;
mod not_ready;
pub(super) mod requests;
mod table;

const DESCRIBE_ACLS: Api = Api { key: 29, versions: 1..=3, first_flexible: 2 };
const CREATE_ACLS: Api = Api { key: 30, versions: 1..=3, first_flexible: 2 };
const INIT_PRODUCER_ID: Api = Api { key: 22, versions: 0..=5, first_flexible: 2 };
const DELETE_ACLS: Api = Api { key: 31, versions: 1..=3, first_flexible: 2 };

pub(super) const AUTHORIZER: &str = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
const ADMINISTRATOR: &str = "127.0.0.1";
const SUBJECT: &str = "127.0.0.2";
pub(super) const EVERYBODY: &str = "User:ANONYMOUS";

/// Kinds of resources.
const ANY: i8 = 1;
pub(super) const TOPIC: i8 = 2;
const GROUP: i8 = 3;
const CLUSTER: i8 = 4;
const TRANSACTIONAL_ID: i8 = 5;
/// Types of patterns.
const LITERAL: i8 = 3;
const PREFIXED: i8 = 4;
/// Operations.
pub(super) const ALL: i8 = 2;
/// Permissions.
const DENY: i8 = 2;
const ALLOW: i8 = 3;

/// One access control entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Acl<'a> {
    kind: i8,
    name: &'a str,
    pattern: i8,
    principal: &'a str,
    host: &'a str,
    operation: i8,
    permission: i8,
}

impl<'a> Acl<'a> {
    /// Allows the one who is looked at something.
    pub(super) const fn allow(kind: i8, name: &'a str, operation: i8) -> Self {
        Self {
            kind,
            name,
            pattern: LITERAL,
            principal: EVERYBODY,
            host: SUBJECT,
            operation,
            permission: ALLOW,
        }
    }

    const fn deny(kind: i8, name: &'a str, operation: i8) -> Self {
        Self { permission: DENY, ..Self::allow(kind, name, operation) }
    }

    const fn prefixed(self) -> Self {
        Self { pattern: PREFIXED, ..self }
    }

    /// The filter of this entry alone.
    fn filter(&self) -> Filter<'a> {
        let Self { kind, name, pattern, principal, host, operation, permission } = *self;
        (kind, Some(name), pattern, Some(principal), Some(host), operation, permission)
    }

    fn body(&self, body: Body) -> Body {
        let body = body.int8(self.kind).text(Some(self.name)).int8(self.pattern);
        let body = body.text(Some(self.principal)).text(Some(self.host));
        body.int8(self.operation).int8(self.permission).end()
    }
}

pub(super) fn create(body: Body, acls: &[Acl<'_>]) -> Body {
    acls.iter().fold(body.array(Some(acls.len())), |body, acl| acl.body(body)).end()
}

/// Which entries are meant: kind, name, pattern type, principal, host, operation, permission.
type Filter<'a> = (i8, Option<&'a str>, i8, Option<&'a str>, Option<&'a str>, i8, i8);

const EVERYTHING: Filter<'_> = (ANY, None, ANY, None, None, ANY, ANY);

fn filter(body: Body, (kind, name, pattern, principal, host, operation, permission): Filter<'_>) -> Body {
    let body = body.int8(kind).text(name).int8(pattern).text(principal).text(host);
    body.int8(operation).int8(permission).end()
}

fn delete(body: Body, filters: &[Filter<'_>]) -> Body {
    filters.iter().fold(body.array(Some(filters.len())), |body, one| filter(body, *one)).end()
}

impl Pair {
    /// Two brokers where the administrator may do everything, and the one who is looked at nothing.
    fn guarded() -> Result<Self> {
        Self::guarded_with(&[])
    }

    /// The same with settings of one's own.
    fn guarded_with(more: &[(&str, &str)]) -> Result<Self> {
        let settings = [
            ("authorizer.class.name", AUTHORIZER),
            // Who founds the cluster must be let in before there are entries.
            ("allow.everyone.if.no.acl.found", "true"),
            ("offsets.topic.num.partitions", "1"),
            ("transaction.state.log.num.partitions", "1"),
        ];
        let mut pair = Self::with_settings(&[&settings, more].concat())?;
        let all = [CLUSTER, TOPIC, GROUP, TRANSACTIONAL_ID].map(|kind| {
            let name = if kind == CLUSTER { "kafka-cluster" } else { "*" };
            Acl { host: ADMINISTRATOR, ..Acl::allow(kind, name, ALL) }
        });
        pair.grant(&all)?;
        // What is loaded while it is compared is answered so by one of both.
        pair.coordinated(0, "g")?;
        pair.coordinated(1, "t")?;
        pair.loaded("g")?;
        let producer = INIT_PRODUCER_ID.frame(1, |_, body| body.text(None).int32(1000));
        pair.until("a producer's id", &producer, |answer| answer[4..6] == [0, 0])?;
        pair.settled_id("t")?;
        pair.from = SUBJECT.parse()?;
        Ok(pair)
    }

    /// Creates entries on both, and waits until brokers and controllers go by them.
    fn grant(&self, acls: &[Acl<'_>]) -> Result<()> {
        let frame = CREATE_ACLS.frame(3, |_, body| create(body, acls));
        for broker in [&self.apache, &self.tested] {
            administer(broker.address(), &frame)?;
            for acl in acls {
                let asked = acl.filter();
                let is_there = |answer: &[u8]| has(answer, acl.host);
                until([broker.address(), broker.controller_address()], asked, is_there)?;
            }
        }
        Ok(())
    }

    /// Takes from the one who is looked at whatever it was given.
    fn revoke(&self) -> Result<()> {
        let its: Filter<'_> = (ANY, None, ANY, None, Some(SUBJECT), ANY, ANY);
        let frame = DELETE_ACLS.frame(3, |_, body| delete(body, &[its]));
        for broker in [&self.apache, &self.tested] {
            administer(broker.address(), &frame)?;
            let is_gone = |answer: &[u8]| !has(answer, SUBJECT);
            until([broker.address(), broker.controller_address()], its, is_gone)?;
        }
        Ok(())
    }
}

/// Waits until brokers and controllers, who learn of it apart from each other, list it so.
fn until(addresses: [SocketAddr; 2], asked: Filter<'_>, is_so: impl Fn(&[u8]) -> bool) -> Result<()> {
    let frame = DESCRIBE_ACLS.frame(3, |_, body| filter(body, asked));
    let deadline = Deadline::after(PATIENCE_MAX);
    for address in addresses {
        while !is_so(&administer(address, &frame)?) {
            ensure!(deadline.left().is_some(), "the entries at {address} do not change");
            pause(Duration::from_millis(2));
        }
    }
    Ok(())
}

fn has(answer: &[u8], text: &str) -> bool {
    answer.windows(text.len()).any(|part| part == text.as_bytes())
}

/// An answer to the administrator.
fn administer(address: SocketAddr, frame: &[u8]) -> Result<Vec<u8>> {
    let from: IpAddr = Ipv4Addr::LOCALHOST.into();
    let mut connection = Connection::open_from(from, address, PATIENCE_MAX)?;
    connection.send(frame)?;
    match connection.receive()? {
        Some(answer) => Ok(answer),
        None => bail!("{address} closed the connection"),
    }
}

/// Kafka puts a whole request into words where a cluster operation is denied; ours says what was denied. Both
/// texts stand after their lengths, which differ with them.
pub(super) fn masked(answer: &[u8]) -> Vec<u8> {
    let answer = without(answer, b"Request Request(");
    without(&answer, b"Cluster authorization failed.")
}

/// Without the texts that begin so, and their lengths.
fn without(answer: &[u8], begin: &[u8]) -> Vec<u8> {
    let (mut masked, mut rest) = (Vec::new(), answer);
    while let Some(start) = rest.windows(begin.len()).position(|part| part == begin) {
        let Some((before, length)) = length_before(&rest[..start]) else { break };
        let Some(after) = rest.get(start + length..) else { break };
        masked.extend_from_slice(&rest[..start - before]);
        masked.extend_from_slice(b"(denied)");
        rest = after;
    }
    masked.extend_from_slice(rest);
    masked
}

/// How many bytes a text's length takes, and the length: compact (one more than it is, seven bits a byte) or not.
fn length_before(head: &[u8]) -> Option<(usize, usize)> {
    let [high, low] = *head.last_chunk::<2>()?;
    let (high, low) = (usize::from(high), usize::from(low));
    match (high, low) {
        (0x80.., 1..=0x7f) => Some((2, (low << 7 | high & 0x7f) - 1)),
        (1..=8, _) => Some((2, high << 8 | low)),
        // A short text: the byte before a compact length may be a zero too, but then it is one more than the text.
        (_, 30) => Some((1, 29)),
        (0, _) => Some((2, low)),
        _ => None,
    }
}
