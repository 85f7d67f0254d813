//! One client connection: reads frames, has each answered in turn, writes the answers in that order.
//!
//! Invariants: one request of a connection is worked on at a time, as Kafka's muted channels do, so
//! memory is bounded by one request and one response; an idle connection holds no buffer.

use std::{io, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use bytes::BytesMut;
use tokio::{net::TcpStream, time::Sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{self, Answer},
    broker::Broker,
    frame,
    listener::ListenerName,
    outbox::Outbox,
};

/// Answers are gathered up to here while more requests wait in the read buffer.
const GATHER_BYTES_MAX: usize = 256 * 1024;

/// What is known of the other side, for every request on the connection.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) listener: Arc<ListenerName>,
    pub(crate) address: SocketAddr,
}

/// One accepted connection.
pub(crate) struct Connection {
    stream: TcpStream,
    peer: Peer,
    received: BytesMut,
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
    pub(crate) fn new(stream: TcpStream, peer: Peer, idle_limit: Duration) -> Self {
        Self {
            stream,
            peer,
            received: BytesMut::new(),
            outbox: Outbox::default(),
            idle: Box::pin(tokio::time::sleep(idle_limit)),
            idle_limit,
            active: false,
        }
    }

    /// Serves until the client leaves, misbehaves, idles too long, or the broker drains.
    pub(crate) async fn serve(mut self, broker: Arc<Broker>, draining: CancellationToken) {
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
            while let Some(request) = frame::split(&mut self.received, broker.limits().request_bytes_max)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?
            {
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
            if self.received.is_empty() {
                self.received = BytesMut::new();
            }
            match self.wait(draining).await {
                Waited::Readable(ready) => ready?,
                Waited::Idle | Waited::Draining => return Ok(()),
            }
            if !self.fill()? {
                return Ok(());
            }
        }
    }

    /// Waits for bytes without holding a buffer. The idle timer is armed anew only when it fires,
    /// so that a busy connection does not touch it.
    async fn wait(&mut self, draining: &CancellationToken) -> Waited {
        loop {
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
        frame::make_room(&mut self.received);
        match self.stream.try_read_buf(&mut self.received) {
            Ok(0) => Ok(false),
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(true),
            Err(error) => Err(error),
        }
    }
}
