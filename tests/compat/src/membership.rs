//! Where a broker stands in its cluster.

/// Its number, and the quorum that it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Membership {
    pub(crate) node: i32,
    /// The ports of all controllers.
    pub(crate) controllers: Vec<u16>,
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
    pub(crate) fn alone(controller: u16) -> Self {
        Self { node: 1, controllers: vec![controller], founding: Founding::Alone }
    }

    /// The value of `controller.quorum.bootstrap.servers`.
    pub(crate) fn bootstrap_servers(&self) -> String {
        let servers: Vec<_> = self.controllers.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        servers.join(",")
    }

    /// The value of `KLAMM_BOOTSTRAP`: only alone a broker may found a cluster by itself.
    pub(crate) fn bootstrap(&self) -> &'static str {
        if matches!(self.founding, Founding::Alone) { "standalone" } else { "none" }
    }
}
