//! SASL on this node's listeners, and how it logs in to others: what the file and dynamic configs say of it.
//!
//! Invariant: what is in use was read whole; dynamic configs that cannot be used are told once, and what was there
//! before stays.

mod bearer;
mod outgoing;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use broker_config::{BrokerConfig, SecurityProtocol, Value, Values};
use broker_metadata::Image;
use broker_protocol::Str;
use broker_sasl::{
    BearerLogin, BearerRefused, Credentials, EnabledMechanism, Jaas, JaasError, Mechanism, ScramCredential,
    ScramMechanism, Secret, TokenLogin,
};

use broker_types::Now;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use self::bearer::BearerCheck;
pub(crate) use outgoing::logins;

use crate::{broker::Broker, clock::Clock, tokens::Tokens};

/// What may be used instead of what is not built.
const BUILT: &str = "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER are built";
/// How often it is looked whether there are other keys to read.
const KEYS_INTERVAL: Duration = Duration::from_secs(1);
const ENABLED: &str = "sasl.enabled.mechanisms";

/// Every SASL listener of this node.
#[derive(Debug)]
pub(crate) struct Sasl {
    listeners: ArcSwap<Listeners>,
    /// Where the users of SCRAM, and the delegation tokens, are.
    image: Arc<ArcSwap<Image>>,
    tokens: Tokens,
    clock: Clock,
    /// A document of keys is to be read sooner.
    keys_due: Notify,
}

pub(crate) type Listeners = BTreeMap<String, Arc<ListenerSasl>>;

/// One listener's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ListenerSasl {
    pub(crate) enabled: Vec<EnabledMechanism>,
    /// The users of PLAIN.
    plain: Option<Jaas>,
    /// Who is let in by OAUTHBEARER.
    bearer: Option<BearerCheck>,
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
    pub(crate) fn new(
        listeners: Listeners,
        values: &Values,
        image: &Arc<ArcSwap<Image>>,
        clock: Clock,
    ) -> Self {
        Self {
            listeners: ArcSwap::from_pointee(listeners),
            image: Arc::clone(image),
            tokens: Tokens::new(values),
            clock,
            keys_due: Notify::new(),
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
        Users { listener, image: self.image.load_full(), sasl: self }
    }

    /// Takes up dynamic configs.
    pub(crate) fn follow(&self, config: &BrokerConfig) {
        match read(config) {
            Ok(listeners) if listeners == **self.listeners.load() => {}
            Ok(mut listeners) => {
                tracing::info!("new connections use the new SASL configs");
                for (name, old) in &**self.listeners.load() {
                    let new = listeners.get_mut(name).and_then(Arc::get_mut);
                    if let Some((new, old)) = new.and_then(|new| new.bearer.as_mut()).zip(old.bearer.as_ref())
                    {
                        new.with_keys_of(old);
                    }
                }
                self.listeners.store(Arc::new(listeners));
            }
            Err(error) => tracing::warn!(%error, "new SASL configs are refused; the old ones stay"),
        }
    }
}

/// Reads the keys of bearers' tokens again and again, until the broker drains.
pub(crate) async fn watch_keys(broker: Arc<Broker>, draining: CancellationToken) {
    loop {
        let now = broker.clock().mono();
        let stores: Vec<_> = {
            let listeners = broker.sasl().listeners.load();
            listeners.values().filter_map(|listener| listener.bearer.as_ref()?.keys()).collect()
        };
        let pauses = futures::future::join_all(stores.iter().map(|keys| keys.refresh(now))).await;
        let pause = pauses.into_iter().min().unwrap_or(KEYS_INTERVAL).min(KEYS_INTERVAL);
        tokio::select! {
            biased;
            () = draining.cancelled() => return,
            () = broker.sasl().keys_due.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// The users of one listener at one moment.
#[derive(Debug)]
pub(crate) struct Users<'a> {
    listener: &'a ListenerSasl,
    image: Arc<Image>,
    sasl: &'a Sasl,
}

impl Credentials for Users<'_> {
    fn password(&self, user: &str) -> Option<Secret> {
        self.listener.plain.as_ref()?.password(user).cloned()
    }

    fn scram(&self, mechanism: ScramMechanism, user: &str) -> Option<ScramCredential> {
        self.image.scram().by_user().get(&(mechanism, Str::from(user))).cloned()
    }

    fn token(&self, mechanism: ScramMechanism, id: &str) -> Option<TokenLogin> {
        self.sasl.tokens.login(&self.image, mechanism, id)
    }

    fn bearer(&self, token: &str) -> Result<BearerLogin, BearerRefused> {
        let Now { mono, wall } = self.sasl.clock.now();
        let check = self.listener.bearer.as_ref().ok_or(BearerRefused::Invalid)?;
        check.login(token, wall, mono, &self.sasl.keys_due)
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
    let (mut plain, mut bearer) = (None, None);
    for mechanism in mechanisms(values, listener)? {
        let jaas = jaas(values, listener, mechanism)?;
        match mechanism {
            Mechanism::Plain => plain = Some(jaas),
            Mechanism::Scram(_) => {}
            Mechanism::OauthBearer => bearer = Some(BearerCheck::read(values, listener, &jaas)?),
        }
        enabled.push(EnabledMechanism { mechanism, session_max: session_max(values, listener, mechanism) });
    }
    let receive = values.for_listener(listener, "sasl.server.max.receive.size").and_then(Value::as_i64);
    let receive_bytes_max = receive.and_then(|bytes| u32::try_from(bytes).ok()).unwrap_or_default();
    Ok(ListenerSasl { enabled, plain, bearer, receive_bytes_max })
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

/// A setting of one mechanism of a listener: with the names of both before it, of the listener, or without.
fn of_mechanism<'a>(
    values: &'a Values,
    listener: &str,
    mechanism: Mechanism,
    key: &str,
) -> Option<&'a Value> {
    let (of, by) = (listener.to_lowercase(), mechanism.name().to_lowercase());
    let scoped = values.scoped(&format!("listener.name.{of}.{by}.{key}"));
    scoped.or_else(|| values.for_listener(listener, key))
}

/// What a setting says; `None` where it is not set. Secrets too: for whom they are meant.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Password(secret) => Some(secret.reveal().to_owned()),
        other => Some(other.text()).filter(|text| !text.is_empty()),
    }
}

fn session_max(values: &Values, listener: &str, mechanism: Mechanism) -> Option<Duration> {
    let value = of_mechanism(values, listener, mechanism, "connections.max.reauth.ms")?;
    u64::try_from(value.as_i64()?).ok().filter(|ms| *ms > 0).map(Duration::from_millis)
}
