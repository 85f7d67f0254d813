//! Users that come, go and change, and what they may do.

use anyhow::{Result, ensure};
use tests_compat::{Output, Program, SaslProtocol, Tool, klamm_binary};

use super::{Login, MECHANISMS, Setting, alice};

/// Apache's own tool sets and deletes passwords; they hold at once.
#[test]
fn a_password_changes_while_the_broker_runs() -> Result<()> {
    let setting = Setting::start(SaslProtocol::Plaintext)?;
    let configs = |words: &[&str]| setting.broker.tool(Tool::Configs, words);
    let bob = ["--entity-type", "users", "--entity-name", "bob"];
    let set = |password: &str| {
        let config = format!("SCRAM-SHA-512=[iterations=8192,password={password}]");
        configs(&[&["--alter", "--add-config", &config], &bob[..]].concat())
    };
    let list = |password: &str| {
        let login = Login { mechanism: "SCRAM-SHA-512", user: "bob", password };
        setting.tool(Tool::Topics, login, &["--list"])
    };
    ensure!(list("one")?.code == Some(1));
    set("one")?;
    ensure!(list("one")?.code == Some(0));
    set("two")?;
    ensure!(list("one")?.code == Some(1) && list("two")?.code == Some(0));
    configs(&[&["--alter", "--delete-config", "SCRAM-SHA-512"], &bob[..]].concat())?;
    ensure!(list("two")?.code == Some(1));
    Ok(())
}

/// Klamm by the name of the script does and says what Apache's does and says.
#[test]
fn klamm_s_script_sets_passwords_as_apache_s() -> Result<()> {
    let setting = Setting::start(SaslProtocol::Plaintext)?;
    let bootstrap = setting.broker.bootstrap();
    let ours = |words: &str| {
        let words = words.split(' ').filter(|word| !word.is_empty());
        Tool::Configs.shim()?.args(["--bootstrap-server", &bootstrap]).args(words).run()
    };
    let both = |words: &str| -> Result<String> {
        let theirs = words.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>();
        let (theirs, ours) = (setting.broker.run_tool(Tool::Configs, &theirs, "")?, ours(words)?);
        // Java's stack traces aside.
        let said = |output: &tests_compat::Output| {
            let errors =
                output.stderr.lines().map(|line| line.rsplit("Exception: ").next().unwrap_or_default());
            let errors =
                errors.filter(|line| !line.starts_with(['\t', ' ']) && !line.starts_with("Error while"));
            (output.code, output.stdout.clone(), errors.take(1).collect::<String>())
        };
        ensure!(said(&theirs) == said(&ours), "{words}: {theirs:?} {ours:?}");
        Ok(ours.stdout)
    };
    let bob = "--entity-type users --entity-name bob";
    both(&format!("--alter {bob} --add-config SCRAM-SHA-512=[iterations=8192,password=one]"))?;
    both("--alter --user bob --add-config SCRAM-SHA-512=[password=two]")?;
    let login = Login { mechanism: "SCRAM-SHA-512", user: "bob", password: "two" };
    ensure!(setting.shim(Tool::Topics, login, &["--list"])?.code == Some(0));
    for wrong in [
        "--alter --user bob --add-config SCRAM-SHA-512=[iterations=100,password=x]",
        "--alter --user bob --add-config SCRAM-SHA-512=[iterations=20000,password=x]",
        "--alter --user bob --delete-config SCRAM-SHA-256",
        "--alter --user bob --add-config retention.ms=1",
        "--alter --user-defaults --add-config SCRAM-SHA-512=[password=x]",
        "--alter --entity-type users --add-config SCRAM-SHA-512=[password=x]",
    ] {
        both(wrong)?;
    }
    both("--describe --user bob")?;
    both("--describe --user nobody")?;
    both("--alter --user bob --add-config SCRAM-SHA-512=[password=x],producer_byte_rate=5")?;
    let shown = both("--describe --entity-type users")?;
    let expected = "SCRAM credential configs for user-principal 'alice' are SCRAM-SHA-256=iterations=4096, \
                    SCRAM-SHA-512=iterations=4096\n\
                    SCRAM credential configs for user-principal 'bob' are SCRAM-SHA-512=iterations=4096\n";
    ensure!(shown == expected, "{shown}");
    // Whoever deletes first leaves nothing to the other.
    ensure!(ours("--alter --user bob --delete-config SCRAM-SHA-512")?.code == Some(0));
    both("--alter --user bob --delete-config SCRAM-SHA-512")?;
    Ok(())
}

/// Passwords come from standard input or a file.
#[test]
fn klamm_user_makes_users_that_log_in() -> Result<()> {
    let setting = Setting::start(SaslProtocol::Plaintext)?;
    let bootstrap = setting.broker.bootstrap();
    let user = |words: &[&str], input: &str| {
        let program = Program::new(klamm_binary()?).args(["user", words[0], "--bootstrap", &bootstrap]);
        program.args(&words[1..]).input(input).run()
    };
    let said = |output: Output| format!("{}{}", output.stdout, output.stderr);
    let enters = |mechanism: &'static str, password: &str| -> Result<bool> {
        let login = Login { mechanism, user: "carol", password };
        Ok(setting.shim(Tool::Topics, login, &["--list"])?.code == Some(0))
    };
    let file = setting.broker.folder().join("password");
    std::fs::write(&file, "of a file\n")?;
    let file = file.display().to_string();
    let unknown = user(&["set-password", "carol"], "one\n")?;
    ensure!(
        unknown.code == Some(1) && unknown.stderr.contains("there is no user carol"),
        "{}",
        said(unknown)
    );
    let empty = user(&["create", "carol"], "\n")?;
    ensure!(empty.code == Some(1) && empty.stderr.contains("is empty"), "{}", said(empty));
    let created = user(&["create", "carol"], "one\n")?;
    ensure!(created.stdout == "created user carol\n", "{}", said(created));
    ensure!(enters("SCRAM-SHA-512", "one")? && !enters("SCRAM-SHA-256", "one")?);
    let again = user(&["create", "carol"], "two\n")?;
    ensure!(again.code == Some(1) && again.stderr.contains("is there already"), "{}", said(again));
    let changed = user(&["set-password", "carol", "--password-file", &file, "--iterations", "8192"], "")?;
    ensure!(changed.code == Some(0), "{}", said(changed));
    ensure!(enters("SCRAM-SHA-512", "of a file")? && !enters("SCRAM-SHA-512", "one")?);
    let listed = user(&["list", "carol", "-o", "json"], "")?.stdout;
    let expected = serde_json::json!([{ "user": "carol", "mechanisms": { "SCRAM-SHA-512": 8192 } }]);
    ensure!(serde_json::from_str::<serde_json::Value>(&listed)? == expected, "{listed}");
    let deleted = user(&["delete", "carol"], "")?;
    ensure!(deleted.code == Some(0), "{}", said(deleted));
    ensure!(!enters("SCRAM-SHA-512", "of a file")?);
    Ok(())
}

/// Who logged in is who access control asks about.
#[test]
fn a_user_may_do_what_its_entries_say() -> Result<()> {
    let setting = Setting::start_with(SaslProtocol::Plaintext, |spec| {
        spec.set("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
            .set("super.users", "User:ANONYMOUS")
    })?;
    setting.broker.create_topic("open", 1, &[])?;
    setting.broker.create_topic("closed", 1, &[])?;
    let rule = ["--add", "--allow-principal", "User:alice", "--operation", "Describe", "--topic", "open"];
    setting.broker.tool(Tool::Acls, &rule)?;
    for mechanism in MECHANISMS {
        let listed = setting.tool(Tool::Topics, alice(mechanism), &["--list"])?;
        ensure!(listed.stdout.trim() == "open", "{mechanism}: {}{}", listed.stdout, listed.stderr);
    }
    Ok(())
}
