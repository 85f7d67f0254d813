//! What every request carries through authorization, quotas and the APIs.

use std::{borrow::Cow, net::SocketAddr, sync::Arc};

use broker_protocol::{ApiKey, Listener, Str};

use crate::{listener::ListenerName, quotas::Work};

/// One request's context.
#[derive(Clone, Debug)]
pub(crate) struct RequestContext {
    pub(crate) listener: Arc<ListenerName>,
    /// Whether the listener is one of controllers: they serve other APIs than brokers.
    pub(crate) role: Listener,
    pub(crate) address: SocketAddr,
    pub(crate) principal: Principal,
    /// Whether another broker sent it on, for a client of its own.
    pub(crate) is_forwarded: bool,
    pub(crate) client_id: Option<Str>,
    pub(crate) api_key: ApiKey,
    pub(crate) api_version: i16,
    /// How long the request is, with its header.
    pub(crate) request_bytes: usize,
    /// How long it was worked on, where that is limited.
    pub(crate) work: Option<Arc<Work>>,
}

/// What principals are.
const USER: &str = "User:";

/// Who asks, as Kafka writes it: `User:name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Principal {
    text: Cow<'static, str>,
    /// Whether it came in by a delegation token: it may not have more made.
    by_token: bool,
}

impl Principal {
    /// Whoever comes over a listener without authentication.
    pub(crate) fn anonymous() -> Self {
        Self { text: Cow::Borrowed("User:ANONYMOUS"), by_token: false }
    }

    /// The user of this name.
    pub(crate) fn user(name: &str) -> Self {
        Self { text: Cow::Owned(format!("{USER}{name}")), by_token: false }
    }

    /// The same, as it came in.
    pub(crate) fn by_token(self, by_token: bool) -> Self {
        Self { by_token, ..self }
    }

    /// Whether it came in by a delegation token.
    pub(crate) fn is_by_token(&self) -> bool {
        self.by_token
    }

    /// Whether nobody knows who it is.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.name() == "ANONYMOUS"
    }

    /// With the type before the name.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The name alone.
    pub(crate) fn name(&self) -> &str {
        self.text.strip_prefix(USER).unwrap_or(&self.text)
    }
}
