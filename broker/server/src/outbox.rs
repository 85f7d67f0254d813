//! What a connection still has to send: bytes in memory, and slices of files that go to the socket without a copy.

use std::{
    collections::VecDeque,
    io::{self, IoSlice},
};

use broker_log::ReadSlice;
use broker_protocol::wire::{Piece, Segments};
use bytes::{Buf as _, Bytes};
use rustix::net::{SendAncillaryBuffer, SendFlags, send, sendmsg};
use tokio::{io::Interest, net::TcpStream};

use crate::transport::{Tls, Transport};

/// How many buffers one vectored write takes.
const WRITE_PARTS_MAX: usize = 64;

/// A part of an answer.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// In memory.
    Bytes(Bytes),
    /// In a file.
    File(ReadSlice),
}

impl Outgoing {
    /// A frame with its files in the places that the encoder left out for them.
    pub(crate) fn join(segments: Segments, files: Vec<ReadSlice>) -> Vec<Self> {
        let mut files = files.into_iter();
        let join = |piece| match piece {
            Piece::Bytes(bytes) => Some(Self::Bytes(bytes)),
            Piece::Elsewhere { .. } => files.next().map(Self::File),
        };
        segments.pieces.into_iter().filter_map(join).collect()
    }

    fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::File(slice) => slice.len(),
        }
    }
}

/// The unsent parts of a connection, in order.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    parts: VecDeque<Outgoing>,
    /// Bytes of the first part that are sent, when it is a file.
    sent_of_file: usize,
    bytes: usize,
}

impl Outbox {
    /// Unsent bytes.
    pub(crate) fn len_bytes(&self) -> usize {
        self.bytes
    }

    /// Adds an answer.
    pub(crate) fn queue(&mut self, parts: Vec<Outgoing>) {
        for part in parts {
            if part.len() > 0 {
                self.bytes += part.len();
                self.parts.push_back(part);
            }
        }
    }

    /// Sends everything.
    pub(crate) async fn flush(&mut self, transport: &mut Transport) -> io::Result<()> {
        match transport {
            Transport::Plain(stream) => self.flush_plain(stream).await,
            Transport::Tls(tls) => self.flush_encrypted(tls).await,
        }
    }

    async fn flush_plain(&mut self, stream: &TcpStream) -> io::Result<()> {
        while let Some(first) = self.parts.front() {
            let sent = match first {
                Outgoing::Bytes(_) => stream.try_io(Interest::WRITABLE, || self.send_bytes(stream)),
                Outgoing::File(slice) => {
                    stream.try_io(Interest::WRITABLE, || slice.send_to(stream, self.sent_of_file))
                }
            };
            match sent {
                // The other side counts on bytes that are not there: a log that was truncated in between.
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(sent) => self.sent(sent),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => stream.writable().await?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What the session takes counts as sent: it is sent before anything behind it, and before this ends.
    async fn flush_encrypted(&mut self, tls: &mut Tls) -> io::Result<()> {
        loop {
            while let Some(first) = self.parts.front() {
                let taken = match first {
                    Outgoing::Bytes(_) => {
                        let mut slices = [IoSlice::new(&[]); WRITE_PARTS_MAX];
                        let count = self.gather(&mut slices);
                        tls.encrypt(&slices[..count])?
                    }
                    Outgoing::File(slice) => tls.encrypt_file(slice, self.sent_of_file)?,
                };
                if taken == 0 {
                    break;
                }
                self.sent(taken);
            }
            if !tls.has_unsent() {
                return Ok(());
            }
            tls.send().await?;
        }
    }

    /// What is in memory up to the next file; how many slices that are.
    fn gather<'a>(&'a self, slices: &mut [IoSlice<'a>; WRITE_PARTS_MAX]) -> usize {
        let mut count = 0;
        for (slice, part) in slices.iter_mut().zip(&self.parts) {
            let Outgoing::Bytes(bytes) = part else { break };
            *slice = IoSlice::new(bytes);
            count += 1;
        }
        count
    }

    /// Sends what is in memory up to the next file, whose bytes may share a segment with it.
    fn send_bytes(&self, stream: &TcpStream) -> io::Result<usize> {
        // Most answers: without the kernel's detour through a list of slices.
        if let [Outgoing::Bytes(only)] = self.parts.as_slices().0
            && self.parts.len() == 1
        {
            return Ok(send(stream, only, SendFlags::NOSIGNAL)?);
        }
        let mut slices = [IoSlice::new(&[]); WRITE_PARTS_MAX];
        let count = self.gather(&mut slices);
        let more = if count < self.parts.len() { SendFlags::MORE } else { SendFlags::empty() };
        let mut control = SendAncillaryBuffer::default();
        Ok(sendmsg(stream, &slices[..count], &mut control, SendFlags::NOSIGNAL | more)?)
    }

    fn sent(&mut self, mut sent: usize) {
        self.bytes -= sent;
        while let Some(part) = self.parts.front_mut() {
            let left = match part {
                Outgoing::Bytes(bytes) => bytes.len(),
                Outgoing::File(slice) => slice.len() - self.sent_of_file,
            };
            if sent < left {
                match part {
                    Outgoing::Bytes(bytes) => bytes.advance(sent),
                    Outgoing::File(_) => self.sent_of_file += sent,
                }
                return;
            }
            sent -= left;
            self.sent_of_file = 0;
            self.parts.pop_front();
        }
    }
}

#[cfg(test)]
mod tests;
