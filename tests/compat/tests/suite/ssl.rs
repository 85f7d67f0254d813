//! Clients over SSL: with stores of each format, with and without a certificate of their own, and wrong ones.

mod refused;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use tests_compat::{
    Authority, Broker, Cache, Encrypted, Issued, Kind, Output, Program, Record, Spec, Stores, Tool,
};

use crate::exchange::sample;
use crate::text::lines;

/// A broker that asks clients for certificates, and the stores around it.
struct Setting {
    broker: Broker,
    authority: Authority,
    alice: Issued,
    stores: Stores,
}

/// How much clients are asked.
#[derive(Clone, Copy)]
enum Asks {
    Nothing,
    Certificates,
}

impl Setting {
    fn start(asks: Asks) -> Result<Self> {
        let (authority, stores) = (Authority::new("authority")?, Stores::new()?);
        let (own, alice) = (authority.issue("broker")?, authority.issue("alice")?);
        let keys = stores.write("broker.p12", own.pkcs12()?)?;
        let trusted = stores.write("broker-trust.pem", authority.pem())?;
        let auth = if matches!(asks, Asks::Certificates) { "required" } else { "none" };
        let broker = Spec::new(Kind::under_test()?)
            .ssl(Encrypted::Clients)
            .set("ssl.keystore.type", "PKCS12")
            .set("ssl.keystore.location", &keys.display().to_string())
            .set("ssl.keystore.password", tests_compat::STORE_PASSWORD)
            .set("ssl.key.password", tests_compat::STORE_PASSWORD)
            .set("ssl.truststore.type", "PEM")
            .set("ssl.truststore.location", &trusted.display().to_string())
            .set("listener.name.ssl.ssl.client.auth", auth)
            .set("listener.name.ssl.ssl.principal.mapping.rules", "RULE:^CN=(.*?),.*$/$1/,DEFAULT")
            .start()?;
        Ok(Self { broker, authority, alice, stores })
    }

    fn address(&self) -> String {
        format!("localhost:{}", self.broker.ssl_address().port())
    }

    fn tool(&self, tool: Tool, properties: &Path, arguments: &[&str], input: &str) -> Result<Output> {
        let (address, properties) = (self.address(), properties.display().to_string());
        let common = ["--bootstrap-server", &address, "--command-config", &properties];
        tool.program(&common)?.args(arguments).input(input).run()
    }

    /// Sends lines and reads them again.
    fn exchange(&self, properties: &Path, topic: &str) -> Result<()> {
        self.broker.create_topic(topic, 1, &[])?;
        let input: String =
            (0..2000).map(|number| format!("{number} {}\n", "all work ".repeat(30))).collect();
        let sent = self.tool(Tool::ConsoleProducer, properties, &["--topic", topic], &input)?;
        ensure!(sent.code == Some(0) && !sent.stderr.contains("ERROR"), "{}", sent.stderr);
        let words = ["--topic", topic, "--partition", "0", "--offset", "earliest", "--max-messages", "2000"];
        let read = self.tool(Tool::ConsoleConsumer, properties, &words, "")?;
        let (read, sent) = (lines(&read.stdout), lines(&input));
        ensure!(read == sent, "{} of {} lines came", read.len(), sent.len());
        Ok(())
    }
}

#[test]
fn java_speaks_with_pem_and_pkcs12_stores() -> Result<()> {
    let setting = Setting::start(Asks::Certificates)?;
    let (stores, authority) = (&setting.stores, &setting.authority);
    setting.exchange(&stores.client("pem", authority, Some(&setting.alice))?, "pem")?;
    setting.exchange(&stores.client_pkcs12("pkcs12", authority, &setting.alice)?, "pkcs12")?;
    let inline = format!(
        "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.certificates={}\nssl.keystore.type=PEM\n\
         ssl.keystore.certificate.chain={}\nssl.keystore.key={}\n",
        one_line(&authority.pem()),
        one_line(&setting.alice.chain()),
        one_line(&setting.alice.key())
    );
    setting.exchange(&stores.write("inline.properties", inline)?, "inline")
}

fn one_line(pem: &str) -> String {
    pem.replace("\r\n", "\n").replace('\n', "\\n")
}

#[test]
fn both_versions_are_spoken() -> Result<()> {
    let setting = Setting::start(Asks::Nothing)?;
    let properties = setting.stores.client("any", &setting.authority, None)?;
    let text = std::fs::read_to_string(&properties)?;
    for version in ["TLSv1.2", "TLSv1.3"] {
        let own = format!("{text}ssl.enabled.protocols={version}\nssl.protocol={version}\n");
        let file = setting.stores.write("version.properties", own)?;
        setting.exchange(&file, version).with_context(|| version.to_owned())?;
    }
    Ok(())
}

#[test]
fn franz_go_and_kafka_python_speak_with_a_certificate_of_their_own() -> Result<()> {
    let setting = Setting::start(Asks::Certificates)?;
    let stores = &setting.stores;
    stores.client("other", &setting.authority, Some(&setting.alice))?;
    let (trusted, keys) = (stores.named("other-trust.pem")?, stores.named("other.pem")?);
    let cache = Cache::open()?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python/client.py");
    let address = setting.address();
    let records = sample(0);
    let programs = [
        (vec![cache.franz()?.display().to_string()], "-", "franz"),
        (vec![cache.python(2)?.display().to_string(), script.to_owned()], "--", "python-2"),
        (vec![cache.python(3)?.display().to_string(), script.to_owned()], "--", "python-3"),
    ];
    for (words, dash, topic) in programs {
        setting.broker.create_topic(topic, 1, &[])?;
        let run = |command: &str, more: &[(&str, &str)]| {
            let options = [("bootstrap", &*address), ("topic", topic), ("ca", &trusted), ("cert", &keys)];
            let options = options.iter().chain(more);
            let options = options.flat_map(|(name, value)| [format!("{dash}{name}"), (*value).to_owned()]);
            Program::new(&words[0]).args(&words[1..]).args([command]).args(options)
        };
        run("produce", &[("codec", "zstd")]).input(Record::to_lines(&records)?).stdout().context(topic)?;
        let count = records.len().to_string();
        let read = run("consume", &[("partition", "0"), ("count", &count)]).stdout().context(topic)?;
        ensure!(read.lines().count() >= records.len(), "{topic}: {} records came", read.lines().count());
    }
    Ok(())
}

/// Who a client is shows in what it may do.
#[test]
fn the_name_in_a_certificate_is_who_the_client_is() -> Result<()> {
    let mut setting = Setting::start(Asks::Certificates)?;
    setting.broker.stop()?;
    let authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
    setting.broker.set("authorizer.class.name", authorizer)?;
    setting.broker.set("super.users", "User:ANONYMOUS;User:alice")?;
    setting.broker.launch()?;
    let create = |setting: &Setting, name: &str, issued: &Issued| -> Result<Output> {
        let properties = setting.stores.client(name, &setting.authority, Some(issued))?;
        setting.tool(Tool::Topics, &properties, &["--create", "--topic", name], "")
    };
    let alices = create(&setting, "alices", &setting.alice)?;
    ensure!(alices.code == Some(0), "{}{}", alices.stdout, alices.stderr);
    let mallorys = create(&setting, "mallorys", &setting.authority.issue("mallory")?)?;
    let said = format!("{}{}", mallorys.stdout, mallorys.stderr);
    ensure!(mallorys.code == Some(1) && said.contains("Authorization failed"), "{said}");
    Ok(())
}
