//! Keys and tokens from servers over HTTPS, whose authority the JAAS lines name.

use anyhow::{Result, ensure};
use serde_json::json;
use tests_compat::{
    Asked, Authority, Cluster, Issuer, Kind, Provider, Stores, Tool, java_program_allowing, key_document,
};

use super::{MODULE, claims, list, of_nodes, properties, start};

/// Gives the keys, and tokens to whoever asks.
struct Encrypting {
    provider: Provider,
    /// Options of JAAS lines by which it is believed.
    trust: String,
    /// By which somebody else is.
    other_trust: String,
    _stores: Stores,
}

impl Encrypting {
    fn start() -> Result<Self> {
        let (authority, other, stores) = (Authority::new("idp")?, Authority::new("other")?, Stores::new()?);
        let trust = |name: &str, authority: &Authority| -> Result<String> {
            let file = stores.write(name, authority.pem())?;
            Ok(format!("ssl.truststore.type=\"PEM\" ssl.truststore.location=\"{}\"", file.display()))
        };
        let (trust, other_trust) = (trust("idp.pem", &authority)?, trust("other.pem", &other)?);
        let issuer = Issuer::new("one")?;
        let (keys, token) = (key_document(&[&issuer]), issuer.token(&claims())?);
        let answer = move |asked: &Asked| match asked.line.split(' ').nth(1) {
            Some("/keys") => (200, keys.clone()),
            Some("/token") => (200, json!({ "access_token": token }).to_string()),
            _ => (404, String::new()),
        };
        let provider = Provider::start_encrypted(&authority.issue("idp")?, answer)?;
        Ok(Self { provider, trust, other_trust, _stores: stores })
    }

    /// The JAAS line of whoever asks for keys or tokens.
    fn line(&self) -> String {
        format!("{MODULE} required clientId=\"me\" clientSecret=\"secret\" {};", self.trust)
    }
}

#[test]
fn keys_and_tokens_come_over_https() -> Result<()> {
    let idp = Encrypting::start()?;
    let line = ("listener.name.sasl.oauthbearer.sasl.jaas.config", &*idp.line());
    let setting = start(&idp.provider.url("/keys"), &[line])?;
    setting.broker.create_topic("shared", 1, &[])?;
    let place = idp.provider.url("/token");
    let credentials = "clientId=\"me\" clientSecret=\"secret\"";
    let good = properties(&setting, "good", &place, &format!("{credentials} {}", idp.trust))?;
    let said =
        java_program_allowing(&place, "Secured.java")?.args(["shared".into(), good.clone()]).stdout()?;
    ensure!(said.trim() == "read 500", "{said}");
    let listed = list(&good, &setting)?;
    ensure!(listed.stdout.contains("shared"), "{}{}", listed.stdout, listed.stderr);
    // Whom nothing says to believe is not asked for a token.
    for (name, trust) in [("other", &*idp.other_trust), ("nobody", "")] {
        let bad = properties(&setting, name, &place, &format!("{credentials} {trust}"))?;
        let said = list(&bad, &setting)?;
        ensure!(said.code == Some(1) && !said.stdout.contains("shared"), "{name}: {}", said.stdout);
    }
    let tokens = idp.provider.asked().into_iter().filter(|asked| asked.line.contains("/token")).count();
    ensure!(tokens > 1, "{tokens}");
    Ok(())
}

/// Brokers and controllers that ask for the tokens by which they log in to each other.
#[test]
fn nodes_log_in_by_tokens_that_come_over_https() -> Result<()> {
    let idp = Encrypting::start()?;
    let (keys, token) = (idp.provider.url("/keys"), idp.provider.url("/token"));
    let kinds = [Kind::under_test()?; 2];
    let cluster = Cluster::start_with(&kinds, |spec| of_nodes(spec, &keys, &token, &idp.line()))?;
    let brokers: Vec<_> = cluster.brokers().collect();
    let words = ["--create", "--topic", "shared", "--partitions", "2", "--replication-factor", "2"];
    brokers[1].tool(Tool::Topics, &words)?;
    Ok(())
}
