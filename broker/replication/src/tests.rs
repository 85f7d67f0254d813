//! Traces: events in, exact actions out.

mod deletions;
mod follower;
mod isr;
mod preferred;
mod single;
mod watermark;

use alloc::{collections::BTreeSet, vec::Vec};
use core::time::Duration;

use broker_types::{
    BrokerEpoch, BrokerId, LeaderEpoch, Mono, Now, Offset, PartitionEpoch, ReplyId, Timestamp,
};

use crate::{Action, Durable, Event, FollowerPosition, Leadership, Peer, ProduceFailure, Replica, Settings};

/// Broker 1 with replicas on some more.
struct Run {
    replica: Replica,
    now: Mono,
}

fn ids(ids: &[i32]) -> BTreeSet<BrokerId> {
    ids.iter().map(|id| BrokerId::new(*id)).collect()
}

fn at(offset: i64) -> Offset {
    Offset::new(offset)
}

fn peer(id: i32) -> Peer {
    Peer { broker: BrokerId::new(id), eligible: Some(BrokerEpoch::new(100 + i64::from(id))) }
}

/// Epoch 5, log [0, 10), high watermark 4.
fn leadership(isr: &[i32], peers: &[i32], min_isr: u32) -> Leadership {
    Leadership {
        epoch: LeaderEpoch::new(5),
        partition_epoch: PartitionEpoch::new(7),
        isr: ids(isr),
        peers: peers.iter().map(|id| peer(*id)).collect(),
        min_isr,
        log_end: at(10),
        log_start: at(0),
        high_watermark: at(4),
        durable: Durable::AsWritten,
    }
}

fn follower(id: i32, log_end: i64) -> Event {
    Event::FollowerAt(FollowerPosition {
        broker: BrokerId::new(id),
        broker_epoch: Some(BrokerEpoch::new(100 + i64::from(id))),
        log_end: at(log_end),
        log_start: at(0),
    })
}

fn hw(offset: i64) -> Action {
    Action::AdvanceHighWatermark(at(offset))
}

fn produced(reply: u64) -> Action {
    Action::CompleteProduce { reply: ReplyId::new(reply), result: Ok(()) }
}

fn failed(reply: u64, failure: ProduceFailure) -> Action {
    Action::CompleteProduce { reply: ReplyId::new(reply), result: Err(failure) }
}

fn proposal(partition_epoch: i32, isr: &[i32]) -> Action {
    let with_epoch =
        |id: &i32| (BrokerId::new(*id), (*id != 1).then(|| BrokerEpoch::new(100 + i64::from(*id))));
    Action::ProposeIsr {
        epoch: LeaderEpoch::new(5),
        partition_epoch: PartitionEpoch::new(partition_epoch),
        isr: isr.iter().map(with_epoch).collect(),
    }
}

impl Run {
    fn new() -> Self {
        let settings = Settings { me: BrokerId::new(1), lag_max: Duration::from_secs(30), waiting_max: 3 };
        Self { replica: Replica::new(settings), now: Mono::from_micros(1_000_000) }
    }

    fn leading(isr: &[i32], peers: &[i32], min_isr: u32) -> Self {
        let mut run = Self::new();
        run.step(Event::BecomeLeader(leadership(isr, peers, min_isr)));
        run
    }

    fn step(&mut self, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        let now = Now { mono: self.now, wall: Timestamp::default() };
        self.replica.step(now, event, &mut actions);
        actions
    }

    fn later(&mut self, seconds: u64) {
        self.now = self.now.plus(Duration::from_secs(seconds));
    }

    fn append(&mut self, log_end: i64) -> Vec<Action> {
        self.step(Event::Appended { log_end: at(log_end) })
    }

    /// Gives up after ten seconds.
    fn wait(&mut self, reply: u64, offset: i64) -> Vec<Action> {
        let deadline = self.now.plus(Duration::from_secs(10));
        self.step(Event::Await { reply: ReplyId::new(reply), offset: at(offset), deadline })
    }
}
