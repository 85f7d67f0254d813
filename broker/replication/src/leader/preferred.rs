//! Which replica a consumer had better read from (KIP-392).

use broker_types::{BrokerId, Offset};

use super::Leader;

impl Leader {
    /// The in-sync replica that has `offset` and is nearest to the end, of those that are near the consumer. `None`: the
    /// consumer stays here, also when the leader is near itself. A replica out of sync may stay behind for ever, and the
    /// consumer with it; who did not fetch from this leadership yet is not known to have anything.
    pub(crate) fn preferred_reader(
        &self,
        offset: Offset,
        is_near: impl Fn(BrokerId) -> bool,
    ) -> Option<BrokerId> {
        let serves = |(broker, peer): &(&BrokerId, &super::PeerState)| {
            self.isr.contains(broker)
                && peer.log_end.is_some_and(|end| end >= offset)
                && peer.log_start.is_some_and(|start| start <= offset)
                && is_near(**broker)
        };
        let near = self.peers.iter().filter(serves);
        let (broker, _) =
            near.max_by_key(|(broker, peer)| (peer.log_end, peer.last_caught_up(), **broker))?;
        (!is_near(self.me)).then_some(*broker)
    }
}
