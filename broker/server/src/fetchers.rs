//! Which replica here follows which broker: one fetcher for each leader broker, whatever the number of partitions.
//!
//! The metadata's thread says who follows whom; a supervisor makes a task for each leader that has followers here, and
//! the task ends when it has none. Invariants: a replica is in the inbox, or in the care, of one fetcher at most; an inbox
//! holds one change for each partition, the newest, so it is never longer than there are partitions.

mod following;
#[cfg(test)]
pub(crate) mod tests;
mod wire;
mod write;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use broker_node::fetcher::Key;
use broker_types::BrokerId;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use self::following::Following;
use crate::{broker::Broker, partition::Partition, tasks::TaskKind};

/// Who follows whom.
#[derive(Debug, Default)]
pub(crate) struct Fetchers {
    table: Mutex<Table>,
    is_new: Notify,
}

#[derive(Debug, Default)]
struct Table {
    leaders: HashMap<Key, BrokerId>,
    inboxes: BTreeMap<BrokerId, Arc<Inbox>>,
    /// Leaders that have no task yet.
    new: Vec<BrokerId>,
}

/// What a fetcher is told.
#[derive(Debug, Default)]
struct Inbox {
    changes: Mutex<BTreeMap<Key, Change>>,
    changed: Notify,
}

#[derive(Debug)]
enum Change {
    /// The replica follows this leader, perhaps in a new epoch.
    Followed(Arc<Partition>),
    Left,
}

impl Fetchers {
    /// The replica follows `leader` from now on. Its leadership's epoch is looked up later, from the replica itself.
    pub(crate) fn follow(&self, partition: &Arc<Partition>, leader: BrokerId) {
        let key = partition.key();
        let mut table = self.table.lock();
        if table.leaders.get(&key).is_some_and(|known| *known != leader) {
            table.leave(key);
        }
        table.leaders.insert(key, leader);
        let Table { inboxes, new, .. } = &mut *table;
        let inbox = inboxes.entry(leader).or_insert_with(|| {
            new.push(leader);
            self.is_new.notify_one();
            Arc::default()
        });
        inbox.put(key, Change::Followed(Arc::clone(partition)));
    }

    /// A replica's settings are others: if it follows, its fetcher looks at them.
    pub(crate) fn reconfigured(&self, partition: &Arc<Partition>) {
        let table = self.table.lock();
        let leader = table.leaders.get(&partition.key());
        if let Some(inbox) = leader.and_then(|leader| table.inboxes.get(leader)) {
            inbox.put(partition.key(), Change::Followed(Arc::clone(partition)));
        }
    }

    /// The quota is another one: all fetchers look at it.
    pub(crate) fn throttle_changed(&self) {
        self.table.lock().inboxes.values().for_each(|inbox| inbox.changed.notify_one());
    }

    /// The replica follows nobody: it leads, has no leader, or is gone.
    pub(crate) fn leave(&self, key: Key) {
        self.table.lock().leave(key);
    }

    /// The leaders that need a task.
    fn take_new(&self) -> Vec<(BrokerId, Arc<Inbox>)> {
        let mut table = self.table.lock();
        let new = std::mem::take(&mut table.new);
        new.into_iter().filter_map(|id| Some((id, Arc::clone(table.inboxes.get(&id)?)))).collect()
    }

    /// A fetcher that follows nothing may end, unless its inbox has something.
    fn may_end(&self, leader: BrokerId) -> bool {
        let mut table = self.table.lock();
        let is_idle = table.inboxes.get(&leader).is_none_or(|inbox| inbox.changes.lock().is_empty());
        if is_idle {
            table.inboxes.remove(&leader);
        }
        is_idle
    }
}

impl Table {
    fn leave(&mut self, key: Key) {
        let inbox = self.leaders.remove(&key).and_then(|leader| self.inboxes.get(&leader));
        if let Some(inbox) = inbox {
            inbox.put(key, Change::Left);
        }
    }
}

impl Inbox {
    fn put(&self, key: Key, change: Change) {
        self.changes.lock().insert(key, change);
        self.changed.notify_one();
    }

    fn take(&self) -> BTreeMap<Key, Change> {
        std::mem::take(&mut self.changes.lock())
    }
}

/// Sees to it that every leader is followed, until the broker drains.
pub(crate) async fn run(broker: Arc<Broker>, draining: CancellationToken) {
    loop {
        tokio::select! {
            biased;
            () = draining.cancelled() => return,
            () = broker.partitions().fetchers().is_new.notified() => {}
        }
        for (leader, inbox) in broker.partitions().fetchers().take_new() {
            let following = Following::new(Arc::clone(&broker), leader, inbox);
            broker.tasks().spawn(TaskKind::Fetcher, following.run(draining.clone()));
        }
    }
}
