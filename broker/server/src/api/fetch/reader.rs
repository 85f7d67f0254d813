//! Who fetches: a consumer, or a broker for its replicas.

use broker_protocol::messages::FetchRequest;
use broker_types::{BrokerEpoch, BrokerId};

use crate::{
    broker::Broker,
    partition::{Answering, Isolation},
    waiters::Awaits,
};

/// Since this version consumers read from followers, too (KIP-392).
const FROM_FOLLOWERS_SINCE: i16 = 11;

/// Who fetches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    Consumer(Consumer),
    Replica(Replica),
}

/// Who reads for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Consumer {
    pub(super) isolation: Isolation,
    pub(super) answering: Answering,
}

/// A broker that fetches for its replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Replica {
    pub(super) broker: BrokerId,
    /// Its registration, where it says it (KIP-903).
    pub(super) epoch: Option<BrokerEpoch>,
    /// A later life of that broker is registered: this one's word counts no more.
    pub(super) is_stale: bool,
}

impl Reader {
    pub(super) fn of(broker: &Broker, version: i16, request: &FetchRequest) -> Self {
        // Since version 15 in a place of its own, with the registration.
        let state = &request.replica_state;
        let raw = if state.replica_id >= 0 { state.replica_id } else { request.replica_id };
        if raw < 0 {
            let is_committed = request.isolation_level == 1;
            let may_follow = version >= FROM_FOLLOWERS_SINCE;
            return Self::Consumer(Consumer {
                isolation: if is_committed { Isolation::ReadCommitted } else { Isolation::ReadUncommitted },
                answering: if may_follow { Answering::Any } else { Answering::Leader },
            });
        }
        let (id, epoch) = (BrokerId::new(raw), BrokerEpoch::from_wire(state.replica_epoch));
        let image = broker.image();
        let registered = image.cluster().broker(id).filter(|known| !known.fenced).map(|known| known.epoch);
        let is_stale = registered.zip(epoch).is_some_and(|(registered, own)| own < registered);
        Self::Replica(Replica { broker: id, epoch, is_stale })
    }

    pub(super) fn awaits(self) -> Awaits {
        match self {
            Self::Consumer(_) => Awaits::Committed,
            Self::Replica(_) => Awaits::Appended,
        }
    }
}
