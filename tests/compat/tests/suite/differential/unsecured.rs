//! Unsecured tokens, where a listener asks for them: the same ones to both.

use anyhow::Result;
use serde_json::{Value, json};
use tests_compat::{Encrypted, Kind, SaslProtocol, Spec, seconds_from_now, unsecured_token};

use super::bearer::{MODULE, bearer};
use super::sasl::{same, versions};

const NONE: &str = "{\"alg\":\"none\"}";

type Case = (&'static str, Vec<Vec<u8>>);

fn spec(kind: Kind, options: &str) -> Spec {
    Spec::new(kind)
        .sasl(Encrypted::Clients, SaslProtocol::Plaintext)
        .set("sasl.enabled.mechanisms", "OAUTHBEARER")
        .set("listener.name.sasl.oauthbearer.sasl.jaas.config", &format!("{MODULE} required {options};"))
        // A session of the same length for both: tokens end later.
        .set("connections.max.reauth.ms", "60000")
}

fn claims(changes: Value) -> String {
    let mut claims = json!({ "sub": "alice", "iat": seconds_from_now(-60), "exp": seconds_from_now(6000), "scope": ["A", "B"] });
    for (name, value) in changes.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    if let Some(claims) = claims.as_object_mut() {
        claims.retain(|name, value| !value.is_null() || name == "null");
    }
    claims.to_string()
}

/// Tokens of all kinds.
fn tokens() -> Vec<Case> {
    let good = unsecured_token(NONE, &claims(json!({})));
    let of = |name: &str, value: Value| bearer(&unsecured_token(NONE, &claims(json!({ name: value }))));
    let with = |header: &str| bearer(&unsecured_token(header, &claims(json!({}))));
    let says = |claims: &str| bearer(&unsecured_token(NONE, claims));
    vec![
        ("a good token", [bearer(&good), vec![versions()]].concat()),
        ("expired", of("exp", json!(seconds_from_now(-40)))),
        ("just expired", of("exp", json!(seconds_from_now(-1)))),
        ("no end", of("exp", Value::Null)),
        ("a text as end", of("exp", json!("soon"))),
        ("a fraction as end", of("exp", json!(seconds_from_now(6000) as f64 + 0.5))),
        ("an end that is far", of("exp", json!(1.0e15))),
        ("no beginning", of("iat", Value::Null)),
        ("a text as beginning", of("iat", json!("now"))),
        ("issued later", of("iat", json!(seconds_from_now(300)))),
        ("ends before it begins", of("iat", json!(seconds_from_now(7000)))),
        ("not yet valid", of("nbf", json!(seconds_from_now(120)))),
        ("no user", of("sub", Value::Null)),
        ("an empty user", of("sub", json!(""))),
        ("a blank user", of("sub", json!("  "))),
        ("a number as user", of("sub", json!(7))),
        ("a truth as user", of("sub", json!(true))),
        ("a list as user", of("sub", json!(["alice"]))),
        ("an object as user", of("sub", json!({ "name": "alice" }))),
        ("more scopes", of("scope", json!(["C", " B", "A"]))),
        ("a scope too few", of("scope", json!(["A"]))),
        ("scopes in one text", of("scope", json!("A B"))),
        ("no scope", of("scope", Value::Null)),
        ("no scopes", of("scope", json!([]))),
        ("a number as scope", of("scope", json!(1))),
        ("numbers as scopes", of("scope", json!([1, 2]))),
        ("a signature", bearer(&format!("{good}c2ln"))),
        ("another algorithm", with("{\"alg\":\"RS256\"}")),
        ("an algorithm in capitals", with("{\"alg\":\"NONE\"}")),
        ("a number as algorithm", with("{\"alg\":1}")),
        ("no algorithm", with("{}")),
        ("more in the header", with("{\"alg\":\"none\",\"crit\":[\"x\"],\"typ\":\"JWT\"}")),
        ("no JSON", says("{\"sub\"")),
        ("a list", says("[1]")),
        ("nothing", says("")),
        ("something behind it", says(&format!("{} x", claims(json!({}))))),
        ("letters of URLs", of("x", json!("???>>>~~~"))),
        ("letters of mails", {
            let header = good.split('.').next().unwrap_or_default();
            let claims =
                unsecured_token("", &claims(json!({ "x": "???>>>~~~" }))).replace('-', "+").replace('_', "/");
            assert!(claims.contains(['+', '/']), "{claims}");
            bearer(&format!("{header}{claims}"))
        }),
        ("padded", bearer(&format!("eyJhbGciOiJub25lIn0=.{}", good.split_once('.').unwrap_or_default().1))),
        ("two parts", bearer("a.b")),
        ("one part", bearer("garbage")),
        ("four parts", bearer(&format!("{good}.a"))),
        ("two points", bearer("a..b")),
        ("a point at both ends", bearer(".a.")),
    ]
}

#[test]
fn the_same_for_every_token() -> Result<()> {
    let options = "unsecuredLoginStringClaim_sub=\"node\" unsecuredValidatorRequiredScope=\"A B\"";
    let (apache, tested) =
        (spec(Kind::Apache, options).start()?, spec(Kind::under_test()?, options).start()?);
    same(&apache, &tested, &tokens())
}

#[test]
fn the_same_with_other_claims_and_forgiven_clocks() -> Result<()> {
    let options = "unsecuredLoginStringClaim_sub=\"node\" unsecuredValidatorPrincipalClaimName=\"who\" unsecuredValidatorScopeClaimName=\"may\" \
                   unsecuredValidatorRequiredScope=\"A\" unsecuredValidatorAllowableClockSkewMs=\"30000\"";
    let (apache, tested) =
        (spec(Kind::Apache, options).start()?, spec(Kind::under_test()?, options).start()?);
    let of = |changes| bearer(&unsecured_token(NONE, &claims(changes)));
    let cases = vec![
        ("a good token", of(json!({ "who": "bob", "may": "A" }))),
        ("not the claim", of(json!({ "may": "A" }))),
        ("not the scope", of(json!({ "who": "bob" }))),
        ("issued soon", of(json!({ "who": "bob", "may": "A", "iat": seconds_from_now(15) }))),
        ("issued later", of(json!({ "who": "bob", "may": "A", "iat": seconds_from_now(90) }))),
        ("long expired", of(json!({ "who": "bob", "may": "A", "exp": seconds_from_now(-50) }))),
    ];
    same(&apache, &tested, &cases)
}
