//! Whether this node sees a leader of the quorum; when it does not for long, its log says so, and what to do.

use std::time::Duration;

use broker_types::Mono;

use super::{Events, Member};

/// Elections end long before.
const PATIENCE: Duration = Duration::from_secs(10);

/// Since when nobody leads.
#[derive(Debug, Default)]
pub(super) struct Watch {
    since: Option<Mono>,
    is_told: bool,
}

impl<E: Events> Member<E> {
    /// Looks whether somebody leads. Called at least once a second.
    pub(super) fn watch_quorum(&mut self) {
        if self.raft.hears_leader() {
            if self.watch.is_told {
                tracing::info!("the metadata quorum has a leader again");
            }
            self.watch = Watch::default();
            return;
        }
        let now = self.clock.mono();
        let since = *self.watch.since.get_or_insert(now);
        if self.watch.is_told || now.since(since) < PATIENCE {
            return;
        }
        self.watch.is_told = true;
        let voters: Vec<_> = self.raft.voters().iter().map(|voter| voter.key.id.to_string()).collect();
        if voters.is_empty() {
            tracing::warn!(
                "no controller is found: check that controller.quorum.bootstrap.servers names controllers of this cluster, \
                 and that they run"
            );
            return;
        }
        tracing::warn!(
            voters = %voters.join(", "),
            "the metadata quorum has no leader: a majority of its voters must run and reach one another; start those that are \
             down, or mend the network between their controller listeners. Until then topics, configs and leaders stay \
             as they are; brokers go on serving the partitions that they lead"
        );
    }
}
