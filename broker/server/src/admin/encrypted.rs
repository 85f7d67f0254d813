//! Connections of the admin port over TLS. Both sides agree in the connection's own task, before its first bytes are
//! read, so that nobody waits for a slow one.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::serve::Listener;
use broker_tls::Acceptor;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// How long both sides may take to agree.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// Accepts with the keys that are in use at the time.
#[derive(Debug)]
pub(super) struct Encrypted {
    socket: TcpListener,
    acceptor: Arc<Acceptor>,
}

impl Encrypted {
    pub(super) fn new(socket: TcpListener, acceptor: Arc<Acceptor>) -> Self {
        Self { socket, acceptor }
    }
}

impl Listener for Encrypted {
    type Io = Session;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Session, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.socket).await;
        let agreeing = TlsAcceptor::from(self.acceptor.config()).accept(stream);
        let agreed = async { timeout(HANDSHAKE_MAX, agreeing).await? };
        (Session::Agreeing(Box::pin(agreed)), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

type Agreed = Box<TlsStream<TcpStream>>;

/// One connection.
pub(super) enum Session {
    Agreeing(Pin<Box<dyn Future<Output = io::Result<TlsStream<TcpStream>>> + Send>>),
    Agreed(Agreed),
    /// The two did not agree.
    Failed,
}

impl Session {
    /// The session, once both sides have agreed.
    fn poll_agreed(&mut self, context: &mut Context<'_>) -> Poll<io::Result<&mut Agreed>> {
        if let Self::Agreeing(agreeing) = self {
            *self = match ready!(agreeing.as_mut().poll(context)) {
                Ok(session) => Self::Agreed(Box::new(session)),
                Err(error) => {
                    tracing::debug!(%error, "handshake failed on the admin port");
                    Self::Failed
                }
            };
        }
        Poll::Ready(match self {
            Self::Agreed(session) => Ok(session),
            Self::Agreeing(_) | Self::Failed => Err(io::ErrorKind::NotConnected.into()),
        })
    }
}

impl AsyncRead for Session {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let session = ready!(self.get_mut().poll_agreed(context))?;
        Pin::new(session).poll_read(context, buffer)
    }
}

impl AsyncWrite for Session {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let session = ready!(self.get_mut().poll_agreed(context))?;
        Pin::new(session).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let session = ready!(self.get_mut().poll_agreed(context))?;
        Pin::new(session).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Agreed(session) => Pin::new(session).poll_shutdown(context),
            // There is nothing to say good-bye to.
            Self::Agreeing(_) | Self::Failed => Poll::Ready(Ok(())),
        }
    }
}
