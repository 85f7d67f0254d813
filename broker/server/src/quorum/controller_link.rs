//! This broker's own requests to the active controller when that is another node: registration and heartbeats (KIP-631).
//!
//! Invariants: each request that was taken is answered by one event of the node's machine; none waits for a controller that
//! another has replaced, which may be gone without a word.

use broker_client::{ClientError, Connection};
use broker_controller::{Heartbeat, RegisterBroker, RegisterController};
use broker_metadata::Endpoint;
use broker_node::{Event, Failure, Standing};
use broker_protocol::{
    ErrorCode,
    messages::{
        BrokerHeartbeatRequest, BrokerRegistrationRequest, ControllerRegistrationRequest,
        broker_registration_request::{Feature, Listener},
        controller_registration_request,
    },
};
use broker_types::{BrokerEpoch, BrokerId, Offset};
use tokio::{
    runtime::Handle,
    sync::{mpsc, watch},
};

use super::{Command, Identity, QuorumHandle};
use crate::tasks::{TaskKind, Tasks};

/// A broker has one request under way; a second follows one that was given up.
const QUEUE: usize = 4;

/// What a broker asks the active controller.
#[derive(Debug)]
pub(crate) enum NodeRequest {
    Register(Box<RegisterBroker>),
    Heartbeat(Heartbeat),
    /// Answered by the metadata alone.
    RegisterController(Box<RegisterController>),
}

impl NodeRequest {
    fn failed(&self, failure: Failure) -> Option<Event> {
        match self {
            Self::Register(_) => Some(Event::RegistrationAnswered(Err(failure))),
            Self::Heartbeat(_) => Some(Event::HeartbeatAnswered(Err(failure))),
            Self::RegisterController(_) => None,
        }
    }
}

/// The link. Lives on the quorum's thread.
#[derive(Debug)]
pub(crate) struct ControllerLink {
    requests: mpsc::Sender<Asked>,
    /// Who was the active controller last.
    lead: watch::Sender<Option<BrokerId>>,
    quorum: QuorumHandle,
}

#[derive(Debug)]
struct Asked {
    address: String,
    /// Who was known to lead then.
    lead: Option<BrokerId>,
    request: NodeRequest,
}

impl ControllerLink {
    /// A link that connects when it is needed.
    pub(crate) fn new(identity: Identity, quorum: QuorumHandle, runtime: &Handle) -> Self {
        let (requests, queue) = mpsc::channel(QUEUE);
        let (lead, moves) = watch::channel(None);
        let task = serve(identity, queue, moves, quorum.clone());
        let _in_runtime = runtime.enter();
        Tasks::default().spawn(TaskKind::Connection, task);
        Self { requests, lead, quorum }
    }

    /// This one leads now: what others were asked is given up.
    pub(crate) fn lead_moved(&self, to: BrokerId) {
        self.lead.send_if_modified(|lead| lead.replace(to) != Some(to));
    }

    /// Asks the controller at `address`.
    pub(crate) fn ask(&self, address: &str, request: NodeRequest) {
        let lead = *self.lead.borrow();
        let refused = self.requests.try_send(Asked { address: address.to_owned(), lead, request }).err();
        let failed = refused.and_then(|refused| refused.into_inner().request.failed(Failure::Retry));
        if let Some(event) = failed {
            self.quorum.tell(Command::Node(event));
        }
    }
}

async fn serve(
    identity: Identity,
    mut queue: mpsc::Receiver<Asked>,
    mut moves: watch::Receiver<Option<BrokerId>>,
    quorum: QuorumHandle,
) {
    let mut connection: Option<(String, Connection)> = None;
    while let Some(Asked { address, lead, request }) = queue.recv().await {
        // The lead has moved: the old connection leads nowhere.
        connection = connection.filter(|(to, _)| *to == address);
        let answer = tokio::select! {
            biased;
            Ok(_) = moves.wait_for(|known| *known != lead) => None,
            answer = ask(&mut connection, &address, &identity, &request) => Some(answer),
        };
        let event = match answer {
            Some(Ok(event)) => event,
            Some(Err(error)) => {
                connection = None;
                tracing::info!(controller = %address, %error, "the active controller does not answer");
                request.failed(Failure::Retry)
            }
            None => {
                connection = None;
                request.failed(Failure::Retry)
            }
        };
        if let Some(event) = event {
            quorum.tell_node(event);
        }
    }
}

async fn ask(
    connection: &mut Option<(String, Connection)>,
    address: &str,
    identity: &Identity,
    request: &NodeRequest,
) -> Result<Option<Event>, ClientError> {
    let (_, connection) = match connection {
        Some(open) => open,
        None => {
            let client = identity.me.id.to_string();
            let open = Connection::open(address, &client, identity.patience, &identity.security).await?;
            connection.insert((address.to_owned(), open))
        }
    };
    Ok(match request {
        NodeRequest::Register(registration) => {
            let answer = connection.send(&registration_request(registration)).await?;
            let registered = match known(answer.error_code) {
                ErrorCode::None => Ok(BrokerEpoch::new(answer.broker_epoch)),
                code => {
                    tracing::warn!(?code, "the controller did not register this broker: {}", way_out(code));
                    Err(Failure::Retry)
                }
            };
            Some(Event::RegistrationAnswered(registered))
        }
        NodeRequest::Heartbeat(heartbeat) => {
            let answer = connection.send(&heartbeat_request(heartbeat)).await?;
            let standing = match known(answer.error_code) {
                ErrorCode::None => Ok(Standing {
                    caught_up: answer.is_caught_up,
                    fenced: answer.is_fenced,
                    shut_down: answer.should_shut_down,
                }),
                ErrorCode::StaleBrokerEpoch | ErrorCode::BrokerIdNotRegistered => Err(Failure::StaleEpoch),
                _ => Err(Failure::Retry),
            };
            Some(Event::HeartbeatAnswered(standing))
        }
        NodeRequest::RegisterController(registration) => {
            let answer = connection.send(&controller_request(registration)).await?;
            if known(answer.error_code) != ErrorCode::None {
                tracing::warn!(code = ?known(answer.error_code), "the active controller did not register this one");
            }
            None
        }
    })
}

/// What is to be done about a registration that is refused.
pub(super) const fn way_out(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::DuplicateBrokerRegistration => {
            "another process with this node.id was heard from just now; unless it is this broker's own former life, which is \
             forgotten when its session ends, stop it, or give one of them another node.id and log directories of its own"
        }
        ErrorCode::InconsistentClusterId => {
            "its log directories belong to another cluster; point it to the controllers of its own cluster, or give it \
             empty directories to join this one"
        }
        ErrorCode::InvalidRegistration => {
            "a log directory is registered by another broker, or has no id; a copied directory must be emptied first"
        }
        ErrorCode::UnsupportedVersion => {
            "the cluster has finalized a feature that this broker does not have; start a release that has it, or lower \
             the feature with 'kafka-features.sh downgrade'"
        }
        ErrorCode::NotController => "another node leads the quorum now, which is asked next",
        _ => "it is tried again",
    }
}

fn known(code: i16) -> ErrorCode {
    ErrorCode::from_code(code).unwrap_or(ErrorCode::UnknownServerError)
}

fn registration_request(registration: &RegisterBroker) -> BrokerRegistrationRequest {
    let listener = |endpoint: &Endpoint| Listener {
        name: endpoint.name.clone(),
        host: endpoint.host.clone(),
        port: endpoint.port,
        security_protocol: endpoint.security_protocol,
    };
    let features = registration.features.iter().map(|feature| Feature {
        name: feature.name.clone(),
        min_supported_version: feature.min,
        max_supported_version: feature.max,
    });
    BrokerRegistrationRequest {
        broker_id: registration.broker.get(),
        cluster_id: registration.cluster.as_str().into(),
        incarnation_id: registration.incarnation.uuid(),
        listeners: registration.endpoints.iter().map(listener).collect(),
        features: features.collect(),
        rack: registration.rack.clone(),
        is_migrating_zk_broker: false,
        log_dirs: registration.log_dirs.iter().map(|id| id.uuid()).collect(),
        previous_broker_epoch: registration.previous_epoch.map_or(-1, BrokerEpoch::get),
    }
}

fn controller_request(registration: &RegisterController) -> ControllerRegistrationRequest {
    let listener = |endpoint: &Endpoint| controller_registration_request::Listener {
        name: endpoint.name.clone(),
        host: endpoint.host.clone(),
        port: endpoint.port,
        security_protocol: endpoint.security_protocol,
    };
    let features = registration.features.iter().map(|feature| controller_registration_request::Feature {
        name: feature.name.clone(),
        min_supported_version: feature.min,
        max_supported_version: feature.max,
    });
    ControllerRegistrationRequest {
        controller_id: registration.controller.get(),
        incarnation_id: registration.incarnation.uuid(),
        zk_migration_ready: false,
        listeners: registration.endpoints.iter().map(listener).collect(),
        features: features.collect(),
    }
}

fn heartbeat_request(heartbeat: &Heartbeat) -> BrokerHeartbeatRequest {
    let ids = |directories: &[broker_types::DirectoryId]| directories.iter().map(|id| id.uuid()).collect();
    BrokerHeartbeatRequest {
        broker_id: heartbeat.broker.get(),
        broker_epoch: heartbeat.epoch.get(),
        current_metadata_offset: heartbeat.metadata_offset.map_or(-1, Offset::get),
        want_fence: heartbeat.want_fence,
        want_shut_down: heartbeat.want_shut_down,
        offline_log_dirs: ids(&heartbeat.offline_log_dirs),
        cordoned_log_dirs: heartbeat.cordoned_log_dirs.as_deref().map(ids),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use broker_client::Security;
    use broker_raft::VoterKey;
    use broker_types::{ClusterId, DirectoryId, Uuid};
    use tokio::net::TcpListener;

    use super::*;

    fn identity() -> Identity {
        Identity {
            cluster: ClusterId::new("c"),
            me: VoterKey { id: BrokerId::new(1), directory: DirectoryId::new(Uuid::from_bytes([1; 16])) },
            listener: "C".to_owned(),
            security: Security::plaintext(),
            endpoints: Vec::new(),
            patience: Duration::from_secs(3600),
            fetch_wait: Duration::ZERO,
            fetch_bytes_max: 1,
            snapshot_bytes_max: 1,
        }
    }

    fn heartbeat() -> NodeRequest {
        NodeRequest::Heartbeat(Heartbeat {
            broker: BrokerId::new(1),
            epoch: BrokerEpoch::new(1),
            metadata_offset: None,
            want_fence: false,
            want_shut_down: false,
            offline_log_dirs: Vec::new(),
            cordoned_log_dirs: None,
        })
    }

    /// Found under a cut network: a broker went on waiting for the controller that it could not reach any more, was silent
    /// to the one that led by then, and was fenced.
    #[tokio::test]
    async fn nobody_waits_for_a_controller_that_was_replaced() {
        let (handle, commands) = QuorumHandle::new();
        let link = ControllerLink::new(identity(), handle, &Handle::current());
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = silent.local_addr().unwrap().to_string();
        link.lead_moved(BrokerId::new(2));
        link.ask(&address, heartbeat());
        link.ask(&address, heartbeat());
        let _open = silent.accept().await.unwrap();
        link.lead_moved(BrokerId::new(2));
        link.lead_moved(BrokerId::new(3));
        let failed = tokio::task::spawn_blocking(move || {
            let wait = || commands.recv_timeout(Duration::from_secs(60));
            [wait(), wait()]
                .map(|told| matches!(told, Ok(Command::Node(Event::HeartbeatAnswered(Err(Failure::Retry))))))
        });
        assert_eq!(failed.await.unwrap(), [true, true]);
    }
}
