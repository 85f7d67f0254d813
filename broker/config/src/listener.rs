//! Listeners and addresses.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use core::fmt;

use crate::value::trim;

/// How a listener's connections are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecurityProtocol {
    /// Neither encrypted nor authenticated.
    Plaintext,
    /// TLS.
    Ssl,
    /// SASL without encryption.
    SaslPlaintext,
    /// SASL inside of TLS.
    SaslSsl,
}

impl SecurityProtocol {
    /// Every protocol.
    pub const ALL: [Self; 4] = [Self::Plaintext, Self::Ssl, Self::SaslPlaintext, Self::SaslSsl];

    /// Kafka's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Ssl => "SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
            Self::SaslSsl => "SASL_SSL",
        }
    }

    /// The number in broker registrations.
    #[must_use]
    pub const fn id(self) -> i16 {
        match self {
            Self::Plaintext => 0,
            Self::Ssl => 1,
            Self::SaslPlaintext => 2,
            Self::SaslSsl => 3,
        }
    }

    /// The protocol of a name, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name().eq_ignore_ascii_case(name))
    }
}

/// A named address: `NAME://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Upper case.
    pub name: String,
    /// `None`: not said; listen on all addresses, advertise the host's own name.
    pub host: Option<String>,
    /// 0: any that is free.
    pub port: u16,
    /// From the map of protocols.
    pub protocol: SecurityProtocol,
}

/// A listener that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidListener {
    /// Not of the form.
    #[error("Unable to parse {0} to a broker endpoint")]
    Form(String),
    /// Its name is not in the map of protocols.
    #[error("No security protocol defined for listener {0}")]
    Protocol(String),
}

impl Listener {
    /// Reads a listener.
    ///
    /// # Errors
    /// When it is not of the form `NAME://host:port` or its name has no protocol.
    pub fn parse(
        text: &str,
        protocols: &BTreeMap<String, SecurityProtocol>,
    ) -> Result<Self, InvalidListener> {
        let form = || InvalidListener::Form(text.to_owned());
        let (name, address) = trim(text).split_once("://").ok_or_else(form)?;
        let (host, port) = address.rsplit_once(':').ok_or_else(form)?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '%' | '.' | '_' | ':');
        if name.is_empty() || !host.chars().all(allowed) {
            return Err(form());
        }
        let port = port.parse().map_err(|_| form())?;
        let name = name.to_ascii_uppercase();
        let protocol = *protocols.get(&name).ok_or_else(|| InvalidListener::Protocol(name.clone()))?;
        let host = if host.is_empty() { None } else { Some(host.to_owned()) };
        Ok(Self { name, host, port, protocol })
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host.as_deref().unwrap_or_default();
        if host.contains(':') {
            write!(f, "{}://[{host}]:{}", self.name, self.port)
        } else {
            write!(f, "{}://{host}:{}", self.name, self.port)
        }
    }
}

/// An address to connect to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPort {
    /// Name or address.
    pub host: String,
    /// Never 0.
    pub port: u16,
}

impl HostPort {
    /// Reads `host:port`, an IPv6 address in brackets.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = trim(text).rsplit_once(':')?;
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_plain = !host.contains(['[', ']', ':', '/', '@']);
        let host = bracketed.or_else(|| is_plain.then_some(host))?;
        let port = port.parse().ok().filter(|port| *port != 0)?;
        (!host.is_empty()).then(|| Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}
