//! Which log is cleaned next: of those that are due the one with the largest dirty part, by its ratio.

use std::{sync::Arc, time::Duration};

use broker_log::Cleanable;

use crate::{broker::Broker, partition::Partition};

/// What a look over all logs found.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) next: Option<Arc<Partition>>,
    /// The largest dirty ratio of all compacted logs, due or not.
    pub(super) dirty_ratio_max: f64,
    /// By how much the record that waits longest has waited too long.
    pub(super) overdue_max: Duration,
}

/// Looks at every compacted log that is not under way, nor moved to another directory. Blocks for moments on logs' locks and indexes.
pub(super) fn look(broker: &Broker, under_way: &[Arc<Partition>]) -> Look {
    let partitions = broker.partitions().all();
    broker.uncleanable.retain(&partitions);
    let now = broker.clock().wall();
    let mut look = Look::default();
    let mut best: Option<Cleanable> = None;
    for partition in partitions {
        let is_free = partition.settings().log.compact_policy
            && !partition.directory().is_offline()
            && partition.moves_to().is_none()
            && !under_way.iter().any(|other| other.id() == partition.id())
            && !broker.uncleanable.contains(&partition);
        if !is_free {
            continue;
        }
        match partition.care_for_log(|log| log.cleanable(now)) {
            Some(Ok(Some(cleanable))) => {
                look.dirty_ratio_max = look.dirty_ratio_max.max(cleanable.dirty_ratio());
                look.overdue_max = look.overdue_max.max(cleanable.overdue);
                let is_better = best.is_none_or(|best| cleanable.dirty_ratio() > best.dirty_ratio());
                if cleanable.is_due() && is_better {
                    best = Some(cleanable);
                    look.next = Some(partition);
                }
            }
            Some(Err(error)) => partition.directory().fail(&error),
            Some(Ok(None)) | None => {}
        }
    }
    look
}
