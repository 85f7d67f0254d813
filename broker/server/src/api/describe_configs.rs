//! DescribeConfigs: what holds for topics and brokers, and why (KIP-133, KIP-226, KIP-412, KIP-569).

use std::sync::Arc;

use broker_config::describe::{self, Entry};
use broker_metadata::ConfigResource;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DescribeConfigsRequest, DescribeConfigsResponse,
        describe_configs_request::DescribeConfigsResource,
        describe_configs_response::{
            DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
        },
    },
};
use broker_types::TopicName;

use super::config_changes::{BROKER_LOGGER, Refusal};
use crate::{
    authorizer::{NOT_READY, Operation, Resource},
    broker::Broker,
    context::RequestContext,
    topic_settings,
};

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const CLIENT_METRICS: i8 = 16;
const GROUP: i8 = 32;
/// The source of a logger's level.
const DYNAMIC_BROKER_LOGGER: i8 = 6;
/// The type of what is no key of Kafka's.
const UNKNOWN_TYPE: i8 = 0;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DescribeConfigsRequest,
) -> DescribeConfigsResponse {
    let (synonyms, documentation) = (request.include_synonyms, request.include_documentation);
    let results = request.resources.into_iter().map(|asked| {
        let (code, message, configs) = match configs(broker, context, &asked) {
            // Kafka says the empty text, not null, where there is nothing to say.
            Ok(configs) => (ErrorCode::None, Some(Str::EMPTY), configs),
            Err(refusal) => (refusal.code, Some(Str::from(refusal.message)), Vec::new()),
        };
        let keys = asked.configuration_keys.unwrap_or_default();
        DescribeConfigsResult {
            error_code: code.code(),
            error_message: message,
            resource_type: asked.resource_type,
            resource_name: asked.resource_name,
            configs: configs
                .into_iter()
                .filter(|config| keys.is_empty() || keys.contains(&config.name))
                .map(|config| cut(config, synonyms, documentation))
                .collect(),
        }
    });
    DescribeConfigsResponse { results: results.collect(), ..DescribeConfigsResponse::default() }
}

fn configs(
    broker: &Broker,
    context: &RequestContext,
    asked: &DescribeConfigsResource,
) -> Result<Vec<DescribeConfigsResourceResult>, Refusal> {
    let allows = |on| broker.authorizer().allows(context, Operation::DescribeConfigs, on);
    let denied = |code: ErrorCode| Refusal { code, message: code.message().to_owned() };
    if !broker.authorizer().is_ready_for(context) {
        return Err(denied(NOT_READY));
    }
    let name = asked.resource_name.as_str();
    match asked.resource_type {
        TOPIC if !allows(Resource::Topic(name)) => Err(denied(ErrorCode::TopicAuthorizationFailed)),
        TOPIC => topic(broker, name).map(on_wire),
        BROKER | BROKER_LOGGER if !allows(Resource::Cluster) => {
            Err(denied(ErrorCode::ClusterAuthorizationFailed))
        }
        BROKER => of_broker(broker, name).map(on_wire),
        BROKER_LOGGER => loggers(broker, name),
        CLIENT_METRICS => Err(Refusal::request("Unsupported resource type: CLIENT_METRICS")),
        GROUP if !allows(Resource::Group(name)) => Err(denied(ErrorCode::GroupAuthorizationFailed)),
        GROUP => group(broker, name).map(on_wire),
        _ => Err(denied(ErrorCode::InvalidRequest)),
    }
}

fn topic(broker: &Broker, name: &str) -> Result<Vec<Entry>, Refusal> {
    TopicName::checked(name).map_err(|error| Refusal {
        code: ErrorCode::InvalidTopicException,
        message: format!("Topic name is invalid: {error}"),
    })?;
    let image = broker.image();
    if image.topics().find(name).is_none() {
        return Err(Refusal { code: ErrorCode::UnknownTopicOrPartition, message: String::new() });
    }
    let dynamic = broker.configs().dynamic(&image);
    let own = topic_settings::texts(&image, &ConfigResource::topic(name));
    Ok(describe::topic(&broker.configs().layers(&dynamic), &own))
}

fn group(broker: &Broker, name: &str) -> Result<Vec<Entry>, Refusal> {
    if name.is_empty() {
        return Err(Refusal::request("Group name must not be empty"));
    }
    let image = broker.image();
    let dynamic = broker.configs().dynamic(&image);
    let own = topic_settings::texts(&image, &ConfigResource::group(name));
    Ok(describe::group(&broker.configs().layers(&dynamic), &own))
}

fn of_broker(broker: &Broker, name: &str) -> Result<Vec<Entry>, Refusal> {
    let dynamic = broker.configs().dynamic(&broker.image());
    let layers = broker.configs().layers(&dynamic);
    if name.is_empty() {
        return Ok(describe::cluster(&layers));
    }
    if parsed_id(name)? != broker.id().get() {
        return Err(Refusal::request(format!(
            "Unexpected broker id, expected {} or empty string, but received {name}",
            broker.id()
        )));
    }
    Ok(describe::broker(&layers))
}

fn parsed_id(name: &str) -> Result<i32, Refusal> {
    name.parse().map_err(|_| Refusal::request(format!("Broker id must be an integer, but it is: {name}")))
}

fn loggers(broker: &Broker, name: &str) -> Result<Vec<DescribeConfigsResourceResult>, Refusal> {
    if name.is_empty() {
        return Err(Refusal::request("Broker id must not be empty"));
    }
    if parsed_id(name)? != broker.id().get() {
        return Err(Refusal::request(format!(
            "Unexpected broker id, expected {} but received {name}",
            broker.id()
        )));
    }
    let level = |(logger, level): (String, String)| DescribeConfigsResourceResult {
        name: Str::from(logger),
        value: Some(Str::from(level)),
        read_only: false,
        config_source: DYNAMIC_BROKER_LOGGER,
        ..DescribeConfigsResourceResult::default()
    };
    Ok(broker.loggers.levels().into_iter().map(level).collect())
}

fn on_wire(entries: Vec<Entry>) -> Vec<DescribeConfigsResourceResult> {
    let synonym = |synonym: describe::Synonym| DescribeConfigsSynonym {
        name: Str::from(synonym.name),
        value: synonym.value.map(Str::from),
        source: synonym.source.code(),
    };
    let result = |entry: Entry| DescribeConfigsResourceResult {
        name: Str::from(entry.name),
        value: entry.value.map(Str::from),
        read_only: entry.is_read_only,
        config_source: entry.source.code(),
        is_sensitive: entry.is_sensitive,
        synonyms: entry.synonyms.into_iter().map(synonym).collect(),
        config_type: entry.kind.map_or(UNKNOWN_TYPE, |kind| kind.code()),
        documentation: entry.doc.map(Str::from),
    };
    entries.into_iter().map(result).collect()
}

/// Takes away what the client did not ask for.
fn cut(
    mut config: DescribeConfigsResourceResult,
    synonyms: bool,
    documentation: bool,
) -> DescribeConfigsResourceResult {
    if !synonyms {
        config.synonyms.clear();
    }
    if !documentation {
        config.documentation = None;
    }
    config
}
