//! ExpireDelegationToken: at once or later, by its owner or one of its renewers (KIP-48).

use std::sync::Arc;

use broker_controller::{ExpireToken, Request, Response};
use broker_protocol::{
    ErrorCode, Str,
    messages::{ExpireDelegationTokenRequest, ExpireDelegationTokenResponse},
};

use super::{
    Answer,
    delegation_tokens::{self as tokens, NO_TIME},
};
use crate::{broker::Broker, context::RequestContext, forward};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: ExpireDelegationTokenRequest,
) -> Result<ExpireDelegationTokenResponse, Answer> {
    if !tokens::may_ask(broker, context) {
        return Ok(answer(ErrorCode::DelegationTokenRequestNotAllowed, NO_TIME));
    }
    let here = || async {
        let expire = ExpireToken {
            requester: Str::from(context.principal.as_str()),
            hmac: request.hmac.clone(),
            period: tokens::period(request.expiry_time_period_ms),
        };
        match tokens::ask(broker, Request::ExpireToken(expire)).await {
            Ok(Response::ExpireToken(Ok(expires))) => answer(ErrorCode::None, expires.as_millis()),
            Ok(Response::ExpireToken(Err(error))) => answer(error.code(), 0),
            Ok(_) => answer(ErrorCode::UnknownServerError, 0),
            Err(code) => answer(code, 0),
        }
    };
    forward::decide(broker, context, &request, here).await.map_err(|code| Answer::unanswered(context, code))
}

fn answer(code: ErrorCode, expiry_timestamp_ms: i64) -> ExpireDelegationTokenResponse {
    ExpireDelegationTokenResponse {
        error_code: code.code(),
        expiry_timestamp_ms,
        ..ExpireDelegationTokenResponse::default()
    }
}
