//! AddRaftVoter: an observer shall vote, once it has what the leader has (KIP-853, KIP-1186).

use std::{sync::Arc, time::Duration};

use broker_client::Connection;
use broker_protocol::{
    ErrorCode,
    messages::{AddRaftVoterRequest, AddRaftVoterResponse, ApiVersionsRequest},
};
use broker_raft::{Voter, VoterEndpoint, VoterKey, VoterRequest};

use super::raft_voters::{self, Refused};
use crate::{broker::Broker, context::RequestContext, features::KRAFT_VERSION, quorum::wire};

/// The longest wait for the observer to catch up and the set to be committed: less than an envelope waits.
const WAIT_MAX: Duration = Duration::from_secs(25);
/// Listeners of one voter; nobody has so many.
const LISTENERS_MAX: usize = 64;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: AddRaftVoterRequest,
) -> AddRaftVoterResponse {
    match add(broker, context, &request).await {
        Ok(()) => AddRaftVoterResponse::default(),
        Err(Refused { code, message }) => {
            AddRaftVoterResponse { error_code: code.code(), error_message: message, ..Default::default() }
        }
    }
}

async fn add(
    broker: &Broker,
    context: &RequestContext,
    request: &AddRaftVoterRequest,
) -> Result<(), Refused> {
    let quorum = raft_voters::leading(broker, context, request.cluster_id.as_ref()).await?;
    let named = wire::voters::read_add(request).filter(|(_, endpoints)| endpoints.len() <= LISTENERS_MAX);
    let Some((key, endpoints)) = named else {
        let message = "Add voter request didn't include a valid voter";
        return Err(Refused::new(ErrorCode::InvalidRequest, message));
    };
    let listener = broker.settings().controller_listener();
    let Some(at) = endpoints.iter().find(|at| at.name.as_str() == listener) else {
        let told: Vec<_> =
            endpoints.iter().map(|at| format!("{}={}:{}", at.name, at.host, at.port)).collect();
        let message = format!(
            "Add voter request didn't include the endpoint (Endpoints(endpoints={{{}}})) for the default listener {listener}",
            told.join(", ")
        );
        return Err(Refused::new(ErrorCode::InvalidRequest, &message));
    };
    if quorum.voter_set.get(key.id).is_some() {
        return Err(raft_voters::duplicate(key, &quorum.voter_set));
    }
    let kraft_versions = kraft_versions(broker, key, at).await?;
    let wanted = Duration::from_millis(u64::try_from(request.timeout_ms).unwrap_or(0));
    let timeout = wanted.clamp(broker.settings().quorum_timing().request_timeout, WAIT_MAX);
    let voter = Voter { key, endpoints: endpoints.clone(), kraft_versions };
    let add = VoterRequest::Add { voter, timeout, ack_when_committed: request.ack_when_committed };
    raft_voters::change(broker, key, add).await
}

/// What the observer speaks. One that cannot be reached where it says must not vote: it could not be asked.
async fn kraft_versions(broker: &Broker, key: VoterKey, at: &VoterEndpoint) -> Result<(i16, i16), Refused> {
    let (address, patience) =
        (format!("{}:{}", at.host, at.port), broker.settings().quorum_timing().request_timeout);
    let client = format!("raft-client-{}", broker.id());
    let asked = async {
        let mut connection =
            Connection::open(&address, &client, patience, &broker.security().controllers).await?;
        let question = ApiVersionsRequest {
            client_software_name: "klamm".into(),
            client_software_version: env!("CARGO_PKG_VERSION").into(),
        };
        connection.send::<ApiVersionsRequest>(&question).await
    };
    let answer = asked.await.map_err(|error| {
        tracing::info!(%address, %error, "a new voter of the quorum does not answer");
        let message = format!("New voter {} is not ready to receive requests", raft_voters::named(key));
        Refused::new(ErrorCode::RequestTimedOut, &message)
    })?;
    let spoken = answer.supported_features.iter().find(|range| range.name.as_str() == KRAFT_VERSION);
    let versions = spoken.map(|range| (range.min_version, range.max_version));
    versions.filter(|(min, max)| (*min..=*max).contains(&1)).ok_or_else(|| {
        let (min, max) = versions.unwrap_or_default();
        let message = format!(
            "Aborted add voter operation for {} since the {KRAFT_VERSION} range (min: {min}, max: {max}) doesn't support the finalized version 1",
            raft_voters::named(key)
        );
        Refused::new(ErrorCode::InvalidRequest, &message)
    })
}
