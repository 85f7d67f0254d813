//! The bytes of an accepted connection, encrypted or not.
//!
//! Invariant: a plain connection is used as the socket that it is; what encryption needs is in the other arm alone.

mod handshakes;
mod tls;

use std::io;

use tokio::net::TcpStream;

pub(crate) use handshakes::Handshakes;
pub(crate) use tls::Tls;

/// An accepted connection.
#[derive(Debug)]
pub(crate) enum Transport {
    Plain(TcpStream),
    Tls(Box<Tls>),
}

impl Transport {
    /// Waits until something can be read, without a buffer for it.
    ///
    /// # Errors
    /// The socket's, or what is wrong with the bytes that came.
    pub(crate) async fn readable(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.readable().await,
            Self::Tls(tls) => tls.readable().await,
        }
    }

    /// Takes what has arrived; 0 at the end.
    ///
    /// # Errors
    /// `WouldBlock` when nothing has; the socket's.
    pub(crate) fn try_read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.try_read(room),
            Self::Tls(tls) => tls.try_read(room),
        }
    }

    /// Whether something was taken from the outbox that the socket has not.
    pub(crate) fn has_unsent(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Tls(tls) => tls.has_unsent(),
        }
    }

    /// Says that nothing comes any more, as far as the socket takes it at once.
    pub(crate) fn close(&mut self) {
        if let Self::Tls(tls) = self {
            tls.close();
        }
    }
}
