//! Who is not let in, and hears why in Apache Kafka's words.

use anyhow::{Result, ensure};
use tests_compat::{SaslProtocol, Tool, java_program};

use super::{
    Login, PROTOCOLS, Setting,
    clients::{Exchanger, librdkafka},
};

const WRONG: &str = "Authentication failed: Invalid username or password";

/// Logins that fail, and what is said about each.
fn failing() -> [(Login<'static>, String); 6] {
    let login = |mechanism, user, password| Login { mechanism, user, password };
    let hidden = |mechanism: &str| {
        format!(
            "Authentication failed during authentication due to invalid credentials with SASL mechanism {mechanism}"
        )
    };
    [
        (login("PLAIN", "alice", "wrong-one"), WRONG.to_owned()),
        (login("PLAIN", "eve", "alice-secret"), WRONG.to_owned()),
        (login("SCRAM-SHA-256", "alice", "wrong-one"), hidden("SCRAM-SHA-256")),
        (login("SCRAM-SHA-256", "eve", "wrong-one"), hidden("SCRAM-SHA-256")),
        (login("SCRAM-SHA-512", "alice", "wrong-one"), hidden("SCRAM-SHA-512")),
        (login("SCRAM-SHA-512", "eve", "wrong-one"), hidden("SCRAM-SHA-512")),
    ]
}

/// A broker that takes all but SCRAM-SHA-512.
fn without_one(protocol: SaslProtocol) -> Result<Setting> {
    Setting::start_with(protocol, |spec| {
        spec.set("listener.name.sasl.sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256")
    })
}

const OTHER: Login<'_> = Login { mechanism: "SCRAM-SHA-512", user: "alice", password: "alice-secret" };

#[test]
fn java_hears_why() -> Result<()> {
    let told = |setting: &Setting, logins: &[Login<'_>]| -> Result<String> {
        let files = logins.iter().map(|login| Ok(setting.properties(*login)?.display().to_string()));
        let files = files.collect::<Result<Vec<_>>>()?;
        java_program("Secured.java")?.args(["shared"]).args(files).stdout()
    };
    for protocol in PROTOCOLS {
        let setting = Setting::start(protocol)?;
        let (logins, expected): (Vec<_>, Vec<_>) = failing().into_iter().unzip();
        let expected = expected.iter().map(|text| format!("SaslAuthenticationException: {text}"));
        let said = told(&setting, &logins)?;
        ensure!(said.lines().eq(expected), "{}: {said}", protocol.name());
        ensure!(!setting.broker.last_lines().contains("wrong-one"), "a password is in the log");
        let expected = "UnsupportedSaslMechanismException: Client SASL mechanism 'SCRAM-SHA-512' not enabled in the \
                        server, enabled mechanisms are [PLAIN, SCRAM-SHA-256]";
        let said = told(&without_one(protocol)?, &[OTHER])?;
        ensure!(said.trim() == expected, "{}: {said}", protocol.name());
    }
    Ok(())
}

#[test]
fn klamm_s_own_tools_hear_why() -> Result<()> {
    let setting = Setting::start(SaslProtocol::Plaintext)?;
    let refused = |setting: &Setting, login: Login<'_>, expected: &str| {
        let listed = setting.shim(Tool::Topics, login, &["--list"])?;
        let said = format!("{}{}", listed.stdout, listed.stderr);
        ensure!(listed.code == Some(1) && said.contains(expected), "{login:?}: {said}");
        Ok(())
    };
    for (login, expected) in failing() {
        refused(&setting, login, &expected)?;
    }
    let expected = "enabled mechanisms are [PLAIN, SCRAM-SHA-256]";
    refused(&without_one(SaslProtocol::Plaintext)?, OTHER, expected)
}

#[test]
fn other_clients_hear_why() -> Result<()> {
    for protocol in PROTOCOLS {
        let setting = Setting::start(protocol)?;
        let other = without_one(protocol)?;
        let cases = failing().into_iter().map(|(login, told)| (&setting, login, told));
        let unsupported = "mechanism".to_owned();
        for (setting, login, told) in cases.chain([(&other, OTHER, unsupported)]) {
            let read = librdkafka(setting, login, "consume", "none")?.args(["--count", "1"]).run()?;
            let said = format!("{}{}", read.stdout, read.stderr);
            ensure!(read.code != Some(0) && said.contains(&told), "librdkafka, {login:?}: {said}");
            for exchanger in Exchanger::all()? {
                let options = [("topic", "none")];
                let read = exchanger.program(setting, login, exchanger.ask, &options).run()?;
                let said = format!("{}{}", read.stdout, read.stderr);
                let is_told = !exchanger.repeats || said.contains(&told);
                ensure!(read.code != Some(0) && is_told, "{}, {login:?}: {said}", exchanger.name);
            }
        }
    }
    Ok(())
}
