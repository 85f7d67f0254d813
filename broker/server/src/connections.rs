//! Counts open connections against `max.connections` and `max.connections.per.ip`.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use parking_lot::Mutex;
use prometheus::IntGauge;

/// The limits; dynamic, so they are read at every admission.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionLimits {
    pub(crate) all_max: u32,
    pub(crate) per_address_max: u32,
    /// Addresses with a limit of their own.
    pub(crate) overrides: HashMap<IpAddr, u32>,
}

/// Who is connected, by address.
#[derive(Debug)]
pub(crate) struct Connections {
    counted: Mutex<Counted>,
    gauge: IntGauge,
}

#[derive(Debug)]
struct Counted {
    limits: ConnectionLimits,
    all: u32,
    by_address: HashMap<IpAddr, u32>,
}

/// A connection's place among the admitted; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    pub(crate) fn new(limits: ConnectionLimits, gauge: IntGauge) -> Arc<Self> {
        let counted = Counted { limits, all: 0, by_address: HashMap::new() };
        Arc::new(Self { counted: Mutex::new(counted), gauge })
    }

    pub(crate) fn set_limits(&self, limits: ConnectionLimits) {
        self.counted.lock().limits = limits;
    }

    /// A place for one more connection from `address`; `None` at a limit.
    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let mut counted = self.counted.lock();
        let counted = &mut *counted;
        let limit = counted.limits.overrides.get(&address).copied().unwrap_or(counted.limits.per_address_max);
        let from_address = counted.by_address.get(&address).copied().unwrap_or(0);
        if counted.all >= counted.limits.all_max || from_address >= limit {
            return None;
        }
        counted.all += 1;
        counted.by_address.insert(address, from_address + 1);
        self.gauge.inc();
        Some(Place { connections: Arc::clone(self), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counted = self.connections.counted.lock();
        counted.all -= 1;
        if let Some(from_address) = counted.by_address.get_mut(&self.address) {
            *from_address -= 1;
            if *from_address == 0 {
                counted.by_address.remove(&self.address);
            }
        }
        self.connections.gauge.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_connection_ends() {
        let limits = ConnectionLimits { all_max: 3, per_address_max: 2, overrides: HashMap::new() };
        let connections = Connections::new(limits, IntGauge::new("a", "b").unwrap());
        let (one, two) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let first = connections.admit(one).expect("the first");
        let _second = connections.admit(one).expect("the second");
        assert!(connections.admit(one).is_none(), "two per address");
        let _other = connections.admit(two).expect("another address");
        assert!(connections.admit(two).is_none(), "three in all");
        drop(first);
        assert!(connections.admit(two).is_some());
    }
}
