//! Requests that only the active controller can answer, when that is another node (KIP-590): they go there as they came,
//! in an envelope that says who asked.
//!
//! Invariant: a request is sent again only while no answer came, as Kafka's brokers do. A change that was made before the
//! connection broke is then asked for again, and the answer is that of the second time.

use std::{net::IpAddr, time::Duration};

use broker_client::{ClientError, Connection, ControllerAnswer};
use broker_protocol::{
    ApiKey, ErrorCode, Listener, Request, Str, encode_prefixed,
    frame::{self, RequestHeader},
    messages::{DefaultPrincipalData, EnvelopeRequest},
    wire::Reader,
};
use broker_types::BrokerId;
use bytes::Bytes;
use parking_lot::Mutex;
use tokio::{sync::watch, time::Instant};

use crate::{
    broker::Broker,
    context::{Principal, RequestContext},
    quorum::AskError,
};

/// How long a request is tried.
const PATIENCE: Duration = Duration::from_secs(30);
/// The pause before it is tried again where nothing else changed.
const PAUSE: Duration = Duration::from_millis(50);
/// How long one answer may take: topics with many partitions take their time.
const ANSWER_PATIENCE: Duration = Duration::from_secs(30);
/// Idle connections that are kept.
const IDLE_MAX: usize = 8;
/// What principals are called.
const USER: &str = "User";

/// Where the active controller is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActiveController {
    pub(crate) node: BrokerId,
    /// `None` while its address is not known.
    pub(crate) address: Option<String>,
}

/// The way to the active controller.
#[derive(Debug)]
pub(crate) struct Controllers {
    active: watch::Sender<Option<ActiveController>>,
    idle: Mutex<Vec<(String, Connection)>>,
}

impl Default for Controllers {
    fn default() -> Self {
        Self { active: watch::Sender::new(None), idle: Mutex::default() }
    }
}

impl Controllers {
    /// The quorum has another leader, or none.
    pub(crate) fn lead_moved(&self, active: Option<ActiveController>) {
        self.active.send_replace(active);
        self.idle.lock().clear();
    }

    /// Who is the active controller, as far as this node knows.
    pub(crate) fn active(&self) -> Option<BrokerId> {
        self.active.borrow().as_ref().map(|active| active.node)
    }

    /// Waits until there is an active controller; whether there is.
    pub(crate) async fn known(&self) -> bool {
        self.active.subscribe().wait_for(Option::is_some).await.is_ok()
    }

    fn take(&self, address: &str) -> Option<Connection> {
        let mut idle = self.idle.lock();
        let found = idle.iter().position(|(to, _)| to == address)?;
        Some(idle.swap_remove(found).1)
    }

    fn keep(&self, address: String, connection: Connection) {
        let mut idle = self.idle.lock();
        let is_present =
            self.active.borrow().as_ref().is_some_and(|to| to.address.as_ref() == Some(&address));
        if idle.len() < IDLE_MAX && is_present {
            idle.push((address, connection));
        }
    }
}

/// What is to be done with a request.
#[derive(Debug)]
pub(crate) enum Route<T> {
    /// It is answered here.
    Here,
    /// The active controller answered.
    Answered(T),
    /// It did not, in time.
    Unanswered(ErrorCode),
}

/// Whether requests of this API are for the active controller alone, or a part of them is.
pub(crate) const fn is_for_controller(key: ApiKey) -> bool {
    matches!(
        key,
        ApiKey::CreateTopics
            | ApiKey::DeleteTopics
            | ApiKey::CreatePartitions
            | ApiKey::AlterConfigs
            | ApiKey::IncrementalAlterConfigs
            | ApiKey::AlterPartitionReassignments
            | ApiKey::ElectLeaders
            | ApiKey::DescribeQuorum
            | ApiKey::ListPartitionReassignments
            | ApiKey::AddRaftVoter
            | ApiKey::RemoveRaftVoter
            | ApiKey::UnregisterBroker
            | ApiKey::UpdateFeatures
            | ApiKey::CreateAcls
            | ApiKey::DeleteAcls
            | ApiKey::AlterUserScramCredentials
            | ApiKey::AlterClientQuotas
            | ApiKey::CreateDelegationToken
            | ApiKey::RenewDelegationToken
            | ApiKey::ExpireDelegationToken
    )
}

/// The active controller's answer to a client's request; `here` has it answered by this node. A node that resigns
/// meanwhile takes the request to the next one. Who asks a controller itself is answered by that one, as Kafka's do it:
/// he hears that it is not the active one.
///
/// # Errors
/// Why the active controller did not answer.
pub(crate) async fn decide<R: Request, F>(
    broker: &Broker,
    context: &RequestContext,
    request: &R,
    here: impl Fn() -> F,
) -> Result<R::Response, ErrorCode>
where
    R::Response: ControllerAnswer,
    F: Future<Output = R::Response>,
{
    if context.role == Listener::Controller {
        return Ok(here().await);
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut active = broker.controllers().active.subscribe();
        match route(broker, context, request).await {
            Route::Answered(answered) => return Ok(answered),
            Route::Unanswered(code) => return Err(code),
            Route::Here => {}
        }
        let answered = here().await;
        if Instant::now() >= deadline || !answered.is_of_no_controller() {
            return Ok(answered);
        }
        let until = (Instant::now() + PAUSE).min(deadline);
        let _elapsed = tokio::time::timeout_at(until, active.changed()).await;
    }
}

/// Why a controller that is asked itself does not do what only the active one may do; `None` where it is the active one,
/// and on brokers, which find that one.
pub(crate) fn elsewhere(broker: &Broker, context: &RequestContext) -> Option<AskError> {
    let active = broker.controllers().active();
    let is_elsewhere = context.role == Listener::Controller && active != Some(broker.id());
    is_elsewhere.then_some(AskError::NotController { active })
}

/// Finds out where a client's request is answered, and has it answered there.
async fn route<R: Request>(broker: &Broker, context: &RequestContext, request: &R) -> Route<R::Response> {
    if broker.controllers().active() == Some(broker.id()) {
        return Route::Here;
    }
    let version = context.api_version;
    let header = RequestHeader {
        api_key: R::KEY,
        api_version: version,
        correlation_id: 0,
        client_id: context.client_id.clone(),
    };
    let Ok(enveloped) = enveloped(&header, request, context) else {
        return Route::Unanswered(ErrorCode::UnknownServerError);
    };
    match at_controller(broker, &Enveloped(enveloped)).await {
        Sent::Here => Route::Here,
        Sent::Unanswered(code) => Route::Unanswered(code),
        Sent::Answered(body) => match frame::decode_response::<R>(body, version) {
            Ok((_, response)) => Route::Answered(response),
            Err(error) => {
                tracing::warn!(api = R::KEY.name(), %error, "the active controller's answer does not read");
                Route::Unanswered(ErrorCode::UnknownServerError)
            }
        },
    }
}

/// Has a request of this broker's own answered by the active controller. `refused` tells the error that a whole answer
/// is, if it is one.
pub(crate) async fn ask<R: Request + Sync>(
    broker: &Broker,
    request: &R,
    refused: fn(&R::Response) -> ErrorCode,
) -> Route<R::Response>
where
    R::Response: Send,
{
    match at_controller(broker, &Own { request, refused }).await {
        Sent::Here => Route::Here,
        Sent::Unanswered(code) => Route::Unanswered(code),
        Sent::Answered(answer) => Route::Answered(answer),
    }
}

/// What is sent, and how the answer is read.
trait Exchange: Sync {
    type Answer: Send;

    /// One request and its answer. An inner error is one that the whole answer is.
    fn over(
        &self,
        connection: &mut Connection,
    ) -> impl Future<Output = Result<Result<Self::Answer, ErrorCode>, ClientError>> + Send;
}

/// Another's request; the answer is a frame without its length.
struct Enveloped(EnvelopeRequest);

impl Exchange for Enveloped {
    type Answer = Bytes;

    async fn over(&self, connection: &mut Connection) -> Result<Result<Bytes, ErrorCode>, ClientError> {
        let answer = connection.send(&self.0).await?;
        Ok(match code(answer.error_code) {
            ErrorCode::None => Ok(answer.response_data.unwrap_or_default()),
            refused => Err(refused),
        })
    }
}

/// This broker's own request.
struct Own<'a, R: Request> {
    request: &'a R,
    refused: fn(&R::Response) -> ErrorCode,
}

impl<R: Request + Sync> Exchange for Own<'_, R>
where
    R::Response: Send,
{
    type Answer = R::Response;

    async fn over(&self, connection: &mut Connection) -> Result<Result<R::Response, ErrorCode>, ClientError> {
        let answer = connection.send(self.request).await?;
        Ok(match (self.refused)(&answer) {
            ErrorCode::NotController => Err(ErrorCode::NotController),
            _ => Ok(answer),
        })
    }
}

enum Sent<T> {
    Here,
    Answered(T),
    Unanswered(ErrorCode),
}

/// Tries until the active controller answers, or time is up. A leader that is looked for is waited for.
async fn at_controller<T>(broker: &Broker, exchange: &impl Exchange<Answer = T>) -> Sent<T> {
    let deadline = Instant::now() + PATIENCE;
    let mut active = broker.controllers().active.subscribe();
    let mut has_said = false;
    loop {
        let known = active.borrow_and_update().clone();
        match known {
            Some(known) if known.node == broker.id() => return Sent::Here,
            Some(ActiveController { address: Some(address), .. }) => {
                // One that hangs is not waited for when another leads: the connection goes with the question.
                let asked = tokio::select! {
                    biased;
                    asked = one_exchange(broker, &address, exchange) => Some(asked),
                    _moved = active.changed() => None,
                };
                match asked {
                    Some(Ok(Ok(answer))) => return Sent::Answered(answer),
                    Some(Ok(Err(code))) if code != ErrorCode::NotController => return Sent::Unanswered(code),
                    // Said once for a request that is tried again and again.
                    Some(Err(error)) if !std::mem::replace(&mut has_said, true) => {
                        tracing::info!(controller = %address, %error, "the active controller does not answer");
                    }
                    Some(Err(_)) => {}
                    Some(Ok(Err(_))) | None => {}
                }
            }
            _ => {}
        }
        let pause = if active.borrow().is_some() { PAUSE } else { PATIENCE };
        let until = (Instant::now() + pause).min(deadline);
        // Another leader is news; so is the end of the pause.
        let _elapsed = tokio::time::timeout_at(until, active.changed()).await;
        if Instant::now() >= deadline {
            return Sent::Unanswered(ErrorCode::RequestTimedOut);
        }
    }
}

async fn one_exchange<T>(
    broker: &Broker,
    address: &str,
    exchange: &impl Exchange<Answer = T>,
) -> Result<Result<T, ErrorCode>, ClientError> {
    let mut connection = match broker.controllers().take(address) {
        Some(open) => open,
        None => {
            let security = &broker.security().controllers;
            Connection::open(address, &broker.id().to_string(), ANSWER_PATIENCE, security).await?
        }
    };
    let answer = exchange.over(&mut connection).await?;
    broker.controllers().keep(address.to_owned(), connection);
    Ok(answer)
}

fn enveloped<R: Request>(
    header: &RequestHeader,
    request: &R,
    context: &RequestContext,
) -> Result<EnvelopeRequest, broker_protocol::wire::EncodeError> {
    let framed =
        frame::encode_request(request, header.api_version, header.correlation_id, header.client_id.as_ref())?;
    let principal = DefaultPrincipalData {
        r#type: Str::from(USER),
        name: Str::from(context.principal.name()),
        token_authenticated: context.principal.is_by_token(),
    };
    let address = match context.address.ip() {
        IpAddr::V4(address) => Bytes::copy_from_slice(&address.octets()),
        IpAddr::V6(address) => Bytes::copy_from_slice(&address.octets()),
    };
    Ok(EnvelopeRequest {
        // Without its length: the envelope has one of its own.
        request_data: framed.into_bytes().slice(4..),
        request_principal: Some(encode_prefixed(&principal, 0)?),
        client_host_address: address,
    })
}

/// Who asked, as an envelope says it; `None` when it does not read.
pub(crate) fn principal_of(bytes: Bytes) -> Option<Principal> {
    let mut reader = Reader::new(bytes);
    let version = reader.i16("Version").ok()?;
    let data = <DefaultPrincipalData as broker_protocol::Message>::decode(&mut reader, version).ok()?;
    (data.r#type.as_str() == USER).then(|| Principal::user(&data.name).by_token(data.token_authenticated))
}

fn code(raw: i16) -> ErrorCode {
    ErrorCode::from_code(raw).unwrap_or(ErrorCode::UnknownServerError)
}
