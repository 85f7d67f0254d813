//! Listeners, connections and requests.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::{ConfigError, Roles};
use crate::{Listener, SecurityProtocol, Value, Values};

pub(super) const EARLY_START: &str = "early.start.listeners";

/// Listeners, connections and requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// All listeners.
    pub listeners: Vec<Listener>,
    /// What is advertised; controller listeners included on controllers. A host that is `None` stands for the
    /// machine's own name.
    pub advertised: Vec<Listener>,
    /// Names of controller listeners, upper case, the first one is connected to.
    pub controller_listener_names: Vec<String>,
    /// Names of listeners that open before the authorizer knows its entries (KIP-801); where nothing is said, those of
    /// controllers.
    pub early_start: Vec<String>,
    /// Protocol of each listener name.
    pub protocols: BTreeMap<String, SecurityProtocol>,
    /// Listener that brokers use among each other, upper case.
    pub inter_broker_listener: String,
    /// Limits on connections.
    pub connections: Connections,
    /// Threads that move bytes, for each listener.
    pub network_threads: usize,
    /// Threads that handle requests.
    pub io_threads: usize,
    /// Waiting requests above which no more are read.
    pub queued_requests_max: usize,
    /// Bytes of waiting requests above which no more are read.
    pub queued_request_bytes_max: Option<u64>,
    /// Send buffer of sockets; `None`: the system's.
    pub send_buffer_bytes: Option<u64>,
    /// Receive buffer of sockets; `None`: the system's.
    pub receive_buffer_bytes: Option<u64>,
    /// Largest request.
    pub request_bytes_max: usize,
    /// Connections that may wait to be accepted.
    pub backlog: u32,
    /// When a request of this node counts as failed.
    pub request_timeout: Duration,
    /// First time limit of making a connection.
    pub connection_setup_timeout: Duration,
    /// Longest time limit of making a connection.
    pub connection_setup_timeout_max: Duration,
    /// Most bytes in one fetch's answer.
    pub fetch_bytes_max: usize,
    /// Most fetch sessions.
    pub fetch_sessions_max: usize,
    /// Most partitions in one answer of DescribeTopicPartitions.
    pub described_partitions_max: usize,
}

/// Limits on connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connections {
    /// Of the broker.
    pub max: u32,
    /// New ones a second.
    pub creation_rate_max: u32,
    /// From one address.
    pub per_ip_max: u32,
    /// From these addresses or names instead.
    pub per_ip_overrides: BTreeMap<String, u32>,
    /// Of one listener, by its upper-case name, where it has a limit of its own.
    pub per_listener_max: BTreeMap<String, u32>,
    /// New ones of one listener a second, where it has a limit of its own.
    pub per_listener_creation_rate_max: BTreeMap<String, u32>,
    /// Idle time after which one is closed; `None`: never.
    pub idle_max: Option<Duration>,
    /// Pause before one that failed to authenticate is closed.
    pub failed_authentication_delay: Duration,
}

pub(super) fn network(values: &Values, roles: Roles) -> Result<Network, ConfigError> {
    let controller_listener_names: Vec<String> =
        values.list("controller.listener.names").iter().map(|name| name.to_ascii_uppercase()).collect();
    let protocols = protocols(values, &controller_listener_names)?;
    let listeners = listeners("listeners", values.list("listeners"), &protocols)?;
    let mut advertised =
        self::listeners("advertised.listeners", values.list("advertised.listeners"), &protocols)?;
    let is_advertised = !advertised.is_empty();
    for listener in &listeners {
        let is_controllers = controller_listener_names.contains(&listener.name);
        let is_wanted = if is_controllers { roles.is_controller() } else { !is_advertised };
        if is_wanted && !advertised.iter().any(|known| known.name == listener.name) {
            let mut listener = listener.clone();
            // A controller on all addresses is known by its machine's name.
            if is_controllers && listener.host.as_deref() == Some("0.0.0.0") {
                listener.host = None;
            }
            advertised.push(listener);
        }
    }
    let connections = connections(values, &listeners)?;
    let early_start = match values.is_set(EARLY_START) {
        true => values.list(EARLY_START).to_vec(),
        false => controller_listener_names.clone(),
    };
    Ok(Network {
        inter_broker_listener: inter_broker_listener(values, &protocols)?,
        listeners,
        advertised,
        controller_listener_names,
        early_start,
        protocols,
        connections,
        network_threads: values.count("num.network.threads"),
        io_threads: values.count("num.io.threads"),
        queued_requests_max: values.count("queued.max.requests"),
        queued_request_bytes_max: values.size("queued.max.request.bytes").filter(|bytes| *bytes > 0),
        send_buffer_bytes: values.size("socket.send.buffer.bytes"),
        receive_buffer_bytes: values.size("socket.receive.buffer.bytes"),
        request_bytes_max: values.count("socket.request.max.bytes"),
        backlog: values.count_u32("socket.listen.backlog.size"),
        request_timeout: values.duration("request.timeout.ms"),
        connection_setup_timeout: values.duration("socket.connection.setup.timeout.ms"),
        connection_setup_timeout_max: values.duration("socket.connection.setup.timeout.max.ms"),
        fetch_bytes_max: values.count("fetch.max.bytes"),
        fetch_sessions_max: values.count("max.incremental.fetch.session.cache.slots"),
        described_partitions_max: values.count("max.request.partition.size.limit"),
    })
}

/// The map of protocols. Where none is written and nothing but PLAINTEXT is in use, controller listeners are
/// PLAINTEXT without a word.
fn protocols(
    values: &Values,
    controller_names: &[String],
) -> Result<BTreeMap<String, SecurityProtocol>, ConfigError> {
    const KEY: &str = "listener.security.protocol.map";
    let mut protocols = BTreeMap::new();
    let text = values.text(KEY).unwrap_or_default();
    for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let pair = item.rsplit_once(':').map(|(name, protocol)| (name.trim(), protocol.trim()));
        let refused = |reason| ConfigError::Refused { key: KEY.to_owned(), reason };
        let Some((name, protocol)) = pair else {
            return Err(refused(format!("{item} is not of the form NAME:PROTOCOL")));
        };
        let Some(protocol) = SecurityProtocol::from_name(protocol) else {
            return Err(refused(format!("Invalid security protocol `{protocol}` defined in {KEY}")));
        };
        protocols.insert(name.to_ascii_uppercase(), protocol);
    }
    let is_protected = |name: &str| {
        SecurityProtocol::from_name(name).is_some_and(|protocol| protocol != SecurityProtocol::Plaintext)
    };
    let listener_names =
        values.list("listeners").iter().filter_map(|text| text.split_once("://")).map(|(name, _)| name);
    let is_plain = !listener_names.chain(controller_names.iter().map(String::as_str)).any(is_protected);
    if !values.is_set(KEY) && is_plain {
        for name in controller_names {
            protocols.entry(name.clone()).or_insert(SecurityProtocol::Plaintext);
        }
    }
    Ok(protocols)
}

fn listeners(
    key: &str,
    texts: &[String],
    protocols: &BTreeMap<String, SecurityProtocol>,
) -> Result<Vec<Listener>, ConfigError> {
    let shown = || texts.join(",");
    let refused = |reason: String| {
        let reason = format!("Error creating broker listeners from '{}': {reason}", shown());
        ConfigError::Refused { key: key.to_owned(), reason }
    };
    let mut listeners: Vec<Listener> = Vec::with_capacity(texts.len());
    for text in texts {
        let listener = Listener::parse(text, protocols).map_err(|error| refused(error.to_string()))?;
        if listeners.iter().any(|known| known.name == listener.name) {
            return Err(refused(format!("Each listener must have a different name, listeners: {}", shown())));
        }
        if key == "listeners" && listeners.iter().any(|known| collide(known, &listener)) {
            return Err(refused(format!("Each listener must have a different port, listeners: {}", shown())));
        }
        listeners.push(listener);
    }
    Ok(listeners)
}

/// Two listeners on one port, unless one has an IPv4 and the other an IPv6 address.
fn collide(one: &Listener, other: &Listener) -> bool {
    use core::net::{Ipv4Addr, Ipv6Addr};
    let host = |listener: &Listener| listener.host.clone().unwrap_or_default();
    let is_v4 = |listener: &Listener| host(listener).parse::<Ipv4Addr>().is_ok();
    let is_v6 = |listener: &Listener| host(listener).parse::<Ipv6Addr>().is_ok();
    let is_pair = (is_v4(one) && is_v6(other)) || (is_v6(one) && is_v4(other));
    one.port != 0 && one.port == other.port && !is_pair
}

fn inter_broker_listener(
    values: &Values,
    protocols: &BTreeMap<String, SecurityProtocol>,
) -> Result<String, ConfigError> {
    const NAME: &str = "inter.broker.listener.name";
    const PROTOCOL: &str = "security.inter.broker.protocol";
    let Some(name) = values.text(NAME) else {
        return Ok(values.text(PROTOCOL).unwrap_or("PLAINTEXT").to_owned());
    };
    if values.is_set(PROTOCOL) {
        return Err(ConfigError::Together(format!("Only one of {NAME} and {PROTOCOL} should be set.")));
    }
    let name = name.to_ascii_uppercase();
    if !protocols.contains_key(&name) {
        return Err(ConfigError::Together(format!(
            "Listener with name {name} defined in {NAME} not found in listener.security.protocol.map."
        )));
    }
    Ok(name)
}

fn connections(values: &Values, listeners: &[Listener]) -> Result<Connections, ConfigError> {
    const OVERRIDES: &str = "max.connections.per.ip.overrides";
    let mut per_ip_overrides = BTreeMap::new();
    let text = values.text(OVERRIDES).unwrap_or_default();
    for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let pair =
            item.rsplit_once(':').and_then(|(host, max)| Some((host.trim(), max.trim().parse().ok()?)));
        match pair {
            Some((host, max)) if !host.is_empty() => per_ip_overrides.insert(host.to_owned(), max),
            _ => {
                let reason = format!("{item} is not of the form address:number");
                return Err(ConfigError::Refused { key: OVERRIDES.to_owned(), reason });
            }
        };
    }
    let of_listeners = |key: &str| {
        let own = listeners.iter().filter_map(|listener| {
            let value = values.for_listener(&listener.name, key)?;
            if Some(value) == values.get(key) {
                return None;
            }
            let max = value.as_i64().and_then(|max| u32::try_from(max).ok())?;
            Some((listener.name.clone(), max))
        });
        own.collect::<BTreeMap<_, _>>()
    };
    let idle = values.get("connections.max.idle.ms").and_then(Value::as_i64).unwrap_or(-1);
    Ok(Connections {
        max: values.count_u32("max.connections"),
        creation_rate_max: values.count_u32("max.connection.creation.rate"),
        per_ip_max: values.count_u32("max.connections.per.ip"),
        per_ip_overrides,
        per_listener_max: of_listeners("max.connections"),
        per_listener_creation_rate_max: of_listeners("max.connection.creation.rate"),
        idle_max: u64::try_from(idle).ok().map(Duration::from_millis),
        failed_authentication_delay: values.duration("connection.failed.authentication.delay.ms"),
    })
}
