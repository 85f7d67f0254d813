//! Throttles of replication (KIP-73) and of moves between log directories (KIP-113): whose replicas they hold for, and how
//! much this broker may copy a second. How that is measured is `broker_node`'s.

#[cfg(test)]
mod tests;

use broker_config::{Quotas, Texts};
use broker_node::ReplicationQuota;
use broker_types::{BrokerId, Mono, PartitionId};
use parking_lot::Mutex;

const LEADER_RATE: &str = "leader.replication.throttled.rate";
const FOLLOWER_RATE: &str = "follower.replication.throttled.rate";
const LOG_DIRS_RATE: &str = "replica.alter.log.dirs.io.max.bytes.per.second";

/// The partitions of a topic whose replicas on this broker are throttled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ThrottledPartitions {
    All,
    /// Few: those that are being moved.
    These(Vec<PartitionId>),
}

/// A quota that several tasks charge.
#[derive(Debug)]
pub(crate) struct Throttle(Mutex<ReplicationQuota>);

/// The quotas of this broker. Nobody looks at them for what is not throttled.
#[derive(Debug)]
pub(crate) struct Throttles {
    /// What replicas elsewhere fetch from here.
    pub(crate) leader: Throttle,
    /// What replicas here fetch.
    pub(crate) follower: Throttle,
    /// What is moved from one log directory to another.
    pub(crate) log_dirs: Throttle,
}

impl ThrottledPartitions {
    /// From a topic's list of `*` or `partition:broker`.
    pub(crate) fn of(items: &[String], broker: BrokerId) -> Self {
        if items.iter().any(|item| item == "*") {
            return Self::All;
        }
        let own = |item: &String| {
            let (partition, on) = item.split_once(':')?;
            (on.parse() == Ok(broker.get())).then(|| partition.parse().ok().map(PartitionId::new))?
        };
        Self::These(items.iter().filter_map(own).collect())
    }

    pub(crate) fn contains(&self, partition: PartitionId) -> bool {
        match self {
            Self::All => true,
            Self::These(partitions) => partitions.contains(&partition),
        }
    }
}

impl Throttle {
    /// So many bytes were copied of what is throttled.
    pub(crate) fn record(&self, now: Mono, bytes: usize) {
        self.0.lock().record(now, u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    pub(crate) fn exceeded_until(&self, now: Mono) -> Option<Mono> {
        self.0.lock().exceeded_until(now)
    }

    fn set(&self, rate_max: Option<u64>) {
        self.0.lock().set_rate_max(rate_max);
    }
}

impl Throttles {
    pub(crate) fn new(quotas: &Quotas) -> Self {
        let quota = |windows: &broker_config::QuotaWindows| {
            Throttle(Mutex::new(ReplicationQuota::new(windows.count, windows.length)))
        };
        Self {
            leader: quota(&quotas.replication),
            follower: quota(&quotas.replication),
            log_dirs: quota(&quotas.log_dirs),
        }
    }

    /// Takes the rates that the broker's dynamic values say; they hold at once.
    pub(crate) fn follow(&self, values: &Texts) {
        let rate = |key: &str| {
            let def = broker_config::broker::find(key)?;
            let rate = def.parse(values.get(key)?).ok()?.as_i64()?;
            // The largest number says "without limit".
            u64::try_from(rate).ok().filter(|_| rate != i64::MAX)
        };
        self.leader.set(rate(LEADER_RATE));
        self.follower.set(rate(FOLLOWER_RATE));
        self.log_dirs.set(rate(LOG_DIRS_RATE));
    }
}
