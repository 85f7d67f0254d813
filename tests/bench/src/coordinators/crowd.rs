//! Many clients on one thread: each has a connection and one request under way at most, and says itself what it sends
//! next.
//!
//! Sockets block: requests are smaller than what a socket takes, and one is read only when something is there.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::Duration;

use anyhow::{Result, ensure};
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use tests_compat::Stopwatch;

use crate::requests::LIMIT;

const EVENTS_MAX: usize = 256;
const READ_BYTES: usize = 64 << 10;

/// What a client does next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Next {
    /// Sends this frame at once.
    Send(Vec<u8>),
    /// Sends this frame then, since the beginning of the crowd.
    SendAt(Duration, Vec<u8>),
    /// Nothing more.
    Done,
}

/// One client.
pub(crate) trait Client {
    /// The answer to what it sent last has come at `now`; without an answer it begins.
    fn next(&mut self, answer: Option<&[u8]>, now: Duration) -> Result<Next>;
}

/// A client with its connection.
#[derive(Debug)]
struct Seat<C> {
    client: C,
    stream: TcpStream,
    /// The beginning of an answer.
    begun: Vec<u8>,
    /// What goes out when its time has come.
    later: Option<Vec<u8>>,
}

/// Clients that are connected.
#[derive(Debug)]
pub(crate) struct Crowd<C> {
    seats: Vec<Seat<C>>,
    /// When somebody sends next.
    due: BinaryHeap<Reverse<(Duration, usize)>>,
    epoll: OwnedFd,
    watch: Stopwatch,
    done: usize,
}

impl<C: Client> Crowd<C> {
    /// Connects all of them; none sends anything yet.
    pub(crate) fn connect(address: SocketAddr, clients: impl IntoIterator<Item = C>) -> Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut seats = Vec::new();
        for (number, client) in (0..).zip(clients) {
            let stream = TcpStream::connect_timeout(&address, LIMIT)?;
            stream.set_nodelay(true)?;
            epoll::add(&epoll, &stream, epoll::EventData::new_u64(number), epoll::EventFlags::IN)?;
            seats.push(Seat { client, stream, begun: Vec::new(), later: None });
        }
        Ok(Self { seats, due: BinaryHeap::new(), epoll, watch: Stopwatch::start(), done: 0 })
    }

    /// Lets all begin. Times are since now.
    pub(crate) fn begin(&mut self) -> Result<()> {
        self.watch = Stopwatch::start();
        (self.done, self.due) = (0, BinaryHeap::new());
        (0..self.seats.len()).try_for_each(|number| self.go_on(number, None))
    }

    /// Goes on until all are done, or `is_over` says so of them; gives the time since the beginning.
    pub(crate) fn run(&mut self, mut is_over: impl FnMut(&Self) -> bool) -> Result<Duration> {
        let mut events: Vec<epoll::Event> = Vec::with_capacity(EVENTS_MAX);
        let mut bytes = vec![0; READ_BYTES];
        loop {
            if self.done == self.seats.len() || is_over(self) {
                return Ok(self.watch.elapsed());
            }
            let wait =
                self.due.peek().map_or(LIMIT, |Reverse((due, _))| due.saturating_sub(self.watch.elapsed()));
            events.clear();
            match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&Timespec::try_from(wait)?)) {
                Ok(count) => ensure!(count > 0 || wait < LIMIT, "nobody was answered for {LIMIT:?}"),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in &events {
                let data = event.data;
                self.read(usize::try_from(data.u64())?, &mut bytes)?;
            }
            self.send_due()?;
        }
    }

    /// Whether something is so of all clients.
    pub(crate) fn all(&self, mut is_so: impl FnMut(&C) -> bool) -> bool {
        self.seats.iter().all(|seat| is_so(&seat.client))
    }

    /// The clients again; their connections are closed.
    pub(crate) fn into_clients(self) -> impl Iterator<Item = C> {
        self.seats.into_iter().map(|seat| seat.client)
    }

    fn read(&mut self, number: usize, bytes: &mut [u8]) -> Result<()> {
        let seat = &mut self.seats[number];
        let count = match seat.stream.read(bytes) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        ensure!(count > 0, "the broker closed a connection");
        // Nearly every answer comes whole.
        if seat.begun.is_empty() && whole(&bytes[..count]) {
            return self.go_on(number, Some(&bytes[4..count]));
        }
        seat.begun.extend_from_slice(&bytes[..count]);
        if whole(&seat.begun) {
            let answer = std::mem::take(&mut seat.begun);
            self.go_on(number, Some(&answer[4..]))?;
        }
        Ok(())
    }

    fn send_due(&mut self) -> Result<()> {
        let now = self.watch.elapsed();
        while let Some(Reverse((_, number))) =
            self.due.peek().copied().filter(|Reverse((due, _))| *due <= now)
        {
            self.due.pop();
            let seat = &mut self.seats[number];
            if let Some(frame) = seat.later.take() {
                seat.stream.write_all(&frame)?;
            }
        }
        Ok(())
    }

    fn go_on(&mut self, number: usize, answer: Option<&[u8]>) -> Result<()> {
        let seat = &mut self.seats[number];
        match seat.client.next(answer, self.watch.elapsed())? {
            Next::Send(frame) => seat.stream.write_all(&frame)?,
            Next::SendAt(at, frame) => {
                seat.later = Some(frame);
                self.due.push(Reverse((at, number)));
            }
            Next::Done => self.done += 1,
        }
        Ok(())
    }
}

/// Whether these are all bytes of a frame.
fn whole(bytes: &[u8]) -> bool {
    let length = bytes.first_chunk().map(|length| u32::from_be_bytes(*length));
    length.is_some_and(|length| usize::try_from(length).is_ok_and(|length| bytes.len() >= 4 + length))
}
