//! Deleted partitions whose files wait `file.delete.delay.ms`, for readers that still hold a plan of them.

use broker_log::{DeleteJob, FsDisk};
use broker_types::Mono;
use parking_lot::Mutex;

/// What waits for its removal.
#[derive(Debug, Default)]
pub(crate) struct Graveyard {
    waiting: Mutex<Vec<(Mono, DeleteJob<FsDisk>)>>,
}

impl Graveyard {
    pub(crate) fn add(&self, job: DeleteJob<FsDisk>, due: Mono) {
        self.waiting.lock().push((due, job));
    }

    /// Removes what is due. Blocks on the disk.
    pub(crate) fn clear(&self, now: Mono) {
        let due: Vec<_> = self.waiting.lock().extract_if(.., |(due, _)| *due <= now).collect();
        for (_, job) in due {
            if let Err(error) = job.run() {
                tracing::warn!(%error, "a deleted partition's files could not be removed; the next start tries again");
            }
        }
    }
}
