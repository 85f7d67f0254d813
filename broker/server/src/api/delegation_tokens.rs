//! What the APIs of delegation tokens have in common.

use std::time::Duration;

use broker_config::SecurityProtocol;
use broker_controller::{Request, Response};
use broker_protocol::{ErrorCode, Str};

use crate::{broker::Broker, context::RequestContext};

/// What a time is in answers that have none.
pub(super) const NO_TIME: i64 = -1;
/// What principals of users are.
pub(super) const USER: &str = "User";
/// These requests have no timeout of their own.
const PATIENCE_MS: i32 = 30_000;

/// Whether whoever asks may ask for tokens at all: not by a token, not in plaintext, and not if nobody knows who it is. The
/// broker that sent a request on has looked at the way on which it came.
pub(super) fn may_ask(broker: &Broker, context: &RequestContext) -> bool {
    let principal = &context.principal;
    let protocols = &broker.settings().config.network.protocols;
    let protocol = protocols.get(context.listener.as_str()).copied().unwrap_or(SecurityProtocol::Plaintext);
    let is_known = match protocol {
        SecurityProtocol::Plaintext => false,
        SecurityProtocol::Ssl => !principal.is_anonymous(),
        SecurityProtocol::SaslPlaintext | SecurityProtocol::SaslSsl => true,
    };
    !principal.is_by_token() && (context.is_forwarded || is_known)
}

/// The controller's answer, or why there is none.
pub(super) async fn ask(broker: &Broker, request: Request) -> Result<Response, ErrorCode> {
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
