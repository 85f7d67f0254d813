//! Wakes parked fetches when a partition's readable end moves on.
//!
//! Invariant: a fetch registers before it looks, and a producer moves the end before it wakes, so no wake-up is lost.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// How many parked fetches a partition remembers before it forgets those that are gone.
const SWEEP_AT: usize = 32;

/// One parked fetch, registered with every partition that it reads.
#[derive(Debug, Default)]
pub(crate) struct ParkedFetch {
    notify: Notify,
}

impl ParkedFetch {
    /// Resolves at the next wake-up, also one between registration and this call.
    pub(crate) async fn woken(&self) {
        self.notify.notified().await;
    }
}

/// The fetches parked on one partition.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    parked: Mutex<Vec<Arc<ParkedFetch>>>,
    /// Lets an append skip the lock when nobody waits.
    any: AtomicBool,
}

impl Waiters {
    /// Registers a fetch. It stays until woken, or until it is gone and swept.
    pub(crate) fn park(&self, fetch: &Arc<ParkedFetch>) {
        let mut parked = self.parked.lock();
        if parked.len() >= SWEEP_AT {
            parked.retain(|other| Arc::strong_count(other) > 1);
        }
        parked.push(Arc::clone(fetch));
        self.any.store(true, Ordering::SeqCst);
    }

    /// Wakes all; they look again and park again if they must.
    pub(crate) fn wake(&self) {
        if !self.any.load(Ordering::SeqCst) {
            return;
        }
        let woken = {
            let mut parked = self.parked.lock();
            self.any.store(false, Ordering::SeqCst);
            std::mem::take(&mut *parked)
        };
        for fetch in woken {
            fetch.notify.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wake_between_registration_and_waiting_is_kept() {
        let waiters = Waiters::default();
        let fetch = Arc::new(ParkedFetch::default());
        waiters.park(&fetch);
        waiters.wake();
        fetch.woken().await;
    }

    #[test]
    fn fetches_that_are_gone_are_swept() {
        let waiters = Waiters::default();
        for _ in 0..10 * SWEEP_AT {
            waiters.park(&Arc::new(ParkedFetch::default()));
        }
        assert!(waiters.parked.lock().len() <= SWEEP_AT);
    }
}
