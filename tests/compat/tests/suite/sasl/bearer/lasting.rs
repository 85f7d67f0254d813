//! Sessions that end with their tokens, and are renewed by the next ones (KIP-368).

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tests_compat::{Issuer, Provider, Tool, key_document, seconds_from_now};

use super::{claims, properties, start};

/// How long a token lasts.
const LASTS_SECONDS: i64 = 4;

/// Records are sent for longer than a token lasts, over one connection: nobody notices that it ends.
#[test]
fn java_goes_on_when_its_token_ends() -> Result<()> {
    let issuer = Issuer::new("one")?;
    let document = key_document(&[&issuer]);
    let provider = Provider::start(move |asked| match asked.line.split(' ').nth(1) {
        Some("/keys") => (200, document.clone()),
        _ => {
            let mut claims = claims();
            claims["iat"] = json!(seconds_from_now(0));
            claims["exp"] = json!(seconds_from_now(LASTS_SECONDS));
            match issuer.token(&claims) {
                Ok(token) => (200, json!({ "access_token": token }).to_string()),
                Err(_) => (500, String::new()),
            }
        }
    })?;
    let setting = start(&provider.url("/keys"), &[("connections.max.reauth.ms", "60000")])?;
    setting.broker.create_topic("long", 1, &[])?;
    let place = provider.url("/token");
    let path = properties(&setting, "long", &place, "clientId=\"me\" clientSecret=\"secret\"")?;
    // Otherwise a token is asked for once a minute at most.
    let text = std::fs::read_to_string(&path)?;
    let soon = "sasl.login.refresh.min.period.seconds=0\nsasl.login.refresh.buffer.seconds=0\n";
    std::fs::write(&path, format!("{text}{soon}sasl.login.refresh.window.factor=0.5\n"))?;
    let words = ["--topic", "long", "--num-records", "1200", "--record-size", "10", "--throughput", "100"];
    let common =
        ["--bootstrap-server", &setting.address(), "--command-config", path.to_str().context("text")?];
    let sent = Tool::ProducerPerformance.program_allowing(&place, &common)?.args(words).run()?;
    let said = format!("{}{}", sent.stdout, sent.stderr);
    let is_quiet = !said.contains("WARN org.apache.kafka.clients")
        && !said.contains("ERROR")
        && !said.contains("Exception");
    ensure!(sent.code == Some(0) && said.contains("1200 records sent") && is_quiet, "{said}");
    let tokens = provider.asked().iter().filter(|asked| asked.line.contains("/token")).count();
    ensure!(tokens >= 3, "{tokens} tokens were asked for");
    Ok(())
}
