use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

const NOW_MS: i64 = 1_000_000_000;

fn rules() -> Unsecured {
    Unsecured {
        user_claim: "sub".to_owned(),
        scope_claim: "scope".to_owned(),
        required_scopes: Vec::new(),
        skew_ms: 0,
    }
}

fn encoded(json: &str) -> String {
    URL_SAFE_NO_PAD.encode(json)
}

fn token(header: &str, claims: &str) -> String {
    format!("{}.{}.", encoded(header), encoded(claims))
}

fn told(rules: &Unsecured, token: &str) -> Result<(String, i64), String> {
    let bearer = rules.check(token, Timestamp::from_millis(NOW_MS));
    bearer.map(|bearer| (bearer.user, bearer.expires.as_millis())).map_err(|error| error.to_string())
}

fn of(claims: &str) -> Result<(String, i64), String> {
    told(&rules(), &token("{\"alg\":\"none\"}", claims))
}

#[test]
fn whoever_says_who_he_is_is_let_in_until_his_token_ends() {
    let alice = |ends| Ok(("alice".to_owned(), ends));
    assert_eq!(of("{\"sub\":\"alice\",\"exp\":1000001}"), alice(1_000_001_000));
    assert_eq!(of("{\"sub\":\"alice\",\"iat\":999999.5,\"exp\":1000000.25}"), alice(1_000_000_250));
    for (claims, expected) in [
        ("{\"exp\":1000001}", "no claim sub"),
        ("{\"sub\":\" \",\"exp\":1000001}", "no claim sub"),
        ("{\"sub\":7,\"exp\":1000001}", "a claim sub that cannot be"),
        ("{\"sub\":\"alice\"}", "no claim exp"),
        ("{\"sub\":\"alice\",\"exp\":\"1000001\"}", "a claim exp that cannot be"),
        ("{\"sub\":\"alice\",\"exp\":1000000}", "the token has expired"),
        ("{\"sub\":\"alice\",\"iat\":1000001,\"exp\":1000002}", "the token is not valid yet"),
        ("{\"sub\":\"alice\",\"iat\":999999,\"exp\":1000001,\"scope\":1}", "a claim scope that cannot be"),
        ("[\"sub\"]", "no claim exp"),
        ("{\"sub\"", "no JSON"),
    ] {
        assert_eq!(of(claims), Err(expected.to_owned()), "{claims}");
    }
    let forgiving = Unsecured { skew_ms: 2_000, ..rules() };
    let late = token("{\"alg\":\"none\"}", "{\"sub\":\"alice\",\"iat\":999990,\"exp\":999999}");
    assert_eq!(told(&forgiving, &late), alice(999_999_000));
}

#[test]
fn what_is_signed_or_no_token_is_not_taken() {
    let claims = "{\"sub\":\"alice\",\"exp\":1000001}";
    let good = token("{\"alg\":\"none\"}", claims);
    for (token, expected) in [
        (format!("{good}c2ln"), "an unsecured token with a signature"),
        (token("{\"alg\":\"RS256\"}", claims), "a token that is not unsecured"),
        (token("{\"alg\":1}", claims), "a token that is not unsecured"),
        (token("{}", claims), "a token whose header names no algorithm"),
        (format!("{good}."), "no token of three parts"),
        (good.trim_end_matches('.').to_owned(), "no token of three parts"),
        ("a".repeat(TOKEN_BYTES_MAX + 1), "a token of 65537 bytes"),
        ("!.a.".to_owned(), "no base 64"),
    ] {
        assert_eq!(told(&rules(), &token), Err(expected.to_owned()), "{token:.100}");
    }
}

#[test]
fn scopes_must_be_there_that_are_required() {
    assert_eq!(Unsecured::scopes(" A  B "), Ok(vec!["A".to_owned(), "B".to_owned()]));
    assert_eq!(Unsecured::scopes("A \"B"), Err("Invalid scope value: \"B".to_owned()));
    let strict = Unsecured { required_scopes: vec!["A".to_owned(), "B".to_owned()], ..rules() };
    let with = |scope: &str| {
        let claims = format!("{{\"sub\":\"alice\",\"exp\":1000001,\"scope\":{scope}}}");
        told(&strict, &token("{\"alg\":\"none\"}", &claims)).map(drop)
    };
    assert_eq!(with("[\"B\",\"C\",\" A \"]"), Ok(()));
    for lacking in ["\"A B\"", "[\"A\"]", "[]", "\"\""] {
        assert_eq!(with(lacking), Err("not all of the scopes [A, B]".to_owned()), "{lacking}");
    }
}

#[test]
fn a_client_makes_tokens_that_are_taken() {
    let options = [
        ("unsecuredLoginStringClaim_sub", "alice"),
        ("unsecuredLoginListClaim_scope", ",A,B"),
        ("unsecuredLoginNumberClaim_level", "2"),
        ("unsecuredLoginLifetimeSeconds", "60"),
        ("unsecuredValidatorRequiredScope", "B"),
    ];
    let maker = TokenMaker::new(options.into_iter()).unwrap();
    let token = maker.token(Timestamp::from_millis(NOW_MS));
    let strict = Unsecured { required_scopes: vec!["B".to_owned()], ..rules() };
    assert_eq!(told(&strict, &token), Ok(("alice".to_owned(), NOW_MS + 60_000)));
    for (options, expected) in [
        (&[][..], "unsecuredLoginStringClaim_sub: nobody to log in as"),
        (
            &[("unsecuredLoginPrincipalClaimName", "who"), options[0]],
            "unsecuredLoginStringClaim_who: nobody to log in as",
        ),
        (&[("unsecuredLoginNumberClaim_x", "two")], "unsecuredLoginNumberClaim_x: no number"),
        (
            &[("unsecuredLoginNumberClaim_exp", "2")],
            "unsecuredLoginNumberClaim_exp: Cannot explicitly set the 'exp' claim",
        ),
        (
            &[("unsecuredLoginLifetimeSeconds", "1.5")],
            "unsecuredLoginLifetimeSeconds: no whole number of seconds",
        ),
    ] {
        let error = TokenMaker::new(options.iter().copied()).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}
