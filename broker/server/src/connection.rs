//! One client connection: reads frames, has each answered in turn, writes the answers in that order.
//!
//! Invariants: one request of a connection is worked on at a time, as Kafka's muted channels do, so
//! memory is bounded by one request and one response; an idle connection holds no buffer; with
//! `queued.max.request.bytes` a request is read only when there is room for it.

use std::{io, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{net::TcpStream, time::Sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{self, Answer},
    broker::Broker,
    connections::Place,
    frame::{FrameError, Inbox},
    listener::ListenerName,
    outbox::Outbox,
    request_memory::{RequestMemory, Reservation},
};

/// Answers are gathered up to here while more requests wait in the read buffer.
const GATHER_BYTES_MAX: usize = 256 * 1024;

/// What is known of the other side, for every request on the connection.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) listener: Arc<ListenerName>,
    pub(crate) role: broker_protocol::Listener,
    pub(crate) address: SocketAddr,
}

/// One accepted connection.
pub(crate) struct Connection {
    stream: TcpStream,
    peer: Peer,
    place: Place,
    inbox: Inbox,
    memory: RequestMemory,
    /// Room for the request that is being read.
    reserved: Option<Reservation>,
    outbox: Outbox,
    idle: Pin<Box<Sleep>>,
    idle_limit: Duration,
    active: bool,
}

enum Waited {
    Readable(io::Result<()>),
    Idle,
    Draining,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, peer: Peer, place: Place, broker: &Broker) -> Self {
        let limits = broker.limits();
        let idle_limit = limits.idle_max;
        Self {
            stream,
            peer,
            place,
            inbox: Inbox::new(broker.buffers().clone(), limits.request_bytes_max),
            memory: broker.request_memory().clone(),
            reserved: None,
            outbox: Outbox::default(),
            idle: Box::pin(tokio::time::sleep(idle_limit)),
            idle_limit,
            active: false,
        }
    }

    /// Serves until the client leaves, misbehaves, idles too long, or is told to end: the broker drains, or its
    /// place is needed.
    pub(crate) async fn serve(mut self, broker: Arc<Broker>) {
        let draining = self.place.ending();
        if let Err(error) = self.serve_until_end(&broker, &draining).await {
            tracing::debug!(peer = %self.peer.address, listener = %self.peer.listener, %error, "connection closed");
        }
    }

    async fn serve_until_end(
        &mut self,
        broker: &Arc<Broker>,
        draining: &CancellationToken,
    ) -> io::Result<()> {
        loop {
            while let Some(request) = self.next_request(draining).await? {
                self.active = true;
                match api::answer(broker, &self.peer, request).await {
                    Answer::Reply(parts) => self.outbox.queue(parts),
                    Answer::Silence => {}
                    Answer::Close(reason) => {
                        self.outbox.flush(&self.stream).await?;
                        return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
                    }
                }
                if self.outbox.len_bytes() > GATHER_BYTES_MAX {
                    self.outbox.flush(&self.stream).await?;
                }
            }
            self.outbox.flush(&self.stream).await?;
            match self.wait(draining).await {
                Waited::Readable(ready) => ready?,
                Waited::Idle | Waited::Draining => return Ok(()),
            }
            if !self.fill()? {
                return Ok(());
            }
        }
    }

    /// The next request that has arrived whole, holding the room that was reserved for it.
    async fn next_request(&mut self, draining: &CancellationToken) -> io::Result<Option<Bytes>> {
        if !self.memory.is_unlimited() && self.reserved.is_none() {
            self.reserve(draining).await?;
        }
        let request = self.inbox.next().map_err(unreadable)?;
        Ok(request.map(|request| match self.reserved.take() {
            Some(reservation) => reservation.around(request),
            None => request,
        }))
    }

    /// Waits until the request at hand may take its memory; an error when the broker drains meanwhile.
    async fn reserve(&mut self, draining: &CancellationToken) -> io::Result<()> {
        let Some(bytes) = self.inbox.promised().map_err(unreadable)? else { return Ok(()) };
        self.reserved = self.memory.try_reserve(bytes);
        if self.reserved.is_some() {
            return Ok(());
        }
        // Answers that wait here could be what others wait for.
        self.outbox.flush(&self.stream).await?;
        tokio::select! {
            biased;
            () = draining.cancelled() => Err(io::ErrorKind::Interrupted.into()),
            reservation = self.memory.reserve(bytes) => {
                self.reserved = Some(reservation);
                Ok(())
            }
        }
    }

    /// Waits for bytes without holding a buffer. The idle timer is armed anew only when it fires,
    /// so that a busy connection does not touch it.
    async fn wait(&mut self, draining: &CancellationToken) -> Waited {
        loop {
            // Looked at first: a client that never pauses must not hold up the end.
            if draining.is_cancelled() {
                return Waited::Draining;
            }
            let waited = tokio::select! {
                biased;
                ready = self.stream.readable() => Waited::Readable(ready),
                () = draining.cancelled() => Waited::Draining,
                () = self.idle.as_mut() => Waited::Idle,
            };
            if matches!(waited, Waited::Idle) && self.active {
                self.active = false;
                let next = self.idle.deadline() + self.idle_limit;
                self.idle.as_mut().reset(next);
                continue;
            }
            return waited;
        }
    }

    /// Takes what has arrived; false at the end of the stream.
    fn fill(&mut self) -> io::Result<bool> {
        let read = self.stream.try_read(self.inbox.room());
        self.inbox.received(*read.as_ref().unwrap_or(&0));
        match read {
            Ok(0) => Ok(false),
            Ok(_) => {
                self.place.touch();
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(true),
            Err(error) => Err(error),
        }
    }
}

fn unreadable(error: FrameError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
