//! What makes a listener's connections what they are: its name, whom it serves, how it is protected.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use broker_config::SecurityProtocol;
use broker_tls::Acceptor;
use tokio::{net::TcpStream, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    buffers::BufferPool,
    connection::Peer,
    context::Principal,
    listener::ListenerName,
    transport::{Handshakes, Tls, Transport},
};

/// How long both sides may take to agree: as long as clients wait for it at first.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// One listener, as its connections see it.
#[derive(Debug)]
pub(crate) struct Entrance {
    pub(crate) name: Arc<ListenerName>,
    role: broker_protocol::Listener,
    protocol: SecurityProtocol,
    /// `None`: not encrypted.
    tls: Option<Arc<Acceptor>>,
    handshakes: Handshakes,
}

impl Entrance {
    pub(crate) fn new(
        name: Arc<ListenerName>,
        role: broker_protocol::Listener,
        protocol: SecurityProtocol,
        tls: Option<Arc<Acceptor>>,
    ) -> Self {
        Self { name, role, protocol, tls, handshakes: Handshakes::default() }
    }

    /// Makes an accepted socket a connection: at once where it is plain, else when both sides have agreed. To be waited
    /// for by the connection's own task.
    ///
    /// # Errors
    /// When the other side leaves, takes too long, or is not who it should be.
    pub(crate) async fn enter(
        &self,
        stream: TcpStream,
        address: SocketAddr,
        pool: &BufferPool,
        ending: &CancellationToken,
    ) -> io::Result<(Transport, Peer)> {
        let mut peer = Peer {
            listener: Arc::clone(&self.name),
            role: self.role,
            protocol: self.protocol,
            address,
            principal: None,
        };
        let Some(acceptor) = &self.tls else { return Ok((Transport::Plain(stream), peer)) };
        let unfinished = self.handshakes.begin();
        let session = acceptor.accept().map_err(io::Error::other)?;
        let mut tls = Box::new(Tls::new(stream, session, pool.clone()));
        tokio::select! {
            biased;
            () = ending.cancelled() => return Err(io::ErrorKind::Interrupted.into()),
            () = unfinished.displaced() => return Err(io::Error::other("too many handshakes are under way")),
            agreed = timeout(HANDSHAKE_MAX, tls.handshake()) => {
                agreed.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
            }
        }
        let name = acceptor.name_of(tls.session()).map_err(io::Error::other)?;
        peer.principal = name.map(|name| Principal::user(&name));
        Ok((Transport::Tls(tls), peer))
    }
}
