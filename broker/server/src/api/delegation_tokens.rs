//! What the APIs of delegation tokens have in common.

use std::time::Duration;

use broker_config::SecurityProtocol;
use broker_controller::{Request, Response};
use broker_protocol::{ErrorCode, Listener, Str};

use crate::{broker::Broker, context::RequestContext};

/// What a time is in answers that have none.
pub(super) const NO_TIME: i64 = -1;
/// What principals of users are.
pub(super) const USER: &str = "User";
/// These requests have no timeout of their own.
const PATIENCE_MS: i32 = 30_000;

/// Whether whoever asks may ask for tokens at all: not by a token, not in plaintext, and not if nobody knows who it is.
pub(super) fn may_ask(broker: &Broker, context: &RequestContext) -> bool {
    let principal = &context.principal;
    !principal.is_by_token()
        && match protocol(broker, context.listener.as_str()) {
            SecurityProtocol::Plaintext => false,
            SecurityProtocol::Ssl => !principal.is_anonymous(),
            SecurityProtocol::SaslPlaintext | SecurityProtocol::SaslSsl => true,
        }
}

/// Whether a request that came here from a client may be answered here: as Kafka, only where it would have come over a
/// controllers' listener that is no plaintext either. Secrets of tokens are in answers.
fn may_be_here(broker: &Broker, context: &RequestContext) -> bool {
    let first = broker.settings().config.network.controller_listener_names.first();
    let way = first.map_or(SecurityProtocol::Plaintext, |name| protocol(broker, name));
    context.role == Listener::Controller || way != SecurityProtocol::Plaintext
}

fn protocol(broker: &Broker, listener: &str) -> SecurityProtocol {
    let protocols = &broker.settings().config.network.protocols;
    protocols.get(listener).copied().unwrap_or(SecurityProtocol::Plaintext)
}

/// The controller's answer, or why there is none.
pub(super) async fn ask(
    broker: &Broker,
    context: &RequestContext,
    request: Request,
) -> Result<Response, ErrorCode> {
    if !may_be_here(broker, context) {
        return Err(ErrorCode::DelegationTokenRequestNotAllowed);
    }
    broker.quorum().ask(request, PATIENCE_MS).await.map_err(|error| error.code())
}

/// A principal as requests have it, as `type:name`.
pub(super) fn principal(kind: &str, name: &str) -> Str {
    Str::from(format!("{kind}:{name}"))
}

/// And back: type and name.
pub(super) fn parts(principal: &str) -> (Str, Str) {
    let (kind, name) = principal.split_once(':').unwrap_or((USER, principal));
    (Str::from(kind), Str::from(name))
}

/// A time of a request; `None` for what means none. Zero is one.
pub(super) fn period(millis: i64) -> Option<Duration> {
    u64::try_from(millis).ok().map(Duration::from_millis)
}
