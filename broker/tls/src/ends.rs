//! What connections of a listener are accepted with; between nodes also how they are made, so that both ends can be held
//! against each other (Kafka does so with the listener that brokers use among themselves).

use std::sync::Arc;

use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection, pki_types::ServerName};

use crate::{
    acceptor::server_config, connector::client_config, error::TlsError, material::Material, options::Options,
};

/// More than any handshake takes.
const ROUNDS_MAX: usize = 16;

/// One end, or both.
#[derive(Debug)]
pub(crate) struct Ends {
    pub(crate) server: Arc<ServerConfig>,
    /// Where nodes use the listener among themselves.
    client: Option<Arc<ClientConfig>>,
}

impl Ends {
    /// That which listens.
    pub(crate) fn listening(options: &Options, material: Material) -> Result<Self, TlsError> {
        Ok(Self { server: Arc::new(server_config(options, material)?), client: None })
    }

    /// Both, which must believe each other.
    pub(crate) fn both(options: &Options, material: Material) -> Result<Self, TlsError> {
        let client = client_config(&options.clone().without_names(), material.clone())?;
        let server = server_config(options, material)?;
        let ends = Self { server: Arc::new(server), client: Some(Arc::new(client)) };
        ends.believes(&ends).map_err(TlsError::Disagree)?;
        Ok(ends)
    }

    /// Nodes take up what is new one after the other: until all have, either must believe the other. What is over, a
    /// certificate whose time has ended, holds up nothing.
    pub(crate) fn follow(before: &Self, after: &Self) -> Result<(), TlsError> {
        if before.believes(before).is_err() {
            return Ok(());
        }
        let both = before.believes(after).and_then(|()| after.believes(before));
        both.map_err(TlsError::DisagreeMeanwhile)
    }

    /// Whether a connection from here to `other` would come about; else what the end says that refuses.
    fn believes(&self, other: &Self) -> Result<(), String> {
        let Some(client) = &self.client else { return Ok(()) };
        let broken = |error: rustls::Error| error.to_string();
        let nobody = ServerName::try_from("localhost").map_err(|error| error.to_string())?;
        let mut client = ClientConnection::new(Arc::clone(client), nobody).map_err(broken)?;
        let mut server = ServerConnection::new(Arc::clone(&other.server)).map_err(broken)?;
        for _ in 0..ROUNDS_MAX {
            give(&mut client, &mut server).map_err(|error| format!("the listening end says: {error}"))?;
            give(&mut server, &mut client).map_err(|error| format!("the connecting end says: {error}"))?;
            if !client.is_handshaking()
                && !server.is_handshaking()
                && !client.wants_write()
                && !server.wants_write()
            {
                return Ok(());
            }
        }
        Err("the handshake does not end".to_owned())
    }
}

/// Gives what the one wants to say to the other.
fn give<A, B>(
    from: &mut rustls::ConnectionCommon<A>,
    to: &mut rustls::ConnectionCommon<B>,
) -> Result<(), String> {
    let mut bytes = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut bytes).map_err(|error| error.to_string())?;
    }
    let mut left = bytes.as_slice();
    while !left.is_empty() {
        to.read_tls(&mut left).map_err(|error| error.to_string())?;
        to.process_new_packets().map_err(|error| error.to_string())?;
    }
    Ok(())
}
