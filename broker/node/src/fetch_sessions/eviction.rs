//! Which session makes room for another.

use broker_types::Mono;

use super::{Cached, FetchSessions};

impl FetchSessions {
    /// Makes room for a session of so many partitions. A session that is idle for long goes first. Otherwise the least
    /// valuable goes, if the new one is worth more: consumers are worth less than brokers, small sessions less than
    /// large ones; young sessions stay, except that a broker may take the place of any consumer.
    pub(super) fn make_room(&mut self, now: Mono, follower: bool, size: usize) -> bool {
        while self.by_id.len() >= self.limits.slots || self.partitions + size > self.limits.partitions {
            match self.candidate(now, follower, size) {
                Some(id) => {
                    self.remove(id);
                    self.evictions += 1;
                }
                None => return false,
            }
        }
        true
    }

    fn candidate(&self, now: Mono, follower: bool, size: usize) -> Option<i32> {
        let after = self.limits.eviction_after;
        let (idlest, cached) = self.by_id.iter().min_by_key(|(id, cached)| (cached.last_used, **id))?;
        if now.since(cached.last_used) > after {
            return Some(*idlest);
        }
        let may_go = |cached: &Cached| now.since(cached.created) > after || (follower && !cached.follower);
        let evictable = self.by_id.iter().filter(|(_, cached)| may_go(cached));
        let (worth, id) = evictable.map(|(id, cached)| ((cached.follower, cached.size), *id)).min()?;
        // Of equals the one that is there stays: its id is larger than that of none.
        (worth < (follower, size)).then_some(id)
    }
}
