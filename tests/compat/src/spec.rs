//! What a broker is to be: whose, with which settings, run how.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Result, bail};

use crate::broker::Broker;
use crate::cluster::initial_voter;
use crate::membership::{Founding, Membership, Roles};
use crate::ports::Ports;

/// Whose broker it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Apache Kafka in a Java machine.
    Apache,
    /// Ours.
    Klamm,
}

impl Kind {
    /// The broker that `KLAMM_COMPAT_BROKER` asks for: `klamm` (also when unset) or `apache`.
    ///
    /// # Errors
    /// When it asks for something else.
    pub fn under_test() -> Result<Self> {
        match std::env::var("KLAMM_COMPAT_BROKER").as_deref() {
            Ok("apache") => Ok(Self::Apache),
            Ok("klamm") | Err(_) => Ok(Self::Klamm),
            Ok(other) => bail!("KLAMM_COMPAT_BROKER is {other}, not apache or klamm"),
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Apache => Self::Klamm,
            Self::Klamm => Self::Apache,
        }
    }
}

/// What is encrypted, beside a listener of its own for clients.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encrypted {
    /// Nothing.
    Clients,
    /// What brokers and controllers say to each other.
    Nodes,
}

/// What a listener with SASL runs over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SaslProtocol {
    /// Nothing: `SASL_PLAINTEXT`.
    Plaintext,
    /// `SASL_SSL`.
    Ssl,
}

impl SaslProtocol {
    /// Kafka's name for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "SASL_PLAINTEXT",
            Self::Ssl => "SASL_SSL",
        }
    }
}

/// What a broker is to be.
#[derive(Clone, Debug)]
pub struct Spec {
    pub(crate) kind: Kind,
    pub(crate) properties: Vec<(String, String)>,
    pub(crate) launcher: Vec<String>,
    pub(crate) java_flags: Vec<String>,
    pub(crate) roles: Roles,
    pub(crate) host: Ipv4Addr,
    pub(crate) format: Vec<String>,
    pub(crate) ssl: Option<Encrypted>,
    pub(crate) sasl: Option<(Encrypted, SaslProtocol)>,
}

impl Spec {
    /// A broker of this kind with small test settings.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let java_flags =
            ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"].map(str::to_owned).to_vec();
        let (roles, host) = (Roles::default(), Ipv4Addr::LOCALHOST);
        let (properties, launcher, format) = (Vec::new(), Vec::new(), Vec::new());
        Self { kind, properties, launcher, java_flags, roles, host, format, ssl: None, sasl: None }
    }

    /// Adds a line to its properties file.
    #[must_use]
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.properties.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Adds a listener with SSL, whose settings `ssl.*` are to be set.
    #[must_use]
    pub fn ssl(mut self, encrypted: Encrypted) -> Self {
        self.ssl = Some(encrypted);
        self
    }

    /// Adds a listener with SASL named `SASL`, in the place of one with SSL, whose settings `sasl.*` are to be set.
    #[must_use]
    pub fn sasl(mut self, authenticated: Encrypted, protocol: SaslProtocol) -> Self {
        self.sasl = Some((authenticated, protocol));
        self
    }

    /// For clusters of three that outlive the loss of any one, their coordinators too, and notice it soon.
    #[must_use]
    pub fn resilient(self) -> Self {
        self.set("broker.session.timeout.ms", "3000")
            .set("broker.heartbeat.interval.ms", "500")
            .set("offsets.topic.replication.factor", "3")
            .set("offsets.topic.num.partitions", "3")
            .set("transaction.state.log.replication.factor", "3")
            .set("transaction.state.log.num.partitions", "3")
            .set("min.insync.replicas", "2")
    }

    /// Sets words that come before the broker's command, such as `taskset -c 0`. The program must replace itself.
    #[must_use]
    pub fn launcher(mut self, words: &[&str]) -> Self {
        self.launcher = words.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    /// Replaces the flags of the Java machine; without meaning for Klamm.
    #[must_use]
    pub fn java_flags(mut self, flags: &[&str]) -> Self {
        self.java_flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        self
    }

    /// Sets what it is in its cluster; alone it is always both.
    #[must_use]
    pub fn roles(mut self, roles: Roles) -> Self {
        self.roles = roles;
        self
    }

    /// Sets the address on which it listens, where that is not loopback.
    #[must_use]
    pub fn host(mut self, host: Ipv4Addr) -> Self {
        self.host = host;
        self
    }

    /// Adds words to how its folder is formatted, such as `--feature group.version=0`.
    #[must_use]
    pub fn format(mut self, words: &[&str]) -> Self {
        self.format.extend(words.iter().map(|word| (*word).to_owned()));
        self
    }

    /// Formats an empty folder, starts the broker and waits until it answers.
    ///
    /// # Errors
    /// When it does not, with the end of its log.
    pub fn start(self) -> Result<Broker> {
        let mut broker = self.formatted()?;
        broker.launch()?;
        Ok(broker)
    }

    /// Formats an empty folder, and starts nothing.
    ///
    /// # Errors
    /// When it is not formatted.
    pub fn formatted(self) -> Result<Broker> {
        let ports = Ports::free()?;
        let membership = Membership::alone(self.host, ports.controller);
        let broker = Broker::prepare(self, ports, membership)?;
        broker.write_properties()?;
        broker.format()?;
        Ok(broker)
    }

    /// Starts one controller of a quorum of two of which the other never comes: nobody leads it, and nothing is
    /// committed. Nothing is waited for.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn_without_quorum(mut self) -> Result<Broker> {
        self.roles = Roles::Controller;
        let (ports, absent) = (Ports::free()?, Ports::free()?);
        let addresses = [ports, absent].map(|one| SocketAddr::from((self.host, one.controller)));
        let voters = [initial_voter(1, addresses[0])?, initial_voter(2, addresses[1])?];
        let founding = Founding::Initial(voters.join(","));
        let membership = Membership { node: 1, controllers: addresses.to_vec(), founding };
        let mut broker = Broker::prepare(self, ports, membership)?;
        broker.write_properties()?;
        broker.format()?;
        broker.spawn()?;
        Ok(broker)
    }
}
