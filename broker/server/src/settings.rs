//! What this broker was told at its start, in the types that it works with.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use broker_types::BrokerId;

/// One listener: where to bind, and what clients are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListenerSettings {
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// `None`: the bound port, for port 0; else as given.
    pub(crate) advertised: Option<(String, u16)>,
    pub(crate) is_controller: bool,
}

/// Everything read-only.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) node_id: BrokerId,
    pub(crate) rack: Option<String>,
    pub(crate) listeners: Vec<ListenerSettings>,
    pub(crate) log_dirs: Vec<PathBuf>,
    pub(crate) metadata_log_dir: PathBuf,
    pub(crate) recovery_threads: usize,
    pub(crate) admin: Option<SocketAddr>,
    pub(crate) admin_is_explicit: bool,
    pub(crate) auto_create_topics: bool,
    pub(crate) describe_partitions_max: i32,
    pub(crate) fetch_bytes_max: u32,
    pub(crate) metadata_segment_bytes: u32,
    pub(crate) snapshot_bytes: u64,
    pub(crate) snapshot_interval: Option<Duration>,
    pub(crate) retention_check_interval: Duration,
    pub(crate) checkpoint_interval: Duration,
    pub(crate) partitions: i32,
    pub(crate) replication_factor: i16,
    pub(crate) delete_topics: bool,
}

/// What the connection layer reads at every turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) request_bytes_max: u32,
    pub(crate) idle_max: Duration,
    pub(crate) accept_backoff: Duration,
}

/// A property that cannot be used: one line that names it and why.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {reason}")]
pub struct InvalidProperty {
    key: String,
    reason: String,
}

impl InvalidProperty {
    fn new(key: &str, reason: impl Into<String>) -> Self {
        Self { key: key.to_owned(), reason: reason.into() }
    }
}

/// The properties, looked up with their types.
pub(crate) struct Properties<'a>(pub(crate) &'a BTreeMap<String, String>);

impl Properties<'_> {
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    pub(crate) fn parsed<T: FromStr>(&self, key: &str, default: T) -> Result<T, InvalidProperty>
    where
        T::Err: std::fmt::Display,
    {
        self.text(key).map_or(Ok(default), |text| {
            text.parse().map_err(|error: T::Err| InvalidProperty::new(key, format!("'{text}': {error}")))
        })
    }

    pub(crate) fn millis(&self, key: &str, default: u64) -> Result<Duration, InvalidProperty> {
        self.parsed(key, default).map(Duration::from_millis)
    }

    fn list(&self, key: &str) -> Vec<&str> {
        self.text(key).map_or_else(Vec::new, |text| {
            text.split(',').map(str::trim).filter(|one| !one.is_empty()).collect()
        })
    }
}

impl Settings {
    /// Reads the properties.
    pub(crate) fn read(properties: &BTreeMap<String, String>) -> Result<Self, InvalidProperty> {
        let read = Properties(properties);
        if read.text("zookeeper.connect").is_some() {
            return Err(InvalidProperty::new(
                "zookeeper.connect",
                "ZooKeeper is gone since Kafka 4.0: this broker is KRaft only",
            ));
        }
        let node_id: i32 = read.parsed("node.id", read.parsed("broker.id", -1)?)?;
        if node_id < 0 {
            return Err(InvalidProperty::new("node.id", "must be set, and not be negative"));
        }
        let mut log_dirs: Vec<PathBuf> = read.list("log.dirs").into_iter().map(PathBuf::from).collect();
        if log_dirs.is_empty() {
            log_dirs.push(PathBuf::from(read.text("log.dir").unwrap_or("/tmp/kafka-logs")));
        }
        let metadata_log_dir =
            read.text("metadata.log.dir").map_or_else(|| log_dirs[0].clone(), PathBuf::from);
        let snapshot_interval = read.millis("metadata.log.max.snapshot.interval.ms", 3_600_000)?;
        let admin = read.text("klamm.admin.listener");
        let address = admin.unwrap_or("127.0.0.1:9644");
        let admin_address = address
            .parse()
            .map_err(|error| InvalidProperty::new("klamm.admin.listener", format!("'{address}': {error}")));
        Ok(Self {
            node_id: BrokerId::new(node_id),
            rack: read.text("broker.rack").map(str::to_owned),
            listeners: listeners(&read)?,
            metadata_log_dir,
            log_dirs,
            recovery_threads: read.parsed("num.recovery.threads.per.data.dir", 2)?,
            admin: if address == "none" { None } else { Some(admin_address?) },
            admin_is_explicit: admin.is_some(),
            auto_create_topics: read.parsed("auto.create.topics.enable", true)?,
            describe_partitions_max: read.parsed("max.request.partition.size.limit", 2000)?,
            fetch_bytes_max: read.parsed("fetch.max.bytes", 55 * 1024 * 1024)?,
            metadata_segment_bytes: read.parsed("metadata.log.segment.bytes", 1 << 30)?,
            snapshot_bytes: read
                .parsed("metadata.log.max.record.bytes.between.snapshots", 20 * 1024 * 1024)?,
            snapshot_interval: (!snapshot_interval.is_zero()).then_some(snapshot_interval),
            retention_check_interval: read.millis("log.retention.check.interval.ms", 300_000)?,
            checkpoint_interval: read.millis("log.flush.offset.checkpoint.interval.ms", 60_000)?,
            partitions: read.parsed("num.partitions", 1)?,
            replication_factor: read.parsed("default.replication.factor", 1)?,
            delete_topics: read.parsed("delete.topic.enable", true)?,
        })
    }

    /// The connection layer's limits.
    pub(crate) fn limits(properties: &BTreeMap<String, String>) -> Result<Limits, InvalidProperty> {
        let read = Properties(properties);
        Ok(Limits {
            request_bytes_max: read.parsed("socket.request.max.bytes", 100 * 1024 * 1024)?,
            idle_max: read.millis("connections.max.idle.ms", 600_000)?,
            accept_backoff: Duration::from_millis(50),
        })
    }
}

fn listeners(read: &Properties<'_>) -> Result<Vec<ListenerSettings>, InvalidProperty> {
    let controllers = read.list("controller.listener.names");
    let mut advertised = BTreeMap::new();
    for entry in read.list("advertised.listeners") {
        let (name, host, port) = endpoint("advertised.listeners", entry)?;
        advertised.insert(name, (host, port));
    }
    let text = read.text("listeners").unwrap_or("PLAINTEXT://:9092");
    let mut found = Vec::new();
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let (name, host, port) = endpoint("listeners", entry)?;
        let protocol = protocol_of(read, &name);
        if protocol != "PLAINTEXT" {
            let reason = format!("listener {name} wants {protocol}; only PLAINTEXT is built yet");
            return Err(InvalidProperty::new("listener.security.protocol.map", reason));
        }
        found.push(ListenerSettings {
            is_controller: controllers.contains(&name.as_str()),
            advertised: advertised.get(&name).cloned(),
            name,
            host,
            port,
        });
    }
    Ok(found)
}

fn protocol_of(read: &Properties<'_>, listener: &str) -> String {
    let mapped = read.list("listener.security.protocol.map").into_iter().find_map(|entry| {
        let (name, protocol) = entry.split_once(':')?;
        (name.trim() == listener).then(|| protocol.trim().to_owned())
    });
    let same_name = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"].contains(&listener);
    mapped.unwrap_or_else(|| if same_name { listener.to_owned() } else { "PLAINTEXT".to_owned() })
}

fn endpoint(key: &str, text: &str) -> Result<(String, String, u16), InvalidProperty> {
    let refused = || InvalidProperty::new(key, format!("'{text}' is not NAME://host:port"));
    let (name, address) = text.split_once("://").ok_or_else(refused)?;
    let (host, port) = address.rsplit_once(':').ok_or_else(refused)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Ok((name.trim().to_uppercase(), host.to_owned(), port.parse().map_err(|_| refused())?))
}
