use super::*;

const PLAIN_LINE: &str = r#"org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="b" user_a="b";"#;

fn config(more: &[(&str, &str)]) -> BrokerConfig {
    let base = [
        ("process.roles", "broker,controller"),
        ("node.id", "1"),
        ("controller.quorum.bootstrap.servers", "127.0.0.1:1"),
        ("listeners", "IN://127.0.0.1:0,CONTROLLER://127.0.0.1:1"),
        ("listener.security.protocol.map", "IN:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT"),
        ("controller.listener.names", "CONTROLLER"),
        ("inter.broker.listener.name", "IN"),
    ];
    let file = base.iter().chain(more).map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    BrokerConfig::from_properties(&file.collect()).unwrap().0
}

fn refused(more: &[(&str, &str)]) -> String {
    read(&config(more)).unwrap_err().to_string()
}

#[test]
fn a_listener_has_its_own_mechanisms_and_users() {
    let listeners = read(&config(&[
        ("sasl.enabled.mechanisms", "SCRAM-SHA-512"),
        ("listener.name.in.sasl.enabled.mechanisms", "PLAIN"),
        ("listener.name.in.plain.sasl.jaas.config", PLAIN_LINE),
        ("listener.name.in.plain.connections.max.reauth.ms", "5000"),
        ("sasl.server.max.receive.size", "1000"),
    ]));
    let listeners = listeners.unwrap();
    let plain = EnabledMechanism { mechanism: Mechanism::Plain, session_max: Some(Duration::from_secs(5)) };
    assert_eq!((&listeners["IN"].enabled, listeners["IN"].receive_bytes_max), (&vec![plain], 1000));
    let password = |user| listeners["IN"].plain.as_ref().and_then(|jaas| jaas.password(user));
    assert_eq!((password("a"), password("c")), (Some(&Secret::new("b")), None));
}

#[test]
fn kerberos_is_refused_with_what_there_is_instead() {
    let unset = refused(&[]);
    let key = "listener.name.in.sasl.enabled.mechanisms";
    assert!(unset.contains(key) && unset.contains("SCRAM-SHA-512"), "{unset}");
    let set = refused(&[("sasl.enabled.mechanisms", "GSSAPI")]);
    assert!(set.contains("listener IN wants GSSAPI (Kerberos)") && set.contains("PLAIN"), "{set}");
    let other = refused(&[("sasl.enabled.mechanisms", "SCRAM-SHA-1")]);
    assert!(other.contains("wants SCRAM-SHA-1"), "{other}");
}

#[test]
fn a_node_without_sasl_listeners_needs_none_of_it() {
    let plain = config(&[("listener.security.protocol.map", "IN:PLAINTEXT,CONTROLLER:PLAINTEXT")]);
    assert!(read(&plain).unwrap().is_empty());
    assert!(matches!(logins(&plain), Ok((None, None))));
}

#[test]
fn a_mechanism_needs_its_line() {
    let missing = refused(&[("sasl.enabled.mechanisms", "PLAIN")]);
    let expected = "listener.name.in.plain.sasl.jaas.config: Could not find a 'KafkaServer'";
    assert!(missing.starts_with(expected), "{missing}");
    let wrong =
        [("sasl.enabled.mechanisms", "PLAIN"), ("listener.name.in.plain.sasl.jaas.config", "x required")];
    let expected = "listener.name.in.plain.sasl.jaas.config: JAAS config entry not terminated by semi-colon";
    assert_eq!(refused(&wrong), expected);
}

#[test]
fn brokers_log_in_with_their_own_line() {
    let enabled = [
        ("sasl.enabled.mechanisms", "PLAIN"),
        ("listener.name.in.plain.sasl.jaas.config", PLAIN_LINE),
        ("sasl.mechanism.inter.broker.protocol", "PLAIN"),
    ];
    let (brokers, controllers) = logins(&config(&enabled)).unwrap();
    assert_eq!(brokers.as_ref().and_then(|login| login.user()), Some("a"));
    assert!(controllers.is_none());
    let other = [enabled[0], enabled[1], ("sasl.mechanism.inter.broker.protocol", "SCRAM-SHA-256")];
    let error = logins(&config(&other)).unwrap_err().to_string();
    assert!(error.contains("must be included in sasl.enabled.mechanisms"), "{error}");
    let error = logins(&config(&enabled[..2])).unwrap_err().to_string();
    assert!(
        error.starts_with("sasl.mechanism.inter.broker.protocol: ") && error.contains("GSSAPI"),
        "{error}"
    );
}

const BEARER_LINE: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId=\"a\" clientSecret=\"b\";";

#[test]
fn tokens_are_taken_only_where_it_is_said_by_whose_keys() {
    let enabled = [
        ("sasl.enabled.mechanisms", "OAUTHBEARER"),
        ("listener.name.in.oauthbearer.sasl.jaas.config", BEARER_LINE),
    ];
    let unset = refused(&enabled);
    let expected =
        "sasl.oauthbearer.jwks.endpoint.url: listener IN takes OAUTHBEARER, and nothing says by whose keys";
    assert!(unset.starts_with(expected) && unset.contains("Unsecured tokens"), "{unset}");
    let url = |url| {
        [enabled[0], enabled[1], ("listener.name.in.oauthbearer.sasl.oauthbearer.jwks.endpoint.url", url)]
    };
    assert!(read(&config(&url("https://idp.example/keys"))).is_ok());
    let missing = refused(&url("file:/nowhere/jwks.json"));
    assert!(missing.contains("/nowhere/jwks.json: No such file"), "{missing}");
    let other = refused(&url("ldap://x"));
    assert!(other.contains("a URL of file:, http: or https: is wanted"), "{other}");
}

/// Kafka takes them wherever it is not told of keys; here a listener's own line must ask for them.
#[test]
fn unsecured_tokens_are_taken_only_where_the_line_says_so() {
    let module = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required";
    let with = |options: &str| {
        let line = format!("{module} {options};");
        let settings = [
            ("sasl.enabled.mechanisms", "OAUTHBEARER"),
            ("listener.name.in.oauthbearer.sasl.jaas.config", line.as_str()),
        ];
        read(&config(&settings)).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(with("unsecuredLoginStringClaim_sub=\"node\""), Ok(()));
    assert_eq!(
        with("unsecuredValidatorRequiredScope=\"A B\" unsecuredValidatorAllowableClockSkewMs=\"3000\""),
        Ok(())
    );
    let key = "listener.name.in.oauthbearer.sasl.jaas.config";
    for (options, expected) in [
        (
            "unsecuredValidatorRequiredScope=\"A \\\\\"",
            "unsecuredValidatorRequiredScope: Invalid scope value: \\",
        ),
        (
            "unsecuredValidatorAllowableClockSkewMs=\"-1\"",
            "unsecuredValidatorAllowableClockSkewMs: Allowable",
        ),
        ("unsecuredValidatorAllowableClockSkewMs=\"x\"", "unsecuredValidatorAllowableClockSkewMs: invalid"),
    ] {
        let error = with(options).unwrap_err();
        assert!(error.starts_with(&format!("{key}: {expected}")), "{error}");
    }
}

#[test]
fn brokers_get_tokens_where_clients_do() {
    let settings = [
        ("sasl.enabled.mechanisms", "OAUTHBEARER"),
        ("listener.name.in.oauthbearer.sasl.jaas.config", BEARER_LINE),
        ("sasl.mechanism.inter.broker.protocol", "OAUTHBEARER"),
        ("sasl.oauthbearer.token.endpoint.url", "https://idp.example/token"),
    ];
    let (brokers, _) = logins(&config(&settings)).unwrap();
    assert_eq!(brokers.map(|login| login.mechanism()), Some(Mechanism::OauthBearer));
    let error = logins(&config(&settings[..3])).unwrap_err().to_string();
    assert!(error.contains("sasl.oauthbearer.token.endpoint.url: not set"), "{error}");
}
