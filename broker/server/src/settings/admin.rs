//! The admin port's own keys: where it listens (`klamm.admin.listener`), and `klamm.admin.ssl.…`, which are Kafka's
//! `ssl.…` for this port.

use std::{collections::BTreeMap, net::SocketAddr};

use broker_tls::Options;

use super::{InvalidProperty, Properties};

/// Where health and metrics are served; `none` for nowhere.
pub(crate) const LISTENER: &str = "klamm.admin.listener";
const DEFAULT: &str = "127.0.0.1:9644";
/// What comes before Kafka's names of settings.
const PREFIX: &str = "klamm.admin.";
const SSL: &[&str] = &[
    "klamm.admin.ssl.cipher.suites",
    "klamm.admin.ssl.client.auth",
    "klamm.admin.ssl.enabled.protocols",
    "klamm.admin.ssl.key.password",
    "klamm.admin.ssl.keystore.certificate.chain",
    "klamm.admin.ssl.keystore.key",
    "klamm.admin.ssl.keystore.location",
    "klamm.admin.ssl.keystore.password",
    "klamm.admin.ssl.keystore.type",
    "klamm.admin.ssl.protocol",
    "klamm.admin.ssl.truststore.certificates",
    "klamm.admin.ssl.truststore.location",
    "klamm.admin.ssl.truststore.password",
    "klamm.admin.ssl.truststore.type",
];

/// The admin port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AdminSettings {
    /// `None`: it is not served.
    pub(crate) address: Option<SocketAddr>,
    /// Whether somebody asked for this address.
    pub(crate) is_explicit: bool,
    /// `None`: it is not encrypted.
    pub(crate) tls: Option<Options>,
}

impl AdminSettings {
    /// Whether a key is one of this port's.
    pub(super) fn is_key(key: &str) -> bool {
        key == LISTENER || SSL.contains(&key)
    }

    /// Reads the keys out of our own; others are passed by. What the files hold is not looked at.
    pub(super) fn read(own: &BTreeMap<String, String>) -> Result<Self, InvalidProperty> {
        let texts = Properties(own);
        let address = match texts.text(LISTENER).unwrap_or(DEFAULT) {
            "none" => None,
            text => Some(
                text.parse()
                    .map_err(|error| InvalidProperty::new(LISTENER, &format!("'{text}': {error}")))?,
            ),
        };
        let is_encrypted = SSL.iter().any(|key| own.contains_key(*key));
        let options = || Options::read(|key| texts.text(&format!("{PREFIX}{key}")).map(str::to_owned));
        let tls = is_encrypted.then(options).transpose();
        let tls = tls.map_err(|error| InvalidProperty::new("klamm.admin.ssl", &error.to_string()))?;
        Ok(Self { address, is_explicit: own.contains_key(LISTENER), tls })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<AdminSettings, String> {
        let own = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        AdminSettings::read(&own).map_err(|error| error.to_string())
    }

    #[test]
    fn it_is_encrypted_where_one_of_its_ssl_keys_says_so() {
        let plain = read(&[("klamm.admin.listener", "0.0.0.0:9644")]).unwrap();
        assert_eq!((plain.tls.is_some(), plain.is_explicit), (false, true));
        let keys =
            [("klamm.admin.ssl.keystore.type", "PEM"), ("klamm.admin.ssl.keystore.location", "/node.pem")];
        let encrypted = read(&keys).unwrap();
        assert_eq!((encrypted.tls.is_some(), encrypted.is_explicit), (true, false));
        let wrong = read(&[("klamm.admin.ssl.keystore.type", "KEYS")]).unwrap_err();
        assert!(wrong.starts_with("klamm.admin.ssl: ssl.keystore.type"), "{wrong}");
        assert!(SSL.iter().all(|key| AdminSettings::is_key(key) && key.starts_with(PREFIX)));
    }
}
