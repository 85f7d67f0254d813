//! Who may connect, and when: counts what the listeners accept against the limits of numbers and rates.
//!
//! As Kafka does: an address with too many connections is closed at once; a full broker or listener, or one at its
//! rate, lets the accepted one wait and accepts no other meanwhile.

use std::{
    collections::BTreeMap,
    net::{IpAddr, ToSocketAddrs as _},
    str::FromStr,
    sync::Arc,
};

use broker_node::connections::{Admission, Connections as Accounts, Limits, ListenerLimits};
use broker_protocol::Str;
use parking_lot::Mutex;
use prometheus::IntGauge;
use tokio::sync::Notify;

use crate::{
    clock::Clock,
    listener::ListenerName,
    settings::{InvalidProperty, ListenerSettings, Properties},
};

/// Kafka's default of every limit of connections: none.
const UNLIMITED: u32 = i32::MAX.unsigned_abs();

/// Who is connected.
#[derive(Debug)]
pub(crate) struct Connections {
    accounts: Mutex<Accounts>,
    /// Notified when a connection ended or the limits changed.
    freed: Notify,
    clock: Clock,
    gauge: IntGauge,
}

/// A connection's place among the admitted; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    listener: Arc<ListenerName>,
    address: IpAddr,
}

impl Connections {
    pub(crate) fn new(
        limits: Limits,
        listeners: Vec<(Str, ListenerLimits)>,
        clock: Clock,
        gauge: IntGauge,
    ) -> Arc<Self> {
        let accounts = Mutex::new(Accounts::new(limits, listeners));
        Arc::new(Self { accounts, freed: Notify::new(), clock, gauge })
    }

    /// The limits that the properties set.
    pub(crate) fn read(
        properties: &BTreeMap<String, String>,
        listeners: &[ListenerSettings],
        clock: Clock,
        gauge: IntGauge,
    ) -> Result<Arc<Self>, InvalidProperty> {
        let read = Properties(properties);
        let limits = Limits {
            total: limit(&read, "max.connections")?,
            rate: limit(&read, "max.connection.creation.rate")?,
            per_ip: limit(&read, "max.connections.per.ip")?,
            per_ip_overrides: read.parsed("max.connections.per.ip.overrides", Overrides::default())?.0,
        };
        let inter_broker = read
            .text("inter.broker.listener.name")
            .or(read.text("security.inter.broker.protocol"))
            .unwrap_or("PLAINTEXT");
        let several = listeners.iter().filter(|listener| !listener.is_controller).count() > 1;
        let of_listener = |listener: &ListenerSettings| {
            let prefix = format!("listener.name.{}.", listener.name.to_lowercase());
            let limits = ListenerLimits {
                total: limit(&read, &format!("{prefix}max.connections"))?,
                rate: limit(&read, &format!("{prefix}max.connection.creation.rate"))?,
                protected: several && listener.name.eq_ignore_ascii_case(inter_broker),
            };
            Ok((Str::from(listener.name.as_str()), limits))
        };
        let listeners = listeners.iter().map(of_listener).collect::<Result<_, InvalidProperty>>()?;
        Ok(Self::new(limits, listeners, clock, gauge))
    }

    /// A place for a connection that was accepted; waits for it at the limits that a wait can heal. `None`: close it,
    /// its address has too many.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        listener: &Arc<ListenerName>,
        address: IpAddr,
    ) -> Option<Place> {
        let address = address.to_canonical();
        loop {
            // Registered before asking, so that no end between the two is missed.
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            let offered = self.accounts.lock().offer(self.clock.mono(), listener.as_str(), address);
            match offered {
                Admission::Admitted | Admission::AdmittedInsteadOfIdlest => {
                    self.gauge.inc();
                    let (connections, listener) = (Arc::clone(self), Arc::clone(listener));
                    return Some(Place { connections, listener, address });
                }
                Admission::TooManyFromAddress => return None,
                Admission::WaitForSlot => freed.await,
                Admission::WaitUntil(until) => {
                    tokio::time::sleep_until(self.clock.instant_of(until)).await;
                }
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.accounts.lock().closed(self.listener.as_str(), self.address);
        self.connections.gauge.dec();
        self.connections.freed.notify_waiters();
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

#[cfg(test)]
mod tests {
    use std::{
        pin::{Pin, pin},
        task::{Context, Waker},
    };

    use super::*;

    /// Looks at a future once.
    fn is_pending<F: Future>(future: Pin<&mut F>) -> bool {
        future.poll(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 1));
    const TWO: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2));

    fn listener(name: &str, is_controller: bool) -> ListenerSettings {
        let (name, host) = (name.to_owned(), String::new());
        ListenerSettings { name, host, port: 0, advertised: None, is_controller }
    }

    fn connections(properties: &[(&str, &str)]) -> Result<Arc<Connections>, InvalidProperty> {
        let properties =
            properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let listeners = [listener("PLAINTEXT", false), listener("OTHER", false)];
        Connections::read(&properties, &listeners, Clock::start(), IntGauge::new("a", "b").unwrap())
    }

    fn named(name: &str) -> Arc<ListenerName> {
        Arc::new(ListenerName::new(name))
    }

    #[tokio::test]
    async fn an_address_with_too_many_is_refused_until_one_ends() {
        let connections = connections(&[
            ("max.connections.per.ip", "2"),
            ("max.connections.per.ip.overrides", "127.0.0.2:0"),
        ])
        .unwrap();
        let other = named("OTHER");
        let first = connections.admit(&other, ONE).await.expect("the first");
        let _second = connections.admit(&other, ONE).await.expect("the second");
        assert!(connections.admit(&other, ONE).await.is_none(), "two of one address");
        assert!(connections.admit(&other, TWO).await.is_none(), "none of this address");
        assert_eq!(connections.gauge.get(), 2);
        drop(first);
        assert!(connections.admit(&other, "::ffff:127.0.0.1".parse().unwrap()).await.is_some());
    }

    #[tokio::test]
    async fn a_full_broker_lets_the_next_wait_for_the_end_of_another() {
        let connections = connections(&[("max.connections", "1")]).unwrap();
        let other = named("OTHER");
        let first = connections.admit(&other, ONE).await.expect("the first");
        let mut second = pin!(connections.admit(&other, TWO));
        assert!(is_pending(second.as_mut()));
        // Brokers come in all the same.
        drop(connections.admit(&named("PLAINTEXT"), TWO).await.expect("a broker's"));
        assert!(is_pending(second.as_mut()));
        drop(first);
        assert!(second.await.is_some());
    }

    #[tokio::test]
    async fn a_listener_has_its_own_limit_and_rate() {
        let connections = connections(&[
            ("listener.name.other.max.connections", "1"),
            ("listener.name.plaintext.max.connection.creation.rate", "1"),
        ])
        .unwrap();
        let (other, plain) = (named("OTHER"), named("PLAINTEXT"));
        let _first = connections.admit(&other, ONE).await.expect("the first");
        assert!(is_pending(pin!(connections.admit(&other, ONE))));
        let _second = connections.admit(&plain, ONE).await.expect("the other listener's");
        assert!(is_pending(pin!(connections.admit(&plain, ONE))), "one a second");
    }

    #[test]
    fn limits_that_do_not_read_are_named() {
        for (key, value) in [
            ("max.connections", "many"),
            ("max.connections.per.ip.overrides", "127.0.0.1"),
            ("max.connections.per.ip.overrides", "127.0.0.1:x"),
        ] {
            let error = connections(&[(key, value)]).expect_err("refused").to_string();
            assert!(error.starts_with(key), "{error}");
        }
        assert!(connections(&[("max.connections.per.ip.overrides", "[::1]:5, 10.0.0.1:7")]).is_ok());
    }
}
