//! Frames on a socket, byte by byte.

mod stream;

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::net::{AddressFamily, SocketType};

pub(crate) use self::stream::Stream;
pub use self::stream::Trust;

/// Longer answers are taken for an error of the broker.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A connection that sends and receives raw bytes.
#[derive(Debug)]
pub struct Connection(Stream);

impl Connection {
    /// Connects; each later wait ends after `limit`.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn open(address: SocketAddr, limit: Duration) -> Result<Self> {
        Ok(Self(Stream::Plain(limited(TcpStream::connect_timeout(&address, limit)?, limit)?)))
    }

    /// Connects, and shakes hands by TLS as a client that believes whom `trust` names.
    ///
    /// # Errors
    /// When nobody listens, or the two do not agree.
    pub fn open_tls(address: SocketAddr, trust: &Trust, limit: Duration) -> Result<Self> {
        let socket = limited(TcpStream::connect_timeout(&address, limit)?, limit)?;
        Ok(Self(Stream::encrypted(socket, address.ip(), trust)?))
    }

    /// Connects from an address of this machine.
    ///
    /// # Errors
    /// When nobody listens, or the address is not here.
    pub fn open_from(from: IpAddr, address: SocketAddr, limit: Duration) -> Result<Self> {
        let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let socket = rustix::net::socket(family, SocketType::STREAM, None)?;
        rustix::net::bind(&socket, &SocketAddr::new(from, 0))?;
        rustix::net::connect(&socket, &address)?;
        Ok(Self(Stream::Plain(limited(TcpStream::from(socket), limit)?)))
    }

    /// Changes how long each later wait may take.
    ///
    /// # Errors
    /// When the limit is zero.
    pub fn set_limit(&mut self, limit: Duration) -> Result<()> {
        Ok(self.0.socket().set_read_timeout(Some(limit))?)
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// When the peer has gone.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.0.write_all(bytes)?)
    }

    /// One answer without its length; `None` when the peer closed the connection instead.
    ///
    /// # Errors
    /// When neither came in time.
    pub fn receive(&mut self) -> Result<Option<Vec<u8>>> {
        let mut answer = Vec::new();
        Ok(self.receive_into(&mut answer)?.map(|()| answer))
    }

    /// The same into a buffer that is used again.
    ///
    /// # Errors
    /// When neither an answer nor the end came in time.
    pub fn receive_into(&mut self, answer: &mut Vec<u8>) -> Result<Option<()>> {
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
        answer.resize(length, 0);
        self.0.read_exact(answer).context("the answer ends early")?;
        Ok(Some(()))
    }

    /// A second handle on the same connection, for another thread.
    ///
    /// # Errors
    /// When it is encrypted, which is one state for both directions, or the process may open no more files.
    pub fn share(&self) -> Result<Self> {
        match &self.0 {
            Stream::Plain(socket) => Ok(Self(Stream::Plain(socket.try_clone()?))),
            Stream::Tls(_) => anyhow::bail!("an encrypted connection is not shared"),
        }
    }
}

/// A socket that waits no longer than `limit`, and not for more to send.
fn limited(socket: TcpStream, limit: Duration) -> Result<TcpStream> {
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(limit))?;
    socket.set_write_timeout(Some(limit))?;
    Ok(socket)
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

/// Builds a request's body in the old encoding or in the compact one that flexible versions have.
#[derive(Clone, Debug)]
pub struct Body {
    bytes: Vec<u8>,
    flexible: bool,
}

impl Body {
    /// An empty body.
    #[must_use]
    pub fn new(flexible: bool) -> Self {
        Self { bytes: Vec::new(), flexible }
    }

    /// The bytes so far.
    #[must_use]
    pub fn bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Adds bytes as they are: numbers in big endian.
    #[must_use]
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend(bytes);
        self
    }

    /// Adds an 8-bit number.
    #[must_use]
    pub fn int8(self, number: i8) -> Self {
        self.raw(&number.to_be_bytes())
    }

    /// Adds a 16-bit number.
    #[must_use]
    pub fn int16(self, number: i16) -> Self {
        self.raw(&number.to_be_bytes())
    }

    /// Adds a 32-bit number.
    #[must_use]
    pub fn int32(self, number: i32) -> Self {
        self.raw(&number.to_be_bytes())
    }

    /// Adds a 64-bit number.
    #[must_use]
    pub fn int64(self, number: i64) -> Self {
        self.raw(&number.to_be_bytes())
    }

    /// Adds a text; absent is not the same as empty.
    #[must_use]
    pub fn text(self, text: Option<&str>) -> Self {
        let length = text.map(str::len);
        let with_length = if self.flexible { self.varint(length) } else { self.short(length) };
        with_length.raw(text.unwrap_or_default().as_bytes())
    }

    /// Adds bytes with their length, as record sets are.
    #[must_use]
    pub fn blob(self, bytes: &[u8]) -> Self {
        self.array(Some(bytes.len())).raw(bytes)
    }

    /// Starts an array of this length; the elements follow.
    #[must_use]
    pub fn array(self, length: Option<usize>) -> Self {
        if self.flexible {
            return self.varint(length);
        }
        let length = length.map_or(-1, |length| i32::try_from(length).unwrap_or(i32::MAX));
        self.int32(length)
    }

    /// Ends a structure: no tagged fields, in flexible versions.
    #[must_use]
    pub fn end(self) -> Self {
        if self.flexible { self.raw(&[0]) } else { self }
    }

    fn short(self, length: Option<usize>) -> Self {
        self.int16(length.map_or(-1, |length| i16::try_from(length).unwrap_or(i16::MAX)))
    }

    /// A compact length: one more than it is, 0 for absent.
    fn varint(mut self, length: Option<usize>) -> Self {
        let mut left = length.map_or(0, |length| length + 1);
        while left >= 0x80 {
            self.bytes.push(u8::try_from(left & 0x7f).unwrap_or(0) | 0x80);
            left >>= 7;
        }
        self.bytes.push(u8::try_from(left).unwrap_or(0));
        self
    }
}
