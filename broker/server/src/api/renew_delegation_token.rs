//! RenewDelegationToken: by its owner or one of its renewers (KIP-48).

use std::sync::Arc;

use broker_controller::{RenewToken, Request, Response};
use broker_protocol::{
    ErrorCode, Str,
    messages::{RenewDelegationTokenRequest, RenewDelegationTokenResponse},
};

use super::{
    Answer,
    delegation_tokens::{self as tokens, NO_TIME},
};
use crate::{broker::Broker, context::RequestContext, forward};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: RenewDelegationTokenRequest,
) -> Result<RenewDelegationTokenResponse, Answer> {
    if !tokens::may_ask(broker, context) {
        return Ok(answer(ErrorCode::DelegationTokenRequestNotAllowed, NO_TIME));
    }
    let here = || async {
        let renew = RenewToken {
            requester: Str::from(context.principal.as_str()),
            hmac: request.hmac.clone(),
            period: tokens::period(request.renew_period_ms),
        };
        match tokens::ask(broker, Request::RenewToken(renew)).await {
            Ok(Response::RenewToken(Ok(expires))) => answer(ErrorCode::None, expires.as_millis()),
            Ok(Response::RenewToken(Err(error))) => answer(error.code(), 0),
            Ok(_) => answer(ErrorCode::UnknownServerError, 0),
            Err(code) => answer(code, 0),
        }
    };
    forward::decide(broker, context, &request, here).await.map_err(|code| Answer::unanswered(context, code))
}

fn answer(code: ErrorCode, expiry_timestamp_ms: i64) -> RenewDelegationTokenResponse {
    RenewDelegationTokenResponse {
        error_code: code.code(),
        expiry_timestamp_ms,
        ..RenewDelegationTokenResponse::default()
    }
}
