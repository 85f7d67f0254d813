//! Which pod is restarted next. A cluster of one node has nobody to hand over to: its partitions are away for the
//! restart, which the user asked for by changing what only a restart changes.

use super::progress::Progress;
use crate::observed::Observed;

/// The pod to restart now and why; none while another one is on its way.
pub(super) fn next(progress: &[Progress], observed: &Observed) -> Option<(String, &'static str)> {
    if observed.pods.iter().any(|pod| pod.is_going) {
        return None;
    }
    let mut outdated = progress.iter().flat_map(|progress| &progress.outdated);
    outdated.next().map(|(name, why)| (name.clone(), *why))
}
