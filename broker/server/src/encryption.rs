//! What the listeners with SSL are made of, and the connections to such listeners.
//!
//! Invariant: what is in use was loaded whole. Files that change and dynamic configs are taken up within [`LOOK_INTERVAL`]; what
//! cannot be used is told once, and what was there before stays.

mod shown;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use broker_client::Security;
use broker_config::{BrokerConfig, SecurityProtocol, Texts, Value};
use broker_tls::{Acceptor, Changes, ClientAuth, Connector, InUse, Options, Refreshed, TlsError};
use tokio_util::sync::CancellationToken;

use crate::{broker::Broker, security::OutgoingSecurity, settings::InvalidProperty};

/// How often settings and files are looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// How the admin port is called where listeners are.
const ADMIN: &str = "klamm.admin";

/// Both ends of every encrypted listener that this node has to do with, and the admin port.
#[derive(Debug, Default)]
pub(crate) struct Encryption {
    acceptors: BTreeMap<String, Arc<Acceptor>>,
    connectors: BTreeMap<String, Arc<Connector>>,
    admin: Option<Admin>,
}

/// The admin port. Its settings stay, the files that they name may change.
#[derive(Debug)]
struct Admin {
    name: String,
    options: Options,
    acceptor: Arc<Acceptor>,
}

/// A listener whose settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("listener {listener}: {error}")]
pub(crate) struct Unusable {
    listener: String,
    error: TlsError,
}

impl Encryption {
    /// Loads what the file says.
    ///
    /// # Errors
    /// When a listener's settings, or what they name, cannot be used.
    pub(crate) fn load(config: &BrokerConfig, admin: Option<&Options>) -> Result<Self, InvalidProperty> {
        let admin = admin.map(Admin::load).transpose();
        let admin = admin.map_err(|error| InvalidProperty::new("klamm.admin.ssl", &error.to_string()))?;
        let mut own = Self { admin, ..Self::default() };
        let network = &config.network;
        let refused = |name: &str, error: &TlsError| {
            InvalidProperty::new(&format!("listener {name}"), &error.to_string())
        };
        for listener in network.listeners.iter().filter(|listener| is_encrypted(listener.protocol)) {
            // Kafka holds both ends against each other of this one alone.
            let make = match listener.name == network.inter_broker_listener {
                true => Acceptor::between_nodes,
                false => Acceptor::new,
            };
            let acceptor = options(config, &listener.name, listener.protocol).and_then(make);
            let acceptor = acceptor.map_err(|error| refused(&listener.name, &error))?;
            own.acceptors.insert(listener.name.clone(), Arc::new(acceptor));
        }
        let led_to = network.controller_listener_names.first().into_iter();
        for name in led_to.chain([&network.inter_broker_listener]) {
            let protocol = network.protocols.get(name).copied().unwrap_or(SecurityProtocol::Plaintext);
            if is_encrypted(protocol) && !own.connectors.contains_key(name) {
                let connector = options(config, name, protocol).and_then(Connector::new);
                let connector = connector.map_err(|error| refused(name, &error))?;
                own.connectors.insert(name.clone(), Arc::new(connector));
            }
        }
        Ok(own)
    }

    /// How connections of this listener are accepted; `None`: not encrypted.
    pub(crate) fn acceptor(&self, listener: &str) -> Option<Arc<Acceptor>> {
        self.acceptors.get(listener).cloned()
    }

    /// How connections of the admin port are accepted; `None`: not encrypted.
    pub(crate) fn admin(&self) -> Option<Arc<Acceptor>> {
        self.admin.as_ref().map(|admin| Arc::clone(&admin.acceptor))
    }

    /// How this node connects to others.
    pub(crate) fn outgoing(&self, config: &BrokerConfig) -> OutgoingSecurity {
        let network = &config.network;
        let security = |name: Option<&String>| {
            let connector = name.and_then(|name| self.connectors.get(name));
            connector.map_or_else(Security::plaintext, |connector| Security::ssl(Arc::clone(connector)))
        };
        OutgoingSecurity {
            brokers: security(Some(&network.inter_broker_listener)),
            controllers: security(network.controller_listener_names.first()),
        }
    }

    /// Whether these settings could be used instead of those that are.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn check(&self, config: &BrokerConfig) -> Result<(), Unusable> {
        for (listener, protocol) in self.encrypted(config) {
            let checked = options(config, listener, protocol).and_then(|options| {
                let acceptor = self.acceptors.get(listener);
                acceptor.map_or(Ok(()), |acceptor| acceptor.check(&options, changes(config)))
            });
            checked.map_err(|error| Unusable { listener: listener.clone(), error })?;
        }
        Ok(())
    }

    /// Takes up what is new.
    fn refresh(&self, config: &BrokerConfig) {
        if let Some(admin) = &self.admin {
            tell(&admin.name, admin.acceptor.refresh(admin.options.clone(), changes(config)));
        }
        for (listener, protocol) in self.encrypted(config) {
            let refreshed = options(config, listener, protocol)
                .and_then(|options| self.refresh_one(listener, options, changes(config)));
            tell(listener, refreshed);
        }
    }

    /// What those who connect may not use, those who are connected to refuse, which is told once: then either keeps what
    /// it has.
    fn refresh_one(
        &self,
        listener: &String,
        options: Options,
        changes: Changes,
    ) -> Result<Refreshed, TlsError> {
        let (acceptor, connector) = (self.acceptors.get(listener), self.connectors.get(listener));
        let accepted = acceptor.map(|one| one.refresh(options.clone(), changes)).transpose()?;
        let is_behind = match (acceptor, connector) {
            (Some(acceptor), Some(connector)) => acceptor.in_use() != connector.in_use(),
            _ => true,
        };
        let may_connect = is_behind || accepted == Some(Refreshed::Replaced);
        let connected = match connector.filter(|_| may_connect) {
            Some(connector) => connector.refresh(options, changes)?,
            None => Refreshed::Unchanged,
        };
        Ok(if accepted == Some(Refreshed::Replaced) { Refreshed::Replaced } else { connected })
    }

    /// What is in use of each listener's settings, at both ends of its connections.
    fn in_use(&self) -> impl Iterator<Item = (&String, InUse)> {
        let accepting = self.acceptors.iter().map(|(name, one)| (name, one.in_use()));
        let connecting = self.connectors.iter().map(|(name, one)| (name, one.in_use()));
        let admin = self.admin.iter().map(|admin| (&admin.name, admin.acceptor.in_use()));
        accepting.chain(connecting).chain(admin)
    }

    fn encrypted<'a>(
        &'a self,
        config: &'a BrokerConfig,
    ) -> impl Iterator<Item = (&'a String, SecurityProtocol)> {
        let protocols = config.network.protocols.iter();
        let known = |name: &String| self.acceptors.contains_key(name) || self.connectors.contains_key(name);
        protocols.filter(move |(name, _)| known(name)).map(|(name, protocol)| (name, *protocol))
    }
}

impl Admin {
    fn load(options: &Options) -> Result<Self, TlsError> {
        let acceptor = Arc::new(Acceptor::new(options.clone())?);
        Ok(Self { name: ADMIN.to_owned(), options: options.clone(), acceptor })
    }
}

/// What became of a look at a listener's keys and certificates.
fn tell(listener: &str, refreshed: Result<Refreshed, TlsError>) {
    match refreshed {
        Ok(Refreshed::Unchanged) => {}
        Ok(Refreshed::Replaced) => {
            tracing::info!(%listener, "new connections use the new keys and certificates");
        }
        Err(error) => {
            tracing::warn!(%listener, %error, "new keys or certificates are refused; the old ones stay");
        }
    }
}

/// Looks at settings and files until the broker drains.
pub(crate) async fn watch(broker: Arc<Broker>, draining: CancellationToken) {
    loop {
        tokio::select! {
            biased;
            () = draining.cancelled() => return,
            () = tokio::time::sleep(LOOK_INTERVAL) => {}
        }
        let look = Arc::clone(&broker);
        broker.blocking(move || look.encryption.refresh(&present(&look))).await;
    }
}

/// The configuration that holds now.
fn present(broker: &Broker) -> BrokerConfig {
    let dynamic = broker.configs().dynamic(&broker.image());
    broker.settings().config.reconfigured(&dynamic.cluster, &dynamic.broker).0
}

impl Broker {
    /// Whether the broker could go on with these dynamic values of its own.
    ///
    /// # Errors
    /// Which listener could not, and why.
    pub(crate) fn check_encryption(&self, cluster: &Texts, own: &Texts) -> Result<(), Unusable> {
        self.encryption.check(&self.settings().config.reconfigured(cluster, own).0)
    }

    /// Whether there is anything to watch.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.encryption.in_use().next().is_some()
    }
}

const fn is_encrypted(protocol: SecurityProtocol) -> bool {
    matches!(protocol, SecurityProtocol::Ssl | SecurityProtocol::SaslSsl)
}

fn changes(config: &BrokerConfig) -> Changes {
    Changes {
        subject: config.values.is_on("ssl.allow.dn.changes"),
        alternatives: config.values.is_on("ssl.allow.san.changes"),
    }
}

/// The settings of one listener. Who logs in by SASL is asked for a certificate only where the listener itself says so
/// (KIP-684).
fn options(config: &BrokerConfig, listener: &str, protocol: SecurityProtocol) -> Result<Options, TlsError> {
    let options = Options::read(|key| config.values.for_listener(listener, key).map(text))?;
    let asks = config.values.is_for_listener(listener, "ssl.client.auth");
    Ok(if protocol == SecurityProtocol::SaslSsl && !asks {
        options.with_client_auth(ClientAuth::None)
    } else {
        options
    })
}

fn text(value: &Value) -> String {
    match value {
        Value::Password(secret) => secret.reveal().to_owned(),
        other => other.text(),
    }
}
