use alloc::vec;
use core::{net::Ipv4Addr, time::Duration};

use super::*;

fn ip(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(10, 0, 0, last))
}

fn listeners() -> Vec<(Str, ListenerLimits)> {
    let protected = ListenerLimits { protected: true, ..ListenerLimits::default() };
    vec![(Str::from("REPLICATION"), protected), (Str::from("PLAIN"), ListenerLimits::default())]
}

fn at(millis: u64) -> Mono {
    Mono::ZERO.plus(Duration::from_millis(millis))
}

#[test]
fn without_limits_everybody_comes_in() {
    let mut connections = Connections::new(Limits::default(), listeners());
    for last in 0..100 {
        assert_eq!(connections.offer(at(0), "PLAIN", ip(last)), Admission::Admitted);
    }
    assert_eq!(connections.count(), 100);
}

#[test]
fn an_address_has_its_own_limit() {
    let limits = Limits { per_ip: Some(2), per_ip_overrides: [(ip(9), 0)].into(), ..Limits::default() };
    let mut connections = Connections::new(limits, listeners());
    assert_eq!(connections.offer(at(0), "PLAIN", ip(1)), Admission::Admitted);
    assert_eq!(connections.offer(at(0), "REPLICATION", ip(1)), Admission::Admitted);
    assert_eq!(connections.offer(at(0), "PLAIN", ip(1)), Admission::TooManyFromAddress);
    assert_eq!(connections.offer(at(0), "PLAIN", ip(2)), Admission::Admitted);
    assert_eq!(connections.offer(at(0), "PLAIN", ip(9)), Admission::TooManyFromAddress);
    connections.closed("PLAIN", ip(1));
    assert_eq!(connections.offer(at(0), "PLAIN", ip(1)), Admission::Admitted);
}

#[test]
fn a_full_broker_still_hears_other_brokers() {
    let mut connections = Connections::new(Limits { total: Some(1), ..Limits::default() }, listeners());
    assert_eq!(connections.offer(at(0), "PLAIN", ip(1)), Admission::Admitted);
    assert_eq!(connections.offer(at(0), "PLAIN", ip(2)), Admission::WaitForSlot);
    assert_eq!(connections.offer(at(0), "REPLICATION", ip(3)), Admission::AdmittedInsteadOfIdlest);
    connections.closed("PLAIN", ip(1));
    assert_eq!(connections.offer(at(0), "PLAIN", ip(2)), Admission::WaitForSlot);
    connections.closed("REPLICATION", ip(3));
    assert_eq!(connections.offer(at(0), "PLAIN", ip(2)), Admission::Admitted);
}

#[test]
fn a_lower_limit_says_how_many_are_too_many() {
    let mut connections = Connections::new(Limits::default(), listeners());
    for last in 0..5 {
        assert_eq!(connections.offer(at(0), "PLAIN", ip(last)), Admission::Admitted);
    }
    assert_eq!(connections.excess(), 0);
    connections.set_limits(Limits { total: Some(3), ..Limits::default() });
    assert_eq!(connections.excess(), 2);
    assert!(connections.is_protected("REPLICATION") && !connections.is_protected("PLAIN"));
    for last in 0..2 {
        assert_eq!(connections.offer(at(0), "PLAIN", ip(9)), Admission::WaitForSlot);
        connections.closed("PLAIN", ip(last));
    }
    assert_eq!(connections.excess(), 0);
}

#[test]
fn brokers_wait_for_the_rate_of_their_listener_only() {
    let mut connections = Connections::new(Limits { rate: Some(1), ..Limits::default() }, listeners());
    assert_eq!(connections.offer(at(0), "PLAIN", ip(1)), Admission::Admitted);
    assert_eq!(connections.offer(at(0), "PLAIN", ip(1)), Admission::WaitUntil(at(1_000)));
    assert_eq!(connections.offer(at(0), "REPLICATION", ip(1)), Admission::Admitted);
    let limits = ListenerLimits { rate: Some(1), protected: true, ..ListenerLimits::default() };
    connections.set_listener_limits("REPLICATION", limits);
    assert_eq!(connections.offer(at(0), "REPLICATION", ip(1)), Admission::Admitted);
    assert_eq!(connections.offer(at(0), "REPLICATION", ip(1)), Admission::WaitUntil(at(1_000)));
}

#[test]
fn a_listener_has_its_own_limit() {
    let mut connections = Connections::new(Limits::default(), listeners());
    let limits = ListenerLimits { total: Some(1), protected: true, ..ListenerLimits::default() };
    connections.set_listener_limits("REPLICATION", limits);
    assert_eq!(connections.offer(at(0), "REPLICATION", ip(1)), Admission::Admitted);
    assert_eq!(connections.offer(at(0), "REPLICATION", ip(1)), Admission::WaitForSlot);
    assert_eq!(connections.offer(at(0), "PLAIN", ip(1)), Admission::Admitted);
}

#[test]
fn new_connections_come_at_the_rate_and_refused_ones_take_nothing_from_it() {
    let mut connections = Connections::new(Limits { rate: Some(2), ..Limits::default() }, listeners());
    assert_eq!(connections.offer(at(0), "PLAIN", ip(1)), Admission::Admitted);
    assert_eq!(connections.offer(at(0), "PLAIN", ip(1)), Admission::Admitted);
    for _ in 0..3 {
        assert_eq!(connections.offer(at(0), "PLAIN", ip(1)), Admission::WaitUntil(at(500)));
    }
    assert_eq!(connections.offer(at(500), "PLAIN", ip(1)), Admission::Admitted);
    assert_eq!(connections.offer(at(500), "PLAIN", ip(1)), Admission::WaitUntil(at(1_000)));
    // A long pause saves up no more than one second's worth.
    for _ in 0..2 {
        assert_eq!(connections.offer(at(60_000), "PLAIN", ip(1)), Admission::Admitted);
    }
    assert_eq!(connections.offer(at(60_000), "PLAIN", ip(1)), Admission::WaitUntil(at(60_500)));
    connections.set_limits(Limits::default());
    assert_eq!(connections.offer(at(60_000), "PLAIN", ip(1)), Admission::Admitted);
}

#[test]
fn closing_more_than_was_opened_counts_nothing_below_zero() {
    let mut connections = Connections::new(Limits::default(), listeners());
    connections.closed("PLAIN", ip(1));
    assert_eq!(connections.count(), 0);
    assert_eq!(connections.offer(at(0), "PLAIN", ip(1)), Admission::Admitted);
}

#[test]
fn an_address_that_connects_too_often_is_closed_after_a_while_and_holds_nobody_up() {
    let mut connections = Connections::new(Limits::default(), listeners());
    connections.set_address_rates(AddressRates { by_ip: [(ip(9), 100)].into(), default: Some(1) });
    // Ten windows are there at once.
    for _ in 0..10 {
        assert_eq!(connections.offer(at(0), "PLAIN", ip(1)), Admission::Admitted);
    }
    assert_eq!(connections.offer(at(0), "PLAIN", ip(1)), Admission::CloseAt(at(1_000)));
    assert_eq!(connections.offer(at(500), "PLAIN", ip(1)), Admission::CloseAt(at(1_000)));
    assert_eq!(connections.offer(at(500), "PLAIN", ip(2)), Admission::Admitted);
    for _ in 0..50 {
        assert_eq!(connections.offer(at(500), "PLAIN", ip(9)), Admission::Admitted);
    }
    assert_eq!(connections.count(), 61, "what is to be closed was never counted");
    connections.set_address_rates(AddressRates::default());
    assert_eq!(connections.offer(at(500), "PLAIN", ip(1)), Admission::Admitted);
}
