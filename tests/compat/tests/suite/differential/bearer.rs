//! Tokens of OAuth 2: the same messages to both, whatever is in them.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tests_compat::{
    Connection, Encrypted, Issuer, Kind, SaslProtocol, Spec, Stopwatch, key_document, seconds_from_now,
};

use super::{
    PATIENCE_MAX,
    sasl::{handshake, same, token, versions},
};

pub(super) const MODULE: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";
const VALIDATOR: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler";

fn spec(kind: Kind, keys: &str) -> Spec {
    let allowed = format!("-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={keys}");
    Spec::new(kind)
        .sasl(Encrypted::Clients, SaslProtocol::Plaintext)
        .java_flags(&["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", &allowed])
        .set("sasl.enabled.mechanisms", "OAUTHBEARER")
        .set("listener.name.sasl.oauthbearer.sasl.jaas.config", &format!("{MODULE} required;"))
        .set("listener.name.sasl.oauthbearer.sasl.server.callback.handler.class", VALIDATOR)
        .set("sasl.oauthbearer.jwks.endpoint.url", keys)
        .set("sasl.oauthbearer.expected.issuer", "https://idp")
        // A session of the same length for both: tokens end later.
        .set("connections.max.reauth.ms", "60000")
}

fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": "https://idp", "sub": "alice", "iat": seconds_from_now(-60), "exp": seconds_from_now(6000),
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    if let Some(claims) = claims.as_object_mut() {
        claims.retain(|_, value| !value.is_null());
    }
    claims
}

/// One exchange of a first message and, where the server says no, the client's answer to that.
fn exchange(message: &str) -> Vec<Vec<u8>> {
    vec![handshake("OAUTHBEARER", 1), token(message.as_bytes()), token(b"\x01")]
}

pub(super) fn bearer(value: &str) -> Vec<Vec<u8>> {
    exchange(&format!("n,,\x01auth=Bearer {value}\x01\x01"))
}

type Case = (&'static str, Vec<Vec<u8>>);

/// One good token in messages of all kinds.
fn messages(good: &str) -> Vec<Case> {
    vec![
        ("a good token", [bearer(good), vec![versions()]].concat()),
        ("as oneself", exchange(&format!("n,a=alice,\x01auth=Bearer {good}\x01\x01"))),
        ("as another", exchange(&format!("n,a=bob,\x01auth=Bearer {good}\x01\x01"))),
        ("extensions", exchange(&format!("n,,\x01host=h\x01auth=Bearer {good}\x01traceId=1 2\x01\x01"))),
        ("scheme in lower case", exchange(&format!("n,,\x01auth=bearer  {good}\x01\x01"))),
        ("another scheme", exchange(&format!("n,,\x01auth=Basic {good}\x01\x01"))),
        ("no scheme", exchange(&format!("n,,\x01auth={good}\x01\x01"))),
        ("no auth", exchange("n,,\x01host=h\x01\x01")),
        ("nothing", exchange("")),
        ("channel binding", exchange(&format!("y,,\x01auth=Bearer {good}\x01\x01"))),
        ("a key with digits", exchange(&format!("n,,\x01auth=Bearer {good}\x01x1=y\x01\x01"))),
        ("an empty value", exchange(&format!("n,,\x01auth=Bearer {good}\x01x=\x01\x01"))),
        ("no end", exchange(&format!("n,,\x01auth=Bearer {good}\x01"))),
        ("another token after a bad one", {
            let mut frames = bearer("a.b.c");
            frames.insert(2, token(format!("n,,\x01auth=Bearer {good}\x01\x01").as_bytes()));
            frames.truncate(3);
            frames
        }),
        ("the answer to an error first", vec![handshake("OAUTHBEARER", 1), token(b"\x01")]),
    ]
}

/// Tokens of all kinds.
fn tokens(issuer: &Issuer, good: &str) -> Result<Vec<Case>> {
    let of = |changes| issuer.token(&claims(changes));
    let with = |header: Value| issuer.signed(&header, &claims(json!({})));
    let (signed, _) = good.rsplit_once('.').unwrap_or_default();
    let named = |name: &str, value| Ok::<_, anyhow::Error>(bearer(&of(json!({ name: value }))?));
    Ok(vec![
        ("another issuer", named("iss", json!("https://other"))?),
        ("no issuer", named("iss", Value::Null)?),
        ("an audience where none is expected", named("aud", json!("kafka"))?),
        ("expired", named("exp", json!(seconds_from_now(-40)))?),
        ("just expired", named("exp", json!(seconds_from_now(-10)))?),
        ("no end", named("exp", Value::Null)?),
        ("a text as end", named("exp", json!("soon"))?),
        ("a fraction as end", named("exp", json!(seconds_from_now(6000) as f64 + 0.5))?),
        ("no beginning", named("iat", Value::Null)?),
        ("begins after its end", named("iat", json!(seconds_from_now(7000)))?),
        ("issued later", named("iat", json!(seconds_from_now(300)))?),
        ("not yet valid", named("nbf", json!(seconds_from_now(120)))?),
        ("soon valid", named("nbf", json!(seconds_from_now(20)))?),
        ("no user", named("sub", Value::Null)?),
        ("an empty user", named("sub", json!(""))?),
        ("a blank user", named("sub", json!("  "))?),
        ("a number as user", named("sub", json!(7))?),
        ("a scope", named("scope", json!("a b"))?),
        ("scopes", named("scope", json!(["a", "b"]))?),
        ("the same scope twice", named("scope", json!(["a", " a"]))?),
        ("an empty scope", named("scope", json!(""))?),
        ("a number as scope", named("scope", json!(1))?),
        ("another key", bearer(&Issuer::new("one")?.token(&claims(json!({})))?)),
        ("an unknown key", bearer(&Issuer::new("two")?.token(&claims(json!({})))?)),
        ("no key named", bearer(&with(json!({ "alg": "RS256" }))?)),
        ("algorithm none", bearer(&with(json!({ "alg": "none" }))?)),
        ("algorithm none, no signature", {
            let token = with(json!({ "alg": "none" }))?;
            bearer(&format!("{}.", token.rsplit_once('.').unwrap_or_default().0))
        }),
        ("another algorithm than was used", bearer(&with(json!({ "alg": "RS512", "kid": "one" }))?)),
        ("a shared key", bearer(&with(json!({ "alg": "HS256", "kid": "one" }))?)),
        ("no algorithm", bearer(&with(json!({ "kid": "one" }))?)),
        ("critical", bearer(&with(json!({ "alg": "RS256", "kid": "one", "crit": ["x"], "x": 1 }))?)),
        ("a spoilt signature", bearer(&format!("{signed}.AAAA"))),
        ("no signature", bearer(&format!("{signed}."))),
        ("two parts", bearer("a.b")),
        ("four parts", bearer(&format!("{good}.a"))),
        ("garbage", bearer("garbage")),
    ])
}

#[test]
fn the_same_for_every_token() -> Result<()> {
    let (issuer, folder) = (Issuer::new("one")?, tempfile::tempdir()?);
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, key_document(&[&issuer]))?;
    let keys = format!("file:{}", path.display());
    let (apache, tested) = (spec(Kind::Apache, &keys).start()?, spec(Kind::under_test()?, &keys).start()?);
    let good = issuer.token(&claims(json!({})))?;
    let mut cases = messages(&good);
    cases.extend(tokens(&issuer, &good)?);
    same(&apache, &tested, &cases)
}

/// A session ends with its token, sooner than the listener's limit.
#[test]
fn a_session_ends_with_its_token() -> Result<()> {
    let (issuer, folder) = (Issuer::new("one")?, tempfile::tempdir()?);
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, key_document(&[&issuer]))?;
    let keys = format!("file:{}", path.display());
    for kind in [Kind::Apache, Kind::under_test()?] {
        let broker = spec(kind, &keys).start()?;
        let value = issuer.token(&claims(json!({ "exp": seconds_from_now(4) })))?;
        let mut connection = Connection::open(broker.ssl_address(), PATIENCE_MAX)?;
        let watch = Stopwatch::start();
        let mut is_served = |bytes: &[u8]| {
            connection.send(bytes).is_ok() && connection.receive().is_ok_and(|answer| answer.is_some())
        };
        let first = format!("n,,\x01auth=Bearer {value}\x01\x01");
        assert!(is_served(&handshake("OAUTHBEARER", 1)) && is_served(&token(first.as_bytes())));
        while watch.elapsed() < PATIENCE_MAX && is_served(&versions()) {}
        let lasted = watch.elapsed();
        let expected = Duration::from_secs(2)..Duration::from_secs(10);
        assert!(expected.contains(&lasted), "{kind:?}: a session lasted {lasted:?}");
    }
    Ok(())
}
