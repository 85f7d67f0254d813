//! What goes wrong, and what is asked for meanwhile.

use super::*;

impl Cluster {
    fn take_snapshot(&mut self, node: usize) {
        let one = &mut self.nodes[node];
        let Some(raft) = &one.raft else { return };
        let end = raft.committed();
        if end <= one.log_start || one.end() < end || !one.partial.is_empty() {
            return;
        }
        let id = SnapshotId { end, epoch: raft.epoch_before(end) };
        one.log.drain(..index(end) - index(one.log_start));
        one.log_start = end;
        one.flushed = one.flushed.max(end);
        one.snapshot = Some((id, self.committed[..index(end)].to_vec()));
        self.step(node, Event::SnapshotTaken { id, log_start: end });
    }

    /// Asks whoever leads for a voter more, or one less.
    pub(super) fn change_voters(&mut self) {
        let node = self.random.index(NODES);
        for leader in 0..NODES {
            let Some(raft) = self.nodes[leader].raft.as_ref().filter(|raft| raft.role() == Role::Leader)
            else {
                continue;
            };
            let timeout = Duration::from_secs(2);
            let voter = self.nodes[node].me.clone();
            let request = if raft.voters().contains(voter.key) {
                VoterRequest::Remove { voter: voter.key, timeout }
            } else {
                VoterRequest::Add { voter, timeout, ack_when_committed: true }
            };
            self.seq += 1;
            let reply = ReplyId::new(self.seq);
            self.nodes[leader].replies.insert(reply, (NODES, 0, Correlation(0)));
            self.step(leader, Event::Received { reply, request: Request::Voters(request) });
        }
    }

    pub(super) fn fault(&mut self) {
        let node = self.random.index(NODES);
        match self.random.below(10) {
            0 | 1 => self.crash(node),
            2 | 3 => (0..NODES).for_each(|node| {
                if self.nodes[node].raft.is_none() {
                    self.start(node);
                }
            }),
            4 => self.cut = Some(node),
            5 => self.cut = None,
            6 => self.loss = self.random.below(400),
            7 => self.take_snapshot(node),
            8 => {
                let life = self.nodes[node].life;
                self.schedule(5, Item::Step { node, life, event: Event::Resign });
            }
            _ => (0..NODES).for_each(|node| self.crash(node)),
        }
    }
}
