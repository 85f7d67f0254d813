//! Who is in sync: proposing to let a replica in or out, and what the controller says to it (KIP-497, KIP-903).

use alloc::{collections::BTreeSet, vec::Vec};

use broker_types::{BrokerId, Mono};

use super::Leader;
use crate::event::{Action, IsrAnswer};

impl Leader {
    /// Whether it is in the ISR, or will be if the proposal holds. Until that is known, the larger one counts.
    pub(super) fn may_be_in_isr(&self, broker: BrokerId) -> bool {
        self.isr.contains(&broker) || self.proposed.as_ref().is_some_and(|isr| isr.contains(&broker))
    }

    /// Lets a follower in that has everything committed, and a part of this leadership.
    pub(crate) fn try_expand(&mut self, broker: BrokerId, actions: &mut Vec<Action>) {
        if self.proposed.is_some() || self.isr.contains(&broker) {
            return;
        }
        let floor = self.high_watermark.max(self.epoch_start);
        let may_join = self
            .peers
            .get(&broker)
            .is_some_and(|peer| peer.is_eligible() && peer.log_end.is_some_and(|end| end >= floor));
        if may_join {
            let mut isr = self.isr.clone();
            isr.insert(broker);
            self.propose(isr, actions);
        }
    }

    /// Puts those out that lag for too long.
    pub(crate) fn check_lag(&mut self, now: Mono, actions: &mut Vec<Action>) {
        if self.check_at.is_none_or(|at| at > now) {
            return;
        }
        self.check_at = Some(now.plus(self.lag_max / 2));
        if self.proposed.is_some() {
            return;
        }
        let in_sync = |broker: &BrokerId| {
            self.peers.get(broker).is_none_or(|peer| peer.is_caught_up(self.log_end, self.lag_max, now))
        };
        let isr: BTreeSet<BrokerId> = self.isr.iter().copied().filter(in_sync).collect();
        if isr.len() < self.isr.len() {
            self.propose(isr, actions);
        }
    }

    pub(crate) fn answered(&mut self, answer: IsrAnswer) {
        match answer {
            IsrAnswer::Accepted { isr, partition_epoch } => {
                // The metadata may have told it, or something newer, already.
                if partition_epoch > self.partition_epoch {
                    self.partition_epoch = partition_epoch;
                    self.isr = isr;
                    self.proposed = None;
                }
            }
            IsrAnswer::Refused => self.proposed = None,
            IsrAnswer::Overtaken => {}
        }
    }

    fn propose(&mut self, isr: BTreeSet<BrokerId>, actions: &mut Vec<Action>) {
        let with_epoch = |broker: &BrokerId| {
            let peer = self.peers.get(broker);
            (*broker, peer.and_then(|peer| peer.fetched_as.or(peer.eligible)))
        };
        actions.push(Action::ProposeIsr {
            epoch: self.epoch,
            partition_epoch: self.partition_epoch,
            isr: isr.iter().map(with_epoch).collect(),
        });
        self.proposed = Some(isr);
    }
}
