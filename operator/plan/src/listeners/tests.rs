use super::{Address, is_host, is_same};

#[test]
fn the_order_of_listeners_says_nothing() {
    assert!(is_same("A://a:1, B://b:2", "b://B:2,A://a:1"));
    assert!(!is_same("A://a:1", "A://a:2"));
    assert!(!is_same("A://a:1", "A://a:1,B://b:2"));
}

#[test]
fn an_address_of_six_groups_stands_in_brackets() {
    assert_eq!(Address::new("::1", 9094).to_string(), "[::1]:9094");
    assert_eq!(Address::new("h", 9094).to_string(), "h:9094");
}

#[test]
fn hosts_are_names_and_addresses() {
    for host in ["a", "a.b-c.example.com", "*.example.com", "192.0.2.1", "2001:db8::1", "under_score"] {
        assert!(is_host(host), "{host}");
    }
    let long = "a".repeat(64);
    for host in ["", "a b", "a..b", "*", "a,b", "https://a", "a:1", "ä", &long] {
        assert!(!is_host(host), "{host}");
    }
}
