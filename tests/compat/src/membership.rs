//! Where a broker stands in its cluster.

/// Its number, and the quorum that it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Membership {
    pub(crate) node: i32,
    /// The ports of all controllers.
    pub(crate) controllers: Vec<u16>,
    /// What `--initial-controllers` is told; `None` for a quorum of one.
    pub(crate) initial: Option<String>,
}

impl Membership {
    /// A cluster of one.
    pub(crate) fn alone(controller: u16) -> Self {
        Self { node: 1, controllers: vec![controller], initial: None }
    }

    /// The value of `controller.quorum.bootstrap.servers`.
    pub(crate) fn bootstrap_servers(&self) -> String {
        let servers: Vec<_> = self.controllers.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        servers.join(",")
    }

    /// The value of `KLAMM_BOOTSTRAP`: only alone a broker may found a cluster by itself.
    pub(crate) fn bootstrap(&self) -> &'static str {
        if self.initial.is_none() { "standalone" } else { "none" }
    }
}
