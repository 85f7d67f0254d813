//! What this broker was told at its start, in the types that it works with.
//!
//! Kafka's keys are read and checked by `broker_config`; here they are cut to what this broker is built for, and our
//! own keys (`klamm.…`) are added. What is not built is refused with the reason, never passed over in silence.

mod admin;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::PathBuf, str::FromStr, time::Duration};

use broker_config::{BrokerConfig, LagConfig, Listener, Roles, SecurityProtocol};
use broker_raft::Timing;
use broker_types::BrokerId;

use crate::sasl;
pub(crate) use admin::{AdminSettings, LISTENER as ADMIN_LISTENER};

/// Where our own keys begin.
const OWN_PREFIX: &str = "klamm.";
/// Kafka's default for it, 100 KiB, is not applied: a producer is served faster, and cheaper, with a buffer that grows.
/// The default of `socket.send.buffer.bytes` is: a small one keeps what is sent in the processor's caches.
const RECEIVE_BUFFER: &str = "socket.receive.buffer.bytes";
/// How long a leader of the quorum keeps a fetch at most.
const FETCH_WAIT_MAX: Duration = Duration::from_millis(500);
/// Stands for "never" where a time is added to the clock: ten years.
const NEVER: Duration = Duration::from_secs(10 * 365 * 86_400);

/// One listener: where to bind, and what clients are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListenerSettings {
    pub(crate) name: String,
    /// Empty: all addresses.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// What clients are told: an empty host is this machine's name, port 0 the bound one. `None`: they are not told.
    pub(crate) advertised: Option<(String, u16)>,
    pub(crate) is_controller: bool,
    pub(crate) protocol: SecurityProtocol,
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
    pub(crate) admin: AdminSettings,
    pub(crate) lag: LagConfig,
    pub(crate) auto_create_topics: bool,
    pub(crate) describe_partitions_max: i32,
    pub(crate) fetch_bytes_max: u32,
    pub(crate) metadata_segment_bytes: u32,
    pub(crate) snapshot_bytes: u64,
    pub(crate) snapshot_interval: Option<Duration>,
    pub(crate) retention_check_interval: Duration,
    pub(crate) checkpoint_interval: Duration,
    /// Of sockets, in bytes; `None` leaves it to the system.
    pub(crate) receive_buffer: Option<usize>,
    /// As `receive_buffer`.
    pub(crate) send_buffer: Option<usize>,
    /// Everything, as Kafka's keys say it.
    pub(crate) config: BrokerConfig,
}

/// What the connection layer reads at every turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) request_bytes_max: u32,
    pub(crate) idle_max: Duration,
    pub(crate) failed_authentication_delay: Duration,
    pub(crate) accept_backoff: Duration,
}

/// Properties that cannot be used: a line for each, that names it and why.
#[derive(Debug, thiserror::Error)]
#[error("{}", .lines.join("\n"))]
pub struct InvalidProperty {
    lines: Vec<String>,
}

impl InvalidProperty {
    pub(crate) fn new(key: &str, reason: &str) -> Self {
        Self { lines: vec![format!("{key}: {reason}")] }
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
            text.parse().map_err(|error: T::Err| InvalidProperty::new(key, &format!("'{text}': {error}")))
        })
    }
}

impl Settings {
    /// Reads the properties; what is accepted without effect is logged.
    pub(crate) fn read(properties: &BTreeMap<String, String>) -> Result<Self, InvalidProperty> {
        let (own, kafkas): (BTreeMap<_, _>, BTreeMap<_, _>) =
            properties.clone().into_iter().partition(|(key, _)| key.starts_with(OWN_PREFIX));
        let is_known = |key: &str| AdminSettings::is_key(key) || LagConfig::KEYS.contains(&key);
        for key in own.keys().filter(|key| !is_known(key)) {
            tracing::warn!("{key}: unknown, without effect");
        }
        let mut lines = Vec::new();
        let admin = AdminSettings::read(&own).map_err(|error| lines.extend(error.lines));
        let lag =
            LagConfig::read(&own).map_err(|errors| lines.extend(errors.iter().map(ToString::to_string)));
        match BrokerConfig::from_properties(&kafkas) {
            Ok((config, warnings)) => {
                warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
                lines.extend(not_built(&config));
                if let (true, Ok(lag), Ok(admin)) = (lines.is_empty(), lag, admin) {
                    let receive_buffer_is_set = kafkas.contains_key(RECEIVE_BUFFER);
                    let mut settings = Self::new(config, admin, lag);
                    settings.receive_buffer = settings.receive_buffer.filter(|_| receive_buffer_is_set);
                    return Ok(settings);
                }
            }
            Err(errors) => lines.extend(errors.iter().map(ToString::to_string)),
        }
        Err(InvalidProperty { lines })
    }

    fn new(config: BrokerConfig, admin: AdminSettings, lag: LagConfig) -> Self {
        let log_dirs: Vec<PathBuf> = config.log.dirs.iter().map(PathBuf::from).collect();
        let first = log_dirs.first().cloned().unwrap_or_default();
        Self {
            node_id: config.node_id,
            rack: config.rack.clone(),
            listeners: listeners(&config),
            metadata_log_dir: config.metadata_log.dir.as_ref().map_or(first, PathBuf::from),
            log_dirs,
            recovery_threads: config.log.recovery_threads_per_dir,
            admin,
            lag,
            auto_create_topics: config.log.auto_create_topics,
            describe_partitions_max: i32::try_from(config.network.described_partitions_max)
                .unwrap_or(i32::MAX),
            fetch_bytes_max: u32::try_from(config.network.fetch_bytes_max).unwrap_or(u32::MAX),
            metadata_segment_bytes: config.metadata_log.segment_bytes,
            snapshot_bytes: config.metadata_log.snapshot_bytes,
            snapshot_interval: config.metadata_log.snapshot_interval,
            retention_check_interval: config.log.retention_check_interval,
            checkpoint_interval: config.log.recovery_point_interval,
            receive_buffer: bytes(config.network.receive_buffer_bytes),
            send_buffer: bytes(config.network.send_buffer_bytes),
            config,
        }
    }

    /// What this node is.
    pub(crate) fn roles(&self) -> Roles {
        self.config.roles
    }

    /// How long the members of the quorum wait for one another. A leader keeps a fetch for a quarter of the time after
    /// which its followers look for another one, so that an idle quorum stays one.
    pub(crate) fn quorum_timing(&self) -> Timing {
        let quorum = &self.config.quorum;
        Timing {
            election_timeout: quorum.election_timeout,
            fetch_timeout: quorum.fetch_timeout,
            backoff_max: quorum.election_backoff_max,
            request_timeout: quorum.request_timeout,
            retry_backoff: quorum.retry_backoff,
            fetch_wait_max: (quorum.fetch_timeout / 4).min(FETCH_WAIT_MAX),
        }
    }

    /// How many replicas move between log directories at the same time.
    pub(crate) fn moves_max(&self) -> usize {
        self.config.replication.alter_log_dirs_threads.unwrap_or(self.log_dirs.len())
    }

    /// The name of the listener that the members of the quorum use among themselves.
    pub(crate) fn controller_listener(&self) -> &str {
        self.config.network.controller_listener_names.first().map_or("", String::as_str)
    }

    /// The connection layer's limits.
    pub(crate) fn limits(&self) -> Limits {
        let network = &self.config.network;
        Limits {
            request_bytes_max: u32::try_from(network.request_bytes_max).unwrap_or(u32::MAX),
            idle_max: network.connections.idle_max.unwrap_or(NEVER).min(NEVER),
            failed_authentication_delay: network.connections.failed_authentication_delay,
            accept_backoff: Duration::from_millis(50),
        }
    }
}

fn bytes(wanted: Option<u64>) -> Option<usize> {
    wanted.and_then(|bytes| usize::try_from(bytes).ok())
}

/// What Kafka would take and this broker cannot do.
fn not_built(config: &BrokerConfig) -> Vec<String> {
    let errors = [sasl::read(config).err(), sasl::logins(config).err()];
    let mut lines: Vec<_> = errors.into_iter().flatten().map(|error| error.to_string()).collect();
    lines.dedup();
    lines
}

fn listeners(config: &BrokerConfig) -> Vec<ListenerSettings> {
    let network = &config.network;
    let host = |listener: &Listener| listener.host.clone().unwrap_or_default();
    let advertised = |name: &str| {
        let told = network.advertised.iter().find(|listener| listener.name == name)?;
        Some((host(told), told.port))
    };
    let listener = |listener: &Listener| ListenerSettings {
        is_controller: network.controller_listener_names.contains(&listener.name),
        advertised: advertised(&listener.name),
        name: listener.name.clone(),
        protocol: listener.protocol,
        host: host(listener),
        port: listener.port,
    };
    network.listeners.iter().map(listener).collect()
}
