//! AlterConfigs: all dynamic values of a resource at once; what is not named goes back to its default (KIP-133).
use std::sync::Arc;

use broker_config::Texts;
use broker_controller::{AlterConfigs, ConfigValues, Request};
use broker_metadata::{ConfigResource, ConfigResourceType};
use broker_protocol::{
    ErrorCode, Listener,
    messages::{
        AlterConfigsRequest, AlterConfigsResponse, alter_configs_request::AlterConfigsResource,
        alter_configs_response::AlterConfigsResourceResponse,
    },
};

use super::config_changes::{
    Answered, BROKER_LOGGER, Refusal, Wire, check_broker, decide, named_twice, resource as checked_resource,
    told, twice as named_again,
};
use crate::{broker::Broker, context::RequestContext};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: AlterConfigsRequest,
) -> AlterConfigsResponse {
    let twice = named_twice(request.resources.iter().map(|one| (one.resource_type, &one.resource_name)));
    let all: Vec<_> =
        request.resources.iter().map(|one| (one.resource_type, one.resource_name.clone())).collect();
    let mut answers = Vec::new();
    let (mut resources, mut checked_ones) = (Vec::new(), Vec::new());
    for one in request.resources {
        let named = (one.resource_type, one.resource_name.clone());
        let checked = if twice.contains(&named) {
            let Some(refusal) = named_again(context, &answers, named.0, &named.1) else { continue };
            Err(refusal)
        } else {
            check(broker, context, &one)
        };
        match checked {
            Ok(values) => {
                resources.push(values);
                checked_ones.push(one);
            }
            Err(refusal) => answers.push(Answered::refused(named.0, named.1, &refusal)),
        }
    }
    if !resources.is_empty() {
        let named: Vec<_> = resources.iter().map(|(resource, _)| resource.clone()).collect();
        let validate_only = request.validate_only;
        let passed_on = AlterConfigsRequest { resources: checked_ones, validate_only };
        let asked = Request::AlterConfigs(AlterConfigs { resources, validate_only });
        let wire = Wire { on: message, off: answers_of };
        answers.extend(decide(broker, context, &named, &passed_on, &asked, wire).await);
    }
    message(told(answers, &all))
}

fn check(
    broker: &Broker,
    context: &RequestContext,
    asked: &AlterConfigsResource,
) -> Result<(ConfigResource, ConfigValues), Refusal> {
    if asked.resource_type == BROKER_LOGGER && context.role == Listener::Controller {
        return Err(Refusal::request("Unexpected resource type BROKER_LOGGER."));
    }
    if asked.resource_type == BROKER_LOGGER {
        return Err(Refusal::request(
            "AlterConfigs is deprecated and does not support the resource type BROKER_LOGGER.",
        ));
    }
    let resource = checked_resource(broker, context, asked.resource_type, &asked.resource_name)?;
    let values: ConfigValues =
        asked.configs.iter().map(|config| (config.name.clone(), config.value.clone())).collect();
    let nulls: Vec<&str> =
        values.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name.as_str()).collect();
    if !nulls.is_empty() {
        return Err(Refusal::request(format!("Null value not supported for : {}", nulls.join(","))));
    }
    if resource.kind == ConfigResourceType::Broker {
        let set =
            values.iter().filter_map(|(name, value)| Some((name.to_string(), value.as_ref()?.to_string())));
        check_broker(broker, &resource, &set.collect::<Texts>())?;
    }
    Ok((resource, values))
}

fn message(answers: Vec<Answered>) -> AlterConfigsResponse {
    AlterConfigsResponse {
        responses: answers.into_iter().map(on_wire).collect(),
        ..AlterConfigsResponse::default()
    }
}

fn answers_of(message: AlterConfigsResponse) -> Vec<Answered> {
    message.responses.into_iter().map(off_wire).collect()
}

fn off_wire(response: AlterConfigsResourceResponse) -> Answered {
    Answered {
        kind: response.resource_type,
        name: response.resource_name,
        code: ErrorCode::from_code(response.error_code).unwrap_or(ErrorCode::UnknownServerError),
        message: response.error_message,
    }
}

fn on_wire(answered: Answered) -> AlterConfigsResourceResponse {
    AlterConfigsResourceResponse {
        error_code: answered.code.code(),
        error_message: answered.message,
        resource_type: answered.kind,
        resource_name: answered.name,
    }
}
