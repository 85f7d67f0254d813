//! What may be said before anybody is let in: the same bytes to both.

use std::time::Duration;

use anyhow::Result;
use tests_compat::{Broker, Connection, Encrypted, Kind, SaslProtocol, Spec, Stopwatch, frame, request};

use super::{Outcome, PATIENCE_MAX};

const PLAIN: &str = "org.apache.kafka.common.security.plain.PlainLoginModule required \
                     user_alice=\"alice-secret\" user_bob=\"bob-secret\";";
const SCRAM: &str = "org.apache.kafka.common.security.scram.ScramLoginModule required;";

fn start(kind: Kind) -> Result<Broker> {
    spec(kind).start()
}

fn spec(kind: Kind) -> Spec {
    Spec::new(kind)
        .sasl(Encrypted::Clients, SaslProtocol::Plaintext)
        .set("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256")
        .set("listener.name.sasl.plain.sasl.jaas.config", PLAIN)
        .set("listener.name.sasl.scram-sha-256.sasl.jaas.config", SCRAM)
        .set("sasl.server.max.receive.size", "1000")
}

pub(super) fn handshake(mechanism: &str, version: i16) -> Vec<u8> {
    let length = i16::try_from(mechanism.len()).unwrap_or(i16::MAX);
    request(17, version, 1, 1, &[&length.to_be_bytes(), mechanism.as_bytes()].concat())
}

/// SaslAuthenticate in version 1.
pub(super) fn token(bytes: &[u8]) -> Vec<u8> {
    let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    request(36, 1, 2, 1, &[&length.to_be_bytes(), bytes].concat())
}

pub(super) fn versions() -> Vec<u8> {
    request(18, 0, 3, 1, &[])
}

/// What comes back to each frame in turn, up to the end or the first that is not answered.
fn answers(broker: &Broker, frames: &[Vec<u8>]) -> Result<Vec<Outcome>> {
    let mut connection = Connection::open(broker.ssl_address(), PATIENCE_MAX)?;
    let mut outcomes = Vec::new();
    for bytes in frames {
        if connection.send(bytes).is_err() {
            outcomes.push(Outcome::Closed);
            break;
        }
        match connection.receive() {
            // Which APIs there are is compared elsewhere.
            Ok(Some(answer)) if answer.len() > 250 => outcomes.push(Outcome::Answer("versions".to_owned())),
            Ok(Some(answer)) => {
                outcomes.push(Outcome::Answer(format!("{:?}", String::from_utf8_lossy(&answer))))
            }
            Ok(None) => {
                outcomes.push(Outcome::Closed);
                break;
            }
            Err(_) => outcomes.push(Outcome::Silent),
        }
    }
    Ok(outcomes)
}

#[test]
fn the_same_before_anybody_is_let_in() -> Result<()> {
    let metadata = || request(3, 1, 4, 1, &[0; 4]);
    let bad_version = |key, version| request(key, version, 5, 1, &[]);
    let plain = |text: &str| [handshake("PLAIN", 1), token(text.as_bytes())].to_vec();
    let scram = |text: &str| [handshake("SCRAM-SHA-256", 1), token(text.as_bytes())].to_vec();
    let bare = |mechanism: &str, text: &str| [handshake(mechanism, 0), frame(text.as_bytes())].to_vec();
    let cases: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("versions, handshake, token", [vec![versions()], plain("\0alice\0alice-secret")].concat()),
        (
            "after it, all over",
            [plain("\0alice\0alice-secret"), vec![handshake("PLAIN", 1), token(b"x"), versions()]].concat(),
        ),
        ("bare token", [bare("PLAIN", "\0alice\0alice-secret"), vec![versions()]].concat()),
        ("wrong password", plain("\0alice\0wrong")),
        ("unknown user", plain("\0eve\0wrong")),
        ("no user", plain("\0\0wrong")),
        ("no password", plain("\0alice\0")),
        ("two fields", plain("alice\0wrong")),
        ("four fields", plain("\0alice\0alice-secret\0")),
        ("as another", plain("bob\0alice\0alice-secret")),
        ("empty token", plain("")),
        ("unknown user of scram", scram("n,,n=eve,r=x")),
        ("garbage of scram", scram("garbage")),
        ("token of scram", scram("n,,n=eve,r=x,tokenauth=true")),
        ("bare wrong password", bare("PLAIN", "\0alice\0wrong")),
        ("bare garbage", bare("SCRAM-SHA-256", "garbage")),
        ("bare empty", bare("PLAIN", "")),
        ("unknown mechanism", vec![handshake("GSSAPI", 1), versions()]),
        ("mechanism in lower case", vec![handshake("plain", 0)]),
        ("no handshake", vec![token(b"\0alice\0alice-secret")]),
        ("another request first", vec![metadata()]),
        ("another request after versions", vec![versions(), metadata()]),
        ("another request after the handshake", vec![handshake("PLAIN", 1), versions()]),
        ("a second handshake", vec![handshake("PLAIN", 1), handshake("PLAIN", 1)]),
        ("versions twice", vec![versions(), versions()]),
        ("versions of the future, and again", vec![bad_version(18, 99), versions(), handshake("PLAIN", 1)]),
        ("handshake of the future", vec![bad_version(17, 9)]),
        ("no request at all", vec![frame(b"garbage that is no request")]),
        ("no request after versions", vec![versions(), frame(b"garbage that is no request")]),
        ("too large", vec![frame(&[0; 1001])]),
        ("too large after the handshake", vec![handshake("PLAIN", 1), frame(&[0; 1001])]),
        ("negative length", vec![vec![0xff; 8]]),
        ("empty frame", vec![vec![0; 4]]),
    ];
    let (apache, tested) = (start(Kind::Apache)?, start(Kind::under_test()?)?);
    same(&apache, &tested, &cases)
}

pub(super) fn same(apache: &Broker, tested: &Broker, cases: &[(&str, Vec<Vec<u8>>)]) -> Result<()> {
    let mut differences = Vec::new();
    for (name, frames) in cases {
        let (theirs, ours) = (answers(apache, frames)?, answers(tested, frames)?);
        if theirs != ours {
            differences.push(format!("{name}:\n  Apache Kafka {theirs:?}\n  this broker  {ours:?}"));
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {} differ:\n{}",
        differences.len(),
        cases.len(),
        differences.join("\n")
    );
    Ok(())
}

/// How long a session lasts in the tests of its renewal.
const SESSION: Duration = Duration::from_millis(1500);

/// KIP-368: a session that ends is renewed, as the same user, by the same mechanism, not too often, or its connection ends.
#[test]
fn the_same_when_a_session_is_renewed() -> Result<()> {
    let start = |kind| spec(kind).set("connections.max.reauth.ms", &SESSION.as_millis().to_string()).start();
    let (apache, tested) = (start(Kind::Apache)?, start(Kind::under_test()?)?);
    let alice = || [handshake("PLAIN", 1), token(b"\0alice\0alice-secret")].to_vec();
    let again = |more: Vec<Vec<u8>>| [alice(), more].concat();
    let cases = vec![
        ("the same user", again([alice(), vec![versions()]].concat())),
        ("between other requests", again([vec![versions()], alice(), vec![versions()]].concat())),
        ("twice at once", again([alice(), alice(), vec![versions()]].concat())),
        ("a wrong password", again(vec![handshake("PLAIN", 1), token(b"\0alice\0wrong")])),
        ("another user", again(vec![handshake("PLAIN", 1), token(b"\0bob\0bob-secret")])),
        (
            "another mechanism",
            again(vec![handshake("SCRAM-SHA-256", 1), token(b"n,,n=alice,r=x"), versions()]),
        ),
        ("an unknown mechanism", again(vec![handshake("GSSAPI", 1), versions()])),
        ("something else in between", again(vec![handshake("PLAIN", 1), versions()])),
        ("the bare form", again(vec![handshake("PLAIN", 0), frame(b"\0alice\0alice-secret"), versions()])),
        ("a token alone", again(vec![token(b"\0alice\0alice-secret"), versions()])),
    ];
    same(&apache, &tested, &cases)?;
    for broker in [&apache, &tested] {
        let mut connection = Connection::open(broker.ssl_address(), PATIENCE_MAX)?;
        let watch = Stopwatch::start();
        let mut is_served = |bytes: &[u8]| {
            connection.send(bytes).is_ok() && connection.receive().is_ok_and(|answer| answer.is_some())
        };
        assert!(alice().iter().all(|bytes| is_served(bytes)));
        while watch.elapsed() < PATIENCE_MAX && is_served(&versions()) {}
        let lasted = watch.elapsed();
        assert!(lasted >= SESSION && lasted < PATIENCE_MAX, "a session lasted {lasted:?}");
    }
    Ok(())
}
