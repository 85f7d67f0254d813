//! The handshakes of one listener that are under way.
//!
//! Invariant: there are at most [`UNFINISHED_MAX`]; one more ends the oldest. An honest one takes milliseconds, so it is those
//! that hold back that go.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

/// How many handshakes of one listener may be under way.
const UNFINISHED_MAX: usize = 1024;

/// The handshakes under way. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handshakes {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    next: AtomicU64,
    unfinished: Mutex<BTreeMap<u64, CancellationToken>>,
}

/// One handshake; it is under way until this is dropped.
#[derive(Debug)]
pub(crate) struct Unfinished {
    number: u64,
    ending: CancellationToken,
    of: Handshakes,
}

impl Handshakes {
    /// One more begins.
    pub(crate) fn begin(&self) -> Unfinished {
        let number = self.shared.next.fetch_add(1, Ordering::Relaxed);
        let ending = CancellationToken::new();
        let mut unfinished = self.shared.unfinished.lock();
        unfinished.insert(number, ending.clone());
        if unfinished.len() > UNFINISHED_MAX
            && let Some((_, oldest)) = unfinished.pop_first()
        {
            oldest.cancel();
        }
        Unfinished { number, ending, of: self.clone() }
    }
}

impl Unfinished {
    /// Waits until its place is needed.
    pub(crate) async fn displaced(&self) {
        self.ending.cancelled().await;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.of.shared.unfinished.lock().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_too_many_ends_the_oldest() {
        let handshakes = Handshakes::default();
        let mut begun: Vec<_> = (0..UNFINISHED_MAX).map(|_| handshakes.begin()).collect();
        assert!(begun.iter().all(|one| !one.ending.is_cancelled()));
        let finished = begun.remove(0);
        drop(finished);
        begun.push(handshakes.begin());
        assert!(begun.iter().all(|one| !one.ending.is_cancelled()), "a finished one made room");
        begun.push(handshakes.begin());
        let ended: Vec<_> = begun.iter().map(|one| one.ending.is_cancelled()).collect();
        assert_eq!(ended.iter().filter(|ended| **ended).count(), 1);
        assert!(ended[0], "the oldest goes");
    }
}
