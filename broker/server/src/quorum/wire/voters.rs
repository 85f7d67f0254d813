//! AddRaftVoter, RemoveRaftVoter, UpdateRaftVoter: voters that come, go and move (KIP-853, KIP-1186).

use std::time::Duration;

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        AddRaftVoterRequest, RemoveRaftVoterRequest, UpdateRaftVoterRequest, UpdateRaftVoterResponse,
        add_raft_voter_request::Listener as AddedListener,
        update_raft_voter_request::{KRaftVersionFeature, Listener as UpdatedListener},
        update_raft_voter_response::CurrentLeader,
    },
};
use broker_raft::{Voter, VoterEndpoint, VoterKey, VoterRequest};
use broker_types::{ClusterId, LeaderEpoch, Uuid};

use super::{Reply, Unusable, check_cluster, cluster, epoch, error_of, key, leader_id};

/// How an observer asks for its own vote.
pub(crate) fn add_request(
    id: &ClusterId,
    voter: &Voter,
    timeout: Duration,
    ack_when_committed: bool,
) -> AddRaftVoterRequest {
    let listener =
        |at: &VoterEndpoint| AddedListener { name: at.name.clone(), host: at.host.clone(), port: at.port };
    AddRaftVoterRequest {
        cluster_id: cluster(id),
        timeout_ms: i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX),
        voter_id: voter.key.id.get(),
        voter_directory_id: voter.key.directory.uuid(),
        listeners: voter.endpoints.iter().map(listener).collect(),
        ack_when_committed,
    }
}

/// Who shall vote, and where it is; `None` when the request does not name it fully.
pub(crate) fn read_add(request: &AddRaftVoterRequest) -> Option<(VoterKey, Vec<VoterEndpoint>)> {
    let endpoint = |at: &AddedListener| endpoint(&at.name, &at.host, at.port);
    let voter = named(request.voter_id, request.voter_directory_id)?;
    Some((voter, request.listeners.iter().map(endpoint).collect()))
}

/// How a node that lost its directory asks for its old vote to end.
pub(crate) fn remove_request(id: &ClusterId, voter: VoterKey) -> RemoveRaftVoterRequest {
    RemoveRaftVoterRequest {
        cluster_id: cluster(id),
        voter_id: voter.id.get(),
        voter_directory_id: voter.directory.uuid(),
    }
}

/// Who shall vote no longer; `None` when the request does not name it fully.
pub(crate) fn read_remove(request: &RemoveRaftVoterRequest) -> Option<VoterKey> {
    named(request.voter_id, request.voter_directory_id)
}

/// How a voter tells how it is now.
pub(crate) fn update_request(id: &ClusterId, epoch: LeaderEpoch, voter: &Voter) -> UpdateRaftVoterRequest {
    let listener =
        |at: &VoterEndpoint| UpdatedListener { name: at.name.clone(), host: at.host.clone(), port: at.port };
    UpdateRaftVoterRequest {
        cluster_id: cluster(id),
        current_leader_epoch: epoch.get(),
        voter_id: voter.key.id.get(),
        voter_directory_id: voter.key.directory.uuid(),
        listeners: voter.endpoints.iter().map(listener).collect(),
        kraft_version_feature: KRaftVersionFeature {
            min_supported_version: voter.kraft_versions.0,
            max_supported_version: voter.kraft_versions.1,
        },
    }
}

/// What a voter tells of itself. It must be reachable at the listener that all use.
pub(crate) fn read_update(
    id: &ClusterId,
    listener: &str,
    request: &UpdateRaftVoterRequest,
) -> Result<VoterRequest, Unusable> {
    check_cluster(request.cluster_id.as_ref(), id)?;
    let key = named(request.voter_id, request.voter_directory_id).ok_or(Unusable::Malformed)?;
    let endpoint = |at: &UpdatedListener| endpoint(&at.name, &at.host, at.port);
    let endpoints: Vec<_> = request.listeners.iter().map(endpoint).collect();
    if !endpoints.iter().any(|at| at.name.as_str() == listener) {
        return Err(Unusable::Malformed);
    }
    let speaks = &request.kraft_version_feature;
    let kraft_versions = (speaks.min_supported_version, speaks.max_supported_version);
    let voter = Voter { key, endpoints, kraft_versions };
    Ok(VoterRequest::Update { epoch: epoch(request.current_leader_epoch)?, voter })
}

/// The answer to a voter.
pub(crate) fn update_response(reply: &Reply) -> UpdateRaftVoterResponse {
    let leader = &reply.leader;
    UpdateRaftVoterResponse {
        throttle_time_ms: 0,
        error_code: error_of(&reply.answer.outcome).code(),
        current_leader: CurrentLeader {
            leader_id: leader_id(&reply.answer),
            leader_epoch: reply.answer.epoch.get(),
            host: leader.as_ref().map_or(Str::EMPTY, |at| at.host.clone()),
            port: leader.as_ref().map_or(0, |at| i32::from(at.port)),
        },
    }
}

/// The answer to what cannot be used.
pub(crate) fn update_refused(code: ErrorCode) -> UpdateRaftVoterResponse {
    UpdateRaftVoterResponse { error_code: code.code(), ..UpdateRaftVoterResponse::default() }
}

/// A voter that is named by id and directory.
fn named(id: i32, directory: Uuid) -> Option<VoterKey> {
    (id >= 0 && !directory.is_zero()).then(|| key(id, directory))
}

fn endpoint(name: &Str, host: &Str, port: u16) -> VoterEndpoint {
    VoterEndpoint { name: name.detached(), host: host.detached(), port }
}
