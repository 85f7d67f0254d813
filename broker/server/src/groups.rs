//! The groups that this broker coordinates, and the way to them for the APIs.
//!
//! What decides is `broker_group`; what keeps it in a partition of `__consumer_offsets` is `coordinators`.

mod lag;
mod news;
mod shard;
mod topics;

use broker_group::{Client, GroupError, InstanceId, MemberId, Reader, Request, Response};
use broker_protocol::{ErrorCode, Str};
use broker_types::{GroupId, PartitionId};

use crate::{
    broker::Broker,
    context::RequestContext,
    coordinators::{CoordinatorError, Coordinators, partition_of},
};

pub(crate) use lag::{GroupMetrics, GroupTold, Lag, Row, RowLag, Told, run as measure_lag};
pub(crate) use news::{TopicNews, run as tell_of_topics};
pub(crate) use topics::{Lookup, whole};

/// Where groups and their offsets are kept.
pub(crate) const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// The shards of this broker.
pub(crate) type Groups = Coordinators<broker_group::GroupCoordinator>;

impl Broker {
    /// Asks the coordinator of `group`.
    pub(crate) async fn ask_group(
        &self,
        group: &str,
        request: Request,
    ) -> Result<Response, CoordinatorError> {
        let index = self.partition_of_group(group).ok_or(CoordinatorError::NotHere)?;
        self.groups.ask(index, request).await
    }

    /// The partition that keeps `group`; `None` while the topic is not there.
    pub(crate) fn partition_of_group(&self, group: &str) -> Option<PartitionId> {
        let image = self.image();
        let partitions = image.topics().find(OFFSETS_TOPIC)?.partitions().size();
        partition_of(group, i32::try_from(partitions).ok()?)
    }
}

/// Kafka's code for a coordinator that does not answer.
pub(crate) const fn unanswered(error: CoordinatorError) -> ErrorCode {
    match error {
        CoordinatorError::NotHere => ErrorCode::NotCoordinator,
        CoordinatorError::Loading => ErrorCode::CoordinatorLoadInProgress,
        CoordinatorError::Unavailable => ErrorCode::CoordinatorNotAvailable,
        CoordinatorError::TooLarge => ErrorCode::UnknownServerError,
    }
}

/// An answer of another kind than the question: a bug of the shard, told as such.
pub(crate) const MISMATCHED: ErrorCode = ErrorCode::UnknownServerError;

/// Why a question about a group has no good answer.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The coordinator refuses.
    Refused(GroupError),
    /// There is no coordinator, or none that answers.
    Unanswered(ErrorCode),
}

impl Failure {
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(error) => error.code(),
            Self::Unanswered(code) => *code,
        }
    }
}

impl From<CoordinatorError> for Failure {
    fn from(error: CoordinatorError) -> Self {
        Self::Unanswered(unanswered(error))
    }
}

impl From<GroupError> for Failure {
    fn from(error: GroupError) -> Self {
        Self::Refused(error)
    }
}

/// Takes the answer that belongs to the question.
macro_rules! answer {
    ($response:expr, $kind:ident) => {
        match $response {
            Ok(broker_group::Response::$kind(answer)) => Ok(answer),
            Ok(_) => Err($crate::groups::Failure::Unanswered($crate::groups::MISMATCHED)),
            Err(error) => Err($crate::groups::Failure::from(error)),
        }
    };
}
pub(crate) use answer;

/// A group by its name on the wire.
pub(crate) fn group_id(name: &Str) -> GroupId {
    GroupId::new(name)
}

/// The wire's empty string is no member yet.
pub(crate) fn member_id(id: &Str) -> Option<MemberId> {
    (!id.is_empty()).then(|| MemberId::new(id.detached()))
}

/// The lasting name of a static member.
pub(crate) fn instance_id(id: Option<&Str>) -> Option<InstanceId> {
    id.map(|id| InstanceId::new(id.detached()))
}

/// Who asks, as topics are shown to it.
pub(crate) fn reader(context: &RequestContext) -> Reader {
    Reader { principal: Str::from(context.principal.as_str()), address: context.address.ip() }
}

/// Who asks, as groups show it.
pub(crate) fn client(context: &RequestContext) -> Client {
    Client {
        id: context.client_id.as_ref().map_or(Str::EMPTY, Str::detached),
        host: Str::from(format!("/{}", context.address.ip())),
    }
}
