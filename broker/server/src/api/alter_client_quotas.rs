//! AlterClientQuotas: through the controller, each entity for itself (KIP-546).

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, ToSocketAddrs as _},
    sync::Arc,
};

use broker_controller::{AlterClientQuotas, QuotaAlteration, Request, Response};
use broker_metadata::QuotaEntity;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        AlterClientQuotasRequest, AlterClientQuotasResponse,
        alter_client_quotas_request::{EntityData as AskedPart, EntryData as Asked},
        alter_client_quotas_response::{EntityData, EntryData},
    },
};

use crate::{authorizer::Operation, broker::Broker, context::RequestContext, forward};

/// The request has no timeout of its own.
const PATIENCE_MS: i32 = 30_000;
const IP: &str = "ip";

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: AlterClientQuotasRequest,
) -> AlterClientQuotasResponse {
    let named: Vec<_> = request.entries.iter().map(|entry| entry.entity.clone()).collect();
    // An error of the whole is one of each, in the words of its code, and they are named as they were.
    let all = |code: ErrorCode| answer(named.iter().map(|entity| refused(entity, code)).collect());
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::AlterConfigs) {
        return all(denied);
    }
    if let Some(elsewhere) = forward::elsewhere(broker, context) {
        return all(elsewhere.code());
    }
    let alterations: Vec<_> = request.entries.into_iter().map(alteration).collect();
    let unresolvable = unresolvable(broker, &alterations).await;
    let validate_only = request.validate_only;
    let alter = Request::AlterClientQuotas(AlterClientQuotas { alterations, unresolvable, validate_only });
    match broker.quorum().ask(alter, PATIENCE_MS).await {
        Ok(Response::AlterClientQuotas(altered)) => {
            let result =
                |(entity, outcome): (QuotaEntity, Result<(), broker_controller::QuotaError>)| match outcome {
                    Ok(()) => result(&entity, ErrorCode::None, None),
                    Err(error) => result(&entity, error.code(), Some(&error.to_string())),
                };
            answer(altered.into_iter().map(result).collect())
        }
        Ok(_) => all(ErrorCode::UnknownServerError),
        Err(error) => all(error.code()),
    }
}

fn answer(entries: Vec<EntryData>) -> AlterClientQuotasResponse {
    AlterClientQuotasResponse { entries, ..AlterClientQuotasResponse::default() }
}

fn refused(entity: &[AskedPart], code: ErrorCode) -> EntryData {
    let part = |part: &AskedPart| EntityData {
        entity_type: part.entity_type.clone(),
        entity_name: part.entity_name.clone(),
    };
    EntryData {
        error_code: code.code(),
        error_message: Some(Str::from(code.message())),
        entity: entity.iter().map(part).collect(),
    }
}

fn result(entity: &QuotaEntity, code: ErrorCode, message: Option<&str>) -> EntryData {
    let part = |(kind, name): &(Str, Option<Str>)| EntityData {
        entity_type: kind.clone(),
        entity_name: name.clone(),
    };
    // As Kafka orders them.
    let (addresses, others): (Vec<_>, Vec<_>) = entity.parts().iter().partition(|(kind, _)| kind == IP);
    EntryData {
        error_code: code.code(),
        error_message: message.map(Str::from),
        entity: others.into_iter().chain(addresses).map(part).collect(),
    }
}

/// Of a type that comes twice the last one counts, as in Kafka.
fn alteration(asked: Asked) -> QuotaAlteration {
    let parts: BTreeMap<_, _> =
        asked.entity.into_iter().map(|part| (part.entity_type, part.entity_name)).collect();
    QuotaAlteration {
        entity: QuotaEntity::new(parts.into_iter().collect()),
        values: asked.ops.into_iter().map(|op| (op.key, (!op.remove).then_some(op.value))).collect(),
    }
}

/// The names of `ip` entities that are no address and that nobody knows one of.
async fn unresolvable(broker: &Broker, alterations: &[QuotaAlteration]) -> BTreeSet<Str> {
    let parts = alterations.iter().flat_map(|one| one.entity.parts());
    let names = parts.filter(|(kind, _)| kind == IP).filter_map(|(_, name)| name.clone());
    let names: BTreeSet<Str> = names.filter(|name| name.parse::<IpAddr>().is_err()).collect();
    if names.is_empty() {
        return names;
    }
    let is_unknown =
        |name: &Str| !(name.as_str(), 0).to_socket_addrs().is_ok_and(|mut found| found.next().is_some());
    broker.blocking(move || names.into_iter().filter(is_unknown).collect()).await
}
