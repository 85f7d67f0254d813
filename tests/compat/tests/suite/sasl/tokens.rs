//! Delegation tokens: made with Apache's tool and with ours, and logged in with.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use tests_compat::{Broker, Cache, Cluster, Deadline, Output, Program, SaslProtocol, Tool};

use super::{Login, Setting, alice, module};

const BOB: Login<'_> = Login { mechanism: "PLAIN", user: "bob", password: "bob-secret" };
const DELEGATION: Tool = Tool::DelegationTokens;

fn start(more: &[(&str, &str)]) -> Result<Setting> {
    let plain = format!("{} required user_alice=\"alice-secret\" user_bob=\"bob-secret\";", module("PLAIN"));
    Setting::start_with(SaslProtocol::Plaintext, |spec| {
        let spec = spec
            .set("listener.name.sasl.plain.sasl.jaas.config", &plain)
            .set("delegation.token.secret.key", "cluster's key");
        more.iter().fold(spec, |spec, (key, value)| spec.set(key, value))
    })
}

/// A token that alice has made by Apache's tool: its id and its password.
fn token(setting: &Setting, more: &[&str]) -> Result<(String, String)> {
    let words = ["--create", "--max-life-time-period", "-1"];
    let said = setting.tool(DELEGATION, alice("PLAIN"), &[&words, more].concat())?;
    ensure!(said.code == Some(0), "{}{}", said.stdout, said.stderr);
    let row = said.stdout.lines().last().context("no token")?;
    let words: Vec<_> = row.split_whitespace().collect();
    Ok((words[0].to_owned(), words[1].to_owned()))
}

/// The properties of who logs in by a token.
fn by_token(setting: &Setting, mechanism: &str, (id, password): (&str, &str)) -> Result<PathBuf> {
    let login = Login { mechanism, user: id, password: "token" };
    let path = setting.properties(login)?;
    let text = std::fs::read_to_string(&path)?;
    let password = format!("password=\"{password}\" tokenauth=\"true\"");
    std::fs::write(&path, text.replace("password=\"token\"", &password))?;
    Ok(path)
}

fn listed(setting: &Setting, file: &std::path::Path, is_ours: bool) -> Result<Output> {
    let (address, file) = (setting.address(), file.display().to_string());
    let words = ["--bootstrap-server", &address, "--command-config", &file, "--list"];
    if is_ours { Tool::Topics.shim()?.args(words).run() } else { Tool::Topics.program(&words)?.run() }
}

#[test]
fn a_token_logs_in_as_its_owner() -> Result<()> {
    let setting = start(&[
        ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
        ("super.users", "User:ANONYMOUS"),
    ])?;
    setting.broker.create_topic("open", 1, &[])?;
    setting.broker.create_topic("closed", 1, &[])?;
    let rule = ["--add", "--allow-principal", "User:alice", "--operation", "Describe", "--topic", "open"];
    setting.broker.tool(Tool::Acls, &rule)?;
    let (id, password) = token(&setting, &[])?;
    for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
        let file = by_token(&setting, mechanism, (&id, &password))?;
        for is_ours in [false, true] {
            let said = listed(&setting, &file, is_ours)?;
            ensure!(said.stdout.trim() == "open", "{mechanism}: {}{}", said.stdout, said.stderr);
        }
        // Who came in by a token gets no more of them.
        let words = ["--describe"];
        let file = file.display().to_string();
        let common = ["--bootstrap-server", &setting.address(), "--command-config", &file];
        let said = DELEGATION.program(&[&common[..], &words].concat())?.run()?;
        ensure!(
            said.code == Some(1) && said.stderr.contains("UnsupportedByAuthenticationException"),
            "{}",
            said.stderr
        );
    }
    // With another's password, and when it is gone.
    let wrong = by_token(&setting, "SCRAM-SHA-256", (&id, "wrong"))?;
    let refused =
        "Authentication failed during authentication due to invalid credentials with SASL mechanism";
    let said = listed(&setting, &wrong, true)?;
    let told = format!("{}{}", said.stdout, said.stderr);
    ensure!(said.code == Some(1) && told.contains(refused), "{told}");
    let file = by_token(&setting, "SCRAM-SHA-256", (&id, &password))?;
    let words = ["--expire", "--hmac", &password, "--expiry-time-period", "-1"];
    ensure!(setting.tool(DELEGATION, alice("PLAIN"), &words)?.code == Some(0));
    let deadline = Deadline::after(std::time::Duration::from_secs(20));
    while listed(&setting, &file, true)?.code == Some(0) {
        ensure!(deadline.left().is_some(), "the token still logs in");
    }
    Ok(())
}

/// The controller removes tokens whose time is over.
#[test]
fn a_token_ends() -> Result<()> {
    let setting = start(&[("delegation.token.expiry.check.interval.ms", "500")])?;
    let (_, password) = token(&setting, &[])?;
    let words = ["--expire", "--hmac", &password, "--expiry-time-period", "1500"];
    ensure!(setting.shim(DELEGATION, alice("PLAIN"), &words)?.code == Some(0));
    let deadline = Deadline::after(std::time::Duration::from_secs(30));
    loop {
        let said = setting.shim(DELEGATION, alice("PLAIN"), &["--describe"])?;
        if said.stdout.contains("Total number of tokens : 0") {
            return Ok(());
        }
        ensure!(deadline.left().is_some(), "{}{}", said.stdout, said.stderr);
    }
}

/// Tokens outlive a restart, and are in the metadata as Apache's tool reads it.
#[test]
fn tokens_are_kept() -> Result<()> {
    let mut setting = start(&[])?;
    let (id, password) = token(&setting, &["--renewer-principal", "User:bob"])?;
    setting.broker.stop()?;
    let log = setting.broker.data().join("__cluster_metadata-0/00000000000000000000.log");
    let log = log.display().to_string();
    let dumped = Tool::DumpLog.stdout(&["--cluster-metadata-decoder", "--files", &log])?;
    let record = dumped.lines().find(|line| line.contains("DELEGATION_TOKEN_RECORD"));
    let record = record.context("no record of the token")?;
    for part in
        [&*id, "\"owner\":\"User:alice\"", "\"requester\":\"User:alice\"", "\"renewers\":[\"User:bob\"]"]
    {
        ensure!(record.contains(part), "{record}");
    }
    ensure!(!dumped.contains(&password), "the secret is in the log");
    setting.broker.launch()?;
    let file = by_token(&setting, "SCRAM-SHA-512", (&id, &password))?;
    ensure!(listed(&setting, &file, false)?.code == Some(0));
    Ok(())
}

/// librdkafka knows no tokens, but lets an application say so; here it must hear that there is no such user.
#[test]
fn a_token_is_no_user() -> Result<()> {
    let setting = start(&[])?;
    let (id, password) = token(&setting, &[])?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python/confluent.py");
    let address = setting.address();
    let words =
        [script, "consume", "--bootstrap", &address, "--topic", "none", "--count", "1", "--user", &id];
    let login = ["--password", &*password, "--mechanism", "SCRAM-SHA-256"];
    let read = Program::new(Cache::open()?.confluent()?).args(words).args(login).run()?;
    ensure!(read.code != Some(0) && read.stderr.contains("invalid credentials"), "{}", read.stderr);
    Ok(())
}

/// What a tool said: without ids, secrets, dates and Java's stack traces.
fn said(output: &Output) -> (Option<i32>, String, String) {
    let is_token = |word: &str| {
        (word.len() == 22 || word.len() == 88) || (word.len() >= 16 && word.as_bytes()[10] == b'T')
    };
    let masked = |line: &str| {
        let words = line.split_whitespace();
        words
            .map(|word| if is_token(word.trim_start_matches(':')) { "#" } else { word })
            .collect::<Vec<_>>()
            .join(" ")
    };
    let lines = |text: &str| text.lines().map(masked).collect::<Vec<_>>().join("\n");
    // The reason without the options after it, or without the class and the trace.
    let error = output.stderr.lines().find(|line| !line.contains("WARN") && !line.contains("ERROR"));
    let error = error.unwrap_or_default();
    let error = error.rsplit("Exception: ").next().unwrap_or_default().to_owned();
    (output.code, lines(&output.stdout), error)
}

#[test]
fn klamm_s_script_says_what_apache_s_says() -> Result<()> {
    let setting = start(&[])?;
    // One token for each, so that both can do the same to theirs.
    let tokens = [token(&setting, &["--renewer-principal", "User:bob"])?, token(&setting, &[])?];
    let both = |login: Login<'_>, line: &str| -> Result<()> {
        let words = |hmac: &str| -> Vec<String> {
            line.split(' ')
                .map(|word| if word == "HMAC" { hmac.to_owned() } else { word.to_owned() })
                .collect()
        };
        let [theirs, ours] = [0, 1].map(|side| words(&tokens[side].1));
        let theirs: Vec<_> = theirs.iter().map(String::as_str).collect();
        let ours: Vec<_> = ours.iter().map(String::as_str).collect();
        let (theirs, ours) =
            (setting.tool(DELEGATION, login, &theirs)?, setting.shim(DELEGATION, login, &ours)?);
        ensure!(said(&theirs) == said(&ours), "{line}: {theirs:?}\n{ours:?}");
        Ok(())
    };
    for line in [
        // Without an owner Apache's asks for nobody's tokens, and shows none.
        "--describe --owner-principal User:alice",
        "--describe --owner-principal User:nobody",
        "--describe --owner-principal nobody",
        "--renew --hmac HMAC --renew-time-period 60000",
        "--renew --hmac HMAC --renew-time-period -1",
        "--expire --hmac HMAC --expiry-time-period 3600000",
        "--renew --hmac bm90aGluZw== --renew-time-period -1",
        "--create --renew",
        "--create",
        "--renew --hmac x",
        "--expire --expiry-time-period 1",
        "--describe --hmac x",
        "--renew --hmac x --renew-time-period 1 --owner-principal User:a",
        "--create --max-life-time-period 1 --renewer-principal a",
        "--create --max-life-time-period -1 --renewer-principal Group:a",
        "--create --max-life-time-period -1 --owner-principal User:bob",
        "--create --max-life-time-period 60000 --renewer-principal User:bob --renewer-principal User:carol",
        "--expire --hmac HMAC --expiry-time-period -1",
        "--expire --hmac HMAC --expiry-time-period -1",
    ] {
        both(alice("PLAIN"), line)?;
    }
    both(BOB, "--renew --hmac HMAC --renew-time-period -1")?;
    both(BOB, "--describe --owner-principal User:alice")
}

/// Has this broker's controller make a token, which logs in at every broker of the cluster soon.
pub(super) fn made_and_used(broker: &Broker, cluster: &Cluster) -> Result<()> {
    let run = |tool: Tool, address: String, login: &str, words: &[&str]| {
        let text = format!("security.protocol=SASL_PLAINTEXT\n{login}\n");
        let path = broker.folder().join("login.properties");
        std::fs::write(&path, text)?;
        let file = path.display().to_string();
        tool.shim()?.args(["--bootstrap-server", &address, "--command-config", &file]).args(words).run()
    };
    let plain = format!(
        "sasl.mechanism=PLAIN\nsasl.jaas.config={} required username=\"node\" password=\"node-secret\";",
        module("PLAIN")
    );
    let words = ["--create", "--max-life-time-period", "-1"];
    let said = run(DELEGATION, broker.ssl_address().to_string(), &plain, &words)?;
    ensure!(said.code == Some(0), "{}{}", said.stdout, said.stderr);
    let words: Vec<_> = said.stdout.lines().last().unwrap_or_default().split_whitespace().collect();
    let login = format!(
        "sasl.mechanism=SCRAM-SHA-256\nsasl.jaas.config={} required username=\"{}\" password=\"{}\" tokenauth=\"true\";",
        module("SCRAM-SHA-256"),
        words[0],
        words[1]
    );
    let deadline = Deadline::after(std::time::Duration::from_secs(20));
    for other in cluster.brokers() {
        while run(Tool::Topics, other.ssl_address().to_string(), &login, &["--list"])?.code != Some(0) {
            ensure!(deadline.left().is_some(), "the token does not log in");
        }
    }
    Ok(())
}
