//! How many bytes of requests may be in memory at once (`queued.max.request.bytes`, KIP-72).
//!
//! As in Kafka: a request takes what its length promises as soon as that is known and gives it back when it was worked
//! on; while nothing is left nobody reads on. Invariant: one who finds anything left gets all it asks for, so that the
//! largest request can always be read, and what is taken is exceeded by one request at most.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use tokio::sync::Notify;

/// The account of all connections. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestMemory {
    /// `None`: without a limit.
    account: Option<Arc<Account>>,
}

#[derive(Debug)]
struct Account {
    limit: u64,
    taken: AtomicU64,
    freed: Notify,
}

/// Bytes taken from the account; given back when dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    account: Arc<Account>,
    bytes: u64,
}

impl RequestMemory {
    pub(crate) fn new(limit: Option<u64>) -> Self {
        let account = |limit| Arc::new(Account { limit, taken: AtomicU64::new(0), freed: Notify::new() });
        Self { account: limit.map(account) }
    }

    pub(crate) fn is_unlimited(&self) -> bool {
        self.account.is_none()
    }

    /// Takes bytes if anything is left.
    pub(crate) fn try_reserve(&self, bytes: usize) -> Option<Reservation> {
        let account = self.account.as_ref()?;
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let more = |taken: u64| (taken < account.limit).then(|| taken.saturating_add(bytes));
        account.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok()?;
        Some(Reservation { account: Arc::clone(account), bytes })
    }

    /// Waits for what [`Self::try_reserve`] did not give. Without a limit it never ends: nobody waits then.
    pub(crate) async fn reserve(&self, bytes: usize) -> Reservation {
        let Some(account) = &self.account else { return std::future::pending().await };
        loop {
            // Registered before looking, so that nothing given back between the two is missed.
            let freed = account.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            if let Some(reservation) = self.try_reserve(bytes) {
                return reservation;
            }
            freed.await;
        }
    }
}

impl Reservation {
    /// The same bytes, which give the reservation back when the last slice of them is dropped.
    pub(crate) fn around(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Held { bytes, _reservation: self })
    }
}

struct Held {
    bytes: Bytes,
    _reservation: Reservation,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.account.taken.fetch_sub(self.bytes, Ordering::AcqRel);
        self.account.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        task::{Context, Waker},
    };

    use super::*;

    #[tokio::test]
    async fn one_more_gets_in_and_the_next_waits_until_bytes_are_dropped() {
        let memory = RequestMemory::new(Some(100));
        let first = memory.try_reserve(99).unwrap();
        let second = memory.try_reserve(1_000).expect("something was left");
        assert!(memory.try_reserve(1).is_none());
        let mut third = pin!(memory.reserve(1));
        assert!(third.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(first);
        assert!(third.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let bytes = second.around(Bytes::from_static(b"abc"));
        let slice = bytes.slice(1..2);
        drop(bytes);
        assert!(memory.try_reserve(1).is_none(), "a slice is still out");
        drop(slice);
        third.await;
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let memory = RequestMemory::new(None);
        assert!(memory.is_unlimited() && memory.try_reserve(1).is_none());
    }
}
