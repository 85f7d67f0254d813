//! Who is let in, by every mechanism over every protocol.

use anyhow::{Context, Result, ensure};
use tests_compat::{Cache, Program, Record, SaslProtocol, Tool, java_program};

use super::{Login, MECHANISMS, PROTOCOLS, Setting, alice};
use crate::exchange::sample;

/// Runs a test once for each protocol.
fn over_both(test: impl Fn(&Setting) -> Result<()>) -> Result<()> {
    for protocol in PROTOCOLS {
        test(&Setting::start(protocol)?).context(protocol.name())?;
    }
    Ok(())
}

#[test]
fn java_writes_in_transactions() -> Result<()> {
    over_both(|setting| {
        setting.broker.create_topic("shared", 1, &[])?;
        let files = MECHANISMS.map(|mechanism| setting.properties(alice(mechanism)));
        let files: Vec<_> = files.into_iter().collect::<Result<_>>()?;
        let files = files.iter().map(|file| file.display().to_string());
        let said = java_program("Secured.java")?.args(["shared"]).args(files).stdout()?;
        ensure!(said.lines().eq(["read 500"; 3]), "{said}");
        Ok(())
    })
}

#[test]
fn klamm_s_own_tools_log_in() -> Result<()> {
    over_both(|setting| {
        setting.broker.create_topic("seen", 1, &[])?;
        for mechanism in MECHANISMS {
            let listed = setting.shim(Tool::Topics, alice(mechanism), &["--list"])?;
            ensure!(listed.stdout.trim() == "seen", "{mechanism}: {}{}", listed.stdout, listed.stderr);
        }
        Ok(())
    })
}

/// A session that ends is renewed while records are sent; nobody notices.
#[test]
fn java_renews_its_sessions() -> Result<()> {
    let setting = Setting::start_with(SaslProtocol::Plaintext, |spec| {
        spec.set("listener.name.sasl.connections.max.reauth.ms", "2000")
    })?;
    setting.broker.create_topic("long", 1, &[])?;
    let words = ["--topic", "long", "--num-records", "500", "--record-size", "10", "--throughput", "100"];
    for mechanism in ["PLAIN", "SCRAM-SHA-512"] {
        let sent = setting.tool(Tool::ProducerPerformance, alice(mechanism), &words)?;
        let said = format!("{}{}", sent.stdout, sent.stderr);
        let is_quiet = !said.contains("WARN") && !said.contains("ERROR") && !said.contains("Exception");
        ensure!(sent.code == Some(0) && said.contains("500 records sent") && is_quiet, "{mechanism}: {said}");
    }
    Ok(())
}

/// librdkafka, as new as confluent-kafka brings it: before 2.6.1 it knew no SCRAM that Kafka 4 takes.
pub(super) fn librdkafka(setting: &Setting, login: Login<'_>, command: &str, topic: &str) -> Result<Program> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python/confluent.py");
    let address = setting.address();
    let words = [script, command, "--bootstrap", &address, "--topic", topic, "--user", login.user];
    let login = ["--password", login.password, "--mechanism", login.mechanism];
    let mut program = Program::new(Cache::open()?.confluent()?).args(words).args(login);
    if setting.protocol == SaslProtocol::Ssl {
        program = program.args(["--ca".into(), setting.trusted.clone()]);
    }
    Ok(program)
}

#[test]
fn librdkafka_writes_in_transactions() -> Result<()> {
    let lines: String = (0..500).map(|number| format!("line {number}\n")).collect();
    over_both(|setting| {
        for mechanism in MECHANISMS {
            setting.broker.create_topic(mechanism, 1, &[])?;
            let run = |command| librdkafka(setting, alice(mechanism), command, mechanism);
            run("produce")?.input(&*lines).stdout()?;
            let read = run("consume")?.args(["--count", "500"]).stdout()?;
            ensure!(read == lines, "{mechanism}: {read}");
        }
        Ok(())
    })
}

/// A program that produces and consumes, and how its options begin.
pub(super) struct Exchanger {
    pub(super) name: &'static str,
    /// What it does that ends with an error where it is not let in.
    pub(super) ask: &'static [&'static str],
    /// Whether that error has the broker's words.
    pub(super) repeats: bool,
    words: Vec<String>,
    dash: &'static str,
}

impl Exchanger {
    pub(super) fn all() -> Result<[Self; 3]> {
        let cache = Cache::open()?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python/client.py");
        let python = |name, generation| -> Result<Self> {
            let words = vec![cache.python(generation)?.display().to_string(), script.to_owned()];
            Ok(Self {
                name,
                ask: &["consume", "--count", "1", "--patience-ms", "5000"],
                repeats: false,
                words,
                dash: "--",
            })
        };
        let words = vec![cache.franz()?.display().to_string()];
        let franz = Self { name: "franz-go", ask: &["ping"], repeats: true, words, dash: "-" };
        Ok([franz, python("python-2", 2)?, python("python-3", 3)?])
    }

    pub(super) fn program(
        &self,
        setting: &Setting,
        login: Login<'_>,
        command: &[&str],
        more: &[(&str, &str)],
    ) -> Program {
        let (address, trusted) = (setting.address(), setting.trusted.display().to_string());
        let mut options = vec![
            ("bootstrap", &*address),
            ("user", login.user),
            ("password", login.password),
            ("mechanism", login.mechanism),
        ];
        if setting.protocol == SaslProtocol::Ssl {
            options.push(("ca", &trusted));
        }
        options.extend(more);
        let options =
            options.iter().flat_map(|(name, value)| [format!("{}{name}", self.dash), (*value).to_owned()]);
        Program::new(&self.words[0]).args(&self.words[1..]).args(command).args(options)
    }
}

#[test]
fn franz_go_and_kafka_python_log_in() -> Result<()> {
    let records = sample(0);
    let count = records.len().to_string();
    over_both(|setting| {
        for exchanger in Exchanger::all()? {
            for mechanism in MECHANISMS {
                let topic = format!("{}-{mechanism}", exchanger.name);
                setting.broker.create_topic(&topic, 1, &[])?;
                let run =
                    |command, more: &[_]| exchanger.program(setting, alice(mechanism), &[command], more);
                let produce = run("produce", &[("topic", &*topic), ("codec", "gzip")]);
                produce.input(Record::to_lines(&records)?).stdout().context(topic.clone())?;
                let options = [("topic", &*topic), ("partition", "0"), ("count", &count)];
                let read = run("consume", &options).stdout().context(topic.clone())?;
                ensure!(read.lines().count() >= records.len(), "{topic}: {} came", read.lines().count());
            }
        }
        Ok(())
    })
}
