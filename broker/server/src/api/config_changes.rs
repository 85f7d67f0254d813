//! What both APIs that change dynamic configs share: what a broker checks before the controller is asked.
//!
//! Values of brokers are checked here, by the broker that they are for, as its own file takes part in what fits
//! together; the controller checks single values again.

use std::collections::BTreeSet;

use broker_client::ControllerAnswer;
use broker_config::{
    Texts,
    alter::{self, AlterError, BrokerScope},
};
use broker_controller::{Request, Response};
use broker_metadata::{ConfigResource, ConfigResourceType};
use broker_protocol::{ErrorCode, Listener, Str};

use crate::{
    authorizer::{NOT_READY, Operation, Resource},
    broker::Broker,
    context::RequestContext,
    forward,
    quorum::AskError,
};

/// The code of resources whose configs are levels of loggers.
pub(super) const BROKER_LOGGER: i8 = 8;

/// Why a resource stays as it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: ErrorCode,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn request(message: impl Into<String>) -> Self {
        Self { code: ErrorCode::InvalidRequest, message: message.into() }
    }

    fn unauthorized(code: ErrorCode) -> Self {
        Self { code, message: code.message().to_owned() }
    }
}

impl From<AlterError> for Refusal {
    fn from(error: AlterError) -> Self {
        let code = match error {
            AlterError::NotAList { .. } => ErrorCode::InvalidConfig,
            AlterError::DuplicateKeys | AlterError::NullValues(_) => ErrorCode::InvalidRequest,
        };
        Self { code, message: error.to_string() }
    }
}

impl From<AskError> for Refusal {
    fn from(error: AskError) -> Self {
        Self { code: error.code(), message: error.to_string() }
    }
}

/// What one resource is answered.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) kind: i8,
    pub(super) name: Str,
    pub(super) code: ErrorCode,
    pub(super) message: Option<Str>,
}

impl Answered {
    pub(super) fn refused(kind: i8, name: Str, refusal: &Refusal) -> Self {
        Self { kind, name, code: refusal.code, message: Some(Str::from(refusal.message.as_str())) }
    }

    pub(super) fn of(resource: ConfigResource, result: Result<(), broker_controller::ConfigError>) -> Self {
        let (code, message) = match result {
            Ok(()) => (ErrorCode::None, None),
            Err(error) => (error.code(), Some(Str::from(error.to_string()))),
        };
        Self { kind: resource.kind.code(), name: resource.name, code, message }
    }
}

/// The resource that is to change, if this broker may pass the change on.
pub(super) fn resource(
    broker: &Broker,
    context: &RequestContext,
    kind: i8,
    name: &Str,
) -> Result<ConfigResource, Refusal> {
    let Some(found) = ConfigResourceType::from_code(kind) else {
        return Err(match context.role {
            Listener::Controller => Refusal {
                code: ErrorCode::UnsupportedVersion,
                message: format!("Unknown resource type {kind}."),
            },
            _ => Refusal::request(format!("Unknown resource type {kind}")),
        });
    };
    if !broker.authorizer().is_ready_for(context) {
        return Err(Refusal::unauthorized(NOT_READY));
    }
    let allows = |on| broker.authorizer().allows(context, Operation::AlterConfigs, on);
    match found {
        ConfigResourceType::Topic if !allows(Resource::Topic(name)) => {
            return Err(Refusal::unauthorized(ErrorCode::TopicAuthorizationFailed));
        }
        ConfigResourceType::Group if !allows(Resource::Group(name)) => {
            return Err(Refusal::unauthorized(ErrorCode::GroupAuthorizationFailed));
        }
        ConfigResourceType::Broker | ConfigResourceType::ClientMetrics if !allows(Resource::Cluster) => {
            return Err(Refusal::unauthorized(ErrorCode::ClusterAuthorizationFailed));
        }
        _ => {}
    }
    if let Some(elsewhere) = forward::elsewhere(broker, context) {
        return Err(elsewhere.into());
    }
    // What comes in an envelope was checked by the broker that it came to.
    if found == ConfigResourceType::Broker && !name.is_empty() && context.role == Listener::Broker {
        check_own_id(broker, name)?;
    }
    Ok(ConfigResource { kind: found, name: name.clone() })
}

/// Whether this broker may change the levels of its loggers.
pub(super) fn check_loggers(broker: &Broker, context: &RequestContext, name: &str) -> Result<(), Refusal> {
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::AlterConfigs) {
        return Err(Refusal::unauthorized(denied));
    }
    let is_own = name.parse() == Ok(broker.id().get());
    if context.role == Listener::Controller && !is_own && name.parse::<i32>().is_ok() {
        let own = broker.id();
        return Err(Refusal::request(format!("Unexpected node id. Expected {own}, but received {name}")));
    }
    check_own_id(broker, name)
}

/// A broker's configs are changed at the broker itself.
fn check_own_id(broker: &Broker, name: &str) -> Result<(), Refusal> {
    let id: i32 = name
        .parse()
        .map_err(|_| Refusal::request(format!("Node id must be an integer, but it is: {name}")))?;
    if id == broker.id().get() {
        return Ok(());
    }
    Err(Refusal::request(format!("Unexpected broker id, expected {}, but received {name}", broker.id())))
}

/// Checks all dynamic values that a broker, or all of them, would have.
pub(super) fn check_broker(
    broker: &Broker,
    resource: &ConfigResource,
    wanted: &Texts,
) -> Result<(), Refusal> {
    let dynamic = broker.configs().dynamic(&broker.image());
    let config = &broker.settings().config;
    let scope = if resource.name.is_empty() { BrokerScope::Cluster } else { BrokerScope::One };
    alter::validate_broker(scope, wanted).map_err(|error| Refusal::request(error.to_string()))?;
    let checked = match scope {
        BrokerScope::Cluster => config.check_dynamic(wanted, &dynamic.broker),
        BrokerScope::One => config.check_dynamic(&dynamic.cluster, wanted),
    };
    checked.map_err(|error| Refusal::request(error.to_string()))?;
    let (cluster, own) = match scope {
        BrokerScope::Cluster => (wanted, &dynamic.broker),
        BrokerScope::One => (&dynamic.cluster, wanted),
    };
    broker.check_encryption(cluster, own).map_err(|error| {
        Refusal::request(format!("Validation of dynamic config update of SSLFactory failed: {error}"))
    })
}

/// Asks the controller for changes of `named`, which were checked, and tells what became of each.
async fn ask(broker: &Broker, named: Vec<ConfigResource>, request: Request) -> Vec<Answered> {
    match broker.quorum().ask(request, patience_ms(broker)).await {
        Ok(Response::AlterConfigs(altered) | Response::IncrementalAlterConfigs(altered)) => {
            altered.into_iter().map(|(resource, result)| Answered::of(resource, result)).collect()
        }
        Ok(_) => {
            tracing::error!("the controller answered another request");
            Vec::new()
        }
        Err(error) => {
            let refusal = Refusal::from(error);
            let refused = |one: ConfigResource| Answered::refused(one.kind.code(), one.name, &refusal);
            named.into_iter().map(refused).collect()
        }
    }
}

/// Has the active controller decide about what this broker has checked: this node by `asked`, another by `request`.
pub(super) async fn decide<R: broker_protocol::Request>(
    broker: &Broker,
    context: &RequestContext,
    named: &[ConfigResource],
    request: &R,
    asked: &Request,
    wire: Wire<R::Response>,
) -> Vec<Answered>
where
    R::Response: ControllerAnswer,
{
    let here = || async { (wire.on)(ask(broker, named.to_vec(), asked.clone()).await) };
    match forward::decide(broker, context, request, here).await {
        Ok(response) => (wire.off)(response),
        Err(code) => {
            let refusal = Refusal { code, message: code.message().to_owned() };
            let refused =
                |one: &ConfigResource| Answered::refused(one.kind.code(), one.name.clone(), &refusal);
            named.iter().map(refused).collect()
        }
    }
}

/// How answers are in a message.
pub(super) struct Wire<M> {
    pub(super) on: fn(Vec<Answered>) -> M,
    pub(super) off: fn(M) -> Vec<Answered>,
}

/// The answers of a controller that is not the active one: it says so of every resource, if of one.
pub(super) fn told(answers: Vec<Answered>, asked: &[(i8, Str)]) -> Vec<Answered> {
    let elsewhere = answers.iter().find(|one| one.code == ErrorCode::NotController);
    let Some(Answered { message, .. }) = elsewhere else { return answers };
    let told = |(kind, name): &(i8, Str)| Answered {
        kind: *kind,
        name: name.clone(),
        code: ErrorCode::NotController,
        message: message.clone(),
    };
    asked.iter().map(told).collect()
}

/// What is wrong with a resource that is named more than once: controllers say it once.
pub(super) fn twice(context: &RequestContext, answers: &[Answered], kind: i8, name: &Str) -> Option<Refusal> {
    if context.role != Listener::Controller {
        return Some(Refusal::request("Each resource must appear at most once."));
    }
    let is_said = answers.iter().any(|one| one.kind == kind && one.name == *name);
    (!is_said).then(|| Refusal::request("Duplicate resource."))
}

/// Resources that a request names more than once: none of them changes.
pub(super) fn named_twice<'a>(resources: impl Iterator<Item = (i8, &'a Str)>) -> BTreeSet<(i8, Str)> {
    let mut seen = BTreeSet::new();
    resources.filter(|named| !seen.insert(*named)).map(|(kind, name)| (kind, name.clone())).collect()
}

/// How long the controller has.
fn patience_ms(broker: &Broker) -> i32 {
    i32::try_from(broker.settings().config.network.request_timeout.as_millis()).unwrap_or(i32::MAX)
}
