//! Who may connect, and when: limits on numbers and on the rate of new connections (KIP-402, KIP-612).
//!
//! Accounting only: the shell asks before it accepts, and says when a connection closed. Invariant: a connection that
//! was admitted is counted exactly once until it is closed; memory grows with the addresses that are connected.

mod bucket;

use alloc::{
    collections::{BTreeMap, btree_map::Entry},
    vec::Vec,
};
use core::net::IpAddr;

use broker_protocol::Str;
use broker_types::Mono;

use crate::quotas::{Accounts, Rate, Windows};

pub use self::bucket::TokenBucket;

/// Limits of all listeners, changeable at any time; `None` is no limit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// Connections in all (`max.connections`).
    pub total: Option<u32>,
    /// New connections a second in all (`max.connection.creation.rate`).
    pub rate: Option<u32>,
    /// Connections of one address (`max.connections.per.ip`).
    pub per_ip: Option<u32>,
    /// Other limits for some addresses (`max.connections.per.ip.overrides`); 0 lets none in.
    pub per_ip_overrides: BTreeMap<IpAddr, u32>,
}

/// Limits of one listener.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListenerLimits {
    /// Connections of this listener (`listener.name.<name>.max.connections`).
    pub total: Option<u32>,
    /// New connections a second (`listener.name.<name>.max.connection.creation.rate`).
    pub rate: Option<u32>,
    /// Brokers talk through it: it gets a connection even when the broker is full.
    pub protected: bool,
}

/// New connections a second from one address (the quotas of `ip` entities, KIP-612), changeable at any time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddressRates {
    /// By address.
    pub by_ip: BTreeMap<IpAddr, u32>,
    /// Of each other one; `None` is no limit.
    pub default: Option<u32>,
}

/// So many addresses are measured at a time.
const ADDRESSES_MAX: usize = 10_000;

/// Whether a connection may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may, and is counted.
    Admitted,
    /// It may, and is counted; for that the idlest connection of an unprotected listener is to be closed.
    AdmittedInsteadOfIdlest,
    /// Close it: its address has too many.
    TooManyFromAddress,
    /// Its address connects too often: close it then, and go on.
    CloseAt(Mono),
    /// Accept nothing more on this listener until a connection closes.
    WaitForSlot,
    /// Accept nothing more on this listener until then.
    WaitUntil(Mono),
}

/// One listener's part.
#[derive(Clone, Debug)]
struct Listener {
    limits: ListenerLimits,
    count: u32,
    bucket: TokenBucket,
}

/// The count of connections.
#[derive(Clone, Debug)]
pub struct Connections {
    limits: Limits,
    listeners: BTreeMap<Str, Listener>,
    count: u32,
    by_ip: BTreeMap<IpAddr, u32>,
    bucket: TokenBucket,
    address_rates: AddressRates,
    rates: Accounts<IpAddr, Rate>,
}

impl Connections {
    /// None yet.
    #[must_use]
    pub fn new(limits: Limits, listeners: Vec<(Str, ListenerLimits)>) -> Self {
        let listener =
            |limits: ListenerLimits| Listener { bucket: TokenBucket::new(limits.rate), limits, count: 0 };
        Self {
            bucket: TokenBucket::new(limits.rate),
            limits,
            listeners: listeners.into_iter().map(|(name, limits)| (name, listener(limits))).collect(),
            count: 0,
            by_ip: BTreeMap::new(),
            address_rates: AddressRates::default(),
            rates: Accounts::new(Windows::default(), ADDRESSES_MAX),
        }
    }

    /// The rates of addresses are measured in these windows.
    #[must_use]
    pub fn measured_in(self, windows: Windows) -> Self {
        Self { rates: Accounts::new(windows, ADDRESSES_MAX), ..self }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Other limits from now on; connections that exceed them stay.
    pub fn set_limits(&mut self, limits: Limits) {
        self.bucket.set_rate(limits.rate);
        self.limits = limits;
    }

    /// Other rates of addresses from now on.
    pub fn set_address_rates(&mut self, rates: AddressRates) {
        self.address_rates = rates;
    }

    /// Other limits of a listener from now on.
    pub fn set_listener_limits(&mut self, name: &str, limits: ListenerLimits) {
        if let Some(listener) = self.listeners.get_mut(name) {
            listener.bucket.set_rate(limits.rate);
            listener.limits = limits;
        }
    }

    /// How many there are beyond the limit of all: after it was lowered, or because brokers came in all the same.
    #[must_use]
    pub fn excess(&self) -> u32 {
        self.limits.total.map_or(0, |limit| self.count.saturating_sub(limit))
    }

    /// Whether brokers talk through a listener, so that its connections are not closed for others.
    #[must_use]
    pub fn is_protected(&self, listener: &str) -> bool {
        self.listeners.get(listener).is_some_and(|own| own.limits.protected)
    }

    /// Whether a connection from this address may come in on this listener. Only what is admitted is counted; what is
    /// admitted or closed for the number of its address takes from the rate. As in Kafka the number of an address is looked at last, and the rate of
    /// all does not hold brokers up.
    pub fn offer(&mut self, now: Mono, listener: &str, ip: IpAddr) -> Admission {
        let mut own = self.listeners.get_mut(listener);
        if own.as_ref().is_some_and(|own| own.limits.total.is_some_and(|limit| own.count >= limit)) {
            return Admission::WaitForSlot;
        }
        let protected = own.as_ref().is_some_and(|own| own.limits.protected);
        let full = self.limits.total.is_some_and(|limit| self.count >= limit);
        if full && !protected {
            return Admission::WaitForSlot;
        }
        let mut of_all = Some(&mut self.bucket).filter(|_| !protected);
        let waits = [
            of_all.as_mut().and_then(|bucket| bucket.ready_at(now)),
            own.as_mut().and_then(|own| own.bucket.ready_at(now)),
        ];
        if let Some(until) = waits.into_iter().flatten().max() {
            return Admission::WaitUntil(until);
        }
        if let Some(rate_max) = self.address_rates.by_ip.get(&ip).copied().or(self.address_rates.default)
            && let Some(until) = too_fast(&mut self.rates, now, ip, rate_max)
        {
            return Admission::CloseAt(until);
        }
        if let Some(bucket) = of_all {
            bucket.take(now);
        }
        if let Some(own) = &mut own {
            own.bucket.take(now);
        }
        let from_address = self.by_ip.get(&ip).copied().unwrap_or(0);
        let per_ip = self.limits.per_ip_overrides.get(&ip).copied().or(self.limits.per_ip);
        if per_ip.is_some_and(|limit| from_address >= limit) {
            return Admission::TooManyFromAddress;
        }
        if let Some(own) = own {
            own.count += 1;
        }
        self.count += 1;
        *self.by_ip.entry(ip).or_default() += 1;
        if full { Admission::AdmittedInsteadOfIdlest } else { Admission::Admitted }
    }

    /// An admitted connection closed.
    pub fn closed(&mut self, listener: &str, ip: IpAddr) {
        self.count = self.count.saturating_sub(1);
        if let Some(own) = self.listeners.get_mut(listener) {
            own.count = own.count.saturating_sub(1);
        }
        if let Entry::Occupied(mut from_address) = self.by_ip.entry(ip) {
            *from_address.get_mut() = from_address.get().saturating_sub(1);
            if *from_address.get() == 0 {
                from_address.remove();
            }
        }
    }
}

/// Charges an address with a connection; when that is one too many it is not charged, and this is when to close it: as in
/// Kafka after a window at the latest.
fn too_fast(rates: &mut Accounts<IpAddr, Rate>, now: Mono, ip: IpAddr, rate_max: u32) -> Option<Mono> {
    let windows = rates.windows();
    let rate = rates.of(now, &ip);
    rate.record(windows, now, 1.0);
    let throttle = rate.throttle(windows, now, f64::from(rate_max));
    if throttle.is_zero() {
        return None;
    }
    rate.record(windows, now, -1.0);
    Some(now.plus(throttle.min(windows.length)))
}

#[cfg(test)]
mod tests;
