//! Who may connect, and when: counts what the listeners accept against the limits of numbers and rates, which may
//! change at any time.
//!
//! As Kafka does: an address with too many connections is closed at once; a full broker or listener, or one at its
//! rate, lets the accepted one wait and accepts no other meanwhile. Where brokers have a listener of their own they come
//! in all the same, and then, as after the limit was lowered, the longest unused of the others are closed.

use std::{
    collections::BTreeMap,
    net::{IpAddr, ToSocketAddrs as _},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use broker_node::{
    connections::{AddressRates, Admission, Connections as Accounts, Limits, ListenerLimits},
    quotas::Windows,
};
use broker_protocol::Str;
use parking_lot::Mutex;
use prometheus::IntGauge;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(crate) use self::address_rates::follow_quotas;
use crate::{
    clock::Clock,
    listener::ListenerName,
    settings::{InvalidProperty, ListenerSettings, Properties},
};

/// So many connections that come too often wait for their end; more are closed at once.
const HELD_MAX: usize = 1024;
/// Kafka's default of every limit of connections: none.
const UNLIMITED: u32 = i32::MAX.unsigned_abs();

/// Who is connected to the listeners of one role.
#[derive(Debug)]
pub(crate) struct Connections {
    listeners: Vec<CountedListener>,
    admitted: Mutex<Counted>,
    /// Notified when a connection ended or the limits changed.
    freed: Notify,
    clock: Clock,
    gauge: IntGauge,
    /// Places of those that are closed after a while.
    held: Arc<Semaphore>,
}

#[derive(Debug)]
struct CountedListener {
    name: Str,
    protected: bool,
}

#[derive(Debug)]
struct Counted {
    accounts: Accounts,
    places: BTreeMap<u64, Arc<Use>>,
    next: u64,
    /// How often the rates of addresses were set.
    rates_set: u64,
}

/// When a connection was used last, and how to end it.
#[derive(Debug)]
struct Use {
    /// Microseconds of the monotonic clock.
    last: AtomicU64,
    end: CancellationToken,
    protected: bool,
}

/// A connection's place among the admitted; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    listener: Arc<ListenerName>,
    address: IpAddr,
    id: u64,
    used: Arc<Use>,
}

/// What becomes of a connection that was accepted.
#[derive(Debug)]
pub(crate) enum Admitted {
    /// It comes in.
    Place(Place),
    /// Close it: its address has too many.
    TooMany,
    /// Close it then, without reading: its address connects too often. The permit goes with it.
    Hold(Instant, OwnedSemaphorePermit),
}

/// The limits that properties set.
struct Read {
    all: Limits,
    listeners: Vec<(Str, ListenerLimits)>,
}

impl Connections {
    /// The connections of the listeners of brokers, or of controllers, with the limits that the properties set.
    pub(crate) fn read(
        properties: &BTreeMap<String, String>,
        listeners: &[ListenerSettings],
        of_controllers: bool,
        clock: Clock,
        gauge: IntGauge,
        windows: Windows,
    ) -> Result<Arc<Self>, InvalidProperty> {
        let texts = Properties(properties);
        let inter_broker = texts
            .text("inter.broker.listener.name")
            .or(texts.text("security.inter.broker.protocol"))
            .unwrap_or("PLAINTEXT");
        let of_role = || listeners.iter().filter(|listener| listener.is_controller == of_controllers);
        let several = of_role().count() > 1;
        let counted = of_role().map(|listener| CountedListener {
            name: Str::from(listener.name.as_str()),
            protected: several && listener.name.eq_ignore_ascii_case(inter_broker),
        });
        let listeners: Vec<_> = counted.collect();
        let limits = Read::of(properties, &listeners)?;
        let accounts = Accounts::new(limits.all, limits.listeners).measured_in(windows);
        let admitted = Mutex::new(Counted { accounts, places: BTreeMap::new(), next: 0, rates_set: 0 });
        let held = Arc::new(Semaphore::new(HELD_MAX));
        Ok(Arc::new(Self { listeners, admitted, freed: Notify::new(), clock, gauge, held }))
    }

    /// The limits that the properties set hold from now on; the longest unused connections beyond them are closed.
    pub(crate) fn follow(&self, properties: &BTreeMap<String, String>) -> Result<(), InvalidProperty> {
        let limits = Read::of(properties, &self.listeners)?;
        let mut admitted = self.admitted.lock();
        admitted.accounts.set_limits(limits.all);
        for (name, limits) in limits.listeners {
            admitted.accounts.set_listener_limits(name.as_str(), limits);
        }
        admitted.close_excess();
        drop(admitted);
        self.freed.notify_waiters();
        Ok(())
    }

    /// Other rates of addresses from now on; gives the number of this setting.
    fn set_address_rates(&self, rates: AddressRates) -> u64 {
        let mut admitted = self.admitted.lock();
        admitted.accounts.set_address_rates(rates);
        admitted.rates_set += 1;
        admitted.rates_set
    }

    /// What was still to be looked up of a setting; too late once there is another.
    fn complete_address_rates(&self, set: u64, rates: AddressRates) {
        let mut admitted = self.admitted.lock();
        if admitted.rates_set == set {
            admitted.accounts.set_address_rates(rates);
        }
    }

    /// A place for a connection that was accepted; waits for it at the limits that a wait can heal. `end` is how the connection is told to end.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        listener: &Arc<ListenerName>,
        address: IpAddr,
        end: CancellationToken,
    ) -> Admitted {
        let address = address.to_canonical();
        loop {
            // Registered before asking, so that no end between the two is missed.
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            let offered = {
                let mut admitted = self.admitted.lock();
                let offered = admitted.accounts.offer(self.clock.mono(), listener.as_str(), address);
                if matches!(offered, Admission::Admitted | Admission::AdmittedInsteadOfIdlest) {
                    return Admitted::Place(self.place(&mut admitted, listener, address, end));
                }
                offered
            };
            match offered {
                Admission::WaitUntil(until) => {
                    let until = self.clock.instant_of(until);
                    tokio::select! {
                        () = freed => {}
                        () = tokio::time::sleep_until(until) => {}
                    }
                }
                Admission::TooManyFromAddress => return Admitted::TooMany,
                Admission::CloseAt(until) => {
                    let until = self.clock.instant_of(until);
                    let held = Arc::clone(&self.held).try_acquire_owned();
                    return held.map_or(Admitted::TooMany, |held| Admitted::Hold(until, held));
                }
                _ => freed.await,
            }
        }
    }

    fn place(
        self: &Arc<Self>,
        admitted: &mut Counted,
        listener: &Arc<ListenerName>,
        address: IpAddr,
        end: CancellationToken,
    ) -> Place {
        let protected = admitted.accounts.is_protected(listener.as_str());
        let last = AtomicU64::new(self.clock.mono().as_micros());
        let used = Arc::new(Use { last, end, protected });
        let id = admitted.next;
        admitted.next += 1;
        admitted.places.insert(id, Arc::clone(&used));
        admitted.close_excess();
        self.gauge.inc();
        Place { connections: Arc::clone(self), listener: Arc::clone(listener), address, id, used }
    }
}

impl Counted {
    /// Ends as many as there are beyond the limit and not ending yet: the longest unused ones.
    fn close_excess(&mut self) {
        let excess = usize::try_from(self.accounts.excess()).unwrap_or(usize::MAX);
        if excess == 0 {
            return;
        }
        let (ending, mut others): (Vec<_>, Vec<_>) =
            self.places.values().partition(|used| used.end.is_cancelled());
        others.retain(|used| !used.protected);
        others.sort_by_key(|used| used.last.load(Ordering::Relaxed));
        for used in others.into_iter().take(excess.saturating_sub(ending.len())) {
            used.end.cancel();
        }
    }
}

impl Place {
    /// The connection does something.
    pub(crate) fn touch(&self) {
        self.used.last.store(self.connections.clock.mono().as_micros(), Ordering::Relaxed);
    }

    /// Becomes ready when the connection is to end after the request at hand.
    pub(crate) fn ending(&self) -> CancellationToken {
        self.used.end.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut admitted = self.connections.admitted.lock();
        admitted.places.remove(&self.id);
        admitted.accounts.closed(self.listener.as_str(), self.address);
        drop(admitted);
        self.connections.gauge.dec();
        self.connections.freed.notify_waiters();
    }
}

impl Read {
    fn of(
        properties: &BTreeMap<String, String>,
        listeners: &[CountedListener],
    ) -> Result<Self, InvalidProperty> {
        let texts = Properties(properties);
        let all = Limits {
            total: limit(&texts, "max.connections")?,
            rate: limit(&texts, "max.connection.creation.rate")?,
            per_ip: limit(&texts, "max.connections.per.ip")?,
            per_ip_overrides: texts.parsed("max.connections.per.ip.overrides", Overrides::default())?.0,
        };
        // Kafka's way with listeners: what is set for all holds for each one that has nothing of its own.
        let own_or = |key: String, of_all| match texts.text(&key) {
            Some(_) => limit(&texts, &key),
            None => Ok(of_all),
        };
        let of_listener = |listener: &CountedListener| {
            let prefix = format!("listener.name.{}.", listener.name.as_str().to_lowercase());
            let limits = ListenerLimits {
                total: own_or(format!("{prefix}max.connections"), all.total)?,
                rate: own_or(format!("{prefix}max.connection.creation.rate"), all.rate)?,
                protected: listener.protected,
            };
            Ok((listener.name.clone(), limits))
        };
        let listeners = listeners.iter().map(of_listener).collect::<Result<_, InvalidProperty>>()?;
        Ok(Self { all, listeners })
    }
}

fn limit(read: &Properties<'_>, key: &str) -> Result<Option<u32>, InvalidProperty> {
    let value = read.parsed(key, UNLIMITED)?;
    Ok((value < UNLIMITED).then_some(value))
}

/// `address:count,…`; names are looked up once.
#[derive(Default)]
struct Overrides(BTreeMap<IpAddr, u32>);

/// What of the overrides cannot be used.
#[derive(Debug, thiserror::Error)]
enum InvalidOverride {
    #[error("{0} is not address:count")]
    Form(String),
    #[error("{0} is not an address and no name of one")]
    Address(String),
}

impl FromStr for Overrides {
    type Err = InvalidOverride;

    fn from_str(text: &str) -> Result<Self, InvalidOverride> {
        let mut overrides = BTreeMap::new();
        for one in text.split(',').map(str::trim).filter(|one| !one.is_empty()) {
            let parts = one.rsplit_once(':').and_then(|(host, count)| {
                Some((host.trim().trim_matches(['[', ']']), count.trim().parse().ok()?))
            });
            let (host, count) = parts.ok_or_else(|| InvalidOverride::Form(one.to_owned()))?;
            let mut found =
                (host, 0).to_socket_addrs().map_err(|_| InvalidOverride::Address(host.to_owned()))?;
            let address = found.next().ok_or_else(|| InvalidOverride::Address(host.to_owned()))?;
            overrides.insert(address.ip().to_canonical(), count);
        }
        Ok(Self(overrides))
    }
}

mod address_rates;
#[cfg(test)]
mod tests;
