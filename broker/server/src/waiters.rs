//! Wakes parked fetches when a partition's readable end moves on: the high watermark for consumers, the end of the log
//! for other replicas, which also learn of a new high watermark without delay.
//!
//! Invariants: a fetch registers before it looks, and a producer moves the end before it wakes, so no wake-up is lost;
//! what a partition remembers is bounded by the fetches that wait, whether something happens in it or not.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// How many registrations a partition keeps before it looks for those that are over.
const SWEEP_AT: usize = 32;

/// One parked fetch, registered with every partition that it reads. Its registrations are over when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct ParkedFetch {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    notify: Notify,
    /// The partitions that woke it, by the slots that it registered with.
    woken_by: Mutex<Vec<usize>>,
    is_over: AtomicBool,
}

impl ParkedFetch {
    /// Resolves at the next wake-up, also one between registration and this call. Gives the slots of the partitions
    /// that woke it: they know it no longer, the others do.
    pub(crate) async fn woken(&self) -> Vec<usize> {
        self.shared.notify.notified().await;
        std::mem::take(&mut *self.shared.woken_by.lock())
    }
}

impl Drop for ParkedFetch {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
    }
}

/// What a parked fetch waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awaits {
    /// What is committed: a consumer.
    Committed,
    /// What is appended: another replica.
    Appended,
}

/// The fetches parked on one partition.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    consumers: Parked,
    replicas: Parked,
}

impl Waiters {
    /// Registers a fetch under a slot of its own. It stays until woken, or until it is over and swept.
    pub(crate) fn park(&self, fetch: &ParkedFetch, slot: usize, awaits: Awaits) {
        match awaits {
            Awaits::Committed => self.consumers.park(fetch, slot),
            Awaits::Appended => self.replicas.park(fetch, slot),
        }
    }

    /// Wakes all; they look again and park again if they must.
    pub(crate) fn wake(&self) {
        self.consumers.wake();
        self.replicas.wake();
    }

    /// The log is longer: wakes those who read to its end.
    pub(crate) fn appended(&self) {
        self.replicas.wake();
    }
}

#[derive(Debug, Default)]
struct Parked {
    registered: Mutex<Registered>,
    /// Lets an append skip the lock when nobody waits.
    any: AtomicBool,
}

#[derive(Debug, Default)]
struct Registered {
    fetches: Vec<(Arc<Shared>, usize)>,
    /// Those that were left by the last sweep: the next one comes when there are twice as many, so that sweeping costs
    /// no more than registering.
    live: usize,
}

impl Parked {
    fn park(&self, fetch: &ParkedFetch, slot: usize) {
        let mut registered = self.registered.lock();
        if registered.fetches.len() >= SWEEP_AT.max(2 * registered.live) {
            registered.fetches.retain(|(other, _)| !other.is_over.load(Ordering::Relaxed));
            registered.live = registered.fetches.len();
        }
        registered.fetches.push((Arc::clone(&fetch.shared), slot));
        self.any.store(true, Ordering::SeqCst);
    }

    fn wake(&self) {
        if !self.any.load(Ordering::SeqCst) {
            return;
        }
        let woken = {
            let mut registered = self.registered.lock();
            self.any.store(false, Ordering::SeqCst);
            registered.live = 0;
            std::mem::take(&mut registered.fetches)
        };
        for (fetch, slot) in woken {
            fetch.woken_by.lock().push(slot);
            fetch.notify.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_known(parked: &Parked) -> bool {
        !parked.registered.lock().fetches.is_empty()
    }

    #[tokio::test]
    async fn a_wake_between_registration_and_waiting_is_kept_and_tells_which_partition() {
        let [first, second] = [Waiters::default(), Waiters::default()];
        let fetch = ParkedFetch::default();
        first.park(&fetch, 0, Awaits::Committed);
        second.park(&fetch, 1, Awaits::Committed);
        second.wake();
        assert_eq!(fetch.woken().await, [1]);
        assert!(is_known(&first.consumers) && !is_known(&second.consumers));
    }

    #[test]
    fn an_append_wakes_replicas_only() {
        let waiters = Waiters::default();
        let [consumer, replica] = [ParkedFetch::default(), ParkedFetch::default()];
        waiters.park(&consumer, 0, Awaits::Committed);
        waiters.park(&replica, 0, Awaits::Appended);
        waiters.appended();
        assert!(is_known(&waiters.consumers) && !is_known(&waiters.replicas));
        waiters.wake();
        assert!(!is_known(&waiters.consumers));
    }

    #[test]
    fn fetches_that_are_over_are_swept_from_partitions_where_nothing_happens() {
        let [idle, other, busy] = [Waiters::default(), Waiters::default(), Waiters::default()];
        let kept = ParkedFetch::default();
        idle.park(&kept, 0, Awaits::Appended);
        for _ in 0..10 * SWEEP_AT {
            let fetch = ParkedFetch::default();
            for (slot, waiters) in [&idle, &other, &busy].into_iter().enumerate() {
                waiters.park(&fetch, slot, Awaits::Appended);
            }
            busy.appended();
        }
        for waiters in [&idle, &other] {
            assert!(waiters.replicas.registered.lock().fetches.len() <= SWEEP_AT);
        }
        idle.appended();
        assert_eq!(*kept.shared.woken_by.lock(), [0], "what waits is not swept");
    }
}
