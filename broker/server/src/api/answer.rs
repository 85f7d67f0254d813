//! What becomes of a request: the bytes of its answer, for how long its client is throttled, or the end of its connection.

use std::time::Duration;

use broker_client::ControllerAnswer;
use broker_log::ReadSlice;
use broker_protocol::{ApiKey, ErrorCode, Message, frame, messages::FetchResponse};

use super::{Deferred, fetch};
use crate::{broker::Broker, context::RequestContext, outbox::Outgoing, quotas};

/// What a connection does with a request's outcome.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Send these bytes, in this order.
    Reply(Vec<Outgoing>),
    /// Send these bytes: they say that another node is the active controller.
    NotController(Vec<Outgoing>),
    /// Send what this gives; what the request asks for is done as far as those after it are concerned.
    Later(Deferred),
    /// The client is throttled (KIP-219): after this answer nothing is taken from it for a while.
    Throttled(Box<Self>, Duration),
    /// Send nothing: the client asked for no acknowledgement.
    Silence,
    /// Close the connection, as Kafka does for what it cannot read.
    Close(String),
}

impl Answer {
    /// The same from a client that is throttled for so long.
    pub(super) fn throttled(self, throttled: Duration) -> Self {
        if throttled.is_zero() { self } else { Self::Throttled(Box::new(self), throttled) }
    }

    /// The active controller was not to be had: the client tries again on another connection.
    pub(super) fn unanswered(context: &RequestContext, code: ErrorCode) -> Self {
        Self::Close(format!("{}: the active controller did not answer ({code:?})", context.api_key.name()))
    }
}

/// What a handler returns: a message, and the files that its records are still in.
pub(super) trait Answered {
    type Message: Message;

    fn into_parts(self) -> (Self::Message, Vec<ReadSlice>);

    /// Whether the client was charged with the time that the answer took, or need not be.
    fn is_charged(&self) -> bool {
        false
    }
}

impl<M: Message> Answered for M {
    type Message = M;

    fn into_parts(self) -> (M, Vec<ReadSlice>) {
        (self, Vec::new())
    }
}

impl Answered for fetch::Fetched {
    type Message = FetchResponse;

    fn into_parts(self) -> (FetchResponse, Vec<ReadSlice>) {
        (self.response, self.files)
    }

    fn is_charged(&self) -> bool {
        true
    }
}

/// As [`reply`], of what the active controller alone can answer.
pub(super) fn controller_reply<A: ControllerAnswer + Message>(
    broker: &Broker,
    context: &RequestContext,
    correlation_id: i32,
    answered: A,
) -> Answer {
    let is_of_no_controller = answered.is_of_no_controller();
    match reply(broker, context, correlation_id, answered) {
        Answer::Reply(parts) if is_of_no_controller => Answer::NotController(parts),
        Answer::Throttled(answer, _) if is_of_no_controller => match *answer {
            Answer::Reply(parts) => Answer::NotController(parts),
            other => other,
        },
        other => other,
    }
}

/// Charges the client with the time that the answer took, tells it for how long it is throttled for that or whatever else
/// the answer says already, and has it throttled.
pub(super) fn reply(
    broker: &Broker,
    context: &RequestContext,
    correlation_id: i32,
    answered: impl Answered,
) -> Answer {
    let worked = if answered.is_charged() { Duration::ZERO } else { broker.quotas().worked(context) };
    let (mut response, files) = answered.into_parts();
    let told = u64::try_from(response.throttle_time_ms().unwrap_or(0)).unwrap_or(0);
    let throttled = worked.max(Duration::from_millis(told));
    if !throttled.is_zero() {
        response.set_throttle_time_ms(quotas::millis(throttled));
    }
    encoded(context.api_key, correlation_id, &response, files, context.api_version).throttled(throttled)
}

pub(super) fn encoded(
    key: ApiKey,
    correlation_id: i32,
    response: &impl Message,
    files: Vec<ReadSlice>,
    version: i16,
) -> Answer {
    match frame::encode_response(correlation_id, key.response_header_version(version), response, version) {
        Ok(segments) => Answer::Reply(Outgoing::join(segments, files)),
        Err(error) => {
            tracing::error!(api = key.name(), version, %error, "an answer could not be written");
            Answer::Close(error.to_string())
        }
    }
}
