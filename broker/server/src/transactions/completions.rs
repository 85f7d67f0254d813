//! News of transactions that are complete, for who waits to begin the next one of the same transactional id here.
//!
//! Invariants: an id is kept while somebody waits for it, and no longer; what is told late, or to nobody, costs the
//! waiting ones a pause.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use broker_types::TransactionalId;
use parking_lot::Mutex;
use tokio::sync::{Notify, futures::Notified};

/// Who waits, by id.
#[derive(Debug, Default)]
pub(crate) struct Completions {
    waited_for: Mutex<BTreeMap<TransactionalId, Waited>>,
}

#[derive(Debug, Default)]
struct Waited {
    news: Arc<Notify>,
    by: usize,
}

/// Somebody waits for news of an id while this lives.
#[derive(Debug)]
pub(crate) struct Waiting<'a> {
    completions: &'a Completions,
    id: TransactionalId,
    news: Arc<Notify>,
}

impl Completions {
    /// Begins to wait for news of an id.
    pub(crate) fn wait_for(&self, id: &TransactionalId) -> Waiting<'_> {
        let mut waited_for = self.waited_for.lock();
        let waited = waited_for.entry(id.clone()).or_default();
        waited.by += 1;
        Waiting { completions: self, id: id.clone(), news: Arc::clone(&waited.news) }
    }

    /// Markers of a transaction are written: perhaps all of them.
    pub(crate) fn tell(&self, id: &TransactionalId) {
        if let Some(waited) = self.waited_for.lock().get(id) {
            waited.news.notify_waiters();
        }
    }
}

impl Waiting<'_> {
    /// What is told from now on.
    pub(crate) fn news(&self) -> Notified<'_> {
        self.news.notified()
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waited_for = self.completions.waited_for.lock();
        if let Entry::Occupied(mut waited) = waited_for.entry(self.id.clone()) {
            waited.get_mut().by -= 1;
            if waited.get().by == 0 {
                waited.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_hears_of_its_own_id_only_and_of_what_was_told_since_it_listened() {
        let completions = Completions::default();
        let (own, other) = (TransactionalId::new("own"), TransactionalId::new("other"));
        let waiting = completions.wait_for(&own);
        let mut news = Box::pin(waiting.news());
        assert!(!news.as_mut().enable());
        completions.tell(&other);
        let is_told = tokio::select! {
            biased;
            () = &mut news => true,
            () = std::future::ready(()) => false,
        };
        assert!(!is_told);
        completions.tell(&own);
        news.await;
    }

    #[test]
    fn an_id_is_kept_while_somebody_waits() {
        let completions = Completions::default();
        let id = TransactionalId::new("id");
        let (first, second) = (completions.wait_for(&id), completions.wait_for(&id));
        drop(first);
        assert_eq!(completions.waited_for.lock().len(), 1);
        drop(second);
        assert!(completions.waited_for.lock().is_empty());
    }
}
