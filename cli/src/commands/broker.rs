//! `klamm broker`: one broker (and controller) from Kafka's own properties file.

use std::{
    collections::BTreeMap,
    io::Read as _,
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use broker_server::{Bootstrapping, InitialControllers, Loggers, Start};
use broker_types::ClusterId;
use clap::Args;

/// Runs until SIGTERM or SIGINT, then drains and stops.
#[derive(Args)]
pub(crate) struct Broker {
    /// Kafka's server.properties
    properties: PathBuf,
    /// Set or replace one property
    #[arg(long = "override", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Also drain and stop at the end of standard input: when the parent that holds it is gone
    #[arg(long, hide = true)]
    stop_with_stdin: bool,
}

impl Broker {
    pub(crate) fn run(self) -> Result<()> {
        let loggers = crate::logging::start();
        if self.stop_with_stdin {
            stop_with_stdin()?;
        }
        run(&self.properties, &self.overrides, loggers)
    }
}

/// Runs a broker from a file and overrides, in this order.
pub(crate) fn run(file: &Path, overrides: &[String], loggers: Loggers) -> Result<()> {
    let mut properties = read_properties(file, overrides)?;
    let mut patience = Patience(LOOKS);
    for (variable, read) in TOLD {
        if let Some(file) = std::env::var_os(variable) {
            read(Path::new(&file), &mut patience, &mut properties);
        }
    }
    broker_server::run_until_stopped(Start {
        properties,
        cluster_id: std::env::var("KLAMM_CLUSTER_ID").ok().map(|id| ClusterId::new(&id)),
        bootstrapping: bootstrapping()?,
        loggers,
    })?;
    Ok(())
}

/// The entries of a properties file with overrides laid over them.
pub(crate) fn read_properties(file: &Path, overrides: &[String]) -> Result<BTreeMap<String, String>> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
    let mut properties = broker_config::properties::parse(&text).with_context(|| shown.to_string())?;
    for entry in overrides {
        let Some((key, value)) = entry.split_once('=') else { bail!("--override {entry}: not KEY=VALUE") };
        properties.insert(key.trim().to_owned(), value.to_owned());
    }
    Ok(properties)
}

/// What a broker is told by files that somebody writes after the process began: in Kubernetes a pod learns what follows from
/// its place only when it has one.
const TOLD: [(&str, Take); 2] = [("KLAMM_RACK_FILE", read_rack), ("KLAMM_ADVERTISED_FILE", read_advertised)];

type Take = fn(&Path, &mut Patience, &mut BTreeMap<String, String>);

/// How often a broker looks for all that it is told, every [`PAUSE`]: for half a minute. One that starts without is a
/// broker all the same.
const LOOKS: u32 = 600;
/// The pause before the file is looked at again.
const PAUSE: Duration = Duration::from_millis(50);
/// What the file says of a machine that is in no rack.
const NO_RACK: &str = "-";

/// How often a broker will look again.
struct Patience(u32);

impl Patience {
    /// What a file says as soon as it says something.
    fn told(&mut self, file: &Path) -> Option<String> {
        loop {
            let told = std::fs::read_to_string(file).unwrap_or_default().trim().to_owned();
            if !told.is_empty() {
                return Some(told);
            }
            self.0 = self.0.checked_sub(1)?;
            sleep(PAUSE);
        }
    }

    /// The same, or what another file says by now.
    fn told_or_last(&mut self, file: &Path, last: Option<&Path>) -> Option<String> {
        self.told(file).or_else(|| Self(0).told(last?))
    }
}

fn read_rack(file: &Path, patience: &mut Patience, properties: &mut BTreeMap<String, String>) {
    match patience.told(file).as_deref() {
        Some(NO_RACK) => {}
        Some(rack) => drop(properties.insert("broker.rack".to_owned(), rack.to_owned())),
        None => {
            tracing::warn!(file = %file.display(), "nobody told this broker its rack: it starts without one");
        }
    }
}

/// Where clients reach this broker, instead of what it says of that itself. Who is told nothing goes by what it was told
/// last.
fn read_advertised(file: &Path, patience: &mut Patience, properties: &mut BTreeMap<String, String>) {
    let last = std::env::var_os("KLAMM_ADVERTISED_LAST_FILE").map(PathBuf::from);
    match patience.told_or_last(file, last.as_deref()) {
        Some(listeners) => drop(properties.insert("advertised.listeners".to_owned(), listeners)),
        None => {
            let file = file.display();
            tracing::warn!(%file, "nobody told this broker where clients reach it: it names itself as its settings say");
        }
    }
}

/// Whether this node may write the first voter set. Only those that are told so: a node with an emptied volume
/// must not vote from nothing.
fn bootstrapping() -> Result<Bootstrapping> {
    match std::env::var("KLAMM_BOOTSTRAP").as_deref() {
        Ok("standalone") => Ok(Bootstrapping::Standalone),
        Ok("" | "none") | Err(_) => Ok(Bootstrapping::None),
        Ok("initial") => initial_controllers(),
        Ok(other) => bail!("KLAMM_BOOTSTRAP={other}: it is 'standalone', 'initial' or not set"),
    }
}

/// The first voters, as long as this node's own turn to write them stands: `KLAMM_BOOTSTRAP_NODES` names the nodes that
/// have not begun yet.
fn initial_controllers() -> Result<Bootstrapping> {
    let node = std::env::var("NODE_ID").context("KLAMM_BOOTSTRAP=initial needs NODE_ID")?;
    let pending = std::env::var("KLAMM_BOOTSTRAP_NODES").unwrap_or_default();
    if pending.split(',').all(|one| one.trim() != node) {
        return Ok(Bootstrapping::None);
    }
    let all = std::env::var("KLAMM_INITIAL_CONTROLLERS").unwrap_or_default();
    let all = InitialControllers::parse(&all).context("KLAMM_INITIAL_CONTROLLERS")?;
    Ok(Bootstrapping::Initial(all))
}

/// Sends this process SIGTERM when standard input ends.
fn stop_with_stdin() -> Result<()> {
    let wait = || {
        let mut nothing = [0; 64];
        while matches!(std::io::stdin().read(&mut nothing), Ok(1..)) {}
        tracing::info!("the parent is gone");
        let told = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TERM);
        if let Err(error) = told {
            tracing::error!(%error, "cannot stop");
        }
    };
    std::thread::Builder::new().name("stdin".to_owned()).spawn(wait)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rack_is_what_the_file_says_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("zone");
        let read = || {
            let mut properties = BTreeMap::new();
            read_rack(&file, &mut Patience(1), &mut properties);
            properties.remove("broker.rack")
        };
        assert_eq!(read(), None, "nobody said so in time");
        std::fs::write(&file, "-").unwrap();
        assert_eq!(read(), None, "it is in none");
        std::fs::write(&file, "a\n").unwrap();
        assert_eq!(read().as_deref(), Some("a"));
    }

    #[test]
    fn where_clients_reach_it_is_what_the_file_says_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("advertised-listeners");
        let (mut patience, mut properties) = (Patience(2), BTreeMap::new());
        let key = "advertised.listeners";
        properties.insert(key.to_owned(), "EXT://inside:9094".to_owned());
        read_advertised(&file, &mut patience, &mut properties);
        assert_eq!(properties[key], "EXT://inside:9094", "nobody said so in time");
        assert_eq!(patience.0, 0, "what is read next is not waited for again");
        let last = folder.path().join("last");
        assert_eq!(patience.told_or_last(&file, Some(&last)), None);
        std::fs::write(&last, "EXT://before:443").unwrap();
        assert_eq!(patience.told_or_last(&file, Some(&last)).as_deref(), Some("EXT://before:443"));
        std::fs::write(&file, "EXT://outside:443\n").unwrap();
        read_advertised(&file, &mut patience, &mut properties);
        assert_eq!(properties[key], "EXT://outside:443");
    }

    #[test]
    fn overrides_beat_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("server.properties");
        std::fs::write(&file, "node.id=1\nlog.dirs=/a\n").unwrap();
        let overrides = ["node.id=2".to_owned(), "x=a=b".to_owned()];
        let properties = read_properties(&file, &overrides).unwrap();
        assert_eq!((properties["node.id"].as_str(), properties["log.dirs"].as_str()), ("2", "/a"));
        assert_eq!(properties["x"], "a=b");
        assert!(read_properties(&file, &["x".to_owned()]).is_err());
        assert!(read_properties(&folder.path().join("no"), &[]).is_err());
    }
}
