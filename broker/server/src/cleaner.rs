//! Compaction of the logs whose topics ask for it.
//!
//! One task picks the dirtiest log that is due and cleans as many at a time as `log.cleaner.threads` says. A round runs
//! where waiting is allowed, takes its log's lock for moments only, and shares with the others the memory and the bytes
//! a second that the configuration grants. What needs no round (nothing is due) is looked at again after
//! `log.cleaner.backoff.ms`.
//!
//! A log that cannot be cleaned is set aside until the broker starts again or its replica leaves, as in Kafka: reported
//! by a log line, a metric and `/v1/cleaner`; the others go on.
//!
//! Invariant: when the broker drains, a round ends at its next step, and the task only after all of them: no log
//! changes under who closes it.

mod metrics;
mod pace;
mod pick;
mod round;
#[cfg(test)]
mod tests;
mod uncleanable;

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use broker_config::Cleaner as CleanerConfig;
use broker_log::{CleanLimits, HashKey};
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

pub(crate) use self::{metrics::CleanerMetrics, uncleanable::Uncleanable};
use self::{
    pace::Pace,
    round::{Ended, Means},
};
use crate::{broker::Broker, partition::Partition};

/// A backoff of nothing still lets others run.
const BACKOFF_MIN: Duration = Duration::from_millis(10);

/// Runs until the broker drains. `key` is a secret of this process.
pub(crate) async fn run(broker: Arc<Broker>, key: HashKey, draining: CancellationToken) {
    if !broker.settings().config.cleaner.is_enabled {
        tracing::warn!("log.cleaner.enable is off: compacted topics only grow");
        return;
    }
    let pace = Arc::new(Pace::new(broker.clock, draining.clone()));
    let mut crew = Crew { broker, key, pace, rounds: JoinSet::new(), under_way: HashMap::new() };
    loop {
        let config = crew.config();
        crew.begin_rounds(&config).await;
        tokio::select! {
            biased;
            () = draining.cancelled() => break,
            Some(ended) = crew.rounds.join_next_with_id() => crew.ended(ended),
            () = tokio::time::sleep(config.backoff.max(BACKOFF_MIN)) => {}
        }
    }
    while let Some(ended) = crew.rounds.join_next_with_id().await {
        crew.ended(ended);
    }
}

/// The rounds that are under way.
struct Crew {
    broker: Arc<Broker>,
    key: HashKey,
    pace: Arc<Pace>,
    rounds: JoinSet<Ended>,
    under_way: HashMap<Id, Arc<Partition>>,
}

impl Crew {
    /// What holds now: all but `log.cleaner.enable` may change while the broker runs.
    fn config(&self) -> CleanerConfig {
        let dynamic = self.broker.configs().dynamic(&self.broker.image());
        let (config, _) = self.broker.settings().config.reconfigured(&dynamic.cluster, &dynamic.broker);
        config.cleaner
    }

    /// Begins rounds as long as there is a free thread and a log that is due.
    async fn begin_rounds(&mut self, config: &CleanerConfig) {
        self.pace.set_rate(config.io_bytes_per_second_max);
        if !self.broker.has_taken_up.load(Ordering::Acquire) {
            return;
        }
        while self.rounds.len() < config.threads && !self.pace.is_over() {
            let broker = Arc::clone(&self.broker);
            let under_way: Vec<_> = self.under_way.values().cloned().collect();
            let look = self.broker.blocking(move || pick::look(&broker, &under_way)).await;
            self.broker.metrics().cleaner.looked(&look, self.broker.clock().mono());
            let Some(partition) = look.next else { return };
            let means = Means { limits: limits(config), key: self.key, pace: Arc::clone(&self.pace) };
            let (broker, cleaned) = (Arc::clone(&self.broker), Arc::clone(&partition));
            let round = self.rounds.spawn_blocking(move || round::clean(&broker, &cleaned, &means));
            self.under_way.insert(round.id(), partition);
        }
    }

    fn ended(&mut self, ended: Result<(Id, Ended), JoinError>) {
        let (id, ended) = match ended {
            Ok((id, ended)) => (id, Some(ended)),
            Err(error) => (error.id(), None),
        };
        let Some(partition) = self.under_way.remove(&id) else { return };
        let metrics = &self.broker.metrics().cleaner;
        match ended {
            Some(Ended::Cleaned(report)) => metrics.cleaned(&report),
            Some(Ended::Uncleanable(damage)) => {
                tracing::error!(partition = %partition.id(), %damage, "the log cannot be cleaned; it is set aside");
                self.broker.uncleanable.add(&partition, damage.to_string());
            }
            Some(Ended::NotDue) => {}
            None => {
                tracing::error!(partition = %partition.id(), "a round of cleaning failed on an internal error; the log is set aside");
                metrics.dead_threads.inc();
                self.broker.uncleanable.add(&partition, "an internal error".to_owned());
            }
        }
        metrics
            .uncleanable_partitions
            .set(i64::try_from(self.broker.uncleanable.count()).unwrap_or(i64::MAX));
    }
}

/// One round's part of what all threads may use.
fn limits(config: &CleanerConfig) -> CleanLimits {
    let threads = u64::try_from(config.threads).unwrap_or(u64::MAX).max(1);
    // A buffer for reading and one for writing.
    let io_bytes = config.io_buffer_bytes / threads / 2;
    CleanLimits {
        map_bytes: config.dedupe_buffer_bytes / threads,
        load_factor: config.load_factor,
        io_bytes: usize::try_from(io_bytes).unwrap_or(usize::MAX),
        ..CleanLimits::default()
    }
}
