//! Clients that log in by unsecured tokens, as their suites do it, where a listener asks for that.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tests_compat::{Record, SaslProtocol, Tool, java_program, seconds_from_now, unsecured_token};

use super::{
    Login, Setting,
    clients::{Exchanger, librdkafka},
};

const MODULE: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";

/// A broker whose listener takes unsecured tokens, with a scope or without.
fn start(options: &str) -> Result<Setting> {
    Setting::start_with(SaslProtocol::Plaintext, |spec| {
        spec.set("listener.name.sasl.sasl.enabled.mechanisms", "OAUTHBEARER")
            .set("listener.name.sasl.oauthbearer.sasl.jaas.config", &format!("{MODULE} required {options};"))
    })
}

/// The properties of one of Java's clients, which makes its own tokens.
fn properties(setting: &Setting, name: &str, options: &str) -> Result<String> {
    let text = format!(
        "bootstrap.servers={}\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\n\
         sasl.jaas.config={MODULE} required {options};\n",
        setting.address()
    );
    let path = setting.broker.folder().join(format!("{name}.properties"));
    std::fs::write(&path, text)?;
    Ok(path.display().to_string())
}

#[test]
fn every_client_logs_in_as_whoever_it_says() -> Result<()> {
    let setting = start("unsecuredLoginStringClaim_sub=\"node\"")?;
    for topic in ["java", "librdkafka"] {
        setting.broker.create_topic(topic, 1, &[])?;
    }
    let alice = "unsecuredLoginStringClaim_sub=\"alice\" unsecuredLoginLifetimeSeconds=\"600\"";
    let path = properties(&setting, "alice", alice)?;
    let said = java_program("Secured.java")?.args(["java", &path]).stdout()?;
    ensure!(said.trim() == "read 500", "{said}");
    let words = ["--bootstrap-server", &setting.address(), "--command-config", &path, "--list"];
    let listed = Tool::Topics.shim()?.args(words).stdout()?;
    ensure!(listed.contains("java"), "{listed}");
    let by_itself = Login { mechanism: "OAUTHBEARER", user: "alice", password: "" };
    let run = |command| librdkafka(&setting, by_itself, command, "librdkafka");
    run("produce")?.input("a\nb\n").stdout()?;
    let read = run("consume")?.args(["--count", "2"]).stdout()?;
    ensure!(read == "a\nb\n", "{read}");
    let claims = json!({ "sub": "alice", "exp": seconds_from_now(600) }).to_string();
    let token = unsecured_token("{\"alg\":\"none\"}", &claims);
    let records = crate::exchange::sample(0);
    for exchanger in Exchanger::all()? {
        setting.broker.create_topic(exchanger.name, 1, &[])?;
        let login = Login { mechanism: "OAUTHBEARER", user: "bearer", password: &token };
        let options = [("topic", exchanger.name), ("codec", "none")];
        let produce = exchanger.program(&setting, login, &["produce"], &options);
        produce.input(Record::to_lines(&records)?).stdout().context(exchanger.name)?;
    }
    Ok(())
}

#[test]
fn who_lacks_a_scope_hears_which() -> Result<()> {
    let setting = start("unsecuredLoginStringClaim_sub=\"node\" unsecuredValidatorRequiredScope=\"KAFKA\"")?;
    let told = "SaslAuthenticationException: {\"status\":\"insufficient_scope\", \"scope\":\"[KAFKA]\"}";
    let path = properties(&setting, "narrow", "unsecuredLoginStringClaim_sub=\"alice\"")?;
    let said = java_program("Secured.java")?.args(["none", &path]).stdout()?;
    ensure!(said.trim() == told, "{said}");
    let scopes = "unsecuredLoginStringClaim_sub=\"alice\" unsecuredLoginListClaim_scope=\",LOGIN,KAFKA\"";
    let path = properties(&setting, "wide", scopes)?;
    let words = ["--bootstrap-server", &setting.address(), "--command-config", &path, "--list"];
    for tool in [Tool::Topics.program(&[])?, Tool::Topics.shim()?] {
        tool.args(words).stdout()?;
    }
    Ok(())
}
