//! IncrementalAlterConfigs: single dynamic values of topics and brokers (KIP-339).

use std::sync::Arc;

use broker_config::alter::{self, Change, Operation};
use broker_controller::{ConfigChange, ConfigOperation, IncrementalAlterConfigs, Request};
use broker_metadata::{ConfigResource, ConfigResourceType};
use broker_protocol::{
    ErrorCode,
    messages::{
        IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
        incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
        incremental_alter_configs_response::AlterConfigsResourceResponse,
    },
};

use super::config_changes::{
    Answered, BROKER_LOGGER, Refusal, Wire, check_broker, check_loggers, decide, named_twice,
    resource as checked_resource, told, twice as named_again,
};
use crate::{
    broker::Broker,
    context::RequestContext,
    loggers::{LevelChange, LevelError, Loggers},
    topic_settings,
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
    let twice = named_twice(request.resources.iter().map(|one| (one.resource_type, &one.resource_name)));
    let all: Vec<_> =
        request.resources.iter().map(|one| (one.resource_type, one.resource_name.clone())).collect();
    let mut answers = Vec::new();
    let (mut resources, mut checked_ones) = (Vec::new(), Vec::new());
    for one in request.resources {
        let named = (one.resource_type, one.resource_name.clone());
        if named.0 == BROKER_LOGGER && !twice.contains(&named) {
            let changed = change_levels(broker, context, &one, request.validate_only);
            answers.push(match changed {
                Ok(()) => Answered { kind: named.0, name: named.1, code: ErrorCode::None, message: None },
                Err(refusal) => Answered::refused(named.0, named.1, &refusal),
            });
            continue;
        }
        let checked = if twice.contains(&named) {
            let Some(refusal) = named_again(context, &answers, named.0, &named.1) else { continue };
            Err(refusal)
        } else {
            check(broker, context, &one)
        };
        match checked {
            Ok(change) => {
                resources.push(change);
                checked_ones.push(one);
            }
            Err(refusal) => answers.push(Answered::refused(named.0, named.1, &refusal)),
        }
    }
    if !resources.is_empty() {
        let named: Vec<_> = resources.iter().map(|(resource, _)| resource.clone()).collect();
        let validate_only = request.validate_only;
        let passed_on = IncrementalAlterConfigsRequest { resources: checked_ones, validate_only };
        let asked = Request::IncrementalAlterConfigs(IncrementalAlterConfigs { resources, validate_only });
        let wire = Wire { on: message, off: answers_of };
        answers.extend(decide(broker, context, &named, &passed_on, &asked, wire).await);
    }
    message(told(answers, &all))
}

fn check(
    broker: &Broker,
    context: &RequestContext,
    asked: &AlterConfigsResource,
) -> Result<(ConfigResource, Vec<ConfigChange>), Refusal> {
    let resource = checked_resource(broker, context, asked.resource_type, &asked.resource_name)?;
    let changes = asked.configs.iter().map(change).collect::<Result<Vec<_>, _>>()?;
    alter::check_shape(&changes)?;
    if resource.kind == ConfigResourceType::Broker {
        let set = topic_settings::texts(&broker.image(), &resource);
        check_broker(broker, &resource, &alter::apply(alter::Resource::Broker, &set, &changes)?)?;
    }
    let changes = asked.configs.iter().map(|config| {
        let operation =
            ConfigOperation::from_code(config.config_operation).ok_or_else(|| unknown_operation(config))?;
        Ok(ConfigChange { name: config.name.clone(), operation, value: config.value.clone() })
    });
    Ok((resource, changes.collect::<Result<_, Refusal>>()?))
}

/// Levels are this process's own: no record of the cluster has them.
fn change_levels(
    broker: &Broker,
    context: &RequestContext,
    asked: &AlterConfigsResource,
    validate_only: bool,
) -> Result<(), Refusal> {
    check_loggers(broker, context, &asked.resource_name)?;
    let changes = asked.configs.iter().map(level_change).collect::<Result<Vec<_>, _>>()?;
    for (logger, change) in &changes {
        Loggers::check(logger, *change)?;
    }
    if !validate_only {
        broker.loggers.change(changes.into_iter())?;
    }
    Ok(())
}

fn level_change(config: &AlterableConfig) -> Result<(&str, LevelChange<'_>), Refusal> {
    let refused = |operation: &str| {
        Err(Refusal::request(format!("{operation} operation is not allowed for the BROKER_LOGGER resource")))
    };
    let change = match Operation::from_wire(config.config_operation) {
        Some(Operation::Set) => LevelChange::Set(config.value.as_deref().unwrap_or("null")),
        Some(Operation::Delete) => LevelChange::Unset,
        Some(Operation::Append) => return refused("APPEND"),
        Some(Operation::Subtract) => return refused("SUBTRACT"),
        None => {
            return Err(Refusal::request(format!(
                "Unknown operation type {} is not allowed for the BROKER_LOGGER resource",
                config.config_operation
            )));
        }
    };
    Ok((config.name.as_str(), change))
}

impl From<LevelError> for Refusal {
    fn from(error: LevelError) -> Self {
        let code = match error {
            LevelError::UnknownLogger(_) | LevelError::UnknownLevel { .. } => ErrorCode::InvalidConfig,
            LevelError::RootRemoved | LevelError::TooMany => ErrorCode::InvalidRequest,
        };
        Self { code, message: error.to_string() }
    }
}

fn change(config: &AlterableConfig) -> Result<Change<'_>, Refusal> {
    let operation = Operation::from_wire(config.config_operation).ok_or_else(|| unknown_operation(config))?;
    Ok(Change { name: &config.name, operation, value: config.value.as_deref() })
}

fn unknown_operation(config: &AlterableConfig) -> Refusal {
    Refusal::request(format!("Unknown operation type {} for {}", config.config_operation, config.name))
}

fn message(answers: Vec<Answered>) -> IncrementalAlterConfigsResponse {
    IncrementalAlterConfigsResponse {
        responses: answers.into_iter().map(on_wire).collect(),
        ..IncrementalAlterConfigsResponse::default()
    }
}

fn answers_of(message: IncrementalAlterConfigsResponse) -> Vec<Answered> {
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
