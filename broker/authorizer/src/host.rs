//! Hosts of bindings: an address as Java writes it, or `*`.

use alloc::{
    format,
    string::{String, ToString},
};
use core::net::IpAddr;

use crate::WILDCARD;

/// Whether a binding's host is where somebody comes from.
pub(crate) fn is_of(host: &str, address: IpAddr) -> bool {
    host == WILDCARD || host == text(address)
}

/// An address as Java writes it: IPv6 with all of its eight parts, IPv4 inside of IPv6 as IPv4.
pub(crate) fn text(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, e, f, g, h] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}:{e:x}:{f:x}:{g:x}:{h:x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_java_writes_them() {
        for (address, shown) in [
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "0:0:0:0:0:0:0:1"),
            ("2001:db8::a0", "2001:db8:0:0:0:0:0:a0"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
        ] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(text(address), shown);
            assert!(is_of("*", address) && is_of(shown, address) && !is_of("10.0.0.0/8", address));
        }
    }
}
