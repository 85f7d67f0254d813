//! AlterUserScramCredentials: through the controller, each user for itself (KIP-554).

use std::{collections::BTreeSet, sync::Arc};

use broker_controller::{AlterScram, Request, Response, ScramChangeError, ScramDeletion, ScramUpsertion};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse,
        alter_user_scram_credentials_response::AlterUserScramCredentialsResult,
    },
};

use super::acls;
use crate::{authorizer::Operation, broker::Broker, context::RequestContext};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: AlterUserScramCredentialsRequest,
) -> AlterUserScramCredentialsResponse {
    let deleted = request.deletions.iter().map(|one| one.name.clone());
    let upserted = request.upsertions.iter().map(|one| one.name.clone());
    let users: BTreeSet<Str> = deleted.chain(upserted).collect();
    let all = |code: ErrorCode, message: &str| {
        answer(users.iter().map(|user| result(user.clone(), code, Some(message))))
    };
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::Alter) {
        return all(denied, denied.message());
    }
    match broker.quorum().ask(Request::AlterScram(domain(request)), acls::PATIENCE_MS).await {
        Ok(Response::AlterScram(altered)) => answer(altered.into_iter().map(told)),
        Ok(_) => all(ErrorCode::UnknownServerError, ErrorCode::UnknownServerError.message()),
        Err(error) => all(error.code(), &error.to_string()),
    }
}

fn domain(request: AlterUserScramCredentialsRequest) -> AlterScram {
    AlterScram {
        deletions: request
            .deletions
            .into_iter()
            .map(|one| ScramDeletion { name: one.name, mechanism: one.mechanism })
            .collect(),
        upsertions: request
            .upsertions
            .into_iter()
            .map(|one| ScramUpsertion {
                name: one.name,
                mechanism: one.mechanism,
                iterations: one.iterations,
                salt: one.salt,
                salted_password: one.salted_password,
            })
            .collect(),
    }
}

fn told((user, altered): (Str, Result<(), ScramChangeError>)) -> AlterUserScramCredentialsResult {
    match altered {
        Ok(()) => result(user, ErrorCode::None, None),
        Err(error) => result(user, error.code(), Some(&error.to_string())),
    }
}

fn result(user: Str, code: ErrorCode, message: Option<&str>) -> AlterUserScramCredentialsResult {
    AlterUserScramCredentialsResult { user, error_code: code.code(), error_message: message.map(Str::from) }
}

fn answer(
    results: impl Iterator<Item = AlterUserScramCredentialsResult>,
) -> AlterUserScramCredentialsResponse {
    AlterUserScramCredentialsResponse {
        results: results.collect(),
        ..AlterUserScramCredentialsResponse::default()
    }
}
