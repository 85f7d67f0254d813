//! A broker with a plain listener and one with TLS and passwords, and a client that uses both.

use anyhow::{Context, Result, ensure};
use tests_compat::{
    Authority, Broker, Connection, Encrypted, Kind, SaslProtocol, Spec, Stores, Trust, request,
};

use super::LIMIT;

const USERS: &str = "org.apache.kafka.common.security.plain.PlainLoginModule required \
                     user_alice=\"alice-secret\";";
/// SaslHandshake and SaslAuthenticate, each in version 1.
const HANDSHAKE: (i16, i16) = (17, 1);
const AUTHENTICATE: (i16, i16) = (36, 1);

/// The broker, and whom its clients believe.
pub(super) struct Secured {
    pub(super) broker: Broker,
    trust: Trust,
    _stores: Stores,
}

impl Secured {
    pub(super) fn start() -> Result<Self> {
        let authority = Authority::new("authority")?;
        let stores = Stores::new()?;
        let keys = stores.write("broker.pem", authority.issue("broker")?.pem())?;
        let broker = Spec::new(Kind::under_test()?)
            .sasl(Encrypted::Clients, SaslProtocol::Ssl)
            .set("ssl.keystore.type", "PEM")
            .set("ssl.keystore.location", &keys.display().to_string())
            .set("sasl.enabled.mechanisms", "PLAIN")
            .set("listener.name.sasl.plain.sasl.jaas.config", USERS)
            .start()?;
        Ok(Self { broker, trust: authority.trust()?, _stores: stores })
    }

    /// A connection over TLS on which nobody has logged in.
    pub(super) fn open(&self) -> Result<Connection> {
        Connection::open_tls(self.broker.ssl_address(), &self.trust, LIMIT)
    }

    /// A socket to the same listener on which nothing was said yet.
    pub(super) fn open_socket(&self) -> Result<Connection> {
        Connection::open(self.broker.ssl_address(), LIMIT)
    }

    /// Logs in and asks something.
    pub(super) fn lets_alice_in(&self) -> Result<()> {
        let mut connection = self.open()?;
        connection.send(&mechanism(b"PLAIN"))?;
        let chosen = connection.receive()?.context("closed after the handshake")?;
        ensure!(chosen.get(4..6) == Some(&[0, 0]), "the mechanism was refused: {chosen:?}");
        connection.send(&token(b"\0alice\0alice-secret"))?;
        let answer = connection.receive()?.context("closed after the token")?;
        ensure!(answer.get(4..6) == Some(&[0, 0]), "alice was refused: {answer:?}");
        connection.send(&request(18, 0, 3, 1, &[]))?;
        connection.receive()?.context("closed after the login")?;
        Ok(())
    }
}

/// A choice of a mechanism.
pub(super) fn mechanism(name: &[u8]) -> Vec<u8> {
    let length = i16::try_from(name.len()).unwrap_or(i16::MAX);
    request(HANDSHAKE.0, HANDSHAKE.1, 1, 1, &[&length.to_be_bytes(), name].concat())
}

/// A token of the mechanism.
pub(super) fn token(bytes: &[u8]) -> Vec<u8> {
    let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    request(AUTHENTICATE.0, AUTHENTICATE.1, 2, 1, &[&length.to_be_bytes(), bytes].concat())
}
