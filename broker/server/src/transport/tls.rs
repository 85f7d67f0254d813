//! The encrypted arm: a session of rustls over a socket that is never waited for with a lock or a buffer held.
//!
//! ```text
//! socket -> read_tls -> session -> try_read -> inbox
//! outbox -> encrypt -> session -> send -> socket
//! ```
//! Invariants: plaintext is read from the socket only when what came before was taken; the session holds at most
//! [`UNSENT_BYTES_MAX`] that the socket did not take.

use std::io::{self, IoSlice, Read as _, Write as _};

use broker_log::ReadSlice;
use rustls::ServerConnection;
use tokio::net::TcpStream;

use crate::buffers::BufferPool;

/// How much plaintext is encrypted ahead of the socket.
const UNSENT_BYTES_MAX: usize = 128 * 1024;
/// How much of a file is read at a time.
const FILE_BYTES: usize = 64 * 1024;

/// An encrypted connection.
#[derive(Debug)]
pub(crate) struct Tls {
    stream: TcpStream,
    session: ServerConnection,
    pool: BufferPool,
    /// Decrypted bytes that nobody took yet.
    available: usize,
    has_ended: bool,
}

impl Tls {
    pub(crate) fn new(stream: TcpStream, mut session: ServerConnection, pool: BufferPool) -> Self {
        session.set_buffer_limit(Some(UNSENT_BYTES_MAX));
        Self { stream, session, pool, available: 0, has_ended: false }
    }

    /// The session, for what its handshake found out.
    pub(crate) fn session(&self) -> &ServerConnection {
        &self.session
    }

    /// Agrees with the other side; what is wrong is told to it.
    ///
    /// # Errors
    /// The socket's, or why they did not agree.
    pub(crate) async fn handshake(&mut self) -> io::Result<()> {
        loop {
            self.send().await?;
            if !self.session.is_handshaking() {
                return Ok(());
            }
            if self.receive().await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// As [`super::Transport::readable`].
    pub(crate) async fn readable(&mut self) -> io::Result<()> {
        while self.available == 0 && !self.has_ended {
            self.receive().await?;
        }
        Ok(())
    }

    /// As [`super::Transport::try_read`]. An end that was not announced is one all the same: a request that was cut
    /// is never whole.
    pub(crate) fn try_read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self.session.reader().read(room) {
            Ok(read) => {
                self.available -= read.min(self.available);
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Waits for bytes and has them decrypted; how many came.
    async fn receive(&mut self) -> io::Result<usize> {
        loop {
            self.stream.readable().await?;
            match self.session.read_tls(&mut Socket(&self.stream)) {
                Ok(read) => {
                    self.has_ended |= read == 0;
                    self.decrypt()?;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn decrypt(&mut self) -> io::Result<()> {
        match self.session.process_new_packets() {
            Ok(state) => {
                self.available = state.plaintext_bytes_to_read();
                self.has_ended |= state.peer_has_closed();
                Ok(())
            }
            Err(error) => {
                // The alert that says why; who does not listen does not hear it.
                let _told = self.session.write_tls(&mut Socket(&self.stream));
                Err(io::Error::new(io::ErrorKind::InvalidData, error))
            }
        }
    }

    /// Encrypts what fits; how much that was.
    ///
    /// # Errors
    /// The session's.
    pub(crate) fn encrypt(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.session.writer().write_vectored(parts)
    }

    /// As [`Tls::encrypt`], of a file from `done` on.
    ///
    /// # Errors
    /// The file's; `WriteZero` when it ends before it should: a log that was truncated in between.
    pub(crate) fn encrypt_file(&mut self, slice: &ReadSlice, done: usize) -> io::Result<usize> {
        let mut buffer = self.pool.take(FILE_BYTES);
        let read = slice.read_part(&mut buffer, done);
        let encrypted = match read {
            Ok(0) => Err(io::ErrorKind::WriteZero.into()),
            Ok(read) => self.session.writer().write(&buffer[..read]),
            Err(error) => Err(error),
        };
        self.pool.give(buffer);
        encrypted
    }

    /// Whether there are encrypted bytes that the socket has not taken.
    pub(crate) fn has_unsent(&self) -> bool {
        self.session.wants_write()
    }

    /// Waits until the socket has taken everything that is encrypted.
    ///
    /// # Errors
    /// The socket's.
    pub(crate) async fn send(&mut self) -> io::Result<()> {
        while self.session.wants_write() {
            match self.session.write_tls(&mut Socket(&self.stream)) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// As [`super::Transport::close`].
    pub(crate) fn close(&mut self) {
        self.session.send_close_notify();
        let _told = self.session.write_tls(&mut Socket(&self.stream));
    }
}

/// A socket that never waits.
struct Socket<'a>(&'a TcpStream);

impl io::Read for Socket<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buf)
    }
}

impl io::Write for Socket<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.try_write(buf)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
