//! The way from this broker to others.

use std::time::Duration;

use broker_client::{ClientError, Connection};
use broker_protocol::ApiKey;
use broker_types::BrokerId;

use crate::broker::Broker;

/// Where another broker listens to brokers; `None` while it is not registered with that listener.
pub(crate) fn address_of(broker: &Broker, other: BrokerId) -> Option<String> {
    let image = broker.image();
    let listener = &broker.settings().config.network.inter_broker_listener;
    let endpoint = image.cluster().broker(other)?.endpoint(listener)?;
    // An IPv6 address is told from its port by brackets.
    let is_ipv6 = endpoint.host.contains(':') && !endpoint.host.starts_with('[');
    let host = if is_ipv6 { format!("[{}]", endpoint.host) } else { endpoint.host.to_string() };
    Some(format!("{host}:{}", endpoint.port))
}

/// The connection that is there, or a new one to wherever the other broker is now.
pub(crate) async fn reuse_or_connect(
    broker: &Broker,
    other: BrokerId,
    connection: Option<Connection>,
    patience: Duration,
) -> Result<Connection, ClientError> {
    match (connection, address_of(broker, other)) {
        (Some(connection), _) => Ok(connection),
        (None, Some(address)) => {
            Connection::open(&address, &broker.id().to_string(), patience, &broker.security().brokers).await
        }
        (None, None) => Err(ClientError::Codec {
            api: ApiKey::ApiVersions,
            reason: format!("broker {other} is not registered with the listener of brokers"),
        }),
    }
}
