//! SASL on this node's listeners, and how it logs in to others: what the file and dynamic configs say of it.
//!
//! Invariant: what is in use was read whole; dynamic configs that cannot be used are told once, and what was there
//! before stays.

mod outgoing;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use broker_config::{BrokerConfig, SecurityProtocol, Value, Values};
use broker_metadata::Image;
use broker_protocol::Str;
use broker_sasl::{
    Credentials, EnabledMechanism, Jaas, JaasError, Mechanism, ScramCredential, ScramMechanism, Secret, TokenLogin,
};

pub(crate) use outgoing::logins;

use crate::tokens::Tokens;

/// What may be used instead of what is not built.
const BUILT: &str = "PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 are built";
const ENABLED: &str = "sasl.enabled.mechanisms";

/// Every SASL listener of this node.
#[derive(Debug)]
pub(crate) struct Sasl {
    listeners: ArcSwap<Listeners>,
    /// Where the users of SCRAM, and the delegation tokens, are.
    image: Arc<ArcSwap<Image>>,
    tokens: Tokens,
}

pub(crate) type Listeners = BTreeMap<String, Arc<ListenerSasl>>;

/// One listener's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ListenerSasl {
    pub(crate) enabled: Vec<EnabledMechanism>,
    /// The users of PLAIN.
    plain: Option<Jaas>,
    /// The largest frame before somebody is let in.
    pub(crate) receive_bytes_max: u32,
}

/// A SASL setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {reason}")]
pub(crate) struct Unusable {
    pub(crate) key: String,
    pub(crate) reason: String,
}

impl Sasl {
    pub(crate) fn new(listeners: Listeners, values: &Values, image: &Arc<ArcSwap<Image>>) -> Self {
        Self {
            listeners: ArcSwap::from_pointee(listeners),
            image: Arc::clone(image),
            tokens: Tokens::new(values),
        }
    }

    /// The delegation tokens.
    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// What new connections of a listener must prove; `None`: nothing.
    pub(crate) fn of(&self, listener: &str) -> Option<Arc<ListenerSasl>> {
        self.listeners.load().get(listener).cloned()
    }

    /// What is known of a listener's users at this moment.
    pub(crate) fn users<'a>(&'a self, listener: &'a ListenerSasl) -> Users<'a> {
        Users { plain: listener.plain.as_ref(), image: self.image.load_full(), tokens: &self.tokens }
    }

    /// Takes up dynamic configs.
    pub(crate) fn follow(&self, config: &BrokerConfig) {
        match read(config) {
            Ok(listeners) if listeners == **self.listeners.load() => {}
            Ok(listeners) => {
                tracing::info!("new connections use the new SASL configs");
                self.listeners.store(Arc::new(listeners));
            }
            Err(error) => tracing::warn!(%error, "new SASL configs are refused; the old ones stay"),
        }
    }
}

/// The users of one listener at one moment.
#[derive(Debug)]
pub(crate) struct Users<'a> {
    plain: Option<&'a Jaas>,
    image: Arc<Image>,
    tokens: &'a Tokens,
}

impl Credentials for Users<'_> {
    fn password(&self, user: &str) -> Option<Secret> {
        self.plain?.password(user).cloned()
    }

    fn scram(&self, mechanism: ScramMechanism, user: &str) -> Option<ScramCredential> {
        self.image.scram().by_user().get(&(mechanism, Str::from(user))).cloned()
    }

    fn token(&self, mechanism: ScramMechanism, id: &str) -> Option<TokenLogin> {
        self.tokens.login(&self.image, mechanism, id)
    }
}

const fn is_sasl(protocol: SecurityProtocol) -> bool {
    matches!(protocol, SecurityProtocol::SaslPlaintext | SecurityProtocol::SaslSsl)
}

/// Reads every SASL listener of a node.
///
/// # Errors
/// The first setting that cannot be used.
pub(crate) fn read(config: &BrokerConfig) -> Result<Listeners, Unusable> {
    let listeners = config.network.listeners.iter().filter(|listener| is_sasl(listener.protocol));
    listeners
        .map(|listener| Ok((listener.name.clone(), Arc::new(of_listener(&config.values, &listener.name)?))))
        .collect()
}

fn of_listener(values: &Values, listener: &str) -> Result<ListenerSasl, Unusable> {
    let mut enabled = Vec::new();
    let mut plain = None;
    for mechanism in mechanisms(values, listener)? {
        let jaas = jaas(values, listener, mechanism)?;
        if mechanism == Mechanism::Plain {
            plain = Some(jaas);
        }
        enabled.push(EnabledMechanism { mechanism, session_max: session_max(values, listener, mechanism) });
    }
    let receive = values.for_listener(listener, "sasl.server.max.receive.size").and_then(Value::as_i64);
    let receive_bytes_max = receive.and_then(|bytes| u32::try_from(bytes).ok()).unwrap_or_default();
    Ok(ListenerSasl { enabled, plain, receive_bytes_max })
}

/// The mechanisms of a listener, in the order that they are told in.
fn mechanisms(values: &Values, listener: &str) -> Result<Vec<Mechanism>, Unusable> {
    let names = match values.for_listener(listener, ENABLED) {
        Some(Value::List(names)) => names.as_slice(),
        _ => &[],
    };
    names.iter().map(|name| mechanism(values, listener, name)).collect()
}

fn mechanism(values: &Values, listener: &str, name: &str) -> Result<Mechanism, Unusable> {
    let refused = |reason| Unusable { key: ENABLED.to_owned(), reason };
    let is_set = values.is_set(ENABLED) || values.is_for_listener(listener, ENABLED);
    Mechanism::from_name(name).ok_or_else(|| {
        refused(match name {
            "GSSAPI" if !is_set => format!(
                "listener {listener} authenticates by SASL, and nothing says how: Kafka's default is GSSAPI \
                 (Kerberos), which is not built. {BUILT}: set it, for all listeners or as \
                 listener.name.{}.{ENABLED}",
                listener.to_lowercase()
            ),
            "GSSAPI" => format!("listener {listener} wants GSSAPI (Kerberos), which is not built. {BUILT}"),
            _ => format!("listener {listener} wants {name}, which is not built. {BUILT}"),
        })
    })
}

/// The JAAS line of a mechanism, which Kafka wants for each.
fn jaas(values: &Values, listener: &str, mechanism: Mechanism) -> Result<Jaas, Unusable> {
    let listener = listener.to_lowercase();
    let key = format!("listener.name.{listener}.{}.sasl.jaas.config", mechanism.name().to_lowercase());
    let refused = |reason| Unusable { key: key.clone(), reason };
    match values.scoped(&key) {
        Some(Value::Password(line)) => {
            Jaas::parse(line.reveal()).map_err(|error: JaasError| refused(error.to_string()))
        }
        _ => Err(refused(format!(
            "Could not find a 'KafkaServer' or '{listener}.KafkaServer' entry in the JAAS configuration. System \
             property 'java.security.auth.login.config' is not set: there is no Java here, set this key"
        ))),
    }
}

fn session_max(values: &Values, listener: &str, mechanism: Mechanism) -> Option<Duration> {
    const KEY: &str = "connections.max.reauth.ms";
    let scoped =
        format!("listener.name.{}.{}.{KEY}", listener.to_lowercase(), mechanism.name().to_lowercase());
    let value = values.scoped(&scoped).or_else(|| values.for_listener(listener, KEY))?;
    u64::try_from(value.as_i64()?).ok().filter(|ms| *ms > 0).map(Duration::from_millis)
}
