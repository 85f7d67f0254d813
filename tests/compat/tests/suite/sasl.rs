//! Clients that log in: with each mechanism, with wrong passwords, while passwords change.

mod nodes;

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use tests_compat::{Broker, Cache, Encrypted, Kind, Output, Program, Record, Spec, Tool};

use crate::exchange::sample;
use crate::text::lines;

const MECHANISMS: [&str; 3] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];

/// A broker with a listener for those who log in, as alice by each mechanism.
struct Setting {
    broker: Broker,
}

fn module(mechanism: &str) -> &'static str {
    match mechanism {
        "PLAIN" => "org.apache.kafka.common.security.plain.PlainLoginModule",
        _ => "org.apache.kafka.common.security.scram.ScramLoginModule",
    }
}

fn spec() -> Result<Spec> {
    let plain = format!("{} required user_alice=\"alice-secret\";", module("PLAIN"));
    let scram = format!("{} required;", module("SCRAM-SHA-256"));
    let spec = Spec::new(Kind::under_test()?)
        .sasl(Encrypted::Clients)
        .set("sasl.enabled.mechanisms", &MECHANISMS.join(","))
        .set("listener.name.sasl.plain.sasl.jaas.config", &plain)
        .set("listener.name.sasl.scram-sha-256.sasl.jaas.config", &scram)
        .set("listener.name.sasl.scram-sha-512.sasl.jaas.config", &scram);
    Ok(MECHANISMS[1..].iter().fold(spec, |spec, mechanism| {
        spec.format(&["--add-scram", &format!("{mechanism}=[name=alice,password=alice-secret]")])
    }))
}

impl Setting {
    fn start() -> Result<Self> {
        Ok(Self { broker: spec()?.start()? })
    }

    fn address(&self) -> String {
        self.broker.ssl_address().to_string()
    }

    /// The properties of a client that logs in.
    fn properties(&self, mechanism: &str, user: &str, password: &str) -> Result<PathBuf> {
        let text = format!(
            "security.protocol=SASL_PLAINTEXT\n\
             sasl.mechanism={mechanism}\n\
             sasl.jaas.config={} required username=\"{user}\" password=\"{password}\";\n",
            module(mechanism)
        );
        let path = self.broker.folder().join(format!("{mechanism}-{user}-{password}.properties"));
        std::fs::write(&path, text)?;
        Ok(path)
    }

    fn tool(&self, tool: Tool, login: (&str, &str, &str), arguments: &[&str], input: &str) -> Result<Output> {
        let properties = self.properties(login.0, login.1, login.2)?.display().to_string();
        let common = ["--bootstrap-server", &self.address(), "--command-config", &properties];
        tool.program(&common)?.args(arguments).input(input).run()
    }

    /// As Klamm's own client.
    fn shim(&self, tool: Tool, login: (&str, &str, &str), arguments: &[&str]) -> Result<Output> {
        let properties = self.properties(login.0, login.1, login.2)?.display().to_string();
        let common = ["--bootstrap-server", &self.address(), "--command-config", &properties];
        tool.shim()?.args(common).args(arguments).run()
    }
}

#[test]
fn java_logs_in_by_every_mechanism() -> Result<()> {
    let setting = Setting::start()?;
    let input: String = (0..500).map(|number| format!("{number}\n")).collect();
    for mechanism in MECHANISMS {
        setting.broker.create_topic(mechanism, 1, &[])?;
        let login = (mechanism, "alice", "alice-secret");
        let sent = setting.tool(Tool::ConsoleProducer, login, &["--topic", mechanism], &input)?;
        ensure!(sent.code == Some(0) && !sent.stderr.contains("ERROR"), "{mechanism}: {}", sent.stderr);
        let words =
            ["--topic", mechanism, "--partition", "0", "--offset", "earliest", "--max-messages", "500"];
        let read = setting.tool(Tool::ConsoleConsumer, login, &words, "")?;
        ensure!(lines(&read.stdout) == lines(&input), "{mechanism}: {}", read.stderr);
    }
    Ok(())
}

#[test]
fn java_is_refused_in_the_same_words() -> Result<()> {
    let setting = Setting::start()?;
    let hidden = |mechanism| {
        format!(
            "Authentication failed during authentication due to invalid credentials with SASL mechanism {mechanism}"
        )
    };
    let wrong = "Authentication failed: Invalid username or password".to_owned();
    for (login, expected) in [
        (("PLAIN", "alice", "wrong"), wrong.clone()),
        (("PLAIN", "eve", "alice-secret"), wrong),
        (("SCRAM-SHA-256", "alice", "wrong"), hidden("SCRAM-SHA-256")),
        (("SCRAM-SHA-512", "eve", "x"), hidden("SCRAM-SHA-512")),
    ] {
        let listed = setting.tool(Tool::Topics, login, &["--list"], "")?;
        let said = format!("{}{}", listed.stdout, listed.stderr);
        ensure!(listed.code == Some(1) && said.contains(&expected), "{login:?}: {said}");
        ensure!(!setting.broker.last_lines().contains(login.2), "a password is in the log");
        let own = setting.shim(Tool::Topics, login, &["--list"])?;
        let said = format!("{}{}", own.stdout, own.stderr);
        ensure!(own.code == Some(1) && said.contains(&expected), "klamm's own, {login:?}: {said}");
    }
    Ok(())
}

#[test]
fn klamm_s_own_tools_log_in_by_every_mechanism() -> Result<()> {
    let setting = Setting::start()?;
    setting.broker.create_topic("seen", 1, &[])?;
    for mechanism in MECHANISMS {
        let listed = setting.shim(Tool::Topics, (mechanism, "alice", "alice-secret"), &["--list"])?;
        ensure!(listed.stdout.trim() == "seen", "{mechanism}: {}{}", listed.stdout, listed.stderr);
    }
    Ok(())
}

#[test]
fn kafka_python_logs_in_by_every_mechanism() -> Result<()> {
    let setting = Setting::start()?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python/client.py");
    let records = sample(0);
    for generation in [2, 3] {
        for mechanism in MECHANISMS {
            let topic = format!("{mechanism}-{generation}");
            setting.broker.create_topic(&topic, 1, &[])?;
            let run = |command: &str, password: &str, more: &[&str]| -> Result<Program> {
                let address = setting.address();
                let common = [script, command, "--bootstrap", &address, "--topic", &topic];
                let login = ["--user", "alice", "--password", password, "--mechanism", mechanism];
                let python = Program::new(Cache::open()?.python(generation)?);
                Ok(python.args(common).args(login).args(more))
            };
            let program = run("produce", "alice-secret", &["--codec", "gzip"])?;
            program.input(Record::to_lines(&records)?).stdout().context(mechanism)?;
            let count = records.len().to_string();
            let read = run("consume", "alice-secret", &["--partition", "0", "--count", &count])?;
            let read = read.stdout().context(mechanism)?;
            ensure!(read.lines().count() >= records.len(), "{topic}: {} came", read.lines().count());
        }
    }
    Ok(())
}

/// Apache's own tool sets, shows and deletes passwords; they hold at once, and are shown to nobody.
#[test]
fn a_password_changes_while_the_broker_runs() -> Result<()> {
    let setting = Setting::start()?;
    let configs = |words: &[&str]| setting.broker.tool(Tool::Configs, words);
    let bob = ["--entity-type", "users", "--entity-name", "bob"];
    let set = |password: &str| {
        let config = format!("SCRAM-SHA-512=[iterations=8192,password={password}]");
        configs(&[&["--alter", "--add-config", &config], &bob[..]].concat())
    };
    let list =
        |password: &str| setting.tool(Tool::Topics, ("SCRAM-SHA-512", "bob", password), &["--list"], "");
    ensure!(list("one")?.code == Some(1));
    set("one")?;
    ensure!(list("one")?.code == Some(0));
    set("two")?;
    ensure!(list("one")?.code == Some(1) && list("two")?.code == Some(0));
    let shown = configs(&[&["--describe"], &bob[..]].concat())?;
    ensure!(shown.contains("SCRAM-SHA-512=iterations=8192") && !shown.contains("two"), "{shown}");
    configs(&[&["--alter", "--delete-config", "SCRAM-SHA-512"], &bob[..]].concat())?;
    ensure!(list("two")?.code == Some(1));
    Ok(())
}

/// Who logged in is who access control asks about.
#[test]
fn a_user_of_scram_may_do_what_its_entries_say() -> Result<()> {
    let spec = spec()?
        .set("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .set("super.users", "User:ANONYMOUS");
    let setting = Setting { broker: spec.start()? };
    setting.broker.create_topic("open", 1, &[])?;
    setting.broker.create_topic("closed", 1, &[])?;
    let rule = ["--add", "--allow-principal", "User:alice", "--operation", "Describe", "--topic", "open"];
    setting.broker.tool(Tool::Acls, &rule)?;
    for mechanism in MECHANISMS {
        let listed = setting.tool(Tool::Topics, (mechanism, "alice", "alice-secret"), &["--list"], "")?;
        ensure!(listed.stdout.trim() == "open", "{mechanism}: {}{}", listed.stdout, listed.stderr);
    }
    Ok(())
}
