use serde_json::json;

use super::*;
use crate::{TOKEN_BYTES_MAX, testing::Issuer};

const NOW: i64 = 1_700_000_000;

fn expectations() -> Expectations {
    Expectations {
        audiences: vec!["kafka".to_owned(), "other".to_owned()],
        issuer: Some("https://idp".to_owned()),
        scope_claim: "scope".to_owned(),
        sub_claim: "sub".to_owned(),
        skew: Duration::from_secs(30),
    }
}

fn claims() -> Value {
    json!({
        "iss": "https://idp", "aud": "kafka", "sub": "alice", "scope": ["a", "b"],
        "iat": NOW - 60, "exp": NOW + 60,
    })
}

/// The usual claims with some that are others, or, where they are null, not there.
fn with(changes: Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let object = claims.as_object_mut().unwrap();
    object.retain(|_, value| !value.is_null());
    claims
}

fn keys(keys: &[Value]) -> Keys {
    Keys::read(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn check(expectations: &Expectations, token: &str, keys: &Keys) -> Result<Bearer, Invalid> {
    expectations.check(token, keys, Timestamp::from_millis(NOW * 1000))
}

#[test]
fn a_good_token_lets_its_user_in() {
    for issuer in [Issuer::p256(), Issuer::ed25519()] {
        let keys = keys(&[issuer.key("other-id"), issuer.key("id")]);
        let bearer = Bearer { user: "alice".to_owned(), expires: Timestamp::from_millis((NOW + 60) * 1000) };
        for token in [issuer.token("id", &claims()), format!(" {}\n", issuer.token("id", &claims()))] {
            assert_eq!(check(&expectations(), &token, &keys), Ok(bearer.clone()));
        }
        let several = with(json!({ "aud": ["x", "other"], "sub": " alice ", "nbf": NOW + 30 }));
        assert_eq!(check(&expectations(), &issuer.token("id", &several), &keys), Ok(bearer.clone()));
    }
}

#[test]
fn the_claims_are_kafka_s() {
    let issuer = Issuer::p256();
    let keys = keys(&[issuer.key("id")]);
    let told = |changes| check(&expectations(), &issuer.token("id", &with(changes)), &keys).unwrap_err();
    let missing = |name: &str| Invalid::Missing(name.to_owned());
    let wrong = |name: &str| Invalid::Claim(name.to_owned());
    for (changes, expected) in [
        (json!({ "iss": "https://other" }), Invalid::Issuer),
        (json!({ "iss": null }), Invalid::Issuer),
        (json!({ "iss": 1 }), wrong("iss")),
        (json!({ "aud": "somebody" }), Invalid::Audience),
        (json!({ "aud": [] }), Invalid::Audience),
        (json!({ "aud": 1 }), wrong("aud")),
        (json!({ "aud": null }), missing("aud")),
        (json!({ "exp": NOW - 30 }), Invalid::Expired),
        (json!({ "exp": null }), missing("exp")),
        (json!({ "exp": "soon" }), wrong("exp")),
        (json!({ "exp": i64::MAX }), wrong("exp")),
        (json!({ "exp": 1e300 }), wrong("exp")),
        (json!({ "exp": -1 }), wrong("exp")),
        (json!({ "iat": null }), missing("iat")),
        (json!({ "iat": NOW + 61 }), Invalid::Backwards),
        (json!({ "nbf": NOW + 31 }), Invalid::NotYet),
        (json!({ "sub": null }), missing("sub")),
        (json!({ "sub": " " }), wrong("sub")),
        (json!({ "sub": 7 }), wrong("sub")),
        (json!({ "scope": "" }), wrong("scope")),
        (json!({ "scope": ["a", "a "] }), wrong("scope")),
        (json!({ "scope": [1] }), wrong("scope")),
    ] {
        assert_eq!(told(changes.clone()), expected, "{changes}");
    }
    let within = with(json!({ "exp": NOW - 29, "iat": NOW - 90 }));
    assert!(check(&expectations(), &issuer.token("id", &within), &keys).is_ok());
    // Who expects no audience is none, and whoever issues may where nobody is expected.
    let any = Expectations { audiences: Vec::new(), issuer: None, ..expectations() };
    assert_eq!(check(&any, &issuer.token("id", &claims()), &keys), Err(Invalid::Audience));
    let open = with(json!({ "aud": null, "iss": null }));
    assert!(check(&any, &issuer.token("id", &open), &keys).is_ok());
    let other = Expectations { sub_claim: "client".to_owned(), ..expectations() };
    let named = with(json!({ "client": "bob" }));
    assert_eq!(
        check(&other, &issuer.token("id", &named), &keys).map(|bearer| bearer.user),
        Ok("bob".to_owned())
    );
}

#[test]
fn no_signature_no_entrance() {
    let (issuer, other) = (Issuer::p256(), Issuer::p256());
    let keys = keys(&[issuer.key("id"), Issuer::ed25519().key("third")]);
    let told = |token: &str| check(&expectations(), token, &keys).unwrap_err();
    assert_eq!(told(&other.token("id", &claims())), Invalid::Signature);
    assert_eq!(told(&other.token("gone", &claims())), Invalid::UnknownKey(Some("gone".to_owned())));
    // The key is of another kind than the algorithm.
    assert_eq!(told(&issuer.token("third", &claims())), Invalid::UnknownKey(Some("third".to_owned())));
    let header = |header: Value| told(&issuer.signed(&header, &claims()));
    for name in ["none", "None", "HS256", "ES512", ""] {
        assert_eq!(header(json!({ "alg": name })), Invalid::Algorithm(name.to_owned()));
    }
    assert_eq!(header(json!({ "alg": "ES256", "crit": ["b64"] })), Invalid::Critical);
    assert_eq!(header(json!({ "alg": "RS256", "kid": "id" })), Invalid::UnknownKey(Some("id".to_owned())));
    assert_eq!(header(json!({})), Invalid::Format);
    // A token that names no key may be of any.
    let unnamed = issuer.signed(&json!({ "alg": "ES256" }), &claims());
    assert!(check(&expectations(), &unnamed, &keys).is_ok());
    let token = issuer.token("id", &claims());
    let (signed, _) = token.rsplit_once('.').unwrap();
    for wrong in [signed, "", "..", "a.b.c", "a.b.c.d", &format!("{signed}."), &format!("{signed}.!")] {
        assert_eq!(told(wrong), Invalid::Format, "{wrong}");
    }
    assert_eq!(told(&format!("{signed}.AAAA")), Invalid::Signature);
    let large = "a".repeat(TOKEN_BYTES_MAX + 1);
    assert_eq!(told(&large), Invalid::TooLarge(TOKEN_BYTES_MAX + 1));
    // Every byte counts.
    for at in (0..token.len()).step_by(7) {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        assert!(check(&expectations(), &String::from_utf8(bytes).unwrap(), &keys).is_err(), "{at}");
    }
}

/// A key of 2048 bits and a token that OpenSSL signed with it.
#[test]
fn rsa_is_taken_with_both_paddings() {
    let document = include_bytes!("rsa.jwks.json");
    let keys = Keys::read(document).unwrap();
    for (name, token) in [
        ("RS256", include_str!("rs256.jwt")),
        ("RS384", include_str!("rs384.jwt")),
        ("RS512", include_str!("rs512.jwt")),
        ("PS256", include_str!("ps256.jwt")),
        ("PS384", include_str!("ps384.jwt")),
        ("PS512", include_str!("ps512.jwt")),
    ] {
        let user = check(&expectations(), token, &keys).map(|bearer| bearer.user);
        assert_eq!(user, Ok("alice".to_owned()), "{name}");
    }
}
