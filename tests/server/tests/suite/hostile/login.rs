//! Handshakes and logins that no client makes: each ends its own connection, and others get in.

use std::time::Duration;

use anyhow::{Context, Result};

use super::secured::{Secured, mechanism, token};
use super::{Chance, MIB, assert_grown_less, memory};

/// Garbage that looks whole may be waited for; the next one does not wait for it.
const GLANCE: Duration = Duration::from_millis(20);

/// The start of a TLS 1.2 client hello: a record of a handshake, its version and length, the message's type and length,
/// the client's version; random bytes follow.
const HELLO: [u8; 11] = [0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3];

#[test]
fn handshakes_with_changed_bytes_end_their_own_connection() -> Result<()> {
    let secured = Secured::start()?;
    let before = memory(&secured.broker)?;
    let mut chance = Chance::default();
    for round in 0..400 {
        let mut hello = HELLO.to_vec();
        hello.extend((0..194).map(|_| u8::try_from(chance.below(256)).unwrap_or(0)));
        for _ in 0..round % 4 {
            let at = chance.below(HELLO.len());
            hello[at] = u8::try_from(chance.below(256)).unwrap_or(0);
        }
        hello.truncate(hello.len() - chance.below(hello.len()) * (round % 3 / 2));
        let mut connection = secured.open_socket()?;
        connection.set_limit(GLANCE)?;
        let _ = connection.send(&hello);
        let _ = connection.receive();
        if round % 50 == 0 {
            secured.lets_alice_in().with_context(|| format!("after hello {round}"))?;
        }
    }
    secured.lets_alice_in()?;
    assert_grown_less(&secured.broker, before, 32 * MIB)
}

#[test]
fn logins_with_changed_bytes_end_their_own_connection() -> Result<()> {
    let secured = Secured::start()?;
    let before = memory(&secured.broker)?;
    let mut chance = Chance::default();
    for round in 0..400 {
        let mut connection = secured.open()?;
        connection.set_limit(GLANCE)?;
        let name: &[u8] = [&b"PLAIN"[..], b"SCRAM-SHA-512", b"GSSAPI", b"\xff\0", b""][round % 5];
        let garbage: Vec<u8> =
            (0..chance.below(300)).map(|_| u8::try_from(chance.below(256)).unwrap_or(0)).collect();
        let mut bytes = [mechanism(name), token(&garbage)].concat();
        if round % 2 == 1 {
            // Anywhere but in a length: a longer frame would be waited for.
            let at = 4 + chance.below(bytes.len() - 4);
            bytes[at] ^= 1 << chance.below(8);
        }
        let _ = connection.send(&bytes);
        while let Ok(Some(_)) = connection.receive() {}
        if round % 50 == 0 {
            secured.lets_alice_in().with_context(|| format!("after login {round}"))?;
        }
    }
    secured.lets_alice_in()?;
    assert_grown_less(&secured.broker, before, 32 * MIB)
}
