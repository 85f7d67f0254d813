//! SaslAuthenticate where nothing is left to authenticate (KIP-152); before that it is for `connection`.

use std::sync::Arc;

use broker_protocol::{
    ErrorCode, Str,
    messages::{SaslAuthenticateRequest, SaslAuthenticateResponse},
};

use crate::{broker::Broker, context::RequestContext};

pub(crate) async fn handle(
    _broker: &Arc<Broker>,
    _context: &RequestContext,
    _request: SaslAuthenticateRequest,
) -> SaslAuthenticateResponse {
    let text = "SaslAuthenticate request received after successful authentication";
    SaslAuthenticateResponse {
        error_code: ErrorCode::IllegalSaslState.code(),
        error_message: Some(Str::from_static(text)),
        ..SaslAuthenticateResponse::default()
    }
}
