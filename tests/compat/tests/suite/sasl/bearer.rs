//! Clients that log in by a token of OAuth 2.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tests_compat::{
    Asked, Cluster, Deadline, Encrypted, Issuer, Kind, Output, Provider, SaslProtocol, Spec, Tool,
    java_program_allowing, key_document, pause, seconds_from_now,
};

mod encrypted;
mod lasting;

use super::{
    Login, PROTOCOLS, Setting,
    clients::{Exchanger, librdkafka},
};

const MODULE: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";
const VALIDATOR: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler";
const HANDLER: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler";
const REFUSED: &str = "{\"status\":\"invalid_token\"}";

fn claims() -> Value {
    json!({
        "iss": "https://idp", "aud": "kafka", "sub": "alice", "scope": "a",
        "iat": seconds_from_now(-60), "exp": seconds_from_now(600),
    })
}

/// A broker that takes tokens that are signed by keys of `place`.
fn start(place: &str, more: &[(&str, &str)]) -> Result<Setting> {
    start_over(SaslProtocol::Plaintext, place, more)
}

fn start_over(protocol: SaslProtocol, place: &str, more: &[(&str, &str)]) -> Result<Setting> {
    Setting::start_with(protocol, |spec| {
        let allowed = format!("-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={place}");
        let spec = spec
            .java_flags(&["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", &allowed])
            .set("listener.name.sasl.sasl.enabled.mechanisms", "OAUTHBEARER")
            .set("listener.name.sasl.oauthbearer.sasl.jaas.config", &format!("{MODULE} required;"))
            .set("listener.name.sasl.oauthbearer.sasl.server.callback.handler.class", VALIDATOR)
            .set("sasl.oauthbearer.jwks.endpoint.url", place)
            .set("sasl.oauthbearer.expected.audience", "kafka")
            .set("sasl.oauthbearer.expected.issuer", "https://idp");
        more.iter().fold(spec, |spec, (key, value)| spec.set(key, value))
    })
}

/// Keys in a file.
struct Published {
    issuer: Issuer,
    _folder: tempfile::TempDir,
    place: String,
}

impl Published {
    fn new() -> Result<Self> {
        let (issuer, folder) = (Issuer::new("one")?, tempfile::tempdir()?);
        let file = folder.path().join("jwks.json");
        std::fs::write(&file, key_document(&[&issuer]))?;
        Ok(Self { issuer, place: format!("file:{}", file.display()), _folder: folder })
    }
}

/// The properties of one of Java's clients whose tokens come from `place`.
fn properties(setting: &Setting, name: &str, place: &str, options: &str) -> Result<PathBuf> {
    let text = format!(
        "bootstrap.servers={}\nsecurity.protocol={}\nsasl.mechanism=OAUTHBEARER\n\
         ssl.truststore.type=PEM\nssl.truststore.location={}\n\
         sasl.login.callback.handler.class={HANDLER}\nsasl.oauthbearer.token.endpoint.url={place}\n\
         sasl.jaas.config={MODULE} required {options};\n",
        setting.address(),
        setting.protocol.name(),
        setting.trusted.display()
    );
    let path = setting.broker.folder().join(format!("{name}.properties"));
    std::fs::write(&path, text)?;
    Ok(path)
}

/// The place of a token in a file.
fn file(setting: &Setting, name: &str, token: &str) -> Result<String> {
    let path = setting.broker.folder().join(format!("{name}.jwt"));
    std::fs::write(&path, token)?;
    Ok(format!("file:{}", path.display()))
}

fn list(properties: &std::path::Path, setting: &Setting) -> Result<Output> {
    let (address, file) = (setting.address(), properties.display().to_string());
    let words = ["--bootstrap-server", &address, "--command-config", &file, "--list"];
    Tool::Topics.shim()?.args(words).run()
}

fn bearer(token: &str) -> Login<'_> {
    Login { mechanism: "OAUTHBEARER", user: "bearer", password: token }
}

#[test]
fn every_client_logs_in_by_a_token() -> Result<()> {
    PROTOCOLS.into_iter().try_for_each(|protocol| every_client_logs_in(protocol).context(protocol.name()))
}

fn every_client_logs_in(protocol: SaslProtocol) -> Result<()> {
    let published = Published::new()?;
    let setting = start_over(protocol, &published.place, &[])?;
    let token = published.issuer.token(&claims())?;
    for topic in ["java", "librdkafka"] {
        setting.broker.create_topic(topic, 1, &[])?;
    }
    let place = file(&setting, "good", &token)?;
    let path = properties(&setting, "good", &place, "extension_traceId=\"1\"")?;
    let listed = list(&path, &setting)?;
    ensure!(listed.stdout.contains("java"), "{}{}", listed.stdout, listed.stderr);
    let path = path.display().to_string();
    let said = java_program_allowing(&place, "Secured.java")?.args(["java", &path]).stdout()?;
    ensure!(said.trim() == "read 500", "{said}");
    let run = |command| librdkafka(&setting, bearer(&token), command, "librdkafka");
    run("produce")?.input("a\nb\n").stdout()?;
    let read = run("consume")?.args(["--count", "2"]).stdout()?;
    ensure!(read == "a\nb\n", "{read}");
    let records = crate::exchange::sample(0);
    let count = records.len().to_string();
    for exchanger in Exchanger::all()? {
        setting.broker.create_topic(exchanger.name, 1, &[])?;
        let run = |command, more: &[_]| exchanger.program(&setting, bearer(&token), &[command], more);
        let produce = run("produce", &[("topic", exchanger.name), ("codec", "none")]);
        produce.input(tests_compat::Record::to_lines(&records)?).stdout().context(exchanger.name)?;
        let options = [("topic", exchanger.name), ("partition", "0"), ("count", &*count)];
        let read = run("consume", &options).stdout().context(exchanger.name)?;
        ensure!(read.lines().count() >= records.len(), "{}: {read}", exchanger.name);
    }
    Ok(())
}

/// Tokens that let nobody in.
fn bad(issuer: &Issuer) -> Result<Vec<(&'static str, String)>> {
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = claims();
        claims.as_object_mut().map(|claims| claims.remove(name));
        claims
    };
    let good = issuer.token(&claims())?;
    let (signed, _) = good.rsplit_once('.').context("no token")?;
    let none = issuer.signed(&json!({ "alg": "none" }), &claims())?;
    let (unsigned, _) = none.rsplit_once('.').context("no token")?;
    Ok(vec![
        ("another issuer", issuer.token(&with("iss", json!("https://other")))?),
        ("another audience", issuer.token(&with("aud", json!("other")))?),
        ("no audience", issuer.token(&without("aud"))?),
        ("expired", issuer.token(&with("exp", json!(seconds_from_now(-31))))?),
        ("no end", issuer.token(&without("exp"))?),
        ("no beginning", issuer.token(&without("iat"))?),
        ("not yet valid", issuer.token(&with("nbf", json!(seconds_from_now(120))))?),
        ("ends before it begins", issuer.token(&with("iat", json!(seconds_from_now(900))))?),
        ("no user", issuer.token(&without("sub"))?),
        ("an empty user", issuer.token(&with("sub", json!(" ")))?),
        ("a number as user", issuer.token(&with("sub", json!(7)))?),
        ("the same scope twice", issuer.token(&with("scope", json!(["a", "a"])))?),
        ("another key of the same name", Issuer::new("one")?.token(&claims())?),
        ("a key that nobody knows", Issuer::new("two")?.token(&claims())?),
        ("algorithm none", none.clone()),
        ("no signature, algorithm none", format!("{unsigned}.")),
        ("a shared key", issuer.signed(&json!({ "alg": "HS256", "kid": "one" }), &claims())?),
        ("an unknown critical header", {
            issuer.signed(&json!({ "alg": "RS256", "kid": "one", "crit": ["x"], "x": 1 }), &claims())?
        }),
        ("a spoilt signature", format!("{signed}.AAAA")),
        ("no token", "garbage".to_owned()),
        ("two parts", "a.b".to_owned()),
    ])
}

/// The same error to clients as from Apache Kafka, and no more.
#[test]
fn bad_tokens_are_refused_in_kafka_s_words() -> Result<()> {
    let published = Published::new()?;
    let setting = start(&published.place, &[])?;
    for (name, token) in bad(&published.issuer)? {
        let run = librdkafka(&setting, bearer(&token), "consume", "none")?.args(["--count", "1"]).run()?;
        ensure!(run.code != Some(0) && run.stderr.contains("invalid_token"), "{name}: {}", run.stderr);
    }
    let token = Issuer::new("one")?.token(&claims())?;
    let place = file(&setting, "bad", &token)?;
    let path = properties(&setting, "bad", &place, "")?;
    let said = list(&path, &setting)?;
    let told = format!("{}{}", said.stdout, said.stderr);
    ensure!(said.code == Some(1) && told.contains(REFUSED), "{told}");
    let path = path.display().to_string();
    let said = java_program_allowing(&place, "Secured.java")?.args(["none", &path]).stdout()?;
    ensure!(said.trim() == format!("SaslAuthenticationException: {REFUSED}"), "{said}");
    for exchanger in Exchanger::all()? {
        let options = [("topic", "none")];
        let read = exchanger.program(&setting, bearer(&token), exchanger.ask, &options).run()?;
        let said = format!("{}{}", read.stdout, read.stderr);
        ensure!(read.code != Some(0), "{}: {said}", exchanger.name);
    }
    // Apache Kafka's tells it.
    let is_told = setting.broker.last_lines().contains(&token);
    ensure!(setting.broker.kind() == Kind::Apache || !is_told, "a token is in the log");
    Ok(())
}

/// Keys and tokens over HTTP: the token endpoint is asked as Java asks it, and a key that comes later is found.
#[test]
fn keys_and_tokens_come_over_http() -> Result<()> {
    let (first, second) = (Issuer::new("first")?, Issuer::new("second")?);
    let (document, next) = (key_document(&[&first]), key_document(&[&first, &second]));
    let current = Arc::new(Mutex::new((document, first.token(&claims())?)));
    let shown = Arc::clone(&current);
    let provider = Provider::start(move |asked| {
        let Ok(current) = shown.lock() else { return (500, String::new()) };
        match asked.line.split(' ').nth(1) {
            Some("/keys") => (200, current.0.clone()),
            Some("/token") => (200, json!({ "access_token": current.1, "token_type": "Bearer" }).to_string()),
            _ => (404, String::new()),
        }
    })?;
    let setting = start(&provider.url("/keys"), &[])?;
    setting.broker.create_topic("shared", 1, &[])?;
    let place = provider.url("/token");
    let path = properties(&setting, "http", &place, "clientId=\"me\" clientSecret=\"a b\" scope=\"x\"")?;
    let deadline = Deadline::after(Duration::from_secs(20));
    while list(&path, &setting)?.code != Some(0) {
        ensure!(deadline.left().is_some(), "the keys are not read");
        pause(Duration::from_millis(50));
    }
    let java =
        || java_program_allowing(&place, "Secured.java")?.args(["shared".into(), path.clone()]).stdout();
    ensure!(java()?.trim() == "read 500");
    let asked: Vec<_> = provider.asked().into_iter().filter(|asked| asked.line.contains("/token")).collect();
    let told = |asked: &Asked| {
        let header = |name: &str| {
            asked.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        (
            asked.line.clone(),
            asked.body.clone(),
            header("authorization"),
            header("accept"),
            header("content-type"),
        )
    };
    let (ours, javas) = (asked.first().map(told), asked.last().map(told));
    ensure!(ours.is_some() && ours == javas, "{ours:?} {javas:?}");
    // The issuer has another key.
    if let Ok(mut current) = current.lock() {
        *current = (next, second.token(&claims())?);
    }
    let deadline = Deadline::after(Duration::from_secs(20));
    while list(&path, &setting)?.code != Some(0) {
        ensure!(deadline.left().is_some(), "the new key is not found");
        pause(Duration::from_millis(50));
    }
    Ok(())
}

/// A node that logs in to others by tokens that come from one place, signed by keys that come from another.
fn of_nodes(spec: Spec, keys: &str, token: &str, line: &str) -> Spec {
    let allowed = format!("-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={keys},{token}");
    let spec = spec
        .sasl(Encrypted::Nodes, SaslProtocol::Plaintext)
        .java_flags(&["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", &allowed])
        .set("sasl.enabled.mechanisms", "OAUTHBEARER")
        .set("sasl.mechanism.inter.broker.protocol", "OAUTHBEARER")
        .set("sasl.mechanism.controller.protocol", "OAUTHBEARER")
        .set("sasl.oauthbearer.jwks.endpoint.url", keys)
        .set("sasl.oauthbearer.token.endpoint.url", token)
        .set("sasl.oauthbearer.expected.audience", "kafka");
    ["sasl", "controller"].into_iter().fold(spec, |spec, listener| {
        let key = |rest: &str| format!("listener.name.{listener}.oauthbearer.sasl.{rest}");
        spec.set(&key("jaas.config"), line)
            .set(&key("server.callback.handler.class"), VALIDATOR)
            .set(&key("login.callback.handler.class"), HANDLER)
    })
}

/// Brokers and controllers that log in to each other by tokens of a file.
#[test]
fn nodes_log_in_by_tokens() -> Result<()> {
    let published = Published::new()?;
    let folder = tempfile::tempdir()?;
    let token = folder.path().join("token.jwt");
    std::fs::write(&token, published.issuer.token(&claims())?)?;
    let token = format!("file:{}", token.display());
    let kind = Kind::under_test()?;
    let line = format!("{MODULE} required;");
    let cluster = Cluster::start_with(&[kind; 3], |spec| of_nodes(spec, &published.place, &token, &line))?;
    let brokers: Vec<_> = cluster.brokers().collect();
    let words = ["--create", "--topic", "shared", "--partitions", "3", "--replication-factor", "3"];
    brokers[1].tool(Tool::Topics, &words)?;
    Ok(())
}
