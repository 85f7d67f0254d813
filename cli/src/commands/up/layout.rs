//! Where a cluster of `klamm up` lives: directories, ports, and the properties file of its broker.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::TcpListener,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow};
use operator_plan::validated::ValidatedCluster;

use crate::manifests::Manifests;

/// Everything is on loopback.
pub(super) const HOST: &str = "127.0.0.1";
const CONTROLLER_PORT: u16 = 9090;
const ADMIN_PORT: u16 = 9644;
/// How far beyond a taken port a free one is looked for.
const PORTS_TRIED: u16 = 1000;
/// Says that the cluster was founded: from then on an emptied directory founds no other one in its place.
const FOUNDED: &str = "founded";

/// A listener for clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listener {
    pub(super) name: String,
    pub(super) port: u16,
}

/// One broker's place on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    cluster: String,
    folder: PathBuf,
    /// What the manifest says, without ports.
    stated: Stated,
    listeners: Vec<Listener>,
    controller_port: u16,
    admin_port: u16,
}

/// What the broker would have to be restarted for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stated {
    node_id: i32,
    volumes: Vec<String>,
    /// Names and wished ports.
    listeners: Vec<(String, u16)>,
    properties: BTreeMap<String, String>,
    warnings: Vec<String>,
}

impl Stated {
    fn read(cluster: &ValidatedCluster) -> Result<Self> {
        let pool = cluster.pools.first().ok_or_else(|| anyhow!("the cluster has no node"))?;
        let node_id = pool.node_ids.first().copied().ok_or_else(|| anyhow!("the cluster has no node"))?;
        let listener = |listener: &operator_api::Listener| {
            let port = u16::try_from(listener.port).with_context(|| format!("port {}", listener.port))?;
            Ok((listener.name.to_uppercase(), port))
        };
        let warnings =
            cluster.warnings.iter().map(|warning| format!("{}: {}", warning.reason, warning.message));
        let encrypted = cluster.listeners.iter().filter(|listener| listener.tls);
        let plain = encrypted.map(|listener| {
            format!("PlainListener: listener {} is not encrypted here and asks nobody who they are: klamm up makes no certificates", listener.name)
        });
        Ok(Self {
            node_id,
            volumes: pool
                .storage
                .volumes
                .iter()
                .map(operator_plan::validated::ValidatedVolume::name)
                .collect(),
            listeners: cluster.listeners.iter().map(listener).collect::<Result<_>>()?,
            properties: cluster.properties.clone(),
            warnings: warnings.chain(plain).collect(),
        })
    }
}

impl Layout {
    /// The place for the cluster of `manifests` under `data`, on ports that are free now.
    pub(super) fn plan(manifests: &Manifests, data: &Path) -> Result<Self> {
        let stated = Stated::read(&manifests.validated()?)?;
        let cluster = manifests.cluster.metadata.name.clone().unwrap_or_default();
        let mut taken = BTreeSet::new();
        let mut listeners = Vec::new();
        for (name, port) in &stated.listeners {
            listeners.push(Listener { name: name.clone(), port: free_port(*port, &mut taken)? });
        }
        Ok(Self {
            folder: data.join(&cluster),
            cluster,
            stated,
            listeners,
            controller_port: free_port(CONTROLLER_PORT, &mut taken)?,
            admin_port: free_port(ADMIN_PORT, &mut taken)?,
        })
    }

    /// Another layout, when `manifests` ask for one.
    pub(super) fn follow(&self, manifests: &Manifests, data: &Path) -> Result<Option<Self>> {
        let name = manifests.cluster.metadata.name.as_deref().unwrap_or_default();
        if name != self.cluster {
            return Err(anyhow!(
                "the KafkaCluster is '{name}' now: stop this one, which is '{}', first",
                self.cluster
            ));
        }
        let stated = Stated::read(&manifests.validated()?)?;
        if stated == self.stated {
            return Ok(None);
        }
        if stated.listeners == self.stated.listeners {
            // The same ports: clients come back by themselves.
            return Ok(Some(Self { stated, ..self.clone() }));
        }
        Self::plan(manifests, data).map(Some)
    }

    pub(super) fn cluster(&self) -> &str {
        &self.cluster
    }

    pub(super) fn warnings(&self) -> &[String] {
        &self.stated.warnings
    }

    pub(super) fn listeners(&self) -> &[Listener] {
        &self.listeners
    }

    /// Where clients start.
    pub(super) fn bootstrap(&self) -> String {
        self.listeners.first().map(|listener| format!("{HOST}:{}", listener.port)).unwrap_or_default()
    }

    /// Where metrics and health are.
    pub(super) fn admin(&self) -> String {
        format!("{HOST}:{}", self.admin_port)
    }

    pub(super) fn log_file(&self) -> PathBuf {
        self.folder.join("broker.log")
    }

    pub(super) fn properties_file(&self) -> PathBuf {
        self.folder.join("server.properties")
    }

    /// Whether the broker may write the first voter set.
    pub(super) fn may_found(&self) -> bool {
        !self.folder.join(FOUNDED).exists()
    }

    /// Remembers that the cluster is there.
    pub(super) fn mark_founded(&self) -> Result<()> {
        let path = self.folder.join(FOUNDED);
        std::fs::write(&path, "").with_context(|| path.display().to_string())
    }

    /// Makes the folder and writes the properties file.
    pub(super) fn write(&self) -> Result<()> {
        std::fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot make {}", self.folder.display()))?;
        let path = self.properties_file();
        std::fs::write(&path, self.properties()?).with_context(|| format!("cannot write {}", path.display()))
    }

    fn properties(&self) -> Result<String> {
        let mut all = self.stated.properties.clone();
        let mut listen: Vec<_> = self
            .listeners
            .iter()
            .map(|listener| format!("{}://{HOST}:{}", listener.name, listener.port))
            .collect();
        let inter_broker = self.listeners.first().map(|listener| listener.name.clone()).unwrap_or_default();
        let names = self.listeners.iter().map(|listener| listener.name.as_str()).chain(["CONTROLPLANE"]);
        let protocols: Vec<_> = names.map(|name| format!("{name}:PLAINTEXT")).collect();
        let advertised = listen.join(",");
        listen.push(format!("CONTROLPLANE://{HOST}:{}", self.controller_port));
        let mut directories = Vec::new();
        for volume in &self.stated.volumes {
            let path = self.folder.join(volume);
            let text = path.to_str().ok_or_else(|| anyhow!("{} is not UTF-8", path.display()))?;
            directories.push(text.to_owned());
        }
        let own = [
            ("process.roles", "broker,controller".to_owned()),
            ("node.id", self.stated.node_id.to_string()),
            ("listeners", listen.join(",")),
            ("advertised.listeners", advertised),
            ("listener.security.protocol.map", protocols.join(",")),
            ("inter.broker.listener.name", inter_broker),
            ("controller.listener.names", "CONTROLPLANE".to_owned()),
            ("controller.quorum.bootstrap.servers", format!("{HOST}:{}", self.controller_port)),
            ("metadata.log.dir", directories.first().cloned().unwrap_or_default()),
            ("log.dirs", directories.join(",")),
            ("klamm.admin.listener", self.admin()),
        ];
        all.extend(own.map(|(key, value)| (key.to_owned(), value)));
        let line = |(key, value): (String, String)| format!("{key}={}\n", value.replace('\\', "\\\\"));
        let lines: String = all.into_iter().map(line).collect();
        Ok(format!("# Written by klamm up from the KafkaCluster; changes here do not stay.\n{lines}"))
    }
}

/// The first free port from `wished` on that is not in `taken`.
fn free_port(wished: u16, taken: &mut BTreeSet<u16>) -> Result<u16> {
    let last = wished.saturating_add(PORTS_TRIED);
    let is_free = |port: &u16| !taken.contains(port) && TcpListener::bind((HOST, *port)).is_ok();
    let found = (wished..=last).find(is_free);
    let port = found.with_context(|| format!("no port from {wished} to {last} is free on {HOST}"))?;
    taken.insert(port);
    Ok(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE_POOL: &str = include_str!("../../../../examples/node-pool.yaml");

    #[test]
    fn a_taken_port_is_passed_over() {
        let holder = TcpListener::bind((HOST, 0)).unwrap();
        let port = holder.local_addr().unwrap().port();
        let mut taken = BTreeSet::new();
        let found = free_port(port, &mut taken).unwrap();
        assert!(found > port);
        assert!(free_port(found, &mut taken).unwrap() > found, "the same port is not given twice");
    }

    #[test]
    fn the_properties_are_those_of_the_manifest_on_loopback() {
        let manifests = Manifests::parse(NODE_POOL).unwrap();
        let layout = Layout::plan(&manifests, Path::new("/data")).unwrap();
        let properties = broker_config::properties::parse(&layout.properties().unwrap()).unwrap();
        assert_eq!(properties["log.dirs"], "/data/sized/data-0,/data/sized/data-1");
        assert_eq!(properties["num.partitions"], "3");
        assert_eq!(properties["advertised.listeners"], format!("PLAIN://{}", layout.bootstrap()));
        assert_eq!(properties["default.replication.factor"], "1");
    }

    #[test]
    fn only_what_concerns_the_broker_starts_it_anew() {
        let data = Path::new("/data");
        let layout = Layout::plan(&Manifests::parse(NODE_POOL).unwrap(), data).unwrap();
        let more_partitions = Manifests::parse(&NODE_POOL.replace("partitions: 6", "partitions: 8")).unwrap();
        assert_eq!(layout.follow(&more_partitions, data).unwrap(), None);
        let other = Manifests::parse(&NODE_POOL.replace("num.partitions: 3", "num.partitions: 4")).unwrap();
        let followed = layout.follow(&other, data).unwrap().unwrap();
        assert_eq!(followed.bootstrap(), layout.bootstrap());
        let renamed = NODE_POOL.replace("sized", "another");
        assert!(layout.follow(&Manifests::parse(&renamed).unwrap(), data).is_err());
    }
}
