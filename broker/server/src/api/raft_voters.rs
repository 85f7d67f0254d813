//! What AddRaftVoter and RemoveRaftVoter share: the way to the quorum's leader, and what a tool is told when it refuses.

use std::{fmt::Write as _, sync::Arc};

use broker_protocol::{ErrorCode, Str};
use broker_raft::{Awaited, Outcome, QuorumStatus, Refusal, Request, VoterKey, VoterRequest, Voters};

use crate::{authorizer::Operation, broker::Broker, context::RequestContext, listener::ListenerName};

/// Why the voters are not changed.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) code: ErrorCode,
    pub(super) message: Option<Str>,
}

impl Refused {
    pub(super) fn new(code: ErrorCode, message: &str) -> Self {
        Self { code, message: Some(Str::from(message)) }
    }

    /// This node does not lead: with a text that says nothing.
    fn elsewhere() -> Self {
        Self::new(ErrorCode::NotLeaderOrFollower, "")
    }

    pub(super) const fn silent(code: ErrorCode) -> Self {
        Self { code, message: None }
    }
}

/// How the quorum stands, if the one who asks may change it, means this cluster, and this node leads.
pub(super) async fn leading(
    broker: &Broker,
    context: &RequestContext,
    cluster: Option<&Str>,
) -> Result<QuorumStatus, Refused> {
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::Alter) {
        return Err(Refused::new(denied, denied.message()));
    }
    let own = broker.cluster_id().as_str();
    if let Some(other) = cluster.filter(|id| id.as_str() != own) {
        let message = format!("The given id \"{other}\" doesn't match the cluster id \"{own}\"");
        return Err(Refused::new(ErrorCode::InconsistentClusterId, &message));
    }
    broker.quorum().describe().await.ok_or_else(Refused::elsewhere)
}

/// Has the leader change the voters, and waits for what comes of it.
pub(super) async fn change(broker: &Broker, key: VoterKey, request: VoterRequest) -> Result<(), Refused> {
    let listener = Arc::new(ListenerName::new(broker.settings().controller_listener()));
    let Some(reply) = broker.quorum().receive(Request::Voters(request), 0, None, &listener).await else {
        return Err(Refused::elsewhere());
    };
    let Outcome::Refused(refusal) = reply.answer.outcome else { return Ok(()) };
    let voters = broker.quorum().voters().await.unwrap_or_default();
    Err(match refusal {
        Refusal::DuplicateVoter => duplicate(key, &voters),
        Refusal::VoterNotFound => {
            let message =
                format!("Cannot remove voter {} from the set of voters {}", named(key), all(&voters));
            Refused::new(ErrorCode::VoterNotFound, &message)
        }
        Refusal::InvalidRequest => Refused::new(
            ErrorCode::InvalidRequest,
            "The last voter cannot be removed, for nobody could lead. Add another one first.",
        ),
        Refusal::TimedOut(awaited) => in_vain(awaited, key),
        _ => Refused::elsewhere(),
    })
}

/// A voter with this id is there.
pub(super) fn duplicate(key: VoterKey, voters: &Voters) -> Refused {
    let (key, voters) = (named(key), all(voters));
    let message = format!("The voter id for {key} is already part of the set of voters {voters}.");
    Refused::new(ErrorCode::DuplicateVoter, &message)
}

fn in_vain(awaited: Awaited, key: VoterKey) -> Refused {
    let message = match awaited {
        Awaited::EarlierChange => {
            "Request timed out waiting for leader to handle previous voter change request".to_owned()
        }
        Awaited::Leadership => {
            "Request timed out waiting for leader to establish HWM and fence previous voter changes"
                .to_owned()
        }
        Awaited::EarlierVoters { end, committed } => format!(
            "Request timed out waiting for voters to commit the latest voter change at Optional[{}] with HWM {committed}",
            end.get() - 1
        ),
        Awaited::CatchUp => {
            format!("Aborted add voter operation for {} since it is lagging behind", named(key))
        }
        Awaited::Commit => return Refused::silent(ErrorCode::RequestTimedOut),
    };
    Refused::new(ErrorCode::RequestTimedOut, &message)
}

/// A voter as Kafka writes it.
pub(super) fn named(key: VoterKey) -> String {
    format!("ReplicaKey(id={}, directoryId={})", key.id, key.directory.uuid())
}

fn all(voters: &Voters) -> String {
    let mut text = String::from("[");
    for (index, voter) in voters.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        // Writing to a string does not fail.
        let _infallible = write!(text, "{separator}{}", named(voter.key));
    }
    text.push(']');
    text
}
