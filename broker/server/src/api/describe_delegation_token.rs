//! DescribeDelegationToken: one's own tokens, and others' that one may see (KIP-48, KIP-373). Any broker answers.

use std::sync::Arc;

use broker_metadata::DelegationToken;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DescribeDelegationTokenRequest, DescribeDelegationTokenResponse,
        describe_delegation_token_response::{DescribedDelegationToken, DescribedDelegationTokenRenewer},
    },
};

use super::delegation_tokens::{self as tokens, parts, principal};
use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DescribeDelegationTokenRequest,
) -> DescribeDelegationTokenResponse {
    if !tokens::may_ask(broker, context) {
        return answer(ErrorCode::DelegationTokenRequestNotAllowed, Vec::new());
    }
    if !broker.sasl().tokens().are_there() {
        return answer(ErrorCode::DelegationTokenAuthDisabled, Vec::new());
    }
    let owners: Option<Vec<Str>> = request
        .owners
        .map(|owners| owners.iter().map(|one| principal(&one.principal_type, &one.principal_name)).collect());
    let image = broker.image();
    let asked = Asked { broker, context, owners };
    let seen = image.tokens().by_id().iter().filter(|(id, token)| asked.sees(id, token));
    answer(ErrorCode::None, seen.map(|(id, token)| asked.described(id, token)).collect())
}

struct Asked<'a> {
    broker: &'a Broker,
    context: &'a RequestContext,
    owners: Option<Vec<Str>>,
}

impl Asked<'_> {
    fn sees(&self, id: &str, token: &DelegationToken) -> bool {
        let is_of = |who: &str| &*token.owner == who || token.renewers.iter().any(|one| &**one == who);
        let allowed = |operation, resource| self.broker.authorizer().sees(self.context, operation, resource);
        if self.owners.as_ref().is_some_and(|owners| !owners.iter().any(|owner| is_of(owner))) {
            return false;
        }
        is_of(self.context.principal.as_str())
            || allowed(Operation::Describe, Resource::DelegationToken(id))
            || allowed(Operation::DescribeTokens, Resource::User(&token.owner))
    }

    fn described(&self, id: &Str, token: &DelegationToken) -> DescribedDelegationToken {
        let renewer = |renewer: &Str| {
            let (principal_type, principal_name) = parts(renewer);
            DescribedDelegationTokenRenewer { principal_type, principal_name }
        };
        let (principal_type, principal_name) = parts(&token.owner);
        let (requester_type, requester_name) =
            if self.context.api_version >= 3 { parts(&token.requester) } else { Default::default() };
        DescribedDelegationToken {
            principal_type,
            principal_name,
            token_requester_principal_type: requester_type,
            token_requester_principal_name: requester_name,
            issue_timestamp: token.issued.as_millis(),
            expiry_timestamp: token.expires.as_millis(),
            max_timestamp: token.max.as_millis(),
            token_id: id.clone(),
            hmac: self.broker.sasl().tokens().hmac(id).unwrap_or_default(),
            renewers: token.renewers.iter().map(renewer).collect(),
        }
    }
}

fn answer(code: ErrorCode, tokens: Vec<DescribedDelegationToken>) -> DescribeDelegationTokenResponse {
    DescribeDelegationTokenResponse {
        error_code: code.code(),
        tokens,
        ..DescribeDelegationTokenResponse::default()
    }
}
