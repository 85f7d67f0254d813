//! Where a broker stands in its cluster.

use std::net::{Ipv4Addr, SocketAddr};

/// What a node is, as `process.roles` says it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Roles {
    /// Controller and broker in one process.
    #[default]
    Combined,
    /// A member of the metadata quorum that holds no partitions.
    Controller,
    /// Holds partitions and has no vote.
    Broker,
}

impl Roles {
    /// The value of `process.roles`.
    pub(crate) fn names(self) -> &'static str {
        match self {
            Self::Combined => "broker,controller",
            Self::Controller => "controller",
            Self::Broker => "broker",
        }
    }

    /// Whether clients are served.
    #[must_use]
    pub fn is_broker(self) -> bool {
        self != Self::Controller
    }

    /// Whether it votes.
    #[must_use]
    pub fn is_controller(self) -> bool {
        self != Self::Broker
    }
}

/// Its number, and the quorum that it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Membership {
    pub(crate) node: i32,
    /// The addresses of all controllers.
    pub(crate) controllers: Vec<SocketAddr>,
    pub(crate) founding: Founding,
}

/// What its metadata directory is formatted with.
#[derive(Clone, Debug)]
pub(crate) enum Founding {
    /// `--standalone`: a quorum of one.
    Alone,
    /// `--initial-controllers` with these.
    Initial(String),
    /// `--no-initial-controllers`: it joins a quorum that there is.
    Joins,
}

impl Membership {
    /// A cluster of one.
    pub(crate) fn alone(host: Ipv4Addr, controller: u16) -> Self {
        Self { node: 1, controllers: vec![(host, controller).into()], founding: Founding::Alone }
    }

    /// The value of `controller.quorum.bootstrap.servers`.
    pub(crate) fn bootstrap_servers(&self) -> String {
        let servers: Vec<_> = self.controllers.iter().map(SocketAddr::to_string).collect();
        servers.join(",")
    }

    /// The value of `KLAMM_BOOTSTRAP`: only alone a broker may found a cluster by itself.
    pub(crate) fn bootstrap(&self) -> &'static str {
        if matches!(self.founding, Founding::Alone) { "standalone" } else { "none" }
    }
}
