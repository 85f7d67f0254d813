//! DescribeUserScramCredentials: mechanisms and iterations, never a secret (KIP-554). Any node answers.

use std::{collections::BTreeMap, sync::Arc};

use broker_metadata::{Image, ScramMechanism};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse,
        describe_user_scram_credentials_response::{CredentialInfo, DescribeUserScramCredentialsResult},
    },
};

use crate::{authorizer::Operation, broker::Broker, context::RequestContext};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DescribeUserScramCredentialsRequest,
) -> DescribeUserScramCredentialsResponse {
    let asked = request.users.unwrap_or_default();
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::Describe) {
        // As in Kafka nothing is said beside the codes.
        let refused = |_| DescribeUserScramCredentialsResult {
            error_message: None,
            ..refused(Str::EMPTY, denied, String::new())
        };
        return DescribeUserScramCredentialsResponse {
            error_code: denied.code(),
            error_message: None,
            results: asked.into_iter().map(refused).collect(),
            ..DescribeUserScramCredentialsResponse::default()
        };
    }
    let image = broker.image();
    let mut users: BTreeMap<Str, usize> = BTreeMap::new();
    if asked.is_empty() {
        users.extend(image.scram().by_user().keys().map(|(_, user)| (user.clone(), 1)));
    }
    for user in asked {
        *users.entry(user.name).or_default() += 1;
    }
    DescribeUserScramCredentialsResponse {
        error_code: ErrorCode::None.code(),
        // As Kafka: no message is an empty one.
        error_message: Some(Str::EMPTY),
        results: users.into_iter().map(|(user, times)| described(&image, user, times)).collect(),
        ..DescribeUserScramCredentialsResponse::default()
    }
}

fn described(image: &Image, user: Str, times: usize) -> DescribeUserScramCredentialsResult {
    if times > 1 {
        let text =
            format!("Cannot describe SCRAM credentials for the same user twice in a single request: {user}");
        return refused(user, ErrorCode::DuplicateResource, text);
    }
    let of_mechanism = |mechanism: ScramMechanism| {
        let credential = image.scram().by_user().get(&(mechanism, user.clone()))?;
        Some(CredentialInfo { mechanism: mechanism.code(), iterations: credential.iterations })
    };
    let credential_infos: Vec<_> = ScramMechanism::ALL.into_iter().filter_map(of_mechanism).collect();
    if credential_infos.is_empty() {
        let text = format!("Attempt to describe a user credential that does not exist: {user}");
        return refused(user, ErrorCode::ResourceNotFound, text);
    }
    DescribeUserScramCredentialsResult { user, error_code: 0, error_message: None, credential_infos }
}

fn refused(user: Str, code: ErrorCode, message: String) -> DescribeUserScramCredentialsResult {
    DescribeUserScramCredentialsResult {
        user,
        error_code: code.code(),
        error_message: Some(Str::from(message)),
        credential_infos: Vec::new(),
    }
}
