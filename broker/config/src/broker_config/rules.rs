//! What keys demand of each other, as Kafka's brokers check it at their start.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::access;
use super::network::EARLY_START;
use super::rest::{ReplicaSelector, SELECTOR};
use super::{BrokerConfig, ConfigError, Roles};
use crate::Value;

/// Collects what does not hold.
#[derive(Default)]
struct Rules(Vec<ConfigError>);

impl Rules {
    fn hold(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.0.push(ConfigError::Together(otherwise()));
        }
    }
}

pub(super) fn check(config: &BrokerConfig) -> Vec<ConfigError> {
    let mut rules = Rules::default();
    identity(config, &mut rules);
    log(config, &mut rules);
    replication(config, &mut rules);
    selector(config, &mut rules);
    authorizer(config, &mut rules);
    quorum(config, &mut rules);
    match config.roles {
        Roles::Broker => broker_only(config, &mut rules),
        Roles::Controller | Roles::Combined => controller(config, &mut rules),
    }
    if config.roles.is_broker() {
        broker(config, &mut rules);
    }
    connections(config, &mut rules);
    early_start(config, &mut rules);
    rules.0
}

fn identity(config: &BrokerConfig, rules: &mut Rules) {
    let values = &config.values;
    rules.hold(values.number("broker.id") == values.number("node.id"), || {
        "You must set `node.id` to the same value as `broker.id`.".to_owned()
    });
    let quorum = &config.quorum;
    let (interval, timeout) = (quorum.heartbeat_interval, quorum.session_timeout);
    rules.hold(interval.saturating_mul(2) <= timeout, || {
        format!(
            "broker.heartbeat.interval.ms ({} ms) must be less than or equal to half of the \
             broker.session.timeout.ms ({} ms).",
            interval.as_millis(),
            timeout.as_millis()
        )
    });
}

fn log(config: &BrokerConfig, rules: &mut Rules) {
    let values = &config.values;
    let number = |name: &str| values.get(name).and_then(Value::as_i64);
    rules.hold(number("log.roll.ms").or(number("log.roll.hours")).unwrap_or(1) >= 1, || {
        "log.roll.ms must be greater than or equal to 1".to_owned()
    });
    rules.hold(number("log.roll.jitter.ms").unwrap_or(0) >= 0, || {
        "log.roll.jitter.ms must be greater than or equal to 0".to_owned()
    });
    let retention = number("log.retention.ms")
        .or_else(|| number("log.retention.minutes"))
        .or_else(|| number("log.retention.hours"))
        .unwrap_or(1);
    // Negative minutes and hours mean "for ever"; milliseconds say it by -1 only. Kafka reads any negative so.
    rules.hold(retention != 0, || {
        "log.retention.ms must be unlimited (-1) or, greater than or equal to 1".to_owned()
    });
    let log = &config.log;
    rules.hold(!log.dirs.is_empty() && log.dirs.iter().all(|dir| !dir.is_empty()), || {
        "At least one log directory must be defined via log.dirs or log.dir.".to_owned()
    });
    let cordons_all = log.cordoned.iter().any(|dir| dir == "*");
    rules.hold(!cordons_all || log.cordoned.len() == 1, || {
        "When cordoned.log.dirs is set to *, it must not contain other values".to_owned()
    });
    let missing: Vec<_> =
        log.cordoned.iter().filter(|dir| *dir != "*" && !log.dirs.contains(dir)).cloned().collect();
    rules.hold(missing.is_empty(), || {
        format!(
            "All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries : {}",
            missing.join(", ")
        )
    });
    let threads = u64::try_from(config.cleaner.threads).unwrap_or(u64::MAX);
    let per_thread = config.cleaner.dedupe_buffer_bytes.checked_div(threads).unwrap_or(0);
    rules.hold(per_thread > 1 << 20, || {
        "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.".to_owned()
    });
}

fn replication(config: &BrokerConfig, rules: &mut Rules) {
    let replication = &config.replication;
    rules.hold(replication.fetch_wait_max <= replication.socket_timeout, || {
        "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary \
         socket timeouts"
            .to_owned()
    });
    rules.hold(replication.fetch_wait_max <= replication.lag_time_max, || {
        "replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent \
         frequent changes in ISR"
            .to_owned()
    });
}

/// A class is code of Java's: those that Kafka brings are built in, others cannot be loaded.
fn selector(config: &BrokerConfig, rules: &mut Rules) {
    let class = config.values.text(SELECTOR).unwrap_or_default();
    if ReplicaSelector::of_class(class).is_none() {
        let reason = format!(
            "{class} is not supported: classes of Java cannot be loaded; \
             org.apache.kafka.common.replica.RackAwareReplicaSelector is built in"
        );
        rules.0.push(ConfigError::Refused { key: SELECTOR.to_owned(), reason });
    }
}

/// What is not understood would let everyone in, so that it is not started with.
fn authorizer(config: &BrokerConfig, rules: &mut Rules) {
    let class = access::class(&config.values);
    let refused = |key: &str, reason| ConfigError::Refused { key: key.to_owned(), reason };
    if !class.is_empty() && class != access::STANDARD {
        let reason = format!(
            "{class} is not supported: classes of Java cannot be loaded; {} is built in",
            access::STANDARD
        );
        rules.0.push(refused(access::CLASS, reason));
    }
    let users = config.access.as_ref().map_or("", |access| &*access.super_users);
    let named = users.split(';').map(str::trim).filter(|user| !user.is_empty());
    for user in named.filter(|user| !user.contains(':')) {
        let reason = format!("expected a string in format principalType:principalName but got {user}");
        rules.0.push(refused(access::SUPER_USERS, reason));
    }
}

fn quorum(config: &BrokerConfig, rules: &mut Rules) {
    let quorum = &config.quorum;
    rules.hold(!quorum.voters.is_empty() || !quorum.bootstrap_servers.is_empty(), || {
        "If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap \
         controllers or controller.quorum.voters must contain a parseable set of controllers."
            .to_owned()
    });
    rules.hold(!quorum.auto_join || config.roles.is_controller(), || {
        "controller.quorum.auto.join.enable is only supported when process.roles contains the 'controller' role."
            .to_owned()
    });
}

fn is_voter(config: &BrokerConfig) -> bool {
    config.quorum.voters.iter().any(|voter| voter.id == config.node_id)
}

fn voters_text(config: &BrokerConfig) -> String {
    let ids: Vec<_> = config.quorum.voters.iter().map(|voter| format!("{}", voter.id)).collect();
    format!("controller.quorum.voters=[{}]", ids.join(", "))
}

fn broker_only(config: &BrokerConfig, rules: &mut Rules) {
    let network = &config.network;
    let names = &network.controller_listener_names;
    rules.hold(!is_voter(config), || {
        format!(
            "If process.roles contains just the 'broker' role, the node id {} must not be included in the set of \
             voters {}",
            config.node_id,
            voters_text(config)
        )
    });
    rules.hold(!names.is_empty(), || {
        "controller.listener.names must contain at least one value when running KRaft with just the broker role"
            .to_owned()
    });
    rules.hold(!network.listeners.iter().any(|listener| names.contains(&listener.name)), || {
        "controller.listener.names must not contain a value appearing in the 'listeners' configuration when \
         running KRaft with just the broker role"
            .to_owned()
    });
    for name in names {
        rules.hold(network.protocols.contains_key(name), || {
            format!(
                "Controller listener with name {name} defined in controller.listener.names not found in \
                 listener.security.protocol.map"
            )
        });
    }
}

fn controller(config: &BrokerConfig, rules: &mut Rules) {
    let network = &config.network;
    let names = &network.controller_listener_names;
    rules.hold(config.quorum.voters.is_empty() || is_voter(config), || {
        format!(
            "If process.roles contains the 'controller' role, the node id {} must be included in the set of \
             voters {}",
            config.node_id,
            voters_text(config)
        )
    });
    let listens = |name: &String| network.listeners.iter().any(|listener| listener.name == *name);
    rules.hold(names.iter().any(listens), || {
        "controller.listener.names must contain at least one value appearing in the 'listeners' configuration \
         when running the KRaft controller role"
            .to_owned()
    });
    rules.hold(names.iter().all(listens), || {
        "controller.listener.names must only contain values appearing in the 'listeners' configuration when \
         running the KRaft controller role"
            .to_owned()
    });
    if config.roles == Roles::Controller {
        rules.hold(network.listeners.iter().all(|listener| names.contains(&listener.name)), || {
            "The listeners config must only contain KRaft controller listeners from controller.listener.names \
             when process.roles=controller"
                .to_owned()
        });
    }
}

fn broker(config: &BrokerConfig, rules: &mut Rules) {
    let network = &config.network;
    let controllers = &network.controller_listener_names;
    let advertised: Vec<_> = network
        .advertised
        .iter()
        .map(|listener| &listener.name)
        .filter(|name| !controllers.contains(name))
        .collect();
    let listening: Vec<_> = network.listeners.iter().map(|listener| &listener.name).collect();
    let joined = |names: &[&String]| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(",");
    rules.hold(!advertised.is_empty(), || {
        "There must be at least one broker advertised listener. Perhaps all listeners appear in \
         controller.listener.names?"
            .to_owned()
    });
    rules.hold(advertised.contains(&&network.inter_broker_listener), || {
        format!(
            "inter.broker.listener.name must be a listener name defined in advertised.listeners. The valid options \
             based on currently configured listeners are {}",
            joined(&advertised)
        )
    });
    rules.hold(advertised.iter().all(|name| listening.contains(name)), || {
        format!(
            "advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. \
             Found {}. The valid options based on the current configuration are {}",
            joined(&advertised),
            joined(&listening)
        )
    });
    let is_wildcard = |host: &Option<String>| host.as_deref() == Some("0.0.0.0");
    rules.hold(!network.advertised.iter().any(|listener| is_wildcard(&listener.host)), || {
        "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address."
            .to_owned()
    });
}

fn early_start(config: &BrokerConfig, rules: &mut Rules) {
    let network = &config.network;
    let is_known = |name: &String| {
        network.listeners.iter().any(|listener| listener.name == *name)
            || network.controller_listener_names.contains(name)
    };
    for name in &network.early_start {
        rules.hold(is_known(name), || {
            format!(
                "{EARLY_START} contains listener {name}, but this is not contained in listeners or \
                 controller.listener.names"
            )
        });
    }
}

fn connections(config: &BrokerConfig, rules: &mut Rules) {
    let network = &config.network;
    let connections = &network.connections;
    let request_bytes_max = u64::try_from(network.request_bytes_max).unwrap_or(u64::MAX);
    rules.hold(network.queued_request_bytes_max.is_none_or(|max| max >= request_bytes_max), || {
        "queued.max.request.bytes must be larger or equal to socket.request.max.bytes".to_owned()
    });
    rules.hold(connections.per_ip_max > 0 || !connections.per_ip_overrides.is_empty(), || {
        "max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set."
            .to_owned()
    });
    let delay = connections.failed_authentication_delay;
    rules.hold(connections.idle_max.is_none_or(|idle| delay < idle), || {
        format!(
            "connection.failed.authentication.delay.ms={} should always be less than connections.max.idle.ms={} to \
             prevent failed authentication responses from timing out",
            delay.as_millis(),
            connections.idle_max.unwrap_or_default().as_millis()
        )
    });
}
