//! What a broker is, and where it and its files are.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Broker;
use crate::membership::Roles;
use crate::process::Process;
use crate::spec::Kind;

impl Broker {
    /// Whose it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.spec.kind
    }

    /// What it is in its cluster.
    #[must_use]
    pub fn roles(&self) -> Roles {
        self.spec.roles
    }

    /// Its number in the cluster.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.membership.node
    }

    /// Its address for clients.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (self.spec.host, self.ports.client).into()
    }

    /// Its address for clients that encrypt.
    #[must_use]
    pub fn ssl_address(&self) -> SocketAddr {
        (self.spec.host, self.ports.ssl).into()
    }

    /// Its address for controllers.
    #[must_use]
    pub fn controller_address(&self) -> SocketAddr {
        (self.spec.host, self.ports.controller).into()
    }

    /// Its port for administrators, of Klamm's.
    #[must_use]
    pub fn admin_port(&self) -> u16 {
        self.ports.admin
    }

    /// Its address for clients as text.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        self.address().to_string()
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder of a partition.
    #[must_use]
    pub fn partition(&self, topic: &str, partition: i32) -> PathBuf {
        self.data().join(format!("{topic}-{partition}"))
    }

    /// The number of its process, if it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    /// From the start of the process until it served, of the last start.
    #[must_use]
    pub fn started_in(&self) -> Duration {
        self.started_in
    }

    /// The end of what it has written to its log.
    #[must_use]
    pub fn last_lines(&self) -> String {
        self.process.as_ref().map(Process::last_lines).unwrap_or_default()
    }

    /// The folder that holds its data, its properties and its log.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}
