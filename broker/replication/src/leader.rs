//! A leadership: its replicas, its high watermark.

mod isr;
mod preferred;

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use core::time::Duration;

use broker_types::{BrokerId, LeaderEpoch, Mono, Now, Offset, PartitionEpoch};

use crate::{
    event::{Action, Durable, FollowerPosition, Leadership, NotEnoughReplicas, Peer},
    peer::PeerState,
};

/// What exists only while leading.
#[derive(Clone, Debug)]
pub(crate) struct Leader {
    me: BrokerId,
    lag_max: Duration,
    epoch: LeaderEpoch,
    partition_epoch: PartitionEpoch,
    /// As the controller last confirmed it.
    isr: BTreeSet<BrokerId>,
    /// Asked for, not answered.
    proposed: Option<BTreeSet<BrokerId>>,
    peers: BTreeMap<BrokerId, PeerState>,
    min_isr: u32,
    /// Where this leadership's own records begin.
    epoch_start: Offset,
    pub(crate) log_end: Offset,
    pub(crate) durable: Durable,
    pub(crate) high_watermark: Offset,
    /// When the in-sync replicas are looked at next; `None` when there are no others.
    check_at: Option<Mono>,
}

impl Leader {
    pub(crate) fn new(me: BrokerId, lag_max: Duration, begin: Leadership, now: Mono) -> Self {
        let isr = begin.isr;
        let peer =
            |peer: &Peer| (peer.broker, PeerState::new(peer.eligible, isr.contains(&peer.broker), now));
        let peers: BTreeMap<_, _> = begin.peers.iter().filter(|peer| peer.broker != me).map(peer).collect();
        Self {
            me,
            lag_max,
            epoch: begin.epoch,
            partition_epoch: begin.partition_epoch,
            proposed: None,
            check_at: (!peers.is_empty()).then(|| now.plus(lag_max / 2)),
            peers,
            min_isr: begin.min_isr,
            epoch_start: begin.log_end,
            log_end: begin.log_end,
            durable: begin.durable,
            // A log that lost its checkpoint starts past it; one that lost its end ends before it.
            high_watermark: begin.high_watermark.max(begin.log_start).min(begin.log_end),
            isr,
        }
    }

    pub(crate) const fn epoch(&self) -> LeaderEpoch {
        self.epoch
    }

    pub(crate) const fn isr(&self) -> &BTreeSet<BrokerId> {
        &self.isr
    }

    pub(crate) fn has_peer(&self, broker: BrokerId) -> bool {
        self.peers.contains_key(&broker)
    }

    pub(crate) const fn next_deadline(&self) -> Option<Mono> {
        self.check_at
    }

    /// Takes newer metadata about the same leadership.
    pub(crate) fn update(&mut self, news: Leadership, now: Mono) {
        if news.partition_epoch < self.partition_epoch {
            return;
        }
        self.min_isr = news.min_isr;
        self.durable = news.durable;
        if news.partition_epoch > self.partition_epoch {
            self.partition_epoch = news.partition_epoch;
            self.isr = news.isr;
            self.proposed = None;
        }
        let known = core::mem::take(&mut self.peers);
        for peer in news.peers.iter().filter(|peer| peer.broker != self.me) {
            let state = known.get(&peer.broker).map_or_else(
                || PeerState::new(peer.eligible, self.isr.contains(&peer.broker), now),
                |state| state.with_eligible(peer.eligible),
            );
            self.peers.insert(peer.broker, state);
        }
        self.check_at = if self.peers.is_empty() {
            None
        } else {
            self.check_at.or_else(|| Some(now.plus(self.lag_max / 2)))
        };
    }

    pub(crate) const fn set_min_isr(&mut self, min_isr: u32) {
        self.min_isr = min_isr;
    }

    pub(crate) fn peer_changed(&mut self, peer: Peer) {
        if let Some(state) = self.peers.get_mut(&peer.broker) {
            state.eligible = peer.eligible;
        }
    }

    pub(crate) fn follower_at(&mut self, at: &FollowerPosition, now: Mono) {
        let leader_end = self.log_end;
        if let Some(state) = self.peers.get_mut(&at.broker) {
            state.fetched(at, leader_end, now);
        }
    }

    /// Whether everything that an earlier leader told to be committed is known to be: it lies before this leadership.
    pub(crate) fn is_settled(&self) -> bool {
        self.high_watermark >= self.epoch_start
    }

    /// The least in-sync replicas that acks=all takes: never more than there are replicas.
    fn required(&self) -> usize {
        usize::try_from(self.min_isr).unwrap_or(usize::MAX).min(self.peers.len() + 1)
    }

    pub(crate) fn check_in_sync(&self) -> Result<(), NotEnoughReplicas> {
        let (in_sync, required) = (self.isr.len(), self.required());
        if in_sync < required { Err(NotEnoughReplicas { in_sync, required }) } else { Ok(()) }
    }

    /// Moves the high watermark on to what every replica has that is, may be, or is about to be in the ISR.
    pub(crate) fn advance(&mut self, now: Now, actions: &mut Vec<Action>) {
        if self.check_in_sync().is_err() {
            return;
        }
        let mut reached = match self.durable {
            Durable::AsWritten => self.log_end,
            Durable::Upto(end) => self.log_end.min(end),
        };
        for (broker, peer) in &self.peers {
            let end = peer.log_end.unwrap_or(Offset::ZERO);
            if end >= reached {
                continue;
            }
            let about_to_join =
                || peer.is_eligible() && peer.is_caught_up(self.log_end, self.lag_max, now.mono);
            if self.may_be_in_isr(*broker) || about_to_join() {
                reached = end;
            }
        }
        if reached > self.high_watermark {
            self.high_watermark = reached;
            actions.push(Action::AdvanceHighWatermark(reached));
        }
    }

    /// The lowest log start of this and every live replica.
    pub(crate) fn low_watermark(&self, log_start: Offset) -> Offset {
        let live = self.peers.values().filter(|peer| peer.eligible.is_some());
        live.map(|peer| peer.log_start.unwrap_or(Offset::ZERO)).fold(log_start, Offset::min)
    }
}
