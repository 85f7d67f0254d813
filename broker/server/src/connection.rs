//! One client connection: reads frames, has each answered in turn, writes the answers in that order.
//!
//! Invariants: one request of a connection is worked on at a time, as Kafka's muted channels do, so
//! memory is bounded by one request and one response; only appends that wait for other replicas, and hold
//! nothing of their request, let the next append begin; an idle connection holds no buffer; with
//! `queued.max.request.bytes` a request is read only when there is room for it.

mod answers;
mod gate;
#[cfg(test)]
mod tests;

use std::{
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use broker_config::SecurityProtocol;
use bytes::Bytes;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use self::{
    answers::Answers,
    gate::{Gate, Passage},
};
use crate::{
    api::{self, Answer},
    broker::Broker,
    connections::Place,
    context::Principal,
    frame::{Bounds, FrameError, Inbox},
    listener::ListenerName,
    outbox::Outbox,
    request_memory::{RequestMemory, Reservation},
    transport::Transport,
};

/// Answers are gathered up to here while more requests wait in the read buffer.
const GATHER_BYTES_MAX: usize = 256 * 1024;

/// How many appends wait for other replicas at a time. Together they cost those replicas one fetch.
const WAITING_MAX: usize = 32;

/// What is known of the other side, for every request on the connection.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) listener: Arc<ListenerName>,
    pub(crate) role: broker_protocol::Listener,
    /// How the listener's connections are protected.
    pub(crate) protocol: SecurityProtocol,
    pub(crate) address: SocketAddr,
    /// Who it is, once that is proven; `None`: nobody asked.
    pub(crate) principal: Option<Principal>,
}

/// One accepted connection.
pub(crate) struct Connection {
    transport: Transport,
    peer: Peer,
    place: Place,
    gate: Gate,
    inbox: Inbox,
    request_bytes_max: u32,
    failed_delay: Duration,
    memory: RequestMemory,
    /// Room for the request that is being read.
    reserved: Option<Reservation>,
    /// What was begun and is not in the outbox yet.
    answers: Answers,
    outbox: Outbox,
    idle: Pin<Box<Sleep>>,
    idle_limit: Duration,
    active: bool,
    /// The client is throttled: nothing is taken from it until then.
    muted: Option<Pin<Box<Sleep>>>,
}

enum Waited {
    Readable(io::Result<()>),
    Answered,
    Unmuted,
    Idle,
    Draining,
}

impl Connection {
    pub(crate) fn new(transport: Transport, peer: Peer, place: Place, broker: &Broker) -> Self {
        let limits = broker.limits();
        let idle_limit = limits.idle_max;
        let gate = Gate::new(broker.sasl().of(peer.listener.as_str()));
        let bounds = gate.bounds(Bounds::of_requests(limits.request_bytes_max));
        Self {
            transport,
            peer,
            place,
            gate,
            inbox: Inbox::new(broker.buffers().clone(), bounds),
            request_bytes_max: limits.request_bytes_max,
            failed_delay: limits.failed_authentication_delay,
            memory: broker.request_memory().clone(),
            reserved: None,
            answers: Answers::default(),
            outbox: Outbox::default(),
            idle: Box::pin(tokio::time::sleep(idle_limit)),
            idle_limit,
            active: false,
            muted: None,
        }
    }

    /// Serves until the client leaves, misbehaves, idles too long, or is told to end: the broker drains, or its
    /// place is needed.
    /// In a box, for a future holds what it is given twice: where it came and where it is used.
    pub(crate) async fn serve(mut self: Box<Self>, broker: Arc<Broker>) {
        let draining = self.place.ending();
        let served = self.serve_until_end(&broker, &draining).await;
        self.transport.close();
        if let Err(error) = served {
            let (peer, listener) = (self.peer.address, &self.peer.listener);
            let protocol = self.peer.protocol.name();
            tracing::debug!(%peer, %listener, protocol, %error, "connection closed");
        }
        let address = self.peer.address;
        drop(self);
        if let Some(lost) = broker.heartbeat_links().ended(address) {
            broker.quorum().broker_lost(lost);
        }
    }

    async fn serve_until_end(
        &mut self,
        broker: &Arc<Broker>,
        draining: &CancellationToken,
    ) -> io::Result<()> {
        loop {
            self.begin(broker, draining).await?;
            self.queue_ready().await?;
            self.outbox.flush(&mut self.transport).await?;
            self.mute();
            let goes_on = match self.wait(draining).await {
                Waited::Readable(ready) => {
                    ready?;
                    self.fill()?
                }
                Waited::Answered => true,
                Waited::Unmuted => {
                    self.muted = None;
                    true
                }
                Waited::Idle | Waited::Draining => false,
            };
            if !goes_on {
                // What is appended is answered, as the log and the other replicas have it.
                self.queue_all().await?;
                return self.outbox.flush(&mut self.transport).await;
            }
        }
    }

    /// Begins what has arrived, as far as it may begin.
    async fn begin(&mut self, broker: &Arc<Broker>, draining: &CancellationToken) -> io::Result<()> {
        while self.muted.is_none()
            && self.answers.len() < WAITING_MAX
            && let Some(request) = self.next_request(draining).await?
        {
            // Whoever is not let in yet has no more time for it than an idle one.
            self.active |= !self.gate.is_closed();
            if !api::may_overtake_answers(&request) {
                self.queue_all().await?;
            }
            let answer = self.answer(broker, request).await?;
            let ends = matches!(answer, Answer::Close(_));
            self.answers.push(answer);
            if ends {
                // Nothing that came behind it is begun, however long those before it wait.
                return self.queue_all().await;
            }
            self.queue_ready().await?;
            self.mute();
            if self.outbox.len_bytes() > GATHER_BYTES_MAX {
                self.outbox.flush(&mut self.transport).await?;
            }
        }
        Ok(())
    }

    /// Has a frame answered that must pass the gate first.
    async fn answer(&mut self, broker: &Arc<Broker>, frame: Bytes) -> io::Result<Answer> {
        let passage = self.gate.judge(broker, frame)?;
        self.inbox.bound(self.gate.bounds(Bounds::of_requests(self.request_bytes_max)));
        Ok(match passage {
            Passage::Through(request) => return self.serve_request(broker, request).await,
            Passage::Answered(parts) => Answer::Reply(parts),
            Passage::Entered(parts, principal) => {
                self.peer.principal = Some(principal);
                Answer::Reply(parts)
            }
            Passage::Refused(parts, reason) => {
                let (peer, listener) = (self.peer.address, &self.peer.listener);
                tracing::info!(%peer, %listener, reason, "authentication failed");
                hold_back(&self.place.ending(), self.failed_delay).await;
                self.outbox.queue(parts);
                Answer::Close(reason)
            }
            Passage::Closed(reason) => Answer::Close(reason),
        })
    }

    /// Has a request answered; when that takes its time, those before it are sent meanwhile.
    async fn serve_request(&mut self, broker: &Arc<Broker>, request: Bytes) -> io::Result<Answer> {
        let Self { transport, peer, answers, outbox, .. } = self;
        let mut answer = pin!(api::answer(broker, peer, request));
        loop {
            tokio::select! {
                biased;
                answer = &mut answer => return Ok(answer),
                sent = outbox.flush(transport), if outbox.len_bytes() > 0 || transport.has_unsent() => sent?,
                () = answers.first_is_ready(), if !answers.is_empty() => answers.queue_ready(outbox, transport).await?,
            }
        }
    }

    /// Takes the answers that are there to the outbox, up to the first that waits.
    async fn queue_ready(&mut self) -> io::Result<()> {
        self.answers.queue_ready(&mut self.outbox, &mut self.transport).await
    }

    /// Waits for all answers that are under way.
    async fn queue_all(&mut self) -> io::Result<()> {
        while !self.answers.is_empty() {
            self.queue_ready().await?;
            self.outbox.flush(&mut self.transport).await?;
            self.answers.first_is_ready().await;
        }
        Ok(())
    }

    /// The next request that has arrived whole, holding the room that was reserved for it.
    async fn next_request(&mut self, draining: &CancellationToken) -> io::Result<Option<Bytes>> {
        if !self.memory.is_unlimited() && self.reserved.is_none() {
            self.reserve(draining).await?;
        }
        let request = match self.inbox.next() {
            Err(error) if self.gate.is_closed() => {
                hold_back(&self.place.ending(), self.failed_delay).await;
                return Err(unreadable(error));
            }
            request => request.map_err(unreadable)?,
        };
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
        self.queue_all().await?;
        self.outbox.flush(&mut self.transport).await?;
        tokio::select! {
            biased;
            () = draining.cancelled() => Err(io::ErrorKind::Interrupted.into()),
            reservation = self.memory.reserve(bytes) => {
                self.reserved = Some(reservation);
                Ok(())
            }
        }
    }

    /// Takes nothing from the client for as long as its answers say (KIP-219).
    fn mute(&mut self) {
        let Some(throttle) = self.answers.take_throttle() else { return };
        let until = Instant::now() + throttle;
        if self.muted.as_ref().is_none_or(|muted| muted.deadline() < until) {
            self.muted = Some(Box::pin(sleep_until(until)));
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
            let is_answered = self.answers.is_empty();
            let has_room = self.answers.len() < WAITING_MAX && self.muted.is_none();
            let waited = tokio::select! {
                biased;
                () = self.answers.first_is_ready(), if !is_answered => Waited::Answered,
                () = ended(self.muted.as_mut()), if self.muted.is_some() => Waited::Unmuted,
                ready = self.transport.readable(), if has_room => Waited::Readable(ready),
                () = draining.cancelled() => Waited::Draining,
                () = self.idle.as_mut(), if is_answered => Waited::Idle,
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
        let read = self.transport.try_read(self.inbox.room());
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

/// The pause that slows guessing down; the end of the broker ends it.
async fn hold_back(ending: &CancellationToken, delay: Duration) {
    tokio::select! {
        biased;
        () = ending.cancelled() => {}
        () = tokio::time::sleep(delay) => {}
    }
}

/// Becomes ready when the time is over; never where there is none.
async fn ended(time: Option<&mut Pin<Box<Sleep>>>) {
    match time {
        Some(time) => time.as_mut().await,
        None => std::future::pending().await,
    }
}

fn unreadable(error: FrameError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
