//! What every request carries through authorization, quotas and the APIs.

use std::{borrow::Cow, net::SocketAddr, sync::Arc};

use broker_protocol::{ApiKey, Listener, Str};

use crate::listener::ListenerName;

/// One request's context.
#[derive(Clone, Debug)]
pub(crate) struct RequestContext {
    pub(crate) listener: Arc<ListenerName>,
    /// Whether the listener is one of controllers: they serve other APIs than brokers.
    pub(crate) role: Listener,
    pub(crate) address: SocketAddr,
    pub(crate) principal: Principal,
    pub(crate) client_id: Option<Str>,
    pub(crate) api_key: ApiKey,
    pub(crate) api_version: i16,
}

/// Who asks, as Kafka writes it: `User:name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Principal {
    pub(crate) name: Cow<'static, str>,
}

impl Principal {
    /// Whoever comes over a listener without authentication.
    pub(crate) fn anonymous() -> Self {
        Self { name: Cow::Borrowed("ANONYMOUS") }
    }
}
