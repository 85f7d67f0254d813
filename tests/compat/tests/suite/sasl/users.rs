//! Users that come, go and change, and what they may do.

use anyhow::{Result, ensure};
use tests_compat::{SaslProtocol, Tool};

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
