//! How this node logs in to the listeners of others.

use broker_client::SaslLogin;
use broker_config::{BrokerConfig, SecurityProtocol};
use broker_sasl::Mechanism;

use super::{Unusable, is_sasl, jaas, mechanism, mechanisms, of_mechanism, text};

const OF_BROKERS: &str = "sasl.mechanism.inter.broker.protocol";
const OF_CONTROLLERS: &str = "sasl.mechanism.controller.protocol";

/// The logins of a node: to brokers, and to controllers. `None` where SASL is not asked for.
pub(crate) type Logins = (Option<SaslLogin>, Option<SaslLogin>);

/// Reads how a node logs in.
///
/// # Errors
/// The first setting that cannot be used.
pub(crate) fn logins(config: &BrokerConfig) -> Result<Logins, Unusable> {
    let network = &config.network;
    let brokers = Some(&network.inter_broker_listener).filter(|_| config.roles.is_broker());
    let controllers = network.controller_listener_names.first();
    let of = |listener: Option<&String>, key| match listener {
        Some(listener) => login(config, listener, key),
        None => Ok(None),
    };
    Ok((of(brokers, OF_BROKERS)?, of(controllers, OF_CONTROLLERS)?))
}

fn login(config: &BrokerConfig, listener: &str, key: &str) -> Result<Option<SaslLogin>, Unusable> {
    let protocol = config.network.protocols.get(listener).copied().unwrap_or(SecurityProtocol::Plaintext);
    if !is_sasl(protocol) {
        return Ok(None);
    }
    let refused = |reason: String| Unusable { key: key.to_owned(), reason };
    let values = &config.values;
    let name = values.text(key).unwrap_or_default();
    let Some(wanted) = Mechanism::from_name(name) else {
        let of_key = mechanism(values, listener, name).err().map(|error| error.reason);
        return Err(refused(of_key.unwrap_or_default()));
    };
    let is_bound = config.network.listeners.iter().any(|one| one.name == listener);
    if key == OF_BROKERS && is_bound && !mechanisms(values, listener)?.contains(&wanted) {
        return Err(refused(format!(
            "{key} must be included in sasl.enabled.mechanisms when SASL is used for inter-broker communication"
        )));
    }
    let jaas = jaas(values, listener, wanted)?;
    // Some are of clients only.
    let is_here = |key: &str| broker_config::broker::find(key).is_some();
    let setting = |key: &str| {
        is_here(key).then(|| of_mechanism(values, listener, wanted, key).and_then(text)).flatten()
    };
    let login = SaslLogin::of(wanted, &jaas, setting).map_err(|error| refused(error.to_string()))?;
    Ok(Some(login))
}
