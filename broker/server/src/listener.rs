//! Accepts connections of one listener, within the limits of connections.

use std::{fmt, io, net::SocketAddr, sync::Arc};

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::{
    broker::Broker,
    connection::Connection,
    connections::{Admitted, Connections},
    entrance::Entrance,
    tasks::TaskKind,
};

/// A listener's name, as in `listeners=NAME://host:port`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ListenerName(String);

impl ListenerName {
    pub(crate) fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ListenerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Accepts until the broker drains. A failed accept (no file descriptor left) is logged and waited out:
/// the listener itself must outlive any flood.
pub(crate) async fn accept(
    listener: TcpListener,
    entrance: Arc<Entrance>,
    broker: Arc<Broker>,
    connections: Arc<Connections>,
    draining: CancellationToken,
) {
    if let Err(error) = set_receive_buffer(&listener, &broker) {
        tracing::warn!(listener = %entrance.name, %error, "socket.receive.buffer.bytes has no effect");
    }
    loop {
        let accepted = tokio::select! {
            biased;
            () = draining.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                // Nothing else is accepted while this one waits for its place.
                let admitted = tokio::select! {
                    biased;
                    () = draining.cancelled() => return,
                    admitted = admit((stream, address), &entrance, &broker, &connections) => admitted,
                };
                if let Err(error) = admitted {
                    tracing::debug!(%address, %error, "connection not admitted");
                }
            }
            Err(error) => {
                tracing::warn!(listener = %entrance.name, %error, "accept failed");
                tokio::time::sleep(broker.limits().accept_backoff).await;
            }
        }
    }
}

async fn admit(
    (stream, address): (TcpStream, SocketAddr),
    entrance: &Arc<Entrance>,
    broker: &Arc<Broker>,
    connections: &Arc<Connections>,
) -> io::Result<()> {
    let end = broker.tasks().draining().child_token();
    let place = match connections.admit(&entrance.name, address.ip(), end.clone()).await {
        Admitted::Place(place) => place,
        Admitted::TooMany => {
            broker.metrics().connections_refused.inc();
            return Err(io::Error::other("its address has too many connections"));
        }
        Admitted::Hold(until, permit) => {
            broker.metrics().connections_refused.inc();
            broker.tasks().spawn(TaskKind::Connection, async move {
                let _until_then = (stream, permit);
                tokio::select! {
                    biased;
                    () = end.cancelled() => {}
                    () = tokio::time::sleep_until(until) => {}
                }
            });
            return Err(io::Error::other("its address connects too often"));
        }
    };
    stream.set_nodelay(true)?;
    set_send_buffer(&stream, broker)?;
    let (broker, entrance) = (Arc::clone(broker), Arc::clone(entrance));
    broker.clone().tasks().spawn(TaskKind::Connection, async move {
        // In boxes, so that an idle connection does not keep the room that it came in by.
        match Box::pin(entrance.enter(stream, address, broker.buffers(), &place.ending())).await {
            Ok((transport, peer)) => {
                drop(entrance);
                Box::new(Connection::new(transport, peer, place, &broker)).serve(broker).await;
            }
            Err(error) => tracing::debug!(%address, listener = %entrance.name, %error, "handshake failed"),
        }
    });
    Ok(())
}

fn set_send_buffer(stream: &TcpStream, broker: &Broker) -> io::Result<()> {
    let Some(bytes) = broker.settings().send_buffer else { return Ok(()) };
    Ok(rustix::net::sockopt::set_socket_send_buffer_size(stream, bytes)?)
}

/// Accepted connections inherit it.
fn set_receive_buffer(listener: &TcpListener, broker: &Broker) -> io::Result<()> {
    let Some(bytes) = broker.settings().receive_buffer else { return Ok(()) };
    Ok(rustix::net::sockopt::set_socket_recv_buffer_size(listener, bytes)?)
}
