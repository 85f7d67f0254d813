//! What must be so after every step.

use super::*;

impl Cluster {
    /// A leader has everything that is committed.
    pub(super) fn has_all(&self, node: usize) {
        let one = &self.nodes[node];
        let start = index(one.log_start).min(self.committed.len());
        let known = &self.committed[start..];
        assert!(one.log.starts_with(known), "node {node} leads without what is committed");
    }

    /// What a leader calls committed is durable on a majority of its voters.
    pub(super) fn is_durable(&self, node: usize, upto: Offset) {
        let Some(raft) = &self.nodes[node].raft else { return };
        if raft.role() != Role::Leader {
            return;
        }
        let have =
            |voter: &&Voter| self.nodes.iter().any(|node| node.me.key == voter.key && node.flushed >= upto);
        let count = raft.voters().iter().filter(have).count();
        assert!(count > raft.voters().len() / 2, "node {node} commits {upto:?} with {count}");
    }

    pub(super) fn commit(&mut self, node: usize, upto: Offset) {
        self.is_durable(node, upto);
        let one = &mut self.nodes[node];
        assert!(upto <= one.end() && upto > one.committed);
        one.committed = upto;
        let start = index(one.log_start);
        for place in start..index(upto) {
            let record = one.log[place - start];
            match self.committed.get(place) {
                Some(known) => assert_eq!(*known, record, "node {node} at {place}"),
                None => {
                    assert_eq!(self.committed.len(), place);
                    self.committed.push(record);
                }
            }
        }
        self.covered.committed = self.committed.len();
    }
}
