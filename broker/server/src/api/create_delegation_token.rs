//! CreateDelegationToken: of whoever asks, or of another whom it may ask for (KIP-48, KIP-373).

use std::sync::Arc;

use broker_controller::{CreateToken, CreatedToken, Request, Response};
use broker_protocol::{
    ErrorCode, Str,
    messages::{CreateDelegationTokenRequest, CreateDelegationTokenResponse},
};

use super::{
    Answer,
    delegation_tokens::{self as tokens, NO_TIME, USER, parts, principal},
};
use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::{Principal, RequestContext},
    forward,
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: CreateDelegationTokenRequest,
) -> Result<CreateDelegationTokenResponse, Answer> {
    let requester = Str::from(context.principal.as_str());
    let name = request.owner_principal_name.as_deref().filter(|name| !name.is_empty());
    let owner = match (&request.owner_principal_type, name) {
        (_, None) => requester.clone(),
        (Some(kind), Some(name)) => principal(kind, name),
        // Kafka finds out that there is no such principal.
        (None, Some(_)) => {
            let nobody = Str::from(Principal::anonymous().as_str());
            return Ok(
                Asked { context, owner: &nobody, requester: &nobody }.refused(ErrorCode::UnknownServerError)
            );
        }
    };
    let asked = Asked { context, owner: &owner, requester: &requester };
    if !tokens::may_ask(broker, context) {
        return Ok(asked.refused(ErrorCode::DelegationTokenRequestNotAllowed));
    }
    let may_create = || broker.authorizer().allows(context, Operation::CreateTokens, Resource::User(&owner));
    if owner != requester && !may_create() {
        return Ok(asked.refused(ErrorCode::DelegationTokenAuthorizationFailed));
    }
    if request.renewers.iter().any(|renewer| &*renewer.principal_type != USER) {
        return Ok(asked.refused(ErrorCode::InvalidPrincipalType));
    }
    let answered = forward::decide(broker, context, &request, || asked.created(broker, &request)).await;
    answered.map_err(|code| Answer::unanswered(context, code))
}

struct Asked<'a> {
    context: &'a RequestContext,
    owner: &'a Str,
    requester: &'a Str,
}

impl Asked<'_> {
    async fn created(
        &self,
        broker: &Broker,
        request: &CreateDelegationTokenRequest,
    ) -> CreateDelegationTokenResponse {
        let renewers = request.renewers.iter();
        let create = CreateToken {
            requester: self.requester.clone(),
            owner: self.owner.clone(),
            renewers: renewers.map(|one| principal(&one.principal_type, &one.principal_name)).collect(),
            lifetime_max: tokens::period(request.max_lifetime_ms),
        };
        match tokens::ask(broker, Request::CreateToken(create)).await {
            Ok(Response::CreateToken(Ok(created))) => self.told(created),
            Ok(Response::CreateToken(Err(error))) => self.answer(error.code()),
            Ok(_) => self.answer(ErrorCode::UnknownServerError),
            Err(code) => self.answer(code),
        }
    }

    fn told(&self, created: CreatedToken) -> CreateDelegationTokenResponse {
        CreateDelegationTokenResponse {
            issue_timestamp_ms: created.issued.as_millis(),
            expiry_timestamp_ms: created.expires.as_millis(),
            max_timestamp_ms: created.max.as_millis(),
            token_id: created.id,
            hmac: created.hmac,
            ..self.answer(ErrorCode::None)
        }
    }

    /// Refused before the controller was asked: without times, not at zero.
    fn refused(&self, code: ErrorCode) -> CreateDelegationTokenResponse {
        CreateDelegationTokenResponse {
            issue_timestamp_ms: NO_TIME,
            expiry_timestamp_ms: NO_TIME,
            max_timestamp_ms: NO_TIME,
            ..self.answer(code)
        }
    }

    fn answer(&self, code: ErrorCode) -> CreateDelegationTokenResponse {
        let (principal_type, principal_name) = parts(self.owner);
        let mut answer = CreateDelegationTokenResponse {
            error_code: code.code(),
            principal_type,
            principal_name,
            ..CreateDelegationTokenResponse::default()
        };
        if self.context.api_version >= 3 {
            (answer.token_requester_principal_type, answer.token_requester_principal_name) =
                parts(self.requester);
        }
        answer
    }
}
