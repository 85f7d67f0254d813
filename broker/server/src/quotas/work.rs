//! How long a request was worked on: the time for which its future was polled, on whichever thread. It holds decoding,
//! authorization, validation, appends, reads of cached pages and the writing of its answer, not what it waited for:
//! other replicas, the controller, cold pages, the socket.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use broker_types::Mono;

use crate::clock::Clock;

/// Nobody works on it.
const RESTING: u64 = u64::MAX;

/// The time that one request took.
#[derive(Debug)]
pub(crate) struct Work {
    /// Microseconds, without the poll at hand.
    done: AtomicU64,
    /// When the poll at hand began.
    began: AtomicU64,
}

impl Work {
    pub(crate) fn begun() -> Arc<Self> {
        Arc::new(Self { done: AtomicU64::new(0), began: AtomicU64::new(RESTING) })
    }

    pub(crate) fn so_far(&self, now: Mono) -> Duration {
        let done = Duration::from_micros(self.done.load(Ordering::Relaxed));
        match self.began.load(Ordering::Relaxed) {
            RESTING => done,
            began => done + now.since(Mono::from_micros(began)),
        }
    }
}

/// A future whose polls are timed.
pub(crate) struct Timed<F> {
    inner: Pin<Box<F>>,
    work: Arc<Work>,
    clock: Clock,
}

impl<F: Future> Timed<F> {
    pub(crate) fn new(inner: F, work: Arc<Work>, clock: Clock) -> Self {
        Self { inner: Box::pin(inner), work, clock }
    }
}

impl<F: Future> Future for Timed<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let began = self.clock.mono();
        self.work.began.store(began.as_micros(), Ordering::Relaxed);
        let polled = self.inner.as_mut().poll(context);
        self.work.began.store(RESTING, Ordering::Relaxed);
        let took = self.clock.mono().as_micros().saturating_sub(began.as_micros());
        self.work.done.fetch_add(took, Ordering::Relaxed);
        polled
    }
}
