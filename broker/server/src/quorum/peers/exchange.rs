//! One link: takes requests, asks, tells the quorum what came back.

use broker_client::{ClientError, Connection};
use broker_protocol::{
    ErrorCode,
    messages::{
        AddRaftVoterRequest, BeginQuorumEpochRequest, EndQuorumEpochRequest, FetchRequest,
        FetchSnapshotRequest, RemoveRaftVoterRequest, UpdateRaftVoterRequest, VoteRequest,
    },
};
use broker_raft::{Answer, Destination, Request, SnapshotId, VoterKey, VoterRequest};
use broker_types::{BrokerId, LeaderEpoch};
use tokio::sync::mpsc;

use super::{Identity, Outgoing, PeerEvent};
use crate::quorum::{
    Command, QuorumHandle,
    wire::{self, NodeAddress, Unusable},
};

/// What is told of a link's troubles.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

impl Trouble {
    /// Whether nobody listens there.
    fn is_refusal(&self) -> bool {
        let Self::Client(ClientError::Io { source, .. }) = self else { return false };
        source.kind() == std::io::ErrorKind::ConnectionRefused
    }
}

/// An answer, and where the leader that it names is.
struct Heard {
    event: PeerEvent,
    leader: Option<NodeAddress>,
}

/// Serves one address until the quorum's thread lets go of it.
pub(super) async fn serve(
    address: String,
    identity: Identity,
    mut requests: mpsc::Receiver<Outgoing>,
    quorum: QuorumHandle,
) {
    let mut connection = None;
    let mut is_down = false;
    while let Some(outgoing) = requests.recv().await {
        let correlation = outgoing.correlation;
        let heard = match ask(&mut connection, &address, &identity, outgoing).await {
            Ok(heard) => {
                if std::mem::take(&mut is_down) {
                    tracing::info!(%address, "a controller answers again");
                }
                heard
            }
            Err(trouble) => {
                connection = None;
                if !std::mem::replace(&mut is_down, true) {
                    tracing::info!(%address, error = %trouble, "a controller does not answer");
                }
                let event = if trouble.is_refusal() {
                    PeerEvent::Refused { correlation }
                } else {
                    PeerEvent::Failed { correlation }
                };
                Heard { event, leader: None }
            }
        };
        quorum.tell(Command::Peer { event: heard.event, leader: heard.leader });
    }
}

async fn ask(
    connection: &mut Option<Connection>,
    address: &str,
    identity: &Identity,
    outgoing: Outgoing,
) -> Result<Heard, Trouble> {
    let connection = match connection {
        Some(open) => open,
        None => {
            let client = format!("raft-client-{}", identity.me.id);
            connection
                .insert(Connection::open(address, &client, identity.patience, &identity.security).await?)
        }
    };
    let Outgoing { correlation, to, request } = outgoing;
    let from = match to {
        Destination::Node(node) => Some(node),
        Destination::Bootstrap => None,
    };
    let answered = |answer: Answer, leader: Option<NodeAddress>| {
        // Who listens at a bootstrap address is known by what it says of the leader only.
        let from = from.or(answer.leader).unwrap_or(BrokerId::new(-1));
        Heard { event: PeerEvent::Answered { correlation, from, answer }, leader }
    };
    let id = &identity.cluster;
    Ok(match request {
        Request::Vote(vote) => {
            let response = connection.send::<VoteRequest>(&wire::vote::request(id, &vote)).await?;
            let at = response.node_endpoints.first();
            let leader = at.and_then(|at| node_address(at.node_id, &at.host, at.port));
            answered(wire::vote::read_response(&response)?, leader)
        }
        Request::BeginQuorumEpoch { epoch, leader, voter } => {
            let asked = wire::begin_epoch::request(id, (epoch, leader, voter), &identity.endpoints);
            let response = connection.send::<BeginQuorumEpochRequest>(&asked).await?;
            answered(wire::begin_epoch::read_response(&response)?, None)
        }
        Request::EndQuorumEpoch { epoch, leader, successors } => {
            let asked = wire::end_epoch::request(id, (epoch, leader), &successors, &identity.endpoints);
            let response = connection.send::<EndQuorumEpochRequest>(&asked).await?;
            answered(wire::end_epoch::read_response(&response)?, None)
        }
        Request::Fetch(fetch) => {
            let (received, leader) = records(connection, identity, &fetch).await?;
            match received {
                wire::fetch::Received::Other(answer) => answered(answer, leader),
                wire::fetch::Received::Records { epoch, leader: by, bytes, high_watermark } => {
                    let event = PeerEvent::Fetched { correlation, epoch, leader: by, bytes, high_watermark };
                    Heard { event, leader }
                }
            }
        }
        Request::Voters(wish) => {
            ask_for_voters(connection, identity, wish).await?;
            // What came of it is in the log; the answer says nothing of who leads.
            Heard { event: PeerEvent::Failed { correlation }, leader: None }
        }
        Request::FetchSnapshot { epoch, replica, id: snapshot, position } => {
            let asked = (epoch, replica, snapshot, position);
            match snapshot_part(connection, identity, asked).await? {
                wire::snapshot::Received::Other(answer) => answered(answer, None),
                wire::snapshot::Received::Chunk { bytes, size } => {
                    Heard { event: PeerEvent::Chunk { correlation, bytes, size }, leader: None }
                }
            }
        }
    })
}

/// Asks for what this node wants of the voter set, and tells what came of it.
async fn ask_for_voters(
    connection: &mut Connection,
    identity: &Identity,
    wish: VoterRequest,
) -> Result<(), ClientError> {
    let id = &identity.cluster;
    let (wanted, code, message) = match wish {
        VoterRequest::Add { voter, timeout, ack_when_committed } => {
            let asked = wire::voters::add_request(id, &voter, timeout, ack_when_committed);
            let said = connection.send::<AddRaftVoterRequest>(&asked).await?;
            ("to vote", said.error_code, said.error_message)
        }
        VoterRequest::Remove { voter, .. } => {
            let asked = wire::voters::remove_request(id, voter);
            let said = connection.send::<RemoveRaftVoterRequest>(&asked).await?;
            ("that its lost directory votes no longer", said.error_code, said.error_message)
        }
        VoterRequest::Update { epoch, voter } => {
            let asked = wire::voters::update_request(id, epoch, &voter);
            let said = connection.send::<UpdateRaftVoterRequest>(&asked).await?;
            ("that the voters' list says where it is", said.error_code, None)
        }
    };
    let error = ErrorCode::from_code(code).unwrap_or(ErrorCode::UnknownServerError);
    tracing::info!(?error, message = message.as_deref(), "this node asked {wanted}");
    Ok(())
}

async fn records(
    connection: &mut Connection,
    identity: &Identity,
    fetch: &broker_raft::FetchRequest,
) -> Result<(wire::fetch::Received, Option<NodeAddress>), Trouble> {
    let terms = wire::fetch::Terms {
        max_wait_ms: i32::try_from(identity.fetch_wait.as_millis()).unwrap_or(i32::MAX),
        max_bytes: i32::try_from(identity.fetch_bytes_max).unwrap_or(i32::MAX),
    };
    let asked = wire::fetch::request(&identity.cluster, terms, fetch);
    let response = connection.send::<FetchRequest>(&asked).await?;
    let at = response.node_endpoints.first();
    let leader = at.and_then(|at| node_address(at.node_id, &at.host, u16::try_from(at.port).unwrap_or(0)));
    Ok((wire::fetch::read_response(response)?, leader))
}

async fn snapshot_part(
    connection: &mut Connection,
    identity: &Identity,
    (epoch, replica, snapshot, position): (LeaderEpoch, VoterKey, SnapshotId, u64),
) -> Result<wire::snapshot::Received, Trouble> {
    let max_bytes = i32::try_from(identity.snapshot_bytes_max).unwrap_or(i32::MAX);
    let asked = wire::snapshot::request(&identity.cluster, max_bytes, (epoch, replica), (snapshot, position));
    Ok(wire::snapshot::read_response(connection.send::<FetchSnapshotRequest>(&asked).await?)?)
}

fn node_address(node: i32, host: &broker_protocol::Str, port: u16) -> Option<NodeAddress> {
    let node = BrokerId::from_wire(node)?;
    (port > 0).then(|| NodeAddress { node, host: host.detached(), port })
}
