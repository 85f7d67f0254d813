//! Frames on a socket, byte by byte.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result};

/// Longer answers are taken for an error of the broker.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A connection that sends and receives raw bytes.
#[derive(Debug)]
pub struct Connection(TcpStream);

impl Connection {
    /// Connects; each later wait ends after `limit`.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn open(address: SocketAddr, limit: Duration) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, limit)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))?;
        Ok(Self(stream))
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// When the peer has gone.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.0.write_all(bytes)?)
    }

    /// Tells the peer that no more bytes will come.
    ///
    /// # Errors
    /// When the peer has gone.
    pub fn finish_sending(&mut self) -> Result<()> {
        Ok(self.0.shutdown(std::net::Shutdown::Write)?)
    }

    /// One answer without its length; `None` when the peer closed the connection instead.
    ///
    /// # Errors
    /// When neither came in time.
    pub fn receive(&mut self) -> Result<Option<Vec<u8>>> {
        let mut length = [0; 4];
        match self.0.read_exact(&mut length) {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => {
                return Ok(None);
            }
            Err(error) => return Err(error).context("no answer"),
        }
        let length = usize::try_from(i32::from_be_bytes(length)).context("an answer's length is negative")?;
        anyhow::ensure!(length <= ANSWER_BYTES_MAX, "an answer of {length} bytes");
        let mut answer = vec![0; length];
        self.0.read_exact(&mut answer).context("the answer ends early")?;
        Ok(Some(answer))
    }
}

/// `body` with its length before it.
#[must_use]
pub fn frame(body: &[u8]) -> Vec<u8> {
    let length = i32::try_from(body.len()).unwrap_or(i32::MAX);
    [&length.to_be_bytes(), body].concat()
}

/// A whole request frame. `header_version` 1 has a client id, 2 has tagged fields after it.
#[must_use]
pub fn request(key: i16, version: i16, correlation: i32, header_version: u8, body: &[u8]) -> Vec<u8> {
    let client = b"probe";
    let mut bytes = Vec::new();
    bytes.extend(key.to_be_bytes());
    bytes.extend(version.to_be_bytes());
    bytes.extend(correlation.to_be_bytes());
    bytes.extend([0, 5]);
    bytes.extend(client);
    if header_version >= 2 {
        bytes.push(0);
    }
    bytes.extend(body);
    frame(&bytes)
}
