//! One round of one log, on a thread of its own.

use std::{sync::Arc, time::Duration};

use broker_log::{CleanError, CleanLimits, Cleaning, Damage, FsDisk, HashKey, Tools, Totals};

use super::pace::Pace;
use crate::{broker::Broker, partition::Partition};

/// What a round may use.
#[derive(Debug)]
pub(super) struct Means {
    pub(super) limits: CleanLimits,
    pub(super) key: HashKey,
    pub(super) pace: Arc<Pace>,
}

/// What a round did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Report {
    pub(super) totals: Totals,
    pub(super) took: Duration,
}

/// How a round ended.
#[derive(Debug)]
pub(super) enum Ended {
    Cleaned(Report),
    /// Nothing was dirty any more, the log or the broker did not want it, the volume was full, or the disk failed.
    NotDue,
    Uncleanable(Damage),
}

/// Cleans a log. Blocks.
pub(super) fn clean(broker: &Broker, partition: &Partition, means: &Means) -> Ended {
    let began = broker.clock().mono();
    match try_clean(broker, partition, means) {
        Ok(Some(totals)) => Ended::Cleaned(Report { totals, took: broker.clock().mono().since(began) }),
        Ok(None) | Err(CleanError::Aborted) => Ended::NotDue,
        Err(CleanError::Damaged(damage)) => Ended::Uncleanable(damage),
        Err(error @ CleanError::DiskFull) => {
            tracing::warn!(partition = %partition.id(), %error, "the log is not cleaned now");
            Ended::NotDue
        }
        Err(CleanError::Storage(error)) => {
            partition.directory().fail(&error);
            Ended::NotDue
        }
    }
}

fn try_clean(broker: &Broker, partition: &Partition, means: &Means) -> Result<Option<Totals>, CleanError> {
    let now = broker.clock().now();
    let begun = partition.care_for_log(|log| log.begin_cleaning(now.wall)).transpose()?;
    let Some(mut cleaning) = begun.flatten() else { return Ok(None) };
    let mut pace = |bytes| means.pace.moved(bytes);
    let (key, limits) = (means.key, means.limits);
    let mut tools = Tools { codecs: broker.codecs(), key, limits, pace: &mut pace };
    cleaning.map_keys(&mut tools)?;
    while let Some(cleaned) = cleaning.next_segment(&mut tools)? {
        let wall = broker.clock().wall();
        partition
            .care_for_log(|log| log.swap_in(&cleaning, cleaned, wall))
            .ok_or(CleanError::Aborted)
            .flatten()?;
        cleaning.sync_names()?;
    }
    complete(broker, partition, &cleaning)
}

/// Writes down how far the round came. What retention let be meanwhile goes at once.
fn complete(
    broker: &Broker,
    partition: &Partition,
    cleaning: &Cleaning<FsDisk>,
) -> Result<Option<Totals>, CleanError> {
    let end = partition.care_for_log(|log| log.complete_cleaning(cleaning)).flatten();
    let end = end.ok_or(CleanError::Aborted)?;
    cleaning.write_checkpoint()?;
    let totals = *cleaning.totals();
    tracing::info!(
        partition = %partition.id(),
        from = %cleaning.range().first_dirty,
        to = %end,
        keys = totals.keys,
        bytes_read = totals.bytes_read,
        bytes_written = totals.bytes_written,
        records_read = totals.records_read,
        records_kept = totals.records_kept,
        without_key = totals.records_without_key,
        "log cleaned"
    );
    if let Some(Err(error)) = partition.retain(broker.clock().now()) {
        return Err(error.into());
    }
    Ok(Some(totals))
}
