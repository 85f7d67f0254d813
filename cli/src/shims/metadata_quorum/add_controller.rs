//! A controller to be, as its own properties file and its metadata directory tell it.

use std::{collections::BTreeMap, fmt, path::Path};

use anyhow::{Context as _, Result, bail};
use broker_client::admin::quorum::VoterEndpoint;
use broker_config::{Listener, SecurityProtocol};
use broker_types::{BrokerId, DirectoryId};

/// Whom to give a vote.
#[derive(Debug)]
pub(super) struct Controller {
    pub(super) id: BrokerId,
    pub(super) directory: DirectoryId,
    pub(super) endpoints: Vec<VoterEndpoint>,
}

impl Controller {
    pub(super) fn read(properties: &BTreeMap<String, String>) -> Result<Self> {
        let id = id(properties)?;
        let directory = directory_id(metadata_directory(properties)?)?;
        Ok(Self { id, directory, endpoints: endpoints(properties)? })
    }
}

impl fmt::Display for Controller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = |endpoint: &VoterEndpoint| {
            let host = &endpoint.host;
            let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
            format!("{}://{host}:{}", endpoint.listener, endpoint.port)
        };
        let endpoints: Vec<_> = self.endpoints.iter().map(endpoint).collect();
        let (id, directory) = (self.id, self.directory);
        write!(f, "controller {id} with directory id {directory} and endpoints: {}", endpoints.join(", "))
    }
}

fn id(properties: &BTreeMap<String, String>) -> Result<BrokerId> {
    let Some(id) = properties.get("node.id") else {
        bail!("node.id not found in configuration file. Is this a valid controller configuration file?");
    };
    let Ok(raw) = id.trim().parse() else { bail!("For input string: \"{id}\"") };
    let Some(id) = BrokerId::from_wire(raw) else {
        bail!("node.id was negative in configuration file. Is this a valid controller configuration file?");
    };
    if !properties.get("process.roles").is_some_and(|roles| roles.contains("controller")) {
        bail!(
            "process.roles did not contain 'controller' in configuration file. Is this a valid controller \
             configuration file?"
        );
    }
    Ok(id)
}

fn metadata_directory(properties: &BTreeMap<String, String>) -> Result<&str> {
    if let Some(directory) = properties.get("metadata.log.dir") {
        return Ok(directory);
    }
    let first = properties.get("log.dirs").and_then(|dirs| dirs.trim().split(',').next());
    first.context(
        "Neither metadata.log.dir nor log.dirs were found. Is this a valid controller configuration file?",
    )
}

fn directory_id(directory: &str) -> Result<DirectoryId> {
    let file = Path::new(directory).join("meta.properties");
    let Ok(text) = std::fs::read_to_string(file) else {
        bail!("Unable to read meta.properties from {directory}");
    };
    let id = broker_config::properties::parse(&text)?.get("directory.id").and_then(|id| id.parse().ok());
    id.and_then(DirectoryId::from_wire).with_context(|| format!("No directory id found in {directory}"))
}

/// Where its listeners for controllers are: advertised, or else as it listens.
fn endpoints(properties: &BTreeMap<String, String>) -> Result<Vec<VoterEndpoint>> {
    let mut listeners = BTreeMap::new();
    for key in ["listeners", "advertised.listeners"] {
        let list = properties.get(key).map(String::as_str).unwrap_or_default();
        for text in list.split(',').filter(|text| !text.trim().is_empty()) {
            let name = text.split("://").next().unwrap_or_default().trim().to_ascii_uppercase();
            let listener = Listener::parse(text, &[(name, SecurityProtocol::Plaintext)].into())?;
            listeners.insert(listener.name.clone(), listener);
        }
    }
    let Some(names) = properties.get("controller.listener.names") else {
        bail!("controller.listener.names was not found. Is this a valid controller configuration file?");
    };
    let endpoint = |name: &str| {
        let name = name.trim().to_ascii_uppercase();
        let Some(listener) = listeners.get(&name) else {
            bail!("Cannot find information about controller listener name: {name}");
        };
        let host = listener.host.clone().unwrap_or_else(|| "localhost".to_owned());
        Ok(VoterEndpoint { listener: name, host, port: listener.port })
    };
    names.split(',').map(endpoint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(folder: &Path, text: &str) -> BTreeMap<String, String> {
        let dirs = format!("\nlog.dirs={},/elsewhere", folder.display());
        broker_config::properties::parse(&(text.to_owned() + &dirs)).unwrap()
    }

    fn said(folder: &Path, text: &str) -> String {
        match Controller::read(&properties(folder, text)) {
            Ok(controller) => controller.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_controller_is_told_by_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let whole = "node.id=3\nprocess.roles=broker,controller\nlisteners=PLAINTEXT://:9092,CONTROLLER://:9093\n\
                     controller.listener.names=CONTROLLER";
        let unread = format!("Unable to read meta.properties from {}", folder.path().display());
        assert_eq!(said(folder.path(), whole), unread);
        std::fs::write(folder.path().join("meta.properties"), "version=1\n").unwrap();
        let nameless = format!("No directory id found in {}", folder.path().display());
        assert_eq!(said(folder.path(), whole), nameless);
        std::fs::write(folder.path().join("meta.properties"), "directory.id=AQEBAQEBAQEBAQEBAQEBAQ\n")
            .unwrap();
        assert_eq!(
            said(folder.path(), whole),
            "controller 3 with directory id AQEBAQEBAQEBAQEBAQEBAQ and endpoints: CONTROLLER://localhost:9093"
        );
        let advertised = format!("{whole}\nadvertised.listeners=CONTROLLER://[::1]:19093");
        assert!(said(folder.path(), &advertised).ends_with("and endpoints: CONTROLLER://[::1]:19093"));
    }

    #[test]
    fn what_is_no_controller_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let asked = "Is this a valid controller configuration file?";
        let refused = |text: &str, reason: &str| {
            assert_eq!(said(folder.path(), text), format!("{reason} {asked}"), "{text}");
        };
        refused("", "node.id not found in configuration file.");
        refused("node.id=-1", "node.id was negative in configuration file.");
        refused(
            "node.id=1\nprocess.roles=broker",
            "process.roles did not contain 'controller' in configuration file.",
        );
    }
}
