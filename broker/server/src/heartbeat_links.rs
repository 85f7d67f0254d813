//! Over which connections brokers send their heartbeats to this controller: the end of a broker's last one makes it
//! suspect, long before its session runs out.
//!
//! Invariant: at most one entry for each open connection.

use std::{collections::BTreeMap, net::SocketAddr};

use broker_types::BrokerId;
use parking_lot::Mutex;

/// The connections by the address of their other end.
#[derive(Debug, Default)]
pub(crate) struct HeartbeatLinks {
    by_address: Mutex<BTreeMap<SocketAddr, BrokerId>>,
}

impl HeartbeatLinks {
    /// A heartbeat of the broker was taken that came from there.
    pub(crate) fn heard(&self, address: SocketAddr, broker: BrokerId) {
        self.by_address.lock().insert(address, broker);
    }

    /// A connection has ended; gives the broker that has no other one now.
    pub(crate) fn ended(&self, address: SocketAddr) -> Option<BrokerId> {
        let mut by_address = self.by_address.lock();
        let broker = by_address.remove(&address)?;
        (!by_address.values().any(|other| *other == broker)).then_some(broker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_the_last_connection_counts() {
        let links = HeartbeatLinks::default();
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let (one, two) = (BrokerId::new(1), BrokerId::new(2));
        links.heard(at(1), one);
        links.heard(at(2), one);
        links.heard(at(2), one);
        links.heard(at(3), two);
        assert_eq!(links.ended(at(1)), None, "the other one stands");
        assert_eq!(links.ended(at(2)), Some(one));
        assert_eq!(links.ended(at(2)), None);
        assert_eq!(links.ended(at(4)), None, "never heard from");
        assert_eq!(links.ended(at(3)), Some(two));
    }
}
