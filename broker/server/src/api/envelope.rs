//! Envelope: a request that another broker's client sent, for the active controller (KIP-590).

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use broker_protocol::{
    ErrorCode,
    frame::RequestHeader,
    messages::{EnvelopeRequest, EnvelopeResponse},
    wire::Reader,
};
use bytes::{Bytes, BytesMut};

use super::{Answer, dispatch_boxed};
use crate::{authorizer::Operation, broker::Broker, context::RequestContext, forward, outbox::Outgoing};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: EnvelopeRequest,
) -> EnvelopeResponse {
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::ClusterAction) {
        return refused(denied);
    }
    let Some(address) = address(&request.client_host_address) else {
        return refused(ErrorCode::InvalidRequest);
    };
    let principal = match request.request_principal {
        Some(bytes) => match forward::principal_of(bytes) {
            Some(principal) => principal,
            None => return refused(ErrorCode::PrincipalDeserializationFailure),
        },
        None => return refused(ErrorCode::PrincipalDeserializationFailure),
    };
    let mut body = Reader::new(request.request_data);
    let Ok(header) = RequestHeader::decode(&mut body) else { return refused(ErrorCode::InvalidRequest) };
    if !forward::is_for_controller(header.api_key) {
        return refused(ErrorCode::InvalidRequest);
    }
    if !header.api_key.valid_versions().contains(&header.api_version) {
        return refused(ErrorCode::UnsupportedVersion);
    }
    if broker.controllers().active() != Some(broker.id()) {
        return refused(ErrorCode::NotController);
    }
    let inner = RequestContext {
        address,
        principal,
        is_forwarded: true,
        client_id: header.client_id,
        api_key: header.api_key,
        api_version: header.api_version,
        ..context.clone()
    };
    let answer = dispatch_boxed(Arc::clone(broker), inner, header.correlation_id, body).await;
    // The broker that the client asked throttles it, as the answer says.
    let answer = if let Answer::Throttled(answer, _) = answer { *answer } else { answer };
    match answer {
        Answer::Reply(parts) => {
            EnvelopeResponse { response_data: Some(body_of(parts)), ..EnvelopeResponse::default() }
        }
        Answer::NotController(_) => refused(ErrorCode::NotController),
        // What is for the controller appends nothing here.
        Answer::Later(_) | Answer::Throttled(..) | Answer::Silence | Answer::Close(_) => {
            refused(ErrorCode::InvalidRequest)
        }
    }
}

fn refused(code: ErrorCode) -> EnvelopeResponse {
    EnvelopeResponse { response_data: None, error_code: code.code() }
}

fn address(bytes: &[u8]) -> Option<SocketAddr> {
    let ip: IpAddr = match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok()?.into(),
        16 => <[u8; 16]>::try_from(bytes).ok()?.into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, 0))
}

/// The answer's frame without its length. Answers of controllers have no files.
fn body_of(parts: Vec<Outgoing>) -> Bytes {
    let mut whole = BytesMut::new();
    for part in parts {
        if let Outgoing::Bytes(bytes) = part {
            whole.extend_from_slice(&bytes);
        }
    }
    whole.freeze().slice(4..)
}
