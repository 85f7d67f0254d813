//! Delegation tokens: the same requests of the same users to both. Ids, secrets and times are each broker's own; what is
//! compared of them is how long they are and how far apart.

mod answers;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tests_compat::{
    Body, Broker, Connection, Deadline, Encrypted, Kind, SaslProtocol, Spec, Tool, pause, wall_ms,
};

use super::{PATIENCE_MAX, api::Api};
use answers::{Described, Read, apart, created, described};

const CREATE: Api = Api { key: 38, versions: 1..=3, first_flexible: 2 };
const RENEW: Api = Api { key: 39, versions: 1..=2, first_flexible: 2 };
const EXPIRE: Api = Api { key: 40, versions: 1..=2, first_flexible: 2 };
const DESCRIBE: Api = Api { key: 41, versions: 1..=3, first_flexible: 2 };

/// Type and name.
type Principal<'a> = (&'a str, &'a str);

fn spec(kind: Kind, encrypted: Encrypted) -> Spec {
    let module = "org.apache.kafka.common.security.plain.PlainLoginModule";
    let users = ["node", "alice", "bob", "carol"].map(|user| format!("user_{user}=\"{user}-secret\""));
    let users = users.join(" ");
    let line = format!("{module} required username=\"node\" password=\"node-secret\" {users};");
    let spec = Spec::new(kind)
        .sasl(encrypted, SaslProtocol::Plaintext)
        .set("sasl.enabled.mechanisms", "PLAIN")
        .set("listener.name.sasl.plain.sasl.jaas.config", &line)
        .set("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .set("super.users", "User:node;User:ANONYMOUS");
    if encrypted == Encrypted::Clients {
        return spec;
    }
    spec.set("sasl.mechanism.inter.broker.protocol", "PLAIN")
        .set("sasl.mechanism.controller.protocol", "PLAIN")
        .set("listener.name.controller.plain.sasl.jaas.config", &line)
}

/// One broker, and the tokens that were made there: ids and secret parts.
struct Party {
    broker: Broker,
    tokens: Vec<(String, Vec<u8>)>,
    /// When those that there are end.
    ends: BTreeMap<String, i64>,
    /// When they can be renewed no more.
    last_ends: BTreeMap<String, i64>,
}

impl Party {
    fn start(spec: Spec) -> Result<Self> {
        Ok(Self {
            broker: spec.start()?,
            tokens: Vec::new(),
            ends: BTreeMap::new(),
            last_ends: BTreeMap::new(),
        })
    }

    /// The answer to a user, or to somebody who comes over the plain listener.
    fn ask(&self, user: Option<&str>, frame: &[u8]) -> Result<Vec<u8>> {
        let address = if user.is_some() { self.broker.ssl_address() } else { self.broker.address() };
        let mut connection = Connection::open(address, PATIENCE_MAX)?;
        let mut answer = |frame: &[u8]| -> Result<Vec<u8>> {
            connection.send(frame)?;
            connection.receive()?.context("the connection is closed")
        };
        if let Some(user) = user {
            let handshake = Api { key: 17, versions: 1..=1, first_flexible: 9 };
            answer(&handshake.frame(1, |_, body| body.text(Some("PLAIN"))))?;
            let login = format!("\0{user}\0{user}-secret");
            let token = Api { key: 36, versions: 1..=1, first_flexible: 9 };
            answer(&token.frame(1, |_, body| body.blob(login.as_bytes())))?;
        }
        answer(frame)
    }

    /// Waits until the broker knows what its controller answered: Apache Kafka's hears it apart.
    fn settle(&self) -> Result<()> {
        let deadline = Deadline::after(PATIENCE_MAX);
        let frame = DESCRIBE.frame(1, |_, body| body.array(None).end());
        loop {
            let answer = self.ask(Some("node"), &frame)?;
            let (_, tokens, _) = described(&answer, 1);
            let ends: BTreeMap<_, _> = tokens.into_iter().map(|token| (token.id, token.times[1])).collect();
            if ends == self.ends {
                return Ok(());
            }
            ensure!(deadline.left().is_some(), "the tokens do not become {:?}: {ends:?}", self.ends);
            pause(Duration::from_millis(2));
        }
    }
}

struct Both {
    parties: [Party; 2],
    differences: Vec<String>,
}

impl Both {
    fn start(spec: impl Fn(Kind) -> Spec) -> Result<Self> {
        let parties = [Party::start(spec(Kind::Apache))?, Party::start(spec(Kind::under_test()?))?];
        Ok(Self { parties, differences: Vec::new() })
    }

    fn note(&mut self, name: &str, told: [String; 2]) -> String {
        let [theirs, ours] = told;
        if theirs != ours {
            self.differences.push(format!("{name}:\n  Apache Kafka {theirs}\n  this broker  {ours}"));
        }
        theirs
    }

    fn create(
        &mut self,
        user: Option<&str>,
        owner: (Option<&str>, Option<&str>),
        renewers: &[Principal<'_>],
        lifetime: i64,
        version: i16,
    ) -> Result<()> {
        let frame = CREATE.frame(version, |version, body| {
            let body = if version >= 3 { body.text(owner.0).text(owner.1) } else { body };
            let body = body.array(Some(renewers.len()));
            let renewer = |body: Body, one: &Principal<'_>| body.text(Some(one.0)).text(Some(one.1)).end();
            renewers.iter().fold(body, renewer).int64(lifetime).end()
        });
        let mut told = Vec::new();
        for party in &mut self.parties {
            let (one, token, [_, end, last_end]) = created(&party.ask(user, &frame)?, version);
            told.push(one);
            if !token.0.is_empty() {
                party.ends.insert(token.0.clone(), end);
                party.last_ends.insert(token.0.clone(), last_end);
                party.tokens.push(token);
                party.settle()?;
            }
        }
        let name = format!("{user:?} creates for {owner:?} with {renewers:?}, {lifetime} v{version}");
        self.note(&name, told.try_into().unwrap_or_default());
        Ok(())
    }

    /// RenewDelegationToken or ExpireDelegationToken, of a token by its number; beyond the last, of none.
    fn change(&mut self, api: &Api, user: Option<&str>, number: usize, period: i64) -> Result<()> {
        for version in api.versions.clone() {
            let mut told = Vec::new();
            for party in &mut self.parties {
                let unknown = (String::new(), b"unknown".to_vec());
                let (id, hmac) = party.tokens.get(number).cloned().unwrap_or(unknown);
                let before = wall_ms();
                let answer =
                    party.ask(user, &api.frame(version, |_, body| body.blob(&hmac).int64(period).end()))?;
                let mut read = Read::new(&answer, version >= 2);
                let (code, time) = (read.int16(), read.int64());
                let is_last = party.last_ends.get(&id) == Some(&time);
                match code {
                    0 if api.key == EXPIRE.key && period < 0 => _ = party.ends.remove(&id),
                    0 => _ = party.ends.insert(id, time),
                    _ => {}
                }
                party.settle()?;
                // To ten seconds.
                let time = if time <= 0 { time } else { (time - before + 5_000) / 10_000 };
                let time = if is_last { "the last".to_owned() } else { time.to_string() };
                told.push(format!("{code} {time} {:?}", read.rest));
            }
            let name = format!("{user:?} {} token {number} for {period} v{version}", api.key);
            self.note(&name, told.try_into().unwrap_or_default());
        }
        Ok(())
    }

    fn describe(&mut self, user: Option<&str>, owners: Option<&[Principal<'_>]>) -> Result<()> {
        for version in DESCRIBE.versions.clone() {
            let frame = DESCRIBE.frame(version, |_, body| {
                let body = body.array(owners.map(<[_]>::len));
                let owner = |body: Body, one: &Principal<'_>| body.text(Some(one.0)).text(Some(one.1)).end();
                owners.unwrap_or_default().iter().fold(body, owner).end()
            });
            let mut told = Vec::new();
            for party in &self.parties {
                let answer = party.ask(user, &frame)?;
                let (code, tokens, rest) = described(&answer, version);
                let one = |Described { names, times, id, hmac, renewers }: Described| {
                    let is_as_told = party.ends.get(&id) == Some(&times[1]);
                    let [_, _, life] = apart(times);
                    let known = (id, hmac);
                    let number = party.tokens.iter().position(|token| *token == known);
                    format!("{number:?} {names:?} {is_as_told} {life} {renewers:?}")
                };
                let mut tokens: Vec<_> = tokens.into_iter().map(one).collect();
                tokens.sort();
                told.push(format!("{code} {tokens:?} {rest:?}"));
            }
            let name = format!("{user:?} describes {owners:?} v{version}");
            self.note(&name, told.try_into().unwrap_or_default());
        }
        Ok(())
    }

    /// Everything once.
    fn everything(&mut self, user: Option<&str>) -> Result<()> {
        self.create(user, (None, None), &[], -1, 3)?;
        self.change(&RENEW, user, 0, -1)?;
        self.change(&EXPIRE, user, 0, 60_000)?;
        self.describe(user, None)
    }

    fn allow(&self, words: &[&str]) -> Result<()> {
        for party in &self.parties {
            party
                .broker
                .tool(Tool::Acls, &[&["--add", "--allow-principal", "User:carol"], words].concat())?;
        }
        Ok(())
    }

    fn finish(self) -> Result<()> {
        ensure!(self.differences.is_empty(), "{}", self.differences.join("\n"));
        Ok(())
    }
}

const ALICE: Option<&str> = Some("alice");
const BOB: Option<&str> = Some("bob");
const CAROL: Option<&str> = Some("carol");

#[test]
fn the_same_tokens() -> Result<()> {
    let secret = "delegation.token.secret.key";
    let mut both = Both::start(|kind| spec(kind, Encrypted::Nodes).set(secret, "cluster's key"))?;
    both.everything(None)?;
    let bob = [("User", "bob")];
    for version in CREATE.versions {
        both.create(ALICE, (None, None), &bob, -1, version)?;
        both.create(ALICE, (Some("User"), Some("alice")), &[], 60_000, version)?;
    }
    both.create(ALICE, (None, None), &[], 0, 3)?;
    both.create(ALICE, (None, None), &[], i64::MAX, 3)?;
    both.create(ALICE, (Some("User"), Some("")), &[], -1, 3)?;
    both.create(ALICE, (None, Some("bob")), &[], -1, 3)?;
    both.create(ALICE, (None, None), &[("Group", "bob")], -1, 3)?;
    both.create(ALICE, (None, None), &[bob[0], ("user", "carol")], -1, 3)?;
    both.create(ALICE, (Some("User"), Some("bob")), &[], -1, 3)?;
    both.create(CAROL, (Some("User"), Some("bob")), &[], -1, 3)?;
    both.create(Some("node"), (Some("User"), Some("bob")), &[], -1, 3)?;
    both.create(Some("node"), (Some("Group"), Some("a:b")), &[("User", "x:y")], -1, 3)?;
    let owners: [Option<&[Principal<'_>]>; 6] = [
        None,
        Some(&[]),
        Some(&[("User", "alice")]),
        Some(&[("User", "bob")]),
        Some(&[("User", "nobody"), ("User", "bob")]),
        Some(&[("Group", "a:b")]),
    ];
    for user in [ALICE, BOB, CAROL, Some("node"), None] {
        for owners in owners {
            both.describe(user, owners)?;
        }
    }
    both.allow(&[
        "--operation",
        "CreateTokens",
        "--operation",
        "DescribeTokens",
        "--user-principal",
        "User:bob",
    ])?;
    for party in &both.parties {
        let (id, _) = &party.tokens[0];
        let words = ["--operation", "Describe", "--delegation-token", id];
        party
            .broker
            .tool(Tool::Acls, &[&["--add", "--allow-principal", "User:carol"], &words[..]].concat())?;
    }
    both.create(CAROL, (Some("User"), Some("bob")), &[], -1, 3)?;
    both.create(CAROL, (Some("User"), Some("alice")), &[], -1, 3)?;
    for owners in owners {
        both.describe(CAROL, owners)?;
    }
    for (user, number) in [(ALICE, 0), (BOB, 0), (CAROL, 0), (ALICE, 99), (None, 0), (BOB, 1)] {
        for period in [-1, 0, 60_000, i64::MAX] {
            both.change(&RENEW, user, number, period)?;
        }
        for period in [i64::MAX, 240_000, 120_000] {
            both.change(&EXPIRE, user, number, period)?;
        }
    }
    both.describe(ALICE, None)?;
    both.change(&EXPIRE, ALICE, 1, 0)?;
    both.change(&RENEW, ALICE, 1, -1)?;
    both.change(&EXPIRE, ALICE, 0, -1)?;
    both.describe(ALICE, None)?;
    both.finish()
}

#[test]
fn the_same_without_a_key() -> Result<()> {
    let mut both = Both::start(|kind| spec(kind, Encrypted::Nodes))?;
    both.everything(ALICE)?;
    both.everything(None)?;
    both.create(ALICE, (Some("User"), Some("bob")), &[("User", "x")], -1, 3)?;
    both.finish()
}

/// The way to the controllers is in plaintext.
#[test]
fn the_same_over_a_plain_listener_of_controllers() -> Result<()> {
    let secret = "delegation.token.secret.key";
    let mut both = Both::start(|kind| spec(kind, Encrypted::Clients).set(secret, "cluster's key"))?;
    both.everything(ALICE)?;
    both.finish()
}
