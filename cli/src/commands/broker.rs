//! `klamm broker`: one broker (and controller) from Kafka's own properties file.

use std::{collections::BTreeMap, io::Read as _, path::Path, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use broker_server::{Bootstrapping, Loggers, Start};
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
    broker_server::run_until_stopped(Start {
        properties: read_properties(file, overrides)?,
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

/// Whether this node may write the first voter set. Only the one that is told so: a node with an emptied volume
/// must not vote from nothing.
fn bootstrapping() -> Result<Bootstrapping> {
    match std::env::var("KLAMM_BOOTSTRAP").as_deref() {
        Ok("standalone") => Ok(Bootstrapping::Standalone),
        Ok("" | "none") | Err(_) => Ok(Bootstrapping::None),
        Ok(other) => bail!("KLAMM_BOOTSTRAP={other}: it is 'standalone' or not set"),
    }
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
