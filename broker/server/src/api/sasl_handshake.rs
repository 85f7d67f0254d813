//! SaslHandshake where nothing is left to authenticate (KIP-43); before that it is for `connection`.

use std::sync::Arc;

use broker_protocol::{
    ErrorCode,
    messages::{SaslHandshakeRequest, SaslHandshakeResponse},
};

use crate::{broker::Broker, context::RequestContext};

pub(crate) async fn handle(
    _broker: &Arc<Broker>,
    _context: &RequestContext,
    _request: SaslHandshakeRequest,
) -> SaslHandshakeResponse {
    SaslHandshakeResponse {
        error_code: ErrorCode::IllegalSaslState.code(),
        ..SaslHandshakeResponse::default()
    }
}
