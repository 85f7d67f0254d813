//! The listeners' addresses: taken early, so that a conflict is told before anything is touched, and listened on when
//! there is something to serve.

use std::{
    io,
    net::{SocketAddr, ToSocketAddrs as _},
    sync::Arc,
};

use broker_metadata::Endpoint;
use broker_protocol::{Listener, Str};
use tokio::net::{TcpSocket, lookup_host};

use super::StartError;
use crate::{
    broker::Broker,
    entrance::Entrance,
    listener::{self, ListenerName},
    settings::{ListenerSettings, Settings},
    tasks::TaskKind,
};

/// At least so many connections may wait to be accepted, whatever `socket.listen.backlog.size` says: one that is
/// turned away tries again only after a second.
const BACKLOG_MIN: u32 = 1024;

/// A listener's address, taken. Nobody is listened to yet: who connects is refused and may try another broker.
pub(super) struct Bound {
    pub(super) settings: ListenerSettings,
    socket: TcpSocket,
    address: SocketAddr,
}

impl Bound {
    /// Whether clients are told of it.
    pub(super) fn is_for_clients(&self) -> bool {
        !self.settings.is_controller && self.settings.advertised.is_some()
    }

    pub(super) fn endpoint(&self) -> Endpoint {
        endpoint(&self.settings, self.address.port())
    }
}

/// What others are told of a listener on `bound_port`.
pub(super) fn endpoint(listener: &ListenerSettings, bound_port: u16) -> Endpoint {
    let (host, port) = match &listener.advertised {
        Some((host, port)) => (advertised_host(host), if *port == 0 { bound_port } else { *port }),
        None => (advertised_host(&listener.host), bound_port),
    };
    let security_protocol = listener.protocol.id();
    Endpoint { name: Str::from(listener.name.as_str()), host: Str::from(host), port, security_protocol }
}

/// A wildcard address cannot be told to clients: they are told this machine's name.
fn advertised_host(host: &str) -> String {
    let is_wildcard = host.is_empty() || host == "0.0.0.0" || host == "::";
    if !is_wildcard {
        return host.to_owned();
    }
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let resolves = (name.as_str(), 0).to_socket_addrs().is_ok_and(|mut found| found.next().is_some());
    if resolves { name } else { "localhost".to_owned() }
}

/// Takes the addresses of all listeners.
pub(super) async fn bind(settings: &Settings) -> Result<Vec<Bound>, StartError> {
    let mut bound = Vec::new();
    for listener in &settings.listeners {
        let (socket, address) = bind_one(listener).await.map_err(|source| failed(listener, source))?;
        bound.push(Bound { settings: listener.clone(), socket, address });
    }
    Ok(bound)
}

async fn bind_one(listener: &ListenerSettings) -> io::Result<(TcpSocket, SocketAddr)> {
    let mut refused = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in lookup_host((host(listener), listener.port)).await? {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        match socket.bind(address) {
            Ok(()) => {
                let address = socket.local_addr()?;
                return Ok((socket, address));
            }
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

fn host(listener: &ListenerSettings) -> &str {
    if listener.host.is_empty() { "0.0.0.0" } else { &listener.host }
}

fn failed(listener: &ListenerSettings, source: io::Error) -> StartError {
    refused(&listener.name, format!("{}:{}", host(listener), listener.port), &source)
}

/// `listener` cannot have its address. The usual reason in the words that operators search for: the static binary's C
/// library has others.
pub(crate) fn refused(listener: &str, address: String, error: &io::Error) -> StartError {
    let reason = match error.kind() {
        io::ErrorKind::AddrInUse => "Address already in use".to_owned(),
        _ => error.to_string(),
    };
    StartError::Listen { listener: listener.to_owned(), address, reason }
}

/// Which listeners open before the authorizer knows its bindings (`early.start.listeners`), and which do not.
pub(super) fn by_start(broker: &Broker, bound: Vec<Bound>) -> (Vec<Bound>, Vec<Bound>) {
    let early = &broker.settings().config.network.early_start;
    bound.into_iter().partition(|one| early.contains(&one.settings.name))
}

/// Opens listeners once the authorizer knows its bindings; at once without one. As in Kafka a quorum of several whose
/// controllers wait so for one another never forms.
pub(super) fn serve_when_authorized(broker: &Arc<Broker>, bound: Vec<Bound>) {
    if bound.is_empty() {
        return;
    }
    let (waiting, draining) = (Arc::clone(broker), broker.tasks().draining());
    broker.tasks().spawn(TaskKind::Listener, async move {
        tokio::select! {
            biased;
            () = draining.cancelled() => {}
            () = waiting.authorizer().ready() => {
                if let Err(error) = serve(&waiting, bound) {
                    tracing::error!(%error, "a listener of controllers does not open");
                    waiting.tasks().drain();
                }
            }
        }
    });
}

/// Listens, accepts and answers from now on.
pub(super) fn serve(broker: &Arc<Broker>, bound: Vec<Bound>) -> Result<(), StartError> {
    let draining = broker.tasks().draining();
    let backlog = broker.settings().config.network.backlog.max(BACKLOG_MIN);
    for one in bound {
        let socket = one.socket.listen(backlog).map_err(|source| failed(&one.settings, source))?;
        let name = Arc::new(ListenerName::new(&one.settings.name));
        tracing::info!(listener = %name, address = %one.address, "listening");
        let connections = Arc::clone(broker.connections(one.settings.is_controller));
        let role = if one.settings.is_controller { Listener::Controller } else { Listener::Broker };
        let tls = broker.encryption.acceptor(&one.settings.name);
        let entrance = Entrance::new(name, role, one.settings.protocol, tls);
        let accept =
            listener::accept(socket, Arc::new(entrance), Arc::clone(broker), connections, draining.clone());
        broker.tasks().spawn(TaskKind::Listener, accept);
    }
    Ok(())
}
