//! What every request carries through authorization, quotas and the APIs.

use std::{net::SocketAddr, sync::Arc};

use broker_protocol::{ApiKey, Str};
use broker_types::Mono;

use crate::listener::ListenerName;

/// One request's context.
#[derive(Clone, Debug)]
pub(crate) struct RequestContext {
    pub(crate) listener: Arc<ListenerName>,
    pub(crate) address: SocketAddr,
    pub(crate) principal: Principal,
    pub(crate) client_id: Option<Str>,
    pub(crate) api_key: ApiKey,
    pub(crate) api_version: i16,
    /// When the whole request had arrived.
    pub(crate) received: Mono,
}

/// Who asks, as Kafka writes it: `User:name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Principal {
    pub(crate) name: Arc<str>,
}

impl Principal {
    /// Whoever comes over a listener without authentication.
    pub(crate) fn anonymous() -> Self {
        Self { name: Arc::from("ANONYMOUS") }
    }
}
