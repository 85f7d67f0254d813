use std::{
    pin::{Pin, pin},
    task::{Context, Waker},
};

use broker_config::SecurityProtocol;

use super::*;

/// Looks at a future once.
fn is_pending<F: Future>(future: Pin<&mut F>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 1));
const TWO: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2));

fn listener(name: &str, is_controller: bool) -> ListenerSettings {
    let (name, host) = (name.to_owned(), String::new());
    let protocol = SecurityProtocol::Plaintext;
    ListenerSettings { name, host, port: 0, advertised: None, is_controller, protocol }
}

fn connections(properties: &[(&str, &str)]) -> Result<Arc<Connections>, InvalidProperty> {
    let properties = properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let listeners = [listener("PLAINTEXT", false), listener("OTHER", false)];
    let gauge = IntGauge::new("a", "b").unwrap();
    Connections::read(&properties, &listeners, false, Clock::start(), gauge, Windows::default())
}

fn end() -> CancellationToken {
    CancellationToken::new()
}

fn named(name: &str) -> Arc<ListenerName> {
    Arc::new(ListenerName::new(name))
}

#[tokio::test]
async fn an_address_with_too_many_is_refused_until_one_ends() {
    let connections =
        connections(&[("max.connections.per.ip", "2"), ("max.connections.per.ip.overrides", "127.0.0.2:0")])
            .unwrap();
    let other = named("OTHER");
    let first = connections.admit(&other, ONE, end()).await.place().expect("the first");
    let _second = connections.admit(&other, ONE, end()).await.place().expect("the second");
    assert!(connections.admit(&other, ONE, end()).await.place().is_none(), "two of one address");
    assert!(connections.admit(&other, TWO, end()).await.place().is_none(), "none of this address");
    assert_eq!(connections.gauge.get(), 2);
    drop(first);
    assert!(connections.admit(&other, "::ffff:127.0.0.1".parse().unwrap(), end()).await.place().is_some());
}

#[tokio::test]
async fn a_full_broker_lets_the_next_wait_for_the_end_of_another() {
    let connections = connections(&[("max.connections", "1")]).unwrap();
    let other = named("OTHER");
    let first = connections.admit(&other, ONE, end()).await.place().expect("the first");
    let mut second = pin!(connections.admit(&other, TWO, end()));
    assert!(is_pending(second.as_mut()));
    assert!(!first.ending().is_cancelled());
    // Brokers come in all the same.
    drop(connections.admit(&named("PLAINTEXT"), TWO, end()).await.place().expect("a broker's"));
    assert!(is_pending(second.as_mut()));
    drop(first);
    assert!(second.await.place().is_some());
}

#[tokio::test]
async fn a_listener_has_its_own_limit_and_rate() {
    let connections = connections(&[
        ("listener.name.other.max.connections", "1"),
        ("listener.name.plaintext.max.connection.creation.rate", "1"),
    ])
    .unwrap();
    let (other, plain) = (named("OTHER"), named("PLAINTEXT"));
    let _first = connections.admit(&other, ONE, end()).await.place().expect("the first");
    assert!(is_pending(pin!(connections.admit(&other, ONE, end()))));
    let _second = connections.admit(&plain, ONE, end()).await.place().expect("the other listener's");
    assert!(is_pending(pin!(connections.admit(&plain, ONE, end()))), "one a second");
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

fn properties(properties: &[(&str, &str)]) -> BTreeMap<String, String> {
    properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_lower_limit_ends_the_longest_unused() {
    let connections = connections(&[]).unwrap();
    let (other, plain) = (named("OTHER"), named("PLAINTEXT"));
    let broker = connections.admit(&plain, ONE, end()).await.place().expect("a broker's");
    let mut places = Vec::new();
    for _ in 0..4 {
        places.push(connections.admit(&other, ONE, end()).await.place().expect("no limit"));
    }
    for (place, last) in places.iter().zip([40, 10, 20, 30]) {
        place.used.last.store(last, Ordering::Relaxed);
    }
    let ended =
        |places: &[Place]| places.iter().map(|place| place.ending().is_cancelled()).collect::<Vec<_>>();
    connections.follow(&properties(&[("max.connections", "3")])).unwrap();
    assert_eq!(ended(&places), [false, true, true, false]);
    // Those that are ending are not counted twice.
    connections.follow(&properties(&[("max.connections", "3")])).unwrap();
    assert_eq!(ended(&places), [false, true, true, false]);
    assert!(!broker.ending().is_cancelled());
    // One more broker costs one more client.
    let _second = connections.admit(&plain, ONE, end()).await.place().expect("a broker's");
    assert_eq!(ended(&places), [false, true, true, true]);
}

#[tokio::test]
async fn other_limits_wake_who_waits() {
    let connections = connections(&[
        ("max.connections", "1"),
        ("listener.name.plaintext.max.connection.creation.rate", "1"),
    ])
    .unwrap();
    let (other, plain) = (named("OTHER"), named("PLAINTEXT"));
    let _first = connections.admit(&plain, ONE, end()).await.place().expect("the first");
    let mut second = pin!(connections.admit(&other, ONE, end()));
    assert!(is_pending(second.as_mut()));
    connections.follow(&properties(&[("max.connections", "many")])).expect_err("not a number");
    assert!(is_pending(second.as_mut()), "as before");
    connections.follow(&properties(&[("max.connections", "3"), ("max.connections.per.ip", "2")])).unwrap();
    let _second = second.await.place().expect("there is room");
    assert!(connections.admit(&other, ONE, end()).await.place().is_none(), "too many of the address now");
}

#[tokio::test]
async fn a_listener_without_a_limit_of_its_own_has_that_of_all() {
    let connections = connections(&[("max.connections", "1")]).unwrap();
    let plain = named("PLAINTEXT");
    let _first = connections.admit(&plain, ONE, end()).await.place().expect("the first");
    assert!(is_pending(pin!(connections.admit(&plain, ONE, end()))), "also where brokers come in");
}

impl Admitted {
    fn place(self) -> Option<Place> {
        match self {
            Self::Place(place) => Some(place),
            Self::TooMany | Self::Hold(..) => None,
        }
    }
}

#[tokio::test]
async fn an_address_that_is_found_too_late_is_not_limited_by_what_was_removed() {
    let connections = connections(&[]).unwrap();
    let none = || AddressRates { default: Some(0), ..AddressRates::default() };
    let set = connections.set_address_rates(AddressRates::default());
    connections.complete_address_rates(set, none());
    let other = named("OTHER");
    assert!(connections.admit(&other, ONE, end()).await.place().is_none(), "found");
    connections.set_address_rates(AddressRates::default());
    connections.complete_address_rates(set, none());
    assert!(connections.admit(&other, ONE, end()).await.place().is_some(), "there is another setting");
}
