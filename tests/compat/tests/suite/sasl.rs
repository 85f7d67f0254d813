//! Clients that log in: with each mechanism over each protocol, with wrong passwords, while passwords change.

mod bearer;
mod clients;
mod nodes;
mod refused;
mod tokens;
mod unsecured;
mod users;

use std::path::PathBuf;

use anyhow::Result;
use tests_compat::{Authority, Broker, Encrypted, Kind, Output, SaslProtocol, Spec, Stores, Tool};

const PROTOCOLS: [SaslProtocol; 2] = [SaslProtocol::Plaintext, SaslProtocol::Ssl];
const MECHANISMS: [&str; 3] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];
/// Who may log in, by each mechanism.
const ALICE: (&str, &str) = ("alice", "alice-secret");

/// A broker with a listener for those who log in.
struct Setting {
    broker: Broker,
    protocol: SaslProtocol,
    /// What the listener's certificate, if it has one, is trusted by.
    trusted: PathBuf,
    _stores: Stores,
}

/// How a client logs in.
#[derive(Clone, Copy, Debug)]
struct Login<'a> {
    mechanism: &'a str,
    user: &'a str,
    password: &'a str,
}

fn alice(mechanism: &str) -> Login<'_> {
    Login { mechanism, user: ALICE.0, password: ALICE.1 }
}

fn module(mechanism: &str) -> &'static str {
    match mechanism {
        "PLAIN" => "org.apache.kafka.common.security.plain.PlainLoginModule",
        _ => "org.apache.kafka.common.security.scram.ScramLoginModule",
    }
}

fn spec(protocol: SaslProtocol) -> Result<Spec> {
    let (user, password) = ALICE;
    let plain = format!("{} required user_{user}=\"{password}\";", module("PLAIN"));
    let scram = format!("{} required;", module("SCRAM-SHA-256"));
    let spec = Spec::new(Kind::under_test()?)
        .sasl(Encrypted::Clients, protocol)
        .set("sasl.enabled.mechanisms", &MECHANISMS.join(","))
        .set("listener.name.sasl.plain.sasl.jaas.config", &plain)
        .set("listener.name.sasl.scram-sha-256.sasl.jaas.config", &scram)
        .set("listener.name.sasl.scram-sha-512.sasl.jaas.config", &scram);
    Ok(MECHANISMS[1..].iter().fold(spec, |spec, mechanism| {
        spec.format(&["--add-scram", &format!("{mechanism}=[name={user},password={password}]")])
    }))
}

impl Setting {
    fn start(protocol: SaslProtocol) -> Result<Self> {
        Self::start_with(protocol, |spec| spec)
    }

    fn start_with(protocol: SaslProtocol, more: impl FnOnce(Spec) -> Spec) -> Result<Self> {
        let (authority, stores) = (Authority::new("authority")?, Stores::new()?);
        let trusted = stores.write("trusted.pem", authority.pem())?;
        let keys = stores.write("broker.pem", authority.issue("broker")?.pem())?.display().to_string();
        let mut spec = spec(protocol)?;
        if protocol == SaslProtocol::Ssl {
            spec = spec.set("ssl.keystore.type", "PEM").set("ssl.keystore.location", &keys);
        }
        Ok(Self { broker: more(spec).start()?, protocol, trusted, _stores: stores })
    }

    fn address(&self) -> String {
        self.broker.ssl_address().to_string()
    }

    /// The properties of one of Java's clients.
    fn properties(&self, login: Login<'_>) -> Result<PathBuf> {
        let Login { mechanism, user, password } = login;
        let text = format!(
            "bootstrap.servers={}\n\
             security.protocol={}\n\
             ssl.truststore.type=PEM\nssl.truststore.location={}\n\
             sasl.mechanism={mechanism}\n\
             sasl.jaas.config={} required username=\"{user}\" password=\"{password}\";\n",
            self.address(),
            self.protocol.name(),
            self.trusted.display(),
            module(mechanism)
        );
        let path = self.broker.folder().join(format!("{mechanism}-{user}-{password}.properties"));
        std::fs::write(&path, text)?;
        Ok(path)
    }

    fn common(&self, login: Login<'_>) -> Result<[String; 4]> {
        let properties = self.properties(login)?.display().to_string();
        Ok(["--bootstrap-server".to_owned(), self.address(), "--command-config".to_owned(), properties])
    }

    fn tool(&self, tool: Tool, login: Login<'_>, arguments: &[&str]) -> Result<Output> {
        let common = self.common(login)?;
        tool.program(&common.each_ref().map(String::as_str))?.args(arguments).run()
    }

    /// Klamm called by the tool's name.
    fn shim(&self, tool: Tool, login: Login<'_>, arguments: &[&str]) -> Result<Output> {
        tool.shim()?.args(self.common(login)?).args(arguments).run()
    }
}
