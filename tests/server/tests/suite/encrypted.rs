//! A cluster whose nodes speak SSL with each other, and certificates that are replaced while it is used.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests_compat::{
    Authority, Broker, Cluster, Connection, Deadline, Encrypted, Kind, Output, Spec, Stores, Tool, free_port,
    page, pause,
};

use crate::load::{Load, PROGRESS_LIMIT, SYNC_LIMIT, TOPIC};
use crate::shape::{Victim, quick};

/// New certificates are taken up within seconds.
const TAKEN_UP_LIMIT: Duration = Duration::from_secs(30);

/// Nodes that all have the certificate in one file, and the stores of clients.
struct Setting {
    stores: Stores,
    trusted: PathBuf,
    keys: PathBuf,
}

impl Setting {
    fn new(authority: &Authority) -> Result<Self> {
        let stores = Stores::new()?;
        let trusted = stores.write("trust.pem", authority.pem())?;
        let keys = stores.write("node.pem", authority.issue("node")?.pem())?;
        Ok(Self { stores, trusted, keys })
    }

    /// A node that asks every other one for its certificate.
    fn spec(&self, encrypted: Encrypted) -> Result<Spec> {
        Ok(quick(Spec::new(Kind::under_test()?))
            .ssl(encrypted)
            .set("ssl.keystore.type", "PEM")
            .set("ssl.keystore.location", &self.keys.display().to_string())
            .set("ssl.truststore.type", "PEM")
            .set("ssl.truststore.location", &self.trusted.display().to_string())
            .set("ssl.client.auth", "required"))
    }

    fn start(&self) -> Result<Cluster> {
        Cluster::start_specs(vec![self.spec(Encrypted::Nodes)?; 3])
    }

    /// Lists topics over SSL by a tool that trusts `authority` and has a certificate of it.
    fn list(&self, broker: &Broker, authority: &Authority) -> Result<Output> {
        let properties = self.stores.client("client", authority, Some(&authority.issue("client")?))?;
        let (address, properties) = (broker.ssl_address().to_string(), properties.display().to_string());
        let words = ["--bootstrap-server", &address, "--command-config", &properties, "--list"];
        Tool::Topics.shim()?.args(words).run()
    }

    /// Waits until a broker's new connections have the certificate of `authority`.
    fn wait_until_taken_up(&self, broker: &Broker, authority: &Authority) -> Result<()> {
        let deadline = Deadline::after(TAKEN_UP_LIMIT);
        loop {
            let listed = self.list(broker, authority)?;
            if listed.code == Some(0) {
                return Ok(());
            }
            ensure!(deadline.left().is_some(), "{}{}", listed.stdout, listed.stderr);
            pause(Duration::from_millis(100));
        }
    }
}

#[test]
fn nodes_that_encrypt_replicate_and_outlive_a_loss() -> Result<()> {
    let authority = Authority::new("authority")?;
    let setting = Setting::new(&authority)?;
    let mut cluster = setting.start()?;
    let load = Load::start(&cluster)?;
    load.progress(100, PROGRESS_LIMIT)?;
    let id = Victim::Leader.nodes(&cluster)?[0];
    cluster.node(id).kill()?;
    load.progress(100, PROGRESS_LIMIT).with_context(|| format!("without {id}"))?;
    cluster.launch()?;
    cluster.wait_until_in_sync(&[TOPIC.to_owned()], SYNC_LIMIT)?;
    load.finish(&cluster)?;
    // What nodes say to each other is encrypted: who speaks in plain to the controllers' listener hears nothing.
    let mut plain = Connection::open(cluster.nodes()[0].controller_address(), TAKEN_UP_LIMIT)?;
    plain.send(&tests_compat::request(18, 0, 1, 1, &[]))?;
    ensure!(plain.receive().ok().flatten().is_none(), "a controller answered in plain");
    let listed = setting.list(&cluster.nodes()[1], &authority)?;
    ensure!(listed.stdout.contains(TOPIC), "{}{}", listed.stdout, listed.stderr);
    Ok(())
}

/// The authority itself is replaced, as it is done without a moment in which somebody is not believed: all trust both, then
/// all have certificates of the new one, then the old one goes. A node is lost meanwhile, so that connections are made anew.
#[test]
fn no_record_fails_while_certificates_and_their_authority_are_replaced() -> Result<()> {
    let (old, new) = (Authority::new("old")?, Authority::new("new")?);
    let setting = Setting::new(&old)?;
    let mut cluster = setting.start()?;
    let load = Load::start(&cluster)?;
    load.progress(100, PROGRESS_LIMIT)?;
    setting.stores.write("trust.pem", format!("{}{}", old.pem(), new.pem()))?;
    let both_trusted = |cluster: &Cluster| -> Result<()> {
        // A client of the new authority gets in as soon as it is trusted; that it trusts the old one shows nothing new.
        let issued = new.issue("client")?;
        let properties = setting.stores.client("early", &old, Some(&issued))?.display().to_string();
        let deadline = Deadline::after(TAKEN_UP_LIMIT);
        for node in cluster.nodes() {
            let address = node.ssl_address().to_string();
            let words = ["--bootstrap-server", &address, "--command-config", &properties, "--list"];
            while Tool::Topics.shim()?.args(words).run()?.code != Some(0) {
                ensure!(deadline.left().is_some(), "node {} does not trust the new authority", node.id());
                pause(Duration::from_millis(100));
            }
        }
        Ok(())
    };
    both_trusted(&cluster)?;
    load.progress(100, PROGRESS_LIMIT)?;
    setting.stores.write("node.pem", new.issue("node")?.pem())?;
    for node in cluster.nodes() {
        setting.wait_until_taken_up(node, &new)?;
    }
    load.progress(100, PROGRESS_LIMIT)?;
    setting.stores.write("trust.pem", new.pem())?;
    let id = Victim::Leader.nodes(&cluster)?[0];
    cluster.node(id).kill()?;
    load.progress(100, PROGRESS_LIMIT).with_context(|| format!("without {id}"))?;
    cluster.launch()?;
    cluster.wait_until_in_sync(&[TOPIC.to_owned()], SYNC_LIMIT)?;
    load.finish(&cluster)
}

/// Who produces over SSL goes on over its connection, and what cannot be used changes nothing.
#[test]
fn who_is_connected_goes_on_and_a_broken_certificate_changes_nothing() -> Result<()> {
    let (old, new) = (Authority::new("old")?, Authority::new("new")?);
    let setting = Setting::new(&old)?;
    let broker = setting.spec(Encrypted::Clients)?.set("ssl.client.auth", "none").start()?;
    broker.create_topic("going", 1, &[])?;
    let properties = setting.stores.client("producer", &old, None)?.display().to_string();
    let (address, log) = (broker.ssl_address().to_string(), setting.stores.path().join("producer.log"));
    let words = ["--bootstrap-server", &address, "--topic", "going", "--command-config", &properties];
    let words = [&words[..], &["--throughput", "200"]].concat();
    let mut producer = Tool::VerifiableProducer.start_shim(&words, &log)?;
    let acknowledged =
        || Ok::<_, anyhow::Error>(std::fs::read_to_string(&log)?.matches("producer_send_success").count());
    let progress = || -> Result<()> {
        let (deadline, goal) = (Deadline::after(PROGRESS_LIMIT), acknowledged()? + 200);
        while acknowledged()? < goal {
            ensure!(deadline.left().is_some(), "no progress: {}", std::fs::read_to_string(&log)?);
            pause(Duration::from_millis(10));
        }
        Ok(())
    };
    progress()?;
    let in_use = || -> Result<(String, String)> {
        let (status, text) = page(broker.admin_port(), "/metrics")?;
        ensure!(status == 200, "{status}: {text}");
        let line = |start: &str| text.lines().find(|line| line.starts_with(start)).map(str::to_owned);
        let ends = line("klamm_tls_certificate_not_after_seconds{listener=\"SSL\"} ").context("no end")?;
        Ok((line("klamm_tls_material{keystore=\"").context("no digests")?, ends))
    };
    let before = in_use()?;
    ensure!(before.0.contains("listener=\"SSL\"") && before.0.ends_with("} 1"), "{before:?}");
    setting.stores.write("node.pem", "-----BEGIN CERTIFICATE-----\nbroken\n")?;
    let deadline = Deadline::after(TAKEN_UP_LIMIT);
    while !broker.last_lines().contains("new keys or certificates are refused; the old ones stay") {
        ensure!(deadline.left().is_some(), "{}", broker.last_lines());
        pause(Duration::from_millis(20));
    }
    let listed = setting.list(&broker, &old)?;
    ensure!(listed.code == Some(0), "{}", listed.stderr);
    ensure!(in_use()? == before, "what is refused is not in use");
    setting.stores.write("node.pem", new.issue("node")?.pem())?;
    setting.wait_until_taken_up(&broker, &new)?;
    ensure!(in_use()?.0 != before.0, "other keys have another digest");
    progress()?;
    let said = std::fs::read_to_string(&log)?;
    ensure!(!said.contains("producer_send_error"), "{said}");
    producer.terminate()?;
    producer.wait(PROGRESS_LIMIT)?.context("the producer does not end")?;
    Ok(())
}

/// A dynamic config is another way to new certificates; what it names is checked before it is accepted.
#[test]
fn dynamic_configs_replace_certificates_and_are_checked() -> Result<()> {
    let (old, new) = (Authority::new("old")?, Authority::new("new")?);
    let setting = Setting::new(&old)?;
    let broker = setting.spec(Encrypted::Clients)?.set("ssl.client.auth", "none").start()?;
    let alter = |key: &str, value: &str| -> Result<Output> {
        let (address, set) = (broker.bootstrap(), format!("listener.name.ssl.{key}={value}"));
        let words =
            ["--bootstrap-server", &address, "--alter", "--entity-type", "brokers", "--entity-name", "1"];
        Tool::Configs.shim()?.args(words).args(["--add-config", &set]).run()
    };
    let place = |name: &str, text: String| -> Result<String> {
        Ok(setting.stores.write(name, text)?.display().to_string())
    };
    let missing = alter("ssl.keystore.location", "/nowhere/node.pem")?;
    let said = format!("{}{}", missing.stdout, missing.stderr);
    ensure!(
        missing.code == Some(1) && said.contains("SSLFactory failed") && said.contains("/nowhere"),
        "{said}"
    );
    let renamed = place("renamed.pem", new.issue("renamed")?.pem())?;
    let refused = alter("ssl.keystore.location", &renamed)?;
    let said = format!("{}{}", refused.stdout, refused.stderr);
    ensure!(refused.code == Some(1) && said.contains("DistinguishedName does not match"), "{said}");
    let listed = setting.list(&broker, &old)?;
    ensure!(listed.code == Some(0), "{}", listed.stderr);
    let good = place("next.pem", new.issue("node")?.pem())?;
    let altered = alter("ssl.keystore.location", &good)?;
    ensure!(altered.code == Some(0), "{}{}", altered.stdout, altered.stderr);
    setting.wait_until_taken_up(&broker, &new)?;
    // A password that is set is told to nobody.
    let told = broker
        .tool(Tool::Configs, &["--describe", "--entity-type", "brokers", "--entity-name", "1", "--all"])?;
    ensure!(told.contains("listener.name.ssl.ssl.keystore.location"), "{told}");
    ensure!(!told.contains("PRIVATE KEY"), "{told}");
    Ok(())
}

/// From plaintext to SSL on a running cluster, in the three rounds that docs/security.md tells: listen on both, speak the new
/// one, leave the old one.
#[test]
fn a_running_cluster_goes_from_plaintext_to_ssl_and_no_record_fails() -> Result<()> {
    let authority = Authority::new("authority")?;
    let setting = Setting::new(&authority)?;
    let spec = quick(Spec::new(Kind::under_test()?));
    let mut cluster = Cluster::start_specs(vec![spec; 3])?;
    let load = Load::start(&cluster)?;
    load.progress(100, PROGRESS_LIMIT)?;
    let encrypted = (0..3).map(|_| Ok([free_port()?, free_port()?])).collect::<Result<Vec<_>>>()?;
    let of_controllers: Vec<_> = encrypted.iter().map(|[_, port]| format!("127.0.0.1:{port}")).collect();
    let bootstrap = of_controllers.join(",");
    for round in [Round::ListenOnBoth, Round::SpeakTheNew, Round::LeaveTheOld] {
        for id in 1..=3 {
            let lines = setting.migration(round, &cluster.nodes()[id - 1], encrypted[id - 1], &bootstrap);
            let node = cluster.node(id);
            for (key, value) in &lines {
                node.set(key, value)?;
            }
            node.stop()?;
            cluster.launch().with_context(|| format!("{round:?} of node {id}"))?;
            cluster.wait_until_in_sync(&[TOPIC.to_owned()], SYNC_LIMIT)?;
            load.progress(100, PROGRESS_LIMIT).with_context(|| format!("{round:?} of node {id}"))?;
        }
    }
    load.finish(&cluster)?;
    for node in cluster.nodes() {
        let plain = Connection::open(node.controller_address(), TAKEN_UP_LIMIT);
        ensure!(plain.is_err(), "node {} still listens to controllers in plain", node.id());
    }
    Ok(())
}

/// What all nodes do, one after the other, before the next round begins.
#[derive(Clone, Copy, Debug)]
enum Round {
    ListenOnBoth,
    SpeakTheNew,
    LeaveTheOld,
}

impl Setting {
    fn migration(
        &self,
        round: Round,
        node: &Broker,
        [brokers, controllers]: [u16; 2],
        bootstrap: &str,
    ) -> Vec<(&'static str, String)> {
        let (plain, of_controllers) = (node.address(), node.controller_address());
        let both = format!(
            "PLAINTEXT://{plain},SECURE://127.0.0.1:{brokers},CONTROLLER://{of_controllers},\
             SECURECONTROLLER://127.0.0.1:{controllers}"
        );
        // Clients stay with the plain listener for now.
        let one = both.replace(&format!("CONTROLLER://{of_controllers},"), "");
        let protocols = "PLAINTEXT:PLAINTEXT,SECURE:SSL,CONTROLLER:PLAINTEXT,SECURECONTROLLER:SSL".to_owned();
        match round {
            Round::ListenOnBoth => vec![
                ("listeners", both.clone()),
                ("advertised.listeners", both),
                ("listener.security.protocol.map", protocols),
                ("controller.listener.names", "CONTROLLER,SECURECONTROLLER".to_owned()),
                ("ssl.keystore.type", "PEM".to_owned()),
                ("ssl.keystore.location", self.keys.display().to_string()),
                ("ssl.truststore.type", "PEM".to_owned()),
                ("ssl.truststore.location", self.trusted.display().to_string()),
                ("ssl.client.auth", "required".to_owned()),
            ],
            Round::SpeakTheNew => vec![
                ("inter.broker.listener.name", "SECURE".to_owned()),
                ("controller.listener.names", "SECURECONTROLLER,CONTROLLER".to_owned()),
                ("controller.quorum.bootstrap.servers", bootstrap.to_owned()),
            ],
            Round::LeaveTheOld => vec![
                ("controller.listener.names", "SECURECONTROLLER".to_owned()),
                ("listeners", one.clone()),
                ("advertised.listeners", one),
            ],
        }
    }
}

/// Brokers that would not believe each other do not start, and do not become so.
#[test]
fn keys_that_nodes_would_not_believe_are_refused() -> Result<()> {
    let (authority, other) = (Authority::new("authority")?, Authority::new("other")?);
    let setting = Setting::new(&authority)?;
    let foreign = setting.stores.write("foreign.pem", other.pem())?.display().to_string();
    let mut bad = setting.spec(Encrypted::Nodes)?.set("ssl.truststore.location", &foreign).formatted()?;
    bad.spawn()?;
    let ended = bad.wait(TAKEN_UP_LIMIT)?.context("it starts")?;
    ensure!(
        !ended.success() && bad.last_lines().contains("A client SSLEngine created"),
        "{}",
        bad.last_lines()
    );
    let broker = setting.spec(Encrypted::Nodes)?.start()?;
    let client = setting.stores.client("client", &authority, Some(&authority.issue("client")?))?;
    let alter = |set: &str| -> Result<Output> {
        let (address, client) = (broker.ssl_address().to_string(), client.display().to_string());
        let words = ["--bootstrap-server", &address, "--command-config", &client, "--entity-type", "brokers"];
        let more = ["--entity-name", "1", "--alter", "--add-config", set];
        Tool::Configs.shim()?.args(words).args(more).run()
    };
    let refused = alter(&format!("listener.name.ssl.ssl.truststore.location={foreign}"))?;
    let said = format!("{}{}", refused.stdout, refused.stderr);
    ensure!(refused.code == Some(1) && said.contains("A client SSLEngine created"), "{said}");
    // Files that are replaced at once, without a time in which both are believed.
    setting.stores.write("node.pem", other.issue("node")?.pem())?;
    let deadline = Deadline::after(TAKEN_UP_LIMIT);
    while !broker.last_lines().contains("new keys or certificates are refused; the old ones stay") {
        ensure!(deadline.left().is_some(), "{}", broker.last_lines());
        pause(Duration::from_millis(20));
    }
    ensure!(setting.list(&broker, &authority)?.code == Some(0));
    Ok(())
}
