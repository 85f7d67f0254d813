mod garbage;

use alloc::{format, vec};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use broker_protocol::{Request, frame::encode_request};

use super::*;
use crate::{
    Client, Login, ScramMechanism,
    testing::{TOKEN, Users, key, login},
};

const RANDOM: [u8; NONCE_BYTES] = [5; NONCE_BYTES];
const SHA_256: Mechanism = Mechanism::Scram(ScramMechanism::Sha256);

fn enabled(session_max: Option<Duration>) -> Vec<EnabledMechanism> {
    [Mechanism::Plain, SHA_256].map(|mechanism| EnabledMechanism { mechanism, session_max }).to_vec()
}

/// A frame of correlation id 7, without its length.
fn frame<R: Request>(request: &R, version: i16) -> Bytes {
    encode_request(request, version, 7, Some(&Str::from_static("c"))).unwrap().into_bytes().slice(4..)
}

fn handshake(mechanism: &str, version: i16) -> Bytes {
    frame(&SaslHandshakeRequest { mechanism: Str::from(mechanism) }, version)
}

fn token(bytes: impl Into<Bytes>, version: i16) -> Bytes {
    frame(&SaslAuthenticateRequest { auth_bytes: bytes.into() }, version)
}

fn versions(version: i16) -> Bytes {
    let (name, number) = (Str::from_static("test"), Str::from_static("1.0"));
    frame(&ApiVersionsRequest { client_software_name: name, client_software_version: number }, version)
}

fn on(machine: &mut Authenticator, frame: Bytes) -> Action {
    machine.on_frame(frame, at(Mono::from_micros(10)), &RANDOM, &Users)
}

fn at(mono: Mono) -> Now {
    Now { mono, wall: Timestamp::from_millis(1_000) }
}

fn asked(version: i16) -> Asked {
    Asked { version, correlation_id: 7 }
}

fn greeted(version: i16, code: ErrorCode) -> Reply {
    let mechanisms = vec![Str::from_static("PLAIN"), Str::from_static("SCRAM-SHA-256")];
    Reply::Handshake(asked(version), SaslHandshakeResponse { error_code: code.code(), mechanisms })
}

fn told(version: i16, text: &str) -> Option<Reply> {
    Some(failed(asked(version), text))
}

fn session(machine: &mut Authenticator, user: &str) -> Session {
    assert_eq!(on(machine, handshake("PLAIN", 1)), Action::Reply(greeted(1, ErrorCode::None)));
    match on(machine, token(format!("\0{user}\0{user}-secret"), 2)) {
        Action::Accept(_, session) => session,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_usual_way_in() {
    let mut machine = Authenticator::new(enabled(Some(Duration::from_secs(60))));
    assert_eq!(on(&mut machine, versions(4)), Action::Serve);
    assert_eq!(on(&mut machine, handshake("PLAIN", 1)), Action::Reply(greeted(1, ErrorCode::None)));
    let expected = Session {
        user: "alice".into(),
        by_token: false,
        mechanism: Mechanism::Plain,
        expires: Some(Mono::from_micros(60_000_010)),
        renewed: None,
    };
    let reply = authenticated(asked(2), Bytes::new(), 60_000);
    assert_eq!(on(&mut machine, token("\0alice\0alice-secret", 2)), Action::Accept(reply, expected));
    assert!(matches!(on(&mut machine, versions(4)), Action::Close(_)));
}

#[test]
fn tokens_alone_after_the_old_handshake() {
    let mut machine = Authenticator::new(enabled(None));
    let mut client = Client::scram(ScramMechanism::Sha256, &login("bob", "bob-secret"), &[9; NONCE_BYTES]);
    assert_eq!(on(&mut machine, handshake("SCRAM-SHA-256", 0)), Action::Reply(greeted(0, ErrorCode::None)));
    let Action::Reply(Reply::Token(challenge)) = on(&mut machine, client.first()) else {
        panic!("no challenge");
    };
    let proof = client.answer(&challenge).unwrap().unwrap();
    let Action::Accept(Reply::Token(signature), session) = on(&mut machine, proof) else {
        panic!("not accepted");
    };
    assert_eq!(client.answer(&signature), Ok(None));
    assert_eq!((&*session.user, session.mechanism, session.expires), ("bob", SHA_256, None));
}

#[test]
fn who_is_refused_hears_no_more_than_kafka_says() {
    let refused = |mechanism, bytes: &'static [u8]| {
        let mut machine = Authenticator::new(enabled(None));
        on(&mut machine, handshake(mechanism, 1));
        on(&mut machine, token(bytes, 1))
    };
    let wrong = "Authentication failed: Invalid username or password";
    assert_eq!(refused("PLAIN", b"\0eve\0x"), Action::Refuse(told(1, wrong), wrong.into()));
    let hidden = "Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256";
    let reason = "Authentication failed: Invalid user credentials";
    assert_eq!(refused("SCRAM-SHA-256", b"n,,n=eve,r=x"), Action::Refuse(told(1, hidden), reason.into()));
}

#[test]
fn a_bare_token_that_fails_ends_the_connection_unanswered() {
    let refused = |mechanism, bytes: &'static [u8]| {
        let mut machine = Authenticator::new(enabled(None));
        on(&mut machine, handshake(mechanism, 0));
        on(&mut machine, Bytes::from_static(bytes))
    };
    let wrong = "Authentication failed: Invalid username or password";
    assert_eq!(refused("PLAIN", b"\0eve\0x"), Action::Refuse(None, wrong.into()));
    let reason = "Authentication failed: Invalid user credentials";
    assert_eq!(refused("SCRAM-SHA-256", b"n,,n=eve,r=x"), Action::Close(reason.into()));
}

#[test]
fn an_unknown_mechanism_hears_which_there_are() {
    for name in ["GSSAPI", "plain", "", "SCRAM-SHA-512"] {
        let mut machine = Authenticator::new(enabled(None));
        let reply = greeted(1, ErrorCode::UnsupportedSaslMechanism);
        let expected = Action::Refuse(Some(reply), format!("Unsupported SASL mechanism {name}"));
        assert_eq!(on(&mut machine, handshake(name, 1)), expected);
    }
}

#[test]
fn nothing_else_is_taken_before_a_session() {
    let mut machine = Authenticator::new(enabled(None));
    let reason = "Unexpected Kafka request of type METADATA during SASL handshake.";
    let metadata = || frame(&broker_protocol::messages::MetadataRequest::default(), 12);
    assert_eq!(on(&mut machine, metadata()), Action::Refuse(None, reason.into()));
    let mut machine = Authenticator::new(enabled(None));
    assert!(matches!(on(&mut machine, Bytes::from_static(b"\x60\x82 garbage")), Action::Refuse(None, _)));
    let mut machine = Authenticator::new(enabled(None));
    assert_eq!(on(&mut machine, versions(3)), Action::Serve);
    assert!(matches!(on(&mut machine, Bytes::from_static(b"\x60\x82 garbage")), Action::Close(_)));
    let mut machine = Authenticator::new(enabled(None));
    assert_eq!(on(&mut machine, versions(3)), Action::Serve);
    assert!(matches!(on(&mut machine, versions(3)), Action::Close(_)));
    let mut machine = Authenticator::new(enabled(None));
    on(&mut machine, handshake("PLAIN", 1));
    let reason = "Unexpected Kafka request of type METADATA during SASL authentication.";
    assert_eq!(on(&mut machine, metadata()), Action::Refuse(None, reason.into()));
}

#[test]
fn a_session_is_renewed_by_its_own_user_only() {
    let max = Some(Duration::from_secs(60));
    let first = session(&mut Authenticator::new(enabled(max)), "alice");
    let renew = |user: &str| {
        let now = Mono::from_micros(2_000_000);
        let mut machine = Authenticator::renewal(enabled(max), &first, now).unwrap();
        on(&mut machine, handshake("PLAIN", 1));
        machine.on_frame(token(format!("\0{user}\0{user}-secret"), 2), at(now), &RANDOM, &Users)
    };
    let Action::Accept(_, second) = renew("alice") else { panic!("not renewed") };
    assert_eq!(second.expires, Some(Mono::from_micros(62_000_000)));
    let reason = "Cannot change principals during re-authentication from User.alice: User.bob";
    assert_eq!(renew("bob"), Action::Refuse(told(2, reason), reason.into()));
    // Not again within a second.
    assert!(Authenticator::renewal(enabled(max), &second, Mono::from_micros(2_999_999)).is_none());
    assert!(Authenticator::renewal(enabled(max), &second, Mono::from_micros(3_000_000)).is_some());
}

/// The sooner of the token's end and the listener's limit.
#[test]
fn a_session_of_a_token_ends_with_it() {
    let lasts = |session_max| {
        let mut machine = Authenticator::new(enabled(session_max));
        let login = Login { is_token: true, ..login(TOKEN, &STANDARD.encode(key().hmac(TOKEN))) };
        let mut client = Client::scram(ScramMechanism::Sha256, &login, &[9; NONCE_BYTES]);
        on(&mut machine, handshake("SCRAM-SHA-256", 1));
        let Action::Reply(Reply::Authenticate(_, challenge)) = on(&mut machine, token(client.first(), 1))
        else {
            panic!("no challenge");
        };
        let proof = client.answer(&challenge.auth_bytes).unwrap().unwrap();
        let Action::Accept(Reply::Authenticate(_, reply), session) = on(&mut machine, token(proof, 1)) else {
            panic!("not accepted");
        };
        assert_eq!((&*session.user, session.by_token), ("alice", true));
        (reply.session_lifetime_ms, session.expires)
    };
    let end = |micros| Some(Mono::from_micros(micros));
    assert_eq!(lasts(None), (5_000, end(5_000_010)));
    assert_eq!(lasts(Some(Duration::from_secs(60))), (5_000, end(5_000_010)));
    assert_eq!(lasts(Some(Duration::from_secs(2))), (2_000, end(2_000_010)));
}

#[test]
fn a_session_without_end_is_not_renewed() {
    let first = session(&mut Authenticator::new(enabled(None)), "alice");
    assert!(Authenticator::renewal(enabled(None), &first, Mono::from_micros(9_000_000)).is_none());
}

#[test]
fn a_session_keeps_its_mechanism() {
    let max = Some(Duration::from_secs(60));
    let first = session(&mut Authenticator::new(enabled(max)), "alice");
    let mut machine = Authenticator::renewal(enabled(max), &first, Mono::from_micros(2_000_000)).unwrap();
    let greeting = on(&mut machine, handshake("SCRAM-SHA-256", 1));
    assert_eq!(greeting, Action::Reply(greeted(1, ErrorCode::None)));
    let reason = "SASL mechanism 'SCRAM-SHA-256' requested by client is not supported for re-authentication of \
                  mechanism 'PLAIN'";
    assert_eq!(on(&mut machine, token("n,,n=alice,r=x", 2)), Action::Refuse(None, reason.into()));

    let mut machine = Authenticator::renewal(enabled(max), &first, Mono::from_micros(2_000_000)).unwrap();
    let expected = Action::Refuse(None, "Unsupported SASL mechanism GSSAPI".into());
    assert_eq!(on(&mut machine, handshake("GSSAPI", 1)), expected);
}
